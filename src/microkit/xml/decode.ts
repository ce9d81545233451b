/** Bytes to text: UTF-8 only and of bounded size; a byte order mark is dropped, as Microkit's tool does. */
import type { DiagnosticSink } from '../../base/index.ts';
import { XML_LIMIT_BYTES, xmlCodes } from './diagnostics.ts';

/** The text of a file, or `undefined` with a report where it can't be a description. */
export function decodeText(file: string, bytes: Uint8Array, sink: DiagnosticSink): string | undefined {
  if (bytes.length > XML_LIMIT_BYTES) {
    sink.report(xmlCodes['too-large'].at({ file }, { sizeBytes: bytes.length }));
    return undefined;
  }
  const found = foreignMark(bytes);
  if (found !== undefined) {
    sink.report(xmlCodes.encoding.at({ file, offsetBytes: 0 }, { found }));
    return undefined;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const offsetBytes = firstMalformedByte(bytes);
    const byte = (bytes[offsetBytes] ?? 0).toString(16).padStart(2, '0');
    const found = `byte 0x${byte} begins no character`;
    sink.report(xmlCodes.encoding.at({ file, offsetBytes }, { found }));
    return undefined;
  }
}

/** UTF-16 and UTF-32 begin with a byte order mark, or with zero bytes around the first "<" (XML 1.0 appendix F). */
function foreignMark(bytes: Uint8Array): string | undefined {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return 'it begins with a UTF-16 (little-endian) byte order mark';
  if (a === 0xfe && b === 0xff) return 'it begins with a UTF-16 (big-endian) byte order mark';
  if (a === 0 || (a !== undefined && b === 0)) return 'it begins like UTF-16 or UTF-32';
  return undefined;
}

/** Where the first character that fails begins: after the longest prefix that decodes, which is found by halving. */
function firstMalformedByte(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodedSoFar(bytes.subarray(0, middle)) === undefined) bad = middle;
    else good = middle;
  }
  return new TextEncoder().encode(decodedSoFar(bytes.subarray(0, good)) ?? '').length;
}

/** The whole characters of a prefix, or `undefined` where it is malformed before its end. */
function decodedSoFar(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
