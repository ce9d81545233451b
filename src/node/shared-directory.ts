/**
 * Directories that guests use, on Linux. Each thing is held by a descriptor of the kind that opens nothing (O_PATH, open(2)), and what is
 * below one is reached as `/proc/self/fd/N/NAME`: the kernel goes from the descriptor to one name and, by O_NOFOLLOW or by a call that
 * never follows, no further. That is what openat(2) does, which Node has not. However somebody else moves things or puts links in
 * their places meanwhile, no call ever leaves by a path. Set-user-id and set-group-id bits are never set, and nothing but plain files
 * is opened: no guest makes a program that runs as you, and none waits at a pipe.
 */
import * as fs from 'node:fs';
import {
  HostError,
  type HostNode,
  type HostNodeChange,
  type HostNodeKind,
  type HostNodeStatus,
  type HostOpenFile,
  type HostOpening,
  type HostSpace,
} from '../base/index.ts';
import { attemptAt } from './host-errors.ts';
import { nameFromBytes, systemPath } from './paths.ts';
import { OpenFile } from './shared-file.ts';

/** Linux's, of all architectures that Node runs on (include/uapi/asm-generic/fcntl.h); Node has no name for it. */
const O_PATH = 0o10000000;
const {
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} = fs.constants;
const HOLD = O_PATH | O_NOFOLLOW;
/** Never the terminal's owner, never waiting, whatever lies there. */
const OPEN = O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
const ACCESS = { read: O_RDONLY, write: O_WRONLY, both: O_RDWR } as const;
/** Read, write and execute of three, and the sticky bit. */
const PERMISSIONS = 0o1777;
const NS_PER_SECOND = 1e9;
/** Bits of an inode's number below those that tell filesystems apart. */
const INODE_BITS = 48n;

/** What a path names, a link at its end followed, as the way into it. Throws {@link HostError}. */
export function shareDirectory(path: string): HostNode {
  const fd = attemptAt(path, () => fs.openSync(systemPath(path), O_PATH | O_DIRECTORY));
  return new SharedNode(fd, path, { kind: 'directory', target: undefined }, new Filesystems());
}

/** Whether the system has what this takes. */
export function canShareDirectories(): boolean {
  return process.platform === 'linux' && fs.existsSync('/proc/self/fd');
}

/** The filesystems that were met, so that things of the same inode number in two of them are two things. */
class Filesystems {
  readonly #numbers = new Map<bigint, bigint>();

  identity(dev: bigint, ino: bigint): bigint {
    const number = this.#numbers.get(dev) ?? BigInt(this.#numbers.size);
    this.#numbers.set(dev, number);
    return BigInt.asUintN(64, ino ^ (number << INODE_BITS));
  }
}

interface Nature {
  readonly kind: HostNodeKind;
  readonly target: string | undefined;
}

class SharedNode implements HostNode {
  readonly kind: HostNodeKind;
  readonly target: string | undefined;
  readonly #fd: number;
  /** For messages: where it was when it was reached. */
  readonly #name: string;
  readonly #filesystems: Filesystems;

  constructor(fd: number, name: string, { kind, target }: Nature, filesystems: Filesystems) {
    this.#fd = fd;
    this.#name = name;
    this.kind = kind;
    this.target = target;
    this.#filesystems = filesystems;
  }

  status(): HostNodeStatus {
    const stats = this.#attempt(() => fs.fstatSync(this.#fd, { bigint: true }));
    return {
      kind: this.kind,
      permissions: Number(stats.mode) & PERMISSIONS,
      uid: asGuest(Number(stats.uid), process.geteuid?.()),
      gid: asGuest(Number(stats.gid), process.getegid?.()),
      linkCount: stats.nlink,
      sizeBytes: this.kind === 'other' ? 0n : stats.size,
      blockBytes: stats.blksize,
      blocks: stats.blocks,
      accessedNs: stats.atimeNs,
      modifiedNs: stats.mtimeNs,
      changedNs: stats.ctimeNs,
      identity: this.#filesystems.identity(stats.dev, stats.ino),
    };
  }

  space(): HostSpace {
    const space = this.#attempt(() => fs.statfsSync(this.#self, { bigint: true }));
    return {
      blockBytes: space.bsize,
      blocks: space.blocks,
      blocksFree: space.bfree,
      blocksAvailable: space.bavail,
      files: space.files,
      filesFree: space.ffree,
    };
  }

  change({ permissions, uid, gid, sizeBytes, accessedNs, modifiedNs }: HostNodeChange): void {
    this.#attempt(() => {
      if (sizeBytes !== undefined) this.#cut(sizeBytes);
      if (uid !== undefined || gid !== undefined) this.#give(uid, gid);
      // A link has no permissions, and the call would be about what it leads to if it followed.
      if (permissions !== undefined && this.kind !== 'symlink')
        fs.chmodSync(this.#self, permissions & PERMISSIONS);
      if (accessedNs !== undefined || modifiedNs !== undefined) {
        const { atimeNs, mtimeNs } = fs.fstatSync(this.#fd, { bigint: true });
        fs.utimesSync(this.#self, seconds(accessedNs ?? atimeNs), seconds(modifiedNs ?? mtimeNs));
      }
    });
  }

  #cut(sizeBytes: number): void {
    if (this.kind !== 'file') throw systemError('EINVAL');
    const fd = fs.openSync(this.#self, O_WRONLY | O_NOCTTY | O_NONBLOCK);
    try {
      fs.ftruncateSync(fd, sizeBytes);
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Where nothing changes, nothing is asked of the system, which would refuse most people. */
  #give(uid: number | undefined, gid: number | undefined): void {
    const now = fs.fstatSync(this.#fd);
    const [owner, group] = [
      asHost(uid, process.geteuid?.()) ?? now.uid,
      asHost(gid, process.getegid?.()) ?? now.gid,
    ];
    if (owner !== now.uid || group !== now.gid) fs.chownSync(this.#self, owner, group);
  }

  open({ access, truncates = false, appends = false }: HostOpening): HostOpenFile {
    if (this.kind !== 'file') throw new HostError('EINVAL', this.#name, 'it is no file');
    const flags =
      ACCESS[access] | (truncates ? O_TRUNC : 0) | (appends ? O_APPEND : 0) | O_NOCTTY | O_NONBLOCK;
    const fd = this.#attempt(() => fs.openSync(this.#self, flags));
    return new OpenFile(fd, this.#name);
  }

  child(name: string): HostNode {
    const path = this.#below(name);
    const fd = attemptAt(path, () => fs.openSync(path, HOLD));
    try {
      const nature = attemptAt(path, () => this.#nature(fd, path));
      return new SharedNode(fd, `${this.#name}/${name}`, nature, this.#filesystems);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  /** A link's text can be read by its name only; if that is another's by now, it is that one's text, and as harmless. */
  #nature(fd: number, path: string | Buffer): Nature {
    const kind = kindOf(fs.fstatSync(fd));
    const target =
      kind === 'symlink' ? nameFromBytes(fs.readlinkSync(path, { encoding: 'buffer' })) : undefined;
    return { kind, target };
  }

  list(): readonly string[] {
    return this.#attempt(() => fs.readdirSync(this.#self, { encoding: 'buffer' }).map(nameFromBytes).sort());
  }

  createFile(
    name: string,
    permissions: number,
    { access, truncates = false, appends = false, isNew }: HostOpening & { readonly isNew: boolean },
  ): HostOpenFile {
    const path = this.#below(name);
    const there = isNew ? undefined : attemptAt(path, () => fs.lstatSync(path, { throwIfNoEntry: false }));
    if (there !== undefined && !there.isFile()) throw new HostError('EEXIST', this.#name, 'it is no file');
    const flags =
      O_CREAT |
      ACCESS[access] |
      (isNew ? O_EXCL : 0) |
      (truncates ? O_TRUNC : 0) |
      (appends ? O_APPEND : 0) |
      OPEN;
    const file = new OpenFile(
      attemptAt(path, () => fs.openSync(path, flags, permissions & PERMISSIONS)),
      `${this.#name}/${name}`,
    );
    // Whatever came in between.
    if (file.isPlain) return file;
    file.close();
    throw new HostError('ENXIO', this.#name, 'it is no file');
  }

  makeDirectory(name: string, permissions: number): void {
    const path = this.#below(name);
    attemptAt(path, () => fs.mkdirSync(path, permissions & PERMISSIONS));
  }

  makeSymlink(name: string, target: string): void {
    const path = this.#below(name);
    attemptAt(path, () => fs.symlinkSync(systemPath(target), path));
  }

  makeLink(name: string, directory: HostNode, source: string): void {
    const [from, to] = [ours(directory).#below(source), this.#below(name)];
    attemptAt(to, () => fs.linkSync(from, to));
  }

  remove(name: string, what: 'file' | 'directory'): void {
    const path = this.#below(name);
    attemptAt(path, () => (what === 'directory' ? fs.rmdirSync(path) : fs.unlinkSync(path)));
  }

  rename(name: string, directory: HostNode, newName: string): void {
    const [from, to] = [this.#below(name), ours(directory).#below(newName)];
    attemptAt(from, () => fs.renameSync(from, to));
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  /** The thing itself, by a path that stands for its descriptor. */
  get #self(): string {
    return `/proc/self/fd/${this.#fd}`;
  }

  #below(name: string): string | Buffer {
    const isSingle = name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
    if (!isSingle) throw new HostError('EINVAL', this.#name, 'a name with more than a name in it');
    if (this.kind !== 'directory') throw new HostError('ENOTDIR', this.#name, 'it is no directory');
    return systemPath(`${this.#self}/${name}`);
  }

  #attempt<T>(call: () => T): T {
    return attemptAt(this.#name, call);
  }
}

function ours(node: HostNode): SharedNode {
  if (node instanceof SharedNode) return node;
  throw new TypeError("a directory of another host's");
}

function kindOf(stats: fs.Stats): HostNodeKind {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

/** Whoever runs this is the guest's root. */
function asGuest(id: number, own: number | undefined): number {
  return id === own ? 0 : id;
}

function asHost(id: number | undefined, own: number | undefined): number | undefined {
  return id === 0 ? own : id;
}

function seconds(time: bigint | 'now'): number | Date {
  return time === 'now' ? new Date() : Number(time) / NS_PER_SECOND;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
