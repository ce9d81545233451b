/** Who called whom in a guest's kernel, by the frame records that X29 leads along (AAPCS64 §6.4.6). */
import type { CpuCluster, Vcpu } from '../aarch64/index.ts';
import { gather, virtualPlaces } from './virtual-memory.ts';

const FRAMES_LIMIT = 64;
const FRAME_RECORD_BYTES = 16;
const FRAME_POINTER = 29;
/** PSTATE.M: 0 is EL0. */
const EL_MASK = 0xf;

/** Whether a vCPU runs a program of its guest's, whose frames mean nothing to the kernel's symbols. */
export function isInUserSpace(cpu: Vcpu): boolean {
  return (cpu.pstate & EL_MASK) === 0;
}

/** The PC, and the call instructions that led there, the innermost first. */
export function callStack(cluster: CpuCluster, cpu: Vcpu): readonly bigint[] {
  const places = [cpu.pc];
  let frame = cpu.x(FRAME_POINTER);
  while (frame !== 0n && places.length < FRAMES_LIMIT) {
    const bytes = gather(cluster, FRAME_RECORD_BYTES, virtualPlaces(cpu, frame));
    if (bytes.length < FRAME_RECORD_BYTES) break;
    const view = new DataView(bytes.buffer);
    const next = view.getBigUint64(0, true);
    const address = view.getBigUint64(8, true);
    if (address === 0n) break;
    // It returns behind the call.
    places.push(BigInt.asUintN(64, address - 4n));
    frame = next > frame ? next : 0n;
  }
  return places;
}
