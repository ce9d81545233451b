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
export type { AndroidBootImage, AndroidVendorBootImage } from './boot-image/android.ts';
export { type ByteSource, bytesSource } from './bytes/source.ts';
export { COLLECT_SCRIPT } from './collect/script.ts';
export {
  type CompressionFormat,
  decompressAll,
  decompressed,
  detectCompression,
} from './compression/index.ts';
export { contentHash } from './compression/xxhash.ts';
export { type CpioEntry, type InitrdMember, readArchive, readInitrd } from './cpio/reader.ts';
export { type CpioFile, FILE_TYPE, writeCpio } from './cpio/writer.ts';
export { type AptOptions, DEFAULT_SUITE, type IsolatedApt, openIsolatedApt, runApt } from './debian/apt.ts';
export { debianCodes } from './debian/diagnostics.ts';
export {
  type DebianPackage,
  fetchKernel,
  fetchPackage,
  findKernelPackage,
  findPackage,
  type UnpackedPackage,
  unpackPackageFile,
} from './debian/packages.ts';
export { type DebianPayload, type DebianPayloadRequest, makeDebianPayload } from './debian/payload.ts';
export {
  DEFAULT_ROOT_BYTES,
  DEFAULT_ROOT_UUID,
  type DebianRoot,
  type DebianRootRequest,
  makeDebianRoot,
} from './debian/root.ts';
export { DebugFile } from './debug/debug-file.ts';
export { isElf } from './debug/elf.ts';
export { payloadCodes } from './diagnostics.ts';
export { readPartitionTable } from './disk/partitions.ts';
export { groupedDoubts } from './extract/doubts.ts';
export { type ExtractReport, type ExtractRequest, extractPayload } from './extract/extract.ts';
export { parseRegisterDump, readRegisterDumps } from './extract/register-dumps.ts';
export { DEFAULT_IMAGE_LIMIT_BYTES } from './extract/source.ts';
export { type FileNode, type FileSystem, filesBelow, openPath, resolvePath } from './filesystem/tree.ts';
export { openVolumes, type Volume } from './filesystem/volumes.ts';
export { INITRD_UP_LINE } from './initrd/build.ts';
export type { InitrdFacts } from './initrd/facts.ts';
export { makeDiskServer } from './initrd/server.ts';
export { type Inspection, inspect, printInspection } from './inspect.ts';
export { type BareKernel, imageOf, ramBaseOf, readBareKernel } from './kernel/bare.ts';
export { type CompatibleStrings, compatibleStrings, compatiblesOf } from './kernel/compatibles.ts';
export {
  ARM64_IMAGE_HEADER_BYTES,
  type Arm64Image,
  type Arm64ImageHeader,
  isArm64Image,
  readArm64Image,
  readArm64ImageHeader,
} from './kernel/image.ts';
export { writeSymbolFile } from './kernel/symbol-file.ts';
export { imageSymbols, KernelSymbols, parseSystemMap, type SymbolPlace } from './kernel/symbols.ts';
export type { DeviceModules, OfAlias } from './modules/alias.ts';
export type { ModuleInfo } from './modules/modinfo.ts';
export { type KernelModule, type ModuleSet, modulesInLoadOrder } from './modules/set.ts';
export { reportingRefusals } from './refusal.ts';
