/**
 * The interpreter: one WebAssembly function that runs decoded records, with a case for each of the instructions that
 * matter most, and a call through a table for all the others.
 *
 * Time is counted without touching a counter at each instruction. A vCPU that may still run n instructions, with the
 * current record at address r, has `LIMIT = r + 16 n`: stepping to the next record is counting. A branch by d bytes
 * of records adds d − 16 to the limit, and the budget is used up when the limit is no more than the record's address.
 * Whoever wants the run loop's attention lowers the limit and puts the difference into `WITHHELD`.
 */
import {
  call,
  type Expr,
  type FunctionRef,
  type FunctionType,
  get,
  i32,
  i64,
  type Label,
  label,
  load,
  type ModuleBuilder,
  op,
  type Stmt,
  set,
  store,
  tee,
  type ValueType,
} from '../../wasm/index.ts';

import type { Shape } from '../definition.ts';
import { shapeName } from '../definition.ts';
import type { Operand } from '../meaning/value.ts';
import {
  PAGE_ENTRIES,
  RECORD_BYTES,
  RECORD_SIDE,
  RECORDS_PER_PAGE,
  SIDE,
  STATE,
  TLB_ADDEND,
  TLB_ENTRIES,
  TLB_TABLE,
} from '../state.ts';
import { type RunLoopTranslation, whenHot } from './arrivals.ts';
import { instructionBody, type Runtime, type Surroundings } from './emit.ts';
import { LocalPool } from './local-pool.ts';
import { loadOperand, type PlacedOperand, placeOperands } from './record.ts';

/** Handlers of the interpreter itself; instructions' cases follow. */
export const HANDLER = {
  /** The record holds nothing yet. Zero, so that a cleared page is undecoded. */
  undecoded: 0,
  /** The record after a page's last. */
  pageEnd: 1,
  /** A translated region begins here. */
  region: 2,
  /** The record after the one that an external debugger has stepped. */
  stepEnd: 3,
} as const;
export const FIRST_INSTRUCTION_HANDLER = 4;

/** A rare instruction's function: (vCPU, record, TLB set) → what next. */
export const COLD_TYPE: FunctionType = { params: ['i32', 'i32', 'i32'], results: ['i32'] };
export const COLD_RESULT = {
  next: 0,
  leave: 1,
  jump: 2,
} as const;

/** A translated region's function: (vCPU, record of an entry, sixteen times the budget, TLB set) → how it ended. */
export const REGION_TYPE: FunctionType = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] };
export const REGION_RESULT = {
  /** Go on at `STATE.PC` by a lookup, with `STATE.REMAINING`. */
  lookup: 0,
  /** At `STATE.RECORD`, for which `STATE.LIMIT` holds, is what the interpreter has to do; */
  interpret: 1,
  /** or what may be a region again. Neither looks at the budget. */
  straight: 2,
  /** A return to `STATE.PC` with `STATE.REMAINING`: for the region that called. */
  returned: 3,
} as const;

export const RUNTIME_TYPES = {
  slowRead: { params: ['i32', 'i64', 'i32'], results: ['i32'] },
  slowWrite: { params: ['i32', 'i64', 'i32'], results: ['i32'] },
  plainRead: { params: ['i32', 'i64', 'i32'], results: ['i32'] },
  plainWrite: { params: ['i32', 'i64', 'i32'], results: ['i32'] },
  system: { params: ['i32', 'i32', 'i32'], results: ['i32'] },
} as const satisfies Record<string, FunctionType>;

export interface MemoryLimits {
  readonly minimum: number;
  readonly maximum: number;
}

const PAGE_MASK = ~0xfffn;
const RECORDS_BYTES = RECORDS_PER_PAGE * RECORD_BYTES;

/** What the run loop calls. */
export interface RunLoopCalls {
  /** (vCPU): the execute TLB missed. */
  readonly fetch: FunctionRef;
  /** (vCPU, record): a record holds nothing yet. */
  readonly decode: FunctionRef;
  /** (vCPU): an interrupt is pending and not masked. */
  readonly attend: FunctionRef;
  /** (vCPU, record): it was arrived at so and so often. */
  readonly hot: FunctionRef;
}

export class RunLoop {
  readonly #module: ModuleBuilder;
  readonly #calls: RunLoopCalls;
  readonly #runtime: Runtime;
  readonly #translation: RunLoopTranslation | undefined;

  constructor(
    module: ModuleBuilder,
    calls: RunLoopCalls,
    runtime: Runtime,
    translation: RunLoopTranslation | undefined,
  ) {
    this.#module = module;
    this.#calls = calls;
    this.#runtime = runtime;
    this.#translation = translation;
  }

  /** `run(vCPU)`: until the state says why to stop. */
  build(hot: readonly Shape[]): FunctionRef {
    const func = this.#module.function('run', { params: ['i32'], results: [] });
    const cpuLocal = func.param(0, 'i32');
    const cpu = get(cpuLocal);
    const record = func.local('i32');
    const records = func.local('i32');
    const tlb = func.local('i32');
    const pc = func.local('i64');
    const scratch = func.local('i32');
    const delta = func.local('i32');
    const visits = func.local('i32');
    const handler = func.local('i32');
    /** Sixteen times the budget, on the way to a lookup. */
    const remaining = func.local('i32');
    const pool = new LocalPool((type) => func.local(type));

    const enter = label('enter');
    const lookup = label('lookup');
    const next = label('next');
    const leave = label('leave');
    const expired = label('expired');
    const far = label('far');
    const backward = label('backward');
    const dispatched = label('dispatched');
    const counts = this.#translation !== undefined;
    const field = (offset: number): Expr<'i32'> => load('i32.load', cpu, offset);
    const setField = (offset: number, value: Expr<'i32'>): Stmt => store('i32.store', cpu, value, offset);
    /** The budget after the current instruction: nothing, if some was withheld. */
    const remainingAfter = op('i32.sub', field(STATE.LIMIT), op('i32.add', get(record), i32(RECORD_BYTES)));
    /** Notes the budget for whoever looks at it outside the loop; what was withheld comes back. */
    const noteRemaining = (value: Expr<'i32'>): readonly Stmt[] => [
      setField(STATE.REMAINING, op('i32.add', value, field(STATE.WITHHELD))),
      setField(STATE.WITHHELD, i32(0)),
    ];
    const address = op(
      'i64.add',
      load('i64.load', cpu, STATE.PAGE_VA),
      op('i64.extend_i32_u', op('i32.shr_u', op('i32.sub', get(record), get(records)), i32(2))),
    );

    const surroundings = (places: ReadonlyMap<string, PlacedOperand>): Surroundings => {
      const locals = pool.lease();
      const operand = (wanted: Operand, type: ValueType): Expr => {
        const placed = places.get(wanted.key);
        if (placed === undefined) throw new Error(`no place for ${wanted.key}`);
        return loadOperand(placed, get(record), type);
      };
      return {
        runtime: this.#runtime,
        cpu,
        tlb: get(tlb),
        operand,
        local: (type) => locals(type),
        saveRecord: () => [setField(STATE.RECORD, get(record))],
        leave: () => [{ kind: 'br', label: leave }],
        branch: (wanted) => {
          const bytes = operand(wanted, 'i32') as Expr<'i32'>;
          return [
            set(scratch, bytes),
            {
              kind: 'br-if',
              label: far,
              condition: op(
                'i32.ge_u',
                op('i32.sub', op('i32.add', get(record), get(scratch)), get(records)),
                i32(RECORDS_BYTES),
              ),
            },
            ...(counts ? [set(delta, get(scratch))] : []),
            set(record, op('i32.add', get(record), get(scratch))),
            setField(
              STATE.LIMIT,
              tee(scratch, op('i32.add', field(STATE.LIMIT), op('i32.sub', get(scratch), i32(RECORD_BYTES)))),
            ),
            ...(counts
              ? ([
                  { kind: 'br-if', label: expired, condition: op('i32.le_s', get(scratch), get(record)) },
                  { kind: 'br-if', label: next, condition: op('i32.ge_s', get(delta), i32(0)) },
                  { kind: 'br', label: backward },
                ] as const)
              : ([
                  { kind: 'br-if', label: next, condition: op('i32.gt_s', get(scratch), get(record)) },
                  { kind: 'br', label: expired },
                ] as const)),
          ];
        },
        jump: (target) => [set(pc, target), set(remaining, remainingAfter), { kind: 'br', label: lookup }],
        pc: () => address,
        pageAddress: () => load('i64.load', cpu, STATE.PAGE_VA),
      };
    };

    const advance: readonly Stmt[] = [
      set(record, op('i32.add', get(record), i32(RECORD_BYTES))),
      { kind: 'br', label: next },
    ];
    const cases: readonly Case[] = [
      {
        name: 'undecoded',
        body: [
          { kind: 'call-void', callee: this.#calls.decode, args: [cpu, get(record)] },
          { kind: 'br', label: next },
        ],
      },
      {
        name: 'page-end',
        body: [
          // Nothing ran here: the limit stands where the record is.
          set(pc, address),
          set(remaining, op('i32.sub', field(STATE.LIMIT), get(record))),
          { kind: 'br', label: lookup },
        ],
      },
      {
        name: 'region',
        body: [
          set(scratch, {
            kind: 'call-indirect',
            type: 'i32',
            signature: REGION_TYPE,
            index: load('i32.load', get(record), RECORD_SIDE + SIDE.place),
            args: [cpu, get(record), op('i32.sub', field(STATE.LIMIT), get(record)), get(tlb)],
          } as Expr<'i32'>),
          set(records, field(STATE.PAGE_RECORDS)),
          set(record, field(STATE.RECORD)),
          { kind: 'br-if', label: next, condition: op('i32.eq', get(scratch), i32(REGION_RESULT.straight)) },
          {
            kind: 'if',
            condition: op('i32.ne', get(scratch), i32(REGION_RESULT.interpret)),
            consequent: [
              set(pc, load('i64.load', cpu, STATE.PC)),
              set(remaining, field(STATE.REMAINING)),
              { kind: 'br', label: lookup },
            ],
            alternate: [],
          },
          set(handler, load('i32.load16_u', get(record))),
          {
            kind: 'if',
            condition: op('i32.eq', get(handler), i32(HANDLER.region)),
            consequent: [set(handler, load('i32.load16_u', get(record), RECORD_SIDE + SIDE.handler))],
            alternate: [],
          },
          { kind: 'br', label: dispatched },
        ],
      },
      {
        name: 'step-end',
        body: [
          store('i64.store', cpu, address, STATE.PC),
          setField(STATE.MID_BLOCK, i32(1)),
          ...noteRemaining(op('i32.sub', field(STATE.LIMIT), get(record))),
          { kind: 'return', value: undefined },
        ],
      },
      ...hot.map((shape): Case => {
        const to = surroundings(placeOperands(shape.operands));
        return {
          name: shapeName(shape.definition, shape.key).replaceAll(/[^\w]+/g, '_'),
          body: [...instructionBody(shape, to), ...advance],
        };
      }),
    ];
    const coldIndex = op('i32.sub', get(handler), i32(cases.length));
    const coldCall: Expr<'i32'> = {
      kind: 'call-indirect',
      type: 'i32',
      signature: COLD_TYPE,
      index: coldIndex,
      args: [cpu, get(record), get(tlb)],
    };
    const count: readonly Stmt[] =
      this.#translation === undefined
        ? []
        : [
            set(visits, op('i32.add', load('i32.load', get(record), RECORD_SIDE + SIDE.visits), i32(1))),
            store('i32.store', get(record), get(visits), RECORD_SIDE + SIDE.visits),
            ...whenHot(get(visits), this.#translation, {
              kind: 'call-void',
              callee: this.#calls.hot,
              args: [cpu, get(record)],
            }),
          ];
    const cold: readonly Stmt[] = [
      {
        kind: 'if',
        condition: tee(scratch, coldCall),
        consequent: [
          { kind: 'br-if', label: leave, condition: op('i32.eq', get(scratch), i32(COLD_RESULT.leave)) },
          set(pc, load('i64.load', cpu, STATE.PC)),
          set(remaining, remainingAfter),
          { kind: 'br', label: lookup },
        ],
        alternate: [],
      },
      ...advance,
    ];

    const run: readonly Stmt[] = [
      set(handler, load('i32.load16_u', get(record))),
      { kind: 'loop', label: dispatched, body: [...dispatch(cases, get(handler)), ...cold] },
    ];

    // lookup: `pc` and `remaining` are true. Finds the page's records.
    const entry = tee(
      scratch,
      op(
        'i32.add',
        op(
          'i32.and',
          op('i32.wrap_i64', op('i64.shr_u', get(pc), i64(8n))),
          i32((TLB_ENTRIES - 1) * RECORD_BYTES),
        ),
        get(tlb),
      ),
    );
    const hit = op(
      'i64.eq',
      load('i64.load', entry, TLB_TABLE.execute),
      // The two low bits stay in, so that a misaligned PC never hits.
      op('i64.and', get(pc), i64(PAGE_MASK | 3n)),
    );
    const lookupBody: readonly Stmt[] = [
      {
        kind: 'if',
        condition: op('i32.le_s', get(remaining), i32(0)),
        consequent: [
          store('i64.store', cpu, get(pc), STATE.PC),
          ...noteRemaining(get(remaining)),
          { kind: 'br', label: enter },
        ],
        alternate: [],
      },
      {
        kind: 'if',
        condition: op('i32.eqz', hit),
        consequent: [
          store('i64.store', cpu, get(pc), STATE.PC),
          setField(STATE.REMAINING, get(remaining)),
          { kind: 'call-void', callee: this.#calls.fetch, args: [cpu] },
          { kind: 'br', label: enter },
        ],
        alternate: [],
      },
      set(records, load('i32.load', get(scratch), TLB_TABLE.execute + TLB_ADDEND)),
      set(
        record,
        op(
          'i32.add',
          get(records),
          op('i32.shl', op('i32.and', op('i32.wrap_i64', get(pc)), i32(0xffc)), i32(2)),
        ),
      ),
      setField(STATE.PAGE_RECORDS, get(records)),
      store(
        'i32.store',
        get(records),
        op('i32.add', load('i32.load', get(records), PAGE_ENTRIES), i32(1)),
        PAGE_ENTRIES,
      ),
      store('i64.store', cpu, op('i64.and', get(pc), i64(PAGE_MASK)), STATE.PAGE_VA),
      setField(STATE.LIMIT, op('i32.add', get(record), get(remaining))),
      ...count,
      {
        kind: 'loop',
        label: next,
        body: counts
          ? [{ kind: 'block', label: backward, body: run }, ...count, { kind: 'br', label: next }]
          : run,
      },
    ];

    const farBody: readonly Stmt[] = [
      // A branch by `scratch` bytes of records, to another page.
      set(pc, op('i64.add', address, op('i64.extend_i32_s', op('i32.shr_s', get(scratch), i32(2))))),
      set(remaining, remainingAfter),
      { kind: 'br', label: lookup },
    ];
    const expiredBody: readonly Stmt[] = [
      store('i64.store', cpu, address, STATE.PC),
      ...noteRemaining(op('i32.sub', field(STATE.LIMIT), get(record))),
      { kind: 'br', label: enter },
    ];
    const leaveBody: readonly Stmt[] = [...noteRemaining(remainingAfter), { kind: 'br', label: enter }];

    func.body = [
      {
        kind: 'loop',
        label: enter,
        body: [
          {
            kind: 'if',
            condition: field(STATE.EXIT),
            consequent: [{ kind: 'return', value: undefined }],
            alternate: [],
          },
          {
            kind: 'if',
            condition: op(
              'i32.and',
              op('i32.and', field(STATE.PENDING), op('i32.xor', field(STATE.DAIF), i32(-1))),
              op('i32.sub', field(STATE.INTERRUPTS_HELD), i32(1)),
            ),
            consequent: [{ kind: 'drop', value: call(this.#calls.attend, cpu) }],
            alternate: [],
          },
          {
            kind: 'if',
            condition: op('i32.le_s', field(STATE.REMAINING), i32(0)),
            consequent: [{ kind: 'return', value: undefined }],
            alternate: [],
          },
          set(tlb, field(STATE.TLB)),
          set(remaining, field(STATE.REMAINING)),
          set(pc, load('i64.load', cpu, STATE.PC)),
          {
            kind: 'loop',
            label: lookup,
            body: exits(lookupBody, [
              [far, farBody],
              [expired, expiredBody],
              [leave, leaveBody],
            ]),
          },
        ],
      },
    ];
    return func;
  }
}

interface Case {
  readonly name: string;
  readonly body: readonly Stmt[];
}

/** Branches to a case by number; past the last one it goes on after the cases. Each case's body ends in a branch. */
function dispatch(cases: readonly Case[], index: Expr<'i32'>): readonly Stmt[] {
  const labels = cases.map(({ name }) => label(name));
  const otherwise = label('cold');
  let body: readonly Stmt[] = [{ kind: 'br-table', labels, otherwise, index }];
  for (const [number, { body: caseBody }] of cases.entries()) {
    body = [{ kind: 'block', label: labels[number] ?? otherwise, body }, ...caseBody];
  }
  return [{ kind: 'block', label: otherwise, body }];
}

/** A body within blocks whose labels lead to statements after it. */
function exits(
  body: readonly Stmt[],
  targets: readonly (readonly [Label, readonly Stmt[]])[],
): readonly Stmt[] {
  return targets.reduce<readonly Stmt[]>(
    (inner, [target, after]) => [{ kind: 'block', label: target, body: inner }, ...after],
    body,
  );
}
