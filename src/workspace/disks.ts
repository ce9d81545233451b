/**
 * What block virtualisers serve under `run`, and what is in the board's own storage devices: files of this machine, read
 * only, written only in memory, or written through.
 */
import { type DiagnosticSink, type Host, HostError, type UpdatableFile } from '../base/index.ts';
import { type BlockStore, BlockStoreError, copyOnWrite } from '../device/index.ts';
import type { Board, Device } from '../devicetree/index.ts';
import { modelFor } from '../machine/index.ts';
import { type ProtectionDomain, protectionDomainsOf, type SystemDescription } from '../microkit/index.ts';
import { DEFAULT_DISK_MODE, DISK_MODES, type DiskMode, select } from '../plan/index.ts';
import type { ProjectDisk } from '../project/index.ts';
import { runCodes } from '../run/index.ts';
import { componentOf } from '../sharing/index.ts';

/** What was opened, by who has it. */
export interface OpenDisks {
  /** By protection domain. */
  readonly served: ReadonlyMap<string, BlockStore>;
  /** By the path of the board's device. */
  readonly inDevices: ReadonlyMap<string, BlockStore>;
}

/** `OWNER=FILE` or `OWNER=FILE:MODE`. */
export function parseDisk(given: string): ProjectDisk {
  const [owner = '', ...rest] = given.split('=');
  const named = rest.join('=');
  const mode = DISK_MODES.find((candidate) => named.endsWith(`:${candidate}`));
  const path = mode === undefined ? named : named.slice(0, -mode.length - 1);
  return { owner, path, mode: mode ?? DEFAULT_DISK_MODE };
}

/** Opens them all; what can't be opened, or has no such owner, is reported. The first of two disks of one owner counts. */
export function openDisks(
  { files }: Host,
  disks: readonly ProjectDisk[],
  { board, description }: { readonly board: Board; readonly description: SystemDescription },
  sink: DiagnosticSink,
): OpenDisks {
  const served = new Map<string, BlockStore>();
  const inDevices = new Map<string, BlockStore>();
  const domains = [...protectionDomainsOf(description)];
  for (const { owner, path, mode } of disks) {
    const device = servers(domains).includes(owner) ? undefined : storageDevice(board, owner);
    if (typeof device === 'string') {
      const isDomain = domains.some(({ name }) => name === owner);
      const why = isDomain ? 'is a protection domain that serves no disk' : device;
      const owners = [...servers(domains), ...storageDevices(board).map(nameOf(board))];
      sink.report(runCodes['no-such-disk'].at(undefined, { owner, why, owners }));
      continue;
    }
    const [stores, key] = device === undefined ? [served, owner] : [inDevices, device.path];
    if (stores.has(key)) continue;
    const store = open(files, path, mode);
    if (typeof store !== 'string') stores.set(key, store);
    else sink.report(runCodes['disk-not-opened'].at(undefined, { owner, path, reason: store }));
  }
  return { served, inDevices };
}

/** The store over a file, or why there is none. */
function open(files: Host['files'], path: string, mode: DiskMode): BlockStore | string {
  if (path === '') return 'no file is named';
  try {
    const kind = files.status(path)?.kind;
    if (kind === 'directory') return 'it is a directory';
    const file = mode === 'write-through' ? writable(files.openForUpdate(path)) : readable(files.open(path));
    if (file.sizeBytes === 0) return kind === 'file' ? 'it is empty' : 'it is no file, and has no size';
    return mode === 'copy-on-write' ? copyOnWrite(file) : file;
  } catch (error) {
    if (error instanceof HostError) return error.message;
    throw error;
  }
}

/** The block virtualisers among the domains. */
function servers(domains: readonly ProtectionDomain[]): readonly string[] {
  return domains.filter((domain) => componentOf(domain)?.class === 'block').map(({ name }) => name);
}

function storageDevices(board: Board): readonly Device[] {
  return board.devices.filter(
    ({ compatible, status }) => status.enabled && modelFor(compatible)?.kind === 'disk',
  );
}

/** The one storage device that a selector names, or why there is none. */
function storageDevice(board: Board, selector: string): Device | string {
  const { devices, meant } = select(board, selector);
  if (devices.length === 0) {
    return meant === undefined ? 'names neither' : `names neither; did you mean "${meant}"?`;
  }
  const fitting = devices.filter((device) => storageDevices(board).includes(device));
  const [only, ...others] = fitting;
  const [first] = devices;
  if (only === undefined) {
    return first?.status.enabled === false
      ? `names ${first.path}, which is not enabled on this board`
      : `names ${first?.path ?? ''}, which is simulated without a medium`;
  }
  return others.length === 0 ? only : `names ${fitting.length} devices`;
}

/** A device by its shortest name: its alias, or its path. */
function nameOf(board: Board): (device: Device) => string {
  return ({ node, path }) => [...board.aliases].find(([, aliased]) => aliased === node)?.[0] ?? path;
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
