/**
 * GICR: a version 3 controller's redistributors, one for each vCPU and 128 KiB apart: a control frame and a frame for its SGIs and PPIs (IHI
 * 0069H §12.10, §12.11). Whose they are doesn't depend on who asks. Compiled to C for seL4 (docs/compiled.md). Left out: LPIs and everything
 * that serves them.
 */
import { cut, readFields, widen, writeFields } from './fields.ts';
import { PRIVATE_COUNT, type VgicState } from './state.ts';

/** RD_base and SGI_base together (§12.1.12). */
export const REDISTRIBUTOR_SIZE_BYTES = 0x2_0000;
const SGI_BASE = 0x1_0000;

const GICR_IIDR = 0x0004;
const GICR_TYPER = 0x0008;
const GICR_TYPER_HIGH = 0x000c;
const GICR_WAKER = 0x0014;
const GICR_PIDR2 = 0xffe8;
const GICR_CIDR0 = 0xfff0;
const GICR_CIDR1 = 0xfff4;
const GICR_CIDR2 = 0xfff8;
const GICR_CIDR3 = 0xfffc;
/** GICR_WAKER: ProcessorSleep is written, ChildrenAsleep follows it (§12.11.42). */
const WAKER_PROCESSOR_SLEEP = 2;
const WAKER_ASLEEP = 6;

function readControl(s: VgicState, owner: number, offset: number): number {
  if (offset === GICR_IIDR) return 0x0010_043b;
  // Processor_Number and Last below, the affinity above (§12.11.37); affinity 0 counts the vCPUs.
  if (offset === GICR_TYPER) return (owner << 8) | ((s.isLast[owner] ?? 0) << 4);
  if (offset === GICR_TYPER_HIGH) return owner;
  if (offset === GICR_WAKER) return s.asleep[owner] === 1 ? WAKER_ASLEEP : 0;
  if (offset === GICR_PIDR2) return 0x3b;
  if (offset === GICR_CIDR0) return 0x0d;
  if (offset === GICR_CIDR1) return 0xf0;
  if (offset === GICR_CIDR2) return 0x05;
  return offset === GICR_CIDR3 ? 0xb1 : 0;
}

/** An access at an offset into a vCPU's redistributor; a region may have room for more of them than there are. */
export function readRedistributor(s: VgicState, owner: number, offset: number, sizeBytes: number): number {
  if (owner >= (s.vcpuCount[0] ?? 0)) return 0;
  if (offset >= SGI_BASE) return readFields(s, offset - SGI_BASE, sizeBytes, owner, 0, PRIVATE_COUNT);
  return cut(readControl(s, owner, offset & -4), offset, sizeBytes);
}

export function writeRedistributor(
  s: VgicState,
  owner: number,
  offset: number,
  value: number,
  sizeBytes: number,
): void {
  if (owner >= (s.vcpuCount[0] ?? 0)) return;
  if (offset >= SGI_BASE) {
    writeFields(s, offset - SGI_BASE, value, sizeBytes, owner, 0, PRIVATE_COUNT);
  } else if ((offset & -4) === GICR_WAKER) {
    s.asleep[owner] = (widen(value, offset) & WAKER_PROCESSOR_SLEEP) >>> 1;
  }
}
