/** Instructions that a guest ran and that are not allocated or not advertised: each address and opcode is told once. */
import type { UndefinedInstruction } from '../contract.ts';
import type { Decoder } from '../decoder.ts';

export class UndefinedReports {
  readonly #vcpuIndex: number;
  readonly #decoder: Decoder;
  readonly #report: ((instruction: UndefinedInstruction) => void) | undefined;
  readonly #seen = new Set<string>();

  constructor(
    vcpuIndex: number,
    decoder: Decoder,
    report: ((instruction: UndefinedInstruction) => void) | undefined,
  ) {
    this.#vcpuIndex = vcpuIndex;
    this.#decoder = decoder;
    this.#report = report;
  }

  add(pc: bigint, opcode: number): void {
    if (this.#report === undefined) return;
    const key = `${pc}:${opcode}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const decoded = this.#decoder.decode(opcode);
    const assembly = decoded?.definition.assembly(decoded.fields, pc);
    this.#report({ vcpuIndex: this.#vcpuIndex, pc, opcode, assembly });
  }
}
