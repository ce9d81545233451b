/**
 * Records by opcode: what an instruction's record holds depends on its opcode alone, and the same opcodes come again and
 * again in other places. A direct-mapped cache; what it does not hold is decoded.
 */
import { RECORD_BYTES } from '../state.ts';

const ENTRIES = 1 << 15;
const RECORD_WORDS = RECORD_BYTES >> 2;
/** Knuth's multiplier, 2^32 divided by the golden ratio: the high bits of the product depend on all of the opcode's. */
const MULTIPLIER = 0x9e37_79b1;
const HASH_SHIFT = 17;
/** Of an entry: empty, or whether its instruction ends a straight line. */
const STATE_EMPTY = 0;
const STATE_GOES_ON = 1;
const STATE_ENDS = 2;

export class OpcodeCache {
  readonly #opcodes = new Uint32Array(ENTRIES);
  readonly #states = new Uint8Array(ENTRIES);
  readonly #records = new Uint32Array(ENTRIES * RECORD_WORDS);
  readonly #memory: Uint32Array;

  constructor(memory: ArrayBuffer) {
    this.#memory = new Uint32Array(memory);
  }

  /** Writes an opcode's record, and says whether the instruction ends a straight line; `undefined` where it isn't known. */
  write(opcode: number, record: number): boolean | undefined {
    const entry = entryOf(opcode);
    const state = this.#states[entry] ?? STATE_EMPTY;
    if (state === STATE_EMPTY || this.#opcodes[entry] !== opcode) return undefined;
    const [from, to] = [entry * RECORD_WORDS, record >>> 2];
    for (let word = 0; word < RECORD_WORDS; word++) this.#memory[to + word] = this.#records[from + word] ?? 0;
    return state === STATE_ENDS;
  }

  /** Keeps the record that was written for an opcode. */
  keep(opcode: number, record: number, ends: boolean): void {
    const entry = entryOf(opcode);
    this.#opcodes[entry] = opcode;
    this.#states[entry] = ends ? STATE_ENDS : STATE_GOES_ON;
    const [from, to] = [record >>> 2, entry * RECORD_WORDS];
    for (let word = 0; word < RECORD_WORDS; word++) this.#records[to + word] = this.#memory[from + word] ?? 0;
  }
}

function entryOf(opcode: number): number {
  return Math.imul(opcode, MULTIPLIER) >>> HASH_SHIFT;
}
