/**
 * A directory of the host's that somebody else may use, and nothing beside it: each thing in it is held by itself, as a file
 * descriptor holds it, and reached by one name at a time, so that no path ever leads out. Every call throws `HostError` where the
 * system refuses.
 */

/** What a thing in a directory is. */
export type HostNodeKind = 'file' | 'directory' | 'symlink' | 'other';

/** What the system knows of one. Times are in nanoseconds since 1970. */
export interface HostNodeStatus {
  readonly kind: HostNodeKind;
  /** The nine permission bits and the sticky bit. */
  readonly permissions: number;
  /** Of its owner and group; those of whoever runs this program are 0, since it is with their rights that a guest's root works. */
  readonly uid: number;
  readonly gid: number;
  readonly linkCount: bigint;
  readonly sizeBytes: bigint;
  readonly blockBytes: bigint;
  /** In units of 512 bytes. */
  readonly blocks: bigint;
  readonly accessedNs: bigint;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
  /** The same for the same thing, under whatever names. */
  readonly identity: bigint;
}

/** What may be changed of one; what is not named stays. */
export interface HostNodeChange {
  readonly permissions?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly sizeBytes?: number;
  /** `now` is the host's own time. */
  readonly accessedNs?: bigint | 'now';
  readonly modifiedNs?: bigint | 'now';
}

/** The filesystem that a thing is in. */
export interface HostSpace {
  readonly blockBytes: bigint;
  readonly blocks: bigint;
  readonly blocksFree: bigint;
  readonly blocksAvailable: bigint;
  readonly files: bigint;
  readonly filesFree: bigint;
}

/** How a file is opened. */
export interface HostOpening {
  readonly access: 'read' | 'write' | 'both';
  readonly truncates?: boolean;
  readonly appends?: boolean;
}

/** A file that was opened. */
export interface HostOpenFile {
  /** Up to so many bytes; fewer at its end only. */
  read(offsetBytes: number, sizeBytes: number): Uint8Array;
  write(offsetBytes: number, content: Uint8Array): void;
  /** Comes back when what was written is on the medium. */
  sync(): void;
  close(): void;
}

/**
 * A thing in a shared directory, held whatever becomes of its name. Names are single ones: no `/`, no NUL, neither `.` nor `..`,
 * not empty; whatever else they are is refused with `EINVAL`. Nothing follows a symbolic link.
 */
export interface HostNode {
  readonly kind: HostNodeKind;
  status(): HostNodeStatus;
  space(): HostSpace;
  change(change: HostNodeChange): void;
  /** A symbolic link's text. */
  readonly target: string | undefined;
  /** Of a file only. */
  open(opening: HostOpening): HostOpenFile;
  /** What a directory has under this name. */
  child(name: string): HostNode;
  /** A directory's names, sorted by code point. */
  list(): readonly string[];
  /** A new file, opened; there must be nothing of that name where `isNew`. */
  createFile(
    name: string,
    permissions: number,
    opening: HostOpening & { readonly isNew: boolean },
  ): HostOpenFile;
  makeDirectory(name: string, permissions: number): void;
  makeSymlink(name: string, target: string): void;
  /** Another name, here, for what `directory` has under `source`. */
  makeLink(name: string, directory: HostNode, source: string): void;
  remove(name: string, what: 'file' | 'directory'): void;
  rename(name: string, directory: HostNode, newName: string): void;
  close(): void;
}
