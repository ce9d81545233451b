/**
 * Names in messages and on the host: bytes that are mostly UTF-8. Those that are not stand in strings as U+DC80 to U+DCFF, as the
 * host's own files have them, so that every file can be named.
 */
const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const STRAY_BYTE = /[\udc80-\udcff]/u;
const STRAY_BYTE_BASE = 0xdc00;
/** The longest sequence of UTF-8. */
const SEQUENCE_BYTES = 4;

export function bytesOfText(text: string): Uint8Array {
  if (!STRAY_BYTE.test(text)) return encoder.encode(text);
  return Uint8Array.from(
    [...text].flatMap((character) =>
      STRAY_BYTE.test(character)
        ? [character.charCodeAt(0) - STRAY_BYTE_BASE]
        : [...encoder.encode(character)],
    ),
  );
}

export function textOfBytes(bytes: Uint8Array): string {
  const whole = decoded(bytes);
  if (whole !== undefined) return whole;
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const [part, sizeBytes] = sequenceAt(bytes, at);
    text += part;
    at += sizeBytes;
  }
  return text;
}

function sequenceAt(bytes: Uint8Array, at: number): readonly [text: string, sizeBytes: number] {
  for (let sizeBytes = 1; sizeBytes <= SEQUENCE_BYTES && at + sizeBytes <= bytes.length; sizeBytes += 1) {
    const part = decoded(bytes.subarray(at, at + sizeBytes));
    if (part !== undefined) return [part, sizeBytes];
  }
  return [String.fromCharCode(STRAY_BYTE_BASE + (bytes[at] ?? 0)), 1];
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    // Fatal decoding has no other way to say that it is no UTF-8.
    return undefined;
  }
}
