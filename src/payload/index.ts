/** Kernels, initial ramdisks and device trees: got from wherever they are, looked into, and made. */

export * from './bytes/source.ts';
export { COLLECT_SCRIPT } from './collect/script.ts';
export * from './compression/index.ts';
export * from './cpio/reader.ts';
export { type CpioFile, FILE_TYPE, writeCpio } from './cpio/writer.ts';
export * from './debian/index.ts';
export * from './diagnostics.ts';
export * from './extract/index.ts';
export { INITRD_UP_LINE } from './initrd/build.ts';
export * from './initrd/facts.ts';
export * from './inspect.ts';
export { type Arm64Image, readArm64Image } from './kernel/image.ts';
export * from './modules/index.ts';
