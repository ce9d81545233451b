/** Where the results of two runs of one program differ, as text. */
import type { Decoder } from '../../src/aarch64/decoder.ts';
import type { TestCase } from './cases.ts';
import { GENERAL_REGISTERS, OFFSET, STATE_BYTES, VECTOR_REGISTERS } from './machine-state.ts';
import { instructionAddress } from './stub.ts';

/** One line per case that differs, with the registers that do: theirs, ours, and what they were. */
export function differences(
  cases: readonly TestCase[],
  decoder: Decoder,
  theirs: Uint8Array,
  ours: Uint8Array,
): readonly string[] {
  const found: string[] = [];
  for (const [index, { opcode, definition, input }] of cases.entries()) {
    const from = index * STATE_BYTES;
    const [a, b] = [theirs, ours].map((bytes) => bytes.subarray(from, from + STATE_BYTES));
    if (a === undefined || b === undefined) continue;
    const registers = differingRegisters(a, b);
    if (registers.length === 0) continue;
    const text = decoder.disassemble(opcode, instructionAddress(index)).replace('\t', ' ');
    const details = registers.map(({ name, offset, bytes }) => {
      const show = (state: Uint8Array): string => hexNumber(state.subarray(offset, offset + bytes));
      return `${name}: QEMU ${show(a)}, ours ${show(b)}, before ${show(input)}`;
    });
    const operands = sourceText(text, input);
    found.push(
      `${definition.name}: ${text} (${opcode.toString(16)})\n    ${details.join('\n    ')}${operands}`,
    );
  }
  const data = cases.length * STATE_BYTES;
  const at = theirs.subarray(data).findIndex((byte, index) => byte !== ours[data + index]);
  if (at >= 0) found.push(`memory differs at ${at}`);
  return found;
}

interface Register {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

const REGISTERS: readonly Register[] = [
  ...Array.from({ length: GENERAL_REGISTERS }, (_, n) => ({
    name: `x${n}`,
    offset: OFFSET.x + n * 8,
    bytes: 8,
  })),
  { name: 'sp', offset: OFFSET.sp, bytes: 8 },
  { name: 'nzcv', offset: OFFSET.nzcv, bytes: 8 },
  { name: 'fpcr', offset: OFFSET.fpcr, bytes: 8 },
  { name: 'fpsr', offset: OFFSET.fpsr, bytes: 8 },
  ...Array.from({ length: VECTOR_REGISTERS }, (_, n) => ({
    name: `v${n}`,
    offset: OFFSET.v + n * 16,
    bytes: 16,
  })),
];

function differingRegisters(a: Uint8Array, b: Uint8Array): readonly Register[] {
  return REGISTERS.filter(({ offset, bytes }) =>
    a.subarray(offset, offset + bytes).some((byte, index) => byte !== b[offset + index]),
  );
}

function hexNumber(bytes: Uint8Array): string {
  return [...bytes]
    .reverse()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** The inputs that the text names, and the control register where it isn't zero. */
function sourceText(text: string, input: Uint8Array): string {
  const names = new Set<string>();
  for (const match of text.matchAll(/\b([xwvqdshb])(\d+)\b/g)) {
    names.add(`${'xw'.includes(match[1] ?? '') ? 'x' : 'v'}${match[2]}`);
  }
  const wanted = REGISTERS.filter(({ name }) => names.has(name) || name === 'fpcr' || name === 'nzcv');
  const values = wanted.map(
    ({ name, offset, bytes }) => `${name}=${hexNumber(input.subarray(offset, offset + bytes))}`,
  );
  return `\n    with ${values.join(' ')}`;
}
