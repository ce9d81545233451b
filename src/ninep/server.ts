/**
 * A file server: messages of 9P2000.L in, answers out, over one directory of the host's and nothing beside it. Whatever a client
 * sends, it gets an answer; what makes no sense is an Rlerror. Left out: authentication, extended attributes (EOPNOTSUPP), and
 * requests under way at the same time, so that there is never anything to flush.
 */
import { attempt, HostError, type HostNode, Refusal } from '../base/index.ts';
import { getattr, setattr, statfs } from './attributes.ts';
import { fsync, getlock, lcreate, lock, lopen, read, write } from './contents.ts';
import { ERRNO, errnoOf, NinepError } from './errors.ts';
import { FidTable } from './fids.ts';
import { MessageReader } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import {
  HEADER_BYTES,
  MESSAGE,
  MESSAGE_BYTES_MAX,
  MESSAGE_BYTES_MIN,
  type MessageName,
  NOFID,
  NOTAG,
  VERSION,
} from './messages.ts';
import {
  link,
  mkdir,
  mknod,
  readdir,
  readlink,
  remove,
  rename,
  renameat,
  symlink,
  unlinkat,
  walk,
} from './names.ts';
import type { Operation } from './operation.ts';
import { qidOf } from './qid.ts';

const nothing: Operation = () => {};
const unsupported: Operation = () => {
  throw new NinepError('EOPNOTSUPP');
};

const attach: Operation = (question, answer, { fids }) => {
  const [number, authentication] = [question.u32(), question.u32()];
  question.text();
  // A directory further in, by name: there is one only, the root.
  const name = question.text();
  if (authentication !== NOFID) throw new NinepError('EINVAL');
  if (name !== '' && name !== '/') throw new NinepError('ENOENT');
  const root = fids.root();
  fids.add(number, root);
  answer.qid(qidOf(root.node.status()));
};

/** By the message's type. `changes`: refused where the directory is read only. Tlopen and Tremove look for themselves. */
const OPERATIONS: Readonly<
  Record<Exclude<MessageName, 'Rlerror' | 'Tversion'>, readonly [Operation, 'changes'?]>
> = {
  Tstatfs: [statfs],
  Tlopen: [lopen],
  Tlcreate: [lcreate, 'changes'],
  Tsymlink: [symlink, 'changes'],
  Tmknod: [mknod, 'changes'],
  Trename: [rename, 'changes'],
  Treadlink: [readlink],
  Tgetattr: [getattr],
  Tsetattr: [setattr, 'changes'],
  Txattrwalk: [unsupported],
  Txattrcreate: [unsupported],
  Treaddir: [readdir],
  Tfsync: [fsync],
  Tlock: [lock],
  Tgetlock: [getlock],
  Tlink: [link, 'changes'],
  Tmkdir: [mkdir, 'changes'],
  Trenameat: [renameat, 'changes'],
  Tunlinkat: [unlinkat, 'changes'],
  Tauth: [unsupported],
  Tattach: [attach],
  Tflush: [nothing],
  Twalk: [walk],
  Tread: [read],
  Twrite: [write, 'changes'],
  Tclunk: [(question, _answer, { fids }) => fids.remove(question.u32())],
  Tremove: [remove],
};

const BY_TYPE: ReadonlyMap<number, readonly [Operation, 'changes'?]> = new Map(
  Object.entries(OPERATIONS).map(([name, operation]) => [MESSAGE[name as MessageName], operation]),
);

/** What is served. */
export interface NinepShare {
  readonly root: HostNode;
  readonly isReadOnly: boolean;
}

/** One client's server; the root stays its owner's to close. */
export class NinepServer {
  readonly #share: NinepShare;
  readonly #fids: FidTable;
  /** As agreed by Tversion, which comes first; 0 before that. */
  #messageBytes = 0;
  #wasMounted = false;

  constructor(share: NinepShare) {
    this.#share = share;
    this.#fids = new FidTable(share.root);
  }

  /** The answer to a message, however it is made. */
  answer(message: Uint8Array): Uint8Array {
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    if (message.length < HEADER_BYTES) return failure(NOTAG, ERRNO.EPROTO);
    const [sizeBytes, type, tag] = [view.getUint32(0, true), view.getUint8(4), view.getUint16(5, true)];
    const answer = attempt(() => {
      if (sizeBytes < HEADER_BYTES || sizeBytes > message.length) throw new NinepError('EPROTO');
      const question = new MessageReader(message.subarray(HEADER_BYTES, sizeBytes));
      const writer = new MessageWriter(type + 1, tag);
      if (type === MESSAGE.Tversion) this.#version(question, writer);
      else this.#operate(type, sizeBytes, question, writer);
      if (writer.length > Math.max(this.#messageBytes, MESSAGE_BYTES_MIN)) throw new NinepError('EMSGSIZE');
      if (type === MESSAGE.Tattach) this.#wasMounted = true;
      return writer.finish();
    });
    if (!(answer instanceof Refusal)) return answer;
    const isKnown = answer instanceof NinepError || answer instanceof HostError;
    return failure(tag, isKnown ? errnoOf(answer) : ERRNO.EIO);
  }

  /** Whether a client has ever taken the root, which is what mounting it begins with. */
  get wasMounted(): boolean {
    return this.#wasMounted;
  }

  /** The client has gone: nothing that it held stays open. */
  reset(): void {
    this.#fids.clear();
    this.#messageBytes = 0;
  }

  #version(question: MessageReader, answer: MessageWriter): void {
    const [asked, version] = [question.u32(), question.text()];
    this.reset();
    if (asked < MESSAGE_BYTES_MIN) throw new NinepError('EMSGSIZE');
    const messageBytes = Math.min(asked, MESSAGE_BYTES_MAX);
    const isKnown = version === VERSION;
    if (isKnown) this.#messageBytes = messageBytes;
    answer.u32(messageBytes).text(isKnown ? VERSION : 'unknown');
  }

  #operate(type: number, sizeBytes: number, question: MessageReader, answer: MessageWriter): void {
    if (this.#messageBytes === 0) throw new NinepError('EPROTO');
    if (sizeBytes > this.#messageBytes) throw new NinepError('EMSGSIZE');
    const [operation, changes] = BY_TYPE.get(type) ?? [unsupported];
    const { isReadOnly } = this.#share;
    if (isReadOnly && changes !== undefined) throw new NinepError('EROFS');
    operation(question, answer, { fids: this.#fids, isReadOnly, messageBytes: this.#messageBytes });
  }
}

/** Rlerror. */
function failure(tag: number, errno: number): Uint8Array {
  return new MessageWriter(MESSAGE.Rlerror, tag).u32(errno).finish();
}
