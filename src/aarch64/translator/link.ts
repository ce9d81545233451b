/** Going on at an address: in the region that begins there if there is one, by the lookup that the run loop would make. */
import {
  type Expr,
  type FunctionRef,
  type FunctionType,
  get,
  i32,
  i64,
  label,
  load,
  type ModuleBuilder,
  op,
  type Stmt,
  set,
  store,
} from '../../wasm/index.ts';
import { HANDLER, REGION_RESULT, REGION_TYPE } from '../core/interpreter.ts';
import {
  PAGE_ENTRIES,
  RECORD_SIDE,
  SIDE,
  STATE,
  TLB_ADDEND,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLB_TABLE,
} from '../state.ts';

const PAGE_MASK = ~0xfffn;
/** (vCPU, address, sixteen times the budget, TLB set) → a region's result. */
export const LINK_TYPE: FunctionType = { params: ['i32', 'i64', 'i32', 'i32'], results: ['i32'] };

/** Where in a TLB set the entry for fetches from an address is. */
export function executeEntry(tlb: Expr<'i32'>, va: Expr<'i64'>): Expr<'i32'> {
  const offset = op('i32.wrap_i64', op('i64.shr_u', va, i64(8n)));
  return op('i32.add', op('i32.and', offset, i32((TLB_ENTRIES - 1) * TLB_ENTRY_BYTES)), tlb);
}

/** Whether no region begins at a record. */
export function isNoRegion(record: Expr<'i32'>): Expr<'i32'> {
  return op('i32.ne', load('i32.load16_u', record), i32(HANDLER.region));
}

/** Goes on in the region that begins at a record. */
export function enterRegion(
  cpu: Expr<'i32'>,
  record: Expr<'i32'>,
  remaining: Expr<'i32'>,
  tlb: Expr<'i32'>,
): Stmt {
  return {
    kind: 'return-call-indirect',
    signature: REGION_TYPE,
    index: load('i32.load', record, RECORD_SIDE + SIDE.place),
    args: [cpu, record, remaining, tlb],
  };
}

/** Adds the function to a module. */
export function buildLink(module: ModuleBuilder): FunctionRef {
  const func = module.function('link', LINK_TYPE);
  const cpu = get(func.param(0, 'i32'));
  const pc = get(func.param(1, 'i64'));
  const remaining = get(func.param(2, 'i32'));
  const tlb = get(func.param(3, 'i32'));
  const entry = func.local('i32');
  const records = func.local('i32');
  const record = func.local('i32');
  const miss = label('miss');
  const unless = (condition: Expr<'i32'>): Stmt => ({ kind: 'br-if', label: miss, condition });
  const place = op('i32.shl', op('i32.and', op('i32.wrap_i64', pc), i32(0xffc)), i32(2));
  const entered = op('i32.add', load('i32.load', get(records), PAGE_ENTRIES), i32(1));
  func.body = [
    {
      kind: 'block',
      label: miss,
      body: [
        unless(op('i32.le_s', remaining, i32(0))),
        set(entry, executeEntry(tlb, pc)),
        // The two low bits stay in, so that a misaligned PC never hits.
        unless(
          op(
            'i64.ne',
            load('i64.load', get(entry), TLB_TABLE.execute),
            op('i64.and', pc, i64(PAGE_MASK | 3n)),
          ),
        ),
        set(records, load('i32.load', get(entry), TLB_TABLE.execute + TLB_ADDEND)),
        set(record, op('i32.add', get(records), place)),
        unless(isNoRegion(get(record))),
        store('i32.store', get(records), entered, PAGE_ENTRIES),
        store('i32.store', cpu, get(records), STATE.PAGE_RECORDS),
        store('i64.store', cpu, op('i64.and', pc, i64(PAGE_MASK)), STATE.PAGE_VA),
        enterRegion(cpu, get(record), remaining, tlb),
      ],
    },
    store('i64.store', cpu, pc, STATE.PC),
    store('i32.store', cpu, remaining, STATE.REMAINING),
    { kind: 'return', value: i32(REGION_RESULT.lookup) },
  ];
  return func;
}
