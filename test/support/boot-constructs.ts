/**
 * What boot loaders' configurations can say, one construct each: small volumes in memory, and what is booted from them.
 * `boot-constructs.test.ts` checks the reader against them, and `docs/boot-loaders.md` is made of them. Everywhere kernel `a`
 * with tree `a` is what the loader boots; `b` is what a reader takes that does not know the construct.
 */
import { DiagnosticSink } from '../../src/base/index.ts';
import { encodeCells, readDtb, stringProperty, writeDtb } from '../../src/devicetree/index.ts';
import { changeTree } from '../../src/payload/extract/change-tree.ts';
import { findPayload } from '../../src/payload/extract/find.ts';
import { choosePayload } from '../../src/payload/extract/match.ts';
import { FILE_TYPE, type Volume, writeCpio } from '../../src/payload/index.ts';
import { smallImage } from './kernel-image.ts';
import { type MemoryLayout, memoryVolume } from './memory-system.ts';
import { treeOf } from './tree-literal.ts';

export interface Construct {
  readonly loader: string;
  /** As a person would look for it. */
  readonly construct: string;
  /** Files beside kernels, trees and ramdisks; or several partitions. */
  readonly files: MemoryLayout | readonly PartitionLayout[];
  readonly expected: Partial<Outcome> & Pick<Outcome, 'answer'>;
  /** `--dtb`. */
  readonly dtb?: string;
}

export interface PartitionLayout {
  readonly files: MemoryLayout;
  readonly isBootable?: boolean;
  /** The GPT's type. */
  readonly type?: string;
  readonly uuid?: string;
  /** A filesystem that is known, and not read. */
  readonly isUnread?: boolean;
  /** A partition without a filesystem: its one file. */
  readonly isRaw?: boolean;
  /** Without kernels, trees and ramdisks beside its files. */
  readonly isBare?: boolean;
}

export interface Outcome {
  /** `followed`: what the loader boots; `guessed`: said to be a guess; `refused`: nothing is taken. */
  readonly answer: 'followed' | 'guessed' | 'refused';
  readonly kernel: string | undefined;
  readonly tree: string | undefined;
  readonly initrds: readonly string[];
  readonly bootargs: string;
  /** Overlays and other changes, those that were applied. */
  readonly applied: readonly string[];
  /** Lines of doubts, `FILE:LINE`. */
  readonly doubts: readonly string[];
  readonly codes: readonly string[];
}

const KERNELS: Readonly<Record<string, Uint8Array>> = {
  a: smallImage('6.1.0-1-arm64', 2048),
  // The newer one, so that a guess falls on it.
  b: smallImage('6.1.0-2-arm64', 2048),
};
const PORT = { 'port@1000': { status: 'disabled', phandle: [1] } } as const;

export function tree(model: string): Uint8Array {
  return writeDtb(
    treeOf({
      model,
      ...PORT,
      __symbols__: { port: '/port@1000' },
      __overrides__: { own: Uint8Array.from([...encodeCells([1]), ...new TextEncoder().encode('own:0\0')]) },
    }),
  );
}

export const OVERLAY = writeDtb(
  treeOf({
    'fragment@0': { target: [0xffff_ffff], __overlay__: { status: 'okay', phandle: [1] } },
    __fixups__: { port: '/fragment@0:target:0' },
    __local_fixups__: { __overrides__: { rate: [0] } },
    __overrides__: { rate: Uint8Array.from([...encodeCells([1]), ...new TextEncoder().encode('rate:0\0')]) },
  }),
);
export const FOREIGN = writeDtb(
  treeOf({ 'fragment@0': { 'target-path': '/elsewhere', __overlay__: { status: 'okay' } } }),
);

export function ramdisk(name: string): Uint8Array {
  const file = { path: name, mode: FILE_TYPE.file | 0o644, content: new TextEncoder().encode(name) };
  return writeCpio([file]);
}

/** Below a directory: two kernels, two trees, two ramdisks, and overlays. */
function payloadIn(directory: string): MemoryLayout {
  const below = directory === '' ? '' : `${directory}/`;
  const layout: Record<string, Uint8Array> = {};
  for (const [name, kernel] of Object.entries(KERNELS)) {
    layout[`${below}Image-${name}`] = kernel;
    layout[`${below}${name}.dtb`] = tree(name);
    layout[`${below}rd-${name}.cpio`] = ramdisk(`rd-${name}`);
  }
  layout[`${below}on.dtbo`] = OVERLAY;
  layout[`${below}foreign.dtbo`] = FOREIGN;
  return layout;
}

function volumesOf(files: Construct['files']): readonly Volume[] {
  if (!isPartitions(files)) {
    return [memoryVolume('root', { 'etc/hostname': 'b', ...payloadIn('boot'), ...files })];
  }
  const unreadPartitions = files.flatMap(({ isUnread }, index) => (isUnread === true ? [index + 1] : []));
  const volumes = files.map(
    ({ files: own, isBootable = false, uuid = '', isRaw = false, isBare = isRaw, type = '' }, index) => {
      const number = index + 1;
      const volume = memoryVolume(`partition ${number}`, isBare ? own : { ...payloadIn(''), ...own }, uuid);
      const facts = {
        number,
        name: '',
        type,
        uuid: `0000-0${number}`,
        isBootable,
        range: { base: 0, size: 1 },
      };
      const system = isRaw ? { ...volume.system, kind: 'raw' as const } : volume.system;
      return { ...volume, system, partition: facts, unreadPartitions };
    },
  );
  return volumes.filter(({ partition }) => !unreadPartitions.includes(partition.number));
}

function isPartitions(files: Construct['files']): files is readonly PartitionLayout[] {
  return Array.isArray(files);
}

export async function outcomeOf({ files, dtb }: Construct): Promise<Outcome> {
  const sink = new DiagnosticSink();
  const volumes = volumesOf(files);
  const found = await findPayload({ progress: () => {} }, volumes, sink, dtb);
  const choice = choosePayload(volumes, found, dtb === undefined ? {} : { dtb }, sink);
  const changed = choice && changeTree(choice.tree?.content, choice.steps, 'configuration', sink);
  const baseName = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : path.slice(path.lastIndexOf('/') + 1);
  return {
    answer: choice === undefined ? 'refused' : choice.certainty === 'guess' ? 'guessed' : 'followed',
    kernel:
      choice?.kernel.image.release === undefined
        ? undefined
        : choice.kernel.image.release.includes('-1-')
          ? 'a'
          : 'b',
    tree: modelOf(choice?.tree?.content.read(0, choice.tree.content.sizeBytes)),
    initrds: (choice?.initrds ?? []).map(({ content }) => nameIn(content.read(0, 4096))),
    bootargs: choice?.bootargs ?? '',
    applied: (changed?.changes ?? [])
      .filter(({ isApplied }) => isApplied)
      .map(({ what, kind, parameters }) =>
        kind === 'overlay' ? `${baseName(what)}${parameters ? `,${parameters}` : ''}` : what,
      ),
    doubts: (choice?.doubts ?? []).map(
      ({ file, line }) => `${baseName(file)}${line === undefined ? '' : `:${line}`}`,
    ),
    codes: [...new Set(sink.sorted().map(({ code }) => code.slice(code.indexOf('/') + 1)))].sort(),
  };
}

function modelOf(blob: Uint8Array | undefined): string | undefined {
  const read = blob && readDtb(blob, 'tree', new DiagnosticSink());
  return read && stringProperty(read.root, 'model');
}

/** The name of a ramdisk's one file. */
function nameIn(cpio: Uint8Array): string {
  return /rd-\w+|early/.exec(new TextDecoder('latin1').decode(cpio))?.[0] ?? '?';
}
