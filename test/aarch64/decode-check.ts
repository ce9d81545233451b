/** Our decoder and disassembler against binutils, opcode by opcode. */
import type { Decoder } from '../../src/aarch64/decoder.ts';
import { isKnownException } from './decode-exceptions.ts';
import { assemblerAccepts, objdump, withWholeLists } from './objdump.ts';

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
    const isSame =
      ours !== undefined && theirs !== undefined && withWholeLists(ours) === withWholeLists(theirs);
    if (isSame || ours === theirs || isKnownException(opcode, ours, theirs)) continue;
    if (ours === undefined) missing.push({ opcode, ours, theirs });
    else found.push({ opcode, ours, theirs });
  }
  return [...found, ...missing.filter(inAdvertised(missing.map(({ theirs }) => theirs ?? '')))];
}

/** What the assembler said of texts of one form, numbers aside: asking it millions of times would take hours. */
const verdicts = new Map<string, boolean>();
const formOf = (text: string): string => text.replaceAll(/\d+/g, '0').replaceAll(/0x[0-9a-f]+/g, '0');

/** What only binutils knows matters if it belongs to the advertised architecture. */
function inAdvertised(texts: readonly string[]): (disagreement: Disagreement) => boolean {
  const unknown = new Map<string, string>();
  for (const text of texts) if (!verdicts.has(formOf(text))) unknown.set(formOf(text), text);
  const forms = [...unknown];
  for (const [index, accepted] of assemblerAccepts(forms.map(([, text]) => text)).entries()) {
    const form = forms[index]?.[0];
    if (form !== undefined) verdicts.set(form, accepted);
  }
  return ({ theirs }) => verdicts.get(formOf(theirs ?? '')) === true;
}

export function describe({ opcode, ours, theirs }: Disagreement): string {
  const show = (text: string | undefined): string => text?.replace('\t', ' ') ?? 'undefined';
  return `${opcode.toString(16).padStart(8, '0')}: ours ${show(ours)} | binutils ${show(theirs)}`;
}
