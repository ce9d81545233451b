/**
 * What a controller with checksum offload does to frames: the Internet checksum (RFC 1071) of IPv4 headers and of TCP, UDP
 * and ICMP in IPv4 and IPv6, inserted or checked. Fragments, IPv6 extension headers and other protocols have their payload
 * left alone.
 */
import { setU16, u16At } from '../../base/index.ts';
import { ETHERTYPE, FRAME_HEADER_BYTES, typeOf } from './frame.ts';

/** How a checksum is inserted (TDES1's CIC): the header's, the payload's over a sum that is there, or all of it. */
export const CHECKSUM_INSERTION = { none: 0, header: 1, payload: 2, full: 3 } as const;

export interface ChecksumVerdict {
  /** Whether the frame holds IPv4 or IPv6. */
  readonly ip: boolean;
  readonly headerError: boolean;
  readonly payload: 'good' | 'bad' | 'bypassed';
}

const NO_IP: ChecksumVerdict = { ip: false, headerError: false, payload: 'bypassed' };
const BAD_HEADER: ChecksumVerdict = { ip: true, headerError: true, payload: 'bypassed' };
const VLAN_TAG_BYTES = 4;
const IPV4_HEADER_BYTES_MIN = 20;
const IPV6_HEADER_BYTES = 40;
const IPV4_CHECKSUM_OFFSET = 10;
/** More fragments, or an offset. */
const FRAGMENT_MASK = 0x3fff;

/** By version and protocol number: where its checksum is, and whether a pseudo-header is in it (ICMP in IPv4 has none). */
const UDP = 17;
const TCP_AND_UDP = [
  [6, { checksumOffset: 16, pseudoHeader: true }],
  [UDP, { checksumOffset: 6, pseudoHeader: true }],
] as const;
const PROTOCOLS = {
  4: new Map([...TCP_AND_UDP, [1, { checksumOffset: 2, pseudoHeader: false }]]),
  6: new Map([...TCP_AND_UDP, [58, { checksumOffset: 2, pseudoHeader: true }]]),
} as const;

/** Where the parts of an IP packet are in a frame. */
interface IpPacket {
  readonly version: 4 | 6;
  readonly header: number;
  readonly headerBytes: number;
  readonly payload: number;
  readonly payloadBytes: number;
  readonly protocol: number;
  readonly isFragment: boolean;
}

/** `undefined` where the frame is no IP, `'malformed'` where its header makes no sense. */
function ipPacketIn(frame: Uint8Array): IpPacket | 'malformed' | undefined {
  const tagged = typeOf(frame) === ETHERTYPE.vlan;
  const header = FRAME_HEADER_BYTES + (tagged ? VLAN_TAG_BYTES : 0);
  const type = u16At(frame, header - 2);
  if (type !== ETHERTYPE.ipv4 && type !== ETHERTYPE.ipv6) return undefined;
  const version = (frame[header] ?? 0) >> 4;
  if (type === ETHERTYPE.ipv4) {
    const headerBytes = 4 * ((frame[header] ?? 0) & 0xf);
    const payloadBytes = u16At(frame, header + 2) - headerBytes;
    const payload = header + headerBytes;
    if (version !== 4 || headerBytes < IPV4_HEADER_BYTES_MIN || payloadBytes < 0) return 'malformed';
    if (payload + payloadBytes > frame.length) return 'malformed';
    const isFragment = (u16At(frame, header + 6) & FRAGMENT_MASK) !== 0;
    const protocol = frame[header + 9] ?? 0;
    return { version: 4, header, headerBytes, payload, payloadBytes, protocol, isFragment };
  }
  const payloadBytes = u16At(frame, header + 4);
  const payload = header + IPV6_HEADER_BYTES;
  if (version !== 6 || payload + payloadBytes > frame.length) return 'malformed';
  const protocol = frame[header + 6] ?? 0;
  return {
    version: 6,
    header,
    headerBytes: IPV6_HEADER_BYTES,
    payload,
    payloadBytes,
    protocol,
    isFragment: false,
  };
}

/** The ones' complement sum of 16-bit words, folded; an odd byte is the upper half of its word. */
function sum(bytes: Uint8Array, from: number, count: number, before = 0): number {
  let total = before;
  const end = from + count;
  let at = from;
  for (; at + 1 < end; at += 2) total += u16At(bytes, at);
  if (at < end) total += (bytes[at] ?? 0) << 8;
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x1_0000);
  return total;
}

/** What the pseudo-header adds (RFC 793 §3.1, RFC 8200 §8.1): addresses, length and protocol. */
function pseudoHeaderSum(frame: Uint8Array, packet: IpPacket): number {
  const [addresses, count] = packet.version === 4 ? [12, 8] : [8, 32];
  return sum(frame, packet.header + addresses, count, packet.payloadBytes + packet.protocol);
}

function protocolOf(packet: IpPacket): { checksumOffset: number; pseudoHeader: boolean } | undefined {
  const protocol = packet.isFragment ? undefined : PROTOCOLS[packet.version].get(packet.protocol);
  const holds = protocol !== undefined && protocol.checksumOffset + 2 <= packet.payloadBytes;
  return holds ? protocol : undefined;
}

/** Checks a received frame, without its FCS. */
export function checkChecksums(frame: Uint8Array): ChecksumVerdict {
  const packet = ipPacketIn(frame);
  if (packet === undefined) return NO_IP;
  if (packet === 'malformed') return BAD_HEADER;
  const headerError = packet.version === 4 && sum(frame, packet.header, packet.headerBytes) !== 0xffff;
  const protocol = protocolOf(packet);
  if (protocol === undefined) return { ip: true, headerError, payload: 'bypassed' };
  const { payload, payloadBytes } = packet;
  const unsummed = packet.protocol === UDP && u16At(frame, payload + protocol.checksumOffset) === 0;
  if (unsummed) return { ip: true, headerError, payload: 'bypassed' };
  const before = protocol.pseudoHeader ? pseudoHeaderSum(frame, packet) : 0;
  const good = sum(frame, payload, payloadBytes, before) === 0xffff;
  return { ip: true, headerError, payload: good ? 'good' : 'bad' };
}

/** Inserts checksums into a frame that is to be sent, in place; `false` where it should be IP and its header makes no sense. */
export function insertChecksums(frame: Uint8Array, insertion: number): boolean {
  const packet = insertion === CHECKSUM_INSERTION.none ? undefined : ipPacketIn(frame);
  if (packet === 'malformed') return false;
  if (packet === undefined) return true;
  if (packet.version === 4)
    put(frame, packet.header + IPV4_CHECKSUM_OFFSET, packet.header, packet.headerBytes);
  const protocol = insertion === CHECKSUM_INSERTION.header ? undefined : protocolOf(packet);
  if (protocol === undefined) return true;
  const { payload, payloadBytes } = packet;
  const at = payload + protocol.checksumOffset;
  const full = insertion === CHECKSUM_INSERTION.full;
  const before = full && protocol.pseudoHeader ? pseudoHeaderSum(frame, packet) : 0;
  // Otherwise the driver has left the pseudo-header's sum in the field.
  const found = full ? 0 : u16At(frame, at);
  put(frame, at, payload, payloadBytes, before + found);
  // A UDP checksum that comes to zero is sent as ones (RFC 768).
  if (packet.protocol === UDP && u16At(frame, at) === 0) setU16(frame, at, 0xffff);
  return true;
}

function put(frame: Uint8Array, at: number, from: number, count: number, before = 0): void {
  setU16(frame, at, 0);
  setU16(frame, at, ~sum(frame, from, count, before) & 0xffff);
}
