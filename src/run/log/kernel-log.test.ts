/** The log's ring as a kernel leaves it in RAM: its order, blocks that go round, what is not read, and what is no ring. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogRam, logRam } from '../../../test/support/log-ram.ts';
import { GuestMemory } from './guest-memory.ts';
import { kernelLog } from './kernel-log.ts';
import { logFindings } from './log-findings.ts';

const linesOf = ({ base, bytes }: LogRam) => [...kernelLog(new GuestMemory([{ base, bytes }]))];
const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}, of some length`);

test('records in their order, several lines of one, and nothing of one that is being written', () => {
  const ram = logRam({ texts: ['first', 'two\nlines', 'half writ', 'last'], reserved: [2] });
  assert.deepEqual(linesOf(ram), ['first', 'two', 'lines', 'last']);
});

test('where the ring has gone round, the oldest are gone, and a block that would not fit lies at its beginning', () => {
  const ram = logRam({ texts: lines(40), sizeBits: 9, countBits: 4 });
  const read = linesOf(ram);
  assert.ok(read.length > 8 && read.length <= 16, read.join());
  assert.deepEqual(read, lines(40).slice(-read.length));
});

test('a block that ends where the ring ends', () => {
  // A number of 8 bytes and a text of 56: eight of them fill a ring of 512.
  const texts = Array.from({ length: 8 }, (_, at) => `${at}`.padEnd(56, '.'));
  assert.deepEqual(linesOf(logRam({ texts, sizeBits: 9, countBits: 4 })), texts);
});

test('a ring in RAM that was allocated, with 39, 48 and 52 bits of addresses', () => {
  for (const vaBits of [39, 48, 52]) {
    assert.deepEqual(linesOf(logRam({ texts: ['allocated'], isAllocated: true, vaBits })), ['allocated']);
    assert.deepEqual(linesOf(logRam({ texts: ['in the image'], vaBits })), ['in the image']);
  }
});

test('no log where RAM holds none, or says what can be none', () => {
  assert.deepEqual([...kernelLog(new GuestMemory([]))], []);
  assert.deepEqual([...kernelLog(new GuestMemory([{ base: 0, bytes: new Uint8Array(1 << 20) }]))], []);
  for (const edit of [
    ['SYMBOL(prb)=f', 'SYMBOL(prb)=1'],
    ['OFFSET(prb_desc.state_var)=0', 'OFFSET(prb_desc.state_var)=99999999999'],
    ['NUMBER(VA_BITS)=48', 'NUMBER(VA_BITS)=-48'],
    ['SIZE(printk_info)', 'SIZE(other)'],
  ] as const) {
    assert.deepEqual(linesOf(logRam({ texts: ['x'], edit })), [], edit.join());
  }
});

test('what the log adds to what the console said', () => {
  const failed = (device: string) => `some-driver: probe of ${device} failed with error -2`;
  const console = logFindings([failed('1000.usb')], []).messages;
  const end = '---[ end Kernel panic - not syncing: No init found. ]---';
  const found = logFindings([failed('1000.usb'), failed('2000.mmc'), end, ''], console);
  assert.deepEqual(
    found.messages.map(({ device }) => device),
    ['1000.usb', '2000.mmc'],
  );
  assert.deepEqual([found.panic, found.lastLine], ['No init found.', end]);
});
