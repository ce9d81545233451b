/**
 * The registers that hold a field for every interrupt: enables, pending and active states, priorities, targets, triggers, groups (IHI 0048B
 * §4.3.4–4.3.13, IHI 0069H §12.9.6–12.9.21 and §12.11). Distributor and redistributor have them at the same offsets, with 1, 2 or 8 bits
 * a field; accesses of any width are cut into fields here. Compiled to C for seL4 (docs/compiled.md).
 */
import { clearPending, isFixed, NO_SLOT, reroute, setPending, slotOf } from './interrupts.ts';
import { PRIVATE_COUNT, SGI_COUNT, type VgicState } from './state.ts';

/** Kinds of registers, by the offset of the first. */
const NONE = 0;
export const IGROUPR = 0x080;
const ISENABLER = 0x100;
const ICENABLER = 0x180;
const ISPENDR = 0x200;
const ICPENDR = 0x280;
const ISACTIVER = 0x300;
const ICACTIVER = 0x380;
const IPRIORITYR = 0x400;
const ITARGETSR = 0x800;
const ICFGR = 0xc00;
export const FIELDS_END = 0xd00;
/** Bits of kinds that have one an interrupt: 1024 of them. */
const BIT_REGISTERS_BYTES = 0x80;
/** Priorities have five bits here, as the virtual CPU interface has. */
const PRIORITY_MASK = 0xf8;
const EDGE = 2;

function kindAt(offset: number): number {
  if (offset < IGROUPR || offset >= FIELDS_END) return NONE;
  if (offset < IPRIORITYR) return offset & -BIT_REGISTERS_BYTES;
  if (offset < ITARGETSR) return IPRIORITYR;
  return offset < ICFGR ? ITARGETSR : ICFGR;
}

/** How many bits a field has, as a power of two. */
function widthOf(kind: number): number {
  if (kind < IPRIORITYR) return 0;
  return kind === ICFGR ? 1 : 3;
}

/** One security state: a guest's groups are its own. A version 2 guest without Security Extensions has none. */
function read(s: VgicState, kind: number, slot: number, vcpu: number): number {
  if (kind === ISENABLER || kind === ICENABLER) return s.enabled[slot] ?? 0;
  if (kind === ISPENDR || kind === ICPENDR) return s.pending[slot] ?? 0;
  if (kind === ISACTIVER || kind === ICACTIVER) return s.active[slot] ?? 0;
  if (kind === IPRIORITYR) return s.priority[slot] ?? 0;
  if (kind === ICFGR) return s.edge[slot] === 1 ? EDGE : 0;
  if (kind === IGROUPR) return s.version[0] === 2 ? 0 : (s.group[slot] ?? 0);
  // The first 32 tell a processor its own number (IHI 0048B §4.3.12); version 3 routes by affinity.
  if (s.version[0] !== 2) return 0;
  return slot < vcpu * PRIVATE_COUNT + PRIVATE_COUNT && slot >= vcpu * PRIVATE_COUNT
    ? (1 << vcpu) & 0xff
    : (s.targets[slot] ?? 0);
}

/** A field of one bit is a 1: zeros change nothing in what sets and clears. */
function write(s: VgicState, kind: number, slot: number, field: number, vcpu: number): void {
  if (kind === ISENABLER) {
    s.enabled[slot] = 1;
    if (s.pending[slot] === 1) setPending(s, slot, vcpu);
  } else if (kind === ICENABLER) {
    if (!isFixed(s, slot)) s.enabled[slot] = 0;
  } else if (kind === ISPENDR) {
    if (!isFixed(s, slot)) setPending(s, slot, vcpu);
  } else if (kind === ICPENDR) {
    if (!isFixed(s, slot)) clearPending(s, slot);
  } else if (kind === ISACTIVER) {
    s.active[slot] = 1;
  } else if (kind === ICACTIVER) {
    s.active[slot] = 0;
  } else if (kind === IPRIORITYR) {
    s.priority[slot] = field & PRIORITY_MASK;
  } else if (kind === IGROUPR) {
    if (s.version[0] === 3) s.group[slot] = field;
  } else if (kind === ITARGETSR) {
    // Bits of processors that are not there stay 0 (IHI 0048B §4.3.12).
    s.targets[slot] = field & ((1 << (s.vcpuCount[0] ?? 0)) - 1);
    reroute(s, slot, vcpu);
  } else {
    s.edge[slot] = (field & EDGE) >>> 1;
  }
}

/** The first interrupt whose field of this kind can be written. */
function firstWritten(s: VgicState, kind: number): number {
  if (kind === ICFGR) return SGI_COUNT;
  if (kind !== ITARGETSR) return 0;
  return s.version[0] === 2 ? PRIVATE_COUNT : 0x7fff_ffff;
}

/** An access of 1, 2 or 4 bytes; of interrupts below `first` and from `end` on there is nothing to be had. */
export function readFields(
  s: VgicState,
  offset: number,
  sizeBytes: number,
  vcpu: number,
  first: number,
  end: number,
): number {
  const kind = kindAt(offset);
  if (kind === NONE) return 0;
  const width = widthOf(kind);
  const intid = ((offset - kind) << 3) >>> width;
  const count = (sizeBytes << 3) >>> width;
  let value = 0;
  for (let index = 0; index < count; index += 1) {
    const slot = slotOf(vcpu, intid + index);
    if (slot === NO_SLOT || intid + index < first || intid + index >= end) continue;
    value |= read(s, kind, slot, vcpu) << (index << width);
  }
  return value >>> 0;
}

export function writeFields(
  s: VgicState,
  offset: number,
  value: number,
  sizeBytes: number,
  vcpu: number,
  first: number,
  end: number,
): void {
  const kind = kindAt(offset);
  if (kind === NONE) return;
  const width = widthOf(kind);
  const intid = ((offset - kind) << 3) >>> width;
  const count = (sizeBytes << 3) >>> width;
  const mask = (1 << (1 << width)) - 1;
  const lowest = firstWritten(s, kind);
  for (let index = 0; index < count; index += 1) {
    const field = (value >>> (index << width)) & mask;
    if (field === 0 && kind >= ISENABLER && kind < IPRIORITYR) {
      // To the next one that is set.
      const left = value >>> index;
      if (left === 0) return;
      index += 30 - Math.clz32(left & -left);
      continue;
    }
    const slot = slotOf(vcpu, intid + index);
    if (slot === NO_SLOT || intid + index < first || intid + index >= end || intid + index < lowest) continue;
    write(s, kind, slot, field, vcpu);
  }
}

/** What an access sees of a register of 32 bits. */
export function cut(word: number, offset: number, sizeBytes: number): number {
  const shifted = word >>> ((offset & 3) << 3);
  return sizeBytes === 4 ? shifted : shifted & ((1 << (sizeBytes << 3)) - 1);
}

/** What a write of less than 32 bits, its value where its bytes are, puts into one. */
export function widen(value: number, offset: number): number {
  return (value << ((offset & 3) << 3)) >>> 0;
}
