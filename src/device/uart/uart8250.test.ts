import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset, uartBench } from '../../../test/support/devices.ts';
import { UART8250_VARIANTS, Uart8250, type Uart8250Variant } from './uart8250.ts';

const [DATA, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR] = [0, 1, 2, 3, 4, 5, 6, 7];
const variants = Object.keys(UART8250_VARIANTS) as readonly Uart8250Variant[];

/** A UART whose registers are addressed by number, as drivers do. */
function bench8250(variant: Uart8250Variant, regShift: number) {
  const bench = uartBench();
  const uart = new Uart8250({ ...bench, regShift }, variant);
  const size = regShift === 0 ? 1 : 4;
  return {
    bench,
    uart,
    read: (index: number) => uart.read(index << regShift, size),
    write: (index: number, value: number) => uart.write(index << regShift, value, size),
  };
}

for (const variant of variants) {
  test(`${variant}: every offset, reset, state`, () => {
    touchEveryOffset(bench8250(variant, 2).uart);
    checkResetAndState(() => bench8250(variant, 2).uart);
  });

  test(`${variant}: what Linux's autoconfig asks, ends at a 16550A or its kin`, () => {
    const { read, write } = bench8250(variant, 2);
    // The interrupt enable register holds four bits, and the scratch register holds eight.
    write(IER, 0);
    assert.equal(read(IER) & 0x0f, 0);
    write(IER, 0x0f);
    assert.equal(read(IER) & 0x0f, 0x0f);
    write(IER, 0);
    write(SCR, 0xa5);
    assert.equal(read(SCR), 0xa5);
    // Loop-back joins RTS and OUT2 to CTS and DCD.
    write(MCR, 0x10 | 0x0a);
    assert.equal(read(MSR) & 0xf0, 0x90);
    write(MCR, 0);
    // With FIFOs enabled, IIR says so in its two highest bits.
    write(IIR_FCR, 0x01);
    assert.equal(read(IIR_FCR) >> 6, 3);
    assert.equal(read(LSR), 0x60);
  });
}

test('the divisor latch hides the data and interrupt registers', () => {
  const { read, write, bench } = bench8250('ns16550', 0);
  write(IER, 0x05);
  write(LCR, 0x80);
  write(DATA, 0x0d);
  write(IER, 0x01);
  assert.deepEqual([read(DATA), read(IER)], [0x0d, 0x01]);
  write(LCR, 0x03);
  assert.equal(read(IER), 0x05);
  assert.equal(bench.sent(), '');
});

test('received data by trigger level, or by time-out below it', () => {
  const { read, write, bench } = bench8250('designware', 2);
  write(IIR_FCR, 0x81);
  write(IER, 0x01);
  bench.type('abc');
  assert.equal(read(IIR_FCR), 0xcc, 'three are below eight');
  bench.type('defgh');
  assert.equal(read(IIR_FCR), 0xc4);
  let text = '';
  while ((read(LSR) & 1) === 1) text += String.fromCharCode(read(DATA));
  assert.equal(text, 'abcdefgh');
  assert.equal(read(IIR_FCR), 0xc1);
  assert.equal(bench.irq.level, false);
});

test('transmitter empty: raised when enabled and after each character, cleared by reading IIR', () => {
  const { read, write, bench } = bench8250('ns16550', 2);
  write(IER, 0x02);
  assert.ok(bench.irq.level);
  assert.equal(read(IIR_FCR), 0x02);
  assert.equal(bench.irq.level, false);
  write(DATA, 0x41);
  assert.equal(bench.sent(), 'A');
  assert.ok(bench.irq.level);
});

test('DesignWare says what it is; a plain 16550 does not', () => {
  assert.equal(bench8250('designware', 2).uart.read(0xf8, 4), 0x3430_322a);
  assert.equal((bench8250('designware', 2).uart.read(0xf4, 4) >> 16) * 16, 64);
  assert.equal(bench8250('ns16550', 2).uart.read(0xf8, 4), 0);
});

test('AM65: the enhanced feature register stands behind LCR 0xbf', () => {
  const { read, write } = bench8250('am65', 2);
  write(LCR, 0xbf);
  write(IIR_FCR, 0x10);
  write(MCR, 0x5a);
  assert.equal(read(IIR_FCR), 0x10);
  write(LCR, 0x03);
  assert.equal(read(MCR), 0, 'XON1 is not MCR');
  assert.equal(read(IIR_FCR) & 0x0f, 0x01);
});
