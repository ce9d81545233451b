/** Finds kernels, ramdisks, device trees, modules and boot configuration in the filesystems of a source. */
import { type DiagnosticSink, type Host, MIB } from '../../base/index.ts';
import type { BootEntry } from '../boot/entry.ts';
import { parseExtlinux } from '../boot/extlinux.ts';
import { parseGrub } from '../boot/grub.ts';
import { parseConfigTxt } from '../boot/raspberry-pi.ts';
import { runBootScript } from '../boot/u-boot-script.ts';
import { ByteCursor } from '../bytes/cursor.ts';
import { type ByteSource, viewOf } from '../bytes/source.ts';
import { decompressMember, detectCompression } from '../compression/index.ts';
import { isCpio, readInitrd } from '../cpio/reader.ts';
import { filesBelow, namesIn, openPath, resolvePath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';
import { type InitrdFacts, initrdFacts } from '../initrd/facts.ts';
import { isArm64Image } from '../kernel/image.ts';
import { type UnwrappedKernel, unwrapKernel } from '../kernel/unwrap.ts';
import { readZboot } from '../kernel/zboot.ts';
import { reportingRefusals } from '../refusal.ts';
import { isLegacyImage, readLegacyImage } from '../uboot/legacy-image.ts';

/** A file in a volume. */
export interface FoundFile {
  readonly volume: Volume;
  readonly path: string;
}

export type FoundKernel = FoundFile & UnwrappedKernel;

export interface FoundInitrd extends FoundFile {
  readonly facts: InitrdFacts;
  /** The ramdisk itself, out of U-Boot's wrapper. */
  readonly content: ByteSource;
  readonly wrappers: readonly string[];
}

export interface FoundModules extends FoundFile {
  readonly release: string;
}

export interface FoundEntry {
  readonly volume: Volume;
  readonly entry: BootEntry;
}

export interface Findings {
  readonly kernels: readonly FoundKernel[];
  readonly initrds: readonly FoundInitrd[];
  readonly trees: readonly FoundFile[];
  readonly modules: readonly FoundModules[];
  readonly entries: readonly FoundEntry[];
}

const SCAN_LIMITS = { depth: 5, files: 20_000 } as const;
/** Nothing that boots is larger. */
const FILE_LIMIT_BYTES = 512 * MIB;
const CONFIG_LIMIT_BYTES = 4 * MIB;
const HEAD_BYTES = 512;

/** Looks through every volume; damaged files are reported and passed over. */
export async function findPayload(
  host: Pick<Host, 'progress'>,
  volumes: readonly Volume[],
  sink: DiagnosticSink,
): Promise<Findings> {
  const kernels: FoundKernel[] = [];
  const initrds: FoundInitrd[] = [];
  const trees: FoundFile[] = [];
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
        const kind = await kindOf(source, path);
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
  host.progress('');
  const modules = (await reportingRefusals(sink, () => volumes.flatMap(modulesIn))) ?? [];
  const entries = (await reportingRefusals(sink, () => volumes.flatMap(bootEntriesIn))) ?? [];
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

async function kindOf(source: ByteSource, path: string): Promise<'kernel' | 'initrd' | 'dtb' | undefined> {
  const head = source.read(0, HEAD_BYTES).slice();
  if (isArm64Image(head) || readZboot(source) !== undefined) return 'kernel';
  if (isCpio(head)) return 'initrd';
  if (isLegacyImage(head)) {
    // IH_TYPE_KERNEL and IH_TYPE_RAMDISK; the checksums are compared when it is unwrapped.
    if (head[30] === 3) return 'initrd';
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

/** Where each loader looks, on a root filesystem and on a boot partition of its own. */
function bootEntriesIn(volume: Volume): readonly FoundEntry[] {
  const text = (path: string): string | undefined => {
    const file = openPath(volume.system, path);
    if (file === undefined || file.sizeBytes > CONFIG_LIMIT_BYTES) return undefined;
    return new TextDecoder().decode(file.read(0, file.sizeBytes));
  };
  const entries: BootEntry[] = [];
  for (const directory of ['/boot', '']) {
    const extlinux = `${directory}/extlinux/extlinux.conf`;
    const extlinuxText = text(extlinux);
    if (extlinuxText !== undefined)
      entries.push(...parseExtlinux(extlinuxText, extlinux, `${directory}/extlinux`));
    const script = scriptIn(volume, directory);
    if (script !== undefined) entries.push(script);
    const grub = `${directory}/grub/grub.cfg`;
    const grubText = text(grub);
    if (grubText !== undefined) entries.push(...parseGrub(grubText, grub));
    const config = [`${directory}/firmware/config.txt`, `${directory}/config.txt`].find(
      (path) => text(path) !== undefined,
    );
    if (config !== undefined) {
      const below = config.slice(0, config.lastIndexOf('/'));
      const entry = parseConfigTxt(text(config) ?? '', config, text(`${below}/cmdline.txt`) ?? '');
      const absolute = (path: string | undefined): string | undefined =>
        path === undefined ? path : `${below}/${path}`;
      entries.push({
        ...entry,
        kernel: absolute(entry.kernel),
        initrd: absolute(entry.initrd),
        dtb: absolute(entry.dtb),
      });
    }
  }
  return entries.map((entry) => ({ volume, entry }));
}

/** `boot.scr` where there is one, else `boot.cmd`, from which it is made. */
function scriptIn(volume: Volume, directory: string): BootEntry | undefined {
  for (const name of ['boot.scr', 'boot.cmd']) {
    const file = openPath(volume.system, `${directory}/${name}`);
    if (file === undefined || file.sizeBytes > CONFIG_LIMIT_BYTES) continue;
    const bytes = isLegacyImage(file.read(0, 4)) ? readLegacyImage(file).parts[0] : file;
    const text = new TextDecoder().decode(bytes?.read(0, bytes.sizeBytes));
    const entry = runBootScript(text, `${directory}/${name}`, `${directory}/`, {
      exists: (path) => resolvePath(volume.system, path)?.kind === 'file',
      readFile: (path) => {
        const found = openPath(volume.system, path);
        return found === undefined || found.sizeBytes > CONFIG_LIMIT_BYTES
          ? undefined
          : new TextDecoder().decode(found.read(0, found.sizeBytes));
      },
    });
    return entry;
  }
  return undefined;
}
