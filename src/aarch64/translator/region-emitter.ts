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
  load,
  op,
  type Stmt,
  set,
  store,
  type ValueType,
} from '../../wasm/index.ts';
import type { Runtime } from '../core/emit.ts';
import { REGION_RESULT } from '../core/interpreter.ts';
import type { Operand } from '../meaning/value.ts';
import { RECORD_SIDE, SIDE, STATE, TLB_ADDEND, TLB_TABLE } from '../state.ts';
import { type CarriedLoop, findCarriedLoops, type Way } from './carried-loops.ts';
import { CODE, writeConstant, writeSpend } from './code.ts';
import { type LazyFlags, RegionFlags } from './lazy-flags.ts';
import { executeEntry } from './link.ts';
import {
  type Block,
  outPlace,
  pageCell,
  pageOf,
  type Region,
  type RegionInstruction,
  type RegionPage,
} from './region.ts';
import { RegionRegisters, Temporaries } from './registers.ts';
import { type Loop, Skeleton } from './skeleton.ts';
import {
  type Callee,
  COMPARED,
  type Compared,
  GAP,
  type InstructionTemplate,
  placeOffset,
  REGION_LOCAL_TYPES,
  REGION_LOCALS,
  type Templates,
} from './template.ts';
import { WaysOut } from './ways-out.ts';

const INSTRUCTION_BYTES = 4;
const PAGE_BYTES = 0x1000;
/** Calls that a return may come back to; deeper ones are given up, for they stand on the engine's stack. */
const MAX_DEPTH = 100;

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
  readonly #cpu = get(local(REGION_LOCALS.cpu, 'i32'));
  readonly #entry = local(REGION_LOCALS.entry, 'i32');
  readonly #remaining = local(REGION_LOCALS.remaining, 'i32');
  readonly #tlb = get(local(REGION_LOCALS.tlb, 'i32'));
  readonly #base = local(REGION_LOCALS.base, 'i64');
  readonly #out: WaysOut;
  readonly #pc = local(REGION_LOCALS.pc, 'i64');
  readonly #depth = local(REGION_LOCALS.depth, 'i32');
  readonly #result = local(REGION_LOCALS.result, 'i32');
  readonly #pages = local(REGION_LOCALS.pages, 'i32');
  readonly #flags: RegionFlags;
  /** Whether the flags' locals hold them, in the block at hand. */
  #flagsHeld = false;
  readonly #registers: RegionRegisters;
  readonly #temporaries: Temporaries;
  #compared: Compared = COMPARED.nothing;
  /** The same at the ends of blocks that are written; from where each may be reached, and whether by a return to it. */
  readonly #after: ({ readonly known: number; readonly compared: Compared } | undefined)[] = [];
  readonly #predecessors: { readonly from: number; readonly returns: boolean }[][];
  #carried: readonly CarriedLoop[] = [];
  /** The loop of the block at hand. */
  #current: CarriedLoop | undefined;
  readonly #callees = new Map<Callee, FunctionRef>();
  readonly #positions = new Map<number, number>();
  /** What branches to a block, from the one at hand. */
  #to: (position: number) => readonly Stmt[] = () => [];

  constructor(func: FunctionBuilder, setting: RegionSetting, region: Region) {
    this.#registers = new RegionRegisters(func);
    this.#temporaries = new Temporaries(func);
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
    this.#flags = new RegionFlags(touchesFlags, setting.lazyFlags);
    this.#out = new WaysOut(setting.link, this.#flags);
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
            return loop !== undefined && leaves ? [...this.#registers.stores(loop.written), ...way] : way;
          };
          this.#begin(position, skeleton.isDispatched(position));
          this.#block(blocks[position] as Block, writer);
          this.#after[position] = { known: this.#registers.known, compared: this.#compared };
        };
        return [{ kind: 'written', write }];
      },
    });
    this.#carried = findCarriedLoops(blocks, skeleton.loops, this.#out.labels);
    const inner = skeleton.statements();
    const exits: readonly (readonly [Label, readonly Stmt[]])[] = [
      ...this.#carried.flatMap((loop) =>
        [...loop.ways].map(([target, way]) => this.#wayOut(loop, target, way)),
      ),
      ...this.#out.ends,
    ];
    const wrapped = exits.reduce<readonly Stmt[]>(
      (body, [target, after]) => [{ kind: 'block', label: target, body }, ...after],
      inner,
    );
    return [...this.#findBase(), ...this.#flags.leave(), ...wrapped];
  }

  /** What a loop left in locals goes to the state; then as from anywhere. */
  #wayOut(loop: CarriedLoop, target: Label, way: Way): readonly [Label, readonly Stmt[]] {
    const write = (writer: CodeWriter): void => {
      if (way.isUsed)
        writer.statements([...this.#registers.stores(loop.written), { kind: 'br', label: target }]);
    };
    return [way.label, [{ kind: 'written', write }]];
  }

  /** What it is told at its entry; the page that it begins in need not be the first one. */
  #findBase(): readonly Stmt[] {
    const others = this.#region.blocks.flatMap(({ entry, page }, position) =>
      entry && page.delta !== 0 ? [{ position, delta: page.delta }] : [],
    );
    return [
      set(this.#pages, load('i32.load', get(this.#entry), RECORD_SIDE + SIDE.pages)),
      set(this.#entry, load('i32.load16_u', get(this.#entry), RECORD_SIDE + SIDE.entry)),
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

  #goFarNow(): readonly Stmt[] {
    return [{ kind: 'br', label: this.#way(this.#out.far) }];
  }

  // Blocks.

  /** A way out of the region from the block at hand. */
  #way(target: Label): Label {
    const way = this.#current?.ways.get(target);
    if (way === undefined) return target;
    way.isUsed = true;
    return way.label;
  }

  #carriedAt(position: number): CarriedLoop | undefined {
    return this.#carried.find(({ loop }) => loop.from <= position && position <= loop.to);
  }

  #beforeLoop(loop: Loop): readonly Stmt[] {
    return this.#registers.loads(this.#carried.find((carried) => carried.loop === loop)?.registers ?? 0);
  }

  /** What is known at a block's beginning: what its loop carries, and what is known wherever it is come from. */
  #begin(position: number, isDispatched: boolean): void {
    this.#registers.known = this.#carriedAt(position)?.registers ?? 0;
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
    this.#registers.known |= known;
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
    writeSpend(writer, block.instructions.length);
    if (pageOf(next) !== block.page.delta) {
      this.#take(writer, block, next, 0);
      return;
    }
    const position = this.#positions.get(next);
    if (position === undefined) this.#writeOut(writer, next, this.#out.straight, 0);
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
      op('i32.ne', load('i32.load', entry, TLB_TABLE.execute + TLB_ADDEND), this.#records(page)),
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
      store('i32.store', this.#cpu, this.#records(page), STATE.PAGE_RECORDS),
    ];
  }

  /** A page's records, which differ from one place of the region to the next. */
  #records({ delta }: RegionPage): Expr<'i32'> {
    return load('i32.load', get(this.#pages), pageCell(delta));
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
      ...this.#flags.store(),
      set(this.#result, call(this.#setting.link, ...args) as Expr<'i32'>),
      store('i32.store', cpu, depth, STATE.CALL_DEPTH),
      { kind: 'if', condition: unwinds, consequent: [{ kind: 'return', value: result }], alternate: [] },
      set(this.#remaining, load('i32.load', cpu, STATE.REMAINING)),
      set(this.#pc, load('i64.load', cpu, STATE.PC)),
      ...this.#flags.leave(),
      { kind: 'br-if', label: this.#way(this.#out.far), condition: elsewhere },
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
    if (template.needsFlags && !this.#flagsHeld) writer.statements(this.#flags.hold());
    this.#flagsHeld =
      template.setsFlags || (template.compared === undefined && (template.needsFlags || this.#flagsHeld));
    for (const place of template.reads) this.#registers.preload(writer, offsets[place] ?? 0);
    this.#copy(writer, block, instruction, before, template, offsets);
    for (const place of template.writes) this.#registers.know(offsets[place] ?? 0);
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
          out.unsigned(this.#registers.localOf(offsets[hole.index] ?? 0));
          break;
        case GAP.through:
          // A loop's registers go to the state when it is left.
          if (this.#current === undefined) this.#registers.writeThrough(writer, offsets[hole.index] ?? 0);
          break;
        case GAP.offset:
          out.unsigned(offsets[hole.index] ?? 0);
          break;
        case GAP.constant:
          writeConstant(writer, hole.operand as Operand, hole.type, instruction.decoded.fields);
          break;
        case GAP.temporary:
          out.unsigned(this.#temporaries.localOf(hole.type, hole.index));
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
          writeSpend(writer, before + 1);
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
      const way = this.#way(flow.kind === 'return' ? this.#out.return : this.#out.far);
      writer.out.unsigned(writer.depth(way) + nesting);
    } else {
      this.#take(writer, block, target, nesting);
    }
  }

  #leave(writer: CodeWriter, { place }: RegionInstruction, before: number, nesting: number): void {
    if (before > 0) writeSpend(writer, before);
    this.#writeOut(writer, place, this.#out.interpret, nesting);
  }

  /** Leaves with a place in the local `out`. */
  #writeOut(writer: CodeWriter, place: number, way: Label, nesting: number): void {
    const { out } = writer;
    out.u8(CODE.i32Const);
    out.signed32(outPlace(place));
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
    out.unsigned(writer.depth(this.#way(this.#out.far)) + nesting);
  }

  #writeAddress({ out }: CodeWriter, place: number): void {
    out.u8(CODE.localGet);
    out.u8(REGION_LOCALS.base);
    if (place === 0) return;
    out.u8(CODE.i64Const);
    out.signed32(place * INSTRUCTION_BYTES);
    out.u8(CODE.i64Add);
  }
}
