/**
 * A filesystem as this room sees it, wherever it is: nodes that are read when they are asked for, and paths resolved
 * inside it, symbolic links included. Nothing is ever written.
 */
import type { ByteSource } from '../bytes/source.ts';

/** Who may do what with a node. */
export interface FileAttributes {
  /** The lower twelve bits of its mode. */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  /** When it was last modified, in seconds since 1970. */
  readonly modifiedSeconds: number;
}

/** A file, directory or link, read when it is asked for. */
export interface FileNode {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly sizeBytes: number;
  /** A directory's entries, without `.` and `..`; empty for anything else. */
  entries(): ReadonlyMap<string, FileNode>;
  /** A file's content. */
  open(): ByteSource;
  /** Where a symbolic link leads. */
  target(): string;
  /** Where the reader of its filesystem tells them. */
  readonly attributes?: FileAttributes;
}

/** A filesystem as a tree of nodes; paths are resolved inside it. */
export interface FileSystem {
  /** `raw`: no filesystem, but one boot image, which is its only file. */
  readonly kind: 'ext4' | 'fat' | 'tar' | 'directory' | 'raw';
  readonly label: string;
  readonly uuid: string;
  readonly root: FileNode;
  /** FAT's names are found whatever their case. */
  readonly ignoresCase: boolean;
}

/** As many as Linux follows (namei.c, MAXSYMLINKS). */
const SYMLINK_LIMIT = 40;

/** The node at a path, `/` being the filesystem's own root; `..` above it stays there. */
export function resolvePath(system: FileSystem, path: string): FileNode | undefined {
  const pending = path.split('/').reverse();
  const trail: FileNode[] = [system.root];
  let followed = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (trail.length > 1) trail.pop();
      continue;
    }
    const found = childNamed(system, trail.at(-1), name);
    if (found === undefined) return undefined;
    if (found.kind !== 'symlink') {
      trail.push(found);
      continue;
    }
    if (++followed > SYMLINK_LIMIT) return undefined;
    const target = found.target();
    if (target.startsWith('/')) trail.length = 1;
    pending.push(...target.split('/').reverse());
  }
  return trail.at(-1);
}

function childNamed(system: FileSystem, directory: FileNode | undefined, name: string): FileNode | undefined {
  const entries = directory?.entries();
  const exact = entries?.get(name);
  if (exact !== undefined || !system.ignoresCase) return exact;
  const wanted = name.toLowerCase();
  for (const [other, node] of entries ?? []) if (other.toLowerCase() === wanted) return node;
  return undefined;
}

/** The file at a path, links followed; `undefined` where there is none. */
export function openPath(system: FileSystem, path: string): ByteSource | undefined {
  const node = resolvePath(system, path);
  return node?.kind === 'file' ? node.open() : undefined;
}

/** The names in the directory at a path, sorted; none where there is no such directory. */
export function namesIn(system: FileSystem, path: string): readonly string[] {
  return [...(resolvePath(system, path)?.entries().keys() ?? [])].sort();
}

export interface WalkLimits {
  readonly depth: number;
  readonly files: number;
}

/** Paths of all files below a directory, sorted within each directory; links are not followed. */
export function* filesBelow(system: FileSystem, path: string, limits: WalkLimits): Generator<string> {
  const top = resolvePath(system, path);
  if (top === undefined) return;
  const pending: { readonly path: string; readonly node: FileNode; readonly depth: number }[] = [
    { path: path === '/' ? '' : path, node: top, depth: 0 },
  ];
  let found = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.node.kind === 'file') {
      if (++found > limits.files) return;
      yield next.path;
    }
    if (next.node.kind !== 'directory' || next.depth > limits.depth) continue;
    const below = [...next.node.entries()].sort(([a], [b]) => (a < b ? 1 : -1));
    for (const [name, node] of below)
      pending.push({ path: `${next.path}/${name}`, node, depth: next.depth + 1 });
  }
}

export const NO_ENTRIES: ReadonlyMap<string, FileNode> = new Map();
