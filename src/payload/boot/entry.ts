/** What a boot loader's configuration says is booted, and how sure that is. Who finds the files resolves the paths. */
import type { DiagnosticSink } from '../../base/index.ts';
import type { ByteSource } from '../bytes/source.ts';

/** A file as a loader names it. */
export interface BootFile {
  readonly path: string;
  /** Where the loader says which; else it is the filesystem of the configuration. */
  readonly partition?: number | undefined;
}

/** Something in a configuration that was not followed, or that only the board can decide. */
export interface BootDoubt {
  readonly file: string;
  /** From 1; none where it is about the file as a whole. */
  readonly line: number | undefined;
  /** As it is written there. */
  readonly text: string;
  /** A clause: `is known only on the board`. */
  readonly reason: string;
  /**
   * `board`: followed, but what it gives is only known there; `unread`: not understood; `setting`: a list that may be
   * set and is not, such as that of the overlays to apply.
   */
  readonly kind: 'board' | 'unread' | 'setting';
}

/** What a doubt could change. */
export type DoubtSubject = 'kernel' | 'initrd' | 'device tree' | 'command line';

/** What a loader does to the tree before the kernel sees it, in order. */
export type TreeStep =
  | {
      readonly kind: 'overlay';
      readonly file: BootFile;
      /** Under the rules of the Raspberry Pi's firmware; else under libfdt's. */
      readonly parameters?: string;
    }
  /** Parameters of the tree itself (`dtparam`). */
  | { readonly kind: 'parameters'; readonly parameters: string }
  /** A value as U-Boot's `fdt set` takes it; no words make an empty property. */
  | {
      readonly kind: 'set';
      readonly path: string;
      readonly property: string;
      readonly words: readonly string[];
    }
  | { readonly kind: 'make'; readonly path: string; readonly name: string }
  | { readonly kind: 'remove'; readonly path: string; readonly property?: string | undefined };

export type Loader =
  | 'extlinux'
  | 'u-boot-script'
  | 'u-boot-environment'
  | 'grub'
  | 'raspberry-pi'
  | 'systemd-boot'
  | 'uki'
  | 'fit'
  | 'android';

/** What one entry of a boot loader's menu loads, as far as its configuration tells. */
export interface BootEntry {
  readonly loader: Loader;
  /** The configuration file. */
  readonly file: string;
  readonly label: string;
  readonly isDefault: boolean;
  readonly kernel: BootFile | undefined;
  /** Of a FIT, where the kernel is in one: its name, and behind `#` those of others whose overlays are laid over its tree. */
  readonly configuration?: string | undefined;
  /** The loader is told to give the kernel no ramdisk, not even what is in a FIT. */
  readonly hasNoInitrd?: boolean;
  /** In the order in which the kernel gets them, as one. */
  readonly initrds: readonly BootFile[];
  readonly dtb: BootFile | undefined;
  /** The loader is told to give the kernel none. */
  readonly hasNoTree?: boolean;
  /** A directory from which the board chooses its tree. */
  readonly dtbDirectory?: BootFile | undefined;
  readonly treeSteps: readonly TreeStep[];
  readonly bootargs: string;
  readonly doubts: readonly (BootDoubt & { readonly about: readonly DoubtSubject[] })[];
  /** What goes wrong on the way, and does not keep it from booting. */
  readonly problems?: readonly BootProblem[];
}

/** An overlay that the loader does not find, or that does not apply. */
export interface BootProblem {
  readonly file: string;
  readonly line: number;
  /** As it is written there. */
  readonly text: string;
  /** The overlay. */
  readonly path: string;
  /** Why it does not apply; it is missing where there is none. */
  readonly reason?: string;
}

/** What a configuration can see: the filesystems of the source that it lies in. */
export interface BootWorld {
  /** The partition that the configuration lies in. */
  readonly ownPartition: number | undefined;
  open(file: BootFile): ByteSource | undefined;
  isDirectory(file: BootFile): boolean;
  partition(number: number): PartitionFacts | undefined;
  readonly partitions: readonly PartitionFacts[];
  /** Numbers of partitions that are there, and whose filesystems are not read. */
  readonly unreadPartitions: readonly number[];
  /** The partition of the filesystem that has this identity or file; `undefined` where none has. */
  search(kind: 'uuid' | 'label' | 'file', value: string): number | undefined;
  /** Whether the steps can be done to the tree, the last one in particular; the sink says why not. */
  accepts(tree: BootFile, steps: readonly TreeStep[], sink: DiagnosticSink): boolean;
  /** A property of the tree after the steps, as bytes. */
  treeProperty(
    tree: BootFile,
    steps: readonly TreeStep[],
    path: string,
    name: string,
  ): Uint8Array | undefined;
  /** How long the tree is after the steps, as a blob without room. */
  treeSizeBytes(tree: BootFile, steps: readonly TreeStep[]): number | undefined;
  /** Names of the files in a directory. */
  list(directory: BootFile): readonly string[];
}

/** What a configuration can ask of a partition: number, UUIDs, label. */
export interface PartitionFacts {
  readonly number: number;
  /** The GPT's type GUID, or the MBR's byte. */
  readonly type: string;
  readonly uuid: string;
  readonly name: string;
  readonly isBootable: boolean;
}

/** The value of `root=` on a kernel command line: the last one counts. */
export function rootOf(bootargs: string): string | undefined {
  return [...bootargs.matchAll(/(?:^|\s)root=(\S+)/g)].at(-1)?.[1];
}

/** Nothing larger is a configuration. */
const CONFIG_LIMIT_BYTES = 4 << 20;

export function textOf(source: ByteSource | undefined): string | undefined {
  if (source === undefined || source.sizeBytes > CONFIG_LIMIT_BYTES) return undefined;
  return new TextDecoder().decode(source.read(0, source.sizeBytes));
}

/** A construct cut to a length that a line of a message has room for. */
export function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}
