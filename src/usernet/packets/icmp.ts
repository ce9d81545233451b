/** ICMP (RFC 792): echoes, and what can't be reached. */
import { concatBytes, setU16 } from '../../base/index.ts';

/** Kinds of message. */
export const ICMP_TYPE = { echoReply: 0, unreachable: 3, echoRequest: 8 } as const;
/** Why something can't be reached; the last one is RFC 1812's (§5.2.7.1). */
export const UNREACHABLE = { host: 1, port: 3, prohibited: 13 } as const;

const HEADER_BYTES = 8;

/** The answer to an echo request: the same with another type. */
export function echoReply(request: Uint8Array): Uint8Array {
  const reply = request.slice();
  reply[0] = ICMP_TYPE.echoReply;
  setU16(reply, 2, 0);
  return reply;
}

/** That a packet, of which the beginning is quoted, did not get where it was to go. */
export function unreachable(code: number, quoted: Uint8Array): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = ICMP_TYPE.unreachable;
  header[1] = code;
  return concatBytes([header, quoted]);
}
