/**
 * Breakpoints and watchpoints of a debugger outside the guest, as many as it likes. They are found as the guest's own are
 * (`system/debug.ts`): their pages are in no TLB. Addresses are virtual, of whatever address space is in use.
 */
import type { DebugPoints } from '../contract.ts';
import type { Va } from '../translation/stage1.ts';
import { addressOf, keyOf, pageOf, type Stretch } from './debug-address.ts';

interface Watched extends Stretch {
  readonly loads: boolean;
  readonly stores: boolean;
}

const INSTRUCTION_BYTES = 4;

export class ExternalPoints {
  #breakpoints: ReadonlySet<number> = new Set();
  #pages: ReadonlySet<number> = new Set();
  #watchpoints: readonly Watched[] = [];

  set({ breakpoints, watchpoints }: DebugPoints): void {
    this.#breakpoints = new Set(breakpoints.map((va) => addressOf(va & ~3n)));
    this.#pages = new Set([...this.#breakpoints].map(pageOf));
    this.#watchpoints = watchpoints.map(({ va, sizeBytes, loads, stores }) => {
      const start = addressOf(va);
      return { start, end: start + sizeBytes, loads, stores };
    });
  }

  get isEmpty(): boolean {
    return this.#breakpoints.size === 0 && this.#watchpoints.length === 0;
  }
  get code(): readonly Stretch[] {
    return [...this.#breakpoints].map((start) => ({ start, end: start + INSTRUCTION_BYTES }));
  }
  get data(): readonly Stretch[] {
    return this.#watchpoints;
  }

  coversCode(pc: Va): boolean {
    return this.#pages.size > 0 && this.#pages.has(pageOf(keyOf(pc)));
  }

  isBreakpoint(pc: Va): boolean {
    return this.#breakpoints.size > 0 && this.#breakpoints.has(keyOf(pc));
  }

  /** How many bytes into an access its first watched byte lies; `undefined` where there is none. */
  watchedAt(va: Va, sizeBytes: number, write: boolean): number | undefined {
    if (this.#watchpoints.length === 0) return undefined;
    const from = keyOf(va);
    const hits = this.#watchpoints
      .filter(({ loads, stores }) => (write ? stores : loads))
      .filter(({ start, end }) => start < from + sizeBytes && end > from)
      .map(({ start }) => Math.max(0, start - from));
    return hits.length === 0 ? undefined : Math.min(...hits);
  }
}
