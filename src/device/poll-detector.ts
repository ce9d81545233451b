/**
 * Notices a guest that stuck polls: the same register read over and over with the same answer, and nothing else
 * touched on that device in between. A polling loop is the commonest way for a run to seem dead; the account names it.
 */

/** A loop that reached the limit. It is reported once for each register, and again only after the value has changed. */
export interface StuckPoll {
  readonly offset: number;
  readonly value: number;
  readonly reads: number;
}

/** So many reads in a row are a loop, however fast: Linux's own time-outs poll some hundreds of times in a good case. */
const POLL_LIMIT = 2000;
/** Fewer are one too when they go on for so long (a loop that waits between its reads) … */
const SLOW_READS = 32;
const SLOW_NS = 100e6;
/** … and without a rest: what looks at a register now and then, as a thermal zone does, does not wait for it. */
const REST_NS = 200e6;
/** The clock is looked at with every Nth read. */
const READS_PER_LOOK = 8;

/** Notices that a guest reads one register again and again and does nothing else. */
export class PollDetector {
  readonly #onStuckPoll: (poll: StuckPoll) => void;
  readonly #nowNs: () => number;
  readonly #limit: number;
  #offset = -1;
  #value = 0;
  #reads = 0;
  #reported = false;
  /** When the loop began, and when the clock was looked at last. */
  #sinceNs = 0;
  #lookNs = 0;

  constructor(onStuckPoll: (poll: StuckPoll) => void, nowNs: () => number = () => 0, limit = POLL_LIMIT) {
    this.#onStuckPoll = onStuckPoll;
    this.#nowNs = nowNs;
    this.#limit = limit;
  }

  read(offset: number, value: number): void {
    if (offset !== this.#offset || value !== this.#value) {
      this.#offset = offset;
      this.#value = value;
      this.#reads = 0;
      this.#reported = false;
    }
    this.#reads += 1;
    if (this.#reported) return;
    if (this.#reads === this.#limit || (this.#reads % READS_PER_LOOK === 1 && this.#isSlowLoop())) {
      this.#reported = true;
      this.#onStuckPoll({ offset, value, reads: this.#reads });
    }
  }

  write(): void {
    this.#offset = -1;
  }

  #isSlowLoop(): boolean {
    const nowNs = this.#nowNs();
    if (this.#reads === 1 || nowNs - this.#lookNs > REST_NS) {
      this.#sinceNs = nowNs;
      this.#reads = 1;
    }
    this.#lookNs = nowNs;
    return this.#reads >= SLOW_READS && nowNs - this.#sinceNs >= SLOW_NS;
  }
}
