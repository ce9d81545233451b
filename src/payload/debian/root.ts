/**
 * `payload debian --root`: a disk with Debian's arm64 userland on it, from packages of the isolated apt. The packages' files,
 * with their modes and owners, go into an ext4 filesystem of our own making, in the one partition of an image; no right is
 * needed for it, and no tool but apt and dpkg-deb. Maintainer scripts are read, not run: for the links that they ask update-alternatives
 * for (`alternatives.ts`); the rest of what they would do is in `root-files.ts`.
 */
import type { DiagnosticSink } from '../../base/index.ts';
import { bytesSource } from '../bytes/source.ts';
import { FIRST_PARTITION_OFFSET, masterBootRecord } from '../disk/mbr.ts';
import { Ext4Full, writeExt4 } from '../filesystem/ext4-writer.ts';
import { DIRECTORY_ATTRIBUTES, MemoryNode } from '../filesystem/memory-node.ts';
import { openTar } from '../filesystem/tar.ts';
import type { FileNode } from '../filesystem/tree.ts';
import { SHADOW_GROUP, shadowed } from './accounts.ts';
import { alternativeOf, installAlternatives } from './alternatives.ts';
import { type IsolatedApt, lastComplaint } from './apt.ts';
import { fetchClosure } from './closure.ts';
import { debianCodes } from './diagnostics.ts';
import { commandsOf } from './maintainer-script.ts';
import { PAM_FILES, pamFile } from './pam.ts';
import {
  COPIED_FILES,
  EMPTY_DIRECTORIES,
  INITS,
  type Init,
  MERGED_DIRECTORIES,
  ownFiles,
} from './root-files.ts';

/** What every root has beside an init: the packages that Debian calls essential, and the word that /usr is merged. */
const PACKAGES = ['?essential', 'usr-is-merged'] as const;

/** The same for every image, so that a request can name it; another one is for those who attach two. */
export const DEFAULT_ROOT_UUID = 'd21e5e12-0c4d-4a5b-9f10-6d656d6d6301';

/** The size of a root filesystem's image where nothing is said: 512 MiB. */
export const DEFAULT_ROOT_BYTES = 512 * 2 ** 20;
const LABEL = 'drivervm';

/** Which packages, init, size in bytes and UUID a root filesystem is to have. */
export interface DebianRootRequest {
  /** Beyond those that every root has; systemd-sysv among them makes systemd the init. */
  readonly packages: readonly string[];
  readonly sizeBytes: number;
  readonly uuid: string;
  /** The image that is made. */
  readonly path: string;
}

/** The image that was written, and what to say as `root=`. */
export interface DebianRoot {
  readonly path: string;
  readonly sizeBytes: number;
  readonly uuid: string;
  readonly packages: number;
  readonly init: Init;
}

/** `undefined` where something is amiss, which the sink says. */
export async function makeDebianRoot(
  apt: IsolatedApt,
  request: DebianRootRequest,
  sink: DiagnosticSink,
): Promise<DebianRoot | undefined> {
  const { host } = apt;
  const init = request.packages.includes('systemd-sysv') ? 'systemd' : 'sysvinit';
  const names = new Set([...PACKAGES, ...INITS[init], ...request.packages]);
  const debs = await fetchClosure(apt, [...names], sink);
  if (debs === undefined) return undefined;
  const root = new MemoryNode('directory', DIRECTORY_ATTRIBUTES);
  for (const name of MERGED_DIRECTORIES) {
    root.children.set(name, new MemoryNode('symlink', DIRECTORY_ATTRIBUTES, undefined, `usr/${name}`));
  }
  const commands: (readonly string[])[] = [];
  for (const [index, deb] of debs.entries()) {
    host.progress(`unpacking packages: ${index} of ${debs.length} …`);
    const files = await tarOf(apt, deb, '--fsys-tarfile', sink);
    const control = files && (await tarOf(apt, deb, '--ctrl-tarfile', sink));
    if (files === undefined || control === undefined) return undefined;
    merge(root, files);
    const script = control.entries().get('postinst');
    if (script?.kind === 'file') commands.push(...commandsOf(textOf(script)));
  }
  host.progress('');
  const modifiedSeconds = newestOf(root);
  const alternatives = commands.map(alternativeOf).filter((found) => found !== undefined);
  installAlternatives(root, alternatives, modifiedSeconds);
  complete(root, init, request.uuid, modifiedSeconds);
  const { path, sizeBytes, uuid } = request;
  const written = writeImage(apt, root, request, sink);
  return written ? { path, sizeBytes, uuid, packages: debs.length, init } : undefined;
}

/** What is in one of a package's two archives. */
async function tarOf(
  { host }: IsolatedApt,
  deb: string,
  which: '--fsys-tarfile' | '--ctrl-tarfile',
  sink: DiagnosticSink,
): Promise<FileNode | undefined> {
  const outcome = await host.processes.run('dpkg-deb', [which, deb]);
  if (outcome.status === 0) return openTar(bytesSource(deb, outcome.stdout), sink).root;
  sink.report(debianCodes['broken-package'].at(undefined, { path: deb, reason: lastComplaint(outcome) }));
  return undefined;
}

function textOf(file: FileNode): string {
  const content = file.open();
  return new TextDecoder().decode(content.read(0, content.sizeBytes));
}

/** A package's files, where they come to lie once `/usr` is merged. */
function merge(root: MemoryNode, from: FileNode): void {
  const pending: (readonly [parts: readonly string[], node: FileNode])[] = [[[], from]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [parts, node] = next;
    const merged = MERGED_DIRECTORIES.some((name) => name === parts[0]) ? ['usr', ...parts] : parts;
    const directory = root.directoryAt(merged);
    if (node.attributes !== undefined && parts.length > 0) directory.attributes = node.attributes;
    for (const [name, child] of node.entries()) {
      if (child.kind === 'directory') pending.push([[...parts, name], child]);
      else directory.children.set(name, child);
    }
  }
}

function complete(root: MemoryNode, init: Init, uuid: string, modifiedSeconds: number): void {
  const placeOf = (path: string): [MemoryNode, string] => {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    return [root.directoryAt(parts), name];
  };
  const put = (path: string, node: FileNode): void => {
    const [directory, name] = placeOf(path);
    if (!directory.children.has(name)) directory.children.set(name, node);
  };
  for (const path of EMPTY_DIRECTORIES) root.directoryAt(path.split('/'));
  for (const [from, to] of COPIED_FILES) {
    const [directory, name] = placeOf(from);
    const node = directory.children.get(name);
    if (node?.kind === 'file')
      put(to, new MemoryNode('file', node.attributes ?? DIRECTORY_ATTRIBUTES, node.open()));
  }
  const write = (path: string, text: string, permissions = 0o644, gid = 0): void => {
    const content = bytesSource(path, new TextEncoder().encode(text));
    put(path, new MemoryNode('file', { permissions, uid: 0, gid, modifiedSeconds }, content));
  };
  for (const [path, text] of ownFiles(init, uuid, modifiedSeconds)) {
    write(path, text, path.startsWith('etc/drivervm/') ? 0o755 : 0o644);
  }
  const passwd = root.directoryAt(['usr', 'share', 'base-passwd']).children.get('passwd.master');
  if (passwd?.kind === 'file') {
    const accounts = shadowed(textOf(passwd), modifiedSeconds);
    write('etc/passwd', accounts.passwd);
    write('etc/shadow', accounts.shadow, 0o640, SHADOW_GROUP);
  }
  const profiles = [...root.directoryAt(['usr', 'share', 'pam-configs']).children]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, node]) => (node.kind === 'file' ? [textOf(node)] : []));
  for (const kind of PAM_FILES) {
    const template = root.directoryAt(['usr', 'share', 'pam']).children.get(kind.file);
    if (template?.kind === 'file') write(`etc/pam.d/${kind.file}`, pamFile(kind, textOf(template), profiles));
  }
}

function newestOf(root: FileNode): number {
  let newest = 0;
  const pending: FileNode[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    newest = Math.max(newest, node.attributes?.modifiedSeconds ?? 0);
    pending.push(...node.entries().values());
  }
  return newest;
}

/** Written beside and renamed. */
function writeImage(
  { host: { files } }: IsolatedApt,
  root: FileNode,
  { path, sizeBytes, uuid }: DebianRootRequest,
  sink: DiagnosticSink,
): boolean {
  const beside = `${path}.part`;
  files.remove(beside);
  files.makeDirectory(files.dirname(path));
  const writer = files.create(beside);
  try {
    const filesystemBytes = sizeBytes - FIRST_PARTITION_OFFSET;
    writeExt4(root, { sizeBytes: filesystemBytes, uuid, label: LABEL }, (offset, content) =>
      writer.write(FIRST_PARTITION_OFFSET + offset, content),
    );
    writer.write(0, masterBootRecord(sizeBytes, Number.parseInt(uuid.slice(0, 8), 16)));
  } catch (error) {
    writer.finish(0);
    files.remove(beside);
    if (!(error instanceof Ext4Full)) throw error;
    sink.report(debianCodes['root-too-small'].at(undefined, { path, sizeBytes }));
    return false;
  }
  writer.finish(sizeBytes);
  files.rename(beside, path);
  return true;
}
