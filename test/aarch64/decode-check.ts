/** Our decoder and disassembler against binutils, opcode by opcode. */
import type { Decoder } from '../../src/aarch64/decoder.ts';
import { isKnownException } from './decode-exceptions.ts';
import { assemblerAccepts, objdump } from './objdump.ts';

export interface Disagreement {
  readonly opcode: number;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

export function disagreements(decoder: Decoder, opcodes: Uint32Array): readonly Disagreement[] {
  const found: Disagreement[] = [];
  const missing: Disagreement[] = [];
  for (const [index, theirs] of objdump(opcodes).entries()) {
    const opcode = opcodes[index] ?? 0;
    const decoded = decoder.decode(opcode);
    const ours = decoded?.definition.assembly(decoded.fields, BigInt(index * 4));
    if (ours === theirs || isKnownException(opcode, ours, theirs)) continue;
    if (ours === undefined) missing.push({ opcode, ours, theirs });
    else found.push({ opcode, ours, theirs });
  }
  // What only binutils knows matters if it belongs to the advertised architecture.
  const accepted = assemblerAccepts(missing.map(({ theirs }) => theirs ?? ''));
  return [...found, ...missing.filter((_, index) => accepted[index] === true)];
}

export function describe({ opcode, ours, theirs }: Disagreement): string {
  const show = (text: string | undefined): string => text?.replace('\t', ' ') ?? 'undefined';
  return `${opcode.toString(16).padStart(8, '0')}: ours ${show(ours)} | binutils ${show(theirs)}`;
}
