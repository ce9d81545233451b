/** Reading descriptions. */
export * from './description.ts';
export * from './diagnostics.ts';
export { formatPciAddress } from './values.ts';
