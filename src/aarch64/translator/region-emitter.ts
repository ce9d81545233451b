/**
 * A region as a WebAssembly function. Registers are read from the state once a block and written through, flags are locals; the
 * budget is counted at the ends of blocks and looked at where the run loop would: at branches taken and between pages. What is
 * more than filling a TLB (devices, faults, code) and what needs the system is left to the interpreter, at the instruction that wants
 * it: so nothing that a region doesn't know of ever happens while it runs.
 */

import {
  call,
  constant,
  type Expr,
  type FunctionBuilder,
  type FunctionRef,
  get,
  i32,
  i64,
  type Label,
  type Local,
  label,
  load,
  op,
  opWithImmediate,
  type Stmt,
  set,
  store,
  type ValueType,
} from '../../wasm/index.ts';
import { Emitter, type Runtime, type Surroundings } from '../core/emit.ts';
import { LocalPool, REGION_RESULT } from '../core/interpreter.ts';
import type { Operand, StatePlace } from '../meaning/value.ts';
import type { AnyFieldValues } from '../pattern.ts';
import { RECORD_BYTES, STATE, TLB_ADDEND, TLB_TABLE, X_SLOT, xOffset } from '../state.ts';
import { enterRegion, executeEntry, isNoRegion } from './link.ts';
import {
  type Block,
  type DecodedInstruction,
  pageOf,
  type Region,
  type RegionInstruction,
  type RegionPage,
  recordOf,
} from './region.ts';
import { Skeleton } from './skeleton.ts';
import { FLAG_TYPES } from './traits.ts';

const INSTRUCTION_BYTES = 4;
const PAGE_BYTES = 0x1000;
const X_END = xOffset(X_SLOT.sp) + 8;
const X_BYTES = 8;
/** Calls that a return may come back to; deeper ones are given up, for they stand on the engine's stack. */
const MAX_DEPTH = 100;

type Comparison = `${'ge' | 'lt' | 'gt' | 'le'}_${'u' | 's'}` | 'eq' | 'ne';
/** Conditions by number (Arm ARM C1.2.4), after a subtraction. */
const COMPARISONS: ReadonlyMap<number, Comparison> = new Map([
  [0, 'eq'],
  [1, 'ne'],
  [2, 'ge_u'],
  [3, 'lt_u'],
  [8, 'gt_u'],
  [9, 'le_u'],
  [10, 'ge_s'],
  [11, 'lt_s'],
  [12, 'gt_s'],
  [13, 'le_s'],
]);

/** Gives a function of `REGION_TYPE` its body; a block's position is its number as an entry. */
export function emitRegion(func: FunctionBuilder, runtime: Runtime, link: FunctionRef, region: Region): void {
  func.body = new RegionEmitter(func, runtime, link, region).body();
}

class RegionEmitter {
  readonly #region: Region;
  readonly #runtime: Runtime;
  readonly #link: FunctionRef;
  readonly #func: FunctionBuilder;
  readonly #pool: LocalPool;
  readonly #cpu: Expr<'i32'>;
  readonly #entry: Local<'i32'>;
  /** Sixteen times the instructions left. */
  readonly #remaining: Local<'i32'>;
  readonly #tlb: Expr<'i32'>;
  /** The address of the first page. */
  readonly #base: Local<'i64'>;
  /** The record, or the address, where it goes on outside. */
  readonly #out: Local<'i32'>;
  readonly #pc: Local<'i64'>;
  readonly #depth: Local<'i32'>;
  readonly #result: Local<'i32'>;
  readonly #flags = new Map<number, Local>();
  readonly #registers = new Map<number, Local<'i64'>>();
  /** Registers whose locals hold their values, in the block at hand. */
  readonly #known = new Set<number>();
  readonly #positions = new Map<number, number>();
  readonly #interpret = label('interpret');
  readonly #straight = label('straight');
  readonly #far = label('far');
  readonly #return = label('return');
  /** What was compared last in the block at hand, in locals of its own, if the flags are still those of it. */
  #compared: readonly [Expr, Expr] | undefined;
  readonly #comparison = new Map<ValueType, readonly [Local, Local]>();
  /** While an instruction with conditional parts is emitted nothing becomes known. */
  #cautious = false;
  /** What branches to a block, from the one at hand. */
  #to: (position: number) => readonly Stmt[] = () => [];

  constructor(func: FunctionBuilder, runtime: Runtime, link: FunctionRef, region: Region) {
    this.#func = func;
    this.#runtime = runtime;
    this.#link = link;
    this.#region = region;
    this.#pool = new LocalPool((type) => func.local(type));
    this.#cpu = get(func.param(0, 'i32'));
    this.#entry = func.param(1, 'i32');
    this.#remaining = func.param(2, 'i32');
    this.#tlb = get(func.param(3, 'i32'));
    this.#base = func.local('i64');
    this.#out = func.local('i32');
    this.#pc = func.local('i64');
    this.#depth = func.local('i32');
    this.#result = func.local('i32');
    const touchesFlags = region.blocks.some(({ instructions }) =>
      instructions.some(({ decoded }) => decoded.traits.touchesFlags),
    );
    if (touchesFlags) {
      for (const [offset, type] of FLAG_TYPES) this.#flags.set(offset, func.local(type));
    }
    for (const [position, { place }] of region.blocks.entries()) this.#positions.set(place, position);
  }

  body(): readonly Stmt[] {
    const { blocks } = this.#region;
    const successors = blocks.map(({ next, target, back }) =>
      [next, target, back].flatMap((place) => {
        const position = place === undefined ? undefined : this.#positions.get(place);
        return position === undefined ? [] : [position];
      }),
    );
    const skeleton = new Skeleton({
      successors,
      entries: blocks.flatMap(({ entry }, position) => (entry ? [position] : [])),
      target: this.#entry,
      body: (position, to) => {
        this.#to = to;
        return this.#block(blocks[position] as Block);
      },
    });
    const inner = skeleton.statements();
    const exits: readonly (readonly [Label, readonly Stmt[]])[] = [
      [this.#interpret, this.#leaveToInterpreter()],
      [this.#straight, this.#leaveStraight()],
      [this.#return, this.#leaveByReturn()],
      [this.#far, this.#goFar()],
    ];
    const wrapped = exits.reduce<readonly Stmt[]>(
      (body, [target, after]) => [{ kind: 'block', label: target, body }, ...after],
      inner,
    );
    return [...this.#findBase(), ...this.#loadFlags(), ...wrapped];
  }

  /** The page that it begins in need not be the first one. */
  #findBase(): readonly Stmt[] {
    const others = this.#region.blocks.flatMap(({ entry, page }, position) =>
      entry && page.delta !== 0 ? [{ position, delta: page.delta }] : [],
    );
    return [
      set(this.#base, load('i64.load', this.#cpu, STATE.PAGE_VA)),
      ...others.map(
        ({ position, delta }): Stmt => ({
          kind: 'if',
          condition: op('i32.eq', get(this.#entry), i32(position)),
          consequent: [set(this.#base, op('i64.sub', get(this.#base), i64(BigInt(delta * PAGE_BYTES))))],
          alternate: [],
        }),
      ),
    ];
  }

  #loadFlags(): readonly Stmt[] {
    return [...this.#flags].map(([offset, local]) =>
      set(local, load(local.type === 'i32' ? 'i32.load' : 'i64.load', this.#cpu, offset) as Expr),
    );
  }
  #storeFlags(): readonly Stmt[] {
    return [...this.#flags].map(([offset, local]) =>
      store(local.type === 'i32' ? 'i32.store' : 'i64.store', this.#cpu, get(local) as never, offset),
    );
  }

  // The ways out, each once in a region.

  #noteRecord(result: number): readonly Stmt[] {
    const out = get(this.#out);
    return [
      store('i32.store', this.#cpu, out, STATE.RECORD),
      store('i32.store', this.#cpu, op('i32.add', out, get(this.#remaining)), STATE.LIMIT),
      { kind: 'return', value: i32(result) },
    ];
  }

  #leaveToInterpreter(): readonly Stmt[] {
    return [...this.#storeFlags(), ...this.#noteRecord(REGION_RESULT.interpret)];
  }

  #leaveStraight(): readonly Stmt[] {
    return [
      ...this.#storeFlags(),
      {
        kind: 'if',
        condition: isNoRegion(get(this.#out)),
        consequent: this.#noteRecord(REGION_RESULT.straight),
        alternate: [],
      },
      enterRegion(this.#cpu, get(this.#out), get(this.#remaining), this.#tlb),
    ];
  }

  #leaveByReturn(): readonly Stmt[] {
    const returned: readonly Stmt[] = [
      ...this.#storeFlags(),
      store('i64.store', this.#cpu, get(this.#pc), STATE.PC),
      store('i32.store', this.#cpu, get(this.#remaining), STATE.REMAINING),
      { kind: 'return', value: i32(REGION_RESULT.returned) },
    ];
    const isCalled = load('i32.load', this.#cpu, STATE.CALL_DEPTH);
    return [{ kind: 'if', condition: isCalled, consequent: returned, alternate: [] }, ...this.#goFarNow()];
  }

  #goFar(): readonly Stmt[] {
    return [...this.#storeFlags(), this.#linkTo(get(this.#pc))];
  }
  #goFarNow(): readonly Stmt[] {
    return [{ kind: 'br', label: this.#far }];
  }

  #linkTo(target: Expr<'i64'>): Stmt {
    const args = [this.#cpu, target, get(this.#remaining), this.#tlb];
    return { kind: 'return-call', callee: this.#link, args };
  }

  // Blocks.

  #block(block: Block): readonly Stmt[] {
    this.#known.clear();
    this.#compared = undefined;
    let checked = false;
    const statements: Stmt[] = [];
    for (const [before, instruction] of block.instructions.entries()) {
      const { decoded } = instruction;
      const to = this.#surroundings(block, instruction, before);
      if (decoded.shape.definition.floatingPoint && !checked) {
        checked = true;
        const trapped = load('i32.load', this.#cpu, STATE.FP_TRAPPED);
        statements.push({ kind: 'if', condition: trapped, consequent: to.leave(), alternate: [] });
      }
      this.#cautious = decoded.traits.hasParts;
      if (!this.#cautious) statements.push(...this.#preload(decoded));
      statements.push(...new Emitter(to).statements(decoded.shape.statements));
    }
    if (block.next === undefined) return statements;
    return [...statements, ...this.#goOn(block, block.next)];
  }

  /** After a block whose last instruction didn't branch: the budget isn't looked at within a page. */
  #goOn(block: Block, next: number): readonly Stmt[] {
    const spent = this.#spend(block.instructions.length);
    if (pageOf(next) !== block.page.delta) return [spent, ...this.#take(block, next)];
    const position = this.#positions.get(next);
    if (position !== undefined) return [spent, ...this.#to(position)];
    return [spent, set(this.#out, i32(recordOf(block.page, next))), { kind: 'br', label: this.#straight }];
  }

  /** To where the budget, and in another page the TLB, are looked at. */
  #take(block: Block, place: number): readonly Stmt[] {
    const position = this.#positions.get(place);
    const outside: readonly Stmt[] = [set(this.#pc, this.#address(place)), ...this.#goFarNow()];
    if (position === undefined) return outside;
    const expired = op('i32.le_s', get(this.#remaining), i32(0));
    const { page } = this.#region.blocks[position] as Block;
    if (page === block.page) {
      return [{ kind: 'if', condition: expired, consequent: outside, alternate: [] }, ...this.#to(position)];
    }
    const va = this.#address(page.delta * (PAGE_BYTES / INSTRUCTION_BYTES));
    const entry = executeEntry(this.#tlb, va);
    const other = op(
      'i32.or',
      op('i64.ne', load('i64.load', entry, TLB_TABLE.execute), va),
      op('i32.ne', load('i32.load', entry, TLB_TABLE.execute + TLB_ADDEND), i32(page.records)),
    );
    return [
      { kind: 'if', condition: op('i32.or', expired, other), consequent: outside, alternate: [] },
      ...this.#enterPage(page),
      ...this.#to(position),
    ];
  }

  #enterPage(page: RegionPage): readonly Stmt[] {
    const va = this.#address(page.delta * (PAGE_BYTES / INSTRUCTION_BYTES));
    return [
      store('i64.store', this.#cpu, va, STATE.PAGE_VA),
      store('i32.store', this.#cpu, i32(page.records), STATE.PAGE_RECORDS),
    ];
  }

  #spend(instructions: number): Stmt {
    return set(this.#remaining, op('i32.sub', get(this.#remaining), i32(instructions * RECORD_BYTES)));
  }

  #address(place: number): Expr<'i64'> {
    return place === 0
      ? get(this.#base)
      : op('i64.add', get(this.#base), i64(BigInt(place * INSTRUCTION_BYTES)));
  }

  /** A call that is expected to come back; what comes of it otherwise is for whoever called this region. */
  #call(block: Block, target: Expr<'i64'>): readonly Stmt[] {
    const [cpu, depth, result] = [this.#cpu, get(this.#depth), get(this.#result)];
    const aside: readonly Stmt[] = [set(this.#pc, target), ...this.#goFarNow()];
    const position = block.back === undefined ? undefined : this.#positions.get(block.back);
    if (block.back === undefined || position === undefined) return aside;
    const args = [cpu, target, get(this.#remaining), this.#tlb];
    const elsewhere = op(
      'i32.or',
      op('i32.le_s', get(this.#remaining), i32(0)),
      op('i64.ne', get(this.#pc), this.#address(block.back)),
    );
    const unwinds = op('i32.ne', result, i32(REGION_RESULT.returned));
    return [
      set(this.#depth, load('i32.load', cpu, STATE.CALL_DEPTH)),
      {
        kind: 'if',
        condition: op('i32.ge_s', depth, i32(MAX_DEPTH)),
        consequent: aside,
        alternate: [],
      },
      store('i32.store', cpu, op('i32.add', depth, i32(1)), STATE.CALL_DEPTH),
      ...this.#storeFlags(),
      set(this.#result, call(this.#link, ...args) as Expr<'i32'>),
      store('i32.store', cpu, depth, STATE.CALL_DEPTH),
      { kind: 'if', condition: unwinds, consequent: [{ kind: 'return', value: result }], alternate: [] },
      set(this.#remaining, load('i32.load', cpu, STATE.REMAINING)),
      set(this.#pc, load('i64.load', cpu, STATE.PC)),
      ...this.#loadFlags(),
      { kind: 'br-if', label: this.#far, condition: elsewhere },
      ...(pageOf(block.back) === block.page.delta
        ? [...this.#enterPage(block.page), ...this.#to(position)]
        : this.#take(block, block.back)),
    ];
  }

  #surroundings(block: Block, { decoded, place, page }: RegionInstruction, before: number): Surroundings {
    const { fields, distance } = decoded;
    const { flow } = decoded.traits;
    const locals = this.#pool.lease();
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
        set(this.#out, i32(recordOf(page, place))),
        { kind: 'br', label: this.#interpret },
      ],
      branch: () => {
        const target = place + distance;
        const spent = this.#spend(before + 1);
        if (flow.kind === 'call') return [spent, ...this.#call(block, this.#address(target))];
        return [spent, ...this.#take(block, target)];
      },
      jump: (target) => {
        const spent = this.#spend(before + 1);
        if (flow.kind === 'call') {
          return [spent, set(this.#pc, target), ...this.#call(block, get(this.#pc))];
        }
        const out = flow.kind === 'return' ? this.#return : this.#far;
        return [spent, set(this.#pc, target), { kind: 'br', label: out }];
      },
      pc: () => this.#address(place),
      pageAddress: () => this.#address(page.delta * (PAGE_BYTES / INSTRUCTION_BYTES)),
      compared: (a, b) => this.#compare(a, b),
      condition: (condition) =>
        this.#holds(typeof condition === 'number' ? condition : Number(condition.derive(fields))),
      readState: (name, state) => {
        const offset = placeOffset(state, fields);
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
      writeState: (name, state, value) => {
        const offset = placeOffset(state, fields);
        const flag = this.#flags.get(offset);
        if (flag !== undefined) {
          this.#compared = undefined;
          return [set(flag, value)];
        }
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

  #compare(a: Expr, b: Expr): readonly Stmt[] {
    if (this.#cautious) return [];
    const locals = this.#comparison.get(a.type) ?? [this.#func.local(a.type), this.#func.local(a.type)];
    this.#comparison.set(a.type, locals);
    this.#compared = [get(locals[0]), get(locals[1])];
    return [set(locals[0], a), set(locals[1], b)];
  }

  /** A condition as a comparison of what was compared: V, and N alone, are asked of the flags. */
  #holds(condition: number): Expr<'i32'> | undefined {
    const name = COMPARISONS.get(condition);
    if (this.#compared === undefined || name === undefined) return undefined;
    const [a, b] = this.#compared;
    return opWithImmediate(`${a.type as 'i32' | 'i64'}.${name}`, [], [a, b]) as Expr<'i32'>;
  }

  /** Loads the registers that an instruction reads and that no local holds. */
  #preload({ traits, fields }: DecodedInstruction): readonly Stmt[] {
    const wanted = new Set<number>();
    for (const place of traits.reads) {
      const offset = placeOffset(place, fields);
      if (offset < X_END && offset !== xOffset(X_SLOT.zero) && !this.#known.has(offset)) wanted.add(offset);
    }
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

function placeOffset(place: StatePlace, fields: AnyFieldValues): number {
  return place.offset + (place.register === undefined ? 0 : Number(place.register.derive(fields)));
}

/** What a record would hold of an operand. */
function operandValue(operand: Operand, fields: AnyFieldValues, type: ValueType): Expr {
  const value = BigInt(operand.derive(fields));
  const held = {
    u16: BigInt.asUintN(16, value),
    s16: BigInt.asIntN(16, value),
    i32: BigInt.asIntN(32, value),
    i64: BigInt.asIntN(64, value),
  }[operand.storage];
  return type === 'i64' ? constant('i64', held) : constant('i32', Number(BigInt.asIntN(32, held)));
}
