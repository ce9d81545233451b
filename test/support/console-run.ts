/** A session with a script: run until the console says something, type, run on. Virtual time, so the same each time. */
import { createCpuCluster, DEFAULT_TRANSLATION } from '../../src/aarch64/index.ts';
import { Session, type SessionOptions, type SessionStatus, TextWatch } from '../../src/run/index.ts';

export class ConsoleRun {
  readonly session: Session;
  console = '';
  #watch = new TextWatch('');

  constructor(
    options: Pick<
      SessionOptions,
      'board' | 'description' | 'programOf' | 'onFrame' | 'machine' | 'trapsWfi' | 'keepsTimerInterrupts'
    >,
  ) {
    this.session = new Session({
      ...options,
      // As `drivervm run` does, which is also the faster.
      createCluster: (cluster) => createCpuCluster({ ...cluster, translation: DEFAULT_TRANSLATION }),
      onConsole: (byte) => {
        this.console += String.fromCharCode(byte);
        this.#watch.add(0, byte);
      },
    });
  }

  /**
   * Runs until the console holds the text, the guest is over, or so many virtual seconds or instructions have passed.
   */
  until(text: string, guestSeconds = 60, instructions = Number.POSITIVE_INFINITY): SessionStatus {
    const { time } = this.session.machine;
    const limitNs = time.nowNs + guestSeconds * 1e9;
    const watch = new TextWatch(text);
    for (const character of this.console) watch.add(0, character.charCodeAt(0));
    this.#watch = watch;
    return this.while(() => !(watch.found || time.nowNs > limitNs || this.instructions > instructions));
  }

  /** Runs while something holds, and the guests are not over; idle stretches are skipped. */
  while(holds: () => boolean): SessionStatus {
    let status = this.session.run(() => !holds());
    while (status.kind === 'idle' && status.untilNs !== undefined && holds()) {
      this.session.skipIdle(status.untilNs);
      status = this.session.run(() => !holds());
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

  /** What the monitors said. */
  get log(): string {
    return this.session.record.log.map(({ text }) => text).join('');
  }
}
