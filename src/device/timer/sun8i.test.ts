import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, RecordingLine, touchEveryOffset } from '../../../test/support/devices.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { SteppedClock } from '../clock.ts';
import { Sun8iTimer } from './sun8i.ts';

const [IRQ_EN, IRQ_STA, CTRL0, INTV0, CUR0, CTRL1, INTV1, CUR1] = [
  0x00, 0x04, 0x10, 0x14, 0x18, 0x20, 0x24, 0x28,
];
const [EN, RELOAD, OSC24M, DIV_2, SINGLE] = [1, 2, 4, 1 << 4, 0x80];

function bench() {
  const clock = new SteppedClock();
  const irqs = [new RecordingLine(), new RecordingLine()] as const;
  return { clock, irqs, timer: new Sun8iTimer({ clock, irqs }) };
}

test('reset values, every offset, state', () => {
  const { timer } = bench();
  assert.deepEqual(
    [IRQ_EN, IRQ_STA, CTRL0, INTV0, CUR0, CTRL1, INTV1, CUR1].map((offset) => timer.read(offset, 4)),
    [0, 0, OSC24M, 0, 0, OSC24M, 0, 0],
  );
  touchEveryOffset(timer);
  checkResetAndState(() => bench().timer);
});

test('as a clocksource: it counts down without end, 24 a microsecond', () => {
  const { clock, timer, irqs } = bench();
  timer.write(INTV1, 0xffff_ffff, 4);
  timer.write(CTRL1, EN | RELOAD | OSC24M, 4);
  assert.equal(timer.read(CTRL1, 4), EN | OSC24M, 'RELOAD clears itself');
  clock.advanceTo(1_000_000);
  assert.equal(timer.read(CUR1, 4), 0xffff_ffff - 24_000);
  clock.advanceTo(200_000_000_000);
  assert.equal(timer.read(CUR1, 4), 2 * 0xffff_ffff - 4_800_000_000);
  assert.equal(timer.read(IRQ_STA, 4), 2);
  assert.equal(irqs[1].level, false, 'not enabled');
});

test('as an event: one interrupt, at its time, until it is cleared', () => {
  const { clock, timer, irqs } = bench();
  timer.write(IRQ_EN, 1, 4);
  timer.write(INTV0, 2400, 4);
  timer.write(CTRL0, EN | RELOAD | OSC24M | SINGLE, 4);
  clock.advanceTo(99_999);
  assert.equal(irqs[0].level, false);
  clock.advanceTo(100_000);
  assert.ok(irqs[0].level);
  assert.equal(timer.read(CTRL0, 4) & EN, 0);
  timer.write(IRQ_STA, 1, 4);
  assert.equal(irqs[0].level, false);
  clock.advanceTo(1_000_000);
  assert.equal(irqs[0].risingEdges, 1);
});

test('stopped it stands still; a prescaler halves its pace; a snapshot goes on', () => {
  const { clock, timer } = bench();
  timer.write(INTV0, 48_000, 4);
  timer.write(CTRL0, EN | RELOAD | OSC24M | DIV_2, 4);
  clock.advanceTo(1_000_000);
  assert.equal(timer.read(CUR0, 4), 36_000);
  const other = bench();
  other.clock.advanceTo(1_000_000);
  loadSaved(other.timer.saved, savedCopy(timer.saved));
  other.clock.advanceTo(4_000_000);
  assert.equal(other.timer.read(IRQ_STA, 4), 1);
  timer.write(CTRL0, OSC24M | DIV_2, 4);
  clock.advanceTo(3_000_000);
  assert.equal(timer.read(CUR0, 4), 36_000);
});

test('short intervals that nobody acknowledges set no alarms; acknowledged, the next one comes', () => {
  const { clock, timer } = bench();
  timer.write(INTV0, 24, 4);
  timer.write(CTRL0, EN | RELOAD | OSC24M, 4);
  clock.advanceTo(10_000);
  assert.equal(clock.nextDeadlineNs, undefined);
  clock.advanceTo(3_600_000_000_500);
  assert.equal(timer.read(CUR0, 4), 12);
  timer.write(IRQ_STA, 1, 4);
  assert.equal(clock.nextDeadlineNs, 3_600_000_001_000);
});

test('an interval of nothing raises its interrupt once, and time goes on', () => {
  const { clock, timer } = bench();
  timer.write(CTRL0, EN | RELOAD | OSC24M, 4);
  clock.advanceTo(1_000_000);
  assert.equal(timer.read(IRQ_STA, 4), 1);
  assert.equal(clock.nextDeadlineNs, undefined);
});
