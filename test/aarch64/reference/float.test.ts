/**
 * The reference's floating point against QEMU's: every operation, in every rounding mode, with and without flushing,
 * default NaNs and the alternative half-precision format, over edge values and random ones; results and FPSR.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../../fuzz/random.ts';
import { floatOperand, randomFpcr } from '../../support/float-operands.ts';
import { runOracle } from '../../support/oracles.ts';
import {
  DOUBLE,
  type FpFormat,
  type FpStatus,
  fixedToFp,
  fpAdd,
  fpCompare,
  fpConvert,
  fpDiv,
  fpMax,
  fpMaxNum,
  fpMin,
  fpMinNum,
  fpMul,
  fpMulAdd,
  fpMulX,
  fpRecipEstimate,
  fpRecipStepFused,
  fpRecpX,
  fpRoundInt,
  fpRSqrtEstimate,
  fpRSqrtStepFused,
  fpSqrt,
  fpSub,
  fpToFixed,
  HALF,
  NZCV_OF_ORDERING,
  ROUNDING,
  roundingOf,
  SINGLE,
  unsignedRecipEstimate,
  unsignedRSqrtEstimate,
} from './index.ts';

interface Operation {
  /** At most three instructions: operands in d0, d1 and d2 (x0 holds d0's bits too), the result in d0. */
  readonly assembly: string;
  readonly operands: readonly (FpFormat | 'integer')[];
  readonly reference: (status: FpStatus, a: bigint, b: bigint, c: bigint) => bigint;
}

const INT64 = { sizeBits: 64, unsigned: false };
const UINT64 = { sizeBits: 64, unsigned: true };
const INT32 = { sizeBits: 32, unsigned: false };
const UINT32 = { sizeBits: 32, unsigned: true };

type Binary = (format: FpFormat, a: bigint, b: bigint, status: FpStatus) => bigint;
const BINARY: Readonly<Record<string, Binary>> = {
  fadd: fpAdd,
  fsub: fpSub,
  fmul: fpMul,
  fdiv: fpDiv,
  fmulx: fpMulX,
  fmax: fpMax,
  fmin: fpMin,
  fmaxnm: fpMaxNum,
  fminnm: fpMinNum,
  frecps: fpRecipStepFused,
  frsqrts: fpRSqrtStepFused,
};

type Unary = (format: FpFormat, a: bigint, status: FpStatus) => bigint;
const UNARY: Readonly<Record<string, Unary>> = {
  fsqrt: fpSqrt,
  frecpe: fpRecipEstimate,
  frsqrte: fpRSqrtEstimate,
  frecpx: fpRecpX,
  frintn: (format, a, status) => fpRoundInt(format, a, status, ROUNDING.tieEven, false),
  frinta: (format, a, status) => fpRoundInt(format, a, status, ROUNDING.tieAway, false),
  frintp: (format, a, status) => fpRoundInt(format, a, status, ROUNDING.posInf, false),
  frintm: (format, a, status) => fpRoundInt(format, a, status, ROUNDING.negInf, false),
  frintz: (format, a, status) => fpRoundInt(format, a, status, ROUNDING.zero, false),
  frintx: (format, a, status) => fpRoundInt(format, a, status, roundingOf(status), true),
  frinti: (format, a, status) => fpRoundInt(format, a, status, roundingOf(status), false),
};

const TO_INTEGER_ROUNDING = {
  n: ROUNDING.tieEven,
  a: ROUNDING.tieAway,
  p: ROUNDING.posInf,
  m: ROUNDING.negInf,
  z: ROUNDING.zero,
} as const;

function operationsOf(format: FpFormat, s: 's' | 'd'): Operation[] {
  const operations: Operation[] = [];
  for (const [name, reference] of Object.entries(BINARY)) {
    operations.push({
      assembly: `${name} ${s}0, ${s}0, ${s}1`,
      operands: [format, format],
      reference: (status, a, b) => reference(format, a, b, status),
    });
  }
  for (const [name, reference] of Object.entries(UNARY)) {
    operations.push({
      assembly: `${name} ${s}0, ${s}0`,
      operands: [format],
      reference: (status, a) => reference(format, a, status),
    });
  }
  operations.push({
    assembly: `fmadd ${s}0, ${s}0, ${s}1, ${s}2`,
    operands: [format, format, format],
    reference: (status, a, b, c) => fpMulAdd(format, c, a, b, status),
  });
  for (const [name, signalAll] of [
    ['fcmp', false],
    ['fcmpe', true],
  ] as const) {
    operations.push({
      assembly: `${name} ${s}0, ${s}1\n mrs x0, nzcv\n fmov d0, x0`,
      operands: [format, format],
      reference: (status, a, b) =>
        BigInt(NZCV_OF_ORDERING[fpCompare(format, a, b, status, signalAll)]) << 28n,
    });
  }
  for (const [letter, rounding] of Object.entries(TO_INTEGER_ROUNDING)) {
    for (const form of [INT64, UINT64, INT32, UINT32]) {
      const register = form.sizeBits === 64 ? 'x0' : 'w0';
      operations.push({
        assembly: `fcvt${letter}${form.unsigned ? 'u' : 's'} ${register}, ${s}0\n fmov d0, x0`,
        operands: [format],
        reference: (status, a) => fpToFixed(format, a, form, 0, status, rounding),
      });
    }
  }
  for (const form of [INT64, UINT64, INT32, UINT32]) {
    const register = form.sizeBits === 64 ? 'x0' : 'w0';
    const letter = form.unsigned ? 'u' : 's';
    for (const fractionBits of [0, 7, 31]) {
      const point = fractionBits === 0 ? '' : `, #${fractionBits}`;
      operations.push(
        {
          assembly: `${letter}cvtf ${s}0, ${register}${point}`,
          operands: ['integer'],
          reference: (status, a) => fixedToFp(format, a, form, fractionBits, status),
        },
        {
          assembly: `fcvtz${letter} ${register}, ${s}0${point}\n fmov d0, x0`,
          operands: [format],
          reference: (status, a) => fpToFixed(format, a, form, fractionBits, status, ROUNDING.zero),
        },
      );
    }
  }
  return operations;
}

function conversion(from: FpFormat, to: FpFormat): Operation {
  const letter = { 16: 'h', 32: 's', 64: 'd' } as const;
  return {
    assembly: `fcvt ${letter[to.sizeBits]}0, ${letter[from.sizeBits]}0`,
    operands: [from],
    reference: (status, a) => fpConvert(from, to, a, status),
  };
}

const OPERATIONS: readonly Operation[] = [
  ...operationsOf(DOUBLE, 'd'),
  ...operationsOf(SINGLE, 's'),
  ...[HALF, SINGLE, DOUBLE].flatMap((from) =>
    [HALF, SINGLE, DOUBLE].filter((to) => to !== from).map((to) => conversion(from, to)),
  ),
  {
    assembly: 'fcvtxn s0, d0',
    operands: [DOUBLE],
    reference: (status, a) => fpConvert(DOUBLE, SINGLE, a, status, ROUNDING.odd),
  },
  {
    assembly: 'urecpe v0.2s, v0.2s\n fmov w0, s0\n fmov d0, x0',
    operands: ['integer'],
    reference: (_, a) => BigInt(unsignedRecipEstimate(Number(a & 0xffff_ffffn))),
  },
  {
    assembly: 'ursqrte v0.2s, v0.2s\n fmov w0, s0\n fmov d0, x0',
    operands: ['integer'],
    reference: (_, a) => BigInt(unsignedRSqrtEstimate(Number(a & 0xffff_ffffn))),
  },
];

const RECORD_BYTES = 40;
const ANSWER_BYTES = 16;
const RECORDS_PER_READ = 512;

/** A program that reads records (operation, FPCR, three operands) and writes answers (result, FPSR). */
function oracleSource(): string {
  const blocks = OPERATIONS.map(({ assembly }) => ` .balign 16\n ${assembly}\n ret`).join('\n');
  return `
 .globl _start
_start:
 adr x19, records
 ldr x20, =answers
again:
 mov x21, #0
fill:
 mov x0, #0
 add x1, x19, x21
 mov x2, #${RECORD_BYTES * RECORDS_PER_READ}
 sub x2, x2, x21
 mov x8, #63
 svc #0
 cmp x0, #0
 ble filled
 add x21, x21, x0
 b fill
filled:
 cbz x21, finish
 mov x22, x19
 add x21, x19, x21
 mov x23, x20
next:
 ldp x1, x2, [x22]
 msr fpcr, x2
 msr fpsr, xzr
 ldr d0, [x22, #16]
 ldr d1, [x22, #24]
 ldr d2, [x22, #32]
 ldr x0, [x22, #16]
 adr x3, operations
 add x3, x3, x1, lsl #4
 blr x3
 str d0, [x23]
 mrs x4, fpsr
 str x4, [x23, #8]
 add x22, x22, #${RECORD_BYTES}
 add x23, x23, #${ANSWER_BYTES}
 cmp x22, x21
 b.lo next
 mov x0, #1
 mov x1, x20
 sub x2, x23, x20
 mov x8, #64
 svc #0
 b again
finish:
 mov x0, #0
 mov x8, #93
 svc #0
 .balign 16
operations:
${blocks}
 .ltorg
 .bss
 .balign 16
records: .skip ${RECORD_BYTES * RECORDS_PER_READ}
answers: .skip ${ANSWER_BYTES * RECORDS_PER_READ}
`.replace('adr x19, records', 'ldr x19, =records');
}

interface OracleCase {
  readonly operation: number;
  readonly fpcr: number;
  readonly operands: readonly bigint[];
}

function randomRecord(random: Random, operation: number): OracleCase {
  const fpcr = randomFpcr(random);
  const kinds = OPERATIONS[operation]?.operands ?? [];
  return { operation, fpcr, operands: [0, 1, 2].map((n) => floatOperand(random, kinds[n] ?? 'integer')) };
}

function askOracle(records: readonly OracleCase[]): DataView {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-float-'));
  try {
    const path = (name: string): string => join(directory, name);
    writeFileSync(path('oracle.s'), oracleSource());
    const assembled = runOracle('aarch64-linux-gnu-as', ['-o', path('oracle.o'), path('oracle.s')]);
    assert.equal(assembled.status, 0, assembled.stderr);
    const linked = runOracle('aarch64-linux-gnu-ld', ['-o', path('oracle'), path('oracle.o')]);
    assert.equal(linked.status, 0, linked.stderr);
    const input = new DataView(new ArrayBuffer(records.length * RECORD_BYTES));
    for (const [index, record] of records.entries()) {
      const words = [BigInt(record.operation), BigInt(record.fpcr), ...record.operands];
      for (const [word, value] of words.entries()) {
        input.setBigUint64(index * RECORD_BYTES + word * 8, value, true);
      }
    }
    const outcome = runOracle('qemu-aarch64-static', [path('oracle')], new Uint8Array(input.buffer));
    assert.equal(outcome.status, 0, outcome.stderr);
    assert.equal(outcome.stdout.length, records.length * ANSWER_BYTES);
    return new DataView(outcome.stdout.buffer, outcome.stdout.byteOffset, outcome.stdout.length);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const CASES_PER_OPERATION = 1500;

test(`every operation agrees with QEMU's in result and FPSR, over ${CASES_PER_OPERATION} cases each`, () => {
  const random = seededRandom(0x0487);
  const records = OPERATIONS.flatMap((_, operation) =>
    Array.from({ length: CASES_PER_OPERATION }, () => randomRecord(random, operation)),
  );
  const answers = askOracle(records);
  const wrong: string[] = [];
  for (const [index, { operation, fpcr, operands }] of records.entries()) {
    const [a = 0n, b = 0n, c = 0n] = operands;
    const status: FpStatus = { fpcr, fpsr: 0 };
    const { assembly, reference } = OPERATIONS[operation] as Operation;
    const result = reference(status, a, b, c);
    const expected = answers.getBigUint64(index * ANSWER_BYTES, true);
    const expectedFpsr = Number(answers.getBigUint64(index * ANSWER_BYTES + 8, true));
    if (result !== expected || status.fpsr !== expectedFpsr) {
      wrong.push(
        `${assembly} fpcr=${fpcr.toString(16)} ${operands.map((bits) => bits.toString(16)).join(' ')}: ` +
          `${result.toString(16)}/${status.fpsr.toString(16)}, QEMU ${expected.toString(16)}/${expectedFpsr.toString(16)}`,
      );
    }
  }
  assert.deepEqual(wrong.slice(0, 40), [], `${wrong.length} of ${records.length} differ`);
});
