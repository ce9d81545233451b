/** Random graphs of blocks, made into functions: the blocks are run in the order in which a walk over the graph meets them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../fuzz/random.ts';
import {
  type Expr,
  get,
  i32,
  ModuleBuilder,
  op,
  type Stmt,
  set,
  store,
  wasmEngine,
} from '../../wasm/index.ts';
import { Skeleton } from './skeleton.ts';

const GRAPHS = 400;
const STEPS = 60;
const LOG = 16;
const MULTIPLIER = 0x41c6_4e6d;

/** The next of the numbers that choose ways. */
const following = (seed: number): number => (Math.imul(seed, MULTIPLIER) + 12345) | 0;

function build(successors: readonly (readonly number[])[], entries: readonly number[]): ModuleBuilder {
  const module = new ModuleBuilder();
  module.importMemory({ module: 'env', name: 'memory', minimum: 1, maximum: 1 });
  const func = module.function('walk', { params: ['i32', 'i32'], results: [] });
  const seed = func.param(1, 'i32');
  const steps = func.local('i32');
  const at: Expr<'i32'> = op('i32.shl', get(steps), i32(2));
  const skeleton = new Skeleton({
    successors,
    entries,
    target: func.param(0, 'i32'),
    body: (position, to): readonly Stmt[] => {
      const ways = successors[position] ?? [];
      const choose = op('i32.and', op('i32.shr_u', get(seed), i32(16)), i32(1));
      const [first, second] = ways;
      const go = (way: number | undefined): readonly Stmt[] =>
        way === undefined ? [{ kind: 'return', value: undefined }] : to(way);
      return [
        store('i32.store', at, i32(position), LOG),
        set(steps, op('i32.add', get(steps), i32(1))),
        store('i32.store', i32(0), get(steps)),
        {
          kind: 'if',
          condition: op('i32.ge_s', get(steps), i32(STEPS)),
          consequent: [{ kind: 'return', value: undefined }],
          alternate: [],
        },
        set(seed, op('i32.add', op('i32.mul', get(seed), i32(MULTIPLIER)), i32(12345))),
        { kind: 'if', condition: choose, consequent: go(first), alternate: [] },
        ...go(second),
      ];
    },
  });
  func.body = [...skeleton.statements(), { kind: 'unreachable' }];
  module.export('walk', func);
  return module;
}

test('blocks are run in the order of the graph', () => {
  const random = seededRandom(3);
  const memory = new wasmEngine.Memory({ initial: 1, maximum: 1 });
  const words = new Int32Array(memory.buffer);
  for (let graph = 0; graph < GRAPHS; graph++) {
    const count = 1 + random.below(14);
    const near = random.below(2) === 0;
    const successors = Array.from({ length: count }, (_, from) =>
      Array.from({ length: random.below(3) }, () =>
        near ? Math.min(count - 1, Math.max(0, from + random.below(6) - 2)) : random.below(count),
      ),
    );
    const entries = [...Array(count).keys()].filter((block) => block === 0 || random.below(3) === 0);
    const module = new wasmEngine.Module(build(successors, entries).encode());
    const { walk } = new wasmEngine.Instance(module, { env: { memory } }).exports as {
      walk(entry: number, seed: number): void;
    };
    for (const entry of entries) {
      let seed = random.u32() | 0;
      walk(entry, seed);
      const met = [...words.subarray(LOG / 4, LOG / 4 + (words[0] ?? 0))];
      const expected: number[] = [];
      for (let at: number | undefined = entry; at !== undefined && expected.length < STEPS; ) {
        expected.push(at);
        seed = following(seed);
        at = ((seed >>> 16) & 1) === 1 ? successors[at]?.[0] : successors[at]?.[1];
      }
      assert.deepEqual(met, expected, `graph ${graph}: ${JSON.stringify(successors)} from ${entry}`);
    }
  }
});
