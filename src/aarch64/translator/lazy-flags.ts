/** The flags of a comparison, worked out when it is known that somebody needs them: when a region is left, mostly. */
import {
  call,
  type Expr,
  type FunctionRef,
  get,
  i32,
  load,
  op,
  type Stmt,
  set,
  store,
  type ValueType,
} from '../../wasm/index.ts';
import { subtractSettingFlags } from '../insns/flags.ts';
import { helper } from '../meaning/meaning.ts';
import { FLAGS, FLAGS_IN, REGION_LOCALS } from './template.ts';

/** (vCPU, a, b): the flags of `a` − `b` into the state. */
export interface LazyFlags {
  readonly flags32: FunctionRef;
  readonly flags64: FunctionRef;
}

export const flags32 = helper('flags32', ['i32', 'i32'], 'i32', (c, a, b) => subtractSettingFlags(c, a, b));
export const flags64 = helper('flags64', ['i64', 'i64'], 'i64', (c, a, b) => subtractSettingFlags(c, a, b));

const at = <T extends ValueType>(index: number, type: T): Expr<T> => get({ index, type });
const CPU = at(REGION_LOCALS.cpu, 'i32');
const PLACE = { index: REGION_LOCALS.flags, type: 'i32' } as const;

/** What a region does with the flags; nothing in one that doesn't touch them. */
export class RegionFlags {
  readonly #touched: boolean;
  readonly #lazy: LazyFlags;

  constructor(touched: boolean, lazy: LazyFlags) {
    this.#touched = touched;
    this.#lazy = lazy;
  }

  /** The flags are in the state: they are loaded when somebody asks for them. */
  leave(): readonly Stmt[] {
    return this.#touched ? [set(PLACE, i32(FLAGS_IN.state))] : [];
  }

  store(): readonly Stmt[] {
    if (!this.#touched) return [];
    const stores = FLAGS.map(([offset, flag]) =>
      store(flag.type === 'i32' ? 'i32.store' : 'i64.store', CPU, get(flag) as never, offset),
    );
    const isHeld = op('i32.eqz', get(PLACE));
    return [{ kind: 'if', condition: isHeld, consequent: stores, alternate: this.#storeCompared() }];
  }

  /** Stores the flags of what was compared, if they are those. */
  #storeCompared(): readonly Stmt[] {
    const { flags32, flags64 } = this.#lazy;
    const when = (
      place: number,
      callee: FunctionRef,
      first: Expr,
      second: Expr,
      alternate: readonly Stmt[],
    ) =>
      ({
        kind: 'if',
        condition: op('i32.eq', get(PLACE), i32(place)),
        consequent: [{ kind: 'drop', value: call(callee, CPU, first, second) }],
        alternate,
      }) as const satisfies Stmt;
    const { compared32, compared64 } = REGION_LOCALS;
    const [a32, b32] = [at(compared32, 'i32'), at(compared32 + 1, 'i32')];
    const [a64, b64] = [at(compared64, 'i64'), at(compared64 + 1, 'i64')];
    const wide = when(FLAGS_IN.compared64, flags64, a64, b64, []);
    return [when(FLAGS_IN.compared32, flags32, a32, b32, [wide])];
  }

  /** Has the flags in their locals. */
  hold(): readonly Stmt[] {
    const loads = FLAGS.map(([offset, flag]) =>
      set(flag, load(flag.type === 'i32' ? 'i32.load' : 'i64.load', CPU, offset) as Expr),
    );
    const fetch = [...this.#storeCompared(), ...loads, ...this.leave()];
    return [{ kind: 'if', condition: get(PLACE), consequent: fetch, alternate: [] }];
  }
}
