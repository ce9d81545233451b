/**
 * What of a choice is in doubt though the configuration itself was followed: the tree is the firmware's, a file is not where the loader
 * looks for it, what it names is no kernel, or not in the bundle.
 */
import type { BootDoubt, BootFile, DoubtSubject } from '../boot/entry.ts';
import { resolvePath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';
import type { FoundConfiguration, FoundEntry, FoundKernel } from './findings.ts';
import { filesNamed, sameFile } from './places.ts';
import { OF_U_BOOT } from './rank.ts';
import { volumeOf } from './world.ts';

export type ChoiceDoubt = BootDoubt & { readonly about: readonly DoubtSubject[] };

interface Place {
  readonly file: string;
  readonly text: string;
  readonly kind?: BootDoubt['kind'];
}

function doubtAt(
  { file, text, kind = 'board' }: Place,
  reason: string,
  ...about: DoubtSubject[]
): ChoiceDoubt {
  return { file, line: undefined, text, reason, kind, about };
}

/**
 * A tree that nothing names, and that is taken because there is no other. The Raspberry Pi's firmware and a directory of trees let the
 * board choose of those that are there.
 */
export function onlyTreeDoubts(entry: FoundEntry | undefined, path: string): readonly ChoiceDoubt[] {
  if (entry === undefined || entry.entry.dtbDirectory !== undefined || entry.entry.loader === 'raspberry-pi')
    return [];
  const place = { file: entry.entry.file, text: entry.entry.label };
  return [
    doubtAt(
      place,
      `names no tree, so that the firmware's own is given; ${path} is the only one here`,
      'device tree',
    ),
  ];
}

/** A tree that was asked for, and that does not lie where the loader lets the board choose. */
export function outsideDirectoryDoubts(
  found: FoundEntry | undefined,
  { path }: BootFile,
): readonly ChoiceDoubt[] {
  const directory = found?.entry.dtbDirectory;
  if (found === undefined || directory === undefined) return [];
  const reason = `does not have the tree that was asked for; ${path} lies elsewhere`;
  return [doubtAt({ file: found.entry.file, text: directory.path }, reason, 'device tree')];
}

/**
 * U-Boot looks for its configurations on the partitions that are marked bootable, an EFI system partition among them, and on the first
 * where none is (boot/bootdev-uclass.c; include/config_distro_bootcmd.h, scan_dev_for_boot_part).
 */
export function unmarkedDoubts(
  volumes: readonly Volume[],
  { entry, volume }: FoundEntry,
): readonly ChoiceDoubt[] {
  const { partition } = volume;
  if (partition === undefined || partition.isBootable || !OF_U_BOOT.includes(entry.loader)) return [];
  const marked = volumes.find((each) => each.partition?.isBootable === true);
  if (marked === undefined && partition.number === 1) return [];
  const reason =
    marked === undefined
      ? `lies on ${volume.name}, and without one that is marked bootable U-Boot looks on the first alone`
      : `lies on ${volume.name}, and U-Boot looks on those marked bootable alone, as ${marked.name} is`;
  return [doubtAt({ file: entry.file, text: entry.label }, reason, 'kernel')];
}

/** What boots by default is there, and no kernel that is read here. */
export function unreadKernelDoubts(
  volumes: readonly Volume[],
  { entry, volume }: FoundEntry,
  kernels: readonly FoundKernel[],
): readonly ChoiceDoubt[] {
  const found = { entry, volume };
  const { kernel, configuration, file } = entry;
  if (kernel === undefined || filesNamed(volumes, found, kernel).length === 0) return [];
  const isBundle = kernels.some((each) => sameFile(volumes, found, kernel, each));
  const [name = ''] = (configuration ?? '').split('#');
  const reason = isBundle
    ? `boots the configuration ${name} of ${kernel.path}, which is not in it or has no kernel`
    : `boots ${kernel.path}, which is no arm64 kernel that is read here`;
  return [doubtAt({ file, text: entry.label, kind: 'unread' }, reason, 'kernel')];
}

/** Of a bundle's configuration: its own, and that none of several is the default. */
export function configurationDoubts(
  kernel: FoundKernel,
  entry: FoundEntry | undefined,
  configuration: FoundConfiguration | undefined,
): readonly ChoiceDoubt[] {
  if (configuration === undefined) return [];
  const place = { file: kernel.path, text: configuration.name };
  const own = configuration.doubts.map((reason) => doubtAt(place, reason, 'device tree'));
  const all = kernel.allConfigurations ?? [];
  const isNamed = entry?.entry.configuration !== undefined && entry.entry.loader !== 'fit';
  const hasDefault = all.length <= 1 || all.some(({ isDefault }) => isDefault);
  const unnamed =
    isNamed || hasDefault
      ? []
      : [doubtAt(place, 'is one of several, of which none is the default', 'kernel', 'device tree')];
  const missing = namesAdded(entry)
    .filter((name) => !all.some((each) => each.name === name && each.trees.length > 0))
    .map((name) =>
      doubtAt(
        { ...place, text: `#${name}`, kind: 'unread' },
        'is to be laid over another configuration, and is not in the image or has no tree',
        'device tree',
      ),
    );
  return [...own, ...unnamed, ...missing];
}

/** Of a FIT, `#conf#more#again`: configurations whose first tree is laid over the first one's (U-Boot, boot/image-fdt.c, boot_get_fdt_fit). */
export function namesAdded(entry: FoundEntry | undefined): readonly string[] {
  return (entry?.entry.configuration ?? '').split('#').slice(1);
}

/**
 * In an image with partitions a loader finds a file on the partition that it means, by the path as it is; a source that is one
 * directory may be a root filesystem or the boot partition alone.
 */
export function placeDoubts(
  volumes: readonly Volume[],
  { entry, volume }: FoundEntry,
): readonly ChoiceDoubt[] {
  const files: readonly (readonly [BootFile | undefined, DoubtSubject])[] = [
    [entry.kernel, 'kernel'],
    ...entry.initrds.map((file) => [file, 'initrd'] as const),
    [entry.dtb, 'device tree'],
    ...entry.treeSteps.map(
      (step) => [step.kind === 'overlay' ? step.file : undefined, 'device tree'] as const,
    ),
  ];
  return files.flatMap(([file, subject]) => {
    const meant = file && volumeOf(volumes, volume, file);
    if (file === undefined || meant?.partition === undefined) return [];
    const [found] = filesNamed(volumes, { entry, volume }, file);
    if (found === undefined) return [];
    const exact = resolvePath(meant.system, file.path);
    if (exact?.kind === 'file' && exact === resolvePath(found.volume.system, found.path)) return [];
    const reason = `is not there; ${found.volume.name}: ${found.path} has that name`;
    return [doubtAt({ file: entry.file, text: file.path }, reason, subject)];
  });
}
