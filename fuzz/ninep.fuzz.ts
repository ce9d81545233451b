/**
 * Hostile clients of the file server: messages of random bytes, messages that are nearly right, sizes and counts of any kind, names
 * that try to get out. Every message gets an answer, none is longer than was agreed, nothing beside the shared directory changes, and
 * what a client held is let go.
 */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageWriter } from '../src/ninep/message-writer.ts';
import { MESSAGE, type MessageName, NOFID } from '../src/ninep/messages.ts';
import { NinepServer } from '../src/ninep/server.ts';
import { nodeHost } from '../src/node/index.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const ACTIONS = 300;
const MESSAGES = Object.keys(MESSAGE) as readonly MessageName[];
const NAMES = [
  'a',
  'b',
  'sub',
  'link',
  'up',
  '..',
  '.',
  '',
  '/',
  '../secret',
  '/etc/passwd',
  'a\0',
  'x'.repeat(300),
  '\udcff',
];
const SIZES = [0, 1, 7, 100, 4096, 0xffff, 0x7fff_ffff, 0xffff_ffff];
const SECRET = 'nobody changes this';
/** Rlerror's type. */
const FAILURE = 7;

/** Each touches the disk. */
export const testRuns = 1500;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += ACTIONS) round(random);
}

function round(random: Random): void {
  const place = mkdtempSync(join(tmpdir(), 'drivervm-fuzz-ninep-'));
  const shared = join(place, 'shared');
  mkdirSync(join(shared, 'sub'), { recursive: true });
  writeFileSync(join(place, 'secret'), SECRET);
  writeFileSync(join(shared, 'a'), 'content');
  symlinkSync('../secret', join(shared, 'link'));
  symlinkSync('..', join(shared, 'up'));
  const root = nodeHost().shareDirectory?.(shared);
  if (root === undefined) return;
  const server = new NinepServer({ root, isReadOnly: random.below(4) === 0 });
  try {
    const before = readdirSync('/proc/self/fd').length;
    for (let action = 0; action < ACTIONS; action += 1) {
      if (action % 50 === 0) begin(server);
      const answer = server.answer(messageOf(random));
      assert.equal(new DataView(answer.buffer, answer.byteOffset).getUint32(0, true), answer.length);
      assert.ok(answer.length <= 8192);
      assert.ok(answer[4] === FAILURE || (answer[4] ?? 0) % 2 === 1, 'an answer’s type is odd');
    }
    server.reset();
    assert.equal(readdirSync('/proc/self/fd').length, before, 'nothing stays open');
    assert.equal(readFileSync(join(place, 'secret'), 'utf8'), SECRET);
    assert.deepEqual(readdirSync(place).sort(), ['secret', 'shared']);
  } finally {
    root.close();
    if (existsSync(place)) rmSync(place, { recursive: true });
  }
}

function begin(server: NinepServer): void {
  server.answer(new MessageWriter(MESSAGE.Tversion, 0xffff).u32(8192).text('9P2000.L').finish());
  server.answer(new MessageWriter(MESSAGE.Tattach, 1).u32(0).u32(NOFID).text('').text('').u32(0).finish());
}

function messageOf(random: Random): Uint8Array {
  if (random.below(10) === 0) return new Uint8Array(random.below(40)).map(() => random.below(256));
  const name = random.pick(MESSAGES);
  const message = new MessageWriter(MESSAGE[name], random.below(0x1_0000));
  fill(name, message, random);
  const bytes = message.finish();
  switch (random.below(12)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 1:
      new DataView(bytes.buffer).setUint32(0, random.pick(SIZES), true);
      return bytes;
    case 2:
      bytes[random.below(bytes.length)] = random.below(256);
      return bytes;
    default:
      return bytes;
  }
}

/** The fields that a message has, with values that may be. */
function fill(name: MessageName, message: MessageWriter, random: Random): void {
  const fid = () => message.u32(random.pick([0, 1, 2, 3, 4, random.u32()]));
  const word = () =>
    message.u32(random.pick([0, 1, 2, 0o644, 0o1102, 0o200000, random.pick(SIZES), random.u32()]));
  const long = () => message.u64(random.pick([0n, 1n, 4096n, 2n ** 63n, BigInt(random.u32())]));
  const text = () => message.text(random.pick(NAMES));
  const all = (...fields: readonly (() => unknown)[]) => {
    for (const field of fields) field();
  };
  switch (name) {
    case 'Twalk': {
      const count = random.pick([0, 1, 1, 2, 16, 17]);
      all(fid, fid, () => message.u16(count), ...Array.from({ length: count }, () => text));
      return;
    }
    case 'Tread':
    case 'Treaddir':
      all(fid, long, word);
      return;
    case 'Twrite': {
      const content = new Uint8Array(random.pick([0, 1, 100, 4000])).map(() => random.below(256));
      all(fid, () => message.u64(random.pick([0n, 5n, 2n ** 62n])));
      message.u32(random.below(8) === 0 ? random.pick(SIZES) : content.length).bytes(content);
      return;
    }
    case 'Tlcreate':
    case 'Tmknod':
      all(fid, text, word, word, word, word);
      return;
    case 'Tsymlink':
      all(fid, text, text, word);
      return;
    case 'Tsetattr': {
      // Sizes that a disk has room for: what is beyond the end costs nothing, but is not to be copied by anybody.
      all(
        fid,
        word,
        word,
        word,
        word,
        () => message.u64(BigInt(random.below(1 << 20))),
        long,
        long,
        long,
        long,
      );
      return;
    }
    case 'Trenameat':
      all(fid, text, fid, text);
      return;
    case 'Tlink':
    case 'Trename':
      all(fid, fid, text);
      return;
    case 'Tversion':
      all(
        () => message.u32(8192),
        () => message.text(random.pick(['9P2000.L', '9P2000', ''])),
      );
      return;
    case 'Tattach':
      all(
        fid,
        () => message.u32(random.pick([NOFID, 0])),
        text,
        () => message.text(random.pick(['', '/', 'sub'])),
        word,
      );
      return;
    default:
      all(fid, text, word, word, long);
  }
}
