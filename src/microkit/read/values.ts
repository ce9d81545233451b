/** How attribute values are written (Microkit 2.3's tool: `sdf_parse_number`, `str_to_bool` and their like). */
import type { PciAddress, Permissions } from '../description.ts';

/** What a value says, or a sentence's end on why it says nothing: `size is "4K": …`. */
export type Parsed<T> =
  | { readonly value: T }
  | { readonly problem: string; readonly advice?: string; readonly isTooLarge?: true };

/**
 * Addresses, sizes and times are exact up to here. Nothing on Arm's or x86's 52 bits of physical address reaches it; the tool reads
 * numbers up to 2⁶⁴ − 1, which seL4 refuses when the system starts, if the tool did not.
 */
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

const TOO_LARGE = { problem: 'is too large a number', isTooLarge: true } as const;

/** Decimal, or hexadecimal after `0x`; underscores are skipped. */
export function parseNumber(text: string): Parsed<number> {
  const digits = text.replaceAll('_', '');
  const hexadecimal = digits.startsWith('0x');
  const bare = hexadecimal ? digits.slice(2) : digits;
  if (!(hexadecimal ? /^\+?[0-9a-fA-F]+$/ : /^\+?[0-9]+$/).test(bare)) return notANumber(text);
  const value = BigInt(`${hexadecimal ? '0x' : ''}${bare.replace('+', '')}`);
  if (value > LARGEST) return TOO_LARGE;
  return { value: Number(value) };
}

function notANumber(text: string): Parsed<number> {
  if (text.trim() !== text) return { problem: 'is no number', advice: 'remove the white space' };
  if (/^0X[0-9a-fA-F_]+$/.test(text)) return { problem: 'is no number', advice: 'write the x of 0x small' };
  if (/^[0-9_]+[kKmMgG]i?B?$/.test(text)) {
    return { problem: 'is no number', advice: 'units are not understood; write the number of bytes' };
  }
  return {
    problem: 'is no number',
    advice: 'write it in decimal, or in hexadecimal after 0x; _ may part the digits',
  };
}

/** Decimal only: here the tool ends with a Rust panic on anything else. May be negative. */
export function parseDecimal(text: string): Parsed<number> {
  if (/^[+-]?[0-9]+$/.test(text)) {
    const value = BigInt(text.replace('+', ''));
    if (value > LARGEST || value < -LARGEST) return TOO_LARGE;
    return { value: Number(value) };
  }
  const number = parseNumber(text);
  if ('value' in number) return { problem: 'must be decimal', advice: `write "${number.value}"` };
  return { problem: 'is no decimal number', advice: 'write it with the digits 0 to 9 only' };
}

export function parseBoolean(text: string): Parsed<boolean> {
  if (text === 'true' || text === 'false') return { value: text === 'true' };
  return { problem: 'is neither "true" nor "false"' };
}

/** Any combination of r, w and x, as often as one likes; given back in that order. */
export function parsePermissions(text: string): Parsed<Permissions> {
  if (!/^[rwx]*$/.test(text)) return { problem: 'is no combination of r, w and x' };
  const letters = ['r', 'w', 'x'].filter((letter) => text.includes(letter));
  return { value: letters.join('') as Permissions };
}

/** `BUS:DEVICE.FUNCTION`, each in hexadecimal. */
export function parsePciAddress(text: string): Parsed<PciAddress> {
  const parts = /^\s*([0-9a-fA-F]+)\s*:\s*([0-9a-fA-F]+)\s*\.\s*([0-9a-fA-F]+)\s*$/.exec(text);
  if (parts === null) {
    return {
      problem: 'is no PCI address',
      advice: 'write BUS:DEVICE.FUNCTION in hexadecimal, for example 01:1f.2',
    };
  }
  const [bus = 0, device = 0, fn = 0] = parts.slice(1).map((part) => Number.parseInt(part, 16));
  if (bus > 0xff) return { problem: 'names a bus beyond ff' };
  if (device > 0x1f) return { problem: 'names a device beyond 1f' };
  if (fn > 7) return { problem: 'names a function beyond 7' };
  return { value: { bus, device, function: fn } };
}

export function formatPciAddress({ bus, device, function: fn }: PciAddress): string {
  const two = (value: number): string => value.toString(16).padStart(2, '0');
  return `${two(bus)}:${two(device)}.${fn}`;
}

export interface Duration {
  readonly duration: number;
  readonly unit: 'us' | 'ticks';
}

/** `1000 us` or `1000 ticks`: one space, and never zero. */
export function parseDuration(text: string): Parsed<Duration> {
  const space = text.indexOf(' ');
  const advice = 'write a number, one space and "us" or "ticks", for example "1000 us"';
  if (space < 0) return { problem: 'has no unit', advice };
  const unit = text.slice(space + 1);
  const number = parseNumber(text.slice(0, space));
  if (!('value' in number))
    return number.isTooLarge ? TOO_LARGE : { problem: 'does not begin with a number', advice };
  if (unit !== 'us' && unit !== 'ticks') return { problem: `has the unknown unit "${unit}"`, advice };
  if (number.value === 0) return { problem: 'is zero', advice: 'a domain must be given some time' };
  return { value: { duration: number.value, unit } };
}
