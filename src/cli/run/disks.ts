/** What block virtualisers serve under `run`: files of this machine, read only, written only in memory, or written through. */
import { type DiagnosticSink, type Host, HostError, type UpdatableFile } from '../../base/index.ts';
import { type BlockStore, BlockStoreError, copyOnWrite } from '../../device/index.ts';
import { runCodes } from '../../run/index.ts';

export const DISK_MODES = ['read-only', 'copy-on-write', 'write-through'] as const;
export type DiskMode = (typeof DISK_MODES)[number];

export interface Disk {
  /** The protection domain that serves it. */
  readonly pd: string;
  readonly path: string;
  readonly mode: DiskMode;
}

/** `PD=FILE` or `PD=FILE:MODE`. */
export function parseDisk(given: string): Disk {
  const [pd = '', ...rest] = given.split('=');
  const named = rest.join('=');
  const mode = DISK_MODES.find((candidate) => named.endsWith(`:${candidate}`));
  const path = mode === undefined ? named : named.slice(0, -mode.length - 1);
  return { pd, path, mode: mode ?? 'copy-on-write' };
}

/** Opens them all; what can't be opened is reported. */
export function openDisks(
  { files }: Host,
  disks: readonly Disk[],
  sink: DiagnosticSink,
): ReadonlyMap<string, BlockStore> {
  const stores = new Map<string, BlockStore>();
  for (const { pd, path, mode } of disks) {
    try {
      if (mode === 'write-through') stores.set(pd, writable(files.openForUpdate(path)));
      else {
        const file = readable(files.open(path));
        stores.set(pd, mode === 'read-only' ? file : copyOnWrite(file));
      }
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      sink.report(runCodes['disk-not-opened'].at(undefined, { pd, path, reason: error.message }));
    }
  }
  return stores;
}

function readable(file: Pick<UpdatableFile, 'sizeBytes' | 'read' | 'path'>): BlockStore {
  return {
    sizeBytes: file.sizeBytes,
    readOnly: true,
    read: (offset, target) => target.set(asked(file.path, () => file.read(offset, target.length))),
    write: () => {
      throw new BlockStoreError(`${file.path} is read only`);
    },
    flush: () => {},
  };
}

function writable(file: UpdatableFile): BlockStore {
  return {
    ...readable(file),
    readOnly: false,
    write: (offset, content) => asked(file.path, () => file.write(offset, content)),
    flush: () => asked(file.path, () => file.sync()),
  };
}

/** What the system refuses is the medium's error, as the guest sees it. */
function asked<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof HostError) throw new BlockStoreError(`${path}: ${error.message}`);
    throw error;
  }
}
