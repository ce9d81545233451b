/**
 * Rare instructions and helpers: each definition's shapes become a small module of their own when the decoder first
 * meets one, so that starting costs nothing for what a guest never uses. Modules import the memory, the core's slow
 * paths and the helpers they call; the table belongs to the core.
 */
import {
  type Expr,
  type FunctionBuilder,
  get,
  i32,
  load,
  ModuleBuilder,
  op,
  type Stmt,
  store,
  type ValueType,
  type WasmImport,
  type WasmMemory,
  type WasmTable,
  wasmEngine,
} from '../../wasm/index.ts';
import { type Shape, shapeName } from '../definition.ts';
import type { Helper, Operand } from '../meaning/value.ts';
import { STATE } from '../state.ts';
import { instructionBody, type Runtime, type Surroundings } from './emit.ts';
import { buildHelper, helperType } from './helper-functions.ts';
import { COLD_RESULT, COLD_TYPE, type MemoryLimits, RUNTIME_TYPES } from './interpreter.ts';
import { LocalPool } from './local-pool.ts';
import { loadOperand, placeOperands } from './record.ts';

/** What modules import under `env`. */
export interface ColdImports {
  readonly memory: WasmMemory;
  /** The table of rare instructions and regions. */
  readonly table: WasmTable;
  readonly slowRead: WasmImport;
  readonly slowWrite: WasmImport;
  readonly system: WasmImport;
  readonly plainRead: WasmImport;
  readonly plainWrite: WasmImport;
  readonly link: WasmImport;
}

export class ColdCode {
  readonly #imports: ColdImports;
  readonly #limits: MemoryLimits;
  readonly #helpers = new Map<Helper, WasmImport>();

  constructor(imports: ColdImports, limits: MemoryLimits) {
    this.#imports = imports;
    this.#limits = limits;
  }

  /** Puts the functions of these shapes into the table. */
  compile(shapes: readonly { readonly shape: Shape; readonly place: number }[]): void {
    this.make((module, runtime) => {
      for (const { shape, place } of shapes) {
        const func = module.function(
          shapeName(shape.definition, shape.key).replaceAll(/[^\w]+/g, '_'),
          COLD_TYPE,
        );
        func.body = coldBody(func, shape, runtime);
        module.place(place, func);
      }
    });
  }

  /** Instantiates a module that `build` fills with functions for the table. */
  make(build: (module: ModuleBuilder, runtime: Runtime) => void): void {
    const module = this.#module();
    module.importTable({ module: 'env', name: 'table' });
    const called = new Set<Helper>();
    build(module, this.#runtime(module, called));
    this.#instantiate(module, called);
  }

  #module(): ModuleBuilder {
    const module = new ModuleBuilder();
    module.importMemory({ module: 'env', name: 'memory', ...this.#limits });
    return module;
  }

  #runtime(module: ModuleBuilder, called: Set<Helper>): Runtime {
    return {
      slowRead: module.importFunction('env', 'slowRead', RUNTIME_TYPES.slowRead),
      slowWrite: module.importFunction('env', 'slowWrite', RUNTIME_TYPES.slowWrite),
      system: module.importFunction('env', 'system', RUNTIME_TYPES.system),
      helper: (helper) => {
        called.add(helper);
        return module.importFunction('helper', helper.name, helperType(helper));
      },
    };
  }

  #instantiate(module: ModuleBuilder, called: ReadonlySet<Helper>): Readonly<Record<string, unknown>> {
    const helper: Record<string, WasmImport> = {};
    for (const each of called) helper[each.name] = this.#helper(each);
    const compiled = new wasmEngine.Module(module.encode());
    return new wasmEngine.Instance(compiled, { env: { ...this.#imports }, helper }).exports;
  }

  #helper(helper: Helper): WasmImport {
    const known = this.#helpers.get(helper);
    if (known !== undefined) return known;
    const module = this.#module();
    const called = new Set<Helper>();
    const func = buildHelper(module, helper, this.#runtime(module, called));
    module.export(helper.name, func);
    const made = this.#instantiate(module, called)[helper.name] as WasmImport;
    this.#helpers.set(helper, made);
    return made;
  }
}

/** The body of a rare instruction's function. */
function coldBody(func: FunctionBuilder, shape: Shape, runtime: Runtime): readonly Stmt[] {
  const cpu = get(func.param(0, 'i32'));
  const record = get(func.param(1, 'i32'));
  const places = placeOperands(shape.operands);
  const locals = new LocalPool((type) => func.local(type)).lease();
  const finish = (result: number): Stmt => ({ kind: 'return', value: i32(result) });
  const operand = (wanted: Operand, type: ValueType): Expr => {
    const placed = places.get(wanted.key);
    if (placed === undefined) throw new Error(`no place for ${wanted.key}`);
    return loadOperand(placed, record, type);
  };
  const pageAddress = (): Expr<'i64'> => load('i64.load', cpu, STATE.PAGE_VA);
  const pc = (): Expr<'i64'> =>
    op(
      'i64.add',
      pageAddress(),
      op(
        'i64.extend_i32_u',
        op('i32.shr_u', op('i32.sub', record, load('i32.load', cpu, STATE.PAGE_RECORDS)), i32(2)),
      ),
    );
  const jump = (target: Expr<'i64'>): readonly Stmt[] => [
    store('i64.store', cpu, target, STATE.PC),
    finish(COLD_RESULT.jump),
  ];
  const surroundings: Surroundings = {
    runtime,
    cpu,
    tlb: get(func.param(2, 'i32')),
    operand,
    local: locals,
    saveRecord: () => [store('i32.store', cpu, record, STATE.RECORD)],
    leave: () => [finish(COLD_RESULT.leave)],
    branch: (delta) => {
      const bytes = operand(delta, 'i32') as Expr<'i32'>;
      return jump(op('i64.add', pc(), op('i64.extend_i32_s', op('i32.shr_s', bytes, i32(2)))));
    },
    jump,
    pc,
    pageAddress,
  };
  return [...instructionBody(shape, surroundings), finish(COLD_RESULT.next)];
}
