/**
 * What a running board shows of itself, in a collector's archive or a live root: its device tree, its memory map, its
 * command line, its clocks and registers. Paths are those of the running system.
 */
import { type DiagnosticSink, HostError } from '../../base/index.ts';
import { type DeviceTree, type LiveFiles, readLiveTree } from '../../devicetree/index.ts';
import { type FileSystem, filesBelow, namesIn, openPath, resolvePath } from '../filesystem/tree.ts';

/** The file that `payload collect`'s script leaves in its archive, with `release=` and its like. */
export const COLLECT_MARKER = 'drivervm-collect';
const LIVE_TREE_PATH = '/proc/device-tree';

/** Files that are handed on as they are. */
const LIVE_FILES = [
  '/proc/iomem',
  '/proc/interrupts',
  '/proc/cmdline',
  '/sys/firmware/fdt',
  '/sys/kernel/debug/clk/clk_summary',
];
const REGMAPS = '/sys/kernel/debug/regmap';
const LIMIT_BYTES = 16 << 20;

export interface LiveFacts {
  /** The release that was running, from the marker. */
  readonly release: string | undefined;
  readonly bootargs: string | undefined;
  readonly hasDeviceTree: boolean;
  /** Name below `live/` in the output, and content. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** `undefined` where the filesystem is no collector's archive. */
export function readLiveFacts(system: FileSystem): LiveFacts | undefined {
  const content = (path: string): Uint8Array | undefined => {
    const file = openPath(system, path);
    return file === undefined || file.sizeBytes > LIMIT_BYTES
      ? undefined
      : file.read(0, file.sizeBytes).slice();
  };
  const marker = content(COLLECT_MARKER);
  if (marker === undefined) return undefined;
  const files = new Map<string, Uint8Array>();
  const add = (path: string, name: string): void => {
    const bytes = content(path);
    if (bytes !== undefined && bytes.length > 0) files.set(name, bytes);
  };
  for (const path of LIVE_FILES) add(path, path.slice(path.lastIndexOf('/') + 1));
  for (const name of namesIn(system, REGMAPS)) {
    for (const path of filesBelow(system, `${REGMAPS}/${name}`, { depth: 1, files: 16 })) {
      add(path, `regmap/${name}/${path.slice(path.lastIndexOf('/') + 1)}`);
    }
  }
  const text = new TextDecoder();
  const cmdline = files.get('cmdline');
  return {
    release: /^release=(\S+)$/m.exec(text.decode(marker))?.[1],
    bootargs: cmdline === undefined ? undefined : text.decode(cmdline).trim(),
    hasDeviceTree: resolvePath(system, LIVE_TREE_PATH)?.kind === 'directory',
    files,
  };
}

/** The running board's tree, as the firmware left it. */
export function readLiveTreeOf(
  system: FileSystem,
  name: string,
  sink: DiagnosticSink,
): DeviceTree | undefined {
  return readLiveTree(liveFiles(system, name), LIVE_TREE_PATH, sink);
}

/** A filesystem in an archive, as the reader of directories wants it. */
function liveFiles(system: FileSystem, name: string): LiveFiles {
  const nodeAt = (path: string) => {
    const node = resolvePath(system, path);
    if (node === undefined) throw new HostError('ENOENT', `${name}: ${path}`, 'no such file or directory');
    return node;
  };
  return {
    status: (path) => {
      const node = resolvePath(system, path);
      return node === undefined ? undefined : { kind: node.kind, sizeBytes: node.sizeBytes };
    },
    list: (path) => [...nodeAt(path).entries().keys()].sort(),
    read: (path) => {
      const source = nodeAt(path).open();
      return source.read(0, source.sizeBytes).slice();
    },
    open: (path) => ({ ...nodeAt(path).open(), path, close: () => {} }),
    readLink: (path) => nodeAt(path).target(),
    join: (...parts) => parts.join('/').replace(/\/+/g, '/'),
  };
}
