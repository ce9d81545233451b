/**
 * Notices a guest that polls in vain: the same register read over and over with the same answer, and nothing else
 * touched on that device in between. A polling loop is the commonest way for a run to seem dead; the account names it.
 */

/** A loop that reached the limit. It is reported once for each register, and again only after the value has changed. */
export interface VainPoll {
  readonly offset: number;
  readonly value: number;
  readonly reads: number;
}

/** Reads in a row before a loop counts as one. Linux's own time-outs poll some hundreds of times in a good case. */
const POLL_LIMIT = 2000;

export class PollDetector {
  readonly #onVainPoll: (poll: VainPoll) => void;
  readonly #limit: number;
  #offset = -1;
  #value = 0;
  #reads = 0;

  constructor(onVainPoll: (poll: VainPoll) => void, limit = POLL_LIMIT) {
    this.#onVainPoll = onVainPoll;
    this.#limit = limit;
  }

  read(offset: number, value: number): void {
    if (offset !== this.#offset || value !== this.#value) {
      this.#offset = offset;
      this.#value = value;
      this.#reads = 0;
    }
    this.#reads += 1;
    if (this.#reads === this.#limit) this.#onVainPoll({ offset, value, reads: this.#reads });
  }

  write(): void {
    this.#offset = -1;
  }
}
