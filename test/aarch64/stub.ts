/**
 * The program that runs test cases, the same bytes under QEMU and under our CPU: for each case it loads all registers,
 * runs one instruction, and stores all registers; then it writes the results to standard output.
 */

import { assemble } from '../support/assembler.ts';
import { GENERAL_REGISTERS, OFFSET, STATE_BYTES, VECTOR_REGISTERS } from './machine-state.ts';

/** Where the program lies, in QEMU's user mode and in our RAM. */
export const PROGRAM_ADDRESS = 0x4000_0000;
/** Memory for loads and stores; base registers point into its middle. */
export const DATA_BYTES = 0x3_0000;

export interface StubCase {
  /** The instruction, and what stands after it: a NOP, or what a taken branch by two jumps over. */
  readonly opcodes: readonly [number, number];
  readonly input: Uint8Array;
}

export interface Program {
  /** At {@link PROGRAM_ADDRESS}, entered at its beginning. */
  readonly image: Uint8Array;
  /** Where the results begin in the image; then `resultBytes` of them: states, and the data. */
  readonly resultOffset: number;
  readonly resultBytes: number;
}

const PLACEHOLDER = {
  instruction: 0xd503_201f,
  input: 0x1111_1111_1111_1111n,
  output: 0x2222_2222_2222_2222n,
};
const BASE = 28;

function pairs(verb: string, prefix: string, count: number, offset: number, bytes: number): string {
  const lines = [];
  for (let register = 0; register + 1 < count; register += 2) {
    if (prefix === 'x' && register === BASE) continue;
    lines.push(
      `${verb} ${prefix}${register}, ${prefix}${register + 1}, [x28, #${offset + register * bytes}]`,
    );
  }
  return lines.join('\n');
}

const TEMPLATE = `
  ldr x28, input
  ${pairs('ldp', 'q', VECTOR_REGISTERS, OFFSET.v, 16)}
  ldr x0, [x28, #${OFFSET.sp}]
  mov sp, x0
  ldr x0, [x28, #${OFFSET.nzcv}]
  msr nzcv, x0
  ldr x0, [x28, #${OFFSET.fpcr}]
  msr fpcr, x0
  ldr x0, [x28, #${OFFSET.fpsr}]
  msr fpsr, x0
  ${pairs('ldp', 'x', GENERAL_REGISTERS - 1, OFFSET.x, 8)}
  ldp x29, x30, [x28, #${29 * 8}]
  ldr x28, [x28, #${BASE * 8}]
instruction:
  nop
  nop
  msr tpidr_el0, x28
  ldr x28, output
  ${pairs('stp', 'x', GENERAL_REGISTERS - 1, OFFSET.x, 8)}
  stp x29, x30, [x28, #${29 * 8}]
  mov x0, sp
  str x0, [x28, #${OFFSET.sp}]
  mrs x0, nzcv
  str x0, [x28, #${OFFSET.nzcv}]
  mrs x0, fpcr
  str x0, [x28, #${OFFSET.fpcr}]
  mrs x0, fpsr
  str x0, [x28, #${OFFSET.fpsr}]
  mrs x0, tpidr_el0
  str x0, [x28, #${BASE * 8}]
  ${pairs('stp', 'q', VECTOR_REGISTERS, OFFSET.v, 16)}
  b end
  .align 3
input: .quad ${PLACEHOLDER.input}
output: .quad ${PLACEHOLDER.output}
instruction_offset: .quad instruction
end:
`;

/** write(1, results, n), again until all is out; exit(0). */
const EPILOGUE = `
  ldr x19, from
  ldr x20, length
again:
  mov x0, #1
  mov x1, x19
  mov x2, x20
  mov x8, #64
  svc #0
  cmp x0, #0
  b.le out
  add x19, x19, x0
  subs x20, x20, x0
  b.ne again
out:
  mov x0, #0
  mov x8, #93
  svc #0
  .align 3
from: .quad ${PLACEHOLDER.input}
length: .quad ${PLACEHOLDER.output}
`;

interface Piece {
  readonly code: Uint8Array;
  readonly input: number;
  readonly output: number;
  readonly instruction: number;
}

function piece(source: string): Piece {
  const code = assemble(source);
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const find = (wanted: bigint): number => {
    for (let at = 0; at + 8 <= code.length; at += 8) if (view.getBigUint64(at, true) === wanted) return at;
    throw new Error('a placeholder is lost');
  };
  const output = find(PLACEHOLDER.output);
  const hasInstruction = output + 16 <= code.length;
  const instruction = hasInstruction ? Number(view.getBigUint64(output + 8, true)) : 0;
  return { code, input: find(PLACEHOLDER.input), output, instruction };
}

let template: Piece | undefined;
let epilogue: Piece | undefined;

/** Where a case's instruction will be. */
export function instructionAddress(index: number): bigint {
  template ??= piece(TEMPLATE);
  return BigInt(PROGRAM_ADDRESS + index * template.code.length + template.instruction);
}

/** Where the data of a program of so many cases will be. */
export function dataAddress(caseCount: number): number {
  template ??= piece(TEMPLATE);
  epilogue ??= piece(EPILOGUE);
  const codeBytes = align(caseCount * template.code.length + epilogue.code.length);
  return PROGRAM_ADDRESS + codeBytes + 2 * caseCount * STATE_BYTES;
}

/** The program: code, inputs, results, data. */
export function buildProgram(cases: readonly StubCase[], data: Uint8Array): Program {
  template ??= piece(TEMPLATE);
  epilogue ??= piece(EPILOGUE);
  const codeBytes = align(cases.length * template.code.length + epilogue.code.length);
  const inputs = codeBytes;
  const results = inputs + cases.length * STATE_BYTES;
  const dataOffset = results + cases.length * STATE_BYTES;
  const image = new Uint8Array(dataOffset + DATA_BYTES);
  const view = new DataView(image.buffer);
  for (const [index, { opcodes, input }] of cases.entries()) {
    const at = index * template.code.length;
    image.set(template.code, at);
    for (const [slot, opcode] of opcodes.entries()) {
      view.setUint32(at + template.instruction + slot * 4, opcode, true);
    }
    const inputOffset = inputs + index * STATE_BYTES;
    view.setBigUint64(at + template.input, BigInt(PROGRAM_ADDRESS + inputOffset), true);
    const outputOffset = results + index * STATE_BYTES;
    view.setBigUint64(at + template.output, BigInt(PROGRAM_ADDRESS + outputOffset), true);
    image.set(input, inputOffset);
  }
  const resultBytes = cases.length * STATE_BYTES + DATA_BYTES;
  const at = cases.length * template.code.length;
  image.set(epilogue.code, at);
  view.setBigUint64(at + epilogue.input, BigInt(PROGRAM_ADDRESS + results), true);
  view.setBigUint64(at + epilogue.output, BigInt(resultBytes), true);
  image.set(data, dataOffset);
  return { image, resultOffset: results, resultBytes };
}

function align(bytes: number): number {
  return Math.ceil(bytes / 4096) * 4096;
}
