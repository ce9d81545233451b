/** Helpers as functions of one module: each is made when something that is in the module first calls it. */
import { type FunctionBuilder, type FunctionRef, get, i32, type ModuleBuilder } from '../../wasm/index.ts';
import type { Helper } from '../meaning/value.ts';
import { Emitter, type Runtime, type Surroundings } from './emit.ts';

/** A helper gets the vCPU's base before its own parameters. */
export function helperType(helper: Helper): FunctionRef['type'] {
  return { params: ['i32', ...helper.params], results: [helper.result] };
}

/** Makes a helper's function in a module; `runtime` says where the functions are that it calls. */
export function buildHelper(module: ModuleBuilder, helper: Helper, runtime: Runtime): FunctionBuilder {
  if (helper.body === undefined) throw new Error(`${helper.name} is not ours to make`);
  const func = module.function(helper.name, helperType(helper));
  const body = helper.body();
  const emitter = new Emitter(helperSurroundings(func, runtime));
  for (const [index, temp] of body.params.entries()) emitter.bind(temp, func.param(index + 1, temp.type));
  func.body = [...emitter.statements(body.statements), { kind: 'return', value: emitter.value(body.result) }];
  return func;
}

/** All that are asked for, in one module. */
export class HelperFunctions {
  readonly #module: ModuleBuilder;
  readonly #imports: ReadonlyMap<string, FunctionRef>;
  readonly #made = new Map<Helper, FunctionRef>();

  /** `imports`: what stands for the helpers that TypeScript does, by name. */
  constructor(module: ModuleBuilder, imports: ReadonlyMap<string, FunctionRef>) {
    this.#module = module;
    this.#imports = imports;
  }

  get(helper: Helper): FunctionRef {
    const known =
      this.#made.get(helper) ?? (helper.body === undefined ? this.#imports.get(helper.name) : undefined);
    if (known !== undefined) return known;
    const refuse = (): never => {
      throw new Error(`${helper.name}: a helper makes no guest accesses and asks nothing of the system`);
    };
    const made = buildHelper(this.#module, helper, {
      get slowRead() {
        return refuse();
      },
      get slowWrite() {
        return refuse();
      },
      get system() {
        return refuse();
      },
      helper: (called) => this.get(called),
    });
    this.#made.set(helper, made);
    return made;
  }
}

function helperSurroundings(func: FunctionBuilder, runtime: Runtime): Surroundings {
  const refuse = (): never => {
    throw new Error(`${func.name}: a helper has no operands, no address and no way to leave`);
  };
  return {
    runtime,
    cpu: get(func.param(0, 'i32')),
    tlb: i32(0),
    operand: refuse,
    local: (type) => func.local(type),
    saveRecord: refuse,
    leave: refuse,
    branch: refuse,
    jump: refuse,
    pc: refuse,
    pageAddress: refuse,
  };
}
