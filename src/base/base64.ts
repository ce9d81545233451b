/** Bytes as text that JSON can carry (RFC 4648 §4). */

/** How many bytes go into one call: far below what a call takes as arguments. */
const PIECE_BYTES = 0x3000;

/** Bytes as base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES)));
  }
  return text;
}

/** The bytes of a base64 text, padding or not. Throws where it is none: for what {@link toBase64} made. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
