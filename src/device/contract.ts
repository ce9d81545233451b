/**
 * What a device is: registers, an interrupt line or two, and nothing else. A device knows neither its address nor its
 * interrupt's number, nor who maps it; `machine/` places it, and the kernel model owns the interrupt controller.
 */
import type { Paddr, Saving } from '../base/index.ts';

/** The widths of access that a device sees. A 64-bit access reaches it as two of 32 bits, the lower address first. */
export type AccessSize = 1 | 2 | 4;

/** Its saved state leaves out lines: they are driven again when it is loaded, as after any change. */
export interface Device extends Saving {
  /** The model's name as its manual has it: `PL011`. */
  readonly model: string;
  /** How much of the address space the registers take. Accesses beyond are the bus's matter. */
  readonly sizeBytes: number;
  /** The `sizeBytes` bytes at `offset`, as an unsigned number. Never throws, whatever the guest asks. */
  read(offset: number, sizeBytes: AccessSize): number;
  write(offset: number, value: number, sizeBytes: AccessSize): void;
  /** The name of the register that holds this offset, for traces and accounts. */
  registerAt(offset: number): string | undefined;
  /** Puts the device as it is after power-on. */
  reset(): void;
}

/** A wire to the interrupt controller, active high. */
export interface IrqLine {
  set(level: boolean): void;
}

/**
 * How a device that masters the bus reaches RAM: by physical address, whatever any guest calls it. `false` where not all of
 * it is RAM; then nothing was moved, and whoever owns the bus has heard of it.
 */
export interface BusMaster {
  read(physAddr: Paddr, target: Uint8Array): boolean;
  write(physAddr: Paddr, content: Uint8Array): boolean;
}

/** A slot whose card can be taken out and put in again while it runs. */
export interface CardSlot {
  /** Whether it has a card at all, in or out. */
  readonly hasCard: boolean;
  isCardIn: boolean;
}

/** An Ethernet controller's socket. */
export interface CableSocket {
  /** Whether the PHY leads anywhere. */
  readonly hasSocket: boolean;
  isCableIn: boolean;
}

/** A line that leads nowhere: for a device whose tree gives it no interrupt. */
export const UNCONNECTED_LINE: IrqLine = { set: () => {} };

/** An edge: high and low again, as a device does whose manual calls its interrupt a pulse. */
export function pulse(line: IrqLine): void {
  line.set(true);
  line.set(false);
}
