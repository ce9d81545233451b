/** The core module: the run loop, the slow paths of memory accesses, and what TypeScript calls of the system's helpers. */
import {
  call,
  type Expr,
  type FunctionRef,
  get,
  i32,
  ModuleBuilder,
  type Stmt,
  set,
  store,
  type ValueType,
  type WasmImport,
  type WasmTable,
} from '../../wasm/index.ts';

import type { TranslationOptions } from '../contract.ts';
import type { Shape } from '../definition.ts';
import type { Helper } from '../meaning/value.ts';
import { STATE } from '../state.ts';
import { hostSystem, system } from '../system/dispatch.ts';
import { takeException, takeInterrupt, takeSynchronous } from '../system/exceptions.ts';
import { modeChanged, readPstate, setLevel, setPan, writePstate } from '../system/pstate.ts';
import { fillAndStore, fillData, fillExecute } from '../translation/fill.ts';
import { protectPage } from '../translation/invalidate.ts';
import { walkHalves } from '../translation/stage1.ts';
import { buildLink } from '../translator/link.ts';
import type { Runtime } from './emit.ts';
import { HelperFunctions, helperType } from './helper-functions.ts';
import { type MemoryLimits, RUNTIME_TYPES, RunLoop } from './interpreter.ts';
import { isZeroPage } from './zero-page.ts';

/** Helpers that TypeScript calls, under their names. */
const ROUTINES = [
  readPstate,
  writePstate,
  setLevel,
  setPan,
  modeChanged,
  takeException,
  takeSynchronous,
  walkHalves,
  protectPage,
  fillExecute,
  isZeroPage,
] as const satisfies readonly Helper[];

/** The helpers among the core's exports; the first argument is the vCPU's base. */
export interface Routines {
  readPstate(base: number): number;
  writePstate(base: number, value: number): void;
  setLevel(base: number, el: number, spsel: number): void;
  setPan(base: number, pan: number): void;
  modeChanged(base: number): void;
  /** By the kind's offset; the preferred return address is in `STATE.PC`. */
  takeException(base: number, kind: number): void;
  takeSynchronous(base: number, esr: number): void;
  /** Stage 1 for an address in halves: see `translation/stage1.ts`. */
  walkHalves(base: number, lo: number, hi: number, requester: number): number;
  /** Makes stores to a page of the memory miss in this vCPU's TLBs. */
  protectPage(base: number, host: number): void;
  /** Fills the execute TLB for `STATE.PC`: 1 if that could be done. */
  fillExecute(base: number): number;
  /** Whether a page of the memory holds nothing. */
  isZeroPage(base: number, page: number): number;
}

/** What the core imports under `env`, beside the memory. Misses of TLBs come here where there is more to them than filling. */
export interface CoreImports {
  fetch(base: number): void;
  decode(base: number, record: number): void;
  hostSystem(base: number, operation: number, operand: number): number;
  read(base: number, descriptor: number): number;
  write(base: number, descriptor: number): number;
  /** A record was arrived at often. */
  hot(base: number, record: number): void;
}

export interface CoreExports extends Routines {
  run(base: number): void;
  readonly slowRead: WasmImport;
  readonly slowWrite: WasmImport;
  /** Of the same kind, for regions: only RAM in one page that is nobody's code; 0 and 1 leave it to the interpreter. */
  readonly plainRead: WasmImport;
  readonly plainWrite: WasmImport;
  /** For regions: goes on at an address (`translator/link.ts`). */
  readonly link: WasmImport;
  readonly system: WasmImport;
  /** The functions of rare instructions. */
  readonly cold: WasmTable;
}

/** The run loop with these shapes inline, and the table of the others. */
export function buildCore(
  hot: readonly Shape[],
  memory: MemoryLimits,
  translation: TranslationOptions | undefined,
): ModuleBuilder {
  const module = new ModuleBuilder();
  module.importMemory({ module: 'env', name: 'memory', ...memory });
  const host = (name: keyof CoreImports, params: readonly ValueType[], results: readonly ValueType[]) =>
    module.importFunction('env', name, { params, results });
  const fetch = host('fetch', ['i32'], []);
  const decode = host('decode', ['i32', 'i32'], []);
  const hotRecord = host('hot', ['i32', 'i32'], []);
  const { params, results } = helperType(hostSystem);
  const helpers = new HelperFunctions(
    module,
    new Map([[hostSystem.name, host('hostSystem', params, results)]]),
  );
  const hostRead = host('read', ['i32', 'i32'], ['i32']);
  const hostWrite = host('write', ['i32', 'i32'], ['i32']);
  module.declareTable({ minimum: 0, exportName: 'cold' });

  const runtime: Runtime = {
    slowRead: slowRead(module, helpers.get(fillData), hostRead),
    slowWrite: slowWrite(module, helpers.get(fillAndStore), hostWrite),
    system: helpers.get(system),
    helper: ({ name }) => {
      throw new Error(`${name} is called by an inline case: make it a rare instruction`);
    },
  };
  const calls = {
    fetch: slowFetch(module, helpers.get(fillExecute), fetch),
    decode,
    attend: helpers.get(takeInterrupt),
    hot: hotRecord,
  };
  module.export('run', new RunLoop(module, calls, runtime, translation).build(hot));
  module.export('slowRead', runtime.slowRead);
  module.export('slowWrite', runtime.slowWrite);
  module.export('plainRead', helpers.get(fillData));
  module.export('plainWrite', helpers.get(fillAndStore));
  module.export('link', buildLink(module));
  module.export('system', runtime.system);
  for (const routine of ROUTINES) module.export(routine.name, helpers.get(routine));
  return module;
}

/** Leaves the address in the state, so that no 64-bit value goes to JavaScript. */
function askHost(
  cpu: Expr<'i32'>,
  va: Expr<'i64'>,
  host: FunctionRef,
  descriptor: Expr<'i32'>,
): readonly Stmt[] {
  return [
    store('i64.store', cpu, va, STATE.ACCESS_VA),
    { kind: 'return', value: call(host, cpu, descriptor) },
  ];
}

/** (vCPU, address, descriptor) of a load: where its bytes are, or 0. */
function slowRead(module: ModuleBuilder, fill: FunctionRef, host: FunctionRef): FunctionRef {
  const func = module.function('slowRead', RUNTIME_TYPES.slowRead);
  const cpu = get(func.param(0, 'i32'));
  const [va, descriptor] = [get(func.param(1, 'i64')), get(func.param(2, 'i32'))];
  const place = func.local('i32');
  func.body = [
    set(place, call(fill, cpu, va, descriptor) as Expr<'i32'>),
    { kind: 'if', condition: get(place), consequent: [{ kind: 'return', value: get(place) }], alternate: [] },
    ...askHost(cpu, va, host, descriptor),
  ];
  return func;
}

/** (vCPU, address, descriptor) of a store whose bytes are in the state: 0 when it is done. */
function slowWrite(module: ModuleBuilder, fill: FunctionRef, host: FunctionRef): FunctionRef {
  const func = module.function('slowWrite', RUNTIME_TYPES.slowWrite);
  const cpu = get(func.param(0, 'i32'));
  const [va, descriptor] = [get(func.param(1, 'i64')), get(func.param(2, 'i32'))];
  func.body = [
    {
      kind: 'if',
      condition: call(fill, cpu, va, descriptor) as Expr<'i32'>,
      consequent: askHost(cpu, va, host, descriptor),
      alternate: [],
    },
    { kind: 'return', value: i32(0) },
  ];
  return func;
}

/** (vCPU): the execute TLB missed. */
function slowFetch(module: ModuleBuilder, fill: FunctionRef, host: FunctionRef): FunctionRef {
  const func = module.function('slowFetch', { params: ['i32'], results: [] });
  const cpu = get(func.param(0, 'i32'));
  const ask: Stmt = { kind: 'call-void', callee: host, args: [cpu] };
  const filled = call(fill, cpu) as Expr<'i32'>;
  func.body = [{ kind: 'if', condition: filled, consequent: [], alternate: [ask] }];
  return func;
}
