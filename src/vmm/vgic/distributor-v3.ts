/**
 * GICD of a version 3 controller with affinity routing and one security state (IHI 0069H §12.9), and ICC_SGI1R_EL1. What belongs to a single
 * processor is in its redistributor and reads as zero here. Compiled to C for seL4 (docs/compiled.md). Left out: message-based SPIs, LPIs,
 * extended ranges.
 */
import { cut, FIELDS_END, IGROUPR, readFields, widen, writeFields } from './fields.ts';
import { deliverAll, NO_SLOT, reroute, sendSgi, slotOf } from './interrupts.ts';
import { INTID_COUNT, PRIVATE_COUNT, type VgicState } from './state.ts';

export const GICD_V3_SIZE_BYTES = 0x1_0000;

const CTLR_V3 = 0x0000;
const TYPER_V3 = 0x0004;
const IIDR_V3 = 0x0008;
const PIDR2_V3 = 0xffe8;
const CIDR0_V3 = 0xfff0;
const CIDR1_V3 = 0xfff4;
const CIDR2_V3 = 0xfff8;
const CIDR3_V3 = 0xfffc;
/** GICD_CTLR with one security state: EnableGrp0, EnableGrp1, ARE, DS (§12.9.4). ARE and DS can't be turned off. */
const CTLR_ARE_DS = 0x50;
/** GICD_TYPER: 10 bits of INTID, no "1 of N", affinity level 3 valid (§12.9.38). */
const TYPER_IDBITS = 0x0048_0000;
const TYPER_A3V = 0x0100_0000;
const TYPER_NO1N = 0x0200_0000;
/** GICD_IROUTER: Aff3 in the upper word; bit 31 any, Aff2 to Aff0 in the lower (§12.9.22). 8 bytes an interrupt. */
const ROUTERS = 0x6000;
const ROUTERS_END = 0x8000;
const ROUTER_LOW_MASK = 0x80ff_ffff;
const ROUTER_HIGH_MASK = 0xff;
const UPPER_HALF = 4;
/** ICC_SGI1R_EL1 (§12.2.20), in its upper half: IRM, and the fields that must be 0 where all processors have affinity 0.0.0.n. */
const SGI1R_IRM = 0x100;
const SGI1R_HIGH_AFFINITY = 0x00ff_f0ff;
const SGI1R_AFF1 = 0x00ff_0000;

function readSingleV3(s: VgicState, offset: number): number {
  if (offset === CTLR_V3) return CTLR_ARE_DS | (s.groupEnabled[0] ?? 0) | ((s.groupEnabled[1] ?? 0) << 1);
  if (offset === TYPER_V3) return ((INTID_COUNT >>> 5) - 1) | TYPER_IDBITS | TYPER_A3V | TYPER_NO1N;
  // As a GIC-500 r1p1 says (DDI 0516E §3.2).
  if (offset === IIDR_V3) return 0x0010_043b;
  // ArchRev 3 (§12.1.13).
  if (offset === PIDR2_V3) return 0x3b;
  if (offset === CIDR0_V3) return 0x0d;
  if (offset === CIDR1_V3) return 0xf0;
  if (offset === CIDR2_V3) return 0x05;
  return offset === CIDR3_V3 ? 0xb1 : 0;
}

function isRouter(offset: number): boolean {
  return offset >= ROUTERS && offset < ROUTERS_END;
}

/** The slot that a router is at; none for private interrupts. */
function routedSlot(offset: number): number {
  const intid = (offset - ROUTERS) >>> 3;
  return intid < PRIVATE_COUNT ? NO_SLOT : slotOf(0, intid);
}

export function readDistributorV3(s: VgicState, offset: number, sizeBytes: number, vcpu: number): number {
  if (isRouter(offset)) {
    const slot = routedSlot(offset);
    if (slot === NO_SLOT || sizeBytes !== 4) return 0;
    return (offset & UPPER_HALF) === 0 ? (s.routeLow[slot] ?? 0) : (s.routeHigh[slot] ?? 0);
  }
  if (offset >= IGROUPR && offset < FIELDS_END)
    return readFields(s, offset, sizeBytes, vcpu, PRIVATE_COUNT, INTID_COUNT);
  return cut(readSingleV3(s, offset & -4), offset, sizeBytes);
}

export function writeDistributorV3(
  s: VgicState,
  offset: number,
  value: number,
  sizeBytes: number,
  vcpu: number,
): void {
  if (isRouter(offset)) {
    const slot = routedSlot(offset);
    if (slot === NO_SLOT || sizeBytes !== 4) return;
    if ((offset & UPPER_HALF) === 0) s.routeLow[slot] = value & ROUTER_LOW_MASK;
    else s.routeHigh[slot] = value & ROUTER_HIGH_MASK;
    reroute(s, slot, vcpu);
  } else if (offset >= IGROUPR && offset < FIELDS_END) {
    writeFields(s, offset, value, sizeBytes, vcpu, PRIVATE_COUNT, INTID_COUNT);
  } else if ((offset & -4) === CTLR_V3) {
    const control = widen(value, offset);
    s.groupEnabled[0] = control & 1;
    s.groupEnabled[1] = (control >>> 1) & 1;
    deliverAll(s);
  }
}

/** ICC_SGI1R_EL1, its halves: a software-generated interrupt. */
export function writeSgi1r(s: VgicState, sender: number, low: number, high: number): void {
  const intid = (low >>> 24) & 0xf;
  if ((high & SGI1R_IRM) !== 0) sendSgi(s, intid, ~(1 << sender));
  else if ((high & SGI1R_HIGH_AFFINITY) === 0 && (low & SGI1R_AFF1) === 0) sendSgi(s, intid, low & 0xffff);
}
