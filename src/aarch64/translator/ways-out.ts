/** The ways out of a region, each once in it: blocks around it whose ends they are. */
import {
  type Expr,
  type FunctionRef,
  get,
  i32,
  type Label,
  label,
  load,
  op,
  type Stmt,
  set,
  store,
  type ValueType,
} from '../../wasm/index.ts';
import { REGION_RESULT } from '../core/interpreter.ts';
import { STATE } from '../state.ts';
import type { RegionFlags } from './lazy-flags.ts';
import { enterRegion, isNoRegion } from './link.ts';
import { OUT_CELL_SHIFT } from './region.ts';
import { REGION_LOCALS } from './template.ts';

const at = <T extends ValueType>(index: number, type: T): Expr<T> => get({ index, type });
const CPU = at(REGION_LOCALS.cpu, 'i32');
const TLB = at(REGION_LOCALS.tlb, 'i32');
const REMAINING = at(REGION_LOCALS.remaining, 'i32');
const OUT = at(REGION_LOCALS.out, 'i32');
const PC = at(REGION_LOCALS.pc, 'i64');
const PAGES = at(REGION_LOCALS.pages, 'i32');

/** The record itself, from a place in the region. */
function findRecord(): Stmt {
  const cell = op('i32.add', PAGES, op('i32.shr_u', OUT, i32(OUT_CELL_SHIFT)));
  const inPage = op('i32.and', OUT, i32((1 << OUT_CELL_SHIFT) - 1));
  return set({ index: REGION_LOCALS.out, type: 'i32' }, op('i32.add', load('i32.load', cell), inPage));
}

export class WaysOut {
  /** To the place in the local `out`: for the interpreter, or whatever is there. */
  readonly interpret = label('interpret');
  readonly straight = label('straight');
  /** To the address in the local `pc`. */
  readonly far = label('far');
  /** The same by a return. */
  readonly return = label('return');
  readonly #link: FunctionRef;
  readonly #flags: RegionFlags;

  constructor(link: FunctionRef, flags: RegionFlags) {
    this.#link = link;
    this.#flags = flags;
  }

  get labels(): readonly Label[] {
    return [this.interpret, this.straight, this.return, this.far];
  }

  /** What is done at each, the innermost first. */
  get ends(): readonly (readonly [Label, readonly Stmt[]])[] {
    return [
      [this.interpret, this.#leaveToInterpreter()],
      [this.straight, this.#leaveStraight()],
      [this.return, this.#leaveByReturn()],
      [this.far, this.#goFar()],
    ];
  }

  #noteRecord(result: number): readonly Stmt[] {
    const out = OUT;
    return [
      store('i32.store', CPU, out, STATE.RECORD),
      store('i32.store', CPU, op('i32.add', out, REMAINING), STATE.LIMIT),
      { kind: 'return', value: i32(result) },
    ];
  }

  #leaveToInterpreter(): readonly Stmt[] {
    return [...this.#flags.store(), findRecord(), ...this.#noteRecord(REGION_RESULT.interpret)];
  }

  #leaveStraight(): readonly Stmt[] {
    return [
      ...this.#flags.store(),
      findRecord(),
      {
        kind: 'if',
        condition: isNoRegion(OUT),
        consequent: this.#noteRecord(REGION_RESULT.straight),
        alternate: [],
      },
      enterRegion(CPU, OUT, REMAINING, TLB),
    ];
  }

  #leaveByReturn(): readonly Stmt[] {
    const returned: readonly Stmt[] = [
      ...this.#flags.store(),
      store('i64.store', CPU, PC, STATE.PC),
      store('i32.store', CPU, REMAINING, STATE.REMAINING),
      { kind: 'return', value: i32(REGION_RESULT.returned) },
    ];
    const isCalled = load('i32.load', CPU, STATE.CALL_DEPTH);
    return [
      { kind: 'if', condition: isCalled, consequent: returned, alternate: [] },
      { kind: 'br', label: this.far },
    ];
  }

  #goFar(): readonly Stmt[] {
    return [
      ...this.#flags.store(),
      { kind: 'return-call', callee: this.#link, args: [CPU, PC, REMAINING, TLB] },
    ];
  }
}
