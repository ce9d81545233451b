/**
 * Drives a session to its end: in pieces short enough for a keyboard, with idle stretches jumped over, or waited for where
 * a person watches. Knows no terminal: bytes in, and a host's clock.
 */
import type { Host } from '../base/index.ts';
import type { Session } from './session.ts';

export interface DriveOptions {
  /** The run is over when the console has said this. */
  readonly until?: string;
  /** Seconds of the host's time after which it is over all the same. */
  readonly timeoutSeconds?: number;
  /** Never lets the guest's time run ahead of the host's: for people, who would else see a shell's idle hours fly by. */
  readonly pace?: boolean;
  /**
   * Called when the guest has nothing to do for a while: the time to type what waits for it. Earlier, a driver that starts
   * up would throw it away, as on a real serial line. Gives `false` where nothing waits.
   */
  readonly onQuiet?: () => boolean;
  /** Asked between pieces: whether somebody wants to leave. */
  readonly leave?: () => boolean;
}

/** What ended a run. */
/** `quiet`: for {@link QUIET_END_SECONDS} of its own time it did nothing and said nothing, and nobody could type. */
export type RunEnd = 'until' | 'off' | 'stuck' | 'dead' | 'quiet' | 'timeout' | 'left';

/** A guest whose next event is so far away waits for its console. */
const QUIET_NS = 100e6;
export const QUIET_END_SECONDS = 60;
/** How long a piece lasts before the host gets its turn. */
const PIECE_MS = 25;
/** How many steps go by between looks at the clock. */
const STEPS_PER_LOOK = 16;
const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

/** Looks for a text in a stream of bytes, across any borders. */
export class TextWatch {
  readonly #text: string;
  #tail = '';
  found = false;

  constructor(text: string) {
    this.#text = text;
  }

  add(byte: number): void {
    if (this.found || this.#text === '') return;
    this.#tail = (this.#tail + String.fromCharCode(byte)).slice(-this.#text.length);
    this.found = this.#tail === this.#text;
  }
}

export async function drive(
  session: Session,
  host: Pick<Host, 'nowMs' | 'pause'>,
  watch: TextWatch | undefined,
  options: DriveOptions,
): Promise<RunEnd> {
  const startMs = host.nowMs();
  const startNs = session.machine.time.nowNs;
  const endMs = startMs + (options.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  for (;;) {
    const pieceEndMs = Math.min(endMs, host.nowMs() + PIECE_MS);
    let steps = 0;
    const status = session.run(() => {
      if (watch?.found === true) return true;
      steps += 1;
      return steps % STEPS_PER_LOOK === 0 && host.nowMs() >= pieceEndMs;
    });
    if (watch?.found === true) return 'until';
    if (status.kind === 'off' || status.kind === 'stuck') return status.kind;
    if (options.leave?.() === true) return 'left';
    if (host.nowMs() >= endMs) return 'timeout';
    if (status.kind === 'idle') {
      const { nowNs } = session.machine.time;
      if ((status.untilNs ?? Number.POSITIVE_INFINITY) - nowNs >= QUIET_NS && options.onQuiet?.() === true)
        continue;
      if (options.pace !== true) {
        if (status.untilNs === undefined) return 'dead';
        if (nowNs - session.lastConsoleNs > QUIET_END_SECONDS * NS_PER_SECOND) return 'quiet';
      }
      const aheadMs = aheadOf(session, startNs, host.nowMs() - startMs, status.untilNs);
      if (options.pace === true && aheadMs > 0) await host.pause(Math.min(aheadMs, PIECE_MS));
      else if (status.untilNs !== undefined) session.skipIdle(status.untilNs);
      if (status.untilNs !== undefined && aheadMs > 0 && aheadMs <= PIECE_MS)
        session.skipIdle(status.untilNs);
    }
    if (steps >= STEPS_PER_LOOK || options.pace === true) await host.pause(0);
  }
}

/** How far the guest's next event lies ahead of the host's time. */
function aheadOf(session: Session, startNs: number, elapsedMs: number, untilNs: number | undefined): number {
  if (untilNs === undefined) return PIECE_MS;
  return (Math.max(untilNs, session.machine.time.nowNs) - startNs) / NS_PER_MS - elapsedMs;
}
