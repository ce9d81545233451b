/** Programs in TypeScript on seL4 itself: Microkit's calls over an engine in a protection domain, and what its build must know. */
export { type ComponentOptions, componentProgram } from './component.ts';
export { embeddedCodes } from './diagnostics.ts';
export { type EmbeddedDomain, embeddedDomain } from './domain.ts';
export { type EmbeddedLayout, type EmbeddedRegion, embeddedLayouts } from './layout.ts';
export type { FaultLabels, Natives } from './natives.ts';
export { symbolsCText } from './symbols-c.ts';
