/**
 * Paths as the host gives them and as the system takes them: Linux's file names are bytes, and those that are no UTF-8
 * stand in strings as U+DC80 to U+DCFF (PEP 383), so that every file can be named.
 */
import { isUtf8 } from 'node:buffer';

const STRAY_BYTE = /[\udc80-\udcff]/u;
const STRAY_BYTE_BASE = 0xdc00;
/** The longest sequence of UTF-8. */
const SEQUENCE_BYTES = 4;

/** The path as system calls take it. */
export function systemPath(path: string): string | Buffer {
  if (!STRAY_BYTE.test(path)) return path;
  return Buffer.concat(
    [...path].map((character) =>
      STRAY_BYTE.test(character)
        ? Buffer.of(character.charCodeAt(0) - STRAY_BYTE_BASE)
        : Buffer.from(character),
    ),
  );
}

/** A file's name from its bytes. */
export function nameFromBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let name = '';
  for (let at = 0; at < bytes.length; ) {
    let sizeBytes = 1;
    while (sizeBytes <= SEQUENCE_BYTES && !isUtf8(bytes.subarray(at, at + sizeBytes))) sizeBytes += 1;
    if (sizeBytes <= SEQUENCE_BYTES && at + sizeBytes <= bytes.length) {
      name += bytes.toString('utf8', at, at + sizeBytes);
      at += sizeBytes;
    } else {
      name += String.fromCharCode(STRAY_BYTE_BASE + (bytes[at] as number));
      at += 1;
    }
  }
  return name;
}
