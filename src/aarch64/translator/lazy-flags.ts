/** The flags of a comparison, worked out when it is known that somebody needs them: when a region is left, mostly. */
import type { FunctionRef, ModuleBuilder } from '../../wasm/index.ts';
import { HelperFunctions } from '../core/helper-functions.ts';
import { subtractSettingFlags } from '../insns/flags.ts';
import { helper } from '../meaning/meaning.ts';

/** (vCPU, a, b): the flags of `a` − `b` into the state. */
export interface LazyFlags {
  readonly flags32: FunctionRef;
  readonly flags64: FunctionRef;
}

const flags32 = helper('flags32', ['i32', 'i32'], 'i32', (c, a, b) => subtractSettingFlags(c, a, b));
const flags64 = helper('flags64', ['i64', 'i64'], 'i64', (c, a, b) => subtractSettingFlags(c, a, b));

/** Adds the functions to a module. */
export function buildLazyFlags(module: ModuleBuilder): LazyFlags {
  const helpers = new HelperFunctions(module, new Map());
  return { flags32: helpers.get(flags32), flags64: helpers.get(flags64) };
}
