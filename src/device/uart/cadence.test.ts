import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset, uartBench } from '../../../test/support/devices.ts';
import { CadenceUart } from './cadence.ts';

const [CR, IER, IDR, IMR, ISR, RXTOUT, RXWM, SR, FIFO] = [
  0x00, 0x08, 0x0c, 0x10, 0x14, 0x1c, 0x20, 0x2c, 0x30,
];
const [TEMPTY, TIMEOUT, RTRIG] = [1 << 3, 1 << 8, 1 << 0];

test('reset values, every offset, state', () => {
  const uart = new CadenceUart(uartBench());
  assert.deepEqual([uart.read(CR, 4), uart.read(RXWM, 4), uart.read(SR, 4)], [0x128, 0x20, 0x0a]);
  touchEveryOffset(uart);
  checkResetAndState(() => new CadenceUart(uartBench()));
});

test('the resets in the control register are over at once; disable wins over enable', () => {
  const bench = uartBench();
  const uart = new CadenceUart(bench);
  uart.write(CR, 0x28 | 3, 4);
  assert.equal(uart.read(CR, 4) & 3, 0);
  bench.type('x');
  assert.equal(uart.read(SR, 4) & 2, 2, 'the receiver is off');
  uart.write(CR, 0x14, 4);
  assert.equal(uart.read(SR, 4) & 2, 0);
});

test("the driver's reception by time-out, transmission by empty", () => {
  const bench = uartBench();
  const uart = new CadenceUart(bench);
  uart.write(CR, 0x14, 4);
  uart.write(RXTOUT, 10, 4);
  uart.write(IER, TIMEOUT | RTRIG, 4);
  assert.equal(uart.read(IMR, 4), TIMEOUT | RTRIG);
  bench.type('hi');
  assert.ok(bench.irq.level);
  const status = uart.read(ISR, 4);
  uart.write(ISR, status, 4);
  assert.deepEqual([uart.read(FIFO, 4), uart.read(FIFO, 4)], [0x68, 0x69]);
  assert.equal(bench.irq.level, false);

  uart.write(IER, TEMPTY, 4);
  uart.write(FIFO, 0x41, 4);
  assert.equal(bench.sent(), 'A');
  assert.ok(bench.irq.level);
  uart.write(ISR, TEMPTY, 4);
  uart.write(IDR, TEMPTY, 4);
  assert.equal(bench.irq.level, false);
});
