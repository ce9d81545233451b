/** Which kernel, ramdisk and device tree belong together, which do not, and which pair is taken. */
import type { DiagnosticSink } from '../../base/index.ts';
import { rootOf } from '../boot/entry.ts';
import { payloadCodes } from '../diagnostics.ts';
import { resolvePath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';
import type { Findings, FoundEntry, FoundFile, FoundInitrd, FoundKernel } from './find.ts';

export interface PayloadRequest {
  /** A kernel's path, file name or release. */
  readonly kernel?: string;
  /** A device tree's path or file name. */
  readonly dtb?: string;
}

export interface Choice {
  readonly kernel: FoundKernel;
  readonly initrd: FoundInitrd | undefined;
  readonly dtb: FoundFile | undefined;
  readonly entry: FoundEntry | undefined;
  readonly bootargs: string;
  /** `root=` of the bootargs, and the volume that it names where that is known. */
  readonly root: string | undefined;
  readonly rootVolume: Volume | undefined;
  /** Why this pair: for the report. */
  readonly why: string;
}

const LOADER_ORDER = ['extlinux', 'u-boot-script', 'grub', 'raspberry-pi'] as const;

/** Reports what does not belong together, and takes the pair that boots by default or the one asked for. */
export function choosePayload(
  volumes: readonly Volume[],
  found: Findings,
  request: PayloadRequest,
  sink: DiagnosticSink,
  /** Whether a running board's tree is there, which is better than any file's. */
  hasLiveTree = false,
): Choice | undefined {
  reportKernels(found, sink);
  const entries = [...found.entries].sort(
    (a, b) => LOADER_ORDER.indexOf(a.entry.loader) - LOADER_ORDER.indexOf(b.entry.loader),
  );
  for (const entry of entries) reportMissingFiles(volumes, entry, sink);
  const fallback = entries.find(({ entry }) => entry.isDefault);
  const kernel = chooseKernel(volumes, found, request, fallback, sink);
  if (kernel === undefined) return undefined;
  const booting = entries.filter((entry) => sameFile(volumes, entry, entry.entry.kernel, kernel));
  const entry = booting.find((candidate) => candidate.entry.isDefault) ?? booting[0];
  const named = (path: string | undefined): ((file: FoundFile) => boolean) =>
    entry === undefined || path === undefined ? () => false : (file) => sameFile(volumes, entry, path, file);
  const initrd = found.initrds.find(named(entry?.entry.initrd)) ?? initrdByName(found, kernel);
  const dtb = chooseTree(found, request, found.trees.find(named(entry?.entry.dtb)), hasLiveTree, sink);
  if (initrd !== undefined) reportPair(kernel, initrd, sink);
  const bootargs = (entry ?? fallback)?.entry.bootargs ?? '';
  const root = rootOf(bootargs);
  const rootVolume = root === undefined ? undefined : volumeNamed(volumes, root);
  const isByIdentity = root !== undefined && /^(?:UUID|PARTUUID|LABEL|PARTLABEL)=/.test(root);
  if (root !== undefined && isByIdentity && rootVolume === undefined && volumes.some(hasIdentity)) {
    sink.report(payloadCodes['root-not-found'].at({ file: entry?.entry.file ?? '' }, { root }));
  }
  const why =
    request.kernel !== undefined
      ? `asked for as ${request.kernel}`
      : entry === undefined
        ? 'the newest kernel; no boot configuration names one'
        : `${entry.entry.file} boots "${entry.entry.label}"`;
  return { kernel, initrd, dtb, entry, bootargs, root, rootVolume, why };
}

function hasIdentity(volume: Volume): boolean {
  return volume.system.uuid !== '';
}

/** Each kernel against its own name and against the modules there are; modules against the kernels. */
function reportKernels(found: Findings, sink: DiagnosticSink): void {
  const releases = found.modules.map((modules) => modules.release);
  for (const { path, volume, image } of found.kernels) {
    const position = { file: `${volume.name}: ${path}` };
    const release = image.release ?? 'of no known release';
    const [, named] = /(?:vmlinuz|vmlinux|Image)-(\d[^/]*?)(?:\.gz)?$/.exec(path) ?? [];
    if (named !== undefined && image.release !== undefined && named !== image.release) {
      sink.report(payloadCodes['kernel-misnamed'].at(position, { path, named, release }));
    }
    if (image.endianness === 'big') sink.report(payloadCodes['kernel-big-endian'].at(position, { path }));
    if (releases.length > 0 && !releases.includes(release)) {
      sink.report(
        payloadCodes['kernel-without-modules'].at(position, { release, releases: releases.join(', ') }),
      );
    }
  }
  const kernels = new Set(found.kernels.map((kernel) => kernel.image.release));
  for (const { release, path, volume } of found.modules) {
    if (kernels.has(release) || found.kernels.length === 0) continue;
    sink.report(payloadCodes['modules-without-kernel'].at({ file: `${volume.name}: ${path}` }, { release }));
  }
}

function reportMissingFiles(volumes: readonly Volume[], found: FoundEntry, sink: DiagnosticSink): void {
  const { entry, volume } = found;
  for (const [role, path] of [
    ['kernel', entry.kernel],
    ['initrd', entry.initrd],
    ['device tree', entry.dtb],
  ] as const) {
    if (path === undefined || path === '' || filesNamed(volumes, found, path).length > 0) continue;
    // The firmware's own default name need not be there.
    if (entry.loader === 'raspberry-pi' && role === 'kernel') continue;
    const position = { file: `${volume.name}: ${entry.file}` };
    sink.report(payloadCodes['boot-file-missing'].at(position, { label: entry.label, role, path }));
  }
}

function reportPair(kernel: FoundKernel, initrd: FoundInitrd, sink: DiagnosticSink): void {
  const position = { file: `${initrd.volume.name}: ${initrd.path}` };
  const { moduleReleases } = initrd.facts;
  const release = kernel.image.release ?? 'of no known release';
  if (moduleReleases.length > 0 && !moduleReleases.includes(release)) {
    const releases = moduleReleases.join(', ');
    sink.report(
      payloadCodes['initrd-of-other-kernel'].at(position, { initrd: initrd.path, releases, release }),
    );
  }
}

function chooseKernel(
  volumes: readonly Volume[],
  found: Findings,
  request: PayloadRequest,
  fallback: FoundEntry | undefined,
  sink: DiagnosticSink,
): FoundKernel | undefined {
  const paths = found.kernels.map((kernel) => kernel.path).join(', ');
  if (found.kernels.length === 0) {
    sink.report(
      payloadCodes['no-kernel'].at(undefined, { volumes: volumes.map(({ name }) => name).join(', ') }),
    );
    return undefined;
  }
  const { kernel: wanted } = request;
  if (wanted !== undefined) {
    const chosen = found.kernels.find(
      ({ path, image }) => path === wanted || path.endsWith(`/${wanted}`) || image.release === wanted,
    );
    if (chosen === undefined) sink.report(payloadCodes['kernel-not-found'].at(undefined, { wanted, paths }));
    return chosen;
  }
  const booted = found.kernels.find(
    (kernel) => fallback !== undefined && sameFile(volumes, fallback, fallback.entry.kernel, kernel),
  );
  return booted ?? [...found.kernels].sort(compareReleases).at(-1);
}

/** Numbers as numbers: 6.1.0-9 is before 6.1.0-10. */
function compareReleases(a: FoundKernel, b: FoundKernel): number {
  const [left, right] = [a.image.release ?? '', b.image.release ?? ''];
  return left.localeCompare(right, 'en', { numeric: true });
}

/** `initrd.img-RELEASE`, `uInitrd-RELEASE`, `initramfs-RELEASE.img`; else the one ramdisk with modules of that release. */
function initrdByName(found: Findings, kernel: FoundKernel): FoundInitrd | undefined {
  const { release } = kernel.image;
  if (release === undefined) return undefined;
  return (
    found.initrds.find(({ path }) => path.slice(path.lastIndexOf('/') + 1).includes(release)) ??
    found.initrds.find(({ facts }) => facts.moduleReleases.includes(release))
  );
}

function chooseTree(
  found: Findings,
  request: PayloadRequest,
  byEntry: FoundFile | undefined,
  hasLiveTree: boolean,
  sink: DiagnosticSink,
): FoundFile | undefined {
  const { dtb: wanted } = request;
  if (wanted !== undefined) {
    const chosen = found.trees.find(({ path }) => path === wanted || path.endsWith(`/${wanted}`));
    if (chosen === undefined)
      sink.report(payloadCodes['dtb-not-found'].at(undefined, { wanted, count: found.trees.length }));
    return chosen;
  }
  if (byEntry !== undefined) return byEntry;
  if (found.trees.length > 1 && !hasLiveTree)
    sink.report(payloadCodes['dtb-not-chosen'].at(undefined, { count: found.trees.length }));
  return found.trees.length === 1 ? found.trees[0] : undefined;
}

function sameFile(
  volumes: readonly Volume[],
  entry: FoundEntry,
  path: string | undefined,
  file: FoundFile,
): boolean {
  if (path === undefined) return false;
  const wanted = resolvePath(file.volume.system, file.path);
  return filesNamed(volumes, entry, path).some(
    (found) => found.volume === file.volume && resolvePath(found.volume.system, found.path) === wanted,
  );
}

/**
 * Where a path of a boot configuration is: on its own volume, or on another, with or without `/boot`, since a boot
 * partition's root is the root filesystem's `/boot`. Each place at most once, the likeliest first.
 */
function filesNamed(
  volumes: readonly Volume[],
  { volume, entry }: FoundEntry,
  path: string,
): readonly FoundFile[] {
  const below = entry.file.slice(0, entry.file.lastIndexOf('/'));
  const paths = new Set([
    path,
    `${below}/${path}`,
    path.replace(/^\/boot\//, '/'),
    `/boot${path.startsWith('/') ? '' : '/'}${path}`,
  ]);
  const places = [volume, ...volumes.filter((other) => other !== volume)];
  return places.flatMap((place) =>
    [...paths]
      .filter((candidate) => resolvePath(place.system, candidate)?.kind === 'file')
      .map((candidate) => ({ volume: place, path: candidate })),
  );
}

/** The volume behind `root=`: by UUID, PARTUUID, label, or the number of the partition in a device's name. */
function volumeNamed(volumes: readonly Volume[], root: string): Volume | undefined {
  const [, key = '', value = ''] = /^(?:(\w+)=)?(.*)$/.exec(root) ?? [];
  const wanted = value.toLowerCase();
  return volumes.find(({ system, partition }) => {
    if (key === 'UUID') return system.uuid.toLowerCase() === wanted;
    if (key === 'PARTUUID') return partition?.uuid === wanted;
    if (key === 'LABEL') return system.label === value;
    if (key === 'PARTLABEL') return partition?.name === value;
    const number = /^\/dev\/(?:mmcblk\d+p|nvme\d+n\d+p|[shv]d[a-z])(\d+)$/.exec(value)?.[1];
    return partition !== undefined && number !== undefined && partition.number === Number(number);
  });
}
