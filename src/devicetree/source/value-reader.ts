/** Reads a property's value: strings, cells, byte strings, references and `/incbin/`, joined by commas. */
import { dtsCodes } from './diagnostics.ts';
import { readInteger } from './expression.ts';
import type { SourceFiles } from './files.ts';
import type { ParserHost } from './parser-host.ts';
import type { SourceMarker, SourceValue } from './syntax.ts';

const CELL_BITS = 32;
const FULL_CELL = 2 ** CELL_BITS;
const FIRST_BYTES = 256;
const POOL_BYTES = 16 * 1024;

export class ValueReader {
  readonly #host: ParserHost;
  readonly #files: SourceFiles;
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #markers: SourceMarker[] = [];
  #pool = new Uint8Array(0);
  #poolUsed = 0;

  constructor(host: ParserHost, files: SourceFiles) {
    this.#host = host;
    this.#files = files;
  }

  /** What follows `=`, up to but without the semicolon; `undefined` where that is no value. */
  read(): SourceValue | undefined {
    const { lexer } = this.#host;
    this.#length = 0;
    this.#markers.length = 0;
    do {
      this.#labels();
      if (!this.#component()) return undefined;
      this.#labels();
    } while (lexer.is(',') && this.#skip());
    this.#files.countChars(this.#length);
    return { bytes: this.#kept(), markers: this.#markers.slice() };
  }

  /** A copy of the bytes. Short values share buffers: one each would cost more than the values. */
  #kept(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    if (bytes.length >= POOL_BYTES / 4) return bytes.slice();
    if (this.#poolUsed + bytes.length > this.#pool.length) {
      this.#pool = new Uint8Array(POOL_BYTES);
      this.#poolUsed = 0;
    }
    const start = this.#poolUsed;
    this.#poolUsed += bytes.length;
    this.#pool.set(bytes, start);
    return this.#pool.subarray(start, this.#poolUsed);
  }

  #skip(): true {
    this.#host.lexer.next();
    return true;
  }

  #labels(): void {
    const { lexer } = this.#host;
    while (lexer.is('label')) {
      this.#mark('label', lexer.word);
      lexer.next();
    }
  }

  #mark(kind: SourceMarker['kind'], text?: string): void {
    const place = this.#host.lexer.start;
    this.#markers.push({ offsetBytes: this.#length, kind, place, ...(text === undefined ? {} : { text }) });
  }

  #component(): boolean {
    const { lexer } = this.#host;
    switch (lexer.kind) {
      case 'string':
        this.#mark('string');
        this.#append(lexer.bytes);
        this.#number(0, 8);
        lexer.next();
        return true;
      case '<':
        lexer.next();
        return this.#elements(CELL_BITS);
      case '/bits/':
        return this.#sizedElements();
      case '[':
        return this.#byteString();
      case 'reference':
        this.#mark('path-ref', lexer.word);
        lexer.next();
        return true;
      case '/incbin/':
        return this.#includedBytes();
      default:
        this.#host.reportSyntax('a value');
        return false;
    }
  }

  #sizedElements(): boolean {
    const { lexer } = this.#host;
    lexer.next();
    if (!lexer.is('literal')) {
      this.#host.reportSyntax('a number of bits');
      return false;
    }
    let bits = Number(lexer.value);
    if (![8, 16, 32, 64].includes(bits)) {
      this.#host.reportAt(lexer.start, dtsCodes['bad-bits'], { bits: `${lexer.value}` });
      bits = CELL_BITS;
    }
    lexer.next();
    if (!lexer.is('<')) {
      this.#host.reportSyntax('<');
      return false;
    }
    lexer.next();
    return this.#elements(bits);
  }

  #elements(bits: number): boolean {
    const { lexer } = this.#host;
    this.#mark(`cells${bits}` as SourceMarker['kind']);
    for (;;) {
      switch (lexer.kind) {
        case '>':
          lexer.next();
          return true;
        case 'label':
          this.#labels();
          break;
        case 'reference':
          if (bits === CELL_BITS) this.#mark('phandle-ref', lexer.word);
          else this.#host.reportAt(lexer.start, dtsCodes['narrow-reference'], { bits });
          this.#number(bits === 64 ? (1n << 64n) - 1n : 2 ** bits - 1, bits);
          lexer.next();
          break;
        default: {
          const place = lexer.start;
          if (!lexer.is('literal') && !lexer.is('character') && !lexer.is('(')) {
            this.#host.reportSyntax('a number, a reference or >');
            return false;
          }
          const value = readInteger(this.#host);
          if (value === undefined) return false;
          if (!fits(value, bits)) {
            this.#host.reportAt(place, dtsCodes['element-out-of-range'], { value: BigInt(value), bits });
          }
          this.#number(value, bits);
        }
      }
    }
  }

  #byteString(): boolean {
    const { lexer } = this.#host;
    lexer.next();
    this.#mark('bytes');
    for (;;) {
      if (lexer.is('byte')) {
        this.#number(lexer.value, 8);
        lexer.next();
      } else if (lexer.is('label')) this.#labels();
      else if (lexer.is(']')) {
        lexer.next();
        return true;
      } else {
        this.#host.reportSyntax('two hexadecimal digits or ]');
        return false;
      }
    }
  }

  /** `/incbin/("file")` or `/incbin/("file", offset, length)`; what lies past the file's end is left out. */
  #includedBytes(): boolean {
    const { lexer } = this.#host;
    const place = lexer.start;
    lexer.next();
    if (!this.#host.accept('(')) return false;
    if (!lexer.is('string')) {
      this.#host.reportSyntax("a file's name");
      return false;
    }
    const name = new TextDecoder().decode(lexer.bytes).split('\0')[0] ?? '';
    lexer.next();
    let start = 0;
    let end = Number.POSITIVE_INFINITY;
    if (lexer.is(',')) {
      lexer.next();
      const offset = readInteger(this.#host);
      if (offset === undefined || !this.#host.accept(',')) return false;
      const length = readInteger(this.#host);
      if (length === undefined) return false;
      start = Number(offset);
      end = start + Number(length);
    }
    if (!this.#host.accept(')')) return false;
    const found = this.#files.read(name, place);
    this.#mark('bytes');
    if (found !== undefined && this.#files.countChars(0)) {
      const part = found.content.subarray(
        Math.min(start, found.content.length),
        Math.min(end, found.content.length),
      );
      if (this.#files.countChars(part.length)) this.#append(part);
    }
    return true;
  }

  #append(part: Uint8Array): void {
    this.#reserve(part.length);
    this.#bytes.set(part, this.#length);
    this.#length += part.length;
  }

  #number(value: number | bigint, bits: number): void {
    this.#reserve(8);
    if (bits === CELL_BITS) {
      // A number beyond 2^32 was reported or is negative in 64 bits; its low half is what counts.
      const low = typeof value === 'bigint' ? Number(BigInt.asUintN(CELL_BITS, value)) : value % FULL_CELL;
      this.#view.setUint32(this.#length, low);
    } else if (bits === 64) this.#view.setBigUint64(this.#length, BigInt(value));
    else if (bits === 16) this.#view.setUint16(this.#length, Number(BigInt.asUintN(16, BigInt(value))));
    else this.#bytes[this.#length] = Number(BigInt.asUintN(8, BigInt(value)));
    this.#length += bits / 8;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Whether a number fits: as it is, or as the two's complement of a negative one. */
function fits(value: number | bigint, bits: number): boolean {
  if (bits === 64 || (typeof value === 'number' && value < 2 ** bits)) return true;
  const mask = (1n << BigInt(bits)) - 1n;
  const wide = BigInt(value);
  return wide <= mask || (wide | mask) === (1n << 64n) - 1n;
}
