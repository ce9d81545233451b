/**
 * From meanings to WebAssembly. What differs between the interpreter's one big function, the functions of rare
 * instructions and, later, translated regions is behind {@link Surroundings}: where operands come from and how an
 * instruction ends. Everything else is here, once.
 */
import {
  call,
  constant,
  type Expr,
  type FunctionRef,
  get,
  i32,
  i64,
  type LoadName,
  type Local,
  label,
  load,
  MEMORY_OPCODES,
  op,
  opWithImmediate,
  type Stmt,
  type StoreName,
  select,
  set,
  store,
  tee,
  type ValueType,
} from '../../wasm/index.ts';
import type { Shape } from '../definition.ts';
import type { GuestAccess, Helper, Operand, Statement, StatePlace, Temp, Value } from '../meaning/value.ts';
import { STATE, TLB_ADDEND, TLB_ENTRIES, TLB_TABLE } from '../state.ts';
import { SYSTEM_OPERATION } from '../system/operation.ts';
import { accessDescriptor } from './access.ts';

/** The functions that meanings call, however the module at hand comes by them. */
export interface Runtime {
  /** (vCPU, address, descriptor) → where in memory the bytes are, or 0 for "leave". */
  readonly slowRead: FunctionRef;
  /** (vCPU, address, descriptor) → 0 when the bytes at `STATE.DATA` are written, else "leave". */
  readonly slowWrite: FunctionRef;
  /** (vCPU, operation, operand) → 0, or "leave". */
  readonly system: FunctionRef;
  helper(helper: Helper): FunctionRef;
}

export interface Surroundings {
  readonly runtime: Runtime;
  /** The vCPU's base address. */
  readonly cpu: Expr<'i32'>;
  /** The TLB set in use. */
  readonly tlb: Expr<'i32'>;
  operand(operand: Operand, type: ValueType): Expr;
  /** A local that nothing else in this instruction uses. */
  local<T extends ValueType>(type: T): Local<T>;
  /** Makes `STATE.RECORD` true. */
  saveRecord(): readonly Stmt[];
  /** Ends the instruction because of an exception or an exit that is noted in the state. */
  leave(): readonly Stmt[];
  /** Goes on at another instruction; `delta` is in bytes of records. */
  branch(delta: Operand): readonly Stmt[];
  jump(target: Expr<'i64'>): readonly Stmt[];
  pc(): Expr<'i64'>;
  pageAddress(): Expr<'i64'>;
  /** Where state is kept elsewhere than in memory: its value, or what writes it; `undefined` for memory. */
  readState?(name: LoadName, place: StatePlace): Expr | undefined;
  writeState?(name: StoreName, place: StatePlace, value: Expr): readonly Stmt[] | undefined;
  /** What was compared last, so that a condition needn't ask the flags; `undefined` where it has to. */
  compared?(a: Expr, b: Expr): readonly Stmt[];
  condition?(condition: number | Operand): Expr<'i32'> | undefined;
  /** What needs the system is left to another tier. */
  readonly leavesToSystem?: boolean;
}

const PAGE_MASK = ~0xfffn;
const PAGE_SHIFT = 12;
const TLB_ENTRY_SHIFT = 4;

/** The bytes of an expression's type at a place in memory. */
const BYTES_STORE = {
  i32: 'i32.store',
  i64: 'i64.store',
  f32: 'f32.store',
  f64: 'f64.store',
  v128: 'v128.store',
} as const;

/** An instruction's statements; before them, for floating point, the question whether it traps. */
export function instructionBody(shape: Shape, to: Surroundings): readonly Stmt[] {
  const body = new Emitter(to).statements(shape.statements);
  if (!shape.definition.floatingPoint) return body;
  const trapped = call(to.runtime.system, to.cpu, i32(SYSTEM_OPERATION.floatingPointTrap), i32(0));
  const trap: Stmt = {
    kind: 'if',
    condition: load('i32.load', to.cpu, STATE.FP_TRAPPED),
    consequent: [...to.saveRecord(), { kind: 'drop', value: trapped }, ...to.leave()],
    alternate: [],
  };
  return [trap, ...body];
}

type GuestLoad = Statement & { readonly kind: 'guest-load' };
type GuestStore = Statement & { readonly kind: 'guest-store' };

/** The size of each of two accesses of which the second begins where the first ends; `undefined` where they don't. */
function pairedBytes(first: GuestLoad | GuestStore, second: GuestLoad | GuestStore): number | undefined {
  const { sizeBytes } = MEMORY_OPCODES[first.name];
  const { aligned, unprivileged } = first.access;
  if (aligned || second.access.aligned || unprivileged !== second.access.unprivileged) return undefined;
  if (MEMORY_OPCODES[second.name].sizeBytes !== sizeBytes || first.address.kind !== 'temp') return undefined;
  if (second.address.kind !== 'op' || second.address.name !== 'i64.add') return undefined;
  const [base, distance] = second.address.args;
  const isNext =
    base?.kind === 'temp' &&
    base.temp === first.address.temp &&
    distance?.kind === 'const' &&
    distance.value === BigInt(sizeBytes);
  return isNext ? sizeBytes : undefined;
}

/** Emits one instruction, or one helper. */
export class Emitter {
  readonly #to: Surroundings;
  readonly #locals = new Map<number, Local>();

  constructor(to: Surroundings) {
    this.#to = to;
  }

  bind(temp: Temp, local: Local): void {
    this.#locals.set(temp.id, local);
  }

  statements(statements: readonly Statement[]): readonly Stmt[] {
    const made: Stmt[] = [];
    for (let at = 0; at < statements.length; at++) {
      const [statement, next] = [statements[at] as Statement, statements[at + 1]];
      const pair = next === undefined ? undefined : this.#pair(statement, next);
      made.push(...(pair ?? this.#statement(statement)));
      if (pair !== undefined) at++;
    }
    return made;
  }

  /** Two accesses side by side, as of LDP and STP, with one lookup for both: where that misses, each goes its slow path. */
  #pair(first: Statement, second: Statement): readonly Stmt[] | undefined {
    if (first.kind === 'guest-load' && second.kind === 'guest-load') {
      const sizeBytes = pairedBytes(first, second);
      if (sizeBytes === undefined) return undefined;
      const { address, entry, hit, host } = this.#lookup(first.address, 2 * sizeBytes, first.access);
      const descriptor = i32(accessDescriptor({ ...first.access, sizeBytes }));
      const slow = (statement: typeof first, at: Expr<'i64'>): readonly Stmt[] => [
        ...this.#slowRead(entry, at, descriptor),
        set(this.#local(statement.temp), load(statement.name, get(entry)) as Expr),
      ];
      return [
        {
          kind: 'if',
          condition: hit,
          consequent: [
            set(entry, host),
            set(this.#local(first.temp), load(first.name, get(entry)) as Expr),
            set(this.#local(second.temp), load(second.name, get(entry), sizeBytes) as Expr),
          ],
          alternate: [
            ...slow(first, get(address)),
            ...slow(second, op('i64.add', get(address), i64(BigInt(sizeBytes)))),
          ],
        },
      ];
    }
    if (first.kind !== 'guest-store' || second.kind !== 'guest-store') return undefined;
    const sizeBytes = pairedBytes(first, second);
    if (sizeBytes === undefined) return undefined;
    const values = [first, second].map((statement) => ({
      statement,
      local: this.#to.local(statement.value.type),
    }));
    const before = values.map(({ statement, local }) => set(local, this.#value(statement.value)));
    const { address, entry, hit, host } = this.#lookup(first.address, 2 * sizeBytes, first.access);
    const descriptor = i32(accessDescriptor({ ...first.access, sizeBytes }));
    const at = [get(address), op('i64.add', get(address), i64(BigInt(sizeBytes)))] as const;
    const stores = values.map(
      ({ statement, local }, index): Stmt => ({
        kind: 'store',
        name: statement.name,
        address: get(entry),
        value: get(local),
        offset: index * sizeBytes,
      }),
    );
    return [
      ...before,
      {
        kind: 'if',
        condition: hit,
        consequent: [set(entry, host), ...stores],
        alternate: values.flatMap(({ local }, index) =>
          this.#slowWrite(local, at[index] as Expr<'i64'>, descriptor),
        ),
      },
    ];
  }

  value<T extends ValueType>(value: Value<T>): Expr<T> {
    return this.#value(value) as Expr<T>;
  }

  #statement(statement: Statement): readonly Stmt[] {
    const to = this.#to;
    switch (statement.kind) {
      case 'set': {
        const value = this.#value(statement.value);
        return [set(this.#local(statement.temp), value)];
      }
      case 'state-store': {
        const { name, place } = statement;
        const written = to.writeState?.(name, place, this.#value(statement.value));
        if (written !== undefined) return written;
        return [
          {
            kind: 'store',
            name: statement.name,
            address: this.#address(statement.place),
            value: this.#value(statement.value),
            offset: statement.place.offset,
          },
        ];
      }
      case 'guest-load':
        return this.#guestLoad(statement);
      case 'guest-store':
        return this.#guestStore(statement);
      case 'if':
        return [
          {
            kind: 'if',
            condition: this.#value(statement.condition),
            consequent: this.statements(statement.consequent),
            alternate: this.statements(statement.alternate),
          },
        ];
      case 'compared':
        return to.compared?.(this.#value(statement.a), this.#value(statement.b)) ?? [];
      case 'while': {
        const done = label('done');
        const again = label('again');
        const stop = op('i32.eqz', this.value(statement.condition as Value<'i32'>));
        const body: readonly Stmt[] = [
          { kind: 'br-if', label: done, condition: stop },
          ...this.statements(statement.body),
          { kind: 'br', label: again },
        ];
        return [{ kind: 'block', label: done, body: [{ kind: 'loop', label: again, body }] }];
      }
      case 'memory-store':
        return [
          {
            kind: 'store',
            name: statement.name,
            address: this.value(statement.address as Value<'i32'>),
            value: this.#value(statement.value),
            offset: 0,
          },
        ];
      case 'return':
        return [{ kind: 'return', value: this.#value(statement.value) }];
      case 'branch':
        return to.branch(statement.delta);
      case 'jump':
        return to.jump(this.value(statement.target as Value<'i64'>));
      case 'system':
        return this.#system(statement);
    }
  }

  #system(statement: Statement & { readonly kind: 'system' }): readonly Stmt[] {
    const to = this.#to;
    if (to.leavesToSystem === true) return to.leave();
    const { argument, result } = statement;
    const operand = this.#value(statement.operand);
    return [
      ...(argument === undefined
        ? []
        : [store('i64.store', to.cpu, this.value(argument as Value<'i64'>), STATE.DATA)]),
      ...to.saveRecord(),
      {
        kind: 'if',
        condition: call(to.runtime.system, to.cpu, i32(statement.operation), operand),
        consequent: to.leave(),
        alternate: [],
      },
      ...(result === undefined
        ? []
        : [set(this.#local(result), load('i64.load', to.cpu, STATE.DATA) as Expr)]),
    ];
  }

  #guestLoad(statement: GuestLoad): readonly Stmt[] {
    const { sizeBytes } = MEMORY_OPCODES[statement.name];
    const { address, entry, hit, host } = this.#lookup(statement.address, sizeBytes, statement.access);
    const descriptor = i32(accessDescriptor({ ...statement.access, sizeBytes }));
    const place: Expr<'i32'> = {
      kind: 'if-value',
      type: 'i32',
      condition: hit,
      consequent: [],
      thenValue: host,
      alternate: this.#slowRead(entry, get(address), descriptor),
      elseValue: get(entry),
    };
    return [set(this.#local(statement.temp), load(statement.name, place) as Expr)];
  }

  /** Leaves in a local where the bytes are. */
  #slowRead(place: Local<'i32'>, address: Expr<'i64'>, descriptor: Expr<'i32'>): readonly Stmt[] {
    const to = this.#to;
    return [
      ...to.saveRecord(),
      set(place, call(to.runtime.slowRead, to.cpu, address, descriptor) as Expr<'i32'>),
      { kind: 'if', condition: op('i32.eqz', get(place)), consequent: to.leave(), alternate: [] },
    ];
  }

  #guestStore(statement: GuestStore): readonly Stmt[] {
    const { sizeBytes } = MEMORY_OPCODES[statement.name];
    const value = this.#to.local(statement.value.type);
    const before = set(value, this.#value(statement.value));
    const { address, hit, host } = this.#lookup(statement.address, sizeBytes, statement.access);
    const descriptor = i32(accessDescriptor({ ...statement.access, sizeBytes }));
    return [
      before,
      {
        kind: 'if',
        condition: hit,
        consequent: [{ kind: 'store', name: statement.name, address: host, value: get(value), offset: 0 }],
        alternate: this.#slowWrite(value, get(address), descriptor),
      },
    ];
  }

  #slowWrite(value: Local, address: Expr<'i64'>, descriptor: Expr<'i32'>): readonly Stmt[] {
    const to = this.#to;
    return [
      ...to.saveRecord(),
      {
        kind: 'store',
        name: BYTES_STORE[value.type],
        address: to.cpu,
        value: get(value),
        offset: STATE.DATA,
      },
      {
        kind: 'if',
        condition: call(to.runtime.slowWrite, to.cpu, address, descriptor),
        consequent: to.leave(),
        alternate: [],
      },
    ];
  }

  /**
   * The TLB lookup. The tag is compared with the page of the last byte, so that an access which crosses into the next page misses, and
   * where alignment is demanded with the low bits of the first byte as well.
   */
  #lookup(addressValue: Value, sizeBytes: number, access: GuestAccess) {
    const to = this.#to;
    const address = to.local('i64');
    const entry = to.local('i32');
    const table = access.write ? TLB_TABLE.write : TLB_TABLE.read;
    const ofUser = load('i32.load', to.cpu, STATE.USER_TLB);
    const indexBits = (TLB_ENTRIES - 1) << TLB_ENTRY_SHIFT;
    const page = op(
      'i64.shr_u',
      tee(address, this.value(addressValue as Value<'i64'>)),
      i64(BigInt(PAGE_SHIFT - TLB_ENTRY_SHIFT)),
    );
    const index = op('i32.and', op('i32.wrap_i64', page), i32(indexBits));
    const place = tee(entry, op('i32.add', index, access.unprivileged ? ofUser : to.tlb));
    const lastByte =
      access.aligned || sizeBytes === 1
        ? get(address)
        : op('i64.add', get(address), i64(BigInt(sizeBytes - 1)));
    const mask = access.aligned ? PAGE_MASK | BigInt(sizeBytes - 1) : PAGE_MASK;
    const hit = op('i64.eq', load('i64.load', place, table), op('i64.and', lastByte, i64(mask)));
    const addend = load('i32.load', get(entry), table + TLB_ADDEND);
    const host = op('i32.add', addend, op('i32.wrap_i64', get(address)));
    return { address, entry, hit, host };
  }

  #value(value: Value): Expr {
    const to = this.#to;
    switch (value.kind) {
      case 'const':
        return constant(value.type, value.value);
      case 'op':
        return opWithImmediate(
          value.name,
          value.immediate,
          value.args.map((arg) => this.#value(arg)),
        );
      case 'select':
        return select(
          this.#value(value.condition) as Expr<'i32'>,
          this.#value(value.ifTrue),
          this.#value(value.ifFalse),
        );
      case 'operand':
        return to.operand(value.operand, value.type);
      case 'temp':
        return get(this.#local(value.temp));
      case 'state':
        return (
          to.readState?.(value.name, value.place) ??
          load(value.name, this.#address(value.place), value.place.offset)
        );
      case 'pc':
        return to.pc();
      case 'page-address':
        return to.pageAddress();
      case 'cpu':
        return to.cpu;
      case 'condition':
        return to.condition?.(value.condition) ?? this.#value(value.value);
      case 'memory':
        return load(value.name, this.value(value.address as Value<'i32'>)) as Expr;
      case 'call':
        return call(to.runtime.helper(value.helper), to.cpu, ...value.args.map((arg) => this.#value(arg)));
    }
  }

  #address(place: StatePlace): Expr<'i32'> {
    if (place.register === undefined) return this.#to.cpu;
    return op('i32.add', this.#to.cpu, this.#to.operand(place.register, 'i32') as Expr<'i32'>);
  }

  #local(temp: Temp): Local {
    const known = this.#locals.get(temp.id);
    if (known !== undefined) return known;
    const local = this.#to.local(temp.type);
    this.#locals.set(temp.id, local);
    return local;
  }
}
