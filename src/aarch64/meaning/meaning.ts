/**
 * The `c` of an instruction's meaning: `(c, f) => …` reads registers, computes, writes back, and what it did is kept
 * as statements. Reads are values to be used before the next write of the same kind; one that must outlive it is bound
 * with `let`. The builder throws where that is forgotten.
 */
import type { LoadName, StoreName, ValueType } from '../../wasm/index.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';
import { STATE, vOffset, X_SLOT, xOffset } from '../state.ts';
import type { SystemOperation } from '../system/operation.ts';
import { type Int, low32, zeroExtend } from './integer.ts';
import {
  type GuestAccess,
  type Helper,
  type HelperBody,
  loadType,
  type Operand,
  type OperandStorage,
  type StateKind,
  type Statement,
  type StatePlace,
  type Temp,
  type Value,
} from './value.ts';

/** What stands behind the fields of one definition: `V` has their values' names. */
export class Meaning<V extends AnyFieldValues = AnyFieldValues> {
  readonly statements: Statement[] = [];
  /** Operands in the order of first use. */
  readonly operands = new Map<string, Operand>();
  #into = this.statements;
  #temps = 0;
  readonly #epochs: Record<StateKind, number> = { x: 0, v: 0, other: 0 };

  // Operands known at decode.

  /** A number computed from the fields when the instruction is decoded. `name` tells it from the others here. */
  derived<T extends Int>(
    type: T,
    name: string,
    derive: (fields: V) => number | bigint,
    storage: OperandStorage = type === 'i64' ? 'i64' : 'i32',
  ): Value<T> {
    const operand = this.#operand({ key: name, storage, derive: derive as Operand['derive'] });
    return { kind: 'operand', type, operand };
  }

  /** A field's own value. */
  field<T extends Int>(type: T, { field }: OperandField): Value<T> {
    return this.derived(type, field, (fields) => fields[field] ?? 0, 'u16');
  }

  // General registers.

  /** Xn, or zero for 31. */
  x(register: OperandField): Value<'i64'> {
    return this.#read('i64.load', 'x', this.#xPlace(register, 'zero')) as Value<'i64'>;
  }
  /** Wn, or zero for 31. */
  w(register: OperandField): Value<'i32'> {
    return this.#read('i32.load', 'x', this.#xPlace(register, 'zero')) as Value<'i32'>;
  }
  /** Xn where `sf` is 1, else Wn. */
  r(sf: number, register: OperandField): Value<Int> {
    return sf === 1 ? this.x(register) : this.w(register);
  }
  /** Xn, or the stack pointer for 31; by `sf` the whole or the low half. */
  xsp(register: OperandField): Value<'i64'> {
    return this.#read('i64.load', 'x', this.#xPlace(register, 'sp')) as Value<'i64'>;
  }
  rsp(sf: number, register: OperandField): Value<Int> {
    const value = this.xsp(register);
    return sf === 1 ? value : low32(value);
  }

  /** Writes Xn, or with a 32-bit value Wn, whose upper half becomes zero; nothing for 31. */
  setR(register: OperandField, value: Value<Int>): void {
    this.#write('i64.store', 'x', this.#xPlace(register, 'discard'), widened(value));
  }
  /** The same, with the stack pointer for 31. */
  setRsp(register: OperandField, value: Value<Int>): void {
    this.#write('i64.store', 'x', this.#xPlace(register, 'sp'), widened(value));
  }
  /** A register of fixed number, X30 for a link. */
  setXNumber(number: number, value: Value<'i64'>): void {
    this.#write('i64.store', 'x', { register: undefined, offset: xOffset(number) }, value);
  }

  /**
   * A general register at a distance from the field's, for CASP's pairs: `xPlus(f.rs, 1)` is X(s+1). The field must be
   * even; 30 and 31 make the zero register.
   */
  xPlus(register: OperandField, plus: number): Value<'i64'> {
    const place = this.#registerPlace(`${register.field}+${plus}:zero`, (fields) =>
      xOffset((fields[register.field] ?? 0) + plus),
    );
    return this.#read('i64.load', 'x', place) as Value<'i64'>;
  }
  setXPlus(register: OperandField, plus: number, value: Value<Int>): void {
    const place = this.#registerPlace(`${register.field}+${plus}:discard`, (fields) => {
      const number = (fields[register.field] ?? 0) + plus;
      return xOffset(number === X_SLOT.zero ? X_SLOT.discard : number);
    });
    this.#write('i64.store', 'x', place, widened(value));
  }

  // Vector registers.

  /** All of Vn. */
  v(register: OperandField): Value<'v128'> {
    return this.#read('v128.load', 'v', this.#vPlace(register)) as Value<'v128'>;
  }
  /** A part of Vn, by any load: `vPart('i64.load32_u', f.rn, 4)` is its second word. */
  vPart<N extends LoadName>(name: N, register: OperandField, offset = 0): Value<LoadTypeOf<N>> {
    return this.#read(name, 'v', this.#vPlace(register, offset)) as Value<LoadTypeOf<N>>;
  }
  /** Writes all of Vn. */
  setV(register: OperandField, value: Value<'v128'>): void {
    this.#write('v128.store', 'v', this.#vPlace(register), value);
  }
  /** Writes a scalar of 32 or 64 bits; the rest of Vn becomes zero. */
  setVScalar(register: OperandField, value: Value<Int>): void {
    this.#write('i64.store', 'v', this.#vPlace(register), widened(value));
    this.#write('i64.store', 'v', this.#vPlace(register, 8), { kind: 'const', type: 'i64', value: 0n });
  }
  /** Writes a part of Vn and leaves the rest. */
  setVPart(name: StoreName, register: OperandField, offset: number, value: Value): void {
    this.#write(name, 'v', this.#vPlace(register, offset), value);
  }
  /** Vn+plus, modulo 32 (the lists of LD1 to LD4, ST1 to ST4, TBL). */
  vPlus(register: OperandField, plus: number): Value<'v128'> {
    return this.#read('v128.load', 'v', this.#vPlusPlace(register, plus)) as Value<'v128'>;
  }
  setVPlus(register: OperandField, plus: number, value: Value<'v128'>): void {
    this.#write('v128.store', 'v', this.#vPlusPlace(register, plus), value);
  }
  setVPlusPart(name: StoreName, register: OperandField, plus: number, offset: number, value: Value): void {
    const place = this.#vPlusPlace(register, plus);
    this.#write(name, 'v', { register: place.register, offset }, value);
  }
  vPlusPart(name: LoadName, register: OperandField, plus: number, offset: number): Value {
    const place = this.#vPlusPlace(register, plus);
    return this.#read(name, 'v', { register: place.register, offset });
  }
  /**
   * A lane whose number is an operand: `laneOffset` gives the byte in Vn where it begins. `name` tells the lane from
   * the instruction's others.
   */
  vLane(name: LoadName, register: OperandField, key: string, laneOffset: (fields: V) => number): Value {
    return this.#read(name, 'v', this.#lanePlace(register, key, laneOffset));
  }
  setVLane(
    name: StoreName,
    register: OperandField,
    key: string,
    laneOffset: (fields: V) => number,
    value: Value,
  ): void {
    this.#write(name, 'v', this.#lanePlace(register, key, laneOffset), value);
  }

  // Fixed fields of the state.

  /** A 32-bit field, such as `STATE.FPCR`. */
  state32(offset: number): Value<'i32'> {
    return this.#read('i32.load', 'other', { register: undefined, offset }) as Value<'i32'>;
  }
  state64(offset: number): Value<'i64'> {
    return this.#read('i64.load', 'other', { register: undefined, offset }) as Value<'i64'>;
  }
  setState32(offset: number, value: Value<'i32'>): void {
    this.#write('i32.store', 'other', { register: undefined, offset }, value);
  }
  setState64(offset: number, value: Value<'i64'>): void {
    this.#write('i64.store', 'other', { register: undefined, offset }, value);
  }
  /** A 64-bit field whose offset is known at decode: a system register's cell. */
  stateAt(key: string, offset: (fields: V) => number): Value<'i64'> {
    return this.#read('i64.load', 'other', this.#registerPlace(key, offset)) as Value<'i64'>;
  }
  setStateAt(key: string, offset: (fields: V) => number, value: Value<'i64'>): void {
    this.#write('i64.store', 'other', this.#registerPlace(key, offset), value);
  }

  // Flags.

  /**
   * Sets N and V from sign bits, Z from a value that is zero if it is to be set, C from 0 or 1. 32-bit values must be
   * sign-extended, which `signed` does.
   */
  setFlags(flags: {
    readonly n: Value<'i64'>;
    readonly z: Value<'i64'>;
    readonly c: Value<'i32'>;
    readonly v: Value<'i64'>;
  }): void {
    this.setState64(STATE.N, flags.n);
    this.setState64(STATE.Z, flags.z);
    this.setState32(STATE.CARRY, flags.c);
    this.setState64(STATE.OVERFLOW, flags.v);
  }
  /** Says that the flags are those of `a` − `b`, which are bound. */
  compared(a: Value<Int>, b: Value<Int>): void {
    this.#push({ kind: 'compared', a, b }, [a, b]);
  }
  /** Names what asks the flags whether a condition holds. */
  condition(code: number | OperandField, value: Value<'i32'>): Value<'i32'> {
    const number =
      typeof code === 'number'
        ? code
        : {
            key: `${code.field}:condition`,
            storage: 'u16' as const,
            derive: (fields: AnyFieldValues) => fields[code.field] ?? 0,
          };
    return { kind: 'condition', type: 'i32', condition: number, value };
  }
  get carry(): Value<'i32'> {
    return this.state32(STATE.CARRY);
  }
  get nFlag(): Value<'i64'> {
    return this.state64(STATE.N);
  }
  get zFlag(): Value<'i64'> {
    return this.state64(STATE.Z);
  }
  get vFlag(): Value<'i64'> {
    return this.state64(STATE.OVERFLOW);
  }

  // Naming and control.

  /** Computes or reads a value here, to be used from here on. Constants and temporaries are left as they are. */
  let<T extends ValueType>(value: Value<T>): Value<T> {
    if (value.kind === 'const' || value.kind === 'temp') return value;
    return this.temporary(value);
  }
  /** A variable with a first value; `assign` gives it others. */
  temporary<T extends ValueType>(value: Value<T>): Value<T> & { readonly kind: 'temp' } {
    const temp = this.#temp(value.type);
    this.#push({ kind: 'set', temp, value }, [value]);
    return { kind: 'temp', type: value.type, temp } as Value<T> & { readonly kind: 'temp' };
  }
  assign<T extends ValueType>(variable: Value<T> & { readonly kind: 'temp' }, value: Value<T>): void {
    this.#push({ kind: 'set', temp: variable.temp, value }, [value]);
  }

  if(condition: Value<'i32'>, then: () => void, otherwise?: () => void): void {
    this.#check([condition]);
    const before = { ...this.#epochs };
    const thenBody = this.#collect(then);
    const afterThen = { ...this.#epochs };
    Object.assign(this.#epochs, before);
    const elseBody = otherwise === undefined ? [] : this.#collect(otherwise);
    for (const kind of Object.keys(before) as StateKind[]) {
      this.#epochs[kind] = Math.max(this.#epochs[kind], afterThen[kind]);
    }
    this.#into.push({ kind: 'if', condition, consequent: thenBody, alternate: elseBody });
  }
  while(condition: Value<'i32'>, body: () => void): void {
    this.#check([condition]);
    this.#into.push({ kind: 'while', condition, body: this.#collect(body) });
  }

  // Guest memory.

  /**
   * Loads from a virtual address; whatever the instruction writes must come after it, for the load may fault. The size is
   * that of the WebAssembly load.
   */
  load<N extends LoadName>(
    name: N,
    address: Value<'i64'>,
    access: Partial<GuestAccess> = {},
  ): Value<LoadTypeOf<N>> {
    const temp = this.#temp(loadType(name));
    this.#push({ kind: 'guest-load', temp, name, address, access: { ...PLAIN_ACCESS, ...access } }, [
      address,
    ]);
    return { kind: 'temp', type: temp.type, temp } as Value<LoadTypeOf<N>>;
  }
  store(name: StoreName, address: Value<'i64'>, value: Value, access: Partial<GuestAccess> = {}): void {
    this.#push(
      { kind: 'guest-store', name, address, value, access: { ...PLAIN_ACCESS, ...access, write: true } },
      [address, value],
    );
  }

  // The cluster's memory, for what keeps tables there. Guest addresses have nothing to do with it.

  /** Where the vCPU's state begins. */
  get cpu(): Value<'i32'> {
    return { kind: 'cpu', type: 'i32' };
  }
  memory<N extends LoadName>(name: N, address: Value<'i32'>): Value<LoadTypeOf<N>> {
    this.#check([address]);
    return this.let({ kind: 'memory', type: loadType(name), name, address } as Value) as Value<LoadTypeOf<N>>;
  }
  setMemory(name: StoreName, address: Value<'i32'>, value: Value): void {
    this.#push({ kind: 'memory-store', name, address, value }, [address, value]);
    // It may be state.
    for (const kind of Object.keys(this.#epochs) as StateKind[]) this.#epochs[kind]++;
  }

  // Where the instruction is, and where the next one is.

  /** The address of this instruction. */
  get pc(): Value<'i64'> {
    return { kind: 'pc', type: 'i64' };
  }
  get pageAddress(): Value<'i64'> {
    return { kind: 'page-address', type: 'i64' };
  }
  /** A branch by so many instructions, known at decode. */
  branch(delta: (fields: V) => number): void {
    const operand = this.#operand({ key: 'branch', storage: 'i32', derive: delta as Operand['derive'] });
    this.#push({ kind: 'branch', delta: operand }, []);
  }
  jump(target: Value<'i64'>): void {
    this.#push({ kind: 'jump', target }, [target]);
  }

  /** What only the TypeScript around the run loop can do. It may leave for an exception or an exit. */
  system(operationName: SystemOperation, operand: Value<'i32'>, argument?: Value<'i64'>): void {
    this.#push(
      { kind: 'system', operation: operationName, operand, argument, result: undefined },
      argument === undefined ? [operand] : [operand, argument],
    );
    this.#epochs.other++;
    this.#epochs.x++;
  }
  /** The same where it gives a 64-bit result. */
  systemValue(operationName: SystemOperation, operand: Value<'i32'>, argument?: Value<'i64'>): Value<'i64'> {
    const result = this.#temp('i64');
    this.#push(
      { kind: 'system', operation: operationName, operand, argument, result },
      argument === undefined ? [operand] : [operand, argument],
    );
    return { kind: 'temp', type: 'i64', temp: result };
  }

  /** Calls a helper that {@link helper} declared. */
  call<R extends ValueType>(callee: Helper<R>, ...args: readonly Value[]): Value<R> {
    return { kind: 'call', type: callee.result, helper: callee, args };
  }

  /** Calls a helper for what it does, here. It may change any state. */
  perform(callee: Helper, ...args: readonly Value[]): void {
    this.let(this.call(callee, ...args));
    for (const kind of Object.keys(this.#epochs) as StateKind[]) this.#epochs[kind]++;
  }
  /** Ends a helper. */
  return(value: Value): void {
    this.#push({ kind: 'return', value }, [value]);
  }

  /** A parameter's place in a helper. */
  parameter<T extends ValueType>(type: T): Value<T> & { readonly kind: 'temp' } {
    return { kind: 'temp', type, temp: this.#temp(type) } as Value<T> & { readonly kind: 'temp' };
  }

  /** Throws if a value in use was read before a write of its kind. */
  #check(values: readonly Value[]): void {
    for (const value of values) {
      if (value.kind === 'state' && value.epoch !== this.#epochs[value.state]) {
        throw new Error('a read of state is used after a write: bind it with let');
      }
      if (value.kind === 'op' || value.kind === 'call') this.#check(value.args);
      if (value.kind === 'condition') this.#check([value.value]);
      if (value.kind === 'select') this.#check([value.condition, value.ifTrue, value.ifFalse]);
    }
  }

  #push(statement: Statement, uses: readonly Value[]): void {
    this.#check(uses);
    this.#into.push(statement);
  }

  #collect(fill: () => void): readonly Statement[] {
    const outer = this.#into;
    const inner: Statement[] = [];
    this.#into = inner;
    fill();
    this.#into = outer;
    return inner;
  }

  #temp<T extends ValueType>(type: T): Temp<T> {
    return { id: this.#temps++, type };
  }

  #operand(operand: Operand): Operand {
    const known = this.operands.get(operand.key);
    if (known !== undefined) return known;
    this.operands.set(operand.key, operand);
    return operand;
  }

  #registerPlace(key: string, derive: (fields: V) => number): StatePlace {
    const register = this.#operand({ key, storage: 'u16', derive: derive as Operand['derive'] });
    return { register, offset: 0 };
  }

  #xPlace({ field }: OperandField, thirtyOne: keyof typeof X_SLOT): StatePlace {
    return this.#registerPlace(`${field}:${thirtyOne}`, (fields) => {
      const number = fields[field] ?? 0;
      return xOffset(number === 31 ? X_SLOT[thirtyOne] : number);
    });
  }

  #vPlace({ field }: OperandField, offset = 0): StatePlace {
    const place = this.#registerPlace(`${field}:v`, (fields) => vOffset(fields[field] ?? 0));
    return { register: place.register, offset };
  }

  #vPlusPlace({ field }: OperandField, plus: number): StatePlace {
    return this.#registerPlace(`${field}+${plus}:v`, (fields) => vOffset(((fields[field] ?? 0) + plus) % 32));
  }

  #lanePlace({ field }: OperandField, key: string, laneOffset: (fields: V) => number): StatePlace {
    return this.#registerPlace(
      `${field}:lane:${key}`,
      (fields) => vOffset(fields[field] ?? 0) + laneOffset(fields),
    );
  }

  #read(name: LoadName, state: StateKind, place: StatePlace): Value {
    return { kind: 'state', type: loadType(name), name, place, state, epoch: this.#epochs[state] };
  }

  #write(name: StoreName, state: StateKind, place: StatePlace, value: Value): void {
    this.#push({ kind: 'state-store', name, place, value }, [value]);
    this.#epochs[state]++;
  }
}

/** `'i64'` of `'i64.load32_u'`. */
type LoadTypeOf<N extends LoadName> = N extends `${infer T extends ValueType}.${string}` ? T : never;

const PLAIN_ACCESS: GuestAccess = { aligned: false, unprivileged: false, write: false };

function widened(value: Value<Int>): Value<'i64'> {
  return value.type === 'i64' ? (value as Value<'i64'>) : zeroExtend(value as Value<'i32'>);
}

type ParameterValues<P extends readonly ValueType[]> = {
  readonly [K in keyof P]: Value<P[K]> & { readonly kind: 'temp' };
};

/**
 * Declares a function in this language, to be called with `c.call`. It gets no registers: state comes in as parameters,
 * except fixed fields such as FPCR.
 */
export function helper<const P extends readonly ValueType[], R extends ValueType>(
  name: string,
  params: P,
  result: R,
  body: (c: Meaning, ...args: ParameterValues<P>) => Value<R>,
): Helper<R> {
  let made: HelperBody | undefined;
  return {
    name,
    params,
    result,
    body: () => {
      if (made === undefined) {
        const c = new Meaning();
        const args = params.map((type) => c.parameter(type));
        const value = body(c, ...(args as unknown as ParameterValues<P>));
        made = { params: args.map((arg) => arg.temp), statements: c.statements, result: value };
      }
      return made;
    },
  };
}

/** Declares what the TypeScript around the run loop does as something that helpers can call. */
export function hostFunction<R extends ValueType>(
  name: string,
  params: readonly ValueType[],
  result: R,
): Helper<R> {
  return { name, params, result, body: undefined };
}
