import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vcpu } from '../aarch64/index.ts';
import { RealTime } from './time.ts';

test('real time: the counter and the devices follow the host, whatever the guest does', () => {
  let nowMs = 1000;
  const time = new RealTime({ frequencyHz: 24_000_000, nowMs: () => nowMs });
  const alarms: number[] = [];
  time.clock.alarm(() => alarms.push(time.nowNs)).set(3e6);
  assert.equal(time.count(), 0n);
  nowMs += 2;
  assert.equal(time.nowNs, 2e6);
  assert.equal(time.count(), 48_000n);
  // Nothing makes time pass.
  time.advanceTo();
  assert.deepEqual(alarms, []);
  nowMs += 2;
  time.advanceTo();
  assert.deepEqual(alarms, [4e6]);
  assert.equal(time.timeOfCount(48_000n), 2e6);
  time.setTo(7e9);
  assert.equal(time.count(), 168_000_000n);
});

test('real time: how far a slice goes is learnt from the slices before', () => {
  let nowMs = 0;
  const time = new RealTime({ frequencyHz: 24_000_000, nowMs: () => nowMs });
  const vcpu = { retired: 0 };
  const slice = (instructions: number, ms: number): void => {
    time.beginSlice(vcpu as Vcpu);
    vcpu.retired += instructions;
    nowMs += ms;
    time.endSlice(vcpu as Vcpu);
  };
  slice(1_000_000, 10);
  assert.equal(time.instructionsUntil(time.nowNs + 1e6), 100_000);
  slice(1_000_000, 2);
  assert.equal(time.instructionsUntil(time.nowNs + 1e6), 500_000);
  // Too short to tell.
  slice(10, 50);
  assert.equal(time.instructionsUntil(time.nowNs + 1e6), 500_000);
  assert.equal(time.instructionsUntil(time.nowNs - 1), 1);
});
