/** Device tree blobs (DTB), in and out. */
export { isDtb } from './header.ts';
export { readDtb } from './read.ts';
export { writeDtb } from './write.ts';
