/**
 * IPv4 (RFC 791): packets read and written, in fragments where they are longer than an Ethernet frame holds. Checksums, of what is
 * inside too, are the frame's matter.
 */
import { concatBytes, setU16, setU32, u16At, u32At } from '../../base/index.ts';

/** An address as a number of 32 bits. */
export type Ipv4Address = number;

/** Numbers of protocols (IANA "Protocol Numbers"). */
export const IP_PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;

/** What is in a packet; of a fragment, a part of it. */
export interface Ipv4Packet {
  readonly protocol: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly payload: Uint8Array;
  /** Part of a longer packet. */
  readonly isFragment: boolean;
  /** The header and the first eight bytes behind it, as ICMP's errors quote them. */
  readonly quoted: Uint8Array;
}

const HEADER_BYTES = 20;
const VERSION = 4;
const TTL = 64;
const PROTOCOL_OFFSET = 9;
const SOURCE_OFFSET = 12;
const DESTINATION_OFFSET = 16;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;
const FRAGMENT_UNIT_BYTES = 8;
/** What an Ethernet frame holds (RFC 894). */
const MTU_BYTES = 1500;

/** `undefined` where it is no IPv4 packet. */
export function readIpv4(bytes: Uint8Array): Ipv4Packet | undefined {
  const headerBytes = ((bytes[0] ?? 0) & 0xf) * 4;
  const sizeBytes = u16At(bytes, 2);
  const isWhole = headerBytes >= HEADER_BYTES && sizeBytes >= headerBytes && sizeBytes <= bytes.length;
  if ((bytes[0] ?? 0) >> 4 !== VERSION || !isWhole) return undefined;
  return {
    protocol: bytes[PROTOCOL_OFFSET] ?? 0,
    source: u32At(bytes, SOURCE_OFFSET),
    destination: u32At(bytes, DESTINATION_OFFSET),
    payload: bytes.subarray(headerBytes, sizeBytes),
    isFragment: (u16At(bytes, 6) & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0,
    quoted: bytes.slice(0, headerBytes + 8),
  };
}

/** The packets that carry a payload: one where it fits into a frame; `identification` tells one payload's fragments from another's. */
export function writeIpv4(
  {
    protocol,
    source,
    destination,
    payload,
  }: Pick<Ipv4Packet, 'protocol' | 'source' | 'destination' | 'payload'>,
  identification: number,
): readonly Uint8Array[] {
  const roomBytes = MTU_BYTES - HEADER_BYTES;
  const stepBytes = roomBytes - (roomBytes % FRAGMENT_UNIT_BYTES);
  const packets: Uint8Array[] = [];
  let at = 0;
  do {
    const isLast = payload.length - at <= roomBytes;
    const part = payload.subarray(at, isLast ? payload.length : at + stepBytes);
    const header = new Uint8Array(HEADER_BYTES);
    header[0] = (VERSION << 4) | (HEADER_BYTES / 4);
    setU16(header, 2, HEADER_BYTES + part.length);
    setU16(header, 4, identification & 0xffff);
    setU16(header, 6, (isLast ? 0 : MORE_FRAGMENTS) | (at / FRAGMENT_UNIT_BYTES));
    header[8] = TTL;
    header[PROTOCOL_OFFSET] = protocol;
    setU32(header, SOURCE_OFFSET, source);
    setU32(header, DESTINATION_OFFSET, destination);
    packets.push(concatBytes([header, part]));
    at += part.length;
  } while (at < payload.length);
  return packets;
}

const OCTETS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Of `10.0.2.15`; `undefined` where the text is no address. */
export function parseIpv4(text: string): Ipv4Address | undefined {
  const octets = OCTETS.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 0xff)) return undefined;
  return octets.reduce((address, octet) => address * 0x100 + octet, 0);
}

export function formatIpv4(address: Ipv4Address): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}
