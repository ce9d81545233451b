/** Compiled overlays (`.dtbo`): a tree that changes another. */
export { applyOverlay, isOverlay } from './apply.ts';
export { overlayCodes } from './diagnostics.ts';
