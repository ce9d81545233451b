/**
 * The symbols that a kernel carries in itself (CONFIG_KALLSYMS), read from its Image: what a panic prints, and what
 * distributions leave out of /boot/System.map. After Linux's scripts/kallsyms.c, 4.6 to 6.12, with base-relative addresses,
 * which arm64 always has. Nothing points to the tables, so they are found by their shape: 256 tokens of which those for
 * digits are the digits themselves, then the tables around them, each of which the others confirm.
 */
import { viewOf } from '../bytes/source.ts';
import { indexOfBytes } from './image.ts';
import type { KernelSymbol } from './kernel-symbol.ts';

const TOKENS = 256;
/** More than a token has. */
const TOKEN_LIMIT_BYTES = 128;
const ASCII_0 = 0x30;
const DIGITS = Uint8Array.from([...'0123456789'].flatMap((digit) => [digit.charCodeAt(0), 0]));
/** Tables begin at multiples of 8; the number of symbols stands before the names, at most so far before the tokens. */
const ALIGNMENT_BYTES = 8;
const NAMES_LIMIT_BYTES = 16 << 20;
const [FEWEST_SYMBOLS, MOST_SYMBOLS] = [1000, 4_000_000];
/** Every 256th name's place is noted in `kallsyms_markers`. */
const NAMES_PER_MARKER = 256;
/** Types of symbols as nm(1) gives them. */
const TYPES = new Set([...'aAbBdDrRtTuvVwWnN'].map((letter) => letter.charCodeAt(0)));
/** Since 6.1 a length of 128 or more takes two bytes. */
const LONG_NAME = 0x80;

/** A kernel has one table of tokens. Of a file that has many, so many are looked at, and so many names in all. */
const TABLES_TRIED = 4;
const NAMES_TRIED = 2 * MOST_SYMBOLS;

export interface Kallsyms {
  /** By their distance from the Image's beginning. */
  readonly symbols: readonly KernelSymbol[];
  /** Where the Image's beginning was linked to be. */
  readonly linkAddress: bigint;
}

/** `undefined` where the Image has none. */
export function readKallsyms(image: Uint8Array): Kallsyms | undefined {
  const left = { tables: TABLES_TRIED, names: NAMES_TRIED };
  for (let at = indexOfBytes(image, DIGITS, 0); at >= 0; at = indexOfBytes(image, DIGITS, at + 1)) {
    const tokens = tokensAround(image, at);
    if (tokens === undefined) continue;
    const symbols = symbolsAround(image, tokens, left);
    left.tables -= 1;
    if (symbols !== undefined || left.tables === 0) return symbols;
  }
  return undefined;
}

/** How much more is tried. */
interface Left {
  tables: number;
  names: number;
}

interface Tokens {
  /** Where the table of tokens begins, and where that of their offsets ends. */
  readonly start: number;
  readonly end: number;
  readonly tokens: readonly Uint8Array[];
}

/** The table whose token for "0" stands at `digits`; the offsets that follow it must agree. */
function tokensAround(image: Uint8Array, digits: number): Tokens | undefined {
  let start = digits;
  for (let token = 0; token < ASCII_0; token += 1) {
    if (image[start - 1] !== 0) return undefined;
    start = image.lastIndexOf(0, start - 2) + 1;
  }
  // The first token ends the string that begins here; what precedes the table may have run into it.
  const firstEnd = image.indexOf(0, start);
  const earliest = Math.max(start, firstEnd - TOKEN_LIMIT_BYTES);
  for (let at = alignUp(earliest); at < firstEnd; at += ALIGNMENT_BYTES) {
    const tokens = tokensFrom(image, at);
    if (tokens !== undefined) return tokens;
  }
  return undefined;
}

function tokensFrom(image: Uint8Array, start: number): Tokens | undefined {
  const tokens: Uint8Array[] = [];
  const offsets: number[] = [];
  let at = start;
  for (let token = 0; token < TOKENS; token += 1) {
    const end = image.indexOf(0, at);
    if (end < 0) return undefined;
    offsets.push(at - start);
    tokens.push(image.subarray(at, end));
    at = end + 1;
  }
  const index = alignUp(at);
  const end = index + 2 * TOKENS;
  if (end > image.length) return undefined;
  const view = viewOf(image);
  return offsets.every((offset, token) => view.getUint16(index + 2 * token, true) === offset)
    ? { start, end, tokens }
    : undefined;
}

function alignUp(offset: number): number {
  return Math.ceil(offset / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

function symbolsAround(image: Uint8Array, found: Tokens, left: Left): Kallsyms | undefined {
  const view = viewOf(image);
  const last = Math.max(0, found.start - NAMES_LIMIT_BYTES);
  for (let at = found.start - (found.start % ALIGNMENT_BYTES); at >= last; at -= ALIGNMENT_BYTES) {
    const count = view.getUint32(at, true);
    if (count < FEWEST_SYMBOLS || count > MOST_SYMBOLS || view.getUint32(at + 4, true) !== 0) continue;
    const names = namesAt(image, at + ALIGNMENT_BYTES, count, found, left);
    const addresses = names === undefined ? undefined : addressesOf(view, at, count, found.end);
    const base = addresses === undefined ? undefined : placeOfBase(view, addresses.baseAt);
    if (names === undefined || addresses === undefined || base === undefined) continue;
    const offsetAt = (index: number) => (addresses.offsets[index] ?? 0) + base.distance;
    return {
      symbols: names.map((name, index) => ({ name, offset: offsetAt(index) })),
      linkAddress: base.linkAddress,
    };
  }
  return undefined;
}

/** All names; `undefined` where these are no names, or the markers behind them disagree. */
function namesAt(
  image: Uint8Array,
  start: number,
  count: number,
  { start: limit, tokens }: Tokens,
  left: Left,
): readonly string[] | undefined {
  const places: number[] = [];
  let at = start;
  for (let symbol = 0; symbol < count; symbol += 1) {
    places.push(at);
    const { first, end } = spanAt(image, at);
    left.names -= 1;
    if (end === first || end > limit || left.names <= 0) return undefined;
    // The first character is the type.
    if (!TYPES.has(tokens[image[first] ?? 0]?.[0] ?? 0)) return undefined;
    at = end;
  }
  const view = viewOf(image);
  const markers = alignUp(at);
  const markerCount = Math.ceil(count / NAMES_PER_MARKER);
  if (markers + 4 * markerCount > limit) return undefined;
  for (let marker = 0; marker < markerCount; marker += 1) {
    const place = (places[marker * NAMES_PER_MARKER] ?? 0) - start;
    if (view.getUint32(markers + 4 * marker, true) !== place) return undefined;
  }
  return places.map((place) => {
    const { first, end } = spanAt(image, place);
    let name = '';
    for (let token = first; token < end; token += 1) {
      for (const byte of tokens[image[token] ?? 0] ?? []) name += String.fromCharCode(byte);
    }
    return name.slice(1);
  });
}

/** The tokens of the name at a place: its length comes first. */
function spanAt(image: Uint8Array, at: number): { readonly first: number; readonly end: number } {
  const length = image[at] ?? 0;
  if ((length & LONG_NAME) === 0) return { first: at + 1, end: at + 1 + length };
  return { first: at + 2, end: at + 2 + ((length & (LONG_NAME - 1)) | ((image[at + 1] ?? 0) << 7)) };
}

interface Addresses {
  /** From `kallsyms_relative_base`; they only grow. */
  readonly offsets: Uint32Array;
  /** Where that base stands in the Image. */
  readonly baseAt: number;
}

/** Before the number of symbols (until 6.3), or behind the tokens; the base follows the offsets. */
function addressesOf(
  view: DataView,
  countAt: number,
  count: number,
  tokensEnd: number,
): Addresses | undefined {
  const sizeBytes = alignUp(4 * count);
  for (const start of [countAt - ALIGNMENT_BYTES - sizeBytes, alignUp(tokensEnd)]) {
    const baseAt = start + sizeBytes;
    if (start < 0 || baseAt + ALIGNMENT_BYTES > view.byteLength) continue;
    const offsets = Uint32Array.from({ length: count }, (_, index) =>
      view.getUint32(start + 4 * index, true),
    );
    if (offsets.every((offset, index) => index === 0 || offset >= (offsets[index - 1] ?? 0)))
      return { offsets, baseAt };
  }
  return undefined;
}

/** Linked at a multiple of 2 MiB, or before 5.8 half a MiB behind one; the first text section at a multiple of 4 KiB. */
const IMAGE_ALIGNMENT = 0x20_0000n;
const OLD_TEXT_OFFSET = 0x8_0000n;
const SECTION_BYTES = 0x1000;
const R_AARCH64_RELATIVE = 0x403;
/** Kernel addresses have their upper sixteen bits set. */
const KERNEL_HIGH_WORD = 0xffff_0000;

interface Base {
  /** How far it lies behind the Image's beginning. */
  readonly distance: number;
  readonly linkAddress: bigint;
}

/**
 * A kernel that can be relocated has the base in a relocation (Elf64_Rela: place, kind, value), and nothing but zeros in the place
 * itself.
 */
function placeOfBase(view: DataView, baseAt: number): Base | undefined {
  const inPlace = view.getBigUint64(baseAt, true);
  if (inPlace !== 0n) {
    const distance = inPlace % IMAGE_ALIGNMENT;
    return { distance: Number(distance), linkAddress: inPlace - distance };
  }
  for (let at = 0; at + 24 <= view.byteLength; at += 8) {
    if (view.getUint32(at + 8, true) !== R_AARCH64_RELATIVE || view.getUint32(at + 12, true) !== 0) continue;
    if (view.getUint32(at + 4, true) < KERNEL_HIGH_WORD) continue;
    const start = view.getBigUint64(at, true) - BigInt(baseAt);
    if (![0n, OLD_TEXT_OFFSET].includes(start % IMAGE_ALIGNMENT)) continue;
    const distance = Number(view.getBigUint64(at + 16, true) - start);
    if (distance >= 0 && distance < view.byteLength && distance % SECTION_BYTES === 0)
      return { distance, linkAddress: start };
  }
  return undefined;
}
