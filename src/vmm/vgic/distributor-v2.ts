/**
 * GICD of a version 2 controller, as a guest sees it (IHI 0048B §4.3, without Security Extensions). Compiled to C for seL4 (docs/compiled.md).
 * Left out: NSACR, and the identity of an SGI's sender, which seL4's list registers can't carry.
 */
import { cut, FIELDS_END, IGROUPR, readFields, widen, writeFields } from './fields.ts';
import { deliverAll, sendSgi } from './interrupts.ts';
import { INTID_COUNT, type VgicState } from './state.ts';

export const GICD_V2_SIZE_BYTES = 0x1000;

const CTLR = 0x000;
const TYPER = 0x004;
const IIDR = 0x008;
const SGIR = 0xf00;
const ICPIDR2 = 0xfe8;
const ICCIDR0 = 0xff0;
const ICCIDR1 = 0xff4;
const ICCIDR2 = 0xff8;
const ICCIDR3 = 0xffc;
/** GICD_SGIR.TargetListFilter: the list, all but the sender, the sender (§4.3.15). */
const TO_LIST = 0;
const TO_OTHERS = 1;
const TO_SELF = 2;

function readSingleV2(s: VgicState, offset: number): number {
  if (offset === CTLR) return s.groupEnabled[0] ?? 0;
  // ITLinesNumber and CPUNumber; no Security Extensions, no lockable SPIs (§4.3.2).
  if (offset === TYPER) return ((INTID_COUNT >>> 5) - 1) | (((s.vcpuCount[0] ?? 0) - 1) << 5);
  // As a GIC-400 r0p1 says (DDI 0471B §3.3).
  if (offset === IIDR) return 0x0200_143b;
  // ArchRev 2 (§4.3.18), and the rest of the CoreSight identification.
  if (offset === ICPIDR2) return 0x2b;
  if (offset === ICCIDR0) return 0x0d;
  if (offset === ICCIDR1) return 0xf0;
  if (offset === ICCIDR2) return 0x05;
  return offset === ICCIDR3 ? 0xb1 : 0;
}

export function readDistributorV2(s: VgicState, offset: number, sizeBytes: number, vcpu: number): number {
  if (offset >= IGROUPR && offset < FIELDS_END) return readFields(s, offset, sizeBytes, vcpu, 0, INTID_COUNT);
  return cut(readSingleV2(s, offset & -4), offset, sizeBytes);
}

export function writeDistributorV2(
  s: VgicState,
  offset: number,
  value: number,
  sizeBytes: number,
  vcpu: number,
): void {
  const word = offset & -4;
  if (offset >= IGROUPR && offset < FIELDS_END) {
    writeFields(s, offset, value, sizeBytes, vcpu, 0, INTID_COUNT);
  } else if (word === CTLR) {
    s.groupEnabled[0] = widen(value, offset) & 1;
    deliverAll(s);
  } else if (word === SGIR) {
    writeSgir(s, widen(value, offset), vcpu);
  }
}

function writeSgir(s: VgicState, value: number, sender: number): void {
  const filter = (value >>> 24) & 3;
  if (filter === TO_LIST) sendSgi(s, value & 0xf, (value >>> 16) & 0xff);
  if (filter === TO_OTHERS) sendSgi(s, value & 0xf, ~(1 << sender));
  if (filter === TO_SELF) sendSgi(s, value & 0xf, 1 << sender);
}
