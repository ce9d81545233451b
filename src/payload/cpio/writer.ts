/**
 * Writes initial ramdisks: cpio archives in the "newc" form (Linux, Documentation/driver-api/early-userspace/
 * buffer-format.rst). The same entries give the same bytes: sorted by path, modified at time 0, inodes counted.
 */
import { alignUp, concatBytes } from '../../base/index.ts';

/** File types of `st_mode` (inode(7)). */
export const FILE_TYPE = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  characterDevice: 0o020000,
  blockDevice: 0o060000,
  fifo: 0o010000,
  socket: 0o140000,
  mask: 0o170000,
} as const;

/** A file for a cpio archive. */
export interface CpioFile {
  /** Relative, without a leading `/`. */
  readonly path: string;
  /** Type and permissions. */
  readonly mode: number;
  /** A file's content, or a symbolic link's target. */
  readonly content?: Uint8Array;
  readonly device?: { readonly major: number; readonly minor: number };
}

const HEADER_ALIGNMENT = 4;
/** What GNU cpio pads an archive to, and what a boot loader may expect. */
const ARCHIVE_ALIGNMENT = 512;
const TRAILER = 'TRAILER!!!';

/** The archive. Directories that files lie in are added where the caller left them out. */
export function writeCpio(files: readonly CpioFile[]): Uint8Array {
  const byPath = new Map<string, CpioFile>();
  for (const file of files) {
    for (const path of directoriesAbove(file.path)) {
      if (!byPath.has(path)) byPath.set(path, { path, mode: FILE_TYPE.directory | 0o755 });
    }
    byPath.set(file.path, file);
  }
  const sorted = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const entries = sorted.map((file, index) => encodeEntry(file, index + 1));
  const archive = concatBytes([...entries, encodeEntry({ path: TRAILER, mode: 0 }, 0)]);
  return concatBytes([archive, new Uint8Array(alignUp(archive.length, ARCHIVE_ALIGNMENT) - archive.length)]);
}

function directoriesAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function encodeEntry(file: CpioFile, inode: number): Uint8Array {
  const name = new TextEncoder().encode(`${file.path}\0`);
  const content = file.content ?? new Uint8Array(0);
  const isDirectory = (file.mode & FILE_TYPE.mask) === FILE_TYPE.directory;
  const links = inode === 0 ? 1 : isDirectory ? 2 : 1;
  const { major, minor } = file.device ?? { major: 0, minor: 0 };
  const fields = [inode, file.mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length, 0];
  const header = new TextEncoder().encode(
    `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`,
  );
  const contentAt = alignUp(header.length + name.length, HEADER_ALIGNMENT);
  const entry = new Uint8Array(alignUp(contentAt + content.length, HEADER_ALIGNMENT));
  entry.set(header);
  entry.set(name, header.length);
  entry.set(content, contentAt);
  return entry;
}
