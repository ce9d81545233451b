/**
 * Ethernet frames (IEEE 802.3-2018 §3): from the destination's address on, without the FCS, which is there where a frame
 * meets a controller's DMA only. No frame on a wire is shorter than the least that the standard allows.
 */
import { crc32, shape, u16At } from '../../base/index.ts';

/** A frame in a snapshot: none is longer than a descriptor chain of 64 KiB. */
export const FRAME_SHAPE = shape.bytesUpTo(0x1_0000);

export const MAC_ADDRESS_BYTES = 6;
/** Both addresses and the type, before the content. */
export const FRAME_HEADER_BYTES = 14;
/** Without FCS. */
export const FRAME_BYTES_MIN = 60;
/** With a VLAN tag, without FCS (§3.2.7). */
export const FRAME_BYTES_MAX = 1518;
export const FCS_BYTES = 4;
/** What a frame's type field says of its content (IANA "IEEE 802 Numbers"). */
export const ETHERTYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  vlan: 0x8100,
  ipv6: 0x86dd,
  macControl: 0x8808,
} as const;
/** Below it, the type field is a length (§3.2.6). */
export const ETHERTYPE_MIN = 0x600;
const TYPE_OFFSET = 12;
const GROUP_BIT = 1;
const BROADCAST = 0xff;

/** The type field of a frame. */
export function typeOf(frame: Uint8Array): number {
  return u16At(frame, TYPE_OFFSET);
}

/** Whether it is for several stations: broadcast or multicast. */
export function isGroup(frame: Uint8Array): boolean {
  return ((frame[0] ?? 0) & GROUP_BIT) !== 0;
}

export function isBroadcast(frame: Uint8Array): boolean {
  for (let at = 0; at < MAC_ADDRESS_BYTES; at += 1) if (frame[at] !== BROADCAST) return false;
  return true;
}

/** Whether the destination is this address. */
export function isFor(frame: Uint8Array, address: Uint8Array): boolean {
  return hasAddress(frame, 0, address);
}

/** Whether the sender's address is this one. */
export function isFrom(frame: Uint8Array, address: Uint8Array): boolean {
  return hasAddress(frame, MAC_ADDRESS_BYTES, address);
}

function hasAddress(frame: Uint8Array, offset: number, address: Uint8Array): boolean {
  for (let at = 0; at < MAC_ADDRESS_BYTES; at += 1) if (frame[offset + at] !== address[at]) return false;
  return true;
}

/** Zeros behind a frame that is too short for the wire. */
export function padded(frame: Uint8Array): Uint8Array {
  if (frame.length >= FRAME_BYTES_MIN) return frame;
  const long = new Uint8Array(FRAME_BYTES_MIN);
  long.set(frame);
  return long;
}

/** The frame with its FCS behind it (§3.2.9), the least significant byte first. */
export function withFcs(frame: Uint8Array): Uint8Array {
  const whole = new Uint8Array(frame.length + FCS_BYTES);
  whole.set(frame);
  new DataView(whole.buffer).setUint32(frame.length, crc32(frame), true);
  return whole;
}

/** The frame without the FCS at its end; `undefined` where that is wrong, and a receiver would drop it. */
export function checkedFcs(whole: Uint8Array): Uint8Array | undefined {
  if (whole.length < FCS_BYTES) return undefined;
  const frame = whole.subarray(0, whole.length - FCS_BYTES);
  const fcs = new DataView(whole.buffer, whole.byteOffset + frame.length, FCS_BYTES).getUint32(0, true);
  return crc32(frame) === fcs ? frame : undefined;
}
