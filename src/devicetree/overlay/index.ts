/** Compiled overlays (`.dtbo`): a tree that changes another, and their parameters. */
export { applyOverlay, applyParameters } from './apply.ts';
export { overlayCodes } from './diagnostics.ts';
export { type OverlayParameter, parameterNames, parseParameters } from './parameters.ts';
