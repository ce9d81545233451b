/** Programs in TypeScript on seL4 itself: Microkit's calls over an engine in a protection domain, and what its build must know. */
export { type ComponentOptions, componentProgram } from './component.ts';
export { embeddedCodes } from './diagnostics.ts';
export { type DirectAnswers, type DirectMemory, directAnswers } from './direct-answers.ts';
export { type EmbeddedDomain, embeddedDomain } from './domain.ts';
export { faultWords, UNKNOWN_SYSCALL, USER_EXCEPTION } from './fault-message.ts';
export { type EmbeddedLayout, type EmbeddedRegion, embeddedLayouts } from './layout.ts';
export { ENGINE_LIMITS } from './limits.ts';
export type { FaultLabels, Natives } from './natives.ts';
export { readProtected, writeProtected } from './protected-message.ts';
export { CONTEXT_WORD } from './registers.ts';
export { SCRIPT_START } from './script-start.ts';
export { symbolsCText } from './symbols-c.ts';
