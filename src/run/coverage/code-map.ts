/** A kernel's code with what was executed of it: as distances from where the code begins, an instruction in four bytes. */
const INSTRUCTION_BYTES = 4;

/** Which instructions of a stretch of code were executed. */
export class CodeMap {
  readonly sizeBytes: number;
  readonly #executed: Uint8Array;
  #before: Uint32Array | undefined;

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
    this.#executed = new Uint8Array(Math.ceil(sizeBytes / INSTRUCTION_BYTES));
  }

  /** What lies outside is none of this code's. */
  mark(offset: number): void {
    if (offset < 0 || offset >= this.sizeBytes) return;
    this.#executed[Math.floor(offset / INSTRUCTION_BYTES)] = 1;
    this.#before = undefined;
  }

  contains(from: number, to: number): boolean {
    return from >= 0 && from < to && to <= this.sizeBytes;
  }

  /** Whether any instruction from one place to another was executed. */
  isExecuted(from: number, to: number): boolean {
    const before = this.#counts();
    const [first, end] = [from, to].map((offset) =>
      Math.ceil(Math.max(0, Math.min(offset, this.sizeBytes)) / INSTRUCTION_BYTES),
    );
    return (before[end ?? 0] ?? 0) > (before[first ?? 0] ?? 0);
  }

  /** For each instruction, how many before it were executed: a hostile file's lines may each span everything. */
  #counts(): Uint32Array {
    if (this.#before !== undefined) return this.#before;
    const before = new Uint32Array(this.#executed.length + 1);
    for (const [index, executed] of this.#executed.entries())
      before[index + 1] = (before[index] ?? 0) + executed;
    this.#before = before;
    return before;
  }
}
