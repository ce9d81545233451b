/** Files that hold a kernel with its ramdisk and its tree: FITs, unified kernel images, Android's boot images. */
import { concatBytes, DiagnosticSink } from '../../base/index.ts';
import { readDtb } from '../../devicetree/index.ts';
import {
  isAndroidBoot,
  isAndroidVendorBoot,
  readAndroidBoot,
  readAndroidVendorBoot,
} from '../boot-image/android.ts';
import { readUki } from '../boot-image/uki.ts';
import { ByteCursor } from '../bytes/cursor.ts';
import { type ByteSource, sliceSource, viewOf } from '../bytes/source.ts';
import { decompressed, decompressMember, detectCompression } from '../compression/index.ts';
import { payloadCodes } from '../diagnostics.ts';
import { indexOfBytes, isArm64Image } from '../kernel/image.ts';
import { type UnwrappedKernel, unwrapKernel } from '../kernel/unwrap.ts';
import { isFit, readFit } from '../uboot/fit.ts';
import { isLegacyImage, readLegacyImage } from '../uboot/legacy-image.ts';

/** One way to boot from a bundle. */
export interface BundleConfiguration {
  readonly name: string;
  readonly isDefault: boolean;
  readonly kernel: UnwrappedKernel | undefined;
  readonly initrds: readonly ByteSource[];
  /** The tree, and overlays that are laid over it. */
  readonly trees: readonly ByteSource[];
  readonly bootargs: string;
  /** What the board decides, or is not in the bundle. */
  readonly doubts: readonly string[];
}

export interface Bundle {
  readonly kind: 'fit' | 'uki' | 'android' | 'android-vendor' | 'uboot-multi';
  readonly configurations: readonly BundleConfiguration[];
}

/** FDT_BEGIN_NODE and the name of the node that makes a tree a FIT. */
const IMAGES_NODE = Uint8Array.from([0, 0, 0, 1, ...new TextEncoder().encode('images\0')]);
const TREE_MAGIC = 0xd00d_feed;

/** `undefined` where the file is no bundle. Parts that can't be read are reported. */
export async function readBundle(source: ByteSource, sink: DiagnosticSink): Promise<Bundle | undefined> {
  const head = source.read(0, 64).slice();
  if (head.length < 40) return undefined;
  if (viewOf(head).getUint32(0) === TREE_MAGIC) return await readFitBundle(source, sink);
  if (isAndroidBoot(head)) return await readAndroidBundle(source, sink);
  if (isAndroidVendorBoot(head)) {
    const { ramdisk, dtb, cmdline, recoveryPieces, bootconfigBytes } = readAndroidVendorBoot(source);
    const trees = dtb === undefined ? [] : treesOf(dtb);
    const initrds = ramdisk === undefined ? [] : [ramdisk];
    const configuration = {
      name: 'vendor_boot',
      isDefault: true,
      kernel: undefined,
      initrds,
      trees: trees.slice(0, 1),
    };
    const doubts = [
      ...(trees.length > 1 ? [`holds ${trees.length} trees, of which the board takes its own`] : []),
      ...(recoveryPieces > 0 ? ['holds pieces of the ramdisk for recovery, which are left out else'] : []),
      ...(bootconfigBytes > 0
        ? ['has a bootconfig, which adds to the command line and is not followed']
        : []),
    ];
    return {
      kind: 'android-vendor',
      configurations: [{ ...configuration, bootargs: cmdline.trim(), doubts }],
    };
  }
  if (isLegacyImage(head) && head[30] === IH_TYPE_MULTI) return await readMultiBundle(source, sink);
  const uki = readUki(source);
  if (uki === undefined) return undefined;
  const kernel = await kernelOf(uki.kernel, undefined, sink);
  const doubts =
    uki.automaticTrees > 0
      ? [`holds ${uki.automaticTrees} trees, of which the firmware takes its board's`]
      : [];
  const configuration: BundleConfiguration = {
    name: uki.title ?? 'uki',
    isDefault: true,
    kernel,
    initrds: uki.initrd === undefined ? [] : [uki.initrd],
    trees: uki.dtb === undefined ? [] : [(await decompressed(uki.dtb)).source],
    bootargs: uki.cmdline,
    doubts,
  };
  return { kind: 'uki', configurations: [configuration] };
}

const IH_TYPE_MULTI = 4;

/** A kernel, a ramdisk and a tree, by their places; parts of no length are left out (U-Boot, boot/image-board.c, boot/image-fdt.c). */
async function readMultiBundle(source: ByteSource, sink: DiagnosticSink): Promise<Bundle> {
  const { name, parts } = readLegacyImage(source);
  const [kernel, ramdisk, tree] = parts;
  const configuration: BundleConfiguration = {
    name,
    isDefault: true,
    kernel: kernel && (await kernelOf(kernel, undefined, sink)),
    initrds: ramdisk === undefined ? [] : [ramdisk],
    trees: tree === undefined ? [] : [tree],
    bootargs: '',
    doubts: [],
  };
  return { kind: 'uboot-multi', configurations: [configuration] };
}

async function kernelOf(
  source: ByteSource,
  compression: string | undefined,
  sink: DiagnosticSink,
): Promise<UnwrappedKernel | undefined> {
  const kernel = await unwrapKernel(source);
  if (kernel === undefined) {
    const reason =
      compression === 'lzo'
        ? 'it is compressed with lzo, which is not read here; take it out with dumpimage and decompress it with lzop -d'
        : 'it holds no arm64 Image';
    sink.report(
      payloadCodes['unsupported'].at({ file: source.path }, { what: 'kernel of a boot image', reason }),
    );
  }
  return kernel;
}

async function readFitBundle(source: ByteSource, sink: DiagnosticSink): Promise<Bundle | undefined> {
  const treeBytes = Math.min(viewOf(source.read(4, 4)).getUint32(0), source.sizeBytes);
  const bytes = source.read(0, treeBytes);
  if (indexOfBytes(bytes, IMAGES_NODE, 0) < 0) return undefined;
  const tree = readDtb(bytes, source.path, sink);
  if (tree === undefined || !isFit(tree)) return undefined;
  const fit = await readFit(tree, source, treeBytes);
  const images = new Map(fit.images.map((image) => [image.name, image]));
  const kernels = new Map<string, UnwrappedKernel | undefined>();
  const named = (names: readonly string[]): readonly ByteSource[] =>
    names.flatMap((name) => images.get(name)?.data ?? []);
  const configurations: BundleConfiguration[] = [];
  // Where U-Boot is built with CONFIG_FIT_BEST_MATCH it takes the one for its board (boot/image-fit.c).
  const isForBoards = fit.configurations.filter(({ compatible }) => compatible.length > 0).length > 1;
  const byBoard = isForBoards
    ? ["may give way to the board's own, by what they say to be compatible with"]
    : [];
  const isNowhere = fit.chosen !== undefined && !fit.configurations.some((each) => each.name === fit.chosen);
  if (isNowhere) byBoard.push(`is not the default, ${fit.chosen}, which is not in it`);
  for (const { name, isDefault, kernel, ramdisks, fdt } of fit.configurations) {
    const image = kernel === undefined ? undefined : images.get(kernel);
    if (image !== undefined && !kernels.has(image.name)) {
      // Only what boots by default is missed aloud.
      const isMissed = isDefault || fit.configurations.length === 1;
      const told = isMissed ? sink : new DiagnosticSink();
      kernels.set(image.name, await kernelOf(image.data, image.compression, told));
    }
    const trees: ByteSource[] = [];
    for (const each of named(fdt)) trees.push((await decompressed(each)).source);
    const encrypted = [kernel, ...ramdisks, ...fdt].filter(
      (each) => each !== undefined && images.get(each)?.isEncrypted === true,
    );
    const missing = [kernel, ...ramdisks, ...fdt].filter((each) => each !== undefined && !images.has(each));
    configurations.push({
      name,
      isDefault,
      kernel: image && kernels.get(image.name),
      initrds: named(ramdisks),
      trees,
      bootargs: '',
      doubts: [
        ...missing.map((each) => `joins an image ${each}, which is not in it`),
        ...encrypted.map((each) => `joins an image ${each}, which is encrypted`),
        ...(isDefault || fit.configurations.length === 1 ? byBoard : []),
      ],
    });
  }
  return { kind: 'fit', configurations };
}

async function readAndroidBundle(source: ByteSource, sink: DiagnosticSink): Promise<Bundle> {
  const { version, kernel, ramdisk, dtb, second, cmdline } = readAndroidBoot(source);
  const parted = kernel && dtb === undefined ? await withoutTrees(kernel) : { kernel, trees: [] };
  const unwrapped = parted.kernel && (await kernelOf(parted.kernel, undefined, sink));
  const inSecond = second === undefined ? [] : treesIn(second).trees;
  const trees = dtb !== undefined ? treesOf(dtb) : parted.trees.length > 0 ? parted.trees : inSecond;
  const doubts: string[] = [];
  if (second !== undefined && inSecond.length === 0 && trees.length === 0)
    doubts.push('has a second stage, which may hold the tree and is not read here');
  if (version >= 3 && ramdisk === undefined) doubts.push(LEFT_TO_INIT);
  if (trees.length > 1) doubts.push(`holds ${trees.length} trees, of which the board takes its own`);
  if (version >= 3) doubts.push(LEFT_TO_VENDOR);
  const configuration: BundleConfiguration = {
    name: 'boot.img',
    isDefault: true,
    kernel: unwrapped,
    initrds: ramdisk === undefined ? [] : [ramdisk],
    trees: trees.slice(0, 1),
    bootargs: cmdline.trim(),
    doubts,
  };
  return { kind: 'android', configurations: [configuration] };
}

const LEFT_TO_VENDOR = 'leaves the tree and a part of the ramdisk to vendor_boot';
const LEFT_TO_INIT = 'leaves the ramdisk to init_boot';

/** Whether it has a ramdisk alone, as `init_boot` has since Android 13. */
export function isInitBoot({ kind, configurations }: Bundle): boolean {
  const [only] = configurations;
  return kind === 'android' && only?.kernel === undefined && (only?.initrds.length ?? 0) > 0;
}

/** A boot image with the ramdisk of `init_boot`. */
export function withInit(boot: Bundle, init: Bundle): Bundle {
  const [own, other] = [boot.configurations[0], init.configurations[0]];
  if (own === undefined || other === undefined) return boot;
  const initrds = [...own.initrds, ...other.initrds];
  const doubts = own.doubts.filter((doubt) => doubt !== LEFT_TO_INIT);
  return { kind: 'android', configurations: [{ ...own, initrds, doubts }] };
}

/** Version 3's boot image with its vendor's: the vendor's ramdisk and command line come first. */
export function withVendor(boot: Bundle, vendor: Bundle): Bundle {
  const [own, other] = [boot.configurations[0], vendor.configurations[0]];
  if (own === undefined || other === undefined) return boot;
  const configuration: BundleConfiguration = {
    ...own,
    initrds: [...other.initrds, ...own.initrds],
    trees: own.trees.length > 0 ? own.trees : other.trees,
    bootargs: [other.bootargs, own.bootargs].filter(Boolean).join(' '),
    doubts: [...own.doubts.filter((doubt) => doubt !== LEFT_TO_VENDOR), ...other.doubts],
  };
  return { kind: 'android', configurations: [configuration] };
}

const TREES_LIMIT = 256;

/** Between two trees, and behind the last. */
const PADDING_LIMIT_BYTES = 1 << 16;

/** Trees one behind the other, with nothing but zeros between them, and where they end. */
function treesIn(source: ByteSource): { readonly trees: readonly ByteSource[]; readonly endBytes: number } {
  const trees: ByteSource[] = [];
  let at = 0;
  while (at + 8 <= source.sizeBytes && trees.length < TREES_LIMIT) {
    const view = viewOf(source.read(at, 8));
    const size = view.getUint32(4);
    if (view.getUint32(0) !== TREE_MAGIC || size < 40 || at + size > source.sizeBytes) break;
    trees.push(sliceSource(source, { base: at, size }, `${source.path}: tree ${trees.length + 1}`));
    at += size;
    const padding = source.read(at, PADDING_LIMIT_BYTES);
    const zeros = padding.findIndex((byte) => byte !== 0);
    at += zeros < 0 ? padding.length : zeros;
  }
  return { trees, endBytes: at };
}

/** What is in a place for trees; as a whole where it is none, so that this is said where it is taken. */
function treesOf(source: ByteSource): readonly ByteSource[] {
  const { trees } = treesIn(source);
  return trees.length === 0 ? [source] : trees;
}

interface PartedKernel {
  readonly kernel: ByteSource;
  readonly trees: readonly ByteSource[];
}

/** `Image.gz-dtb`, `Image-dtb`: a kernel, and the trees behind it. */
async function withoutTrees(kernel: ByteSource): Promise<PartedKernel> {
  const head = kernel.read(0, 64);
  if (isArm64Image(head)) return partedImage(kernel);
  const format = detectCompression(head);
  if (format === undefined) return { kernel, trees: [] };
  const cursor = new ByteCursor(kernel, `${format} data`);
  for await (const _ of decompressMember(format, cursor));
  const at = cursor.offsetBytes;
  return { kernel, trees: treesIn(behind(kernel, at)).trees };
}

const MAGIC_OF_TREE = Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed);
const PIECE_BYTES = 1 << 20;

/** An Image does not say where its file ends: trees are behind it where they reach to the end, not such as are built in. */
function partedImage(kernel: ByteSource): PartedKernel {
  for (let offset = 0; offset < kernel.sizeBytes; offset += PIECE_BYTES) {
    const piece = kernel.read(offset, PIECE_BYTES + MAGIC_OF_TREE.length - 1).slice();
    for (let at = 0; ; at += 1) {
      at = indexOfBytes(piece, MAGIC_OF_TREE, at);
      if (at < 0) break;
      const base = offset + at;
      const rest = behind(kernel, base);
      const { trees, endBytes } = treesIn(rest);
      if (trees.length === 0 || endBytes !== rest.sizeBytes) continue;
      return { kernel: sliceSource(kernel, { base: 0, size: base }), trees };
    }
  }
  return { kernel, trees: [] };
}

function behind(source: ByteSource, at: number): ByteSource {
  return sliceSource(source, { base: at, size: source.sizeBytes - at });
}

/** Ramdisks as a loader joins them: each from a multiple of four bytes on. */
export function joined(sources: readonly ByteSource[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (const source of sources) {
    const padding = (4 - (size % 4)) % 4;
    pieces.push(new Uint8Array(padding), source.read(0, source.sizeBytes));
    size += padding + source.sizeBytes;
  }
  return concatBytes(pieces);
}
