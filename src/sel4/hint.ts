/**
 * Which hint a vCPU ran last: its exit says "WFE or YIELD", and only WFE may let time jump. Loops ask again and again at
 * the same place, so the last answer is kept.
 */
import type { CpuCluster, Vcpu } from '../aarch64/index.ts';

/** Arm ARM DDI 0487 C6.2, "WFE". */
const WFE_OPCODE = 0xd503_205f;
const INSTRUCTION_BYTES = 4n;

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

  #opcodeBefore(cpu: Vcpu): number | undefined {
    const ipa = cpu.translate(cpu.pc - INSTRUCTION_BYTES, 'execute')?.ipa;
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
