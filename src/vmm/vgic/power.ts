/** vCPUs that are turned off and on: which interrupts stay where, and what is left in list registers, which seL4 has no call to empty. */
import { LIST_REGISTER_COUNT } from '../../device/index.ts';
import { acknowledge, deliver, intidOf, isWaiting, setPending, slotOf, takeBack } from './interrupts.ts';
import { FIRST_SHARED, LEFT_OVER, type VgicState } from './state.ts';

/**
 * A vCPU is turned off, or has been: nothing goes into its list registers, and what they hold is left over. Interrupts that all vCPUs share are
 * pending again, wherever they are routed now; the vCPU's own have come to their end.
 */
export function turnedOff(s: VgicState, vcpu: number): void {
  s.isOff[vcpu] = 1;
  for (let index = 0; index < LIST_REGISTER_COUNT; index += 1) {
    const at = vcpu * LIST_REGISTER_COUNT + index;
    const held = s.loaded[at] ?? 0;
    if (held === 0 || held >= LEFT_OVER) continue;
    const slot = held - 1;
    s.loaded[at] = held + LEFT_OVER;
    s.listRegister[slot] = 0;
    if (slot < FIRST_SHARED) acknowledge(s, vcpu, slot);
    else setPending(s, slot, vcpu);
  }
  const intid = s.timer[vcpu] ?? 0;
  if (intid !== 0 && isWaiting(s, slotOf(vcpu, intid))) takeBack(s, vcpu, slotOf(vcpu, intid));
}

/** It runs again: what is pending may come. */
export function turnedOn(s: VgicState, vcpu: number): void {
  s.isOff[vcpu] = 0;
  deliver(s, vcpu);
}

/** The interrupts that are left over in a vCPU's list registers. */
export function leftOver(s: VgicState, vcpu: number): readonly number[] {
  const registers = s.loaded.subarray(vcpu * LIST_REGISTER_COUNT, (vcpu + 1) * LIST_REGISTER_COUNT);
  return [...registers].flatMap((held) => (held < LEFT_OVER ? [] : [intidOf(held - LEFT_OVER - 1)]));
}
