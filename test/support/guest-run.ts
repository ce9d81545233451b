/** One guest under the standard monitor, with a script. */
import { DiagnosticSink, formatDiagnostic } from '../../src/base/index.ts';
import { diagnose, standardMonitor } from '../../src/run/index.ts';
import { LibvmmMonitor, Monitor } from '../../src/vmm/index.ts';
import { ConsoleRun } from './console-run.ts';
import type { BoardGuest } from './guest-of-board.ts';

export class GuestRun extends ConsoleRun {
  readonly #guest: BoardGuest;

  constructor(guest: BoardGuest, { libvmm = false } = {}) {
    const { board, description, payload } = guest;
    const sizes = new Map(description.memoryRegions.map(({ name, sizeBytes }) => [name, sizeBytes ?? 0]));
    super({
      board,
      description,
      programOf: (pd) =>
        standardMonitor(pd, payload, (region) => sizes.get(region) ?? 0, libvmm ? LibvmmMonitor : Monitor),
      trapsWfi: libvmm,
      keepsTimerInterrupts: libvmm,
    });
    this.#guest = guest;
  }

  diagnosis(): readonly string[] {
    const sink = new DiagnosticSink();
    const { board, description, payload } = this.#guest;
    diagnose(
      {
        board,
        description,
        guestTrees: new Map([['linux', payload.tree]]),
        record: this.session.record,
        instructions: new Map([['linux', this.instructions]]),
      },
      sink,
    );
    return sink.sorted().map(formatDiagnostic);
  }
}
