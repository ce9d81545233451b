import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wasmEngine } from './engine.ts';
import {
  call,
  constant,
  type Expr,
  get,
  i32,
  i64,
  label,
  load,
  op,
  opWithImmediate,
  type Stmt,
  select,
  set,
  store,
  tee,
} from './expression.ts';
import { ModuleBuilder } from './module.ts';
import { OPCODES, type OpName, type ValueType } from './opcodes.ts';
import { printModule } from './print.ts';

function zero(type: ValueType): Expr {
  return constant(type, type === 'v128' ? new Uint8Array(16) : type === 'i64' ? 0n : 0);
}

const LANES = { none: [], lane: [0], shuffle: Array.from({ length: 16 }, (_, lane) => lane) };

test('every instruction in the table has the code and the types that the engine knows', () => {
  const wrong = Object.entries(OPCODES).filter(([name, { operands, result, immediate }]) => {
    const module = new ModuleBuilder();
    const func = module.function('f', { params: [], results: [result] });
    func.body = [
      {
        kind: 'return',
        value: opWithImmediate(name as OpName, LANES[immediate], operands.map(zero)),
      },
    ];
    return !wasmEngine.validate(module.encode());
  });
  assert.deepEqual(
    wrong.map(([name]) => name),
    [],
  );
});

/** Sums the words of memory up to a limit: loops, locals, calls, memory, a table branch. */
function sample(): ModuleBuilder {
  const module = new ModuleBuilder();
  module.importMemory({ module: 'env', name: 'memory', minimum: 1, maximum: 2 });
  const log = module.importFunction('env', 'log', { params: ['i32'], results: [] });
  const double = module.function('double', { params: ['i64'], results: ['i64'] });
  double.body = [{ kind: 'return', value: op('i64.shl', get(double.param(0, 'i64')), i64(1n)) }];
  const sum = module.function('sum', { params: ['i32'], results: ['i64'] });
  const limit = sum.param(0, 'i32');
  const total = sum.local('i64');
  const at = sum.local('i32');
  const again = label('again');
  sum.body = [
    {
      kind: 'loop',
      label: again,
      body: [
        set(total, op('i64.add', get(total), load('i64.load32_u', get(at), 16))),
        set(at, op('i32.add', get(at), i32(4))),
        { kind: 'br-if', label: again, condition: op('i32.lt_u', get(at), get(limit)) },
      ],
    },
    { kind: 'call-void', callee: log, args: [get(at)] },
    store('i64.store', i32(0), get(total)),
    {
      kind: 'return',
      value: select(get(limit), call(double, get(total)) as Expr<'i64'>, i64(-1n)),
    },
  ];
  module.export('sum', sum);
  return module;
}

test('a module runs as it reads', () => {
  const memory = new wasmEngine.Memory({ initial: 1, maximum: 2 });
  new Uint32Array(memory.buffer).set([1, 2, 0xffff_fff0, 4], 4);
  const logged: number[] = [];
  const imports = { env: { memory, log: (value: number) => logged.push(value) } };
  const instance = new wasmEngine.Instance(new wasmEngine.Module(sample().encode()), imports);
  const sum = instance.exports['sum'] as (limit: number) => bigint;
  assert.equal(sum(16), 2n * 0xffff_fff7n);
  assert.deepEqual(logged, [16]);
  assert.equal(new BigUint64Array(memory.buffer)[0], 0xffff_fff7n);
});

test('the printer writes folded text', () => {
  assert.equal(
    printModule(sample()),
    `(module
  (import "env" "log" (func $log (param i32)))
  (import "env" "memory" (memory 1 2))
  (func $double (param i64) (result i64)
    (return (i64.shl (local.get 0) (i64.const 1))))
  (func $sum (param i32) (result i64)
    (local i64 i32)
    (loop $again
      (local.set 1 (i64.add (local.get 1) (i64.load32_u offset=16 (local.get 2))))
      (local.set 2 (i32.add (local.get 2) (i32.const 4)))
      (br_if $again (i32.lt_u (local.get 2) (local.get 0))))
    (call $log (local.get 2))
    (i64.store (i32.const 0) (local.get 1))
    (return (select (call $double (local.get 1)) (i64.const -1) (local.get 0))))
  (export "sum" (func $sum)))
`,
  );
});

test('conditions, values of conditions and jumps run as they read', () => {
  const module = new ModuleBuilder();
  const one = module.function('one', { params: ['i32'], results: ['i32'] });
  one.body = [{ kind: 'return', value: op('i32.add', get(one.param(0, 'i32')), i32(1)) }];
  const pick = module.function('pick', { params: ['i32'], results: ['i32'] });
  const at = get(pick.param(0, 'i32'));
  const kept = pick.local('i32');
  const [first, second] = [label('first'), label('second')];
  const table: Stmt = { kind: 'br-table', labels: [first], otherwise: second, index: at };
  const inner: Stmt = { kind: 'block', label: first, body: [table] };
  const doubled = tee(kept, op('i32.shl', at, i32(1)));
  pick.body = [
    { kind: 'block', label: second, body: [inner, { kind: 'return', value: i32(100) }] },
    {
      kind: 'if',
      condition: op('i32.gt_u', at, i32(9)),
      consequent: [{ kind: 'unreachable' }],
      alternate: [{ kind: 'drop', value: doubled }],
    },
    {
      kind: 'set',
      local: kept,
      value: {
        kind: 'if-value',
        type: 'i32',
        condition: op('i32.eq', at, i32(1)),
        consequent: [],
        thenValue: i32(7),
        alternate: [],
        elseValue: get(kept),
      },
    },
    { kind: 'return-call', callee: one, args: [get(kept)] },
  ];
  module.export('pick', pick);
  const instance = new wasmEngine.Instance(new wasmEngine.Module(module.encode()), {});
  const run = instance.exports['pick'] as (at: number) => number;
  assert.deepEqual([0, 1, 2, 9].map(run), [100, 8, 5, 19]);
  assert.throws(() => run(10), /unreachable/);
  const text = printModule(module);
  for (const line of [
    '(br_table $first $second (local.get 0))',
    '(if (i32.gt_u (local.get 0) (i32.const 9))',
    '(else',
    '(drop (local.tee 1 (i32.shl (local.get 0) (i32.const 1))))',
    '(local.set 1 (if (result i32) (i32.eq (local.get 0) (i32.const 1))',
    '(return_call $one (local.get 1))',
    '(unreachable)',
  ])
    assert.ok(text.includes(line), `${line}\n${text}`);
});

test('a branch to a label that does not enclose it is our mistake', () => {
  const module = new ModuleBuilder();
  module.function('f', { params: [], results: [] }).body = [{ kind: 'br', label: label('elsewhere') }];
  assert.throws(() => module.encode(), /branch to elsewhere, which doesn't enclose it/);
});
