/** Finds kernels, ramdisks, device trees, modules and boot configuration in the filesystems of a source. */
import { type DiagnosticSink, type Host, MIB } from '../../base/index.ts';
import { ByteCursor } from '../bytes/cursor.ts';
import { type ByteSource, viewOf } from '../bytes/source.ts';
import { decompressMember, detectCompression } from '../compression/index.ts';
import { isCpio, readInitrd } from '../cpio/reader.ts';
import { payloadCodes } from '../diagnostics.ts';
import { filesBelow, namesIn, openPath, resolvePath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';
import { initrdFacts } from '../initrd/facts.ts';
import { isArm64Image } from '../kernel/image.ts';
import { type UnwrappedKernel, unwrapKernel } from '../kernel/unwrap.ts';
import { readZboot } from '../kernel/zboot.ts';
import { reportingRefusals } from '../refusal.ts';
import { isLegacyImage, readLegacyImage } from '../uboot/legacy-image.ts';
import { type Bundle, isInitBoot, readBundle, withInit, withVendor } from './bundles.ts';
import { readBootEntries } from './entries.ts';
import type {
  Findings,
  FoundConfiguration,
  FoundEntry,
  FoundFile,
  FoundInitrd,
  FoundKernel,
  FoundModules,
  FoundTree,
} from './findings.ts';

const SCAN_LIMITS = { depth: 5, files: 20_000 } as const;
/** Nothing that boots is larger. */
const FILE_LIMIT_BYTES = 512 * MIB;
const HEAD_BYTES = 512;
/** IH_COMP_LZO. */
const LEGACY_LZO = 4;

/** Looks through every volume; damaged files are reported and passed over. */
export async function findPayload(
  host: Pick<Host, 'progress'>,
  volumes: readonly Volume[],
  sink: DiagnosticSink,
  /** The tree that is asked for, which says which board it is about. */
  boardTree?: string,
): Promise<Findings> {
  const kernels: FoundKernel[] = [];
  const initrds: FoundInitrd[] = [];
  const trees: FoundTree[] = [];
  const bundles: FoundBundle[] = [];
  for (const volume of volumes) {
    const paths = (await reportingRefusals(sink, () => [...pathsOf(volume)])) ?? [];
    for (const path of paths) {
      await reportingRefusals(sink, async () => {
        const file = openPath(volume.system, path);
        if (file === undefined || file.sizeBytes > FILE_LIMIT_BYTES || file.sizeBytes < 40) return;
        const source = {
          ...file,
          path: `${volume.name}: ${path}`,
          sizeBytes: file.sizeBytes,
          read: file.read.bind(file),
        };
        const bundle = await readBundle(source, sink);
        if (bundle !== undefined) {
          bundles.push({ volume, path, bundle });
          return;
        }
        const kind = await kindOf(source, path, sink);
        if (kind === 'dtb') trees.push({ volume, path });
        if (kind !== 'kernel' && kind !== 'initrd') return;
        host.progress(`reading ${path} …`);
        if (kind === 'kernel') {
          const kernel = await unwrapKernel(source);
          if (kernel !== undefined) kernels.push({ volume, path, ...kernel });
        } else initrds.push({ volume, path, ...(await unwrapInitrd(source, sink)) });
      });
    }
  }
  for (const found of joinVendor(bundles)) {
    await reportingRefusals(sink, async () => {
      kernels.push(...(await kernelsIn(found, sink)));
    });
  }
  host.progress('');
  const modules = (await reportingRefusals(sink, () => volumes.flatMap(modulesIn))) ?? [];
  const entries: FoundEntry[] = [];
  for (const volume of volumes) {
    const own = kernels.filter((kernel) => kernel.volume === volume);
    const found = await reportingRefusals(sink, () => readBootEntries(volumes, volume, own, boardTree));
    entries.push(...(found ?? []));
  }
  return { kernels, initrds, trees, modules, entries };
}

/** A volume that has the shape of a root filesystem is searched where kernels are kept; any other everywhere. */
function* pathsOf(volume: Volume): Generator<string> {
  const top = new Set(namesIn(volume.system, '/'));
  if (!['etc', 'usr', 'proc'].some((name) => top.has(name))) {
    yield* filesBelow(volume.system, '/', SCAN_LIMITS);
    return;
  }
  yield* filesBelow(volume.system, '/boot', SCAN_LIMITS);
  for (const name of namesIn(volume.system, '/usr/lib')) {
    if (name.startsWith('linux-image-')) yield* filesBelow(volume.system, `/usr/lib/${name}`, SCAN_LIMITS);
  }
  // Where Debian's kernels are since Linux 7; one that is installed has been copied to /boot.
  const inBoot = new Set(namesIn(volume.system, '/boot'));
  for (const release of namesIn(volume.system, '/usr/lib/modules')) {
    const directory = `/usr/lib/modules/${release}`;
    if (!inBoot.has(`vmlinuz-${release}`)) yield `${directory}/vmlinuz`;
    yield* filesBelow(volume.system, `${directory}/dtb`, SCAN_LIMITS);
  }
}

interface FoundBundle extends FoundFile {
  readonly bundle: Bundle;
}

/** A vendor's boot image, and one with a ramdisk alone, belong to the boot image beside it: of the same slot, or the only one. */
function joinVendor(bundles: readonly FoundBundle[]): readonly FoundBundle[] {
  const vendors = bundles.filter(({ bundle }) => bundle.kind === 'android-vendor');
  const inits = bundles.filter(({ bundle }) => isInitBoot(bundle));
  const slotOf = ({ volume, path }: FoundBundle): string =>
    /_[ab]$/.exec(volume.partition?.name ?? path.replace(/\.img$/, ''))?.[0] ?? '';
  const beside = (found: FoundBundle, all: readonly FoundBundle[]): Bundle | undefined =>
    (all.find((each) => slotOf(each) === slotOf(found)) ?? (all.length === 1 ? all[0] : undefined))?.bundle;
  return bundles
    .filter((found) => !vendors.includes(found) && !inits.includes(found))
    .map((found) => {
      if (found.bundle.kind !== 'android') return found;
      const [init, vendor] = [beside(found, inits), beside(found, vendors)];
      const whole = init === undefined ? found.bundle : withInit(found.bundle, init);
      return { ...found, bundle: vendor === undefined ? whole : withVendor(whole, vendor) };
    });
}

/** One for each kernel in a bundle, with the configurations that boot it. */
async function kernelsIn(
  { volume, path, bundle }: FoundBundle,
  sink: DiagnosticSink,
): Promise<readonly FoundKernel[]> {
  const byKernel = new Map<UnwrappedKernel, FoundConfiguration[]>();
  const ramdisks = new Map<ByteSource, FoundInitrd>();
  const kernelless: FoundConfiguration[] = [];
  for (const { name, isDefault, kernel, initrds, trees, bootargs, doubts } of bundle.configurations) {
    const found: FoundInitrd[] = [];
    for (const content of initrds) {
      const known = ramdisks.get(content);
      const ramdisk = known ?? { volume, path, ...(await unwrapInitrd(content, sink)) };
      ramdisks.set(content, ramdisk);
      found.push(ramdisk);
    }
    const treesFound = trees.map((content) => ({ volume, path, content }));
    const isUsual = isDefault || bundle.configurations.length === 1;
    const configuration = { name, isDefault: isUsual, initrds: found, trees: treesFound, bootargs, doubts };
    if (kernel === undefined) kernelless.push(configuration);
    else byKernel.set(kernel, [...(byKernel.get(kernel) ?? []), configuration]);
  }
  return [...byKernel].map(([kernel, configurations]) => ({
    ...kernel,
    volume,
    path,
    wrappers: [bundle.kind, ...kernel.wrappers],
    configurations,
    allConfigurations: [...kernelless, ...[...byKernel.values()].flat()],
  }));
}

async function kindOf(
  source: ByteSource,
  path: string,
  sink: DiagnosticSink,
): Promise<'kernel' | 'initrd' | 'dtb' | undefined> {
  const head = source.read(0, HEAD_BYTES).slice();
  if (isArm64Image(head) || readZboot(source) !== undefined) return 'kernel';
  if (isCpio(head)) return 'initrd';
  if (isLegacyImage(head)) {
    // IH_TYPE_KERNEL and IH_TYPE_RAMDISK; the checksums are compared when it is unwrapped.
    if (head[30] === 3) return 'initrd';
    if (head[30] === 2 && head[31] === LEGACY_LZO) {
      const reason =
        'it is compressed with lzo, which is not read here; take it out with dumpimage and decompress it with lzop -d';
      sink.report(payloadCodes['unsupported'].at({ file: source.path }, { what: 'U-Boot image', reason }));
    }
    return head[30] === 2 ? 'kernel' : undefined;
  }
  if (viewOf(head).getUint32(0) === 0xd00d_feed) return /\.dtbo$/.test(path) ? undefined : 'dtb';
  const format = detectCompression(head);
  if (format === undefined) return undefined;
  for await (const piece of decompressMember(format, new ByteCursor(source, `${format} data`))) {
    if (piece.length < 64) continue;
    if (isCpio(piece)) return 'initrd';
    return isArm64Image(piece) ? 'kernel' : undefined;
  }
  return undefined;
}

async function unwrapInitrd(
  source: ByteSource,
  sink: DiagnosticSink,
): Promise<Pick<FoundInitrd, 'facts' | 'content' | 'wrappers'>> {
  const isWrapped = isLegacyImage(source.read(0, HEAD_BYTES));
  const content = isWrapped ? (readLegacyImage(source).parts[0] ?? source) : source;
  const members = await readInitrd(content, sink);
  const compressions = members.map((member) => member.compression ?? 'cpio');
  const wrappers = [...(isWrapped ? ['uboot-image'] : []), ...new Set(compressions)];
  return { facts: initrdFacts(members), content, wrappers };
}

function modulesIn(volume: Volume): readonly FoundModules[] {
  const found = new Map<string, FoundModules>();
  for (const directory of ['/lib/modules', '/usr/lib/modules']) {
    for (const release of namesIn(volume.system, directory)) {
      const path = `${directory}/${release}`;
      const isKernels = resolvePath(volume.system, path)?.entries().has('kernel') === true;
      if (isKernels && !found.has(release)) found.set(release, { volume, path, release });
    }
  }
  return [...found.values()];
}
