/**
 * A device made of declared registers. What a register does beyond remembering is its behaviour: what a read gives, and
 * what a write causes. A subclass gives the map and the behaviours and keeps its own state.
 */
import { keptMembers, type Saved, type SavedShape, savedParts, shape } from '../base/index.ts';
import type { AccessSize, Device } from './contract.ts';
import { fieldOf, type RegisterMap, widthMask, withField } from './registers.ts';

/** What reading and writing a register do beyond its bits. */
export interface RegisterBehaviour {
  /** What a read gives; without it, the remembered value. */
  readonly read?: () => number;
  /**
   * What a write does instead of being remembered. `value` holds the written bytes at their places in the register and
   * zeros elsewhere; reserved and status bits are already cleared. `previous` is what the register held.
   */
  readonly write?: (value: number, previous: number) => void;
}

/** Behaviours by register. */
export type Behaviours<M extends RegisterMap> = { readonly [Name in keyof M]?: RegisterBehaviour };
type Shapes = Readonly<Record<string, SavedShape<number>>>;
type FieldName<M extends RegisterMap, Name extends keyof M> = keyof M[Name]['fields'] & string;

/** Where a device says what its guest did that the model can't honour. */
export interface RegisterObserver {
  /** An offset where the device has no register. */
  onReserved?(kind: 'read' | 'write', offset: number): void;
}

/** A device that is its registers: bits kept as declared, behaviour where it has some. */
export abstract class RegisterDevice<M extends RegisterMap> implements Device {
  abstract readonly model: string;
  readonly sizeBytes: number;
  /** The remembered values, by name. */
  readonly value: { -readonly [Name in keyof M]: number };
  observer: RegisterObserver = {};
  readonly #map: M;
  /** The register that holds each byte. */
  readonly #nameAt: readonly (string | undefined)[];
  #behaviours: Behaviours<M> = {};

  constructor(map: M, sizeBytes: number) {
    this.#map = map;
    this.sizeBytes = sizeBytes;
    this.value = Object.fromEntries(
      Object.entries(map).map(([name, register]) => [name, register.reset]),
    ) as { -readonly [Name in keyof M]: number };
    const nameAt: (string | undefined)[] = [];
    for (const [name, register] of Object.entries(map)) {
      for (let byte = 0; byte < register.sizeBytes; byte += 1) nameAt[register.offset + byte] = name;
    }
    this.#nameAt = nameAt;
  }

  /** The declaration: for documentation and tests. */
  get registers(): M {
    return this.#map;
  }

  /** Called once by a subclass's constructor: behaviours are arrow functions over its members. */
  protected behave(behaviours: Behaviours<M>): void {
    this.#behaviours = behaviours;
  }

  /** A field of a remembered value. */
  field<Name extends keyof M>(name: Name, field: FieldName<M, Name>): number {
    const declared = this.#map[name]?.fields[field];
    return declared === undefined ? 0 : fieldOf(this.value[name], declared);
  }

  setField<Name extends keyof M>(name: Name, field: FieldName<M, Name>, content: number): void {
    const declared = this.#map[name]?.fields[field];
    if (declared !== undefined) this.value[name] = withField(this.value[name], declared, content);
  }

  read(offset: number, sizeBytes: AccessSize): number {
    const name = this.#nameAt[offset];
    const register = name === undefined ? undefined : this.#map[name];
    if (name === undefined || register === undefined) {
      this.observer.onReserved?.('read', offset);
      return 0;
    }
    if (register.access === 'wo') return 0;
    const behaviour = this.#behaviours[name];
    const value = behaviour?.read === undefined ? (this.value[name] ?? 0) : behaviour.read();
    return ((value >>> (8 * (offset - register.offset))) & widthMask(sizeBytes)) >>> 0;
  }

  write(offset: number, value: number, sizeBytes: AccessSize): void {
    const name = this.#nameAt[offset];
    const register = name === undefined ? undefined : this.#map[name];
    if (name === undefined || register === undefined) {
      this.observer.onReserved?.('write', offset);
      return;
    }
    if (register.access === 'ro') return;
    const shift = 8 * (offset - register.offset);
    const lanes = (widthMask(sizeBytes) << shift) >>> 0;
    const placed = ((value << shift) & lanes & register.writable) >>> 0;
    const previous = this.value[name] ?? 0;
    const behaviour = this.#behaviours[name];
    if (behaviour?.write !== undefined) {
      behaviour.write(placed, previous);
    } else {
      const kept = previous & ~(lanes & register.writable);
      (this.value as Record<string, number>)[name] = (kept | placed) >>> 0;
    }
    this.changed();
  }

  registerAt(offset: number): string | undefined {
    return this.#nameAt[offset];
  }

  reset(): void {
    for (const [name, register] of Object.entries(this.#map)) {
      (this.value as Record<string, number>)[name] = register.reset;
    }
    this.changed();
  }

  get saved(): Saved {
    return savedParts(this.savedMembers(), () => this.changed());
  }

  /** What a snapshot holds: the registers, and what a subclass has beside them. */
  protected savedMembers(): Readonly<Record<string, Saved>> {
    const shapes = Object.entries(this.#map).map(
      ([name, { sizeBytes }]) => [name, shape.upTo(widthMask(sizeBytes))] as const,
    );
    return { registers: savedParts(keptMembers<Shapes>(this.value, Object.fromEntries(shapes))) };
  }

  /** After every write and restored state: the place to drive interrupt lines anew. */
  protected changed(): void {}
}
