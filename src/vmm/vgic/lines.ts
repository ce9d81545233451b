/**
 * The interrupt lines of virtio devices. A line is high while the device's InterruptStatus is not zero (VIRTIO 1.2 §4.2.2): the driver reads that
 * register and acknowledges it at each interrupt, so it is kept beside the interrupt controller. Compiled to C for seL4 (docs/compiled.md).
 */
import { INTERRUPT_ACK, INTERRUPT_STATUS } from '../virtio/registers.ts';
import { type VgicState, WINDOW_SHIFT } from './state.ts';

export const NO_LINE = -1;
const PAGE_MASK = 0xfff;
const WINDOW_MASK = 0x1ff;
const WINDOWS_IN_PAGE = 8;
const REGISTER_BYTES = 4;

/** The line of the device whose window of registers holds an address: its page and its lower half. */
export function lineAt(s: VgicState, page: number, addr: number): number {
  const window = page * WINDOWS_IN_PAGE + ((addr & PAGE_MASK) >>> WINDOW_SHIFT) + 1;
  const count = s.lineCount[0] ?? 0;
  for (let line = 0; line < count; line += 1) {
    if ((s.lineWindow[line] ?? 0) === window) return line;
  }
  return NO_LINE;
}

/** Whether an access to a device's window is one to its line: all else there is the device's. */
export function isOfLine(addr: number, isWrite: boolean, sizeBytes: number): boolean {
  const offset = addr & WINDOW_MASK;
  return sizeBytes === REGISTER_BYTES && offset === (isWrite ? INTERRUPT_ACK : INTERRUPT_STATUS);
}

export function readLine(s: VgicState, line: number): number {
  return s.lineStatus[line] ?? 0;
}

/** InterruptACK: the bits that are set are done with. */
export function acknowledgeLine(s: VgicState, line: number, value: number): void {
  s.lineStatus[line] = (s.lineStatus[line] ?? 0) & ~value;
}
