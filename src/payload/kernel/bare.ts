/**
 * Kernels that are no arm64 Image, made into one: flat binaries (u-boot.bin, zephyr.bin, kvm-unit-tests' *.flat) and ELF
 * executables. libvmm starts nothing but Images, so a header goes before the code that branches to it (Linux,
 * Documentation/arm64/booting.rst); the code lies where it wants to, if the guest's RAM begins where `ramBase` says.
 *
 * An ELF file says where it wants to be by the physical addresses of its segments (gABI 4.1, chapter 5, "Program Header"). A flat
 * binary says nothing: it comes to 512 KiB above the start of RAM, as with QEMU, and must run from anywhere unless it is told where.
 */
import {
  alignDown,
  alignUp,
  hex,
  LARGE_PAGE_BYTES,
  MIB,
  PADDR_LIMIT,
  Refusal,
  SMALL_PAGE_BYTES,
} from '../../base/index.ts';
import { viewOf } from '../bytes/source.ts';

/** A kernel without an Image's header: its content from its load address on. */
export interface BareKernel {
  readonly kind: 'elf' | 'flat';
  readonly content: Uint8Array;
  /** With what the program clears for itself, as far as that is known. */
  readonly sizeBytes: number;
  /** From the content's first byte. */
  readonly entryOffset: number;
  readonly loadAddress: number | undefined;
}

/** What an Image made here says of itself in its reserved fields: where its guest's RAM should begin. */
const OUR_MAGIC_OFFSET = 40;
const OUR_MAGIC = 0x6d76_7265_7669_7264n;
const RAM_BASE_OFFSET = 48;

const ELF_MAGIC = 0x7f45_4c46;
const [CLASS_64, DATA_LITTLE, EM_AARCH64, PT_LOAD] = [2, 1, 183, 1];
const PROGRAM_HEADER_BYTES = 56;
const SEGMENT_LIMIT = 64;
const SIZE_LIMIT_BYTES = 512 * MIB;
const HEADER_BYTES = 64;
/** The header has this to itself, so that the code keeps any alignment that it may ask for. */
const LEAD_BYTES = 0x1_0000;
/** Where QEMU's virt board puts what it starts. */
const FLAT_OFFSET = 0x8_0000;
/** A flat binary's memory ends nobody knows where. */
const FLAT_EXTRA_BYTES = MIB;
/** Bit 3 of the flags: anywhere in RAM. */
const ANYWHERE = 1n << 3n;
const IMAGE_MAGIC = 0x644d_5241;
const BRANCH = 0x1400_0000;

/** What it is. Throws {@link Refusal} where it can't be started. */
export function readBareKernel(bytes: Uint8Array): BareKernel {
  const view = viewOf(bytes);
  if (bytes.length < HEADER_BYTES) throw new Refusal('it is too short');
  return view.getUint32(0) === ELF_MAGIC ? readElf(bytes, view) : readFlat(bytes, view);
}

function readElf(bytes: Uint8Array, view: DataView): BareKernel {
  if (bytes[4] !== CLASS_64 || bytes[5] !== DATA_LITTLE)
    throw new Refusal('it is an ELF file, but not of 64 bits and little-endian');
  if (view.getUint16(18, true) !== EM_AARCH64) throw new Refusal('it is an ELF file for another processor');
  const [entry, tableOffset] = [number64(view, 24), number64(view, 32)];
  const count = view.getUint16(56, true);
  if (count > SEGMENT_LIMIT || tableOffset + count * PROGRAM_HEADER_BYTES > bytes.length)
    throw new Refusal('its program headers go beyond its end');
  const segments = Array.from({ length: count }, (_, index) => tableOffset + index * PROGRAM_HEADER_BYTES)
    .filter((at) => view.getUint32(at, true) === PT_LOAD)
    .map((at) => ({
      offset: number64(view, at + 8),
      vaddr: number64(view, at + 16),
      paddr: number64(view, at + 24),
      fileBytes: number64(view, at + 32),
      memoryBytes: number64(view, at + 40),
    }))
    .filter(({ memoryBytes }) => memoryBytes > 0);
  if (segments.length === 0)
    throw new Refusal('it is an ELF file with nothing to load: a relocatable object?');
  const loadAddress = Math.min(...segments.map(({ paddr }) => paddr));
  if (loadAddress >= PADDR_LIMIT)
    throw new Refusal(
      `its segments lie at ${hex(loadAddress)}, where no memory can be; of Linux's vmlinux, take arch/arm64/boot/Image`,
    );
  const sizeBytes = Math.max(...segments.map(({ paddr, memoryBytes }) => paddr + memoryBytes)) - loadAddress;
  if (!(sizeBytes <= SIZE_LIMIT_BYTES)) throw new Refusal(`its segments are ${hex(sizeBytes)} bytes apart`);
  const contentBytes = Math.max(...segments.map(({ paddr, fileBytes }) => paddr + fileBytes)) - loadAddress;
  const content = new Uint8Array(contentBytes);
  for (const { offset, paddr, fileBytes, memoryBytes } of segments) {
    if (fileBytes > memoryBytes || offset + fileBytes > bytes.length)
      throw new Refusal('a segment goes beyond its end');
    content.set(bytes.subarray(offset, offset + fileBytes), paddr - loadAddress);
  }
  const home = segments.find(({ vaddr, memoryBytes }) => entry >= vaddr && entry < vaddr + memoryBytes);
  if (home === undefined) throw new Refusal(`its entry point, ${hex(entry)}, is in none of its segments`);
  const entryOffset = home.paddr - loadAddress + entry - home.vaddr;
  return { kind: 'elf', content, sizeBytes, entryOffset, loadAddress };
}

/** Beyond 2^53 it is no place in a guest's RAM anyway. */
function number64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

/** What begins so is something else, though its first words could be instructions. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['\x1f\x8b', 'it is compressed by gzip'],
  ['\xfd7zXZ\0', 'it is compressed by xz'],
  ['\x28\xb5\x2f\xfd', 'it is compressed by zstd'],
  ['BZh', 'it is compressed by bzip2'],
  ['\x04\x22\x4d\x18', 'it is compressed by lz4'],
  ['\x02\x21\x4c\x18', 'it is compressed by lz4'],
  ['\x5d\0\0', 'it is compressed by lzma'],
  ['MZ', 'it is a program for EFI'],
  ['hsqs', 'it is a squashfs'],
  ['07070', 'it is a cpio archive'],
  ['\xd0\x0d\xfe\xed', 'it is a device tree or a FIT'],
  ['\x27\x05\x19\x56', 'it is a U-Boot image'],
];
const TEXT = /^[\t\n\r -~]{64}/;

function readFlat(bytes: Uint8Array, view: DataView): BareKernel {
  if (view.getUint32(56, true) === IMAGE_MAGIC) throw new Refusal('it is an arm64 Image already');
  const head = String.fromCharCode(...bytes.subarray(0, HEADER_BYTES));
  const other = OTHERS.find(([magic]) => head.startsWith(magic));
  if (other !== undefined) throw new Refusal(other[1]);
  if (TEXT.test(head)) throw new Refusal('it is a text');
  // An instruction of the groups that are allocated (Arm ARM DDI 0487 C4.1), twice: what is no program fails that soon.
  const isInstruction = (at: number): boolean => ((view.getUint32(at, true) >>> 25) & 0xf) > 3;
  if (!isInstruction(0) || !isInstruction(4)) throw new Refusal('it does not begin with instructions');
  const sizeBytes = bytes.length + FLAT_EXTRA_BYTES;
  return { kind: 'flat', content: bytes, sizeBytes, entryOffset: 0, loadAddress: undefined };
}

/**
 * An arm64 Image whose first instruction goes to the kernel: at its own address or `at`, in RAM that begins at `ramFrom` where
 * that lies before it, else at the large page that it lies in.
 */
export function imageOf(
  kernel: BareKernel,
  at: number | undefined = kernel.loadAddress,
  ramFrom?: number,
): { readonly image: Uint8Array; readonly ramBase: number | undefined } {
  const lead = at === undefined ? LEAD_BYTES : leadBefore(at);
  const start = at === undefined ? FLAT_OFFSET - lead : at - lead;
  const isIn = ramFrom !== undefined && ramFrom <= start;
  const ramBase = at === undefined ? undefined : isIn ? ramFrom : alignDown(start, LARGE_PAGE_BYTES);
  const sizeBytes = alignUp(lead + kernel.sizeBytes, SMALL_PAGE_BYTES);
  const image = new Uint8Array(lead + kernel.content.length);
  const view = viewOf(image);
  view.setUint32(0, BRANCH | ((lead + kernel.entryOffset) >> 2), true);
  view.setBigUint64(8, BigInt(start - (ramBase ?? 0)), true);
  view.setBigUint64(16, BigInt(sizeBytes), true);
  view.setBigUint64(24, ramBase === undefined ? ANYWHERE : 0n, true);
  if (ramBase !== undefined) {
    view.setBigUint64(OUR_MAGIC_OFFSET, OUR_MAGIC, true);
    view.setBigUint64(RAM_BASE_OFFSET, BigInt(ramBase), true);
  }
  view.setUint32(56, IMAGE_MAGIC, true);
  image.set(kernel.content, lead);
  return { image, ramBase };
}

/** As much as there is to the 2 MiB boundary below, if that is room enough and not a waste. */
function leadBefore(at: number): number {
  const within = at % LARGE_PAGE_BYTES;
  return within >= HEADER_BYTES && within <= LEAD_BYTES ? within : LEAD_BYTES;
}

/** Where the guest's RAM should begin for an Image that {@link imageOf} made of a kernel with a place of its own. */
export function ramBaseOf(header: Uint8Array): number | undefined {
  if (header.length < HEADER_BYTES) return undefined;
  const view = viewOf(header);
  return view.getBigUint64(OUR_MAGIC_OFFSET, true) === OUR_MAGIC
    ? Number(view.getBigUint64(RAM_BASE_OFFSET, true))
    : undefined;
}
