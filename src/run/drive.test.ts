/** Driving a session that has nothing to do but its own ticks: when the host gets its turn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from './drive.ts';
import type { Session } from './session.ts';

const TICK_NS = 200e6;
const TURNS_BEFORE_INPUT = 3;

/** A guest that wakes at each tick for nothing. */
function ticking() {
  const time = { nowNs: 0 };
  const played = {
    machine: { time },
    record: { waitsForInput: false },
    lastConsoleNs: 0,
    run: () => ({ kind: 'idle', untilNs: time.nowNs + TICK_NS }),
    skipIdle: (untilNs: number) => {
      time.nowNs = untilNs;
    },
  };
  return { time, session: played as unknown as Session };
}

test('what comes while idle stretches are jumped over is typed at the next one, not when all of them are over', async () => {
  const { time, session } = ticking();
  let [nowMs, turns, typedNs] = [0, 0, Number.NaN];
  const host = {
    nowMs: () => (nowMs += 0.5),
    pause: async () => {
      turns += 1;
    },
  };
  const end = await drive(session, host, {
    attended: () => Number.isNaN(typedNs),
    onQuiet: () => {
      if (turns < TURNS_BEFORE_INPUT || !Number.isNaN(typedNs)) return false;
      typedNs = time.nowNs;
      return true;
    },
  });
  assert.equal(end, 'quiet');
  assert.ok(typedNs > 0 && typedNs < 30e9, `typed after ${typedNs / 1e9} s of the guest's`);
});

test('a deadline cuts an idle stretch, and one that is over does not stop time', async () => {
  const { time, session } = ticking();
  const host = { nowMs: () => 0, pause: async () => {} };
  const deadlineNs = 1.05 * TICK_NS;
  let looks = 0;
  const found = () => {
    looks += 1;
    return time.nowNs >= 3 * TICK_NS || looks > 100;
  };
  const moments: number[] = [];
  const played = {
    ...session,
    skipIdle: (untilNs: number) => {
      moments.push(untilNs);
      time.nowNs = untilNs;
    },
    run: () => ({ kind: 'idle', untilNs: (Math.floor(time.nowNs / TICK_NS) + 1) * TICK_NS }),
  } as unknown as Session;
  assert.equal(await drive(played, host, { found, deadlineNs, quietSeconds: 1e6 }), 'until');
  assert.deepEqual(moments, [TICK_NS, deadlineNs, 2 * TICK_NS, 3 * TICK_NS]);
});
