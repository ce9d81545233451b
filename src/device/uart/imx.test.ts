import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset, uartBench } from '../../../test/support/devices.ts';
import { ImxUart } from './imx.ts';

const [URXD, UTXD, UCR1, UCR2, UFCR, USR1, USR2, UTS] = [0x00, 0x40, 0x80, 0x84, 0x90, 0x94, 0x98, 0xb4];

test('reset values, every offset, state', () => {
  const uart = new ImxUart(uartBench());
  assert.deepEqual([uart.read(UCR2, 4), uart.read(UFCR, 4)], [0x0001, 0x0801]);
  assert.equal(uart.read(USR2, 4), 0x4008, 'transmitter empty and complete');
  assert.equal(uart.read(UTS, 4), 0x60);
  touchEveryOffset(uart);
  checkResetAndState(() => new ImxUart(uartBench()));
});

test('a software reset is over when it is asked for', () => {
  const uart = new ImxUart(uartBench());
  uart.write(UCR2, 0x4026, 4);
  assert.equal(uart.read(UCR2, 4), 0x4027);
});

test("the driver's reception: trigger level, ageing below it; transmission", () => {
  const bench = uartBench();
  const uart = new ImxUart(bench);
  uart.write(UCR2, 0x402f, 4);
  uart.write(UFCR, 0x0a08, 4);
  uart.write(UCR1, 0x0201, 4);
  bench.type('abc');
  assert.ok(bench.irq.level, 'three wait below eight: the ageing timer');
  assert.equal(uart.read(USR1, 4) & 0x0300, 0x0100);
  uart.write(USR1, 0x0100, 4);
  bench.type('defghi');
  assert.equal(uart.read(USR1, 4) & 0x0300, 0x0300);
  let text = '';
  while ((uart.read(USR2, 4) & 1) === 1) {
    const data = uart.read(URXD, 4);
    assert.equal(data & 0x8000, 0x8000, 'CHARRDY');
    text += String.fromCharCode(data & 0xff);
  }
  assert.equal(text, 'abcdefghi');
  assert.equal(bench.irq.level, false);
  uart.write(UCR1, 0x2201, 4);
  assert.ok(bench.irq.level, 'the transmitter is ready whenever it is asked');
  uart.write(UTXD, 0x41, 4);
  assert.equal(bench.sent(), 'A');
});
