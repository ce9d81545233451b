/** Where the files are that a configuration names, and which volume a command line's `root=` is. */
import type { BootFile } from '../boot/entry.ts';
import { resolvePath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';
import type { FoundEntry, FoundFile } from './findings.ts';
import { volumeOf } from './world.ts';

export function sameFile(
  volumes: readonly Volume[],
  entry: FoundEntry,
  named: BootFile | undefined,
  file: FoundFile,
): boolean {
  if (named === undefined) return false;
  const wanted = resolvePath(file.volume.system, file.path);
  const [first] = filesNamed(volumes, entry, named);
  return first?.volume === file.volume && resolvePath(first.volume.system, first.path) === wanted;
}

/**
 * Where a path of a boot configuration is: on the volume that it means, or on another, with or without `/boot`, since a
 * boot partition's root is the root filesystem's `/boot`. Each place at most once, the likeliest first.
 */
export function filesNamed(
  volumes: readonly Volume[],
  { volume, entry }: FoundEntry,
  file: BootFile,
): readonly FoundFile[] {
  const { path } = file;
  const below = entry.file.slice(0, entry.file.lastIndexOf('/'));
  const paths = new Set([
    path,
    `${below}/${path}`,
    path.replace(/^\/boot\//, '/'),
    `/boot${path.startsWith('/') ? '' : '/'}${path}`,
  ]);
  const meant = volumeOf(volumes, volume, file);
  const places = [meant, ...volumes.filter((other) => other !== meant)];
  return places.flatMap((place) =>
    [...paths]
      .filter((candidate) => resolvePath(place.system, candidate)?.kind === 'file')
      .map((candidate) => ({ volume: place, path: candidate })),
  );
}

/** The volume behind `root=`: by UUID, PARTUUID, label, or the number of the partition in a device's name. */
export function volumeNamed(volumes: readonly Volume[], root: string): Volume | undefined {
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
