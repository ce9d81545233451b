/**
 * What instructions compute, as a small typed language: values and statements that the interpreter's and the
 * translator's generators turn into WebAssembly and that the reference evaluator runs with `bigint`s. Operations have
 * WebAssembly's names and semantics, so that nothing needs a second definition.
 */
import {
  type LoadName,
  MEMORY_OPCODES,
  OPCODES,
  type OpName,
  type StoreName,
  type ValueType,
} from '../../wasm/index.ts';
import type { AnyFieldValues } from '../pattern.ts';

/**
 * A number that is known when an instruction is decoded: a register's slot, an immediate. The interpreter keeps it in
 * the instruction's record, the translator has it as a constant.
 */
export interface Operand {
  /** Operands with the same key in one instruction are one. */
  readonly key: string;
  /** How a record holds it. */
  readonly storage: OperandStorage;
  readonly derive: (fields: AnyFieldValues) => number | bigint;
}
export type OperandStorage = 'u16' | 's16' | 'i32' | 'i64';

/** Of what a read of state depends on: a write to the same kind makes earlier reads stale. */
export type StateKind = 'x' | 'v' | 'other';

export interface Temp<T extends ValueType = ValueType> {
  readonly id: number;
  readonly type: T;
}

/** A function written in this language, that several instructions call: `helper(...)` in `meaning.ts` makes one. */
export interface Helper<R extends ValueType = ValueType> {
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly result: R;
  /** Its body, made on first use; none for what TypeScript does. */
  readonly body: (() => HelperBody) | undefined;
}
export interface HelperBody {
  readonly params: readonly Temp[];
  readonly statements: readonly Statement[];
  readonly result: Value;
}

export type Value<T extends ValueType = ValueType> = { readonly type: T } & (
  | { readonly kind: 'const'; readonly value: number | bigint | Uint8Array }
  | {
      readonly kind: 'op';
      readonly name: OpName;
      readonly args: readonly Value[];
      readonly immediate: readonly number[];
    }
  | {
      readonly kind: 'select';
      readonly condition: Value;
      readonly ifTrue: Value;
      readonly ifFalse: Value;
    }
  | { readonly kind: 'operand'; readonly operand: Operand }
  | { readonly kind: 'temp'; readonly temp: Temp }
  | {
      readonly kind: 'state';
      readonly name: LoadName;
      readonly place: StatePlace;
      readonly state: StateKind;
      readonly epoch: number;
    }
  /** The address of the instruction. */
  | { readonly kind: 'pc' }
  /** The address of its page. */
  | { readonly kind: 'page-address' }
  /** Where the vCPU's state lies in the cluster's memory. */
  | { readonly kind: 'cpu' }
  /** What lies at an address of the cluster's memory: tables, another vCPU's state. */
  | { readonly kind: 'memory'; readonly name: LoadName; readonly address: Value }
  | { readonly kind: 'call'; readonly helper: Helper; readonly args: readonly Value[] }
  /** Whether a condition holds, by its number or what gives that: `value` says it by the flags. */
  | { readonly kind: 'condition'; readonly condition: number | Operand; readonly value: Value }
);

/** A place in a vCPU's state: a register that an operand names, a fixed field, or a field of such a register. */
export interface StatePlace {
  readonly register: Operand | undefined;
  readonly offset: number;
}

/** How a guest access is made. */
export interface GuestAccess {
  /** An access that isn't aligned to its size faults (Arm ARM B2.5.2: exclusives, acquire and release). */
  readonly aligned: boolean;
  /** With EL0's rights (LDTR, STTR). */
  readonly unprivileged: boolean;
  /** The access size where it isn't the instruction's memory size: 64 for DC ZVA. */
  readonly write: boolean;
}

export type Statement =
  | { readonly kind: 'set'; readonly temp: Temp; readonly value: Value }
  | {
      readonly kind: 'state-store';
      readonly name: StoreName;
      readonly place: StatePlace;
      readonly value: Value;
    }
  | {
      readonly kind: 'guest-load';
      readonly temp: Temp;
      readonly name: LoadName;
      readonly address: Value;
      readonly access: GuestAccess;
    }
  | {
      readonly kind: 'guest-store';
      readonly name: StoreName;
      readonly address: Value;
      readonly value: Value;
      readonly access: GuestAccess;
    }
  | {
      readonly kind: 'if';
      readonly condition: Value;
      readonly consequent: readonly Statement[];
      readonly alternate: readonly Statement[];
    }
  /** The flags have just been set as `a` − `b` sets them: so much for whoever asks a condition. */
  | { readonly kind: 'compared'; readonly a: Value; readonly b: Value }
  | { readonly kind: 'while'; readonly condition: Value; readonly body: readonly Statement[] }
  | {
      readonly kind: 'memory-store';
      readonly name: StoreName;
      readonly address: Value;
      readonly value: Value;
    }
  /** Ends a helper. */
  | { readonly kind: 'return'; readonly value: Value }
  /** A branch by so many instructions. */
  | { readonly kind: 'branch'; readonly delta: Operand }
  | { readonly kind: 'jump'; readonly target: Value }
  | {
      readonly kind: 'system';
      readonly operation: number;
      readonly operand: Value;
      readonly argument: Value | undefined;
      readonly result: Temp | undefined;
    };

/** Expressions of these types, in order. */
type ValuesOf<P extends readonly ValueType[]> = { readonly [K in keyof P]: Value<P[K]> };

/** A pure operation by its WebAssembly name: `pure('i8x16.add', a, b)`. */
export function pure<N extends OpName>(
  name: N,
  ...args: ValuesOf<(typeof OPCODES)[N]['operands']>
): Value<(typeof OPCODES)[N]['result']> {
  return operation(name, args) as Value<(typeof OPCODES)[N]['result']>;
}

/** The same with lane numbers: `pureLane('i32x4.extract_lane', 2, v)`. */
export function pureLane<N extends OpName>(
  name: N,
  lane: number,
  ...args: ValuesOf<(typeof OPCODES)[N]['operands']>
): Value<(typeof OPCODES)[N]['result']> {
  return operation(name, args, [lane]) as Value<(typeof OPCODES)[N]['result']>;
}

/** `i8x16.shuffle`: byte `lanes[i]` of `a` (0–15) or `b` (16–31). */
export function shuffle(lanes: readonly number[], a: Value<'v128'>, b: Value<'v128'>): Value<'v128'> {
  return operation('i8x16.shuffle', [a, b], lanes) as Value<'v128'>;
}

export function operation(name: OpName, args: readonly Value[], immediate: readonly number[] = []): Value {
  const { operands, result } = OPCODES[name];
  const fits = args.length === operands.length && args.every((arg, index) => arg.type === operands[index]);
  if (!fits) {
    throw new Error(`${name} takes ${operands.join(', ')}, not ${args.map(({ type }) => type).join(', ')}`);
  }
  return { kind: 'op', type: result, name, args, immediate };
}

export function loadType(name: LoadName): ValueType {
  return MEMORY_OPCODES[name].type;
}
