/** The rules that descriptions are checked against. */
export * from './check.ts';
export type { CheckOptions, GuestTree } from './context.ts';
export { sdfDomainCodes } from './domain/diagnostics.ts';
export { guestCodes } from './guest/diagnostics.ts';
export { sdfInterruptCodes } from './interrupt/diagnostics.ts';
export { CHANNEL_LIMIT } from './limits.ts';
export { sdfMachineCodes } from './machine/diagnostics.ts';
export { sdfMemoryCodes } from './memory/diagnostics.ts';
export { boardCodes } from './tree/diagnostics.ts';
