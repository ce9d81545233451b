/** How attribute values are written (Microkit 2.3's tool: `sdf_parse_number`, `str_to_bool` and their like). */
import { attempt, Refusal } from '../../base/index.ts';
import type { PciAddress, Permissions } from '../description.ts';

/** Why a value says nothing: a sentence's end, `size is "4K", which …`. */
export class ValueRefusal extends Refusal {
  readonly advice: string | undefined;
  readonly isTooLarge: boolean;
  /** How the same is written that the attribute takes, where that is certain. */
  readonly meant: string | undefined;

  constructor(
    problem: string,
    advice?: string,
    { isTooLarge = false, meant }: { readonly isTooLarge?: boolean; readonly meant?: string } = {},
  ) {
    super(problem);
    this.advice = advice;
    this.isTooLarge = isTooLarge;
    this.meant = meant;
  }
}

/**
 * Addresses, sizes and times are exact up to here. Nothing on Arm's or x86's 52 bits of physical address reaches it; the tool reads
 * numbers up to 2⁶⁴ − 1, which seL4 refuses when the system starts, if the tool did not.
 */
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);
/** A turn of the schedule has 56 bits of ticks (seL4 16.0.0, `src/object/domain.c`). */
const LARGEST_TICKS = (1n << 56n) - 1n;

function tooLarge(): ValueRefusal {
  return new ValueRefusal('is too large a number', undefined, { isTooLarge: true });
}

/** Decimal, or hexadecimal after `0x`; underscores are skipped. */
export function parseNumber(text: string): number {
  return Number(parseWhole(text, LARGEST));
}

function parseWhole(text: string, largest: bigint): bigint {
  const digits = text.replaceAll('_', '');
  const hexadecimal = digits.startsWith('0x');
  const bare = hexadecimal ? digits.slice(2) : digits;
  if (!(hexadecimal ? /^\+?[0-9a-fA-F]+$/ : /^\+?[0-9]+$/).test(bare)) throw notANumber(text);
  const value = BigInt(`${hexadecimal ? '0x' : ''}${bare.replace('+', '')}`);
  if (value > largest) throw tooLarge();
  return value;
}

function notANumber(text: string): ValueRefusal {
  if (text.trim() !== text)
    return new ValueRefusal('is no number', 'remove the white space', {
      ...(/^(?:0x[0-9a-fA-F_]+|[0-9_]+)$/.test(text.trim()) ? { meant: text.trim() } : {}),
    });
  if (/^0X[0-9a-fA-F_]+$/.test(text))
    return new ValueRefusal('is no number', 'write the x of 0x small', { meant: text.replace('0X', '0x') });
  if (/^[0-9_]+[kKmMgG]i?B?$/.test(text)) {
    return new ValueRefusal('is no number', 'units are not understood; write the number of bytes');
  }
  return new ValueRefusal(
    'is no number',
    'write it in decimal, or in hexadecimal after 0x; _ may part the digits',
  );
}

/** Decimal only: here the tool ends with a Rust panic on anything else. May be negative. */
export function parseDecimal(text: string): number {
  if (/^[+-]?[0-9]+$/.test(text)) {
    const value = BigInt(text.replace('+', ''));
    if (value > LARGEST || value < -LARGEST) throw tooLarge();
    return Number(value);
  }
  const number = attempt(() => parseNumber(text));
  if (typeof number === 'number')
    throw new ValueRefusal('must be decimal', `write "${number}"`, { meant: `${number}` });
  throw new ValueRefusal('is no decimal number', 'write it with the digits 0 to 9 only');
}

export function parseBoolean(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new ValueRefusal('is neither "true" nor "false"');
}

/** Any combination of r, w and x, as often as one likes; given back in that order. */
export function parsePermissions(text: string): Permissions {
  if (!/^[rwx]*$/.test(text)) throw new ValueRefusal('is no combination of r, w and x');
  const letters = ['r', 'w', 'x'].filter((letter) => text.includes(letter));
  return letters.join('') as Permissions;
}

/** `BUS:DEVICE.FUNCTION`, each in hexadecimal. */
export function parsePciAddress(text: string): PciAddress {
  const parts = /^\s*([0-9a-fA-F]+)\s*:\s*([0-9a-fA-F]+)\s*\.\s*([0-9a-fA-F]+)\s*$/.exec(text);
  if (parts === null) {
    throw new ValueRefusal(
      'is no PCI address',
      'write BUS:DEVICE.FUNCTION in hexadecimal, for example 01:1f.2',
    );
  }
  const [bus = 0, device = 0, fn = 0] = parts.slice(1).map((part) => Number.parseInt(part, 16));
  if (bus > 0xff) throw new ValueRefusal('names a bus beyond ff');
  if (device > 0x1f) throw new ValueRefusal('names a device beyond 1f');
  if (fn > 7) throw new ValueRefusal('names a function beyond 7');
  return { bus, device, function: fn };
}

export function formatPciAddress({ bus, device, function: fn }: PciAddress): string {
  const two = (value: number): string => value.toString(16).padStart(2, '0');
  return `${two(bus)}:${two(device)}.${fn}`;
}

export interface Duration {
  readonly duration: bigint;
  readonly unit: 'us' | 'ticks';
}

/** `1000 us` or `1000 ticks`: one space, and never zero. */
export function parseDuration(text: string): Duration {
  const space = text.indexOf(' ');
  const advice = 'write a number, one space and "us" or "ticks", for example "1000 us"';
  if (space < 0) throw new ValueRefusal('has no unit', advice);
  const unit = text.slice(space + 1);
  const largest = unit === 'ticks' ? LARGEST_TICKS : LARGEST;
  const number = attempt(() => parseWhole(text.slice(0, space), largest), ValueRefusal);
  if (number instanceof ValueRefusal)
    throw number.isTooLarge ? number : new ValueRefusal('does not begin with a number', advice);
  if (unit !== 'us' && unit !== 'ticks') throw new ValueRefusal(`has the unknown unit "${unit}"`, advice);
  if (number === 0n) throw new ValueRefusal('is zero', 'a domain must be given some time');
  return { duration: number, unit };
}
