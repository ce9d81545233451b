/**
 * A region as a function of the kind that rare instructions are: (vCPU, record of the entry, TLB set) → what next. The budget
 * is counted at the ends of blocks and looked at where a branch is taken, as the run loop does. What is more than an access
 * to RAM (devices, faults, code) and what needs the system is left to the interpreter, at the instruction that wants it.
 */

import {
  call,
  constant,
  type Expr,
  type FunctionBuilder,
  get,
  i32,
  i64,
  type Label,
  type Local,
  label,
  load,
  type ModuleBuilder,
  op,
  type Stmt,
  set,
  store,
  type ValueType,
} from '../../wasm/index.ts';
import { coldBody } from '../core/cold.ts';
import { Emitter, type Runtime, type Surroundings } from '../core/emit.ts';
import { COLD_RESULT, COLD_TYPE, LocalPool, RUNTIME_TYPES } from '../core/interpreter.ts';
import type { Operand, Statement, StatePlace, Value } from '../meaning/value.ts';
import { RECORD_BYTES, RECORDS_PER_PAGE, STATE, X_SLOT, xOffset } from '../state.ts';
import type { Block, Region, RegionInstruction } from './region.ts';

const INSTRUCTION_BYTES = 4;
const X_END = xOffset(X_SLOT.sp) + 8;
const X_BYTES = 8;
/** Flags are locals for the whole region. */
const FLAG_TYPES: ReadonlyMap<number, 'i32' | 'i64'> = new Map([
  [STATE.N, 'i64'],
  [STATE.Z, 'i64'],
  [STATE.OVERFLOW, 'i64'],
  [STATE.CARRY, 'i32'],
]);

/** Adds the function of a region to a module, exported as `f` and its number. */
export function emitRegion(module: ModuleBuilder, runtime: Runtime, region: Region, number: number): void {
  const entry = region.blocks[0]?.instructions[0];
  if (entry === undefined) throw new Error('an empty region');
  const original = module.function(`entry${number}`, COLD_TYPE);
  original.body = coldBody(original, entry.shape, runtime);
  const func = module.function(`region${number}`, COLD_TYPE);
  const plain: Runtime = {
    slowRead: module.importFunction('env', 'plainRead', RUNTIME_TYPES.plainRead),
    slowWrite: module.importFunction('env', 'plainWrite', RUNTIME_TYPES.plainWrite),
    system: runtime.system,
    helper: (helper) => runtime.helper(helper),
  };
  func.body = new RegionEmitter(func, original, region, plain).body();
  module.export(`f${number}`, func);
}

class RegionEmitter {
  readonly #region: Region;
  readonly #runtime: Runtime;
  readonly #original: FunctionBuilder;
  readonly #func: FunctionBuilder;
  readonly #pool: LocalPool;
  readonly #cpu: Expr<'i32'>;
  readonly #record: Expr<'i32'>;
  readonly #tlb: Expr<'i32'>;
  /** Sixteen times the instructions left. */
  readonly #remaining: Local<'i32'>;
  /** Where it goes on: from the entry's record, in bytes of records. */
  readonly #out: Local<'i32'>;
  readonly #pc: Local<'i64'>;
  readonly #flags = new Map<number, Local>();
  readonly #registers = new Map<number, Local<'i64'>>();
  /** Registers whose locals hold their values, in the block at hand. */
  readonly #known = new Set<number>();
  readonly #positions = new Map<number, number>();
  readonly #loopEnds: readonly (number | undefined)[];
  readonly #scope = new Map<number, Label>();
  readonly #interpret = label('interpret');
  readonly #arrive = label('arrive');
  readonly #far = label('far');
  /** While an instruction with conditional parts is emitted nothing becomes known. */
  #cautious = false;

  constructor(func: FunctionBuilder, original: FunctionBuilder, region: Region, runtime: Runtime) {
    this.#func = func;
    this.#original = original;
    this.#region = region;
    this.#runtime = runtime;
    this.#pool = new LocalPool((type) => func.local(type));
    this.#cpu = get(func.param(0, 'i32'));
    this.#record = get(func.param(1, 'i32'));
    this.#tlb = get(func.param(2, 'i32'));
    this.#remaining = func.local('i32');
    this.#out = func.local('i32');
    this.#pc = func.local('i64');
    for (const [offset, type] of FLAG_TYPES) this.#flags.set(offset, func.local(type));
    for (const [position, { instructions }] of region.blocks.entries()) {
      this.#positions.set(instructions[0]?.index ?? -1, position);
    }
    this.#loopEnds = this.#findLoops();
  }

  body(): readonly Stmt[] {
    const cpu = this.#cpu;
    const blocks = this.#level(0, this.#region.blocks.length, undefined);
    const flagLoads = [...this.#flags].map(([offset, local]) =>
      set(local, load(local.type === 'i32' ? 'i32.load' : 'i64.load', cpu, offset) as Expr),
    );
    const flagStores = [...this.#flags].map(([offset, local]) =>
      store(local.type === 'i32' ? 'i32.store' : 'i64.store', cpu, get(local) as never, offset),
    );
    const remaining = get(this.#remaining);
    const at = op('i32.add', this.#record, get(this.#out));
    const note: readonly Stmt[] = [
      store('i32.store', cpu, at, STATE.RECORD),
      store('i32.store', cpu, op('i32.add', at, remaining), STATE.LIMIT),
    ];
    const interpret: readonly Stmt[] = [
      ...flagStores,
      ...note,
      {
        kind: 'if',
        condition: get(this.#out),
        consequent: [{ kind: 'return', value: i32(COLD_RESULT.goOn) }],
        alternate: [],
      },
      // The entry's own record leads here again: its instruction is done by the function that would do it elsewhere.
      { kind: 'return', value: call(this.#original, cpu, this.#record, this.#tlb) },
    ];
    const arrive: readonly Stmt[] = [
      ...flagStores,
      ...note,
      {
        kind: 'if',
        condition: op('i32.gt_s', remaining, i32(0)),
        consequent: [{ kind: 'return', value: i32(COLD_RESULT.goOn) }],
        alternate: [],
      },
      { kind: 'return', value: i32(COLD_RESULT.expired) },
    ];
    const far: readonly Stmt[] = [
      ...flagStores,
      store('i64.store', cpu, get(this.#pc), STATE.PC),
      store('i32.store', cpu, remaining, STATE.REMAINING),
      { kind: 'return', value: i32(COLD_RESULT.lookup) },
    ];
    const inner: Stmt = { kind: 'block', label: this.#interpret, body: blocks };
    const middle: Stmt = { kind: 'block', label: this.#arrive, body: [inner, ...interpret] };
    return [
      set(this.#remaining, op('i32.sub', load('i32.load', cpu, STATE.LIMIT), this.#record)),
      ...flagLoads,
      { kind: 'block', label: this.#far, body: [middle, ...arrive] },
      ...far,
    ];
  }

  /** For each block that is branched back to, the last one of its loop. Loops nest: what overlaps becomes one. */
  #findLoops(): readonly (number | undefined)[] {
    const ends: (number | undefined)[] = this.#region.blocks.map(() => undefined);
    for (const [position, { next, target }] of this.#region.blocks.entries()) {
      for (const to of [next, target]) {
        const at = to === undefined ? undefined : this.#positions.get(to);
        if (at !== undefined && at <= position) ends[at] = Math.max(ends[at] ?? 0, position);
      }
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (const [start, end] of ends.entries()) {
        if (end === undefined) continue;
        for (let inside = start + 1; inside <= end; inside++) {
          const other = ends[inside];
          if (other === undefined || other <= (ends[start] ?? 0)) continue;
          ends[start] = other;
          changed = true;
        }
      }
    }
    return ends;
  }

  /** Blocks `from` to `to`, each in reach of those before it. `opened`: the loop that these blocks are. */
  #level(from: number, to: number, opened: number | undefined): readonly Stmt[] {
    const items: { readonly start: number; readonly end: number; readonly loop: boolean }[] = [];
    for (let start = from; start < to; ) {
      const last = start === opened ? undefined : this.#loopEnds[start];
      const end = (last ?? start) + 1;
      items.push({ start, end, loop: last !== undefined });
      start = end;
    }
    const labels = items.map(({ start }) => label(`block${start}`));
    for (const [index, { start }] of items.entries()) {
      if (index > 0) this.#scope.set(start, labels[index] as Label);
    }
    let body: readonly Stmt[] = [];
    for (const [index, { start, end, loop }] of items.entries()) {
      if (index > 0) {
        body = [{ kind: 'block', label: labels[index] as Label, body }];
        this.#scope.delete(start);
      }
      if (loop) {
        const again = label(`loop${start}`);
        this.#scope.set(start, again);
        body = [...body, { kind: 'loop', label: again, body: this.#level(start, end, start) }];
        this.#scope.delete(start);
      } else body = [...body, ...this.#block(start)];
    }
    return body;
  }

  #block(position: number): readonly Stmt[] {
    const block = this.#region.blocks[position] as Block;
    this.#known.clear();
    let checked = false;
    const statements: Stmt[] = [];
    for (const [before, instruction] of block.instructions.entries()) {
      const to = this.#surroundings(instruction, before);
      if (instruction.shape.definition.floatingPoint && !checked) {
        checked = true;
        const trapped = load('i32.load', this.#cpu, STATE.FP_TRAPPED);
        statements.push({ kind: 'if', condition: trapped, consequent: to.leave(), alternate: [] });
      }
      this.#cautious = hasParts(instruction);
      if (!this.#cautious) statements.push(...this.#preload(instruction));
      statements.push(...new Emitter(to).statements(instruction.shape.statements));
    }
    if (block.next === undefined) return statements;
    statements.push(this.#spend(block.instructions.length));
    const next = this.#positions.get(block.next);
    if (next === position + 1) return statements;
    const scope = next === undefined ? undefined : this.#scope.get(next);
    if (scope !== undefined) return [...statements, { kind: 'br', label: scope }];
    return [...statements, this.#setOut(block.next), { kind: 'br', label: this.#interpret }];
  }

  #spend(instructions: number): Stmt {
    return set(this.#remaining, op('i32.sub', get(this.#remaining), i32(instructions * RECORD_BYTES)));
  }
  #setOut(index: number): Stmt {
    return set(this.#out, i32((index - this.#region.entry) * RECORD_BYTES));
  }

  #surroundings({ index, fields }: RegionInstruction, before: number): Surroundings {
    const locals = this.#pool.lease();
    const pageAddress = (): Expr<'i64'> => load('i64.load', this.#cpu, STATE.PAGE_VA);
    const addressOf = (at: number): Expr<'i64'> =>
      op('i64.add', pageAddress(), i64(BigInt(at * INSTRUCTION_BYTES)));
    const far = (target: Expr<'i64'>): readonly Stmt[] => [
      set(this.#pc, target),
      this.#spend(before + 1),
      { kind: 'br', label: this.#far },
    ];
    return {
      runtime: this.#runtime,
      cpu: this.#cpu,
      tlb: this.#tlb,
      operand: (operand, type) => operandValue(operand, fields, type),
      local: (type) => locals(type),
      saveRecord: () => ({ kind: 'drop', value: i32(0) }),
      leavesToSystem: true,
      leave: () => [
        ...(before === 0 ? [] : [this.#spend(before)]),
        this.#setOut(index),
        { kind: 'br', label: this.#interpret },
      ],
      branch: (delta) => {
        const target = index + Number(delta.derive(fields)) / RECORD_BYTES;
        if (target < 0 || target >= RECORDS_PER_PAGE) return far(addressOf(target));
        const position = this.#positions.get(target);
        const inside = position === undefined ? undefined : this.#scope.get(position);
        const arrive: readonly Stmt[] = [this.#setOut(target), { kind: 'br', label: this.#arrive }];
        if (inside === undefined) return [this.#spend(before + 1), ...arrive];
        const expired = op('i32.le_s', get(this.#remaining), i32(0));
        return [
          this.#spend(before + 1),
          { kind: 'if', condition: expired, consequent: arrive, alternate: [] },
          { kind: 'br', label: inside },
        ];
      },
      jump: far,
      pc: () => addressOf(index),
      pageAddress,
      readState: (name, place) => {
        const offset = placeOffset(place, fields);
        const flag = this.#flags.get(offset);
        if (flag !== undefined) return get(flag);
        if (offset >= X_END) return load(name, this.#cpu, offset) as Expr;
        const narrow = name === 'i32.load';
        if (offset === xOffset(X_SLOT.zero)) return narrow ? i32(0) : i64(0n);
        const local = this.#known.has(offset) ? this.#registers.get(offset) : undefined;
        if (local === undefined || (!narrow && name !== 'i64.load')) {
          return load(name, this.#cpu, offset) as Expr;
        }
        return narrow ? op('i32.wrap_i64', get(local)) : get(local);
      },
      writeState: (name, place, value) => {
        const offset = placeOffset(place, fields);
        const flag = this.#flags.get(offset);
        if (flag !== undefined) return [set(flag, value)];
        const inMemory = (written: Expr): Stmt => ({
          kind: 'store',
          name,
          address: this.#cpu,
          value: written,
          offset,
        });
        if (offset >= X_END) return [inMemory(value)];
        if (offset === xOffset(X_SLOT.discard)) return [{ kind: 'drop', value }];
        if (this.#cautious && !this.#known.has(offset)) return [inMemory(value)];
        const local = this.#registerLocal(offset);
        this.#known.add(offset);
        return [set(local, value), inMemory(get(local))];
      },
    };
  }

  /** Loads the registers that an instruction reads and that no local holds. */
  #preload({ shape, fields }: RegionInstruction): readonly Stmt[] {
    const wanted = new Set<number>();
    visitReads(shape.statements, (place) => {
      const offset = placeOffset(place, fields);
      if (offset < X_END && offset !== xOffset(X_SLOT.zero) && !this.#known.has(offset)) wanted.add(offset);
    });
    return [...wanted].map((offset) => {
      this.#known.add(offset);
      return set(this.#registerLocal(offset), load('i64.load', this.#cpu, offset));
    });
  }

  #registerLocal(offset: number): Local<'i64'> {
    if (offset % X_BYTES !== 0) throw new Error(`no register lies at ${offset}`);
    const known = this.#registers.get(offset);
    if (known !== undefined) return known;
    const made = this.#func.local('i64');
    this.#registers.set(offset, made);
    return made;
  }
}

function placeOffset(place: StatePlace, fields: RegionInstruction['fields']): number {
  return place.offset + (place.register === undefined ? 0 : Number(place.register.derive(fields)));
}

/** What a record would hold of an operand. */
function operandValue(operand: Operand, fields: RegionInstruction['fields'], type: ValueType): Expr {
  const value = BigInt(operand.derive(fields));
  const held = {
    u16: BigInt.asUintN(16, value),
    s16: BigInt.asIntN(16, value),
    i32: BigInt.asIntN(32, value),
    i64: BigInt.asIntN(64, value),
  }[operand.storage];
  return type === 'i64' ? constant('i64', held) : constant('i32', Number(BigInt.asIntN(32, held)));
}

/** Whether parts of it are done only under a condition, other than a branch. */
function hasParts({ shape }: RegionInstruction): boolean {
  return shape.statements.some(
    (statement) =>
      statement.kind === 'while' ||
      (statement.kind === 'if' &&
        !(statement.consequent.length === 1 && statement.consequent[0]?.kind === 'branch')),
  );
}

function visitReads(statements: readonly Statement[], visit: (place: StatePlace) => void): void {
  const value = (it: Value): void => {
    if (it.kind === 'state') visit(it.place);
    else if (it.kind === 'op' || it.kind === 'call') for (const arg of it.args) value(arg);
    else if (it.kind === 'select') for (const arg of [it.condition, it.ifTrue, it.ifFalse]) value(arg);
    else if (it.kind === 'memory') value(it.address);
  };
  for (const statement of statements) {
    if ('value' in statement) value(statement.value);
    if ('address' in statement) value(statement.address);
    if ('condition' in statement) value(statement.condition);
    if (statement.kind === 'jump') value(statement.target);
    if (statement.kind === 'if') {
      visitReads(statement.consequent, visit);
      visitReads(statement.alternate, visit);
    }
  }
}
