/**
 * The event stream: the virtual counter's edges that end a WFE (Arm ARM DDI 0487 D11.2.4). Linux sets it up and lets long
 * delays wait for it; a vCPU that waits so, with nobody else to run, can be left alone until the next edge.
 */
import type { Vcpu } from '../aarch64/index.ts';
import type { MachineTime } from '../machine/index.ts';

/** CNTKCTL_EL1 (D17.11.15): the stream's enable, and the counter's bit whose change is the event. */
const EVNTEN = 1n << 2n;
const EVNTI_SHIFT = 4n;
const EVNTI_MASK = 0xfn;

/** When the event stream next wakes a vCPU; `undefined` where it is off. */
export function nextStreamEventNs(cpu: Vcpu, time: MachineTime): number | undefined {
  const control = cpu.system('CNTKCTL_EL1');
  if ((control & EVNTEN) === 0n) return undefined;
  // EVNTDIR chooses the edge, rising or falling: one event every 2^(EVNTI + 1) counts either way.
  const periodShift = ((control >> EVNTI_SHIFT) & EVNTI_MASK) + 1n;
  const count = time.count(cpu, cpu.retired);
  return time.timeOfCount(((count >> periodShift) + 1n) << periodShift);
}
