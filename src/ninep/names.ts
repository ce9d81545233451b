/** What things are called and where they are: Twalk, Treaddir, and everything that makes, moves and removes names. */

import { attempt, type HostNode, Refusal } from '../base/index.ts';
import { wholeBytes } from './attributes.ts';
import { NinepError } from './errors.ts';
import { deeper, Fid, type FidTable, goodName, type Place } from './fids.ts';
import type { MessageWriter } from './message-writer.ts';
import { ENTRY_TYPE, MODE_TYPE, READ_HEADER_BYTES, REMOVE_DIRECTORY, WALK_NAMES_MAX } from './messages.ts';
import { type Operation, using } from './operation.ts';
import { type Qid, qidOf } from './qid.ts';
import { bytesOfText } from './text.ts';

/** Where a name on the way is not there, the answer has the qids of those before it, and the new fid is none (walk(5)). */
export const walk: Operation = (question, answer, { fids }) => {
  const [number, newNumber, count] = [question.u32(), question.u32(), question.u16()];
  const start = fids.at(number);
  if (count > WALK_NAMES_MAX) throw new NinepError('EINVAL');
  const names = Array.from({ length: count }, () => question.text());
  if (newNumber !== number && fids.has(newNumber)) throw new NinepError('EBADF');
  let fid = new Fid(start.held.hold(), start.place);
  const qids: Qid[] = [];
  for (const name of names) {
    const next = attempt(() => steppedOn(fids, fid, name));
    if (next instanceof Refusal) {
      fid.close();
      if (qids.length === 0) throw next;
      break;
    }
    fid.close();
    ({ fid } = next);
    qids.push(next.qid);
  }
  if (qids.length === count) {
    if (newNumber === number) fids.replace(number, fid);
    else fids.add(newNumber, fid);
  }
  answer.u16(qids.length);
  for (const qid of qids) answer.qid(qid);
};

function steppedOn(fids: FidTable, from: Fid, name: string): { readonly fid: Fid; readonly qid: Qid } {
  const fid = fids.step(from, name);
  const qid = attempt(() => qidOf(fid.node.status()));
  if (!(qid instanceof Refusal)) return { fid, qid };
  fid.close();
  throw qid;
}

/** An entry's offset is its number from 1: where the next reading goes on. The directory itself and the one above come first. */
const OWN_NAMES = ['.', '..'];
/** Qid, offset, type, and the length of the name. */
const ENTRY_BYTES = 13 + 8 + 1 + 2;

export const readdir: Operation = (question, answer, { fids, messageBytes }) => {
  const fid = fids.at(question.u32());
  const offset = wholeBytes(question.u64());
  const room = Math.min(question.u32(), messageBytes - READ_HEADER_BYTES);
  if (fid.names === undefined) throw new NinepError('EBADF');
  if (offset === 0) fids.list(fid);
  const own = qidOf(fid.node.status());
  const entries: { readonly name: string; readonly qid: Qid; readonly number: number }[] = [];
  let size = 0;
  for (let index = offset; index < OWN_NAMES.length + fid.names.length; index += 1) {
    const name = OWN_NAMES[index] ?? fid.names[index - OWN_NAMES.length] ?? '';
    size += ENTRY_BYTES + bytesOfText(name).length;
    if (size > room) break;
    const qid = index < OWN_NAMES.length ? own : qidOfEntry(fid.node, name);
    // What has gone since the listing began is left out.
    if (qid !== undefined) entries.push({ name, qid, number: index + 1 });
  }
  answer.u32(entries.reduce((sum, { name }) => sum + ENTRY_BYTES + bytesOfText(name).length, 0));
  for (const { name, qid, number } of entries) writeEntry(answer, name, qid, number);
};

function qidOfEntry(directory: HostNode, name: string): Qid | undefined {
  const qid = attempt(() => using(directory.child(name), (node) => qidOf(node.status())));
  return qid instanceof Refusal ? undefined : qid;
}

function writeEntry(answer: MessageWriter, name: string, qid: Qid, number: number): void {
  answer.qid(qid).u64(BigInt(number));
  answer.u8(qid.kind === 'other' ? ENTRY_TYPE.unknown : ENTRY_TYPE[qid.kind]).text(name);
}

export const readlink: Operation = (question, answer, { fids }) => {
  const { target } = fids.at(question.u32()).node;
  if (target === undefined) throw new NinepError('EINVAL');
  answer.text(target);
};

export const symlink: Operation = (question, answer, { fids }) => {
  const directory = fids.at(question.u32()).node;
  const name = goodName(question.text());
  const target = question.text();
  if (target === '' || target.includes('\0')) throw new NinepError('EINVAL');
  directory.makeSymlink(name, target);
  answer.qid(qidOfNew(directory, name));
};

/** Plain files only: what a guest makes on this machine is no device, and nothing that somebody waits at. */
export const mknod: Operation = (question, answer, { fids }) => {
  const directory = fids.at(question.u32()).node;
  const name = goodName(question.text());
  const mode = question.u32();
  const type = mode & MODE_TYPE.mask;
  if (type !== MODE_TYPE.file && type !== 0) throw new NinepError('EPERM');
  directory.createFile(name, mode, { access: 'write', isNew: true }).close();
  answer.qid(qidOfNew(directory, name));
};

export const mkdir: Operation = (question, answer, { fids }) => {
  const directory = fids.at(question.u32()).node;
  const name = goodName(question.text());
  directory.makeDirectory(name, question.u32());
  answer.qid(qidOfNew(directory, name));
};

function qidOfNew(directory: HostNode, name: string): Qid {
  return using(directory.child(name), (node) => qidOf(node.status()));
}

export const link: Operation = (question, _answer, { fids }) => {
  const directory = fids.at(question.u32()).node;
  const fid = fids.at(question.u32());
  const name = goodName(question.text());
  fids.above(fid, (above, source) => directory.makeLink(name, above, source));
};

export const rename: Operation = (question, _answer, { fids }) => {
  const fid = fids.at(question.u32());
  const directory = fids.at(question.u32());
  const name = goodName(question.text());
  const to = deeper(directory.place, name);
  fids.above(fid, (above, source) => above.rename(source, directory.node, name));
  fids.moved(fid.place, to);
};

export const renameat: Operation = (question, _answer, { fids }) => {
  const from = fids.at(question.u32());
  const oldName = goodName(question.text());
  const directory = fids.at(question.u32());
  const name = goodName(question.text());
  const places: readonly Place[] = [deeper(from.place, oldName), deeper(directory.place, name)];
  from.node.rename(oldName, directory.node, name);
  fids.moved(places[0] ?? [], places[1] ?? []);
};

export const unlinkat: Operation = (question, _answer, { fids }) => {
  const directory = fids.at(question.u32()).node;
  const name = goodName(question.text());
  directory.remove(name, (question.u32() & REMOVE_DIRECTORY) !== 0 ? 'directory' : 'file');
};

/** The fid goes, whether the thing can be removed or not (remove(5)). */
export const remove: Operation = (question, _answer, { fids, isReadOnly }) => {
  const number = question.u32();
  const fid = fids.at(number);
  try {
    if (isReadOnly) throw new NinepError('EROFS');
    fids.above(fid, (above, name) =>
      above.remove(name, fid.node.kind === 'directory' ? 'directory' : 'file'),
    );
  } finally {
    fids.remove(number);
  }
};
