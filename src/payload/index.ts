/** Kernels, initial ramdisks and device trees: got from wherever they are, looked into, and made. */

export {
  type BootDoubt,
  type BootEntry,
  type BootFile,
  type BootWorld,
  type DoubtSubject,
  type PartitionFacts,
  rootOf,
  type TreeStep,
} from './boot/entry.ts';
export { parseExtlinux } from './boot/extlinux.ts';
export { parseGrub } from './boot/grub.ts';
export { readSystemdBoot } from './boot/loader-spec.ts';
export { parseConfigTxt } from './boot/raspberry-pi.ts';
export { runBootEnvironment, runBootScript } from './boot/u-boot-script.ts';
export * from './boot-image/android.ts';
export { isSparse, sparseSource } from './boot-image/sparse.ts';
export { readUki } from './boot-image/uki.ts';
export * from './bytes/source.ts';
export { COLLECT_SCRIPT } from './collect/script.ts';
export * from './compression/index.ts';
export * from './cpio/reader.ts';
export { type CpioFile, FILE_TYPE, writeCpio } from './cpio/writer.ts';
export * from './debian/index.ts';
export * from './diagnostics.ts';
export * from './extract/index.ts';
export {
  type FileNode,
  type FileSystem,
  filesBelow,
  namesIn,
  openPath,
  resolvePath,
} from './filesystem/tree.ts';
export { openVolumes, type Volume } from './filesystem/volumes.ts';
export { INITRD_UP_LINE } from './initrd/build.ts';
export * from './initrd/facts.ts';
export * from './inspect.ts';
export { type CompatibleStrings, compatibleStrings, compatiblesOf } from './kernel/compatibles.ts';
export {
  ARM64_IMAGE_HEADER_BYTES,
  type Arm64Image,
  type Arm64ImageHeader,
  isArm64Image,
  readArm64Image,
  readArm64ImageHeader,
} from './kernel/image.ts';
export { imageSymbols, KernelSymbols, parseSystemMap, type SymbolPlace } from './kernel/symbols.ts';
export * from './modules/index.ts';
export { reportingRefusals } from './refusal.ts';
