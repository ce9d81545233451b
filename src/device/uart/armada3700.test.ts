import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkResetAndState,
  RecordingLine,
  touchEveryOffset,
  uartBench,
} from '../../../test/support/devices.ts';
import { Armada3700Uart } from './armada3700.ts';

function armada(variant: 'standard' | 'extended') {
  const bench = uartBench();
  const [sumIrq, receiveIrq, transmitIrq] = [new RecordingLine(), new RecordingLine(), new RecordingLine()];
  const uart = new Armada3700Uart({ line: bench.line, sumIrq, receiveIrq, transmitIrq }, variant);
  return { bench, sumIrq, receiveIrq, transmitIrq, uart };
}

for (const variant of ['standard', 'extended'] as const) {
  test(`${variant}: every offset, reset, state`, () => {
    touchEveryOffset(armada(variant).uart);
    checkResetAndState(() => armada(variant).uart);
  });
}

test('standard: reception and transmission with the sum of both', () => {
  const { uart, bench, sumIrq, receiveIrq } = armada('standard');
  uart.write(0x08, 0xc000, 4);
  uart.write(0x08, 0x0010, 4);
  bench.type('k');
  assert.ok(sumIrq.level && receiveIrq.level);
  assert.equal(uart.read(0x0c, 4) & 0x10, 0x10);
  assert.equal(uart.read(0x00, 4), 0x6b);
  assert.equal(sumIrq.level, false);
  uart.write(0x04, 0x41, 4);
  assert.equal(bench.sent(), 'A');
  assert.equal(uart.read(0x0c, 4) & 0x2840, 0x2040, 'empty and not full');
});

test('extended: each character sent is an edge', () => {
  const { uart, bench, transmitIrq } = armada('extended');
  uart.write(0x20, 0x40, 4);
  const edges = transmitIrq.risingEdges;
  uart.write(0x1c, 0x41, 4);
  uart.write(0x1c, 0x42, 4);
  assert.equal(transmitIrq.risingEdges, edges + 2);
  assert.equal(bench.sent(), 'AB');
  assert.equal(uart.read(0x0c, 4) & 0x8000, 0x8000);
});
