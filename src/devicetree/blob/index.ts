/** Device tree blobs (DTB), in and out. */
export { dtbCodes } from './diagnostics.ts';
export { BLOB_LIMIT_BYTES, FDT_MAGIC, isDtb } from './header.ts';
export { PROPERTY_NAME_LIMIT_BYTES, readDtb } from './read.ts';
export { type WriteDtbOptions, writeDtb } from './write.ts';
