/**
 * A run's past, for going back: states of the whole session every so often, and what came from outside since. A run depends on nothing
 * else, so that any moment is reached by taking up a state before it and running on. What was said already is not said again.
 */
import type { SavedValue } from '../base/index.ts';
import type { DebugStop } from '../sel4/index.ts';
import { isBefore, type Position, positionOf } from './position.ts';
import type { Session, SessionPast } from './session.ts';
import type { SessionInput } from './session-input.ts';

interface Checkpoint {
  readonly at: Position;
  /** Instructions retired by each vCPU. */
  readonly retired: readonly number[];
  /** How much had been typed. */
  readonly typed: number;
  readonly state: SavedValue;
}

interface Given {
  readonly at: Position;
  readonly input: SessionInput;
}

/** A stop that lies in the past. */
export interface PastStop {
  readonly at: Position;
  readonly stop: DebugStop;
}

/** Lets the host do its own work for a moment; `false` where the way back is to be broken off. */
export type Breathe = () => Promise<boolean>;

/** A state is kept after so many instructions: one or two seconds of a busy guest's. */
const INTERVAL_INSTRUCTIONS = 400e6;
/** Besides, one so close before where somebody went back to, from where the next step back is short. */
const NEAR_INSTRUCTIONS = 2e6;
const NEAR_AGAIN_INSTRUCTIONS = 20e6;
/** Each holds the guests' used RAM. */
const KEPT = 8;
/** Steps between two breaths. */
const STEPS_PER_BREATH = 32;

export class History implements SessionPast {
  readonly #session: Session;
  #checkpoints: Checkpoint[] = [];
  #given: Given[] = [];
  /** How much of it has reached the machine, seen from now. */
  #delivered = 0;
  /** The latest moment that was there: what comes before it is run again. */
  #frontier: Position | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether there is anything to go back to. */
  get isEmpty(): boolean {
    return this.#checkpoints.length === 0;
  }

  /** Whether what is run now was run before. */
  get isReplaying(): boolean {
    return this.#frontier !== undefined && isBefore(positionOf(this.#session), this.#frontier);
  }

  /** Whether what is said at this moment was said before. */
  get isHeardBefore(): boolean {
    const frontier = this.#frontier;
    if (frontier === undefined) return false;
    const now = positionOf(this.#session);
    if (now.stepsDone !== frontier.stepsDone) return now.stepsDone < frontier.stepsDone;
    return frontier.within !== undefined && now.retired <= frontier.retired;
  }

  /** Somebody changed what a debugger can change: what was before leads elsewhere. */
  cut(): void {
    this.#checkpoints = [];
    this.#given = [];
    this.#delivered = 0;
    this.#frontier = undefined;
  }

  /** Between two steps of the session. */
  betweenSteps(): void {
    const now = positionOf(this.#session);
    if (this.isReplaying) {
      for (;;) {
        const next = this.#given[this.#delivered];
        if (next === undefined || isBefore(now, next.at)) return;
        this.#delivered += 1;
        this.#session.deliver(next.input);
      }
    }
    this.#frontier = undefined;
    const last = this.#checkpoints.at(-1);
    if (last === undefined || now.retired - last.at.retired >= INTERVAL_INSTRUCTIONS) this.#keep();
  }

  given(input: SessionInput): void {
    this.#given.push({ at: positionOf(this.#session), input });
    this.#delivered = this.#given.length;
  }

  /** Back to where a vCPU had retired so many instructions; `false` where that is not kept. */
  async backTo(vcpu: number, retired: number, breathe: Breathe): Promise<boolean> {
    const from = this.#checkpoints.findLast((each) => (each.retired[vcpu] ?? 0) <= retired);
    if (from === undefined) return false;
    const cpu = this.#session.kernel.cluster.vcpus[vcpu];
    if (cpu === undefined) return false;
    this.#takeUp(from);
    const before = retired - (from.retired[vcpu] ?? 0);
    const isFar = before > NEAR_AGAIN_INSTRUCTIONS;
    if (isFar) {
      // A state close by, for the next step back.
      cpu.stopAtRetired = undefined;
      const nearIsReached = () => cpu.retired >= retired - NEAR_INSTRUCTIONS;
      if (!(await this.#runOn(nearIsReached, breathe))) return false;
      if (cpu.retired <= retired && !this.#session.kernel.isWithinSlice) this.#keepNear();
    }
    cpu.stopAtRetired = retired;
    let isThere = cpu.retired >= retired;
    await this.#runOn(
      () => isThere,
      breathe,
      ({ stop }) => {
        isThere = stop.reason === 'retired';
      },
    );
    cpu.stopAtRetired = undefined;
    return isThere;
  }

  /** Exactly to a moment of the past. */
  async goTo(at: Position, breathe: Breathe): Promise<boolean> {
    const { within } = at;
    if (within !== undefined) return this.backTo(within.vcpu, within.retired, breathe);
    const from = this.#checkpoints.findLast((each) => !isBefore(at, each.at));
    if (from === undefined) return false;
    this.#takeUp(from);
    return this.#runOn(() => !isBefore(positionOf(this.#session), at), breathe);
  }

  /** The earliest moment that is kept. */
  goToBeginning(): void {
    const [first] = this.#checkpoints;
    if (first !== undefined) this.#takeUp(first);
  }

  /**
   * The last stop, by the points that are set, before this moment. Leaves the session anywhere. `undefined`: there is none;
   * `'broken-off'`: nobody knows.
   */
  async lastStopBefore(until: Position, breathe: Breathe): Promise<PastStop | 'broken-off' | undefined> {
    let end = until;
    for (let index = this.#checkpoints.length - 1; index >= 0; index -= 1) {
      const from = this.#checkpoints[index];
      if (from === undefined || !isBefore(from.at, end)) continue;
      this.#takeUp(from);
      let last: PastStop | undefined;
      const isPast = () => !isBefore(positionOf(this.#session), end);
      const note = (stop: DebugStop) => {
        const at = positionOf(this.#session);
        if (isBefore(at, end)) last = { at, stop };
      };
      if (!(await this.#runOn(isPast, breathe, note))) return 'broken-off';
      if (last !== undefined) return last;
      end = from.at;
    }
    return undefined;
  }

  /** Runs what was run before, until it is there; `false` where it was broken off. */
  async #runOn(isThere: () => boolean, breathe: Breathe, onStop: (stop: DebugStop) => void = () => {}) {
    while (!isThere()) {
      let steps = 0;
      const status = this.#session.run(() => isThere() || ++steps > STEPS_PER_BREATH);
      if (status.kind === 'debug') onStop(status);
      else if (status.kind !== 'running') return isThere();
      else if (!(await breathe())) return false;
    }
    return true;
  }

  #takeUp({ state, at, typed }: Checkpoint): void {
    const now = positionOf(this.#session);
    if (this.#frontier === undefined || isBefore(this.#frontier, now)) this.#frontier = now;
    this.#session.restore(state, at.stepsDone);
    this.#delivered = typed;
  }

  #keep(): void {
    this.#checkpoints.push(this.#checkpoint());
    if (this.#checkpoints.length <= KEPT) return;
    // The one whose neighbours are nearest to each other, measured by how far back they lie; never the first nor the last.
    const now = positionOf(this.#session).retired;
    let [worst, least] = [1, Number.POSITIVE_INFINITY];
    for (let index = 1; index < this.#checkpoints.length - 1; index += 1) {
      const [before, after] = [this.#checkpoints[index - 1], this.#checkpoints[index + 1]];
      const gap = (after?.at.retired ?? 0) - (before?.at.retired ?? 0);
      const spread = gap / (1 + now - (this.#checkpoints[index]?.at.retired ?? 0));
      if (spread < least) [worst, least] = [index, spread];
    }
    this.#checkpoints.splice(worst, 1);
  }

  /** While it is run again: the states stay in order. */
  #keepNear(): void {
    const near = this.#checkpoint();
    const later = this.#checkpoints.findIndex(({ at }) => isBefore(near.at, at));
    this.#checkpoints.splice(later < 0 ? this.#checkpoints.length : later, 0, near);
  }

  #checkpoint(): Checkpoint {
    const { kernel } = this.#session;
    return {
      at: positionOf(this.#session),
      retired: kernel.cluster.vcpus.map(({ retired }) => retired),
      typed: this.#delivered,
      state: this.#session.keep(),
    };
  }
}
