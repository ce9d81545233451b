/** Host directories that guests of a run are given: `--share [VM:]NAME=DIR[:ro]`, opened before anything runs. */
import { attempt, type DiagnosticSink, type Host, type HostNode, Refusal } from '../base/index.ts';
import { NinepServer } from '../ninep/index.ts';
import { runCodes } from '../run/index.ts';
import { type VirtioDevice, VirtioNinep } from '../vmm/index.ts';

/** A directory as it was asked for. */
export interface ShareRequest {
  /** The one virtual machine that gets it; every one where none is named. */
  readonly vm?: string;
  /** The tag by which the guest mounts it. */
  readonly name: string;
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** One that was opened. */
export interface OpenShare extends ShareRequest {
  readonly root: HostNode;
  /** Those who serve it, for each virtual machine. A guest that starts anew has another. */
  readonly servers: Map<string, NinepServer[]>;
}

/** A name is a directory's in the guest, and a word in its shell. */
const SHARE = /^(?:(?<vm>[^:=/]+):)?(?<name>[A-Za-z0-9][\w.-]{0,63})=(?<path>.+)$/s;
const READ_ONLY = ':ro';

/** Throws {@link Refusal} where it is not of that form. */
export function parseShare(given: string): ShareRequest {
  const { vm, name, path } = SHARE.exec(given)?.groups ?? {};
  if (name === undefined || path === undefined || path === READ_ONLY)
    throw new Refusal(
      'It is [VM:]NAME=DIR or [VM:]NAME=DIR:ro; a name is of letters, digits, "_", "." and "-"',
    );
  const isReadOnly = path.endsWith(READ_ONLY);
  return {
    ...(vm === undefined ? {} : { vm }),
    name,
    path: isReadOnly ? path.slice(0, -READ_ONLY.length) : path,
    isReadOnly,
  };
}

/** Opens them all; what can't be opened is reported. `machines`: the guests that there are. */
export function openShares(
  host: Pick<Host, 'shareDirectory'>,
  given: readonly string[],
  machines: readonly string[],
  sink: DiagnosticSink,
): readonly OpenShare[] {
  const open: OpenShare[] = [];
  for (const text of given) {
    const share = attempt(() => openShare(host, text, machines, open));
    if (share instanceof Refusal)
      sink.report(runCodes['share-not-opened'].at(undefined, { given: text, reason: share.message }));
    else open.push(share);
  }
  return open;
}

function openShare(
  host: Pick<Host, 'shareDirectory'>,
  text: string,
  machines: readonly string[],
  others: readonly OpenShare[],
): OpenShare {
  const share = parseShare(text);
  if (share.vm !== undefined && !machines.includes(share.vm))
    throw new Refusal(`the description has no virtual machine ${share.vm}, only ${machines.join(', ')}`);
  const isTaken = others.some(
    ({ name, vm }) => name === share.name && (vm === undefined || share.vm === undefined || vm === share.vm),
  );
  if (isTaken) throw new Refusal(`another directory is called ${share.name}`);
  if (host.shareDirectory === undefined)
    throw new Refusal('directories are shared on Linux only, whose /proc keeps a guest within them');
  return { ...share, root: host.shareDirectory(share.path), servers: new Map() };
}

/** Those that a virtual machine gets. */
export function sharesOf(vm: string, shares: readonly OpenShare[]): readonly OpenShare[] {
  return shares.filter((share) => share.vm === undefined || share.vm === vm);
}

/** The device by which a virtual machine reaches one. */
export function shareDevice(vm: string, { name, root, isReadOnly, servers }: OpenShare): VirtioDevice {
  const server = new NinepServer({ root, isReadOnly });
  servers.set(vm, [...(servers.get(vm) ?? []), server]);
  return new VirtioNinep(name, server);
}

/** Those that a virtual machine was given and never mounted. */
export function unmountedShares(vm: string, shares: readonly OpenShare[]): readonly OpenShare[] {
  return shares.filter(({ servers }) => servers.get(vm)?.every(({ wasMounted }) => !wasMounted) === true);
}
