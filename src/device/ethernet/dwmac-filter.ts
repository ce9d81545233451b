/** Which frames the MAC takes (Cyclone V TRM, "Frame Filtering"): by address, by hash, or all; source addresses don't matter. */
import { crc32, u16At } from '../../base/index.ts';
import { ETHERTYPE, isBroadcast, isFor, isGroup, MAC_ADDRESS_BYTES, typeOf } from './frame.ts';

export interface FrameFilter {
  readonly promiscuous: boolean;
  readonly hashUnicast: boolean;
  readonly hashMulticast: boolean;
  readonly inverse: boolean;
  readonly allMulticast: boolean;
  readonly noBroadcast: boolean;
  /** 0: no control frames · 1: all but pause · 2: all · 3: those that pass the filter. */
  readonly controlFrames: number;
  /** What the hash does not take, an equal address may. */
  readonly hashOrPerfect: boolean;
  readonly address: Uint8Array;
  readonly hashHigh: number;
  readonly hashLow: number;
}

const PAUSE_OPCODE = 1;
const OPCODE_OFFSET = 14;

export function passesFilter(frame: Uint8Array, filter: FrameFilter): boolean {
  if (typeOf(frame) === ETHERTYPE.macControl && filter.controlFrames !== 3) {
    if (filter.controlFrames === 2) return true;
    return filter.controlFrames === 1 && u16At(frame, OPCODE_OFFSET) !== PAUSE_OPCODE;
  }
  if (filter.promiscuous) return true;
  if (isBroadcast(frame)) return !filter.noBroadcast;
  if (isGroup(frame) && filter.allMulticast) return true;
  const byHash = isGroup(frame) ? filter.hashMulticast : filter.hashUnicast;
  const hashed = byHash && inHash(frame, filter);
  const equal = (!byHash || filter.hashOrPerfect) && isFor(frame, filter.address);
  return (hashed || equal) !== filter.inverse;
}

/** The upper six bits of the destination's CRC-32, its bits in the order in which they come on the wire. */
function inHash(frame: Uint8Array, { hashHigh, hashLow }: FrameFilter): boolean {
  const crc = crc32(frame.subarray(0, MAC_ADDRESS_BYTES));
  let index = 0;
  for (let bit = 0; bit < 6; bit += 1) index = (index << 1) | ((crc >>> bit) & 1);
  return (((index >= 32 ? hashHigh : hashLow) >>> (index & 31)) & 1) === 1;
}
