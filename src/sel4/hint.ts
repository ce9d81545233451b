/**
 * What a vCPU does that its exit does not say. Which hint it ran last: the exit says "WFE or YIELD", and only WFE may let time
 * jump; loops ask again and again at the same place, so the last answer is kept. And whether it stands still for good, as
 * Linux does after `halt`.
 */
import type { CpuCluster, Vcpu } from '../aarch64/index.ts';

/** Arm ARM DDI 0487 C6.2, "WFE". */
const WFE_OPCODE = 0xd503_205f;
const INSTRUCTION_BYTES = 4n;
/** A branch to itself (C6.2, "B"). */
const BRANCH_TO_SELF = 0x1400_0000;
/** PSTATE.I and PSTATE.F. */
const INTERRUPTS_MASKED = 0xc0;

export class HintReader {
  readonly #cluster: CpuCluster;
  #last: { readonly pc: bigint; readonly isWfe: boolean } = { pc: -1n, isWfe: false };

  constructor(cluster: CpuCluster) {
    this.#cluster = cluster;
  }

  /** Whether the instruction before the PC is WFE. */
  isWfe(cpu: Vcpu): boolean {
    const { pc } = cpu;
    if (pc !== this.#last.pc) this.#last = { pc, isWfe: this.#opcodeBefore(cpu) === WFE_OPCODE };
    return this.#last.isWfe;
  }

  /** Whether it branches to itself with interrupts masked: nothing can ever take it from there. */
  isHalted(cpu: Vcpu): boolean {
    return (
      (cpu.pstate & INTERRUPTS_MASKED) === INTERRUPTS_MASKED && this.#opcodeAt(cpu, cpu.pc) === BRANCH_TO_SELF
    );
  }

  #opcodeBefore(cpu: Vcpu): number | undefined {
    return this.#opcodeAt(cpu, cpu.pc - INSTRUCTION_BYTES);
  }

  #opcodeAt(cpu: Vcpu, pc: bigint): number | undefined {
    const ipa = cpu.translate(pc, 'execute')?.ipa;
    const offset = ipa === undefined ? undefined : cpu.stage2?.ramOffsetOf(ipa);
    if (offset === undefined) return undefined;
    const ram = this.#cluster.ram.find(
      ({ offset: base, sizeBytes }) => offset >= base && offset < base + sizeBytes,
    );
    return ram === undefined
      ? undefined
      : new DataView(ram.bytes.buffer, ram.bytes.byteOffset).getUint32(offset - ram.offset, true);
  }
}
