import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset, uartBench } from '../../../test/support/devices.ts';
import { MesonUart } from './meson.ts';

const [WFIFO, RFIFO, CONTROL, STATUS, MISC] = [0x00, 0x04, 0x08, 0x0c, 0x10];
const [RX_EN, RX_INT_EN, TX_INT_EN] = [1 << 13, 1 << 27, 1 << 28];
const [RX_EMPTY, TX_FULL, TX_EMPTY, XMIT_BUSY] = [1 << 20, 1 << 21, 1 << 22, 1 << 25];

test('reset values, every offset, state', () => {
  const uart = new MesonUart(uartBench());
  assert.equal(uart.read(CONTROL, 4), 0xb000);
  assert.equal(uart.read(STATUS, 4), RX_EMPTY | TX_EMPTY);
  assert.equal(uart.read(MISC, 4), 0x8001);
  assert.equal(uart.registerAt(0x0d), 'STATUS');
  touchEveryOffset(uart);
  checkResetAndState(() => new MesonUart(uartBench()));
});

test("the driver's start-up, then characters both ways, an edge for each", () => {
  const bench = uartBench();
  const uart = new MesonUart(bench);
  uart.write(CONTROL, uart.read(CONTROL, 4) | RX_EN | RX_INT_EN | TX_INT_EN, 4);
  uart.write(MISC, (32 << 8) | 1, 4);
  assert.equal(uart.read(STATUS, 4) & (TX_FULL | XMIT_BUSY), 0);

  uart.write(WFIFO, 0x41, 4);
  assert.equal(bench.sent(), 'A');
  assert.equal(bench.irq.risingEdges, 1, 'the transmit FIFO fell to its threshold');
  assert.equal(bench.irq.level, false, 'a pulse');

  bench.type('ok');
  assert.equal(bench.irq.risingEdges, 2);
  assert.equal(uart.read(STATUS, 4) & 0x7f, 2);
  assert.equal(uart.read(RFIFO, 4), 0x6f);
  assert.equal(uart.read(RFIFO, 4), 0x6b);
  assert.notEqual(uart.read(STATUS, 4) & RX_EMPTY, 0);
});

test('what comes while the console masks its interrupts is announced when it unmasks them', () => {
  const bench = uartBench();
  const uart = new MesonUart(bench);
  uart.write(CONTROL, RX_EN, 4);
  bench.type('x');
  assert.equal(bench.irq.risingEdges, 0);
  uart.write(CONTROL, RX_EN | RX_INT_EN, 4);
  assert.equal(bench.irq.risingEdges, 1);
});

test('no character is lost when more are typed than the FIFO holds', () => {
  const bench = uartBench();
  const uart = new MesonUart({ ...bench, fifoDepth: 64 });
  uart.write(CONTROL, RX_EN | RX_INT_EN, 4);
  const text = 'abcdefghij'.repeat(20);
  bench.type(text);
  let received = '';
  while ((uart.read(STATUS, 4) & RX_EMPTY) === 0) received += String.fromCharCode(uart.read(RFIFO, 4));
  assert.equal(received, text);
});
