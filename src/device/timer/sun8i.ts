/**
 * Allwinner's timers (A64 User Manual 1.1 §4.6, the first two; the A23's are the same): each counts down from an interval
 * and raises its interrupt at zero. Left out: the 32 kHz source (everything runs from the 24 MHz oscillator), the watchdog
 * and the audio counters further up, which have nodes and drivers of their own and here remember what is written.
 */
import { keptMembers, type Saved, savedParts, shape } from '../../base/index.ts';
import type { Alarm, Clock } from '../clock.ts';
import type { IrqLine } from '../contract.ts';
import { RegisterDevice } from '../register-device.ts';
import { bit, bits, REMEMBERED, reg, registerMap, status, unmodelled, WHOLE } from '../registers.ts';

const CONTROL = {
  EN: bit(0),
  RELOAD: bit(1),
  CLK_SRC: unmodelled(3, 2),
  CLK_PRES: bits(6, 4),
  MODE: bit(7),
} as const;
const BOTH = { TMR0: bit(0), TMR1: bit(1) } as const;

export const SUN8I_TIMER_REGISTERS = registerMap({
  TMR_IRQ_EN_REG: reg(0x00, BOTH),
  TMR_IRQ_STA_REG: reg(0x04, BOTH),
  TMR0_CTRL_REG: reg(0x10, CONTROL, { reset: 0x4 }),
  TMR0_INTV_VALUE_REG: reg(0x14, WHOLE),
  TMR0_CUR_VALUE_REG: reg(0x18, { VALUE: status(31, 0) }),
  TMR1_CTRL_REG: reg(0x20, CONTROL, { reset: 0x4 }),
  TMR1_INTV_VALUE_REG: reg(0x24, WHOLE),
  TMR1_CUR_VALUE_REG: reg(0x28, { VALUE: status(31, 0) }),
  AVS_CNT_CTL_REG: reg(0x80, REMEMBERED),
  AVS_CNT0_REG: reg(0x84, REMEMBERED),
  AVS_CNT1_REG: reg(0x88, REMEMBERED),
  AVS_CNT_DIV_REG: reg(0x8c, REMEMBERED),
});

const SIZE_BYTES = 0xa0;
const OSCILLATOR_HZ = 24_000_000;
const RUNNING = CONTROL.EN.mask;

/** The clock and the interrupt line. */
export interface Sun8iTimerParts {
  readonly clock: Clock;
  readonly irqs: readonly [IrqLine, IrqLine];
}

/** A running counter is kept as where it stood when, a stopped one as where it stands. */
interface Counter {
  count: number;
  sinceNs: number | undefined;
}

const COUNTER_SHAPE = { count: shape.u32, sinceNs: shape.optional(shape.moment) };

/** Allwinner's timer block, which counts down at 24 MHz. */
export class Sun8iTimer extends RegisterDevice<typeof SUN8I_TIMER_REGISTERS> {
  readonly model = 'Allwinner timer';
  readonly #clock: Clock;
  readonly #irqs: Sun8iTimerParts['irqs'];
  readonly #alarms: readonly [Alarm, Alarm];
  readonly #counters: readonly [Counter, Counter] = [
    { count: 0, sinceNs: undefined },
    { count: 0, sinceNs: undefined },
  ];

  constructor({ clock, irqs }: Sun8iTimerParts) {
    super(SUN8I_TIMER_REGISTERS, SIZE_BYTES);
    this.#clock = clock;
    this.#irqs = irqs;
    this.#alarms = [clock.alarm(() => this.#expired(0)), clock.alarm(() => this.#expired(1))];
    this.behave({
      TMR_IRQ_STA_REG: {
        write: (value, previous) => {
          this.value.TMR_IRQ_STA_REG = (previous & ~value) >>> 0;
          for (const timer of [0, 1] as const) this.#setAlarm(timer);
        },
      },
      TMR0_CTRL_REG: { write: (value, previous) => this.#control(0, value, previous) },
      TMR0_CUR_VALUE_REG: { read: () => this.#current(0) },
      TMR1_CTRL_REG: { write: (value, previous) => this.#control(1, value, previous) },
      TMR1_CUR_VALUE_REG: { read: () => this.#current(1) },
    });
  }

  /** RELOAD takes the interval over and clears itself; EN starts, and stops where the count stands. */
  #control(timer: 0 | 1, value: number, previous: number): void {
    const counter = this.#counters[timer];
    counter.count = this.#current(timer);
    this.#setControl(timer, value & ~CONTROL.RELOAD.mask);
    const starts = (value & ~previous & RUNNING) !== 0;
    if ((value & CONTROL.RELOAD.mask) !== 0 || (starts && counter.count === 0)) {
      counter.count = this.#interval(timer);
    }
    counter.sinceNs = (value & RUNNING) === 0 ? undefined : this.#clock.nowNs;
    this.#setAlarm(timer);
  }

  /**
   * For the next time that the count reaches zero. While the interrupt is pending nothing would change, so a short interval
   * that nobody acknowledges costs nothing.
   */
  #setAlarm(timer: 0 | 1): void {
    const { count, sinceNs } = this.#counters[timer];
    const isPending = ((this.value.TMR_IRQ_STA_REG >>> timer) & 1) === 1;
    if (sinceNs === undefined || (isPending && !this.#isSingle(timer))) {
      this.#alarms[timer].cancel();
      return;
    }
    const [elapsed, interval] = [this.#elapsedTicks(timer), this.#interval(timer)];
    const rounds = elapsed < count || interval === 0 ? 0 : Math.floor((elapsed - count) / interval) + 1;
    const ticks = count + rounds * interval;
    this.#alarms[timer].set(sinceNs + Math.ceil((ticks * 1e9) / this.#rateHz(timer)));
  }

  #expired(timer: 0 | 1): void {
    this.value.TMR_IRQ_STA_REG = (this.value.TMR_IRQ_STA_REG | (1 << timer)) >>> 0;
    if (this.#isSingle(timer)) {
      this.#setControl(timer, this.#controlOf(timer) & ~RUNNING);
      Object.assign(this.#counters[timer], { count: 0, sinceNs: undefined });
    }
    this.changed();
  }

  #current(timer: 0 | 1): number {
    const { count, sinceNs } = this.#counters[timer];
    if (sinceNs === undefined) return count;
    const [elapsed, interval] = [this.#elapsedTicks(timer), this.#interval(timer)];
    if (elapsed < count) return count - elapsed;
    return interval === 0 ? 0 : interval - ((elapsed - count) % interval);
  }

  #elapsedTicks(timer: 0 | 1): number {
    const sinceNs = this.#counters[timer].sinceNs ?? this.#clock.nowNs;
    return Math.floor(((this.#clock.nowNs - sinceNs) * this.#rateHz(timer)) / 1e9);
  }

  #isSingle(timer: 0 | 1): boolean {
    return (this.#controlOf(timer) & CONTROL.MODE.mask) !== 0;
  }

  #rateHz(timer: 0 | 1): number {
    return OSCILLATOR_HZ / 2 ** ((this.#controlOf(timer) & CONTROL.CLK_PRES.mask) >>> CONTROL.CLK_PRES.shift);
  }

  #controlOf(timer: 0 | 1): number {
    return timer === 0 ? this.value.TMR0_CTRL_REG : this.value.TMR1_CTRL_REG;
  }

  #setControl(timer: 0 | 1, value: number): void {
    if (timer === 0) this.value.TMR0_CTRL_REG = value;
    else this.value.TMR1_CTRL_REG = value;
  }

  #interval(timer: 0 | 1): number {
    return timer === 0 ? this.value.TMR0_INTV_VALUE_REG : this.value.TMR1_INTV_VALUE_REG;
  }

  protected override changed(): void {
    const raised = this.value.TMR_IRQ_STA_REG & this.value.TMR_IRQ_EN_REG;
    for (const [timer, irq] of this.#irqs.entries()) irq.set(((raised >>> timer) & 1) === 1);
  }

  override reset(): void {
    for (const counter of this.#counters) Object.assign(counter, { count: 0, sinceNs: undefined });
    for (const alarm of this.#alarms) alarm.cancel();
    super.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    const counter = (timer: 0 | 1): Saved =>
      savedParts(keptMembers(this.#counters[timer], COUNTER_SHAPE), () => this.#setAlarm(timer));
    return { ...super.savedMembers(), counter0: counter(0), counter1: counter(1) };
  }
}
