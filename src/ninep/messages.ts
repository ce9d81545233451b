/**
 * The messages of 9P2000.L: 9P2000 (Plan 9's section 5 of the manual: intro(5), attach(5), walk(5) and so on) with the messages that
 * Linux's filesystem sends instead of open, create and stat (diod's protocol.md; Linux, include/net/9p/9p.h). Each is four bytes of
 * size, one of type, two of tag, and its fields, little-endian.
 */

/** Types of messages; an answer's is one more than its question's. Tlerror is never sent. */
export const MESSAGE = {
  Rlerror: 7,
  Tstatfs: 8,
  Tlopen: 12,
  Tlcreate: 14,
  Tsymlink: 16,
  Tmknod: 18,
  Trename: 20,
  Treadlink: 22,
  Tgetattr: 24,
  Tsetattr: 26,
  Txattrwalk: 30,
  Txattrcreate: 32,
  Treaddir: 40,
  Tfsync: 50,
  Tlock: 52,
  Tgetlock: 54,
  Tlink: 70,
  Tmkdir: 72,
  Trenameat: 74,
  Tunlinkat: 76,
  Tversion: 100,
  Tauth: 102,
  Tattach: 104,
  Tflush: 108,
  Twalk: 110,
  Tread: 116,
  Twrite: 118,
  Tclunk: 120,
  Tremove: 122,
} as const;

export type MessageName = keyof typeof MESSAGE;

export const HEADER_BYTES = 7;
/** Tag of Tversion, and of answers to what has none. */
export const NOTAG = 0xffff;
/** "No fid": what Tattach has for the fid of an authentication. */
export const NOFID = 0xffff_ffff;
export const VERSION = '9P2000.L';

/** What an answer has before its data: size, type, tag and a count. */
export const READ_HEADER_BYTES = 11;
/** The smallest message size that leaves room for anything: QEMU refuses smaller ones too. */
export const MESSAGE_BYTES_MIN = 4096;
/** Above what Linux's virtio transport can send: 125 pages. */
export const MESSAGE_BYTES_MAX = 512 * 1024;
/** Names in one walk (MAXWELEM). */
export const WALK_NAMES_MAX = 16;

/** Bits of a qid's type (P9_QTDIR and its like). */
export const QID_TYPE = { directory: 0x80, symlink: 0x02, file: 0 } as const;

/** Flags of Tlopen and Tlcreate (P9_DOTL_RDONLY and its like): Linux's on most architectures. */
export const OPEN_FLAG = {
  accessMask: 0o3,
  write: 0o1,
  both: 0o2,
  exclusive: 0o200,
  truncate: 0o1000,
  append: 0o2000,
  directory: 0o200000,
} as const;

/** Bits of Tsetattr's `valid` (P9_ATTR_MODE and its like). */
export const SET_ATTRIBUTE = {
  mode: 1 << 0,
  uid: 1 << 1,
  gid: 1 << 2,
  size: 1 << 3,
  accessed: 1 << 4,
  modified: 1 << 5,
  changed: 1 << 6,
  accessedSet: 1 << 7,
  modifiedSet: 1 << 8,
} as const;

/** P9_STATS_BASIC: what Rgetattr has of each thing. */
export const ATTRIBUTES_BASIC = 0x7ffn;

/** Types of files in a mode (S_IFMT), and in a directory's entries (DT_DIR and its like). */
export const MODE_TYPE = { mask: 0o170000, file: 0o100000, directory: 0o040000, symlink: 0o120000 } as const;
export const ENTRY_TYPE = { unknown: 0, directory: 4, file: 8, symlink: 10 } as const;

/** Tunlinkat's flag for a directory (AT_REMOVEDIR). */
export const REMOVE_DIRECTORY = 0x200;

/** Tgetlock's and Tlock's types and status (P9_LOCK_TYPE_UNLCK, P9_LOCK_SUCCESS). */
export const LOCK = { typeUnlocked: 2, success: 0 } as const;

/** V9FS_MAGIC: what statfs says that the filesystem is. */
export const FILESYSTEM_MAGIC = 0x0102_1997;
export const NAME_BYTES_MAX = 255;
