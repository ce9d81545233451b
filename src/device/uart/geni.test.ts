import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset, uartBench } from '../../../test/support/devices.ts';
import { GeniUart } from './geni.ts';

const [STATUS, FW, TRANS_LEN, M_CMD0, M_IRQ_STATUS, M_IRQ_EN, M_IRQ_CLEAR] = [
  0x40, 0x68, 0x270, 0x600, 0x610, 0x614, 0x618,
];
const [S_CMD0, S_CTRL, S_IRQ_STATUS, S_IRQ_EN, S_IRQ_CLEAR, TX_FIFO, RX_FIFO] = [
  0x630, 0x634, 0x640, 0x644, 0x648, 0x700, 0x780,
];
const [RX_STATUS, TX_WATERMARK, HW_PARAM_0] = [0x804, 0x80c, 0xe24];
const [CMD_DONE, CANCELLED, LAST, WATERMARK] = [1 << 0, 1 << 4, 1 << 27, 1 << 30];

test('identity, every offset, state', () => {
  const uart = new GeniUart(uartBench());
  assert.equal((uart.read(FW, 4) >> 8) & 0xff, 2, 'UART firmware');
  assert.equal((uart.read(HW_PARAM_0, 4) >> 16) & 0x3f, 16);
  touchEveryOffset(uart);
  checkResetAndState(() => new GeniUart(uartBench()));
});

test("the console's transmission: length, command, words, done", () => {
  const bench = uartBench();
  const uart = new GeniUart(bench);
  uart.write(TX_WATERMARK, 2, 4);
  uart.write(TRANS_LEN, 6, 4);
  uart.write(M_CMD0, 1 << 27, 4);
  assert.equal(uart.read(STATUS, 4), 1);
  uart.write(M_IRQ_CLEAR, WATERMARK, 4);
  assert.equal(uart.read(M_IRQ_STATUS, 4) & WATERMARK, WATERMARK, 'latched again at once');
  uart.write(TX_FIFO, 0x6c6c_6568, 4);
  assert.equal(uart.read(M_IRQ_STATUS, 4) & CMD_DONE, 0);
  uart.write(TX_FIFO, 0x0000_216f, 4);
  assert.equal(bench.sent(), 'hello!');
  assert.equal(uart.read(M_IRQ_STATUS, 4) & CMD_DONE, CMD_DONE);
  assert.equal(uart.read(STATUS, 4), 0);
});

test('reception: batches that end in a partial word, until cancelled', () => {
  const bench = uartBench();
  const uart = new GeniUart(bench);
  uart.write(S_IRQ_EN, LAST, 4);
  uart.write(M_IRQ_EN, LAST, 4);
  uart.write(S_CMD0, 1 << 27, 4);
  bench.type('abcde');
  bench.type('f');
  assert.ok(bench.irq.level);
  uart.write(M_IRQ_CLEAR, LAST, 4);
  uart.write(S_IRQ_CLEAR, LAST, 4);
  assert.equal(uart.read(RX_STATUS, 4), (0x9000_0000 | 2) >>> 0, 'two words, one character in the last');
  assert.equal(uart.read(RX_FIFO, 4), 0x6463_6261);
  assert.equal(uart.read(RX_FIFO, 4), 0x65);
  assert.equal(uart.read(RX_STATUS, 4), (0x9000_0000 | 1) >>> 0, 'the next batch');
  assert.ok(bench.irq.level);
  uart.write(S_CTRL, 1 << 2, 4);
  assert.equal(uart.read(S_IRQ_STATUS, 4) & CANCELLED, CANCELLED);
  assert.equal(uart.read(STATUS, 4), 0);
});
