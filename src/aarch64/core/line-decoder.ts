/** From opcodes to records, a straight line at a time: what the run loop asks for when it meets a record that holds nothing. */
import type { Decoder } from '../decoder.ts';
import { RECORD_BYTES, RECORDS_PER_PAGE } from '../state.ts';
import type { DecodedPages } from './decoded-pages.ts';
import type { Handlers } from './handlers.ts';
import { HANDLER } from './interpreter.ts';
import { OpcodeCache } from './opcode-cache.ts';
import { writeRecord } from './record.ts';

/** Instructions decoded in one go at most. */
const LINE_LIMIT = 32;

export class LineDecoder {
  readonly #pages: DecodedPages;
  readonly #decoder: Decoder;
  readonly #handlers: Handlers;
  readonly #view: DataView;
  readonly #words: Uint32Array;
  readonly #opcodes: OpcodeCache;

  constructor(memory: ArrayBuffer, pages: DecodedPages, decoder: Decoder, handlers: Handlers) {
    this.#pages = pages;
    this.#decoder = decoder;
    this.#handlers = handlers;
    this.#view = new DataView(memory);
    this.#words = new Uint32Array(memory);
    this.#opcodes = new OpcodeCache(memory);
  }

  /** Decodes from a record on, in the page whose records begin at `records`. How many instructions that were: `limit` at most. */
  decode(record: number, records: number, limit = LINE_LIMIT): number {
    const host = this.#pages.hostOf(record);
    const first = ((record - records) / RECORD_BYTES) | 0;
    const last = Math.min(first + limit, RECORDS_PER_PAGE);
    let index = first;
    for (let ends = false; index < last && !ends; index++) {
      const at = record + (index - first) * RECORD_BYTES;
      if (this.#view.getUint16(at, true) !== HANDLER.undecoded) break;
      const opcode = this.#words[(host >>> 2) + index] ?? 0;
      ends = this.#opcodes.write(opcode, at) ?? this.#decodeAnew(opcode, at);
    }
    this.#handlers.finish();
    return index - first;
  }

  /** Decodes one instruction into the page for steps, with this handler after it; gives its opcode. */
  decodeStep(
    host: number,
    index: number,
    after: number,
  ): { readonly records: number; readonly opcode: number } {
    const { records, record } = this.#pages.prepareStep(host, index, after);
    const opcode = this.#words[(host >>> 2) + index] ?? 0;
    if (this.#opcodes.write(opcode, record) === undefined) this.#decodeAnew(opcode, record);
    this.#handlers.finish();
    return { records, opcode };
  }

  /** Whether nothing follows in a straight line. */
  #decodeAnew(opcode: number, record: number): boolean {
    const decoded = this.#decoder.decode(opcode) ?? this.#decoder.undefinedInstruction();
    const { number, operands, ends } = this.#handlers.find(decoded, opcode);
    writeRecord(this.#view, record, number, operands, decoded.fields);
    this.#opcodes.keep(opcode, record, ends);
    return ends;
  }
}
