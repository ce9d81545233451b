/**
 * GDB's remote protocol on the wire (GDB manual, "Overview" of appendix E): packets `$body#checksum`, acknowledgements, and the
 * byte that asks for a stop. Bodies are text of one character a byte, unescaped. What is no packet is passed over; one that does
 * not end is given up.
 */

export type Arrival =
  | { readonly kind: 'packet'; readonly body: string }
  /** Its checksum is wrong, or it is too long: it is to be sent again. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'interrupt' };

/** What a client may send at most, as it is told. */
export const PACKET_LIMIT_BYTES = 0x1_0000;

const INTERRUPT = 0x03;
const [START, END, ESCAPE] = [0x24, 0x23, 0x7d];
const ESCAPED = 0x20;
/** `*` begins a run length, and must be escaped as well in what is sent. */
const RUN = 0x2a;
const CHECKSUM_DIGITS = 2;

export class PacketReader {
  /** The bytes since the start of a packet. */
  #packet: number[] | undefined;
  /** Where in it the checksum begins. */
  #end: number | undefined;

  take(bytes: Uint8Array): readonly Arrival[] {
    const arrivals: Arrival[] = [];
    for (const byte of bytes) {
      const arrival = this.#takeByte(byte);
      if (arrival !== undefined) arrivals.push(arrival);
    }
    return arrivals;
  }

  #takeByte(byte: number): Arrival | undefined {
    if (this.#packet === undefined) {
      if (byte === START) this.#packet = [];
      return byte === INTERRUPT ? { kind: 'interrupt' } : undefined;
    }
    // A start within a packet is that of another: the first was cut off.
    if (byte === START && this.#end === undefined) this.#packet = [];
    else this.#packet.push(byte);
    if (this.#end === undefined && byte === END) this.#end = this.#packet.length - 1;
    if (this.#packet.length > PACKET_LIMIT_BYTES) return this.#finish({ kind: 'damaged' });
    if (this.#end === undefined || this.#packet.length < this.#end + 1 + CHECKSUM_DIGITS) return undefined;
    const body = this.#packet.slice(0, this.#end);
    const checksum = Number.parseInt(String.fromCharCode(...this.#packet.slice(this.#end + 1)), 16);
    return this.#finish(
      checksum === checksumOf(body) ? { kind: 'packet', body: plainBytes(body) } : { kind: 'damaged' },
    );
  }

  #finish(arrival: Arrival): Arrival {
    this.#packet = undefined;
    this.#end = undefined;
    return arrival;
  }
}

/** A packet with this body, of one character a byte. */
export function encodePacket(body: string): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index < body.length; index += 1) {
    const byte = body.charCodeAt(index);
    if (byte === START || byte === END || byte === ESCAPE || byte === RUN) bytes.push(ESCAPE, byte ^ ESCAPED);
    else bytes.push(byte);
  }
  const digits = checksumOf(bytes).toString(16).padStart(CHECKSUM_DIGITS, '0');
  return Uint8Array.from([START, ...bytes, END, digits.charCodeAt(0), digits.charCodeAt(1)]);
}

function checksumOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
}

function plainBytes(bytes: readonly number[]): string {
  const parts: string[] = [];
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === ESCAPE) index += 1;
    parts.push(String.fromCharCode(byte === ESCAPE ? (bytes[index] ?? 0) ^ ESCAPED : byte));
  }
  return parts.join('');
}
