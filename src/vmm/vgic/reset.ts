/** The virtual interrupt controller as after power-on. Whom interrupts belong to, and where frames are, stays as it is. */
import { LIST_REGISTER_COUNT } from '../../device/index.ts';
import { acknowledge } from './interrupts.ts';
import {
  FIRST_SHARED,
  LEFT_OVER,
  PRIVATE_COUNT,
  QUEUE_SHIFT,
  SGI_COUNT,
  VCPU_LIMIT,
  type VgicState,
} from './state.ts';

/** What list registers hold is left over: the kernel does not clear them. */
export function resetInterrupts(s: VgicState): void {
  const isV2 = s.version[0] === 2;
  for (const cells of [s.enabled, s.pending, s.active, s.priority, s.edge, s.routeLow, s.routeHigh])
    cells.fill(0);
  for (const cells of [s.listRegister, s.place, s.queued, s.groupEnabled]) cells.fill(0);
  for (const [at, held] of s.loaded.entries()) if (held !== 0) s.loaded[at] = held | LEFT_OVER;
  s.group.fill(isV2 ? 0 : 1);
  s.targets.fill(0, 0, FIRST_SHARED);
  s.targets.fill(1, FIRST_SHARED);
  s.asleep.fill(1);
  for (let first = 0; first < FIRST_SHARED; first += PRIVATE_COUNT) {
    s.edge.fill(1, first, first + SGI_COUNT);
    // SGIs are always enabled on most version 2 GICs (IHI 0048B §4.3.5); version 3 makes them like the others.
    if (isV2) s.enabled.fill(1, first, first + SGI_COUNT);
  }
}

/** Of everything pending or in a list register, what a reset forgets, the acknowledgement. */
export function outstanding(s: VgicState): readonly (() => void)[] {
  const found: (() => void)[] = [];
  const add = (vcpu: number, slot: number) => found.push(() => acknowledge(s, vcpu, slot));
  for (let vcpu = 0; vcpu < VCPU_LIMIT; vcpu += 1) {
    const loaded = s.loaded.subarray(vcpu * LIST_REGISTER_COUNT, (vcpu + 1) * LIST_REGISTER_COUNT);
    const first = vcpu << QUEUE_SHIFT;
    for (const slot of loaded) if (slot > 0 && slot < LEFT_OVER) add(vcpu, slot - 1);
    for (const slot of s.queue.subarray(first, first + (s.queued[vcpu] ?? 0))) add(vcpu, slot);
  }
  return found;
}
