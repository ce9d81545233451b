/** Reading a source from front to back, with one piece of it in memory. */
import { concatBytes } from '../../base/index.ts';
import { payloadCodes } from '../diagnostics.ts';
import { refuse } from '../refusal.ts';
import { type ByteSource, viewOf } from './source.ts';

const PIECE_BYTES = 1 << 16;

export class ByteCursor {
  readonly source: ByteSource;
  /** What is being read, for diagnostics: `gzip data`, `cpio archive`. */
  what: string;
  #piece: Uint8Array = new Uint8Array(0);
  #pieceAt = 0;
  #offset: number;

  constructor(source: ByteSource, what: string, offsetBytes = 0) {
    this.source = source;
    this.what = what;
    this.#offset = offsetBytes;
  }

  get offsetBytes(): number {
    return this.#offset;
  }

  get remainingBytes(): number {
    return Math.max(0, this.source.sizeBytes - this.#offset);
  }

  /** Up to `sizeBytes` bytes from here, without moving; fewer only at the end. */
  peek(sizeBytes: number): Uint8Array {
    const start = this.#offset - this.#pieceAt;
    if (start < 0 || start + sizeBytes > this.#piece.length) {
      this.#pieceAt = this.#offset;
      this.#piece = this.source.read(this.#offset, Math.max(sizeBytes, PIECE_BYTES));
      return this.#piece.subarray(0, sizeBytes);
    }
    return this.#piece.subarray(start, start + sizeBytes);
  }

  /** What is left of the piece in memory, or the next piece; empty at the end. Does not move. */
  peekPiece(): Uint8Array {
    const start = this.#offset - this.#pieceAt;
    if (start >= 0 && start < this.#piece.length) return this.#piece.subarray(start);
    return this.peek(PIECE_BYTES);
  }

  /** Exactly so many bytes; refused where the source ends before. */
  take(sizeBytes: number): Uint8Array {
    if (sizeBytes > this.remainingBytes) this.#cutShort(sizeBytes);
    const bytes = this.peek(sizeBytes);
    if (bytes.length < sizeBytes) this.#cutShort(sizeBytes);
    this.#offset += sizeBytes;
    return bytes;
  }

  skip(sizeBytes: number): void {
    if (sizeBytes > this.remainingBytes) this.#cutShort(sizeBytes);
    this.#offset += sizeBytes;
  }

  u8(): number {
    const piece = this.#piece;
    const at = this.#offset - this.#pieceAt;
    const byte = piece[at];
    if (byte === undefined || at < 0) return this.take(1)[0] ?? 0;
    this.#offset += 1;
    return byte;
  }

  u32le(): number {
    return viewOf(this.take(4)).getUint32(0, true);
  }

  /** Refuses the input at this place. */
  corrupt(reason: string): never {
    const position = { file: this.source.path, offsetBytes: this.#offset };
    return refuse(payloadCodes['corrupt'].at(position, { what: this.what, reason }));
  }

  unsupported(reason: string): never {
    const position = { file: this.source.path, offsetBytes: this.#offset };
    return refuse(payloadCodes['unsupported'].at(position, { what: this.what, reason }));
  }

  checksum(kind: string, expected: number, actual: number): void {
    if (expected === actual) return;
    const position = { file: this.source.path, offsetBytes: this.#offset };
    refuse(payloadCodes['checksum'].at(position, { what: this.what, kind, expected, actual }));
  }

  #cutShort(sizeBytes: number): never {
    const position = { file: this.source.path, offsetBytes: this.#offset };
    const missingBytes = sizeBytes - this.remainingBytes;
    return refuse(payloadCodes['cut-short'].at(position, { what: this.what, missingBytes }));
  }
}

/** Collects pieces up to a limit; refuses past it. */
export async function collectPieces(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limitBytes: number,
  cursor: ByteCursor,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let total = 0;
  for await (const piece of pieces) {
    total += piece.length;
    if (total > limitBytes) {
      const position = { file: cursor.source.path, offsetBytes: cursor.offsetBytes };
      refuse(payloadCodes['too-large'].at(position, { what: cursor.what, limitBytes }));
    }
    kept.push(piece.slice());
  }
  return concatBytes(kept);
}
