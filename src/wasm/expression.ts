/**
 * Function bodies as trees: expressions that leave one value, and statements that leave none. The type parameter of an
 * expression is its WebAssembly type, so that TypeScript refuses what the validator would.
 */
import type { ByteWriter } from '../base/index.ts';
import {
  type LoadName,
  MEMORY_OPCODES,
  OPCODES,
  type OpName,
  type StoreName,
  type ValueType,
} from './opcodes.ts';

/** A parameter or local variable of a function. */
export interface Local<T extends ValueType = ValueType> {
  readonly index: number;
  readonly type: T;
  /** In a template: stands for the index. */
  readonly hole?: Hole;
}

/** In a template, what stands for bytes that are written when it is used; `kind` and the rest are its user's. */
export interface Hole {
  readonly kind: number;
}

/** A branch target. `name` is for the printer. */
export interface Label {
  readonly name: string;
}

/** What a function takes and leaves. */
export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A function that can be called; its index is known when the module is encoded. */
export interface FunctionRef {
  readonly name: string;
  readonly type: FunctionType;
  /** In a template: stands for the index. */
  readonly hole?: Hole;
}

/** A constant: `number` for i32, f32 and f64, `bigint` for i64, sixteen bytes for v128. */
export type ConstValue = number | bigint | Uint8Array;

/** An expression that leaves one value of a type; plain data, which can be looked at and printed. */
export type Expr<T extends ValueType = ValueType> = { readonly type: T } & (
  | { readonly kind: 'const'; readonly value: ConstValue }
  | {
      readonly kind: 'op';
      readonly name: OpName;
      readonly args: readonly Expr[];
      readonly immediate: readonly number[];
    }
  | { readonly kind: 'get'; readonly local: Local }
  | { readonly kind: 'tee'; readonly local: Local; readonly value: Expr }
  | {
      readonly kind: 'load';
      readonly name: LoadName;
      readonly address: Expr;
      readonly offset: number | Hole;
    }
  | { readonly kind: 'hole'; readonly hole: Hole }
  | {
      readonly kind: 'select';
      readonly condition: Expr;
      readonly ifTrue: Expr;
      readonly ifFalse: Expr;
    }
  | {
      readonly kind: 'if-value';
      readonly condition: Expr;
      readonly consequent: readonly Stmt[];
      readonly thenValue: Expr;
      readonly alternate: readonly Stmt[];
      readonly elseValue: Expr;
    }
  | { readonly kind: 'call'; readonly callee: FunctionRef; readonly args: readonly Expr[] }
  | {
      readonly kind: 'call-indirect';
      readonly signature: FunctionType;
      readonly index: Expr;
      readonly args: readonly Expr[];
    }
);

/** A statement: leaves nothing. */
export type Stmt =
  | { readonly kind: 'set'; readonly local: Local; readonly value: Expr }
  | {
      readonly kind: 'store';
      readonly name: StoreName;
      readonly address: Expr;
      readonly value: Expr;
      readonly offset: number | Hole;
    }
  | { readonly kind: 'hole'; readonly hole: Hole }
  /** Statements that are written straight as bytes, when the function is encoded. */
  | { readonly kind: 'written'; readonly write: (to: CodeWriter) => void }
  | { readonly kind: 'drop'; readonly value: Expr }
  | { readonly kind: 'call-void'; readonly callee: FunctionRef; readonly args: readonly Expr[] }
  | { readonly kind: 'block' | 'loop'; readonly label: Label; readonly body: readonly Stmt[] }
  | {
      readonly kind: 'if';
      readonly condition: Expr;
      readonly consequent: readonly Stmt[];
      readonly alternate: readonly Stmt[];
    }
  | { readonly kind: 'br'; readonly label: Label }
  | { readonly kind: 'br-if'; readonly label: Label; readonly condition: Expr }
  | {
      readonly kind: 'br-table';
      readonly labels: readonly Label[];
      readonly otherwise: Label;
      readonly index: Expr;
    }
  | { readonly kind: 'return'; readonly value: Expr | undefined }
  | { readonly kind: 'return-call'; readonly callee: FunctionRef; readonly args: readonly Expr[] }
  | {
      readonly kind: 'return-call-indirect';
      readonly signature: FunctionType;
      readonly index: Expr;
      readonly args: readonly Expr[];
    }
  | { readonly kind: 'memory-fill'; readonly address: Expr; readonly value: Expr; readonly size: Expr }
  | { readonly kind: 'memory-copy'; readonly to: Expr; readonly from: Expr; readonly size: Expr }
  | { readonly kind: 'unreachable' };

/** Where a function's bytes go. */
export interface CodeWriter {
  readonly out: ByteWriter;
  statements(statements: readonly Stmt[]): void;
  /** The same, for a place within so many blocks that the writer wrote itself. */
  nested(statements: readonly Stmt[], nesting: number): void;
  depth(label: Label): number;
  functionIndex(func: FunctionRef): number;
}

/** Expressions of these types, in order: what an instruction with such operands takes. */
export type ExprsOf<P extends readonly ValueType[]> = { readonly [K in keyof P]: Expr<P[K]> };
type Operands<N extends OpName> = ExprsOf<(typeof OPCODES)[N]['operands']>;
type Result<N extends OpName> = (typeof OPCODES)[N]['result'];

/** `op('i64.add', a, b)`. */
export function op<N extends OpName>(name: N, ...args: Operands<N>): Expr<Result<N>> {
  return opWithImmediate(name, [], args as readonly Expr[]) as Expr<Result<N>>;
}

/** An operation with lane numbers: `opWithImmediate('i32x4.extract_lane', [2], [v])`. */
export function opWithImmediate(name: OpName, immediate: readonly number[], args: readonly Expr[]): Expr {
  return { kind: 'op', type: OPCODES[name].result, name, args, immediate };
}

/** A constant of any type; an i32 may be given signed or unsigned. */
export function constant<T extends ValueType>(type: T, value: ConstValue): Expr<T> {
  return { kind: 'const', type, value };
}

/** A constant of 32 bits, signed or unsigned. */
export const i32 = (value: number): Expr<'i32'> => constant('i32', value);

/** A constant of 64 bits, signed or unsigned. */
export const i64 = (value: bigint): Expr<'i64'> => constant('i64', value);

/** The value of a local variable. */
export function get<T extends ValueType>(local: Local<T>): Expr<T> {
  return { kind: 'get', type: local.type, local };
}

/** Sets a local variable and leaves its value. */
export function tee<T extends ValueType>(local: Local<T>, value: Expr<T>): Expr<T> {
  return { kind: 'tee', type: local.type, local, value };
}

/** Sets a local variable. */
export function set<T extends ValueType>(local: Local<T>, value: Expr<T>): Stmt {
  return { kind: 'set', local, value };
}

/** A load from memory at an address plus a constant offset, which WebAssembly adds without wrapping. */
export function load<N extends LoadName>(
  name: N,
  address: Expr<'i32'>,
  offset: number | Hole = 0,
): Expr<(typeof MEMORY_OPCODES)[N]['type']> {
  return { kind: 'load', type: MEMORY_OPCODES[name].type, name, address, offset } as Expr<
    (typeof MEMORY_OPCODES)[N]['type']
  >;
}

/** A store to memory, likewise. */
export function store<N extends StoreName>(
  name: N,
  address: Expr<'i32'>,
  value: Expr<(typeof MEMORY_OPCODES)[N]['type']>,
  offset = 0,
): Stmt {
  return { kind: 'store', name, address, value, offset };
}

/** One of two values, both of which are computed. */
export function select<T extends ValueType>(
  condition: Expr<'i32'>,
  ifTrue: Expr<T>,
  ifFalse: Expr<T>,
): Expr<T> {
  return { kind: 'select', type: ifTrue.type, condition, ifTrue, ifFalse };
}

/** A call of a function with one result. */
export function call(callee: FunctionRef, ...args: readonly Expr[]): Expr {
  const [type] = callee.type.results;
  if (type === undefined || callee.type.results.length !== 1) {
    throw new Error(`${callee.name} doesn't leave one value`);
  }
  return { kind: 'call', type, callee, args };
}

/** A label to branch to; its name is for the printer. */
export function label(name: string): Label {
  return { name };
}

/** A function under construction: its parameters and further locals. */
export class FunctionBuilder implements FunctionRef {
  readonly name: string;
  readonly type: FunctionType;
  readonly params: readonly Local[];
  readonly #locals: ValueType[] = [];
  body: readonly Stmt[] = [];
  /** Locals and body as they are in a module: after the first that was encoded, or from elsewhere. */
  encoded: Uint8Array | undefined;

  constructor(name: string, type: FunctionType) {
    this.name = name;
    this.type = type;
    this.params = type.params.map((valueType, index) => ({ index, type: valueType }));
  }

  get locals(): readonly ValueType[] {
    return this.#locals;
  }

  /** The parameter at this position; throws if it isn't of that type. */
  param<T extends ValueType>(index: number, type: T): Local<T> {
    const found = this.params[index];
    if (found?.type !== type) throw new Error(`${this.name} has no parameter ${index} of type ${type}`);
    return { index, type };
  }

  local<T extends ValueType>(type: T): Local<T> {
    this.#locals.push(type);
    return { index: this.params.length + this.#locals.length - 1, type };
  }
}
