/**
 * The machine's time: what the system counter shows, what device clocks show, and how long a vCPU may run before
 * something is due. Virtual time passes with the instructions that vCPUs run, each the same length, and jumps over idle
 * stretches; so a run depends on nothing but its inputs.
 */
import type { SystemCounter, Vcpu } from '../aarch64/index.ts';
import { SteppedClock } from '../device/index.ts';

/** The machine's time: nanoseconds since power-on, the system counter, and alarms. */
export interface MachineTime extends SystemCounter {
  /** The devices' clock, never ahead of {@link nowNs}. */
  readonly clock: SteppedClock;
  readonly nowNs: number;
  /** A vCPU starts to run; until {@link endSlice}, time follows it. */
  beginSlice(vcpu: Vcpu): void;
  endSlice(vcpu: Vcpu): void;
  /** Brings the devices' clock up to the running vCPU. */
  sync(): void;
  /** Nothing can run before this time. */
  advanceTo(timeNs: number): void;
  /** How many instructions may run before this time comes; at least one. */
  instructionsUntil(timeNs: number): number;
  /** When the system counter shows this count. */
  timeOfCount(count: bigint): number;
  /** Puts the clock where a snapshot had it; may go back. */
  setTo(timeNs: number): void;
}

const NS_PER_SECOND = 1e9;
/** Counts beyond this lie more than a century ahead: never. */
const FAR_COUNT = 2n ** 53n;

/** What the counter shows at a time. */
function countAt(timeNs: number, frequencyHz: number): bigint {
  return BigInt(Math.floor((timeNs * (frequencyHz / 1e6)) / 1e3));
}

/** The first time at which the counter shows a count. */
function firstTimeOf(count: bigint, frequencyHz: number): number {
  if (count >= FAR_COUNT) return Number.POSITIVE_INFINITY;
  // Rounded up, so that at this time the counter does show the count.
  let timeNs = Math.ceil((Number(count) * NS_PER_SECOND) / frequencyHz);
  while (countAt(timeNs, frequencyHz) < count) timeNs += 1;
  return timeNs;
}

/** The counter's frequency, and how long an instruction takes. */
export interface VirtualTimeOptions {
  /** The system counter's frequency (CNTFRQ_EL0): 24 MHz on most boards. */
  readonly frequencyHz: number;
  /** How long an instruction takes; 1 ns makes a processor of 1000 MIPS. */
  readonly nsPerInstruction?: number;
}

/** Time by instructions: the same in every run. Idle stretches are skipped by whoever steps the machine. */
export class VirtualTime implements MachineTime {
  readonly frequencyHz: number;
  readonly clock = new SteppedClock();
  readonly #nsPerInstruction: number;
  /** The time at the start of the slice, or now where none runs. */
  #baseNs = 0;
  #running: Vcpu | undefined;
  #retiredAtStart = 0;

  constructor({ frequencyHz, nsPerInstruction = 1 }: VirtualTimeOptions) {
    this.frequencyHz = frequencyHz;
    this.#nsPerInstruction = nsPerInstruction;
  }

  get nowNs(): number {
    return this.#running === undefined ? this.#baseNs : this.#at(this.#running.retired);
  }

  count(vcpu: Vcpu, retired: number): bigint {
    return countAt(vcpu === this.#running ? this.#at(retired) : this.nowNs, this.frequencyHz);
  }

  beginSlice(vcpu: Vcpu): void {
    this.#running = vcpu;
    this.#retiredAtStart = vcpu.retired;
  }

  endSlice(vcpu: Vcpu): void {
    this.#baseNs = this.#at(vcpu.retired);
    this.#running = undefined;
    this.clock.advanceTo(this.#baseNs);
  }

  sync(): void {
    this.clock.advanceTo(this.nowNs);
  }

  advanceTo(timeNs: number): void {
    this.#baseNs = Math.max(this.#baseNs, timeNs);
    this.clock.advanceTo(this.#baseNs);
  }

  setTo(timeNs: number): void {
    this.#running = undefined;
    this.#baseNs = timeNs;
    this.clock.setTo(timeNs);
  }

  instructionsUntil(timeNs: number): number {
    return Math.max(1, Math.ceil((timeNs - this.nowNs) / this.#nsPerInstruction));
  }

  timeOfCount(count: bigint): number {
    return firstTimeOf(count, this.frequencyHz);
  }

  #at(retired: number): number {
    return this.#baseNs + (retired - this.#retiredAtStart) * this.#nsPerInstruction;
  }
}

/** The counter's frequency, and the host's clock in milliseconds. */
export interface RealTimeOptions {
  readonly frequencyHz: number;
  /** Milliseconds of a clock that only goes forward: the host's. */
  readonly nowMs: () => number;
}

/** How long an instruction is thought to take before any was measured, and what a measurement may come to. */
const GUESSED_NS = 3;
const LONGEST_NS = 100;
/** Shorter slices say nothing of how fast instructions go. */
const MEASURED_INSTRUCTIONS = 10_000;
const NS_PER_MS = 1e6;

/**
 * The host's own time: the guest's counter follows the host's clock, whatever the guest does, and idle stretches last as
 * long as they do. No two runs are the same.
 */
export class RealTime implements MachineTime {
  readonly frequencyHz: number;
  readonly clock = new SteppedClock();
  readonly #nowMs: () => number;
  /** The host's clock when the guest's showed zero. */
  #zeroMs: number;
  #nsPerInstruction = GUESSED_NS;
  #sliceStart = { timeNs: 0, retired: 0 };

  constructor({ frequencyHz, nowMs }: RealTimeOptions) {
    this.frequencyHz = frequencyHz;
    this.#nowMs = nowMs;
    this.#zeroMs = nowMs();
  }

  get nowNs(): number {
    return (this.#nowMs() - this.#zeroMs) * NS_PER_MS;
  }

  count(): bigint {
    return countAt(this.nowNs, this.frequencyHz);
  }

  beginSlice(vcpu: Vcpu): void {
    this.#sliceStart = { timeNs: this.nowNs, retired: vcpu.retired };
  }

  endSlice(vcpu: Vcpu): void {
    const { timeNs, retired } = this.#sliceStart;
    const instructions = vcpu.retired - retired;
    if (instructions >= MEASURED_INSTRUCTIONS) {
      this.#nsPerInstruction = Math.min((this.nowNs - timeNs) / instructions, LONGEST_NS);
    }
    this.sync();
  }

  sync(): void {
    this.clock.advanceTo(this.nowNs);
  }

  /** Time can't be made to pass; devices see what has passed. */
  advanceTo(): void {
    this.sync();
  }

  setTo(timeNs: number): void {
    this.#zeroMs = this.#nowMs() - timeNs / NS_PER_MS;
    this.clock.setTo(timeNs);
  }

  instructionsUntil(timeNs: number): number {
    return Math.max(1, Math.ceil((timeNs - this.nowNs) / Math.max(this.#nsPerInstruction, Number.EPSILON)));
  }

  timeOfCount(count: bigint): number {
    return firstTimeOf(count, this.frequencyHz);
  }
}
