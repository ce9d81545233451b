/** Device trees as directories (`/proc/device-tree`). */
export { liveCodes } from './diagnostics.ts';
export { type LiveFiles, readLiveTree } from './read.ts';
