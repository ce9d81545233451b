/** A person who watches a guest that says nothing is told once how to find out why. */

const SILENT_SECONDS = 5;

export const SILENCE =
  'drivervm: the guest runs and has said nothing yet; Ctrl-A s shows where it is and what it touched, Ctrl-A x leaves\n';

export class SilenceNote {
  readonly #seconds: () => number;
  /** Nothing more to say: it was said, the guest has spoken, or nobody watches. */
  #isDone: boolean;

  constructor(isWatched: boolean, seconds: () => number) {
    this.#isDone = !isWatched;
    this.#seconds = seconds;
  }

  isDue(isSilent: boolean): boolean {
    if (this.#isDone) return false;
    const isDue = isSilent && this.#seconds() >= SILENT_SECONDS;
    this.#isDone = isDue || !isSilent;
    return isDue;
  }
}
