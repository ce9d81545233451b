/** What a boot configuration can see (`boot/entry.ts`, BootWorld): the volumes of the source, as its loader would. */
import { DiagnosticSink } from '../../base/index.ts';
import { cloneTree, type DeviceTree, isDtb, nodeAtPath, readDtb, writeDtb } from '../../devicetree/index.ts';
import type { BootFile, BootWorld, TreeStep } from '../boot/entry.ts';
import { applyTreeStep } from '../boot/tree-steps.ts';
import type { ByteSource } from '../bytes/source.ts';
import { namesIn, openPath, resolvePath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';

/** No board's tree is larger. */
const TREE_LIMIT_BYTES = 16 << 20;
/** Trees with steps done, kept so that the next step starts from them. */
const KEPT_TREES = 64;

/** The volume that a loader's file is on; the configuration's own where it does not say, or says what is not here. */
export function volumeOf(volumes: readonly Volume[], own: Volume, { partition }: BootFile): Volume {
  if (partition === undefined) return own;
  return volumes.find((volume) => volume.partition?.number === partition) ?? own;
}

export function worldOf(volumes: readonly Volume[], own: Volume): BootWorld {
  const open = (file: BootFile): ByteSource | undefined =>
    openPath(volumeOf(volumes, own, file).system, file.path);
  const tree = (file: BootFile): DeviceTree | undefined => readTree(open(file));
  const kept = new Map<string, DeviceTree | undefined>();
  const after = (
    file: BootFile,
    steps: readonly TreeStep[],
    sink = new DiagnosticSink(),
  ): DeviceTree | undefined => {
    const key = JSON.stringify([file, steps]);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const last = steps.at(-1);
    // What came before was kept, so that this does not go deep.
    const before = last === undefined ? undefined : after(file, steps.slice(0, -1));
    const fresh =
      last === undefined ? tree(file) : before && applyTreeStep(cloneTree(before), last, tree, sink);
    if (kept.size >= KEPT_TREES) kept.delete(kept.keys().next().value ?? '');
    kept.set(key, fresh);
    return fresh;
  };
  const partitions = volumes.flatMap(({ partition }) => partition ?? []);
  return {
    ownPartition: own.partition?.number,
    open,
    isDirectory: (file) => resolvePath(volumeOf(volumes, own, file).system, file.path)?.kind === 'directory',
    partitions,
    unreadPartitions: [...new Set(volumes.flatMap(({ unreadPartitions = [] }) => unreadPartitions))],
    partition: (number) => partitions.find((partition) => partition.number === number),
    search(kind, value) {
      const found = volumes.find(({ system }) => {
        if (kind === 'uuid') return system.uuid !== '' && system.uuid.toLowerCase() === value.toLowerCase();
        return kind === 'label' ? system.label === value : resolvePath(system, value)?.kind === 'file';
      });
      return found?.partition?.number;
    },
    accepts: (file, steps, sink) => after(file, steps, sink) !== undefined,
    treeProperty: (file, steps, path, name) => {
      const changed = after(file, steps);
      return changed && nodeAtPath(changed.root, path)?.properties.get(name)?.value;
    },
    treeSizeBytes: (file, steps) => {
      const changed = after(file, steps);
      return changed && writeDtb(changed).length;
    },
    list: (directory) =>
      namesIn(volumeOf(volumes, own, directory).system, directory.path).filter(
        (name) =>
          resolvePath(volumeOf(volumes, own, directory).system, `${directory.path}/${name}`)?.kind === 'file',
      ),
  };
}

export function readTree(source: ByteSource | undefined): DeviceTree | undefined {
  if (source === undefined || source.sizeBytes > TREE_LIMIT_BYTES) return undefined;
  const bytes = source.read(0, source.sizeBytes).slice();
  return isDtb(bytes) ? readDtb(bytes, source.path, new DiagnosticSink()) : undefined;
}
