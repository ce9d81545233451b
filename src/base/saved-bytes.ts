/**
 * Saved values as bytes: the length of a JSON text, the text, and behind it, one after another, the pieces of binary content
 * that the text refers to by number. What reads them trusts nothing in them.
 */
import { Refusal } from './refusal.ts';
import type { SavedValue } from './saved-shapes.ts';

const LENGTH_BYTES = 4;
/** Names in the text that stand for what JSON has no words for. */
const BYTES = '$bytes';
const BIGINT = '$bigint';
/** Machines nest a dozen deep. */
const DEPTH_LIMIT = 64;

/** The bytes, behind `reservedBytes` that are left free for whoever has something to say of them. */
export function encodeSaved(value: SavedValue, reservedBytes = 0): Uint8Array {
  const pieces: Uint8Array[] = [];
  const plain = (part: SavedValue): unknown => {
    if (part === undefined) return null;
    if (typeof part === 'bigint') return { [BIGINT]: part.toString() };
    if (part instanceof Uint8Array) return { [BYTES]: pieces.push(part) - 1 };
    if (Array.isArray(part)) return part.map(plain);
    if (typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, plain(member)]));
  };
  const state = plain(value);
  const head = new TextEncoder().encode(JSON.stringify({ state, sizes: pieces.map(({ length }) => length) }));
  const parts = [new Uint8Array(reservedBytes + LENGTH_BYTES), head, ...pieces];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  new DataView(bytes.buffer).setUint32(reservedBytes, head.length, true);
  return bytes;
}

/** Throws {@link Refusal}. Binary pieces are views of `bytes`. */
export function decodeSaved(bytes: Uint8Array): SavedValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length < LENGTH_BYTES ? Number.POSITIVE_INFINITY : LENGTH_BYTES + view.getUint32(0, true);
  if (end > bytes.length) throw new Refusal('it is cut short');
  const { state, sizes } = parse(bytes.subarray(LENGTH_BYTES, end));
  let at = end;
  const pieces = sizes.map((size) => {
    const piece = bytes.subarray(at, at + size);
    at += size;
    return piece;
  });
  if (at !== bytes.length) throw new Refusal(at > bytes.length ? 'it is cut short' : 'it is too long');
  return decodedOf(state, pieces, 0);
}

function parse(head: Uint8Array): { readonly state: unknown; readonly sizes: readonly number[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(head));
  } catch (error) {
    throw new Refusal(`its text can't be read: ${error instanceof Error ? error.message : error}`);
  }
  const { state, sizes } = Object(parsed) as { readonly state?: unknown; readonly sizes?: unknown };
  const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!Array.isArray(sizes) || !sizes.every(isSize)) throw new Refusal('it has no list of sizes');
  return { state, sizes };
}

function decodedOf(state: unknown, pieces: readonly Uint8Array[], depth: number): SavedValue {
  if (depth > DEPTH_LIMIT) throw new Refusal('it is nested too deep');
  if (state === null || state === undefined) return undefined;
  if (typeof state !== 'object') return state as SavedValue;
  if (Array.isArray(state)) return state.map((entry) => decodedOf(entry, pieces, depth + 1));
  const members = Object.entries(state);
  const [name, content] = members[0] ?? [];
  if (members.length === 1 && name === BYTES) {
    const piece = typeof content === 'number' ? pieces[content] : undefined;
    if (piece === undefined) throw new Refusal('it refers to bytes that are not there');
    return piece;
  }
  if (members.length === 1 && name === BIGINT) {
    if (typeof content !== 'string' || !/^-?\d{1,40}$/.test(content))
      throw new Refusal('it has a number that is none');
    return BigInt(content);
  }
  return Object.fromEntries(members.map(([key, member]) => [key, decodedOf(member, pieces, depth + 1)]));
}
