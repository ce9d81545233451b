/**
 * Registers, declared once in the manual's words: from a declaration come masks, reset values, reads and writes, names
 * in traces and the table in `docs/devices.md`.
 *
 *     const REGISTERS = registerMap({
 *       UARTCR: reg(0x030, { UARTEN: bit(0), TXE: bit(8), RXE: bit(9), CTSEN: unmodelled(15) }, { reset: 0x300 }),
 *     });
 *
 * Bits that no field names are reserved: they read as zero and ignore writes.
 */

/** Some bits of a register. */
export interface Field {
  readonly mask: number;
  readonly shift: number;
  /** `modelled`: has its effect · `unmodelled`: remembered, without effect · `status`: the device's own, not written. */
  readonly kind: 'modelled' | 'unmodelled' | 'status';
}

/** Fields by name. */
export type Fields = Readonly<Record<string, Field>>;

/** A register of 32 bits: where it is, its fields, what it begins with. */
export interface Register<F extends Fields = Fields> {
  readonly offset: number;
  readonly sizeBytes: AccessWidth;
  readonly fields: F;
  readonly reset: number;
  /** `rw`, or what the guest may not do: a write-only register reads as zero, a read-only one ignores writes. */
  readonly access: 'rw' | 'ro' | 'wo';
  /** The bits that a write changes. */
  readonly writable: number;
}

type AccessWidth = 1 | 2 | 4;

/** Registers by the manual's names. */
export type RegisterMap = Readonly<Record<string, Register>>;

/** What a register begins with, and what is read only or cleared by writing 1. */
export interface RegisterOptions {
  readonly reset?: number;
  readonly access?: Register['access'];
  readonly sizeBytes?: AccessWidth;
}

/** A field of the single bit `n`, counted from 0. */
export function bit(n: number): Field {
  return bits(n, n);
}

/** Bits `high` to `low`, both included, as manuals write them. */
export function bits(high: number, low: number): Field {
  return { mask: maskOf(high, low), shift: low, kind: 'modelled' };
}

/** Bits that are remembered, but have no effect on the model. */
export function unmodelled(high: number, low = high): Field {
  return { mask: maskOf(high, low), shift: low, kind: 'unmodelled' };
}

/** Bits that show the device's state; writing them does nothing. */
export function status(high: number, low = high): Field {
  return { mask: maskOf(high, low), shift: low, kind: 'status' };
}

/** All 32 bits (or the register's 8 or 16) without a closer look. */
export const WHOLE: Fields = { VALUE: bits(31, 0) };
/** All bits remembered, none with an effect. */
export const REMEMBERED: Fields = { VALUE: unmodelled(31, 0) };

function maskOf(high: number, low: number): number {
  return Number(((1n << BigInt(high - low + 1)) - 1n) << BigInt(low));
}

/** Declares a register at an offset in bytes. */
export function reg<F extends Fields>(offset: number, fields: F, options: RegisterOptions = {}): Register<F> {
  const access = options.access ?? 'rw';
  const sizeBytes = options.sizeBytes ?? 4;
  const writableFields = Object.values(fields).filter((field) => field.kind !== 'status');
  const writable = access === 'ro' ? 0 : unionOf(writableFields) & widthMask(sizeBytes);
  return {
    offset,
    sizeBytes,
    fields,
    reset: options.reset ?? 0,
    access,
    writable: writable >>> 0,
  };
}

/** A read-only register with one value for ever, such as an identification register. */
export function constant(offset: number, value: number): Register<Fields> {
  return reg(offset, WHOLE, { reset: value, access: 'ro' });
}

function unionOf(fields: readonly Field[]): number {
  return fields.reduce((mask, field) => (mask | field.mask) >>> 0, 0);
}

export function widthMask(sizeBytes: number): number {
  return sizeBytes >= 4 ? 0xffff_ffff : 2 ** (8 * sizeBytes) - 1;
}

/** Checks that no two registers or fields overlap, and gives the map its type. Our own mistakes throw at start-up. */
export function registerMap<M extends RegisterMap>(map: M): M {
  const taken = new Map<number, string>();
  for (const [name, register] of Object.entries(map)) {
    for (let byte = 0; byte < register.sizeBytes; byte += 1) {
      const other = taken.get(register.offset + byte);
      if (other !== undefined) throw new Error(`registers ${other} and ${name} overlap`);
      taken.set(register.offset + byte, name);
    }
    let used = 0;
    for (const [field, { mask }] of Object.entries(register.fields)) {
      if ((used & mask) !== 0) throw new Error(`field ${field} of ${name} overlaps another`);
      used |= mask;
    }
  }
  return map;
}

/** A field's number, taken out of a register's value. */
export function fieldOf(value: number, field: Field): number {
  return (value & field.mask) >>> field.shift;
}

/** A register's value with a field put in. */
export function withField(value: number, field: Field, content: number): number {
  return ((value & ~field.mask) | ((content << field.shift) & field.mask)) >>> 0;
}
