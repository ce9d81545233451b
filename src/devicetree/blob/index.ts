/** Device tree blobs (DTB), in and out. */
export { dtbCodes } from './diagnostics.ts';
export { FDT_MAGIC, isDtb } from './header.ts';
export { PROPERTY_NAME_LIMIT_BYTES, readDtb } from './read.ts';
export { type WriteDtbOptions, writeDtb } from './write.ts';
