/** Words of assembly text that many instructions share. The text is what binutils prints with `-M no-aliases`. */

/** Register names; 31 is the zero register. */
export const x = (number: number): string => (number === 31 ? 'xzr' : `x${number}`);
export const w = (number: number): string => (number === 31 ? 'wzr' : `w${number}`);
/** By a width bit: X for 1, W for 0. */
export const r = (sf: number, number: number): string => (sf === 1 ? x(number) : w(number));
/** 31 is the stack pointer. */
export const xsp = (number: number): string => (number === 31 ? 'sp' : `x${number}`);
export const rsp = (sf: number, number: number): string =>
  number === 31 ? (sf === 1 ? 'sp' : 'wsp') : r(sf, number);

/** `#0x1f`. */
export const hexImmediate = (value: number | bigint): string =>
  value < 0 ? `#-0x${(-value).toString(16)}` : `#0x${value.toString(16)}`;
export const immediate = (value: number | bigint): string => `#${value}`;

/** An address as a branch's target. */
export const target = (pc: bigint, offset: number): string =>
  `0x${BigInt.asUintN(64, pc + BigInt(offset)).toString(16)}`;

const CONDITIONS = [
  'eq',
  'ne',
  'cs',
  'cc',
  'mi',
  'pl',
  'vs',
  'vc',
  'hi',
  'ls',
  'ge',
  'lt',
  'gt',
  'le',
  'al',
  'nv',
] as const;
export const condition = (number: number): string => CONDITIONS[number] ?? '';

const SHIFTS = ['lsl', 'lsr', 'asr', 'ror'] as const;
/** `, lsr #3`, or nothing for `lsl #0`. */
export const shift = (kind: number, amount: number): string =>
  kind === 0 && amount === 0 ? '' : `, ${SHIFTS[kind]} #${amount}`;

const EXTENSIONS = ['uxtb', 'uxth', 'uxtw', 'uxtx', 'sxtb', 'sxth', 'sxtw', 'sxtx'] as const;
export const extension = (option: number): string => EXTENSIONS[option] ?? '';

/** A field's value as a signed number of so many bits. */
export const signed = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits);
