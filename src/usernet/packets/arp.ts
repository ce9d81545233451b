/** ARP for IPv4 over Ethernet (RFC 826). */
import { concatBytes, setU16, setU32, u16At, u32At } from '../../base/index.ts';
import type { Ipv4Address } from './ipv4.ts';

const HARDWARE_ETHERNET = 1;
const PROTOCOL_IPV4 = 0x0800;
const MAC_BYTES = 6;
const IP_BYTES = 4;
const SIZE_BYTES = 28;

/** Whether it asks or answers. */
export const ARP_OPERATION = { request: 1, reply: 2 } as const;

/** A question for the MAC address of `targetIp`, or its answer. */
export interface ArpPacket {
  readonly operation: number;
  readonly senderMac: Uint8Array;
  readonly senderIp: Ipv4Address;
  readonly targetMac: Uint8Array;
  readonly targetIp: Ipv4Address;
}

/** `undefined` where it is for other kinds of address. */
export function readArp(bytes: Uint8Array): ArpPacket | undefined {
  const isOurs =
    bytes.length >= SIZE_BYTES &&
    u16At(bytes, 0) === HARDWARE_ETHERNET &&
    u16At(bytes, 2) === PROTOCOL_IPV4 &&
    bytes[4] === MAC_BYTES &&
    bytes[5] === IP_BYTES;
  if (!isOurs) return undefined;
  return {
    operation: u16At(bytes, 6),
    senderMac: bytes.slice(8, 14),
    senderIp: u32At(bytes, 14),
    targetMac: bytes.slice(18, 24),
    targetIp: u32At(bytes, 24),
  };
}

export function writeArp({ operation, senderMac, senderIp, targetMac, targetIp }: ArpPacket): Uint8Array {
  const head = new Uint8Array(8);
  setU16(head, 0, HARDWARE_ETHERNET);
  setU16(head, 2, PROTOCOL_IPV4);
  head[4] = MAC_BYTES;
  head[5] = IP_BYTES;
  setU16(head, 6, operation);
  const [sender, target] = [new Uint8Array(IP_BYTES), new Uint8Array(IP_BYTES)];
  setU32(sender, 0, senderIp);
  setU32(target, 0, targetIp);
  return concatBytes([head, senderMac, sender, targetMac, target]);
}
