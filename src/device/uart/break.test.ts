/**
 * A BREAK on the line of every UART, as its driver in Linux 6.1 finds it: which bits say so, with the character of zeros or before it, and
 * that what is typed after it comes whole.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, type UartBench, uartBench } from '../../../test/support/devices.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import type { AccessSize, Device } from '../contract.ts';
import { BREAK } from '../serial-line.ts';
import { Armada3700Uart } from './armada3700.ts';
import { CadenceUart } from './cadence.ts';
import { GeniUart } from './geni.ts';
import { ImxUart } from './imx.ts';
import { Lpuart } from './lpuart.ts';
import { MesonUart } from './meson.ts';
import { MsmUart } from './msm.ts';
import { Pl011 } from './pl011.ts';
import { Scif } from './scif.ts';
import { Uart8250 } from './uart8250.ts';

/** What a driver's loop takes: characters, and `break` where it calls uart_handle_break(). */
type Heard = readonly (string | 'break')[];

interface Case {
  readonly name: string;
  readonly make: (bench: UartBench) => Device;
  /** What the driver writes to hear anything. */
  readonly start: readonly (readonly [offset: number, value: number, sizeBytes?: AccessSize])[];
  /** Its interrupt handler, once. */
  readonly handle: (device: Device) => Heard;
}

const character = (code: number): string => String.fromCharCode(code & 0xff);

const CASES: readonly Case[] = [
  {
    name: 'PL011',
    make: (bench) => new Pl011(bench),
    start: [
      [0x2c, 1 << 4],
      [0x30, 0x301],
      [0x38, 0x50],
    ],
    handle: (device) => {
      const heard: string[] = [];
      while ((device.read(0x18, 4) & 0x10) === 0) {
        const data = device.read(0x00, 4);
        const isBreak = (data & 0x400) !== 0;
        assert.equal(device.read(0x04, 4), isBreak ? 4 : 0, 'UARTRSR has the same');
        heard.push(isBreak ? 'break' : character(data));
      }
      device.write(0x44, 0x7ff, 4);
      return heard;
    },
  },
  {
    name: 'Meson',
    make: (bench) => new MesonUart(bench),
    start: [
      [0x08, (1 << 13) | (1 << 27)],
      [0x10, 1],
    ],
    handle: (device) => {
      const heard: string[] = [];
      while ((device.read(0x0c, 4) & (1 << 20)) === 0) {
        const status = device.read(0x0c, 4);
        if ((status & (1 << 17)) !== 0) {
          const control = device.read(0x08, 4);
          device.write(0x08, control | (1 << 24), 4);
          device.write(0x08, control, 4);
        }
        const data = device.read(0x04, 4) & 0xff;
        heard.push((status & (1 << 17)) !== 0 && data === 0 ? 'break' : character(data));
      }
      return heard;
    },
  },
  {
    name: '16550',
    make: (bench) => new Uart8250({ ...bench, regShift: 0 }),
    start: [
      [2, 1, 1],
      [1, 0x05, 1],
    ],
    handle: (device) => {
      const heard: string[] = [];
      const iir = device.read(2, 1);
      if (iir === 0xc1) return heard;
      assert.ok([0xc6, 0xc4, 0xcc].includes(iir), 'IIR says why');
      for (let lsr = device.read(5, 1); (lsr & 1) !== 0; lsr = device.read(5, 1)) {
        assert.equal(device.read(5, 1) & 0x18, 0, 'LSR says it once');
        const data = device.read(0, 1);
        heard.push((lsr & 0x10) !== 0 ? 'break' : character(data));
      }
      return heard;
    },
  },
  {
    name: 'i.MX',
    make: (bench) => new ImxUart(bench),
    start: [
      [0x80, 0x201],
      [0x84, 0x0f],
      [0x90, 0x801],
    ],
    handle: (device) => {
      const heard: string[] = [];
      while ((device.read(0x98, 4) & 1) !== 0) {
        const data = device.read(0x00, 4);
        if ((device.read(0x98, 4) & 4) !== 0) {
          assert.equal(data & 0x4800, 0x4800);
          device.write(0x98, 4, 4);
          heard.push('break');
        } else heard.push(character(data));
      }
      return heard;
    },
  },
  {
    name: 'Cadence',
    make: (bench) => new CadenceUart(bench),
    start: [
      [0x00, 0x14],
      [0x20, 1],
      [0x1c, 10],
      [0x08, 0x2141],
    ],
    handle: (device) => {
      const heard: string[] = [];
      device.write(0x14, device.read(0x14, 4), 4);
      while ((device.read(0x2c, 4) & 2) === 0) {
        const errors = device.read(0x48, 4);
        const data = device.read(0x30, 4);
        heard.push((errors & 4) !== 0 ? 'break' : character(data));
      }
      return heard;
    },
  },
  {
    name: 'LPUART',
    make: (bench) => new Lpuart(bench),
    start: [
      [0x28, 1 << 3],
      [0x18, (1 << 18) | (1 << 21)],
    ],
    handle: (device) => {
      const heard: string[] = [];
      while ((device.read(0x28, 4) & (1 << 22)) === 0) {
        const status = device.read(0x14, 4);
        const data = device.read(0x1c, 4) & 0x3ff;
        heard.push((status & (1 << 17)) !== 0 && data === 0 ? 'break' : character(data));
      }
      return heard;
    },
  },
  {
    name: 'MSM',
    make: (bench) => new MsmUart(bench),
    start: [
      [0x10, 1],
      [0x14, (1 << 3) | (1 << 10)],
      [0x34, 0xff_ffff],
    ],
    handle: (device) => {
      const heard: string[] = [];
      let detected = false;
      const misr = device.read(0x10, 4);
      if ((misr & (1 << 10)) !== 0) {
        detected = true;
        device.write(0x10, (1 << 11) | (2 << 4), 4);
      }
      let count = device.read(0x38, 4);
      for (; count > 0; count -= 4) {
        const word = device.read(0x70, 4);
        for (let byte = 0; byte < Math.min(count, 4); byte += 1) {
          const data = (word >>> (8 * byte)) & 0xff;
          heard.push(detected && data === 0 ? 'break' : character(data));
          if (data === 0) detected = false;
        }
      }
      device.write(0x10, 8 << 4, 4);
      device.write(0x34, 0xff_ffff, 4);
      return heard;
    },
  },
  {
    name: 'SCIF',
    make: (bench) => new Scif({ line: bench.line, irqs: [bench.irq] }),
    start: [[0x08, 0x50, 2]],
    handle: (device) => {
      const heard: string[] = [];
      const status = device.read(0x10, 2);
      if ((status & 3) !== 0) {
        for (let count = device.read(0x1c, 2) & 0xff; count > 0; count -= 1)
          heard.push(character(device.read(0x14, 1)));
        device.write(0x10, ~3 & 0xffff, 2);
      }
      if ((status & 0x10) !== 0) {
        heard.push('break');
        device.read(0x14, 1);
        device.write(0x10, ~0x10 & 0xffff, 2);
      }
      return heard;
    },
  },
  {
    name: 'Armada 3700',
    make: ({ irq, line }) =>
      new Armada3700Uart({
        line,
        sumIrq: irq,
        receiveIrq: { set: () => {} },
        transmitIrq: { set: () => {} },
      }),
    start: [[0x08, 1 << 4]],
    handle: (device) => {
      const heard: string[] = [];
      for (let status = device.read(0x0c, 4); (status & 0x18) !== 0; status = device.read(0x0c, 4)) {
        const data = device.read(0x00, 4);
        heard.push((status & 8) !== 0 ? 'break' : character(data));
      }
      return heard;
    },
  },
  {
    name: 'GENI',
    make: (bench) => new GeniUart(bench),
    start: [
      [0x630, 1 << 27],
      [0x644, (1 << 27) | (1 << 11)],
    ],
    handle: (device) => {
      const heard: string[] = [];
      const status = device.read(0x640, 4);
      device.write(0x648, status, 4);
      device.write(0x618, 1 << 27, 4);
      let isBreak = (status & (1 << 11)) !== 0;
      const fifo = device.read(0x804, 4);
      const words = fifo & 0xff_ffff;
      const last = (fifo >>> 28) & 7 || 4;
      for (let word = 0; word < words; word += 1) {
        const data = device.read(0x780, 4);
        for (let byte = 0; byte < (word === words - 1 ? last : 4); byte += 1) {
          const code = (data >>> (8 * byte)) & 0xff;
          heard.push(isBreak && code === 0 ? 'break' : character(code));
          if (code === 0) isBreak = false;
        }
      }
      return heard;
    },
  },
];

for (const { name, make, start, handle } of CASES) {
  test(`${name}: a BREAK, and what is typed before and after it`, () => {
    const bench = uartBench();
    const device = make(bench);
    for (const [offset, value, sizeBytes = 4] of start) device.write(offset, value, sizeBytes);
    const before = bench.irq.risingEdges;
    bench.line.type([0x61, BREAK, 0x68, BREAK, BREAK]);
    assert.ok(bench.irq.risingEdges > before, 'it interrupts');
    const heard: string[] = [];
    // As often as the line asks; a pulse asks once more each time.
    for (let turn = 0; turn < 8; turn += 1) {
      // What is under way is kept.
      loadSaved(device.saved, savedCopy(device.saved));
      heard.push(...handle(device));
    }
    assert.deepEqual(heard, ['a', 'break', 'h', 'break', 'break']);
    assert.equal(bench.irq.level, false);
    checkResetAndState(() => make(uartBench()));
  });
}
