/** A session with a script: run until the console says something, type, run on. Virtual time, so the same each time. */
import { createCpuCluster } from '../../src/aarch64/index.ts';
import { DiagnosticSink, formatDiagnostic } from '../../src/base/index.ts';
import { diagnose, Session, type SessionStatus, standardMonitor } from '../../src/run/index.ts';
import type { BoardGuest } from './guest-of-board.ts';

export class GuestRun {
  readonly session: Session;
  console = '';
  readonly #guest: BoardGuest;

  constructor(guest: BoardGuest) {
    this.#guest = guest;
    const sizes = new Map(
      guest.description.memoryRegions.map(({ name, sizeBytes }) => [name, sizeBytes ?? 0]),
    );
    this.session = new Session({
      board: guest.board,
      description: guest.description,
      programOf: (pd) => standardMonitor(pd, guest.payload, (region) => sizes.get(region) ?? 0),
      createCluster: createCpuCluster,
      onConsole: (byte) => {
        this.console += String.fromCharCode(byte);
      },
    });
  }

  /**
   * Runs until the console holds the text, the guest is over, or so many virtual seconds or instructions have passed.
   */
  until(text: string, guestSeconds = 60, instructions = Number.POSITIVE_INFINITY): SessionStatus {
    const { time } = this.session.machine;
    const limitNs = time.nowNs + guestSeconds * 1e9;
    const done = () =>
      this.console.includes(text) || time.nowNs > limitNs || this.instructions > instructions;
    let status = this.session.run(done);
    while (status.kind === 'idle' && status.untilNs !== undefined && !done()) {
      this.session.skipIdle(status.untilNs);
      status = this.session.run(done);
    }
    return status;
  }

  type(text: string): void {
    this.session.type(new TextEncoder().encode(text));
  }

  /** The instructions run so far. */
  get instructions(): number {
    return this.session.kernel.vcpus().reduce((sum, { cpu }) => sum + cpu.retired, 0);
  }

  /** What the monitor said. */
  get log(): string {
    return this.session.record.log.join('');
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
