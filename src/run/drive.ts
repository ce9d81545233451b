/**
 * Drives a session to its end: in pieces short enough for a keyboard, with idle stretches jumped over, or waited for where
 * a person watches. Knows no terminal: bytes in, and a host's clock.
 */
import type { Host, Wake } from '../base/index.ts';
import type { Debugger } from './debugger.ts';
import type { Profile } from './profile.ts';
import type { Session } from './session.ts';
import type { Tracer } from './trace/index.ts';

/** Who decides about a session that is driven: when it is over, how its time goes, who types. */
export interface DriveOptions {
  /** The run is over when this says so: the console has said what was waited for. */
  readonly found?: () => boolean;
  /** Seconds of the host's time after which it is over all the same. */
  readonly timeoutSeconds?: number;
  /**
   * How the guest's time goes with the host's. `free`: idle stretches are jumped over. `paced`: virtual too, but idle
   * stretches never run ahead of the host's time: for people, who would else see a shell's idle hours fly by. `real`: the
   * session's time is the host's.
   */
  readonly pace?: 'free' | 'paced' | 'real';
  /**
   * Whether something may come from outside the machine that the guest waits for: idle stretches are then waited for, as long as the
   * host's time takes, or a reply would always come too late.
   */
  readonly awaitsOutside?: () => boolean;
  /** Whether somebody may still type: a guest that waits for ever is then no end. */
  readonly attended?: () => boolean;
  /** Woken when somebody typed. */
  readonly wake?: Wake;
  /**
   * Called when the guest has nothing to do for a while, or polls its UART for input: the time to type what waits for it.
   * Earlier, a driver that starts up would throw it away, as on a real serial line. Gives `false` where nothing waits.
   */
  readonly onQuiet?: () => boolean;
  /** Whether every guest's kernel has given up; who watches may want to look at it all the same. */
  readonly panicked?: () => boolean;
  /** After how much silence of a guest with nothing to do, in seconds of its time, it is taken to wait for its console. */
  readonly quietSeconds?: number;
  /** No idle stretch is jumped over beyond this moment of the guest's time. */
  readonly deadlineNs?: number;
  /** Whether somebody wants everything to stand still for a while. */
  readonly isHeld?: () => boolean;
  /** Somebody debugs: while it has halted the session, that is not stepped. */
  readonly debugger?: Debugger;
  /** What looks at the run as it goes on; not together with a debugger. */
  readonly profile?: Profile;
  /** What traces the run. */
  readonly tracer?: Pick<Tracer, 'step' | 'stopped'>;
  /** Asked between pieces: whether somebody wants to leave. */
  readonly leave?: () => boolean;
}

/**
 * What ended a run. `quiet`: for so many seconds of its own time the guest had nothing to do and said nothing, and nobody
 * could type. `dead`: the same, and no timer of its will ever wake it.
 */
export type RunEnd = 'until' | 'off' | 'stuck' | 'panic' | 'dead' | 'quiet' | 'timeout' | 'left';

/** A guest whose next event is so far away waits for its console. */
const QUIET_NS = 100e6;
/** Longer than what is waited for in tests: a minute's sleep, systemd's 90 s, DHCP's five minutes. Costs about a second. */
export const QUIET_SECONDS = 900;
/** How long a piece lasts before the host gets its turn. */
const PIECE_MS = 25;
/** How long idle stretches are jumped over before the host gets its turn: what it has to type by then comes next. */
const IDLE_TURN_MS = 4;
/** How long the host sleeps at most while the guest has nothing to do. */
const SLEEP_MS = 500;
/** How many steps go by between looks at the clock. */
const STEPS_PER_LOOK = 16;
const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

/** Steps a session until it is over, and says what ended it. */
export async function drive(
  session: Session,
  host: Pick<Host, 'nowMs' | 'pause'>,
  options: DriveOptions,
): Promise<RunEnd> {
  const { found = () => false, pace = 'free', attended = () => false, wake } = options;
  const quietNs = (options.quietSeconds ?? QUIET_SECONDS) * NS_PER_SECOND;
  let startMs = host.nowMs();
  const startNs = session.machine.time.nowNs;
  /** When the host last had its turn. */
  let turnMs = startMs;
  const giveTurn = async (): Promise<void> => {
    await host.pause(0);
    turnMs = host.nowMs();
  };
  const endMs = startMs + (options.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  /** How far ahead of the host's time a moment of the guest's lies. */
  const aheadMs = (timeNs: number): number => {
    const { nowNs } = session.machine.time;
    if (pace === 'real') return (timeNs - nowNs) / NS_PER_MS;
    return (Math.max(timeNs, nowNs) - startNs) / NS_PER_MS - (host.nowMs() - startMs);
  };
  for (;;) {
    if (options.isHeld?.() === true || options.debugger?.isHalted === true) {
      const haltedMs = host.nowMs();
      if (options.isHeld?.() === true && options.onQuiet?.() === true) continue;
      await options.debugger?.work(() => host.pause(0));
      if (options.isHeld?.() === true || options.debugger?.isHalted === true)
        await host.pause(Math.min(SLEEP_MS, endMs - host.nowMs()), wake);
      startMs += host.nowMs() - haltedMs;
      if (options.leave?.() === true) return 'left';
      if (host.nowMs() >= endMs) return 'timeout';
      continue;
    }
    const pieceEndMs = Math.min(endMs, host.nowMs() + PIECE_MS);
    let steps = 0;
    const status = session.run(() => {
      options.tracer?.step();
      if (found()) return true;
      // Between two steps: at the same instruction in every run, whatever the host's clock says.
      if (session.record.waitsForInput && options.onQuiet?.() === true) session.record.waitsForInput = false;
      steps += 1;
      return steps % STEPS_PER_LOOK === 0 && host.nowMs() >= pieceEndMs;
    });
    if (found()) return 'until';
    if (status.kind === 'off' || status.kind === 'stuck') return status.kind;
    if (status.kind === 'debug') {
      if (options.tracer?.stopped(status) === true) continue;
      if (options.profile === undefined) options.debugger?.stopped(status);
      else options.profile.sample(status.vcpu);
      continue;
    }
    if (options.leave?.() === true) return 'left';
    if (options.panicked?.() === true) return 'panic';
    if (host.nowMs() >= endMs) return 'timeout';
    if (status.kind === 'running') {
      await giveTurn();
      continue;
    }
    const { nowNs } = session.machine.time;
    const untilNs = status.untilNs ?? Number.POSITIVE_INFINITY;
    const isDead = untilNs === Number.POSITIVE_INFINITY;
    const isOver = isDead || nowNs - session.lastConsoleNs > quietNs;
    if ((isOver || untilNs - nowNs >= QUIET_NS) && options.onQuiet?.() === true) continue;
    const awaits = options.awaitsOutside?.() === true;
    if (isOver && !awaits) {
      if (!attended()) return isDead ? 'dead' : 'quiet';
      if (pace === 'free') {
        // The guest's time stands still until something is typed.
        await host.pause(Math.min(SLEEP_MS, endMs - host.nowMs()), wake);
        continue;
      }
    }
    if (awaits && pace !== 'real') {
      const idleMs = host.nowMs();
      await host.pause(Math.min((untilNs - nowNs) / NS_PER_MS, SLEEP_MS, endMs - idleMs), wake);
      session.skipIdle(Math.min(untilNs, nowNs + (host.nowMs() - idleMs) * NS_PER_MS));
      continue;
    }
    if (pace !== 'free') {
      const sleepMs = Math.min(aheadMs(untilNs), SLEEP_MS, endMs - host.nowMs());
      if (sleepMs > 0) await host.pause(sleepMs, wake);
      // Woken before its time: what was typed comes first.
      if (aheadMs(untilNs) > 0) continue;
    }
    // A deadline that is over is nobody's to wait for: time must go on.
    const { deadlineNs = untilNs } = options;
    session.skipIdle(deadlineNs > nowNs ? Math.min(untilNs, deadlineNs) : untilNs);
    if (steps >= STEPS_PER_LOOK || pace !== 'free' || host.nowMs() - turnMs >= IDLE_TURN_MS) await giveTurn();
  }
}
