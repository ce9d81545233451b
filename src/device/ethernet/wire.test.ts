import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { SteppedClock } from '../clock.ts';
import { EthernetWire } from './wire.ts';

const frame = (sizeBytes: number, fill = 7) => new Uint8Array(sizeBytes).fill(fill);

test('a frame reaches all other ports after as long as its bits take; short ones are padded', () => {
  const clock = new SteppedClock();
  const wire = new EthernetWire(clock);
  const seen: number[] = [];
  wire.watcher = (sent) => seen.push(sent.length);
  const [first, second, third] = [wire.connect(), wire.connect(), wire.connect()];
  assert.ok(first.send(frame(14)));
  assert.ok(first.send(frame(1514)));
  assert.deepEqual(seen, [60, 1514]);
  clock.advanceTo(8 * (60 + 24) - 1);
  assert.equal(second.waiting, 0);
  clock.advanceTo(8 * (60 + 24));
  assert.deepEqual([first.waiting, second.waiting, third.waiting], [0, 1, 1]);
  clock.advanceTo(8 * (60 + 24 + 1514 + 24) - 1);
  assert.equal(third.waiting, 1, 'the second waits until the first is out');
  clock.advanceTo(8 * (60 + 24 + 1514 + 24));
  assert.equal(third.waiting, 2);
  assert.deepEqual([third.take()?.length, third.take()?.length, third.take()], [60, 1514, undefined]);
});

test('ports do not wait for each other; of two frames at one instant the first port is first', () => {
  const clock = new SteppedClock();
  const wire = new EthernetWire(clock);
  const [first, second, third] = [wire.connect(), wire.connect(), wire.connect()];
  second.send(frame(100, 2));
  first.send(frame(100, 1));
  clock.advanceTo(1e6);
  assert.deepEqual([third.take()?.[0], third.take()?.[0]], [1, 2]);
});

test('what waits to be sent is bounded, and the sender hears when there is room; receivers lose frames', () => {
  const clock = new SteppedClock();
  const wire = new EthernetWire(clock);
  const [first, second] = [wire.connect(), wire.connect()];
  let ready = 0;
  first.onReady = () => {
    ready += 1;
  };
  let sent = 0;
  while (first.send(frame(1000))) sent += 1;
  assert.equal(sent, 64);
  clock.advanceTo(8 * 1024);
  assert.deepEqual([first.ready, ready], [true, 1]);
  for (let round = 0; round < 20; round += 1) {
    while (first.send(frame(60))) sent += 1;
    clock.advanceTo(clock.nowNs + 1e6);
  }
  assert.ok(sent > 1000);
  assert.equal(second.waiting, 256);
  assert.deepEqual(wire.use, { frames: sent, bytes: 64_000 + 60 * (sent - 64), lost: sent - 256 });
});

test('what nobody listens to is not kept; a state carries over what is under way', () => {
  const clock = new SteppedClock();
  const wire = new EthernetWire(clock);
  const [first, second] = [wire.connect(), wire.connect()];
  second.listening = false;
  for (let count = 0; count < 100; count += 1) assert.ok(first.send(frame(60)));
  assert.equal(clock.nextDeadlineNs, undefined);
  second.listening = true;
  first.send(frame(60, 1));
  first.send(frame(60, 2));
  clock.advanceTo(8 * 84);
  const later = new SteppedClock();
  const other = new EthernetWire(later);
  const [, received] = [other.connect(), other.connect()];
  later.setTo(clock.nowNs);
  loadSaved(other.saved, savedCopy(wire.saved));
  assert.deepEqual(other.saved.save(), wire.saved.save());
  later.advanceTo(8 * 168);
  assert.deepEqual([received.take()?.[0], received.take()?.[0]], [1, 2]);
});
