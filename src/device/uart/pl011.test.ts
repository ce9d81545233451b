import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset, uartBench } from '../../../test/support/devices.ts';
import { Pl011 } from './pl011.ts';

const [DR, FR, LCR_H, CR, IFLS, IMSC, RIS, MIS, ICR] = [0x00, 0x18, 0x2c, 0x30, 0x34, 0x38, 0x3c, 0x40, 0x44];
const [RXIM, TXIM, RTIM] = [1 << 4, 1 << 5, 1 << 6];
const [UARTEN, TXE, RXE, LBE] = [1 << 0, 1 << 8, 1 << 9, 1 << 7];
const RXFE = 1 << 4;

test('reset values and PrimeCell identification (DDI 0183G table 3-1)', () => {
  const uart = new Pl011(uartBench());
  assert.equal(uart.read(CR, 4), 0x300);
  assert.equal(uart.read(IFLS, 4), 0x12);
  assert.equal(uart.read(FR, 4) & 0xf8, 0x90, 'both FIFOs empty, not busy');
  const ids = [0xfe0, 0xfe4, 0xfe8, 0xfec, 0xff0, 0xff4, 0xff8, 0xffc].map((offset) => uart.read(offset, 4));
  assert.deepEqual(ids, [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1]);
  touchEveryOffset(uart);
  checkResetAndState(() => new Pl011(uartBench()));
});

function started(bench = uartBench()) {
  const uart = new Pl011(bench);
  uart.write(LCR_H, 0x70, 2);
  uart.write(CR, UARTEN | TXE | RXE, 2);
  uart.write(IMSC, RXIM | RTIM, 2);
  return { uart, bench };
}

test('one character raises the receive time-out; the trigger level raises the receive interrupt', () => {
  const { uart, bench } = started();
  bench.type('a');
  assert.equal(uart.read(MIS, 2), RTIM);
  assert.ok(bench.irq.level);
  bench.type('b'.repeat(15));
  assert.equal(uart.read(MIS, 2), RXIM | RTIM, 'sixteen of 32');
  uart.read(DR, 2);
  assert.equal(uart.read(MIS, 2), RTIM, 'below the trigger level');
  while ((uart.read(FR, 2) & RXFE) === 0) uart.read(DR, 2);
  assert.equal(bench.irq.level, false);
});

test('a sent character raises the transmit interrupt until it is cleared', () => {
  const { uart, bench } = started();
  uart.write(IMSC, TXIM, 2);
  assert.equal(bench.irq.level, false, 'nothing has been sent yet');
  uart.write(DR, 0x41, 2);
  assert.equal(bench.sent(), 'A');
  assert.ok(bench.irq.level);
  uart.write(ICR, TXIM, 2);
  assert.equal(bench.irq.level, false);
  assert.equal(uart.read(RIS, 2) & TXIM, 0);
});

test('a disabled receiver leaves characters on the wire; SBSA has nothing to enable', () => {
  const bench = uartBench();
  const uart = new Pl011(bench);
  bench.type('z');
  assert.notEqual(uart.read(FR, 4) & RXFE, 0);
  uart.write(CR, UARTEN | RXE, 4);
  assert.equal(uart.read(FR, 4) & RXFE, 0);

  const other = uartBench();
  const sbsa = new Pl011(other, 'sbsa');
  other.type('z');
  assert.equal(sbsa.read(DR, 4), 0x7a);
});

test('loop-back', () => {
  const { uart, bench } = started();
  uart.write(CR, UARTEN | TXE | RXE | LBE, 2);
  uart.write(DR, 0x55, 2);
  assert.equal(bench.sent(), '');
  assert.equal(uart.read(DR, 2), 0x55);
});
