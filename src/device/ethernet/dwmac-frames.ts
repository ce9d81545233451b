/** What the MAC finds in a received frame, and what it hands on of it. */
import { u16At } from '../../base/index.ts';
import { checkChecksums } from './checksum.ts';
import { RDES0 } from './dwmac-descriptors.ts';
import { DWMAC_REGISTERS } from './dwmac-registers.ts';
import { ETHERTYPE, ETHERTYPE_MIN, FRAME_HEADER_BYTES, typeOf, withFcs } from './frame.ts';

/** What RDES0 says of the frame's type and checksums: bits 5, 7 and 0 together (Cyclone V TRM, "Receive Descriptor 0"). */
export function typeAndChecksums(
  frame: Uint8Array,
  checks: boolean,
): { readonly bits: number; readonly checksumError: boolean } {
  const typed = typeOf(frame) >= ETHERTYPE_MIN;
  if (!checks || !typed) return { bits: typed ? RDES0.FT : 0, checksumError: false };
  const { ip, headerError, payload } = checkChecksums(frame);
  if (!ip) return { bits: RDES0.IPC | RDES0.PCE, checksumError: false };
  if (payload === 'bypassed' && !headerError) return { bits: RDES0.PCE, checksumError: false };
  const bad = payload === 'bad' ? RDES0.PCE : 0;
  return { bits: RDES0.FT | (headerError ? RDES0.IPC : 0) | bad, checksumError: headerError || bad !== 0 };
}

/** Which frames lose their FCS: those whose type is a length, with their padding (ACS), and all others (CST). */
export interface Stripping {
  readonly lengths: boolean;
  readonly types: boolean;
}

/** The frame as it goes to RAM. */
export function asReceived(frame: Uint8Array, strips: Stripping): Uint8Array {
  const type = typeOf(frame);
  if (type >= ETHERTYPE_MIN) return strips.types ? frame : withFcs(frame);
  return strips.lengths ? frame.subarray(0, FRAME_HEADER_BYTES + type) : withFcs(frame);
}

/** Whether the frame has a VLAN tag that the register asks for: any, or one that is the same, or in its lower twelve bits. */
export function isTagged(frame: Uint8Array, vlanTag: number): boolean {
  const { VL, ETV } = DWMAC_REGISTERS.VLAN_Tag.fields;
  if (typeOf(frame) !== ETHERTYPE.vlan) return false;
  const compared = (vlanTag & ETV.mask) === 0 ? VL.mask : 0xfff;
  const wanted = vlanTag & compared;
  return wanted === 0 || (u16At(frame, FRAME_HEADER_BYTES) & compared) === wanted;
}
