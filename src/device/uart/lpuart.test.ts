import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset, uartBench } from '../../../test/support/devices.ts';
import { Lpuart } from './lpuart.ts';

const [RE, TE, RIE, TIE] = [1 << 18, 1 << 19, 1 << 21, 1 << 23];

for (const [variant, base] of [
  ['imx', 0x10],
  ['layerscape', 0x00],
] as const) {
  const [STAT, CTRL, DATA, FIFO, WATER] = [base + 4, base + 8, base + 0xc, base + 0x18, base + 0x1c];

  test(`${variant}: reset values, every offset, state`, () => {
    const uart = new Lpuart(uartBench(), variant);
    assert.equal(uart.read(STAT, 4), 0x00c0_0000);
    assert.equal(uart.read(FIFO, 4), 0x00c0_0044);
    touchEveryOffset(uart);
    checkResetAndState(() => new Lpuart(uartBench(), variant));
  });

  test(`${variant}: the driver's set-up, reception and transmission`, () => {
    const bench = uartBench();
    const uart = new Lpuart(bench, variant);
    uart.write(FIFO, uart.read(FIFO, 4) | 0xc088, 4);
    assert.equal(uart.read(FIFO, 4) & 0xc000, 0, 'the flush bits read as zero');
    uart.write(CTRL, TE | RE | RIE, 4);
    bench.type('ok');
    assert.ok(bench.irq.level);
    assert.equal(uart.read(WATER, 4) >>> 24, 2);
    assert.equal(uart.read(DATA, 4), 0x6f);
    assert.equal(uart.read(DATA, 4), 0x6b);
    assert.equal(uart.read(DATA, 4), 0x1000, 'RXEMPT');
    assert.equal(bench.irq.level, false);
    uart.write(CTRL, TE | RE | RIE | TIE, 4);
    assert.ok(bench.irq.level);
    uart.write(DATA, 0x41, 4);
    assert.equal(bench.sent(), 'A');
  });
}

test('the i.MX kind resets by GLOBAL', () => {
  const uart = new Lpuart(uartBench());
  uart.write(0x18, RE, 4);
  uart.write(0x08, 2, 4);
  uart.write(0x08, 0, 4);
  assert.equal(uart.read(0x18, 4), 0);
});
