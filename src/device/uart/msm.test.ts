import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset, uartBench } from '../../../test/support/devices.ts';
import { MsmUart } from './msm.ts';

const [SR, CR, MISR, IMR, DMRX, SNAP, NCF_TX, TF] = [0x08, 0x10, 0x10, 0x14, 0x34, 0x38, 0x40, 0x70];
const [TXLEV, RXSTALE] = [1 << 0, 1 << 3];

test('reset values, every offset, state', () => {
  const uart = new MsmUart(uartBench());
  assert.equal(uart.read(SR, 4), 0x0c, 'transmitter ready and empty');
  touchEveryOffset(uart);
  checkResetAndState(() => new MsmUart(uartBench()));
});

test('transmission: so many characters as were announced, four a word', () => {
  const bench = uartBench();
  const uart = new MsmUart(bench);
  uart.write(NCF_TX, 6, 4);
  uart.write(TF, 0x6c6c_6568, 4);
  uart.write(TF, 0xffff_216f, 4);
  assert.equal(bench.sent(), 'hello!');
  uart.write(IMR, TXLEV, 4);
  assert.ok(bench.irq.level);
  assert.equal(uart.read(MISR, 4), TXLEV);
});

test('reception: stale transfers, one after the other', () => {
  const bench = uartBench();
  const uart = new MsmUart(bench);
  const startTransfer = () => {
    uart.write(CR, 8 << 4, 4);
    uart.write(DMRX, 0xff_ffff, 4);
    uart.write(CR, 80 << 4, 4);
  };
  uart.write(CR, 1, 4);
  startTransfer();
  uart.write(IMR, RXSTALE, 4);
  bench.type('abcde');
  bench.type('xyz');
  let text = '';
  for (let transfer = 0; transfer < 2; transfer += 1) {
    assert.ok(bench.irq.level);
    let count = uart.read(SNAP, 4);
    for (; count > 0 && (uart.read(SR, 4) & 1) === 1; count -= 4) {
      const word = uart.read(TF, 4);
      for (let byte = 0; byte < Math.min(4, count); byte += 1) {
        text += String.fromCharCode((word >>> (8 * byte)) & 0xff);
      }
    }
    text += '|';
    startTransfer();
  }
  assert.equal(text, 'abcde|xyz|');
  assert.equal(bench.irq.level, false);
});
