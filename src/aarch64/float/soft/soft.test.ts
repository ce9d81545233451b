/** The floating point that runs, against the exact reference: results and FPSR of every operation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../fuzz/random.ts';
import * as exact from '../../../../test/aarch64/reference/index.ts';
import {
  DOUBLE,
  type FpFormat,
  type FpStatus,
  HALF,
  SINGLE,
} from '../../../../test/aarch64/reference/index.ts';
import { floatOperand, randomFpcr } from '../../../../test/support/float-operands.ts';
import { ModuleBuilder, wasmEngine } from '../../../wasm/index.ts';
import { Emitter } from '../../core/emit.ts';
import type { Helper } from '../../meaning/value.ts';
import { STATE } from '../../state.ts';
import * as soft from './index.ts';

interface Case {
  readonly helper: Helper;
  readonly operands: readonly (FpFormat | 'integer')[];
  /** Arguments after the operands, as the helper takes them. */
  readonly extra?: readonly number[];
  readonly reference: (status: FpStatus, a: bigint, b: bigint, c: bigint) => bigint;
}

/** All helpers that are reachable from these, compiled as one module over one memory. */
function compile(roots: readonly Helper[]): {
  readonly call: (helper: Helper, args: readonly (bigint | number)[]) => unknown;
  readonly state: DataView;
} {
  const module = new ModuleBuilder();
  module.importMemory({ module: 'env', name: 'memory', minimum: 1, maximum: 1 });
  const none = module.importFunction('env', 'none', { params: [], results: ['i32'] });
  const functions = new Map<Helper, ReturnType<ModuleBuilder['function']>>();
  const pending: Helper[] = [];
  const functionOf = (helper: Helper) => {
    const known = functions.get(helper);
    if (known !== undefined) return known;
    const made = module.function(helper.name, {
      params: ['i32', ...helper.params],
      results: [helper.result],
    });
    functions.set(helper, made);
    pending.push(helper);
    return made;
  };
  for (const root of roots) module.export(root.name, functionOf(root));
  const refuse = (): never => assert.fail('a helper has no operands and no address');
  for (let helper = pending.pop(); helper !== undefined; helper = pending.pop()) {
    const func = functionOf(helper);
    const body = helper.body?.() ?? assert.fail(`${helper.name} has no body`);
    const emitter = new Emitter({
      runtime: { slowRead: none, slowWrite: none, system: none, helper: functionOf },
      cpu: { kind: 'get', type: 'i32', local: func.param(0, 'i32') },
      tlb: { kind: 'const', type: 'i32', value: 0 },
      operand: refuse,
      local: (type) => func.local(type),
      saveRecord: refuse,
      leave: refuse,
      branch: refuse,
      jump: refuse,
      pc: refuse,
      pageAddress: refuse,
    });
    for (const [index, temp] of body.params.entries()) emitter.bind(temp, func.param(index + 1, temp.type));
    func.body = [
      ...emitter.statements(body.statements),
      { kind: 'return', value: emitter.value(body.result) },
    ];
  }
  const memory = new wasmEngine.Memory({ initial: 1, maximum: 1 });
  const instance = new wasmEngine.Instance(new wasmEngine.Module(module.encode()), {
    env: { memory, none: () => 0 },
  });
  return {
    state: new DataView(memory.buffer),
    call: (helper, args) =>
      (instance.exports[helper.name] as (...all: readonly (bigint | number)[]) => unknown)(0, ...args),
  };
}

type Two = (format: FpFormat, a: bigint, b: bigint, status: FpStatus) => bigint;
type One = (format: FpFormat, a: bigint, status: FpStatus) => bigint;
type PerFormat = (format: FpFormat) => Helper;

const TWO_OPERANDS: readonly (readonly [PerFormat, Two])[] = [
  [soft.fpAdd, exact.fpAdd],
  [soft.fpSub, exact.fpSub],
  [soft.fpMul, exact.fpMul],
  [soft.fpDiv, exact.fpDiv],
  [soft.softAdd, exact.fpAdd],
  [soft.softSub, exact.fpSub],
  [soft.softMul, exact.fpMul],
  [soft.softDiv, exact.fpDiv],
  [soft.softMulX, exact.fpMulX],
  [soft.softMax, exact.fpMax],
  [soft.softMin, exact.fpMin],
  [soft.softMaxNum, exact.fpMaxNum],
  [soft.softMinNum, exact.fpMinNum],
  [soft.softRecipStep, exact.fpRecipStepFused],
  [soft.softRSqrtStep, exact.fpRSqrtStepFused],
];

const ONE_OPERAND: readonly (readonly [PerFormat, One])[] = [
  [soft.fpSqrt, exact.fpSqrt],
  [soft.softSqrt, exact.fpSqrt],
  [soft.softRecipEstimate, exact.fpRecipEstimate],
  [soft.softRSqrtEstimate, exact.fpRSqrtEstimate],
  [soft.softRecpX, exact.fpRecpX],
];

const FORMS = [
  { sizeBits: 32, unsigned: false },
  { sizeBits: 32, unsigned: true },
  { sizeBits: 64, unsigned: false },
  { sizeBits: 64, unsigned: true },
] as const;

function formCode(form: (typeof FORMS)[number]): number {
  return (
    (form.unsigned ? soft.INTEGER_FORM.unsigned : 0) |
    (form.sizeBits === 64 ? soft.INTEGER_FORM.sixtyFour : 0)
  );
}

const ORDERING_OF = { less: 1, equal: 2, greater: 4, unordered: 8 } as const;

function casesOf(format: FpFormat): Case[] {
  const cases: Case[] = [
    ...TWO_OPERANDS.map(
      ([helper, reference]): Case => ({
        helper: helper(format),
        operands: [format, format],
        reference: (status, a, b) => reference(format, a, b, status),
      }),
    ),
    ...ONE_OPERAND.map(
      ([helper, reference]): Case => ({
        helper: helper(format),
        operands: [format],
        reference: (status, a) => reference(format, a, status),
      }),
    ),
    {
      helper: soft.softMulAdd(format),
      operands: [format, format, format],
      reference: (status, a, b, c) => exact.fpMulAdd(format, a, b, c, status),
    },
    ...[0, 1].map(
      (signalAll): Case => ({
        helper: soft.softCompare(format),
        operands: [format, format],
        extra: [signalAll],
        reference: (status, a, b) =>
          BigInt(ORDERING_OF[exact.fpCompare(format, a, b, status, signalAll === 1)]),
      }),
    ),
  ];
  for (const rounding of Object.values(exact.ROUNDING).filter((mode) => mode !== exact.ROUNDING.odd)) {
    for (const inexact of [0, 1]) {
      cases.push({
        helper: soft.softRoundInt(format),
        operands: [format],
        extra: [rounding, inexact],
        reference: (status, a) => exact.fpRoundInt(format, a, status, rounding, inexact === 1),
      });
    }
    for (const form of FORMS) {
      cases.push({
        helper: soft.softToFixed(format),
        operands: [format],
        extra: [formCode(form), 9, rounding],
        reference: (status, a) => exact.fpToFixed(format, a, form, 9, status, rounding),
      });
    }
  }
  for (const form of FORMS) {
    for (const fractionBits of [0, 31, 64]) {
      cases.push({
        helper: soft.softFromFixed(format),
        operands: ['integer'],
        extra: [formCode(form), fractionBits],
        reference: (status, a) => exact.fixedToFp(format, a, form, fractionBits, status),
      });
    }
  }
  return cases;
}

const CONVERSIONS: readonly Case[] = [HALF, SINGLE, DOUBLE].flatMap((from) =>
  [HALF, SINGLE, DOUBLE]
    .filter((to) => to !== from)
    .flatMap((to) =>
      [exact.ROUNDING.tieEven, exact.ROUNDING.posInf, exact.ROUNDING.negInf, exact.ROUNDING.zero].map(
        (rounding): Case => ({
          helper: soft.softConvert(from, to),
          operands: [from],
          extra: [rounding],
          reference: (status, a) => exact.fpConvert(from, to, a, status, rounding),
        }),
      ),
    ),
);

const CASES: readonly Case[] = [
  ...casesOf(SINGLE),
  ...casesOf(DOUBLE),
  ...CONVERSIONS,
  {
    helper: soft.softConvert(DOUBLE, SINGLE),
    operands: [DOUBLE],
    extra: [exact.ROUNDING.odd],
    reference: (status, a) => exact.fpConvert(DOUBLE, SINGLE, a, status, exact.ROUNDING.odd),
  },
];

const RUNS_PER_CASE = 1500;

test(`every helper agrees with the reference in result and FPSR, over ${RUNS_PER_CASE} operands each`, () => {
  const { call, state } = compile([...new Set(CASES.map(({ helper }) => helper))]);
  const random = seededRandom(0x754);
  const wrong: string[] = [];
  for (const { helper, operands, extra = [], reference } of CASES) {
    for (let run = 0; run < RUNS_PER_CASE; run += 1) {
      // The fast paths only open with FPCR clear and IXC set, so half of the runs have it so.
      const fast = random.below(2) === 0;
      const fpcr = fast ? 0 : randomFpcr(random);
      const before = fast ? exact.FPSR.IXC * random.below(2) : 0;
      const values = operands.map((kind) => floatOperand(random, kind));
      const [a = 0n, b = 0n, c = 0n] = values;
      const status: FpStatus = { fpcr, fpsr: before };
      const expected = reference(status, a, b, c);
      state.setUint32(STATE.FPCR, fpcr, true);
      state.setUint32(STATE.FPSR, before, true);
      const answer = call(helper, [...values, ...extra]);
      const result = BigInt.asUintN(64, BigInt(answer as bigint | number));
      const fpsr = state.getUint32(STATE.FPSR, true);
      if (result !== expected || fpsr !== status.fpsr) {
        const hex = (bits: bigint): string => bits.toString(16);
        wrong.push(
          `${helper.name}(${values.map(hex).join(', ')}; ${extra.join(', ')}) fpcr=${fpcr.toString(16)}: ` +
            `${hex(result)}/${fpsr.toString(16)}, expected ${hex(expected)}/${status.fpsr.toString(16)}`,
        );
      }
    }
  }
  assert.deepEqual(wrong.slice(0, 30), [], `${wrong.length} differ`);
});
