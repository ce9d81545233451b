/** A client of 9P2000.L for tests: messages field by field, answers read field by field. */
import { MessageReader } from '../../src/ninep/message-reader.ts';
import { MessageWriter } from '../../src/ninep/message-writer.ts';
import { MESSAGE, type MessageName, NOFID, NOTAG, VERSION } from '../../src/ninep/messages.ts';
import type { NinepServer } from '../../src/ninep/server.ts';

const HEADER_BYTES = 7;

/** What was asked for can't be had: Linux's error number. */
export class Rlerror extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(`error ${errno}`);
    this.errno = errno;
  }
}

export class NinepClient {
  readonly server: NinepServer;
  #tag = 0;

  constructor(server: NinepServer) {
    this.server = server;
  }

  /** Asks, and gives the answer's fields. Throws {@link Rlerror}. */
  ask(name: MessageName, fill: (question: MessageWriter) => void = () => {}): MessageReader {
    this.#tag += 1;
    const tag = name === 'Tversion' ? NOTAG : this.#tag;
    const question = new MessageWriter(MESSAGE[name], tag);
    fill(question);
    const answer = this.server.answer(question.finish());
    const header = new MessageReader(answer);
    const [sizeBytes, type, answeredTag] = [header.u32(), header.u8(), header.u16()];
    if (sizeBytes !== answer.length || answeredTag !== tag) throw new Error('an answer to something else');
    const fields = new MessageReader(answer.subarray(HEADER_BYTES));
    if (type === MESSAGE.Rlerror) throw new Rlerror(fields.u32());
    if (type !== MESSAGE[name] + 1) throw new Error(`an answer of type ${type}`);
    return fields;
  }

  /** Agrees on the size of messages and takes the root as fid 0. */
  begin(messageBytes = 8192): number {
    const answer = this.ask('Tversion', (question) => question.u32(messageBytes).text(VERSION));
    this.ask('Tattach', (question) => question.u32(0).u32(NOFID).text('root').text('').u32(0));
    return answer.u32();
  }

  /** Walks, and gives how many names there were. */
  walk(from: number, to: number, ...names: readonly string[]): number {
    const answer = this.ask('Twalk', (question) => {
      question.u32(from).u32(to).u16(names.length);
      for (const name of names) question.text(name);
    });
    return answer.u16();
  }

  open(fid: number, flags = 0): void {
    this.ask('Tlopen', (question) => question.u32(fid).u32(flags));
  }

  create(fid: number, name: string, flags = 0o302, mode = 0o644): void {
    this.ask('Tlcreate', (question) => question.u32(fid).text(name).u32(flags).u32(mode).u32(0));
  }

  read(fid: number, offset = 0, count = 4096): Uint8Array {
    const answer = this.ask('Tread', (question) => question.u32(fid).u64(BigInt(offset)).u32(count));
    return answer.bytes(answer.u32());
  }

  write(fid: number, content: Uint8Array, offset = 0): number {
    return this.ask('Twrite', (question) =>
      question.u32(fid).u64(BigInt(offset)).u32(content.length).bytes(content),
    ).u32();
  }

  /** Names and types of an open directory, read in pieces of so many bytes. */
  list(fid: number, pieceBytes = 4096): readonly { readonly name: string; readonly type: number }[] {
    const entries: { readonly name: string; readonly type: number }[] = [];
    for (let offset = 0n; ; ) {
      const answer = this.ask('Treaddir', (question) => question.u32(fid).u64(offset).u32(pieceBytes));
      const sizeBytes = answer.u32();
      if (sizeBytes === 0) return entries;
      const piece = answer.bytes(sizeBytes);
      for (const reader = new MessageReader(piece); ; ) {
        const entry = entryOf(reader);
        if (entry === undefined) break;
        offset = entry.offset;
        entries.push({ name: entry.name, type: entry.type });
      }
    }
  }

  attributes(fid: number) {
    const answer = this.ask('Tgetattr', (question) => question.u32(fid).u64(0x7ffn));
    answer.u64();
    const qid = { type: answer.u8(), version: answer.u32(), path: answer.u64() };
    const [mode, uid, gid] = [answer.u32(), answer.u32(), answer.u32()];
    const [links, , size] = [answer.u64(), answer.u64(), answer.u64()];
    answer.bytes(16 + 16);
    return { qid, mode, uid, gid, links, size, modifiedSeconds: answer.u64() };
  }

  clunk(fid: number): void {
    this.ask('Tclunk', (question) => question.u32(fid));
  }
}

function entryOf(reader: MessageReader) {
  if (reader.left === 0) return undefined;
  reader.bytes(13);
  const [offset, type, name] = [reader.u64(), reader.u8(), reader.text()];
  return { offset, type, name };
}
