import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, RecordingLine, touchEveryOffset } from '../../../test/support/devices.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { SteppedClock } from '../clock.ts';
import { Pl031 } from './pl031.ts';

const [DR, MR, LR, CR, IMSC, RIS, MIS, ICR] = [0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c];
const SECOND = 1e9;

function bench() {
  const clock = new SteppedClock();
  const irq = new RecordingLine();
  return { clock, irq, rtc: new Pl031({ clock, irq }) };
}

test('reset values, every offset, state', () => {
  const { rtc } = bench();
  assert.deepEqual(
    [MR, LR, CR, IMSC, RIS, MIS, ICR].map((offset) => rtc.read(offset, 4)),
    [0, 0, 1, 0, 0, 0, 0],
  );
  assert.equal(new Date(rtc.read(DR, 4) * 1000).toISOString(), '2026-01-01T00:00:00.000Z');
  touchEveryOffset(rtc);
  checkResetAndState(() => bench().rtc);
});

test('what AMBA drivers look for', () => {
  const { rtc } = bench();
  const id = [0, 1, 2, 3].reduce((sum, byte) => sum | (rtc.read(0xfe0 + 4 * byte, 4) << (8 * byte)), 0);
  assert.equal(id & 0x000f_ffff, 0x0004_1031);
});

test('it counts seconds from what was loaded, over the end of 32 bits', () => {
  const { clock, rtc } = bench();
  clock.advanceTo(1.5 * SECOND);
  rtc.write(LR, 0xffff_ffff, 4);
  assert.equal(rtc.read(DR, 4), 0xffff_ffff);
  clock.advanceTo(2.4 * SECOND);
  assert.equal(rtc.read(DR, 4), 0xffff_ffff);
  clock.advanceTo(3.5 * SECOND);
  assert.equal(rtc.read(DR, 4), 1);
  rtc.write(CR, 0, 4);
  clock.advanceTo(4.5 * SECOND);
  assert.equal(rtc.read(DR, 4), 2, 'nothing stops it');
});

test('a match raises the interrupt at its second, until it is acknowledged', () => {
  const { clock, irq, rtc } = bench();
  clock.advanceTo(0.25 * SECOND);
  rtc.write(IMSC, 1, 4);
  rtc.write(MR, rtc.read(DR, 4) + 2, 4);
  assert.equal(clock.nextDeadlineNs, 2 * SECOND);
  clock.advanceTo(2 * SECOND - 1);
  assert.equal(irq.level, false);
  clock.advanceTo(2 * SECOND);
  assert.ok(irq.level);
  assert.deepEqual([rtc.read(RIS, 4), rtc.read(MIS, 4)], [1, 1]);
  rtc.write(ICR, 1, 4);
  assert.equal(irq.level, false);
  clock.advanceTo(9 * SECOND);
  assert.equal(irq.risingEdges, 1);
});

test('a match while it is masked wakes nobody and is seen later; one that is there already comes at once', () => {
  const { clock, irq, rtc } = bench();
  rtc.write(MR, rtc.read(DR, 4) + 3, 4);
  assert.equal(clock.nextDeadlineNs, undefined);
  clock.advanceTo(5 * SECOND);
  assert.deepEqual([rtc.read(RIS, 4), rtc.read(MIS, 4), irq.level], [1, 0, false]);
  rtc.write(IMSC, 1, 4);
  assert.ok(irq.level);
  rtc.write(ICR, 1, 4);
  rtc.write(MR, rtc.read(DR, 4), 4);
  assert.equal(irq.risingEdges, 2);
});

test('a time that is set again moves the match; one of another year sets no alarm; a snapshot goes on', () => {
  const { clock, irq, rtc } = bench();
  rtc.write(IMSC, 1, 4);
  rtc.write(LR, 100, 4);
  rtc.write(MR, 110, 4);
  rtc.write(LR, 105, 4);
  assert.equal(clock.nextDeadlineNs, 5 * SECOND);
  const other = bench();
  loadSaved(other.rtc.saved, savedCopy(rtc.saved));
  other.clock.advanceTo(5 * SECOND);
  assert.ok(other.irq.level);
  rtc.write(LR, 111, 4);
  assert.equal(clock.nextDeadlineNs, undefined);
  assert.equal(irq.risingEdges, 0);
});
