/** What is known of files, and what is changed of that: Tgetattr, Tsetattr, Tstatfs. */
import type { HostNodeChange, HostNodeStatus } from '../base/index.ts';
import { NinepError } from './errors.ts';
import type { MessageReader } from './message-reader.ts';
import type { MessageWriter } from './message-writer.ts';
import { ATTRIBUTES_BASIC, FILESYSTEM_MAGIC, MODE_TYPE, NAME_BYTES_MAX, SET_ATTRIBUTE } from './messages.ts';
import type { Operation } from './operation.ts';
import { qidOf } from './qid.ts';

const NS_PER_SECOND = 1_000_000_000n;
/** "As it is", where an owner or group is to be set (a uid of -1). */
const NO_ID = 0xffff_ffff;

export const getattr: Operation = (question, answer, { fids }) => {
  const status = fids.at(question.u32()).node.status();
  answer
    .u64(ATTRIBUTES_BASIC)
    .qid(qidOf(status))
    .u32(modeOf(status))
    .u32(status.uid)
    .u32(status.gid)
    .u64(status.linkCount)
    .u64(0n)
    .u64(status.sizeBytes)
    .u64(status.blockBytes)
    .u64(status.blocks);
  for (const time of [status.accessedNs, status.modifiedNs, status.changedNs, 0n]) writeTime(answer, time);
  // Generation and data version, which the mask says are not there.
  answer.u64(0n).u64(0n);
};

function writeTime(answer: MessageWriter, timeNs: bigint): void {
  const ns = ((timeNs % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  answer.u64((timeNs - ns) / NS_PER_SECOND).u64(ns);
}

/** What is neither file, directory nor link is a file that nobody can open. */
function modeOf({ kind, permissions }: HostNodeStatus): number {
  return kind === 'other' ? MODE_TYPE.file : MODE_TYPE[kind] | permissions;
}

export const setattr: Operation = (question, _answer, { fids }) => {
  const fid = fids.at(question.u32());
  const valid = question.u32();
  const given = {
    permissions: question.u32(),
    uid: question.u32(),
    gid: question.u32(),
    size: question.u64(),
  };
  const [accessed, modified] = [readTime(question), readTime(question)];
  const asked = (bit: number) => (valid & bit) !== 0;
  const change: HostNodeChange = {
    ...(asked(SET_ATTRIBUTE.mode) ? { permissions: given.permissions } : {}),
    ...(asked(SET_ATTRIBUTE.uid) && given.uid !== NO_ID ? { uid: given.uid } : {}),
    ...(asked(SET_ATTRIBUTE.gid) && given.gid !== NO_ID ? { gid: given.gid } : {}),
    ...(asked(SET_ATTRIBUTE.size) ? { sizeBytes: wholeBytes(given.size) } : {}),
    ...(asked(SET_ATTRIBUTE.accessed)
      ? { accessedNs: asked(SET_ATTRIBUTE.accessedSet) ? accessed : ('now' as const) }
      : {}),
    ...(asked(SET_ATTRIBUTE.modified)
      ? { modifiedNs: asked(SET_ATTRIBUTE.modifiedSet) ? modified : ('now' as const) }
      : {}),
  };
  fid.node.change(change);
};

function readTime(question: MessageReader): bigint {
  return BigInt.asIntN(64, question.u64()) * NS_PER_SECOND + question.u64();
}

/** Sizes and offsets as numbers that hold them exactly. */
export function wholeBytes(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new NinepError('EFBIG');
  return Number(value);
}

export const statfs: Operation = (question, answer, { fids }) => {
  const { blockBytes, blocks, blocksFree, blocksAvailable, files, filesFree } = fids
    .at(question.u32())
    .node.space();
  answer.u32(FILESYSTEM_MAGIC).u32(Number(blockBytes));
  answer.u64(blocks).u64(blocksFree).u64(blocksAvailable).u64(files).u64(filesFree).u64(0n);
  answer.u32(NAME_BYTES_MAX);
};
