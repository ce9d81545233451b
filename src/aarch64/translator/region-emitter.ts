/**
 * A region as a WebAssembly function. Registers are read from the state once a block and written through, flags are locals; the
 * budget is counted at the ends of blocks and looked at where the run loop would: at branches taken and between pages. What is
 * more than filling a TLB (devices, faults, code) and what needs the system is left to the interpreter, at the instruction that wants
 * it: so nothing that a region doesn't know of ever happens while it runs.
 */

import {
  type CodeWriter,
  call,
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
  type Stmt,
  set,
  store,
  type ValueType,
} from '../../wasm/index.ts';
import type { Runtime } from '../core/emit.ts';
import { REGION_RESULT } from '../core/interpreter.ts';
import type { Operand, StatePlace } from '../meaning/value.ts';
import type { AnyFieldValues } from '../pattern.ts';
import { RECORD_BYTES, STATE, TLB_ADDEND, TLB_TABLE, X_SLOT, xOffset } from '../state.ts';
import type { LazyFlags } from './lazy-flags.ts';
import { enterRegion, executeEntry, isNoRegion } from './link.ts';
import {
  type Block,
  pageOf,
  type Region,
  type RegionInstruction,
  type RegionPage,
  recordOf,
} from './region.ts';
import { type Loop, Skeleton } from './skeleton.ts';
import {
  type Callee,
  COMPARED,
  type Compared,
  FLAGS,
  FLAGS_IN,
  GAP,
  type Gap,
  type InstructionTemplate,
  placeOffset,
  REGION_LOCAL_TYPES,
  REGION_LOCALS,
  type Templates,
  X_END,
} from './template.ts';

const INSTRUCTION_BYTES = 4;
const PAGE_BYTES = 0x1000;
const X_BYTES = 8;
const STACK_POINTER_BIT = 31;
const ZERO = xOffset(X_SLOT.zero);
const DISCARD = xOffset(X_SLOT.discard);
/** Calls that a return may come back to; deeper ones are given up, for they stand on the engine's stack. */
const MAX_DEPTH = 100;

/** A loop, and the registers that are in their locals throughout. */
interface Carried {
  readonly loop: Loop;
  readonly registers: number;
  /** Those that are written: the state has them again where the loop is left, by the same ways but each with a label of its own. */
  readonly written: number;
  readonly ways: ReadonlyMap<Label, Way>;
}
interface Way {
  readonly label: Label;
  isUsed: boolean;
}

/** What regions of one module share. */
export interface RegionSetting {
  readonly runtime: Runtime;
  readonly link: FunctionRef;
  readonly templates: Templates;
  readonly lazyFlags: LazyFlags;
}

/** Gives a function of `REGION_TYPE` its body; a block's position is its number as an entry. */
export function emitRegion(func: FunctionBuilder, setting: RegionSetting, region: Region): void {
  func.body = new RegionEmitter(func, setting, region).body();
}

const local = <T extends ValueType>(index: number, type: T): Local<T> => ({ index, type });

class RegionEmitter {
  readonly #region: Region;
  readonly #setting: RegionSetting;
  readonly #func: FunctionBuilder;
  readonly #cpu = get(local(REGION_LOCALS.cpu, 'i32'));
  readonly #entry = local(REGION_LOCALS.entry, 'i32');
  readonly #remaining = local(REGION_LOCALS.remaining, 'i32');
  readonly #tlb = get(local(REGION_LOCALS.tlb, 'i32'));
  readonly #base = local(REGION_LOCALS.base, 'i64');
  readonly #out = local(REGION_LOCALS.out, 'i32');
  readonly #pc = local(REGION_LOCALS.pc, 'i64');
  readonly #depth = local(REGION_LOCALS.depth, 'i32');
  readonly #result = local(REGION_LOCALS.result, 'i32');
  readonly #flags = local(REGION_LOCALS.flags, 'i32');
  readonly #touchesFlags: boolean;
  /** Whether the flags' locals hold them, in the block at hand. */
  #flagsHeld = false;
  /** Locals of registers, by their slots; and for single instructions, by type and number. */
  readonly #registers: (number | undefined)[] = [];
  readonly #temporaries = new Map<ValueType, number[]>();
  /** Registers whose locals hold their values, in the block at hand: a bit for each, by {@link bitOf}. */
  #known = 0;
  #compared: Compared = COMPARED.nothing;
  /** The same at the ends of blocks that are written; from where each may be reached, and whether by a return to it. */
  readonly #after: ({ readonly known: number; readonly compared: Compared } | undefined)[] = [];
  readonly #predecessors: { readonly from: number; readonly returns: boolean }[][];
  readonly #carried: Carried[] = [];
  /** The loop of the block at hand. */
  #current: Carried | undefined;
  readonly #callees = new Map<Callee, FunctionRef>();
  readonly #positions = new Map<number, number>();
  readonly #interpret = label('interpret');
  readonly #straight = label('straight');
  readonly #far = label('far');
  readonly #return = label('return');
  /** What branches to a block, from the one at hand. */
  #to: (position: number) => readonly Stmt[] = () => [];

  constructor(func: FunctionBuilder, setting: RegionSetting, region: Region) {
    this.#func = func;
    this.#setting = setting;
    this.#region = region;
    this.#predecessors = region.blocks.map(() => []);
    for (const type of REGION_LOCAL_TYPES) func.local(type);
    const { runtime } = setting;
    this.#callees.set('read', runtime.slowRead);
    this.#callees.set('write', runtime.slowWrite);
    let touchesFlags = false;
    for (const { instructions } of region.blocks) {
      for (const { decoded } of instructions) {
        touchesFlags ||= decoded.traits.touchesFlags;
        for (const helper of decoded.traits.helpers) {
          if (!this.#callees.has(helper)) this.#callees.set(helper, runtime.helper(helper));
        }
      }
    }
    this.#touchesFlags = touchesFlags;
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
    for (const [from, { back }] of blocks.entries()) {
      for (const to of successors[from] ?? []) {
        const place = blocks[to]?.place;
        this.#predecessors[to]?.push({ from, returns: place === back });
      }
    }
    const skeleton = new Skeleton({
      successors,
      beforeLoop: (loop) => this.#beforeLoop(loop),
      entries: blocks.flatMap(({ entry }, position) => (entry ? [position] : [])),
      target: this.#entry,
      body: (position, to) => {
        // Where the branches lead is known now; what is between them is written later.
        const ways = new Map(successors[position]?.map((successor) => [successor, to(successor)]));
        const write = (writer: CodeWriter): void => {
          const loop = this.#carriedAt(position);
          this.#current = loop;
          this.#to = (successor) => {
            const way = ways.get(successor) ?? [];
            const leaves = this.#carriedAt(successor) !== loop || skeleton.isHard(position, successor);
            return loop !== undefined && leaves ? [...this.#storeWritten(loop), ...way] : way;
          };
          this.#begin(position, skeleton.isDispatched(position));
          this.#block(blocks[position] as Block, writer);
          this.#after[position] = { known: this.#known, compared: this.#compared };
        };
        return [{ kind: 'written', write }];
      },
    });
    this.#findCarried(skeleton.loops);
    const inner = skeleton.statements();
    const exits: readonly (readonly [Label, readonly Stmt[]])[] = [
      ...this.#carried.flatMap((loop) =>
        [...loop.ways].map(([target, way]) => this.#wayOut(loop, target, way)),
      ),
      [this.#interpret, this.#leaveToInterpreter()],
      [this.#straight, this.#leaveStraight()],
      [this.#return, this.#leaveByReturn()],
      [this.#far, this.#goFar()],
    ];
    const wrapped = exits.reduce<readonly Stmt[]>(
      (body, [target, after]) => [{ kind: 'block', label: target, body }, ...after],
      inner,
    );
    return [...this.#findBase(), ...this.#leaveFlags(), ...wrapped];
  }

  /** What a loop left in locals goes to the state; then as from anywhere. */
  #wayOut(loop: Carried, target: Label, way: Way): readonly [Label, readonly Stmt[]] {
    const write = (writer: CodeWriter): void => {
      if (way.isUsed) writer.statements([...this.#storeWritten(loop), { kind: 'br', label: target }]);
    };
    return [way.label, [{ kind: 'written', write }]];
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

  /** The flags are in the state: they are loaded when somebody asks for them. */
  #leaveFlags(): readonly Stmt[] {
    return this.#touchesFlags ? [set(this.#flags, i32(FLAGS_IN.state))] : [];
  }

  #storeFlags(): readonly Stmt[] {
    if (!this.#touchesFlags) return [];
    const stores = FLAGS.map(([offset, flag]) =>
      store(flag.type === 'i32' ? 'i32.store' : 'i64.store', this.#cpu, get(flag) as never, offset),
    );
    const isHeld = op('i32.eqz', get(this.#flags));
    return [{ kind: 'if', condition: isHeld, consequent: stores, alternate: this.#storeCompared() }];
  }

  /** Stores the flags of what was compared, if they are those. */
  #storeCompared(): readonly Stmt[] {
    const { flags32, flags64 } = this.#setting.lazyFlags;
    const when = (
      place: number,
      callee: FunctionRef,
      first: Expr,
      second: Expr,
      alternate: readonly Stmt[],
    ) =>
      ({
        kind: 'if',
        condition: op('i32.eq', get(this.#flags), i32(place)),
        consequent: [{ kind: 'drop', value: call(callee, this.#cpu, first, second) }],
        alternate,
      }) as const satisfies Stmt;
    const { compared32, compared64 } = REGION_LOCALS;
    const [a32, b32] = [get(local(compared32, 'i32')), get(local(compared32 + 1, 'i32'))];
    const [a64, b64] = [get(local(compared64, 'i64')), get(local(compared64 + 1, 'i64'))];
    const wide = when(FLAGS_IN.compared64, flags64, a64, b64, []);
    return [when(FLAGS_IN.compared32, flags32, a32, b32, [wide])];
  }

  /** Has the flags in their locals. */
  #holdFlags(): readonly Stmt[] {
    const loads = FLAGS.map(([offset, flag]) =>
      set(flag, load(flag.type === 'i32' ? 'i32.load' : 'i64.load', this.#cpu, offset) as Expr),
    );
    const fetch = [...this.#storeCompared(), ...loads, ...this.#leaveFlags()];
    return [{ kind: 'if', condition: get(this.#flags), consequent: fetch, alternate: [] }];
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
    return [
      { kind: 'if', condition: isCalled, consequent: returned, alternate: [] },
      { kind: 'br', label: this.#far },
    ];
  }

  #goFar(): readonly Stmt[] {
    return [...this.#storeFlags(), this.#linkTo(get(this.#pc))];
  }
  #goFarNow(): readonly Stmt[] {
    return [{ kind: 'br', label: this.#way(this.#far) }];
  }

  #linkTo(target: Expr<'i64'>): Stmt {
    const args = [this.#cpu, target, get(this.#remaining), this.#tlb];
    return { kind: 'return-call', callee: this.#setting.link, args };
  }

  // Blocks.

  /** Loops in which nothing but the region changes registers: what they read stays in locals while they run. */
  #findCarried(loops: readonly Loop[]): void {
    const { blocks } = this.#region;
    for (const loop of loops) {
      const inside = blocks.slice(loop.from, loop.to + 1);
      if (inside.some(({ back }) => back !== undefined) || this.#carriedAt(loop.from) !== undefined) continue;
      let [read, written] = [0, 0];
      for (const { decoded } of inside.flatMap(({ instructions }) => instructions)) {
        read |= registersAt(decoded.traits.reads, decoded.fields);
        written |= registersAt(decoded.traits.writes, decoded.fields);
      }
      const ways = [this.#interpret, this.#straight, this.#return, this.#far].map(
        (way) => [way, { label: label(`${way.name}${loop.from}`), isUsed: false }] as const,
      );
      this.#carried.push({
        loop,
        registers: read | written,
        written,
        ways: new Map(written === 0 ? [] : ways),
      });
    }
  }

  /** A way out of the region from the block at hand. */
  #way(target: Label): Label {
    const way = this.#current?.ways.get(target);
    if (way === undefined) return target;
    way.isUsed = true;
    return way.label;
  }

  #storeWritten({ written }: Carried): readonly Stmt[] {
    return offsetsOf(written).map((offset) =>
      store('i64.store', this.#cpu, get(local(this.#registerLocal(offset), 'i64')), offset),
    );
  }

  #carriedAt(position: number): Carried | undefined {
    return this.#carried.find(({ loop }) => loop.from <= position && position <= loop.to);
  }

  #beforeLoop(loop: Loop): readonly Stmt[] {
    const registers = this.#carried.find((carried) => carried.loop === loop)?.registers ?? 0;
    return offsetsOf(registers).map((offset) =>
      set(local(this.#registerLocal(offset), 'i64'), load('i64.load', this.#cpu, offset)),
    );
  }

  /** What is known at a block's beginning: what its loop carries, and what is known wherever it is come from. */
  #begin(position: number, isDispatched: boolean): void {
    this.#known = this.#carriedAt(position)?.registers ?? 0;
    this.#flagsHeld = false;
    this.#compared = COMPARED.nothing;
    const { entry } = this.#region.blocks[position] as Block;
    if (isDispatched || entry) return;
    let known = -1;
    let compared: Compared | undefined;
    for (const { from, returns } of this.#predecessors[position] ?? []) {
      const before = this.#after[from];
      if (before === undefined || returns) return;
      known &= before.known;
      compared = compared === undefined || compared === before.compared ? before.compared : COMPARED.nothing;
    }
    if (compared === undefined) return;
    this.#known |= known;
    this.#compared = compared;
  }

  #block(block: Block, writer: CodeWriter): void {
    let checked = false;
    for (const [before, instruction] of block.instructions.entries()) {
      const { decoded } = instruction;
      if (decoded.shape.definition.floatingPoint && !checked) {
        checked = true;
        const condition = load('i32.load', this.#cpu, STATE.FP_TRAPPED);
        const leave: Stmt = { kind: 'written', write: (to) => this.#leave(to, instruction, before, 0) };
        writer.statements([{ kind: 'if', condition, consequent: [leave], alternate: [] }]);
      }
      this.#instruction(writer, block, instruction, before);
    }
    if (block.next !== undefined) this.#goOn(writer, block, block.next);
  }

  /** After a block whose last instruction didn't branch: the budget isn't looked at within a page. */
  #goOn(writer: CodeWriter, block: Block, next: number): void {
    this.#writeSpend(writer, block.instructions.length);
    if (pageOf(next) !== block.page.delta) {
      this.#take(writer, block, next, 0);
      return;
    }
    const position = this.#positions.get(next);
    if (position === undefined) this.#writeOut(writer, recordOf(block.page, next), this.#straight, 0);
    else writer.statements(this.#to(position));
  }

  /** To where the budget, and in another page the TLB, are looked at. */
  #take(writer: CodeWriter, block: Block, place: number, nesting: number): void {
    const position = this.#positions.get(place);
    if (position === undefined) {
      this.#writeFar(writer, place, nesting);
      return;
    }
    const { page } = this.#region.blocks[position] as Block;
    if (page !== block.page) {
      writer.nested(this.#crossing(place, position, page), nesting);
      return;
    }
    const { out } = writer;
    out.u8(CODE.localGet);
    out.u8(REGION_LOCALS.remaining);
    out.u8(CODE.i32Const);
    out.u8(0);
    out.u8(CODE.i32LeS);
    out.u8(CODE.if);
    out.u8(CODE.emptyBlock);
    this.#writeFar(writer, place, nesting + 1);
    out.u8(CODE.end);
    writer.nested(this.#to(position), nesting);
  }

  #crossing(place: number, position: number, page: RegionPage): readonly Stmt[] {
    const outside: readonly Stmt[] = [set(this.#pc, this.#address(place)), ...this.#goFarNow()];
    const expired = op('i32.le_s', get(this.#remaining), i32(0));
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
      set(this.#result, call(this.#setting.link, ...args) as Expr<'i32'>),
      store('i32.store', cpu, depth, STATE.CALL_DEPTH),
      { kind: 'if', condition: unwinds, consequent: [{ kind: 'return', value: result }], alternate: [] },
      set(this.#remaining, load('i32.load', cpu, STATE.REMAINING)),
      set(this.#pc, load('i64.load', cpu, STATE.PC)),
      ...this.#leaveFlags(),
      { kind: 'br-if', label: this.#way(this.#far), condition: elsewhere },
      ...(pageOf(block.back) === block.page.delta
        ? [...this.#enterPage(block.page), ...this.#to(position)]
        : this.#crossing(block.back, position, (this.#region.blocks[position] as Block).page)),
    ];
  }

  // Instructions.

  #instruction(writer: CodeWriter, block: Block, instruction: RegionInstruction, before: number): void {
    const { shape, traits, fields } = instruction.decoded;
    const template = this.#setting.templates.get(shape, traits, fields, this.#compared);
    const offsets = template.places.map((place) => placeOffset(place, fields));
    if (template.needsFlags && !this.#flagsHeld) writer.statements(this.#holdFlags());
    this.#flagsHeld =
      template.setsFlags || (template.compared === undefined && (template.needsFlags || this.#flagsHeld));
    for (const place of template.reads) this.#preload(writer, offsets[place] ?? 0);
    this.#copy(writer, block, instruction, before, template, offsets);
    for (const place of template.writes) this.#know(offsets[place] ?? 0);
    if (template.compared !== undefined) this.#compared = template.compared;
  }

  #copy(
    writer: CodeWriter,
    block: Block,
    instruction: RegionInstruction,
    before: number,
    { bytes, gaps }: InstructionTemplate,
    offsets: readonly number[],
  ): void {
    const { out } = writer;
    let from = 0;
    for (const { at, nesting, hole } of gaps) {
      if (at > from) out.part(bytes, from, at);
      from = at;
      switch (hole.kind) {
        case GAP.register:
          out.unsigned(this.#registerLocal(offsets[hole.index] ?? 0));
          break;
        case GAP.through:
          this.#writeThrough(writer, offsets[hole.index] ?? 0);
          break;
        case GAP.offset:
          out.unsigned(offsets[hole.index] ?? 0);
          break;
        case GAP.constant:
          this.#constant(writer, hole, instruction.decoded.fields);
          break;
        case GAP.temporary:
          out.unsigned(this.#temporary(hole));
          break;
        case GAP.callee:
          out.unsigned(writer.functionIndex(this.#callees.get(hole.callee as Callee) as FunctionRef));
          break;
        case GAP.leave:
          this.#leave(writer, instruction, before, nesting);
          break;
        case GAP.address:
          this.#writeAddress(writer, instruction.place);
          break;
        case GAP.pageAddress:
          this.#writeAddress(writer, instruction.page.delta * (PAGE_BYTES / INSTRUCTION_BYTES));
          break;
        default:
          this.#writeSpend(writer, before + 1);
          this.#end(writer, block, instruction, hole.kind === GAP.jump, nesting);
      }
    }
    out.part(bytes, from, bytes.length);
  }

  /** A branch, or a jump to what is in the local `pc`. */
  #end(
    writer: CodeWriter,
    block: Block,
    { decoded, place }: RegionInstruction,
    jumps: boolean,
    nesting: number,
  ): void {
    const { flow } = decoded.traits;
    const target = place + decoded.distance;
    if (flow.kind === 'call') {
      writer.nested(this.#call(block, jumps ? get(this.#pc) : this.#address(target)), nesting);
    } else if (jumps) {
      writer.out.u8(CODE.br);
      const way = this.#way(flow.kind === 'return' ? this.#return : this.#far);
      writer.out.unsigned(writer.depth(way) + nesting);
    } else {
      this.#take(writer, block, target, nesting);
    }
  }

  #leave(writer: CodeWriter, { page, place }: RegionInstruction, before: number, nesting: number): void {
    if (before > 0) this.#writeSpend(writer, before);
    this.#writeOut(writer, recordOf(page, place), this.#interpret, nesting);
  }

  #writeSpend({ out }: CodeWriter, instructions: number): void {
    out.u8(CODE.localGet);
    out.u8(REGION_LOCALS.remaining);
    out.u8(CODE.i32Const);
    out.signed32(instructions * RECORD_BYTES);
    out.u8(CODE.i32Sub);
    out.u8(CODE.localSet);
    out.u8(REGION_LOCALS.remaining);
  }

  /** Leaves with a record in the local `out`. */
  #writeOut(writer: CodeWriter, record: number, way: Label, nesting: number): void {
    const { out } = writer;
    out.u8(CODE.i32Const);
    out.signed32(record);
    out.u8(CODE.localSet);
    out.u8(REGION_LOCALS.out);
    out.u8(CODE.br);
    out.unsigned(writer.depth(this.#way(way)) + nesting);
  }

  /** Goes on at an address outside. */
  #writeFar(writer: CodeWriter, place: number, nesting: number): void {
    const { out } = writer;
    this.#writeAddress(writer, place);
    out.u8(CODE.localSet);
    out.u8(REGION_LOCALS.pc);
    out.u8(CODE.br);
    out.unsigned(writer.depth(this.#way(this.#far)) + nesting);
  }

  #writeAddress({ out }: CodeWriter, place: number): void {
    out.u8(CODE.localGet);
    out.u8(REGION_LOCALS.base);
    if (place === 0) return;
    out.u8(CODE.i64Const);
    out.signed32(place * INSTRUCTION_BYTES);
    out.u8(CODE.i64Add);
  }

  /** Loads a register that an instruction reads, unless its local holds it. */
  #preload({ out }: CodeWriter, offset: number): void {
    if (offset === ZERO || offset === DISCARD || (this.#known & bitOf(offset)) !== 0) return;
    this.#know(offset);
    out.u8(CODE.localGet);
    out.u8(REGION_LOCALS.cpu);
    out.u8(CODE.i64Load);
    out.u8(0);
    out.unsigned(offset);
    out.u8(CODE.localSet);
    out.unsigned(this.#registerLocal(offset));
  }

  #know(offset: number): void {
    if (offset !== ZERO && offset !== DISCARD) this.#known |= bitOf(offset);
  }

  #writeThrough({ out }: CodeWriter, offset: number): void {
    if (offset === DISCARD || this.#current !== undefined) return;
    out.u8(CODE.localGet);
    out.u8(REGION_LOCALS.cpu);
    out.u8(CODE.localGet);
    out.unsigned(this.#registerLocal(offset));
    out.u8(CODE.i64Store);
    out.u8(0);
    out.unsigned(offset);
  }

  #registerLocal(offset: number): number {
    if (offset === ZERO) return REGION_LOCALS.zero;
    if (offset === DISCARD) return REGION_LOCALS.discard;
    const slot = offset / X_BYTES;
    const known = this.#registers[slot];
    if (known !== undefined) return known;
    if (offset >= X_END || offset % X_BYTES !== 0) throw new Error(`no register lies at ${offset}`);
    const { index } = this.#func.local('i64');
    this.#registers[slot] = index;
    return index;
  }

  #temporary({ type, index }: Gap): number {
    let made = this.#temporaries.get(type);
    if (made === undefined) {
      made = [];
      this.#temporaries.set(type, made);
    }
    while (made.length <= index) made.push(this.#func.local(type).index);
    return made[index] ?? 0;
  }

  #constant({ out }: CodeWriter, { operand, type }: Gap, fields: AnyFieldValues): void {
    const { storage, derive } = operand as Operand;
    const value = derive(fields);
    if (storage === 'i64' && typeof value === 'bigint') {
      out.u8(type === 'i64' ? CODE.i64Const : CODE.i32Const);
      if (type === 'i64') out.signed64(value);
      else out.signed32(Number(BigInt.asIntN(32, value)));
      return;
    }
    // What a record would hold of it.
    const word = Number(typeof value === 'bigint' ? BigInt.asIntN(32, value) : value);
    const held = storage === 'u16' ? word & 0xffff : storage === 's16' ? (word << 16) >> 16 : word | 0;
    out.u8(type === 'i64' ? CODE.i64Const : CODE.i32Const);
    if (storage === 'i64' && type === 'i64') out.signed64(BigInt(value));
    else out.signed32(held);
  }
}

/** The registers among places, as a word of bits. */
function registersAt(places: readonly StatePlace[], fields: AnyFieldValues): number {
  let registers = 0;
  for (const place of places) {
    const offset = placeOffset(place, fields);
    if (offset < X_END && offset !== ZERO && offset !== DISCARD) registers |= bitOf(offset);
  }
  return registers;
}

function offsetsOf(registers: number): readonly number[] {
  const offsets: number[] = [];
  for (let offset = 0; offset < X_END; offset += X_BYTES) {
    if (offset !== ZERO && offset !== DISCARD && (registers & bitOf(offset)) !== 0) offsets.push(offset);
  }
  return offsets;
}

/** A register's bit in a word of them: of those slots that aren't zero's, the last is the stack pointer's. */
function bitOf(offset: number): number {
  return 1 << Math.min(offset / X_BYTES, STACK_POINTER_BIT);
}

/** WebAssembly's codes, for what is written without a tree (2.0 §5.4). */
const CODE = {
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  localGet: 0x20,
  localSet: 0x21,
  i64Load: 0x29,
  i64Store: 0x37,
  i32Const: 0x41,
  i64Const: 0x42,
  emptyBlock: 0x40,
  i32LeS: 0x4c,
  i32Sub: 0x6b,
  i64Add: 0x7c,
} as const;
