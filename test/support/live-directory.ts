/** A directory tree in memory, behind the parts of `HostFiles` that readers of directories take. */
import { HostError } from '../../src/base/index.ts';
import { encodeLatin1, type LiveFiles } from '../../src/devicetree/index.ts';

/** What stands at a path: a directory, a file's content, a link, or something that can't be used. */
export type MemoryEntry =
  | { readonly [name: string]: MemoryEntry }
  | Uint8Array
  | string
  | MemoryLink
  | MemoryOdd;

export class MemoryLink {
  readonly target: string;
  constructor(target: string) {
    this.target = target;
  }
}

/** A socket, an entry that may not be read, or a file that is shorter than its directory says. */
export class MemoryOdd {
  readonly kind: 'other' | 'no-access' | 'no-access-directory' | 'shrunk' | 'secret';
  constructor(kind: MemoryOdd['kind']) {
    this.kind = kind;
  }
}

const LINKS_FOLLOWED = 40;
const SHRUNK_BYTES = 8;

/** Names are taken as the host gives them; text is one byte a character. */
export function liveDirectory(root: MemoryEntry): LiveFiles {
  const find = (path: string, links = 0): MemoryEntry | undefined => {
    let at: MemoryEntry | undefined = root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      at = isDirectory(at) && Object.hasOwn(at, name) ? at[name] : undefined;
      if (at instanceof MemoryLink) {
        if (links === LINKS_FOLLOWED) throw new HostError('ELOOP', path, 'too many levels of symbolic links');
        at = find(at.target, links + 1);
      }
    }
    return at;
  };
  const entry = (path: string): MemoryEntry => {
    const found = find(path);
    if (found === undefined) throw new HostError('ENOENT', path, 'no such file or directory');
    if (found instanceof MemoryOdd && found.kind.startsWith('no-access')) {
      throw new HostError('EACCES', path, 'permission denied');
    }
    return found;
  };
  const content = (path: string): Uint8Array => {
    const found = entry(path);
    if (found instanceof Uint8Array) return found;
    return encodeLatin1(typeof found === 'string' ? found : 'what is not shown');
  };
  return {
    status(path, options) {
      const slash = path.lastIndexOf('/');
      const parent = find(path.slice(0, slash));
      const own = isDirectory(parent) ? parent[path.slice(slash + 1)] : undefined;
      if (options?.followSymlinks === false && own instanceof MemoryLink) {
        return { kind: 'symlink', sizeBytes: own.target.length };
      }
      const found = find(path);
      if (found === undefined) return undefined;
      if (isDirectory(found)) return { kind: 'directory', sizeBytes: 0 };
      if (found instanceof MemoryOdd) {
        if (found.kind === 'other') return { kind: 'other', sizeBytes: 0 };
        if (found.kind === 'no-access-directory') return { kind: 'directory', sizeBytes: 0 };
        return { kind: 'file', sizeBytes: found.kind === 'secret' ? 0 : SHRUNK_BYTES };
      }
      return { kind: 'file', sizeBytes: found instanceof MemoryLink ? 0 : found.length };
    },
    list(path) {
      const found = entry(path);
      if (!isDirectory(found)) throw new HostError('ENOTDIR', path, 'not a directory');
      return Object.keys(found).sort();
    },
    read: content,
    open(path) {
      const found = entry(path);
      if (found instanceof MemoryOdd) {
        return { path, sizeBytes: SHRUNK_BYTES, read: () => new Uint8Array(1), close: () => {} };
      }
      const bytes = content(path);
      return {
        path,
        sizeBytes: bytes.length,
        read: (offsetBytes, sizeBytes) => bytes.subarray(offsetBytes, offsetBytes + sizeBytes),
        close: () => {},
      };
    },
    readLink(path) {
      const slash = path.lastIndexOf('/');
      const parent = find(path.slice(0, slash));
      const own = isDirectory(parent) ? parent[path.slice(slash + 1)] : undefined;
      return own instanceof MemoryLink ? own.target : '';
    },
    join: (...parts) => parts.join('/'),
  };
}

function isDirectory(entry: MemoryEntry | undefined): entry is { readonly [name: string]: MemoryEntry } {
  return (
    typeof entry === 'object' &&
    !(entry instanceof Uint8Array) &&
    !(entry instanceof MemoryLink) &&
    !(entry instanceof MemoryOdd)
  );
}
