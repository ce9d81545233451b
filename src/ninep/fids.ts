/**
 * What a client holds: its own numbers for things in the shared directory (fids). Each has the thing itself, so that it stays what
 * it is under another name, and the names by which it was reached, for what the protocol asks of the directory above it.
 */
import type { HostNode, HostOpenFile } from '../base/index.ts';
import { NinepError } from './errors.ts';
import { NAME_BYTES_MAX } from './messages.ts';
import { bytesOfText } from './text.ts';

/** So many at a time: each is a descriptor of this process's, or two. Linux has one for each name that it remembers. */
const FIDS_MAX = 4096;
/** Names below one another: far more than a path of Linux's can have. */
const DEPTH_MAX = 1024;
/** Names of directories that are being listed, altogether. */
const LISTED_NAMES_MAX = 1 << 20;

/** A thing that several fids may have; closed when the last one goes. */
export class HeldNode {
  readonly node: HostNode;
  #holders = 1;

  constructor(node: HostNode) {
    this.node = node;
  }

  hold(): this {
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.node.close();
  }
}

/** The names from the root to a thing. */
export type Place = readonly string[];

export class Fid {
  readonly held: HeldNode;
  place: Place;
  file: HostOpenFile | undefined;
  /** Of a directory that is open: what it had when its listing began. */
  names: readonly string[] | undefined;

  constructor(held: HeldNode, place: Place) {
    this.held = held;
    this.place = place;
  }

  get node(): HostNode {
    return this.held.node;
  }

  close(): void {
    this.file?.close();
    this.held.release();
  }
}

export class FidTable {
  /** Held by the table itself too, which never lets go of it: it is its owner's to close. */
  readonly #root: HeldNode;
  readonly #fids = new Map<number, Fid>();

  constructor(root: HostNode) {
    this.#root = new HeldNode(root);
  }

  /** The thing that a fid stands for. Throws EBADF where it stands for none. */
  at(number: number): Fid {
    const fid = this.#fids.get(number);
    if (fid === undefined) throw new NinepError('EBADF');
    return fid;
  }

  /** Takes a number for a thing; from then on it is the table's to close. Throws, and closes it, where that can't be. */
  add(number: number, fid: Fid): void {
    const reason = this.#fids.has(number) ? 'EBADF' : this.#fids.size >= FIDS_MAX ? 'EMFILE' : undefined;
    if (reason !== undefined) {
      fid.close();
      throw new NinepError(reason);
    }
    this.#fids.set(number, fid);
  }

  remove(number: number): void {
    this.at(number).close();
    this.#fids.delete(number);
  }

  /** Puts another thing in the place of what the number stood for. */
  replace(number: number, fid: Fid): void {
    this.#fids.get(number)?.close();
    this.#fids.set(number, fid);
  }

  has(number: number): boolean {
    return this.#fids.has(number);
  }

  clear(): void {
    for (const fid of this.#fids.values()) fid.close();
    this.#fids.clear();
  }

  /** The root, as a new fid. */
  root(): Fid {
    return new Fid(this.#root.hold(), []);
  }

  /** What lies one name further; `..` never leads beyond the root. */
  step(from: Fid, name: string): Fid {
    if (name === '..') return this.reach(from.place.slice(0, -1));
    return new Fid(new HeldNode(from.node.child(goodName(name))), deeper(from.place, name));
  }

  /** What lies at a place now. */
  reach(place: Place): Fid {
    let fid = this.root();
    for (const name of place) {
      const above = fid;
      try {
        fid = this.step(above, name);
      } finally {
        above.close();
      }
    }
    return fid;
  }

  /** The directory that a fid's place is in, with its name there; it is closed after `work`. The root has none: EBUSY. */
  above<T>(fid: Fid, work: (directory: HostNode, name: string) => T): T {
    const name = fid.place.at(-1);
    if (name === undefined) throw new NinepError('EBUSY');
    const directory = this.reach(fid.place.slice(0, -1));
    try {
      return work(directory.node, name);
    } finally {
      directory.close();
    }
  }

  /** Something was renamed: what was reached by its old name, and what lies below it, has another place. */
  moved(from: Place, to: Place): void {
    for (const fid of this.#fids.values()) {
      if (!from.every((name, at) => fid.place[at] === name)) continue;
      fid.place = [...to, ...fid.place.slice(from.length)];
    }
  }

  /** Begins to list an open directory. */
  list(fid: Fid): void {
    fid.names = undefined;
    const names = fid.node.list();
    let listed = names.length;
    for (const other of this.#fids.values()) listed += other.names?.length ?? 0;
    if (listed > LISTED_NAMES_MAX) throw new NinepError('ENOMEM');
    fid.names = names;
  }
}

/** The place of something in a directory. Throws where that is too deep to be meant. */
export function deeper(place: Place, name: string): Place {
  if (place.length >= DEPTH_MAX) throw new NinepError('ENAMETOOLONG');
  return [...place, name];
}

/** A name that stands for one thing in one directory. */
export function goodName(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) throw new NinepError('EINVAL');
  if (bytesOfText(name).length > NAME_BYTES_MAX) throw new NinepError('ENAMETOOLONG');
  return name;
}
