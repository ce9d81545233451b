/** What a boot configuration of a test sees: files of its own filesystem and of others, each a text or bytes. */
import { type BootFile, type BootWorld, bytesSource, type PartitionFacts } from '../../src/payload/index.ts';

export type WorldFiles = Readonly<Record<string, string | Uint8Array>>;

export interface WorldOptions {
  readonly own?: number;
  /** Files of other partitions, by number. */
  readonly others?: Readonly<Record<number, WorldFiles>>;
  readonly partitions?: readonly PartitionFacts[];
  /** UUIDs and labels of filesystems, and the partition that each is in. */
  readonly identities?: Readonly<Record<string, number>>;
  /** Overlays that do not apply. */
  readonly refused?: readonly string[];
}

export function bootWorld(files: WorldFiles, options: WorldOptions = {}): BootWorld {
  const { own, others = {}, partitions = [], identities = {}, refused = [] } = options;
  const filesOf = ({ partition }: BootFile): WorldFiles =>
    partition === undefined || partition === own ? files : (others[partition] ?? files);
  const open: BootWorld['open'] = (file) => {
    const content = filesOf(file)[file.path.replace(/\/+/g, '/')];
    if (content === undefined) return undefined;
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return bytesSource(file.path, bytes);
  };
  return {
    ownPartition: own,
    open,
    isDirectory: (file) => Object.keys(filesOf(file)).some((path) => path.startsWith(`${file.path}/`)),
    partitions,
    unreadPartitions: [],
    partition: (number) => partitions.find((each) => each.number === number),
    search: (_, value) => identities[value],
    accepts: (_, steps) => {
      const last = steps.at(-1);
      return last?.kind !== 'overlay' || !refused.includes(last.file.path);
    },
    treeProperty: () => undefined,
    treeSizeBytes: () => undefined,
    list: (directory) =>
      Object.keys(filesOf(directory))
        .filter((path) => path.startsWith(`${directory.path}/`))
        .map((path) => path.slice(directory.path.length + 1))
        .filter((name) => !name.includes('/')),
  };
}
