/**
 * Arm's PL061 (DDI 0190B): eight pins, read and written through masks in the address, and an interrupt by level. Nothing drives a pin that
 * is an input: it is low, so no edge ever comes.
 */
import type { AccessSize, IrqLine } from '../contract.ts';
import { primeCellIds } from '../prime-cell.ts';
import { RegisterDevice } from '../register-device.ts';
import { bits, reg, registerMap, status, unmodelled } from '../registers.ts';

const PINS = { PINS: bits(7, 0) } as const;
const EDGES = { PINS: unmodelled(7, 0) } as const;

export const PL061_REGISTERS = registerMap({
  GPIODATA: reg(0x3fc, PINS),
  GPIODIR: reg(0x400, PINS),
  GPIOIS: reg(0x404, PINS),
  GPIOIBE: reg(0x408, EDGES),
  GPIOIEV: reg(0x40c, PINS),
  GPIOIE: reg(0x410, PINS),
  GPIORIS: reg(0x414, { PINS: status(7, 0) }, { access: 'ro' }),
  GPIOMIS: reg(0x418, { PINS: status(7, 0) }, { access: 'ro' }),
  GPIOIC: reg(0x41c, EDGES, { access: 'wo' }),
  GPIOAFSEL: reg(0x420, EDGES),
  ...primeCellIds('GPIO', 0x0004_1061),
});

const SIZE_BYTES = 0x1000;
const ALL_PINS = 0xff;
/** Bits 9 to 2 of the address say which pins an access is for (§3.3.1). */
const MASK_SHIFT = 2;

/** Arm's controller of eight pins. */
export class Pl061 extends RegisterDevice<typeof PL061_REGISTERS> {
  readonly model = 'PL061';
  readonly #irq: IrqLine;

  constructor({ irq }: { readonly irq: IrqLine }) {
    super(PL061_REGISTERS, SIZE_BYTES);
    this.#irq = irq;
    this.behave({
      GPIORIS: { read: () => this.#raised() },
      GPIOMIS: { read: () => this.#raised() & this.value.GPIOIE },
    });
  }

  override read(offset: number, sizeBytes: AccessSize): number {
    if (offset > PL061_REGISTERS.GPIODATA.offset) return super.read(offset, sizeBytes);
    return offset % 4 === 0 ? this.#levels() & (offset >>> MASK_SHIFT) : 0;
  }

  override write(offset: number, value: number, sizeBytes: AccessSize): void {
    if (offset > PL061_REGISTERS.GPIODATA.offset) super.write(offset, value, sizeBytes);
    else if (offset % 4 === 0) this.#drive((offset >>> MASK_SHIFT) & this.value.GPIODIR, value);
  }

  #drive(outputs: number, value: number): void {
    this.value.GPIODATA = (this.value.GPIODATA & ~outputs) | (value & outputs);
    this.changed();
  }

  override registerAt(offset: number): string | undefined {
    return super.registerAt(Math.max(offset, PL061_REGISTERS.GPIODATA.offset));
  }

  /** What an output was given, and low on every input. */
  #levels(): number {
    return this.value.GPIODATA & this.value.GPIODIR;
  }

  /** Pins that are sensed by level and are at the level that counts. */
  #raised(): number {
    const { GPIOIS, GPIOIEV } = this.value;
    return GPIOIS & ~(this.#levels() ^ GPIOIEV) & ALL_PINS;
  }

  protected override changed(): void {
    this.#irq.set((this.#raised() & this.value.GPIOIE) !== 0);
  }
}
