/** Device trees as directories (`/proc/device-tree`). */
export { liveCodes } from './diagnostics.ts';
export { LIVE_TREE_LIMIT_BYTES, LIVE_TREE_LIMIT_ENTRIES, type LiveFiles, readLiveTree } from './read.ts';
