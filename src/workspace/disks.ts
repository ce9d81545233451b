/**
 * What block virtualisers serve under `run`, and what is in the board's own storage devices: files of this machine, read
 * only, written only in memory, or written through.
 */
import {
  attempt,
  type DiagnosticSink,
  type Host,
  HostError,
  Refusal,
  type UpdatableFile,
} from '../base/index.ts';
import { type BlockStore, copyOnWrite } from '../device/index.ts';
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
    const device = servers(domains).includes(owner) ? undefined : attempt(() => storageDevice(board, owner));
    if (device instanceof Refusal) {
      const isDomain = domains.some(({ name }) => name === owner);
      const why = isDomain ? 'is a protection domain that serves no disk' : device.message;
      const owners = [...servers(domains), ...storageDevices(board).map(nameOf(board))];
      sink.report(runCodes['no-such-disk'].at(undefined, { owner, why, owners }));
      continue;
    }
    const [stores, key] = device === undefined ? [served, owner] : [inDevices, device.path];
    if (stores.has(key)) continue;
    const store = attempt(() => open(files, path, mode));
    if (!(store instanceof Refusal)) stores.set(key, store);
    else sink.report(runCodes['disk-not-opened'].at(undefined, { owner, path, reason: store.message }));
  }
  return { served, inDevices };
}

/** The store over a file. Throws {@link Refusal}. */
function open(files: Host['files'], path: string, mode: DiskMode): BlockStore {
  if (path === '') throw new Refusal('no file is named');
  const kind = files.status(path)?.kind;
  if (kind === 'directory') throw new Refusal('it is a directory');
  const file = mode === 'write-through' ? writable(files.openForUpdate(path)) : readable(files.open(path));
  if (file.sizeBytes === 0)
    throw new Refusal(kind === 'file' ? 'it is empty' : 'it is no file, and has no size');
  return mode === 'copy-on-write' ? copyOnWrite(file) : file;
}

/** The block virtualisers with a disk of the host's among the domains. */
function servers(domains: readonly ProtectionDomain[]): readonly string[] {
  return domains
    .filter((domain) => {
      const shared = componentOf(domain);
      return shared?.class === 'block' && shared.component.served !== true;
    })
    .map(({ name }) => name);
}

function storageDevices(board: Board): readonly Device[] {
  return board.devices.filter(
    ({ compatible, status }) => status.enabled && modelFor(compatible)?.kind === 'disk',
  );
}

/** The one storage device that a selector names. Throws {@link Refusal}. */
function storageDevice(board: Board, selector: string): Device {
  const { devices, meant } = select(board, selector);
  if (devices.length === 0) {
    throw new Refusal(meant === undefined ? 'names neither' : `names neither; did you mean "${meant}"?`);
  }
  const fitting = devices.filter((device) => storageDevices(board).includes(device));
  const [only, ...others] = fitting;
  const [first] = devices;
  if (only === undefined) {
    throw new Refusal(
      first?.status.enabled === false
        ? `names ${first.path}, which is not enabled on this board`
        : `names ${first?.path ?? ''}, which is simulated without a medium`,
    );
  }
  if (others.length > 0) throw new Refusal(`names ${fitting.length} devices`);
  return only;
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
      throw new Refusal(`${file.path} is read only`);
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
  const outcome = attempt(act, HostError);
  if (outcome instanceof HostError) throw new Refusal(`${path}: ${outcome.message}`);
  return outcome;
}
