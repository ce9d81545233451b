/**
 * The virtual interrupt controller's heart, the same for versions 2 and 3: which interrupts are pending for which vCPU, which of them are in
 * list registers, and when the next goes in. The register frames edit its interrupts. Compiled to C for seL4 (docs/compiled.md).
 *
 * What can't be known: seL4 tells a monitor that a list register is free again, never whether its interrupt was already taken. So an
 * interrupt that the guest disables while it waits in a list register still arrives once.
 */
import { LIST_REGISTER_COUNT } from '../../device/index.ts';
import {
  CHANNEL,
  DEVICE,
  FIRST_SHARED,
  INTID_LIMIT,
  LEFT_OVER,
  PRIVATE_COUNT,
  PROGRAM,
  QUEUE_SHIFT,
  SGI_COUNT,
  TIMER,
  type VgicState,
} from './state.ts';

export const NO_SLOT = -1;
/** GICD_IROUTER.Interrupt_Routing_Mode. */
const ANY_VCPU = 0x8000_0000;
/** seL4 takes priorities of five bits, as many as a list register tells apart. */
const LOST_PRIORITY_BITS = 3;
/** CNTV_CTL_EL0: ENABLE, IMASK and ISTATUS; the line is high where it is enabled, not masked, and met (Arm ARM D11.2.4). */
const TIMER_CONTROL_MASK = 7;
const TIMER_LINE_HIGH = 5;

/** Where an interrupt's fields are, as a vCPU sees it. */
export function slotOf(vcpu: number, intid: number): number {
  if (intid < 0 || intid >= INTID_LIMIT) return NO_SLOT;
  return intid < PRIVATE_COUNT ? vcpu * PRIVATE_COUNT + intid : FIRST_SHARED + intid - PRIVATE_COUNT;
}

export function intidOf(slot: number): number {
  return slot < FIRST_SHARED ? slot % PRIVATE_COUNT : slot - FIRST_SHARED + PRIVATE_COUNT;
}

/** SGIs of a version 2 controller can't be disabled nor set pending by their registers (IHI 0048B §4.3.5, §4.3.7). */
export function isFixed(s: VgicState, slot: number): boolean {
  return s.version[0] === 2 && intidOf(slot) < SGI_COUNT;
}

/** The vCPU that gets it. */
function targetOf(s: VgicState, slot: number, vcpu: number): number {
  if (slot < FIRST_SHARED) return vcpu;
  const count = s.vcpuCount[0] ?? 0;
  if (s.version[0] === 2) {
    // The lowest vCPU of the target list: one of them, which one is up to the implementation (IHI 0048B §1.4.3).
    const targets = (s.targets[slot] ?? 0) & ((1 << count) - 1);
    return targets === 0 ? 0 : 31 - Math.clz32(targets & -targets);
  }
  const route = s.routeLow[slot] ?? 0;
  const target = (route & ANY_VCPU) !== 0 ? 0 : route & 0xff;
  return target < count ? target : 0;
}

function enqueue(s: VgicState, slot: number, vcpu: number): void {
  if (s.place[slot] !== 0) return;
  const count = s.queued[vcpu] ?? 0;
  const place = (vcpu << QUEUE_SHIFT) + count;
  s.queue[place] = slot;
  s.place[slot] = place + 1;
  s.queued[vcpu] = count + 1;
}

/** Their order says nothing: the last one takes the place. */
function dequeue(s: VgicState, slot: number): void {
  const place = (s.place[slot] ?? 0) - 1;
  if (place < 0) return;
  const vcpu = place >>> QUEUE_SHIFT;
  const count = (s.queued[vcpu] ?? 0) - 1;
  const last = s.queue[(vcpu << QUEUE_SHIFT) + count] ?? 0;
  s.queue[place] = last;
  s.place[last] = place + 1;
  s.place[slot] = 0;
  s.queued[vcpu] = count;
}

/** Marks it pending and delivers it where it may be. An interrupt already pending stays one. */
export function setPending(s: VgicState, slot: number, vcpu: number): void {
  const target = targetOf(s, slot, vcpu);
  s.pending[slot] = 1;
  enqueue(s, slot, target);
  deliver(s, target);
}

export function clearPending(s: VgicState, slot: number): void {
  s.pending[slot] = 0;
  dequeue(s, slot);
}

/** Asserts an interrupt for a vCPU (for an SPI, the guest's routing decides). `false` where there is no such one. */
export function inject(s: VgicState, vcpu: number, intid: number): boolean {
  const slot = slotOf(vcpu, intid);
  if (slot === NO_SLOT || vcpu < 0 || vcpu >= (s.vcpuCount[0] ?? 0)) return false;
  setPending(s, slot, vcpu);
  return true;
}

/** Whether an interrupt is pending and in no list register yet. */
export function isWaiting(s: VgicState, slot: number): boolean {
  return s.pending[slot] === 1 && s.listRegister[slot] === 0;
}

/** Moves it to where it now goes, after routing changed. */
export function reroute(s: VgicState, slot: number, vcpu: number): void {
  if (s.pending[slot] !== 1) return;
  dequeue(s, slot);
  setPending(s, slot, vcpu);
}

/** From 0; -1 where none is. */
function freeListRegister(s: VgicState, vcpu: number): number {
  for (let index = 0; index < LIST_REGISTER_COUNT; index += 1) {
    if (s.loaded[vcpu * LIST_REGISTER_COUNT + index] === 0) return index;
  }
  return -1;
}

/** What of all that is pending for a vCPU, enabled and in no list register comes first: by priority, then by number. */
function mostUrgent(s: VgicState, vcpu: number): number {
  const first = vcpu << QUEUE_SHIFT;
  const end = first + (s.queued[vcpu] ?? 0);
  let best = NO_SLOT;
  let bestPriority = 0;
  for (let place = first; place < end; place += 1) {
    const slot = s.queue[place] ?? 0;
    if (s.enabled[slot] !== 1 || s.listRegister[slot] !== 0) continue;
    if (s.groupEnabled[s.group[slot] ?? 0] !== 1) continue;
    const priority = s.priority[slot] ?? 0;
    // Of one vCPU's, slots are in the order of their numbers.
    if (best === NO_SLOT || priority < bestPriority || (priority === bestPriority && slot < best)) {
      best = slot;
      bestPriority = priority;
    }
  }
  return best;
}

function load(s: VgicState, vcpu: number, slot: number, index: number): void {
  clearPending(s, slot);
  s.listRegister[slot] = index + 1;
  s.loaded[vcpu * LIST_REGISTER_COUNT + index] = slot + 1;
  const priority = (s.priority[slot] ?? 0) >>> LOST_PRIORITY_BITS;
  s.calls.injectIrq(s.id[vcpu] ?? 0, intidOf(slot), priority, s.group[slot] ?? 0, index);
}

/** Fills a vCPU's free list registers with what is pending and enabled, the most urgent first. */
export function deliver(s: VgicState, vcpu: number): void {
  if (s.isOff[vcpu] === 1) return;
  while (s.queued[vcpu] !== 0) {
    const free = freeListRegister(s, vcpu);
    if (free < 0) return;
    const best = mostUrgent(s, vcpu);
    if (best === NO_SLOT) return;
    load(s, vcpu, best, free);
  }
}

export function deliverAll(s: VgicState): void {
  const count = s.vcpuCount[0] ?? 0;
  for (let vcpu = 0; vcpu < count; vcpu += 1) deliver(s, vcpu);
}

/** The interrupt has come to its end: its next one may come. */
export function acknowledge(s: VgicState, vcpu: number, slot: number): void {
  const owner = s.owner[slot] ?? 0;
  if (owner === CHANNEL) s.calls.irqAck(s.channel[slot] ?? 0);
  if (owner === TIMER) s.calls.ackVppi(s.id[vcpu] ?? 0, intidOf(slot));
  if (owner === PROGRAM) s.calls.acknowledge(vcpu, intidOf(slot));
  // What the driver has not acknowledged before it ended the interrupt holds the line high.
  if (owner === DEVICE && s.lineStatus[s.channel[slot] ?? 0] !== 0) setPending(s, slot, vcpu);
}

/** A list register is empty. Whoever owns its interrupt is told; gives its slot. */
function release(s: VgicState, vcpu: number, index: number): number {
  const at = vcpu * LIST_REGISTER_COUNT + index;
  const held = s.loaded[at] ?? 0;
  if (held === 0) return NO_SLOT;
  s.loaded[at] = 0;
  // Whose interrupt that was has been told when the vCPU was turned off.
  if (held >= LEFT_OVER) return NO_SLOT;
  const slot = held - 1;
  s.listRegister[slot] = 0;
  acknowledge(s, vcpu, slot);
  return slot;
}

/** The guest has ended the interrupt in a list register. Its owner is told before the next goes in. */
export function ended(s: VgicState, vcpu: number, index: number): void {
  const slot = release(s, vcpu, index);
  if (slot === NO_SLOT) {
    // One more is free, where it held what was left over.
    deliver(s, vcpu);
    return;
  }
  // Asserted again meanwhile, it may by now be routed elsewhere.
  if (s.pending[slot] === 1) deliverAll(s);
  else deliver(s, vcpu);
}

/** A software-generated interrupt to each vCPU whose bit is set. */
export function sendSgi(s: VgicState, intid: number, targets: number): void {
  const count = s.vcpuCount[0] ?? 0;
  for (let vcpu = 0; vcpu < count; vcpu += 1) {
    if (((targets >>> vcpu) & 1) === 1) setPending(s, vcpu * PRIVATE_COUNT + intid, vcpu);
  }
}

/** The line of an interrupt is low: if it waits for a list register, it comes to nothing. */
export function takeBack(s: VgicState, vcpu: number, slot: number): void {
  clearPending(s, slot);
  acknowledge(s, vcpu, slot);
}

/**
 * Before the guest looks at its interrupt controller or changes it: a timer's interrupt that waits there and whose line has fallen since is
 * taken back. (One that is in a list register already is the kernel's.)
 */
export function settleTimers(s: VgicState): void {
  const count = s.vcpuCount[0] ?? 0;
  for (let vcpu = 0; vcpu < count; vcpu += 1) {
    const intid = s.timer[vcpu] ?? 0;
    if (intid === 0) continue;
    const slot = slotOf(vcpu, intid);
    // Asking a vCPU for a register is a call of the kernel's: only where its answer matters.
    if (!isWaiting(s, slot)) continue;
    if ((s.calls.timerControl(s.id[vcpu] ?? 0) & TIMER_CONTROL_MASK) !== TIMER_LINE_HIGH)
      takeBack(s, vcpu, slot);
  }
}
