import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkResetAndState,
  RecordingLine,
  touchEveryOffset,
  uartBench,
} from '../../../test/support/devices.ts';
import { Scif } from './scif.ts';

const [SCSCR, SCFTDR, SCFSR, SCFRDR, SCFCR, SCFDR] = [0x08, 0x0c, 0x10, 0x14, 0x18, 0x1c];
const [RE, TE, RIE, TIE] = [0x10, 0x20, 0x40, 0x80];
const [DR, RDF] = [0x01, 0x02];

function scif(interruptCount: number) {
  const bench = uartBench();
  const irqs = Array.from({ length: interruptCount }, () => new RecordingLine());
  return { bench, irqs, uart: new Scif({ line: bench.line, irqs }) };
}

test('reset values, every offset, state', () => {
  const { uart } = scif(1);
  assert.equal(uart.read(SCFSR, 2), 0x60);
  touchEveryOffset(uart);
  checkResetAndState(() => scif(1).uart);
});

test('one interrupt for all', () => {
  const { uart, irqs, bench } = scif(1);
  uart.write(SCFCR, 0x06, 2);
  uart.write(SCFCR, 0x80, 2);
  uart.write(SCSCR, RE | TE | RIE, 2);
  bench.type('abc');
  assert.ok(irqs[0]?.level);
  assert.equal(uart.read(SCFSR, 2) & (DR | RDF), DR, 'three are below the trigger of eight');
  assert.equal(uart.read(SCFDR, 2), 3);
  let text = '';
  while (uart.read(SCFDR, 2) > 0) text += String.fromCharCode(uart.read(SCFRDR, 1));
  uart.write(SCFSR, 0xffff & ~(DR | RDF), 2);
  assert.equal(text, 'abc');
  assert.equal(irqs[0]?.level, false);
  uart.write(SCSCR, RE | TE | RIE | TIE, 2);
  assert.ok(irqs[0]?.level);
  uart.write(SCFTDR, 0x41, 1);
  uart.write(SCFSR, 0xffdf, 2);
  assert.equal(bench.sent(), 'A');
  assert.equal(uart.read(SCFSR, 2) & 0x60, 0x60, 'empty again at once');
});

test('six interrupts: receive, transmit and data ready apart', () => {
  const { uart, irqs, bench } = scif(6);
  uart.write(SCSCR, RE | TE | RIE, 2);
  uart.write(SCFCR, 0x80, 2);
  bench.type('a');
  assert.deepEqual(
    irqs.map(({ level }) => level),
    [false, false, false, false, true, false],
  );
  bench.type('bcdefgh');
  assert.equal(irqs[1]?.level, true);
  uart.write(SCSCR, TE | TIE, 2);
  assert.deepEqual(
    irqs.map(({ level }) => level),
    [false, false, true, false, false, false],
  );
});
