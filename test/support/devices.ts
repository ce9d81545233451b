/** What device tests share: lines that record, a wire with both ends in hand, and the test of every offset. */

import assert from 'node:assert/strict';
import { type Device, type IrqLine, SerialLine } from '../../src/device/index.ts';
import { loadSaved, savedCopy } from './saved.ts';

/** An interrupt line that remembers its level and counts its rising edges. */
export class RecordingLine implements IrqLine {
  level = false;
  risingEdges = 0;

  set(level: boolean): void {
    if (level && !this.level) this.risingEdges += 1;
    this.level = level;
  }
}

export interface UartBench {
  readonly irq: RecordingLine;
  readonly line: SerialLine;
  /** What the guest has sent, as text. */
  sent(): string;
  type(text: string): void;
}

export function uartBench(): UartBench {
  const irq = new RecordingLine();
  const line = new SerialLine();
  let sent = '';
  line.onOutput = (byte) => {
    sent += String.fromCharCode(byte);
  };
  return {
    irq,
    line,
    sent: () => sent,
    type: (text) => line.type(Array.from(text, (char) => char.charCodeAt(0))),
  };
}

/** Reads and writes every offset in every width; what comes back must be a number of that width. */
export function touchEveryOffset(device: Device): void {
  for (let offset = 0; offset < device.sizeBytes; offset += 1) {
    for (const sizeBytes of [1, 2, 4] as const) {
      if (offset % sizeBytes !== 0) continue;
      device.write(offset, 0xffff_ffff, sizeBytes);
      const value = device.read(offset, sizeBytes);
      assert.ok(
        Number.isInteger(value) && value >= 0 && value < 2 ** (8 * sizeBytes),
        `${device.model} +0x${offset.toString(16)}: ${value}`,
      );
      device.write(offset, 0, sizeBytes);
    }
  }
}

/** After a reset the device is as a new one, and a state taken from one and given to another carries over. */
export function checkResetAndState(make: () => Device): void {
  const [used, fresh, copy] = [make(), make(), make()];
  touchEveryOffset(used);
  loadSaved(copy.saved, savedCopy(used.saved));
  assert.deepEqual(copy.saved.save(), used.saved.save());
  used.reset();
  assert.deepEqual(used.saved.save(), fresh.saved.save());
}
