/**
 * Time as devices see it: nanoseconds since power-on, and alarms. Whoever runs the machine moves the clock; a test steps
 * it by hand. Alarms due at the same instant go off in the order in which they were made.
 */
import { kept, type Saved, shape } from '../base/index.ts';

/** A moment in a clock's time at which a function is called; set again, it moves. */
export interface Alarm {
  /** When it goes off, or `undefined` where it isn't set. A device keeps this in its state. */
  readonly deadlineNs: number | undefined;
  set(deadlineNs: number): void;
  cancel(): void;
}

/** The time that devices know: nanoseconds since power-on. */
export interface Clock {
  readonly nowNs: number;
  /** Makes an alarm, not yet set. Each device makes its alarms once, when it is built. */
  alarm(onExpiry: () => void): Alarm;
}

/** When an alarm goes off, for a device's saved state. */
export function keptAlarm(alarm: Alarm): Saved {
  return kept(
    shape.optional(shape.moment),
    () => alarm.deadlineNs,
    (deadlineNs) => {
      if (deadlineNs === undefined) alarm.cancel();
      else alarm.set(deadlineNs);
    },
  );
}

class SteppedAlarm implements Alarm {
  deadlineNs: number | undefined;
  readonly onExpiry: () => void;
  readonly #onSet: () => void;

  constructor(onExpiry: () => void, onSet: () => void) {
    this.onExpiry = onExpiry;
    this.#onSet = onSet;
  }

  set(deadlineNs: number): void {
    this.deadlineNs = deadlineNs;
    this.#onSet();
  }

  cancel(): void {
    this.deadlineNs = undefined;
  }
}

/** A clock that stands still until it is told to go on. */
export class SteppedClock implements Clock {
  /** Called when an alarm is set: whoever has planned how far to go may have to stop sooner. */
  onAlarmSet: () => void = () => {};
  #nowNs = 0;
  readonly #alarms: SteppedAlarm[] = [];

  get nowNs(): number {
    return this.#nowNs;
  }

  alarm(onExpiry: () => void): Alarm {
    const alarm = new SteppedAlarm(onExpiry, () => this.onAlarmSet());
    this.#alarms.push(alarm);
    return alarm;
  }

  /** The earliest deadline of any alarm. */
  get nextDeadlineNs(): number | undefined {
    return this.#earliest()?.deadlineNs;
  }

  /** Moves on to an instant, never back, and sets off each alarm at its own time. */
  advanceTo(timeNs: number): void {
    for (let due = this.#earliest(); due?.deadlineNs !== undefined; due = this.#earliest()) {
      if (due.deadlineNs > timeNs) break;
      this.#nowNs = Math.max(this.#nowNs, due.deadlineNs);
      due.cancel();
      due.onExpiry();
      // An alarm that sets itself for now again would never let time go on: give it the next nanosecond.
      if (due.deadlineNs !== undefined && due.deadlineNs <= this.#nowNs) due.set(this.#nowNs + 1);
    }
    this.#nowNs = Math.max(this.#nowNs, timeNs);
  }

  /** Puts the clock where a snapshot had it, back even; devices set their alarms anew from their own states. */
  setTo(timeNs: number): void {
    this.#nowNs = timeNs;
    for (const alarm of this.#alarms) alarm.cancel();
  }

  #earliest(): SteppedAlarm | undefined {
    let earliest: SteppedAlarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.deadlineNs === undefined) continue;
      if (earliest?.deadlineNs === undefined || alarm.deadlineNs < earliest.deadlineNs) earliest = alarm;
    }
    return earliest;
  }
}
