/** TCP segments (RFC 9293 §3.1), and the arithmetic of their sequence numbers (§3.4). */
import { concatBytes, setU16, setU32, u16At, u32At } from '../../base/index.ts';

/** Control bits. */
export const TCP_FLAG = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

/** One segment. */
export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** SEG.SEQ */
  readonly sequence: number;
  /** SEG.ACK */
  readonly acknowledgment: number;
  readonly flags: number;
  /** SEG.WND */
  readonly window: number;
  readonly content: Uint8Array;
  /** The maximum segment size option (§3.7.1), in bytes. */
  readonly maximumSegmentBytes?: number;
}

const HEADER_BYTES = 20;
const OPTION = { end: 0, noOperation: 1, maximumSegmentSize: 2 } as const;
const MSS_OPTION_BYTES = 4;

/** `undefined` where it is too short. */
export function readTcp(bytes: Uint8Array): TcpSegment | undefined {
  const offsetBytes = ((bytes[12] ?? 0) >> 4) * 4;
  if (offsetBytes < HEADER_BYTES || offsetBytes > bytes.length) return undefined;
  const maximumSegmentBytes = segmentSizeIn(bytes.subarray(HEADER_BYTES, offsetBytes));
  return {
    sourcePort: u16At(bytes, 0),
    destinationPort: u16At(bytes, 2),
    sequence: u32At(bytes, 4),
    acknowledgment: u32At(bytes, 8),
    flags: bytes[13] ?? 0,
    window: u16At(bytes, 14),
    content: bytes.slice(offsetBytes),
    ...(maximumSegmentBytes === undefined ? {} : { maximumSegmentBytes }),
  };
}

function segmentSizeIn(options: Uint8Array): number | undefined {
  let at = 0;
  while (at < options.length) {
    const kind = options[at];
    if (kind === OPTION.end) break;
    if (kind === OPTION.noOperation) {
      at += 1;
      continue;
    }
    const sizeBytes = options[at + 1] ?? 0;
    if (sizeBytes < 2) break;
    if (kind === OPTION.maximumSegmentSize && sizeBytes === MSS_OPTION_BYTES) return u16At(options, at + 2);
    at += sizeBytes;
  }
  return undefined;
}

export function writeTcp(segment: TcpSegment): Uint8Array {
  const { maximumSegmentBytes, content } = segment;
  const headerBytes = HEADER_BYTES + (maximumSegmentBytes === undefined ? 0 : MSS_OPTION_BYTES);
  const header = new Uint8Array(headerBytes);
  setU16(header, 0, segment.sourcePort);
  setU16(header, 2, segment.destinationPort);
  setU32(header, 4, segment.sequence);
  setU32(header, 8, segment.acknowledgment);
  header[12] = (headerBytes / 4) << 4;
  header[13] = segment.flags;
  setU16(header, 14, segment.window);
  if (maximumSegmentBytes !== undefined) {
    header[HEADER_BYTES] = OPTION.maximumSegmentSize;
    header[HEADER_BYTES + 1] = MSS_OPTION_BYTES;
    setU16(header, HEADER_BYTES + 2, maximumSegmentBytes);
  }
  return concatBytes([header, content]);
}

/** A sequence number so much further on, modulo 2^32. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) >>> 0;
}

/** How far `to` lies behind `from` in the sequence; negative where it comes before it. */
export function sequenceDistance(from: number, to: number): number {
  return (to - from) | 0;
}
