/** The generic timer's registers (Arm ARM D11.2): two timers of EL1 over a counter that the machine owns. */
import type { TimerState } from '../contract.ts';
import type { VcpuState } from '../core/vcpu-state.ts';
import { systemRegister } from './registers.ts';

const TIMER_CONTROL = { ENABLE: 1n, IMASK: 2n, ISTATUS: 4n } as const;

export class Timer {
  readonly #state: VcpuState;
  readonly #control: number;
  readonly #compare: number;

  constructor(state: VcpuState, which: 'V' | 'P') {
    this.#state = state;
    this.#control = systemRegister(`CNT${which}_CTL_EL0`).cell;
    this.#compare = systemRegister(`CNT${which}_CVAL_EL0`).cell;
  }

  /** As `now`, the count that this timer compares with, would read. */
  control(now: bigint): bigint {
    const control = this.#state.get64(this.#control) & (TIMER_CONTROL.ENABLE | TIMER_CONTROL.IMASK);
    const met = (control & TIMER_CONTROL.ENABLE) !== 0n && now >= this.#state.get64(this.#compare);
    return met ? control | TIMER_CONTROL.ISTATUS : control;
  }
  setControl(value: bigint): void {
    this.#state.set64(this.#control, value & (TIMER_CONTROL.ENABLE | TIMER_CONTROL.IMASK));
  }

  /** TVAL: 32 bits, signed, of what is left. */
  timerValue(now: bigint): bigint {
    return BigInt.asUintN(32, this.#state.get64(this.#compare) - now);
  }
  setTimerValue(now: bigint, value: bigint): void {
    this.#state.set64(this.#compare, BigInt.asUintN(64, now + BigInt.asIntN(32, value)));
  }
  setCompare(value: bigint): void {
    this.#state.set64(this.#compare, value);
  }

  snapshot(offset: bigint): TimerState {
    const control = this.#state.get64(this.#control);
    return {
      enabled: (control & TIMER_CONTROL.ENABLE) !== 0n,
      masked: (control & TIMER_CONTROL.IMASK) !== 0n,
      compare: this.#state.get64(this.#compare),
      offset,
    };
  }
}
