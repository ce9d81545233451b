/** The core module: the run loop, the slow paths of memory accesses, and what TypeScript calls of the system's helpers. */
import {
  call,
  type FunctionRef,
  get,
  ModuleBuilder,
  store,
  type ValueType,
  type WasmImport,
  type WasmTable,
} from '../../wasm/index.ts';
import type { Shape } from '../definition.ts';
import type { Helper } from '../meaning/value.ts';
import { STATE } from '../state.ts';
import { hostSystem, system } from '../system/dispatch.ts';
import { takeException, takeInterrupt, takeSynchronous } from '../system/exceptions.ts';
import { modeChanged, readPstate, setLevel, setPan, writePstate } from '../system/pstate.ts';
import type { Runtime } from './emit.ts';
import { HelperFunctions, helperType } from './helper-functions.ts';
import { type MemoryLimits, RUNTIME_TYPES, RunLoop } from './interpreter.ts';

/** Helpers that TypeScript calls, under their names. */
const ROUTINES = [
  readPstate,
  writePstate,
  setLevel,
  setPan,
  modeChanged,
  takeException,
  takeSynchronous,
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
}

/** What the core imports under `env`, beside the memory. */
export interface CoreImports {
  fetch(base: number): void;
  decode(base: number, record: number): void;
  hostSystem(base: number, operation: number, operand: number): number;
  read(base: number, descriptor: number): number;
  write(base: number, descriptor: number): number;
  /** The same for regions: only RAM in one page that is nobody's code; 0 and 1 leave it to the interpreter. */
  plainRead(base: number, descriptor: number): number;
  plainWrite(base: number, descriptor: number): number;
  /** A record was arrived at often. */
  hot(base: number, record: number): void;
}

export interface CoreExports extends Routines {
  run(base: number): void;
  readonly slowRead: WasmImport;
  readonly slowWrite: WasmImport;
  readonly plainRead: WasmImport;
  readonly plainWrite: WasmImport;
  readonly system: WasmImport;
  /** The functions of rare instructions. */
  readonly cold: WasmTable;
}

/** The run loop with these shapes inline, and the table of the others. */
export function buildCore(
  hot: readonly Shape[],
  memory: MemoryLimits,
  threshold: number | undefined,
): ModuleBuilder {
  const module = new ModuleBuilder();
  module.importMemory({ module: 'env', name: 'memory', ...memory });
  const host = (name: keyof CoreImports, params: readonly ValueType[], results: readonly ValueType[]) =>
    module.importFunction('env', name, { params, results });
  const fetch = host('fetch', ['i32'], []);
  const decode = host('decode', ['i32', 'i32'], []);
  const hotRecord = host('hot', ['i32', 'i32'], []);
  const plainRead = host('plainRead', ['i32', 'i32'], ['i32']);
  const plainWrite = host('plainWrite', ['i32', 'i32'], ['i32']);
  const { params, results } = helperType(hostSystem);
  const helpers = new HelperFunctions(
    module,
    new Map([[hostSystem.name, host('hostSystem', params, results)]]),
  );
  const hostRead = host('read', ['i32', 'i32'], ['i32']);
  const hostWrite = host('write', ['i32', 'i32'], ['i32']);
  module.declareTable({ minimum: 0, exportName: 'cold' });

  const runtime: Runtime = {
    slowRead: addressPasser(module, 'slowRead', hostRead),
    slowWrite: addressPasser(module, 'slowWrite', hostWrite),
    system: helpers.get(system),
    helper: ({ name }) => {
      throw new Error(`${name} is called by an inline case: make it a rare instruction`);
    },
  };
  const calls = { fetch, decode, attend: helpers.get(takeInterrupt), hot: hotRecord };
  module.export('run', new RunLoop(module, calls, runtime, threshold).build(hot));
  module.export('slowRead', runtime.slowRead);
  module.export('slowWrite', runtime.slowWrite);
  module.export('plainRead', addressPasser(module, 'plainRead', plainRead));
  module.export('plainWrite', addressPasser(module, 'plainWrite', plainWrite));
  module.export('system', runtime.system);
  for (const routine of ROUTINES) module.export(routine.name, helpers.get(routine));
  return module;
}

/** (vCPU, address, descriptor): notes the address in the state, so that no 64-bit value goes to JavaScript. */
function addressPasser(
  module: ModuleBuilder,
  name: 'slowRead' | 'slowWrite' | 'plainRead' | 'plainWrite',
  host: FunctionRef,
): FunctionRef {
  const func = module.function(name, RUNTIME_TYPES[name]);
  const cpu = get(func.param(0, 'i32'));
  func.body = [
    store('i64.store', cpu, get(func.param(1, 'i64')), STATE.ACCESS_VA),
    { kind: 'return', value: call(host, cpu, get(func.param(2, 'i32'))) },
  ];
  return func;
}
