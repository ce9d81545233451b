/**
 * Arm's PL031 real-time clock (DDI 0224B): it counts seconds, and raises its interrupt when they reach a match. Firmware has
 * started it, and RTCCR can't stop it. Every run begins at the same second, since a run is the same each time.
 */
import { keptMembers, type Saved, savedParts, shape } from '../../base/index.ts';
import type { Alarm, Clock } from '../clock.ts';
import type { IrqLine } from '../contract.ts';
import { primeCellIds } from '../prime-cell.ts';
import { RegisterDevice } from '../register-device.ts';
import { bit, reg, registerMap, status, WHOLE } from '../registers.ts';

export const PL031_REGISTERS = registerMap({
  RTCDR: reg(0x000, { VALUE: status(31, 0) }, { access: 'ro' }),
  RTCMR: reg(0x004, WHOLE),
  RTCLR: reg(0x008, WHOLE),
  RTCCR: reg(0x00c, { RTCStart: status(0) }, { reset: 1 }),
  RTCIMSC: reg(0x010, { RTCIMSC: bit(0) }),
  RTCRIS: reg(0x014, { RTCRIS: status(0) }, { access: 'ro' }),
  RTCMIS: reg(0x018, { RTCMIS: status(0) }, { access: 'ro' }),
  RTCICR: reg(0x01c, { RTCICR: bit(0) }, { access: 'wo' }),
  ...primeCellIds('RTC', 0x0014_1031),
});

const SIZE_BYTES = 0x1000;
const SECOND_NS = 1e9;
/** What it says when a run begins: 2026-01-01T00:00:00Z. */
const START_S = Date.UTC(2026, 0, 1) / 1000;
/** Beyond what a moment can hold, and any run: such a match is never reached. */
const MATCH_LIMIT_S = 2 ** 22;

/** The clock and the interrupt line. */
export interface Pl031Parts {
  readonly clock: Clock;
  readonly irq: IrqLine;
}

/** What it counts from, and when the match that was last asked for is reached, until it is. */
interface Count {
  seconds: number;
  sinceNs: number;
  matchAtNs: number | undefined;
}

const COUNT_SHAPE = { seconds: shape.u32, sinceNs: shape.moment, matchAtNs: shape.optional(shape.moment) };

/** Arm's real-time clock with one match. */
export class Pl031 extends RegisterDevice<typeof PL031_REGISTERS> {
  readonly model = 'PL031';
  readonly #clock: Clock;
  readonly #irq: IrqLine;
  readonly #alarm: Alarm;
  readonly #count: Count = { seconds: START_S, sinceNs: 0, matchAtNs: undefined };

  constructor({ clock, irq }: Pl031Parts) {
    super(PL031_REGISTERS, SIZE_BYTES);
    this.#clock = clock;
    this.#irq = irq;
    this.#alarm = clock.alarm(() => this.changed());
    this.behave({
      RTCDR: { read: () => this.#seconds() },
      RTCMR: {
        write: (value) => {
          this.value.RTCMR = value;
          this.#match();
        },
      },
      RTCLR: {
        write: (value) => {
          this.value.RTCLR = value;
          Object.assign(this.#count, { seconds: value, sinceNs: this.#clock.nowNs });
          this.#match();
        },
      },
      RTCRIS: { read: () => this.#latched() },
      RTCMIS: { read: () => this.#latched() & this.value.RTCIMSC },
      RTCICR: {
        write: (value) => {
          this.value.RTCRIS = this.#latched() & ~value;
        },
      },
    });
  }

  #seconds(): number {
    const { seconds, sinceNs } = this.#count;
    return (seconds + Math.floor((this.#clock.nowNs - sinceNs) / SECOND_NS)) % 2 ** 32;
  }

  /** Looks when the count reaches the match from now on. */
  #match(): void {
    const { seconds, sinceNs } = this.#count;
    const leftS = (this.value.RTCMR - this.#seconds()) >>> 0;
    const passedS = (this.#seconds() - seconds) >>> 0;
    this.#count.matchAtNs =
      leftS > MATCH_LIMIT_S
        ? undefined
        : Math.max(this.#clock.nowNs, sinceNs + (passedS + leftS) * SECOND_NS);
  }

  /** Whether the match has been reached since it was last acknowledged: 1 or 0. */
  #latched(): number {
    const { matchAtNs } = this.#count;
    if (matchAtNs !== undefined && matchAtNs <= this.#clock.nowNs) {
      this.#count.matchAtNs = undefined;
      this.value.RTCRIS = 1;
    }
    return this.value.RTCRIS;
  }

  /** A match that is masked wakes nobody, and is seen when somebody asks. */
  protected override changed(): void {
    this.#irq.set((this.#latched() & this.value.RTCIMSC) !== 0);
    const { matchAtNs } = this.#count;
    if (matchAtNs === undefined || this.value.RTCIMSC === 0) this.#alarm.cancel();
    else this.#alarm.set(matchAtNs);
  }

  override reset(): void {
    Object.assign(this.#count, { seconds: START_S, sinceNs: 0, matchAtNs: undefined });
    super.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    const count = savedParts(keptMembers(this.#count, COUNT_SHAPE), () => this.changed());
    return { ...super.savedMembers(), count };
  }
}
