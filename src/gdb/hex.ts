/** Hexadecimal as the protocol has it: bytes in the target's order, which is little-endian. */

const BYTE = 8n;

export function hexOfBytes(bytes: Iterable<number>): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** `undefined` where that is not what it is. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

export function hexOfText(text: string): string {
  return hexOfBytes(new TextEncoder().encode(text));
}

export function textOfHex(text: string): string | undefined {
  const bytes = bytesOfHex(text);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

export function hexOfValue(value: bigint, sizeBytes: number): string {
  return hexOfBytes(
    Array.from({ length: sizeBytes }, (_, byte) => Number((value >> (BYTE * BigInt(byte))) & 0xffn)),
  );
}

export function valueOfHex(text: string): bigint | undefined {
  const bytes = bytesOfHex(text);
  return bytes?.reduceRight((value, byte) => (value << BYTE) | BigInt(byte), 0n);
}

/** An address or a number as it stands in packets, most significant digit first. */
export function numberOfHex(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : undefined;
}

export function bytesOfLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function latin1OfBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
