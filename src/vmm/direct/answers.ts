/**
 * What of a guest's faults and of its monitor's notifications is answered without the engine, on seL4: accesses to the interrupt controller,
 * and to the interrupt lines of virtio devices, the virtual timer, the end of interrupts, interrupts that are passed through, WFI. Compiled to C (docs/compiled.md), where it comes first;
 * each function gives whether it has answered, and has changed nothing where it has not. Then the monitor does, as it does in a run: what is
 * here is what `Monitor` does, for messages and registers as seL4 has them.
 */

import { LIST_REGISTER_COUNT } from '../../device/index.ts';
import { NO_ANSWER, smcAnswer } from '../smc-answers.ts';
import { writeSgi1r } from '../vgic/distributor-v3.ts';
import { answersAt, readFrame, writeFrame } from '../vgic/frames.ts';
import { ended, inject, settleTimers } from '../vgic/interrupts.ts';
import { acknowledgeLine, isOfLine, lineAt, NO_LINE, readLine } from '../vgic/lines.ts';
import { PROGRAM, type VgicState } from '../vgic/state.ts';
import {
  CONTEXT_PC,
  type FaultState,
  ONLY_WORD,
  VM_FAULT_ADDR,
  VM_FAULT_FSR,
  VM_FAULT_IP,
  VM_FAULT_PREFETCH,
} from './state.ts';

const NO_VCPU = -1;
/** ESR_EL2 of a data abort (Arm ARM DDI 0487 D19.2.40): ISV, SAS, SSE, SRT, S1PTW, WnR. */
const ISV = 0x0100_0000;
const SSE = 0x0020_0000;
const S1PTW = 0x0000_0080;
const WNR = 0x0000_0040;
/** What a trapped system register's says: all but Rt; MSR to ICC_SGI1R_EL1 (op0 3, op2 5, op1 0, CRn 12, CRm 11). */
const SYSTEM_REGISTER_MASK = 0x003f_fc1f;
const WRITES_SGI1R = 0x003a_3016;
const EC_WFX = 0x01;
const EC_SMC64 = 0x17;
const EC_SYSTEM_REGISTER = 0x18;
const INSTRUCTION_BYTES = 4;
const WORD_END = 0x1_0000_0000;
const PAGE_SHIFT = 12;
const PAGES_IN_WORD = 0x10_0000;

/** Which vCPU it is whose faults are the monitor's alone. */
function vcpuOf(s: VgicState, id: number): number {
  return s.ownFaults[0] === 1 ? (s.vcpuOfId[id] ?? 0) - 1 : NO_VCPU;
}

/** The instruction is done: on with the next. Halves of an address. */
function goOn(d: FaultState, low: number, high: number): void {
  const next = low + INSTRUCTION_BYTES;
  d.context[2 * CONTEXT_PC] = next;
  d.context[2 * CONTEXT_PC + 1] = next < WORD_END ? high : high + 1;
}

/** An access to the interrupt controller or a device's line that the syndrome describes, of 32 bits at most and without a sign. */
export function answersVmFault(d: FaultState, s: VgicState, id: number): boolean {
  const vcpu = vcpuOf(s, id);
  const fsr = d.message[2 * VM_FAULT_FSR] ?? 0;
  const sizeBytes = 1 << ((fsr >>> 22) & 3);
  if (vcpu === NO_VCPU || sizeBytes === 8 || (fsr & (ISV | SSE | S1PTW)) !== ISV) return false;
  if (d.message[2 * VM_FAULT_PREFETCH] !== 0) return false;
  const low = d.message[2 * VM_FAULT_ADDR] ?? 0;
  const page = (low >>> PAGE_SHIFT) + (d.message[2 * VM_FAULT_ADDR + 1] ?? 0) * PAGES_IN_WORD;
  const line = lineAt(s, page, low);
  if (line === NO_LINE ? !answersAt(s, page) : !isOfLine(low, (fsr & WNR) !== 0, sizeBytes)) return false;
  if (!d.calls.readContext(id)) return false;
  settleTimers(s);
  const place = d.placeOfX[(fsr >>> 16) & 31] ?? 0;
  if ((fsr & WNR) !== 0) {
    const stored = place === 0 ? 0 : (d.context[2 * place] ?? 0);
    const value = sizeBytes === 4 ? stored : stored & ((1 << (sizeBytes << 3)) - 1);
    if (line === NO_LINE) writeFrame(s, page, low, value, sizeBytes, vcpu);
    else acknowledgeLine(s, line, value);
  } else {
    const value = line === NO_LINE ? readFrame(s, page, low, sizeBytes, vcpu) : readLine(s, line);
    if (place !== 0) {
      d.context[2 * place] = value;
      d.context[2 * place + 1] = 0;
    }
  }
  goOn(d, d.message[2 * VM_FAULT_IP] ?? 0, d.message[2 * VM_FAULT_IP + 1] ?? 0);
  return d.calls.writeContext(id);
}

/** The virtual timer, once the monitor knows its number. */
export function answersTimer(d: FaultState, s: VgicState, id: number): boolean {
  const vcpu = vcpuOf(s, id);
  const intid = d.message[2 * ONLY_WORD] ?? 0;
  if (vcpu === NO_VCPU || intid === 0 || (s.timer[vcpu] ?? 0) !== intid) return false;
  return inject(s, vcpu, intid);
}

/** The end of an interrupt that is no function's of the program. */
export function answersEnd(d: FaultState, s: VgicState, id: number): boolean {
  const vcpu = vcpuOf(s, id);
  const index = d.message[2 * ONLY_WORD] ?? 0;
  if (vcpu === NO_VCPU || index >= LIST_REGISTER_COUNT) return false;
  const slot = (s.loaded[vcpu * LIST_REGISTER_COUNT + index] ?? 0) - 1;
  if (slot >= 0 && s.owner[slot] === PROGRAM) return false;
  ended(s, vcpu, index);
  return true;
}

/** A call whose answer follows from the call alone: in X0. */
function answersSmc(d: FaultState): boolean {
  const place = d.placeOfX[0] ?? 0;
  const answer = smcAnswer(d.context[2 * place] ?? 0, d.context[2 * (d.placeOfX[1] ?? 0)] ?? 0);
  if (answer === NO_ANSWER) return false;
  d.context[2 * place] = answer;
  d.context[2 * place + 1] = answer < 0 ? -1 : 0;
  return true;
}

/** WFI and WFE, after which a guest asks again; ICC_SGI1R_EL1; calls through SMC that need nothing else. */
export function answersVcpuFault(d: FaultState, s: VgicState, id: number): boolean {
  const vcpu = vcpuOf(s, id);
  const hsr = d.message[2 * ONLY_WORD] ?? 0;
  const exceptionClass = hsr >>> 26;
  const isSgi =
    exceptionClass === EC_SYSTEM_REGISTER &&
    (hsr & SYSTEM_REGISTER_MASK) === WRITES_SGI1R &&
    s.version[0] === 3;
  const isSmc = exceptionClass === EC_SMC64;
  if (vcpu === NO_VCPU || (exceptionClass !== EC_WFX && !isSgi && !isSmc)) return false;
  if (!d.calls.readContext(id)) return false;
  if (isSmc && !answersSmc(d)) return false;
  if (isSgi) {
    const place = d.placeOfX[(hsr >>> 5) & 31] ?? 0;
    const low = place === 0 ? 0 : (d.context[2 * place] ?? 0);
    const high = place === 0 ? 0 : (d.context[2 * place + 1] ?? 0);
    writeSgi1r(s, vcpu, low, high);
  }
  goOn(d, d.context[2 * CONTEXT_PC] ?? 0, d.context[2 * CONTEXT_PC + 1] ?? 0);
  return d.calls.writeContext(id);
}

/** An interrupt that is passed through. */
export function answersNotified(s: VgicState, channel: number): boolean {
  const intid = s.passedIntid[channel] ?? 0;
  if (s.ownChannels[0] !== 1 || intid === 0) return false;
  return inject(s, s.passedVcpu[channel] ?? 0, intid);
}
