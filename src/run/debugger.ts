/**
 * What a debugger does with a session, whatever protocol it speaks: stops it and lets it go, to the instruction and without the
 * guests noticing; reads and writes registers and memory; goes back. The session is stepped by its owner (`drive.ts`).
 */
import type { DebugPoints } from '../aarch64/index.ts';
import type { DebugStop, VcpuObject } from '../sel4/index.ts';
import { type Breathe, History } from './history.ts';
import { positionOf } from './position.ts';
import type { Session } from './session.ts';
import { gather, physicalPlaces, scatter, virtualPlaces } from './virtual-memory.ts';

/** A virtual machine, as a debugger lists it. */
export interface DebuggedGuest {
  readonly name: string;
  readonly vcpus: readonly VcpuObject[];
}

/** Why everything stands still. */
export interface Halt {
  readonly vcpu: VcpuObject;
  readonly why:
    | DebugStop['stop']
    /** Somebody asked for it. */
    | { readonly reason: 'asked' }
    /** There is nothing before this. */
    | { readonly reason: 'beginning' };
}

/** How to go on. */
export type Going =
  | { readonly kind: 'continue' }
  /** One instruction of this vCPU; the others have their turns as ever. */
  | { readonly kind: 'step'; readonly vcpu: VcpuObject }
  | { readonly kind: 'back-step'; readonly vcpu: VcpuObject }
  | { readonly kind: 'back' };

const NO_POINTS: DebugPoints = { breakpoints: [], watchpoints: [] };

/** Stops a session and lets it go, to the instruction; reads and writes what its guests see. */
export class Debugger {
  readonly guests: readonly DebuggedGuest[];
  /** Told when everything stands still; not of what it was itself asked for by {@link halt}. */
  onHalt: (halt: Halt) => void = () => {};
  readonly #session: Session;
  readonly #points = new Map<string, DebugPoints>();
  readonly #history: History | undefined;
  #halted: Halt | undefined;
  #back: Extract<Going, { readonly kind: 'back' | 'back-step' }> | undefined;
  #isBrokenOff = false;

  /** `keepsHistory`: for going back; the session's time must then be its own, not the host's. */
  constructor(session: Session, { keepsHistory }: { readonly keepsHistory: boolean }) {
    this.#session = session;
    const vcpus = session.kernel.vcpus();
    const names = [...new Set(vcpus.map(({ vm }) => vm))];
    this.guests = names.map((name) => ({ name, vcpus: vcpus.filter(({ vm }) => vm === name) }));
    this.#history = keepsHistory ? new History(session) : undefined;
    session.past = this.#history;
  }

  get canGoBack(): boolean {
    return this.#history !== undefined;
  }

  /** Why it stands still, or `undefined` while it runs. */
  get halted(): Halt | undefined {
    return this.#halted;
  }

  /** Whether the owner of the session is to let it be. */
  get isHalted(): boolean {
    return this.#halted !== undefined;
  }

  /** Stops where it is: within a quarter of a millisecond of the guest's time. */
  halt(): Halt {
    this.#isBrokenOff = true;
    this.#halted ??= { vcpu: this.#current(), why: { reason: 'asked' } };
    return this.#halted;
  }

  /** The session came to something. */
  stopped({ vcpu, stop }: DebugStop): void {
    for (const { cpu } of this.#session.kernel.vcpus()) cpu.stopAtRetired = undefined;
    this.#report({ vcpu, why: stop });
  }

  go(going: Going): void {
    this.#isBrokenOff = false;
    if (going.kind === 'back' || going.kind === 'back-step') {
      this.#back = going;
      return;
    }
    if (going.kind === 'step') going.vcpu.cpu.stopAtRetired = going.vcpu.cpu.retired + 1;
    this.#halted = undefined;
  }

  /** Does what takes its time while everything stands still. */
  async work(pause: () => Promise<void>): Promise<void> {
    const back = this.#back;
    this.#back = undefined;
    if (back === undefined) return;
    const breathe = async () => {
      await pause();
      return !this.#isBrokenOff;
    };
    this.#report(await (back.kind === 'back' ? this.#goBack(breathe) : this.#stepBack(back.vcpu, breathe)));
  }

  /** What a guest's debugger waits for from now on. */
  setPoints(guest: DebuggedGuest, points: DebugPoints): void {
    this.#points.set(guest.name, points);
    for (const { cpu } of guest.vcpus) cpu.setDebugPoints(points);
  }

  /** Nobody debugs any more. */
  release(): void {
    for (const guest of this.guests) this.setPoints(guest, NO_POINTS);
    this.#halted = undefined;
    this.#back = undefined;
  }

  /** A register or memory was written from outside: the past led elsewhere. */
  changed(): void {
    this.#history?.cut();
  }

  /** As many bytes as there are from a virtual address on, whoever may read them; devices are not touched. */
  read({ cpu }: VcpuObject, va: bigint, sizeBytes: number): Uint8Array {
    return gather(this.#session.kernel.cluster, sizeBytes, virtualPlaces(cpu, va));
  }

  /** The same by the guest's physical addresses. */
  readPhysical({ cpu }: VcpuObject, ipa: number, sizeBytes: number): Uint8Array {
    return gather(this.#session.kernel.cluster, sizeBytes, physicalPlaces(cpu, ipa));
  }

  /** `false` where not all of it is RAM; nothing is written then. */
  write({ cpu }: VcpuObject, va: bigint, content: Uint8Array): boolean {
    return this.#written(scatter(this.#session.kernel.cluster, content, virtualPlaces(cpu, va)));
  }

  writePhysical({ cpu }: VcpuObject, ipa: number, content: Uint8Array): boolean {
    return this.#written(scatter(this.#session.kernel.cluster, content, physicalPlaces(cpu, ipa)));
  }

  #written(isDone: boolean): boolean {
    if (isDone) this.changed();
    return isDone;
  }

  #current(): VcpuObject {
    const { running } = this.#session.kernel;
    const first = running ?? this.guests[0]?.vcpus[0];
    if (first === undefined) throw new Error('no guest is here to be debugged');
    return first;
  }

  #report(halt: Halt): void {
    this.#halted = halt;
    this.onHalt(halt);
  }

  async #stepBack(vcpu: VcpuObject, breathe: Breathe): Promise<Halt> {
    const isThere = await this.#withoutPoints(
      async () => this.#history?.backTo(vcpu.cpu.index, vcpu.cpu.retired - 1, breathe) ?? false,
    );
    if (isThere) return { vcpu, why: { kind: 'debug', reason: 'retired' } };
    return this.#beginning(vcpu);
  }

  async #goBack(breathe: Breathe): Promise<Halt> {
    const now = positionOf(this.#session);
    const found = await this.#history?.lastStopBefore(now, breathe);
    if (found === 'broken-off') return { vcpu: this.#current(), why: { reason: 'asked' } };
    if (found === undefined) return this.#beginning(this.#current());
    const { vcpu, stop } = found.stop;
    const isThere = await this.#withoutPoints(async () => this.#history?.goTo(found.at, breathe) ?? false);
    return { vcpu, why: isThere ? stop : { reason: 'asked' } };
  }

  #beginning(vcpu: VcpuObject): Halt {
    if (this.#isBrokenOff) return { vcpu, why: { reason: 'asked' } };
    this.#history?.goToBeginning();
    return { vcpu, why: { reason: 'beginning' } };
  }

  async #withoutPoints<T>(work: () => Promise<T>): Promise<T> {
    for (const guest of this.guests) for (const { cpu } of guest.vcpus) cpu.setDebugPoints(NO_POINTS);
    try {
      return await work();
    } finally {
      for (const guest of this.guests) this.setPoints(guest, this.#points.get(guest.name) ?? NO_POINTS);
    }
  }
}
