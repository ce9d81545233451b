/**
 * A host whose files are in memory: for a page in a browser, which has no others, and for programs that plan and run without leaving
 * anything behind. It has directories and files, no links, no processes and no terminal; paths are POSIX's, seen from `/`.
 */
import {
  type FileStatus,
  type Host,
  HostError,
  type HostFiles,
  type UpdatableFile,
  type Wake,
} from '../base/index.ts';

/** The parts of a path, with `.` and `..` taken out. */
function partsOf(path: string): readonly string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts;
}

const keyOf = (path: string): string => `/${partsOf(path).join('/')}`;

function missing(path: string): HostError {
  return new HostError('ENOENT', path, 'no such file or directory');
}

class MemoryFiles implements HostFiles {
  readonly #contents = new Map<string, Uint8Array>();
  readonly #directories = new Set<string>(['/']);
  /** When contents were last written to: this host's clock counts writes. */
  readonly #written = new WeakMap<Uint8Array, number>();
  #writes = 0;
  #temporaryCount = 0;

  status(path: string): FileStatus | undefined {
    const key = keyOf(path);
    const content = this.#contents.get(key);
    if (content !== undefined) {
      return { kind: 'file', sizeBytes: content.length, modifiedMs: this.#written.get(content) ?? 0 };
    }
    return this.#directories.has(key) ? { kind: 'directory', sizeBytes: 0 } : undefined;
  }

  read(path: string): Uint8Array {
    const content = this.#contents.get(keyOf(path));
    if (content === undefined) throw missing(path);
    return content;
  }

  open(path: string): UpdatableFile {
    return this.openForUpdate(path);
  }

  openForUpdate(path: string): UpdatableFile {
    const content = this.read(path);
    return {
      path,
      sizeBytes: content.length,
      read: (offsetBytes, sizeBytes) => content.subarray(offsetBytes, offsetBytes + sizeBytes),
      write: (offsetBytes, written) => {
        content.set(written, offsetBytes);
        this.#noteWrite(content);
      },
      sync: () => {},
      close: () => {},
    };
  }

  #noteWrite(content: Uint8Array): void {
    this.#writes += 1;
    this.#written.set(content, this.#writes);
  }

  list(path: string): readonly string[] {
    const key = keyOf(path);
    if (!this.#directories.has(key)) throw missing(path);
    const prefix = key === '/' ? key : `${key}/`;
    const names = [...this.#contents.keys(), ...this.#directories]
      .filter((each) => each.startsWith(prefix) && each !== key)
      .map((each) => each.slice(prefix.length).split('/')[0] ?? '');
    return [...new Set(names)].sort();
  }

  readLink(path: string): string {
    throw new HostError('EINVAL', path, 'there are no links in memory');
  }

  makeDirectory(path: string): void {
    const parts = partsOf(path);
    for (const end of parts.keys()) this.#directories.add(`/${parts.slice(0, end + 1).join('/')}`);
  }

  writeAtomically(path: string, content: Uint8Array | string): void {
    if (this.#directories.has(keyOf(path))) throw new HostError('EISDIR', path, 'it is a directory');
    if (!this.#directories.has(keyOf(this.dirname(path)))) throw missing(path);
    const own = typeof content === 'string' ? new TextEncoder().encode(content) : content.slice();
    this.#contents.set(keyOf(path), own);
    this.#noteWrite(own);
  }

  create(path: string): ReturnType<HostFiles['create']> {
    let content = new Uint8Array(0);
    this.writeAtomically(path, content);
    const resize = (sizeBytes: number) => {
      const resized = new Uint8Array(sizeBytes);
      resized.set(content.subarray(0, sizeBytes));
      content = resized;
    };
    return {
      path,
      write: (offsetBytes, written) => {
        if (offsetBytes + written.length > content.length) resize(offsetBytes + written.length);
        content.set(written, offsetBytes);
      },
      finish: (sizeBytes) => {
        resize(sizeBytes);
        this.#contents.set(keyOf(path), content);
        this.#noteWrite(content);
      },
    };
  }

  rename(from: string, to: string): void {
    const [source, target] = [keyOf(from), keyOf(to)];
    if (this.status(from) === undefined) throw missing(from);
    if (this.#directories.has(target) && this.list(to).length > 0)
      throw new HostError('ENOTEMPTY', to, 'the directory is not empty');
    const moved = (key: string) => (key === source ? target : `${target}${key.slice(source.length)}`);
    const isBelow = (key: string) => key === source || key.startsWith(`${source}/`);
    for (const [key, content] of [...this.#contents].filter(([each]) => isBelow(each))) {
      this.#contents.delete(key);
      this.#contents.set(moved(key), content);
    }
    for (const key of [...this.#directories].filter(isBelow)) {
      this.#directories.delete(key);
      this.#directories.add(moved(key));
    }
  }

  makeTemporaryDirectory(prefix: string): string {
    this.#temporaryCount += 1;
    const path = `${prefix}${this.#temporaryCount}`;
    this.makeDirectory(path);
    return path;
  }

  withLock<T>(_path: string, work: () => Promise<T>): Promise<T> {
    return work();
  }

  remove(path: string): void {
    const key = keyOf(path);
    const isBelow = (each: string) => each === key || each.startsWith(`${key}/`);
    for (const each of [...this.#contents.keys()].filter(isBelow)) this.#contents.delete(each);
    for (const each of [...this.#directories].filter(isBelow)) this.#directories.delete(each);
  }

  join(...parts: readonly string[]): string {
    const path = parts.filter((part) => part !== '').join('/');
    const plain = partsOf(path).join('/');
    return path.startsWith('/') ? `/${plain}` : plain === '' ? '.' : plain;
  }

  relative(directory: string, path: string): string {
    const [from, to] = [partsOf(directory), partsOf(path)];
    let common = 0;
    while (common < from.length && common < to.length && from[common] === to[common]) common += 1;
    return [...from.slice(common).map(() => '..'), ...to.slice(common)].join('/');
  }

  dirname(path: string): string {
    const at = path.replace(/\/+$/, '').lastIndexOf('/');
    return at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at);
  }

  basename(path: string): string {
    return partsOf(path).at(-1) ?? '';
  }
}

/** A host with these files, by path; directories above them are made. */
export function memoryHost(contents: Readonly<Record<string, Uint8Array | string>> = {}): Host {
  const files = new MemoryFiles();
  for (const [path, content] of Object.entries(contents)) {
    files.makeDirectory(files.dirname(path));
    files.writeAtomically(path, content);
  }
  return {
    files,
    processes: {
      run: async (command) => {
        throw new HostError('ENOENT', command, 'there are no programs here');
      },
    },
    cacheDirectory: '/cache',
    nowMs: () => performance.now(),
    pause,
    progress: () => {},
  };
}

function pause(ms: number, wake?: Wake): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      if (wake !== undefined) {
        wake.onWake = undefined;
        wake.pending = false;
      }
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, wake?.pending === true ? 0 : ms);
    if (wake !== undefined) wake.onWake = end;
  });
}
