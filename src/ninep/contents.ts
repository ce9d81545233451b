/** What is in files: Tlopen, Tlcreate, Tread, Twrite, Tfsync, and locks, which one client needs no help with. */
import type { HostNodeKind, HostOpenFile, HostOpening } from '../base/index.ts';
import { wholeBytes } from './attributes.ts';
import { NinepError } from './errors.ts';
import { deeper, Fid, goodName, HeldNode } from './fids.ts';
import { LOCK, OPEN_FLAG, READ_HEADER_BYTES } from './messages.ts';
import type { Connection, Operation } from './operation.ts';
import { qidOf } from './qid.ts';

/** "As the message size allows": what Rlopen says of how much to read at once. */
const IO_UNIT_NONE = 0;

export const lopen: Operation = (question, answer, connection) => {
  const fid = connection.fids.at(question.u32());
  const flags = question.u32();
  mustBeClosed(fid);
  const { kind } = fid.node;
  const opening = openingOf(flags);
  const writes = opening.access !== 'read' || opening.truncates === true;
  if (writes && connection.isReadOnly) throw new NinepError('EROFS');
  if (kind === 'directory') {
    if (writes) throw new NinepError('EISDIR');
    connection.fids.list(fid);
  } else {
    mustBeFile(kind, flags);
    fid.file = fid.node.open(opening);
  }
  answer.qid(qidOf(fid.node.status())).u32(IO_UNIT_NONE);
};

function mustBeClosed({ file, names }: Fid): void {
  if (file !== undefined || names !== undefined) throw new NinepError('EINVAL');
}

function mustBeFile(kind: HostNodeKind, flags: number): void {
  if ((flags & OPEN_FLAG.directory) !== 0) throw new NinepError('ENOTDIR');
  if (kind === 'symlink') throw new NinepError('ELOOP');
  if (kind === 'other') throw new NinepError('ENXIO');
}

function openingOf(flags: number): HostOpening {
  const access = flags & OPEN_FLAG.accessMask;
  return {
    access: access === OPEN_FLAG.both ? 'both' : access === OPEN_FLAG.write ? 'write' : 'read',
    truncates: (flags & OPEN_FLAG.truncate) !== 0,
    appends: (flags & OPEN_FLAG.append) !== 0,
  };
}

/** The directory's fid becomes the new file's. */
export const lcreate: Operation = (question, answer, { fids }) => {
  const number = question.u32();
  const directory = fids.at(number);
  const name = goodName(question.text());
  const flags = question.u32();
  const permissions = question.u32();
  mustBeClosed(directory);
  const place = deeper(directory.place, name);
  const isNew = (flags & OPEN_FLAG.exclusive) !== 0;
  const file = directory.node.createFile(name, permissions, { ...openingOf(flags), isNew });
  const created = closingOnFailure(file, () => new Fid(new HeldNode(directory.node.child(name)), place));
  created.file = file;
  const status = closingOnFailure(created, () => created.node.status());
  fids.replace(number, created);
  answer.qid(qidOf(status)).u32(IO_UNIT_NONE);
};

function closingOnFailure<T>(closed: { close(): void }, work: () => T): T {
  let isDone = false;
  try {
    const done = work();
    isDone = true;
    return done;
  } finally {
    if (!isDone) closed.close();
  }
}

export const read: Operation = (question, answer, connection) => {
  const file = openFile(connection, question.u32());
  const offset = wholeBytes(question.u64());
  const most = connection.messageBytes - READ_HEADER_BYTES;
  const content = file.read(offset, Math.min(question.u32(), most));
  answer.u32(content.length).bytes(content);
};

export const write: Operation = (question, answer, connection) => {
  const file = openFile(connection, question.u32());
  const offset = wholeBytes(question.u64());
  const content = question.bytes(question.u32());
  file.write(offset, content);
  answer.u32(content.length);
};

function openFile({ fids }: Connection, number: number): HostOpenFile {
  const { file } = fids.at(number);
  if (file === undefined) throw new NinepError('EBADF');
  return file;
}

export const fsync: Operation = (question, _answer, { fids }) => {
  fids.at(question.u32()).file?.sync();
};

/** Granted: what the programs of one guest lock, its kernel keeps apart. Guests that share a directory don't hear of each other's. */
export const lock: Operation = (question, answer, { fids }) => {
  fids.at(question.u32());
  answer.u8(LOCK.success);
};

export const getlock: Operation = (question, answer, { fids }) => {
  fids.at(question.u32());
  question.u8();
  const [start, length] = [question.u64(), question.u64()];
  answer.u8(LOCK.typeUnlocked).u64(start).u64(length).u32(question.u32()).text(question.text());
};
