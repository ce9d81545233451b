/** Opcodes as text, for traces. */
import { Decoder } from './decoder.ts';
import { INSTRUCTIONS } from './insns/index.ts';

let decoder: Decoder | undefined;

/** An opcode at an address in the assembly that binutils prints with `-M no-aliases`. */
export function disassemble(opcode: number, pc: bigint): string {
  decoder ??= new Decoder(INSTRUCTIONS);
  return decoder.disassemble(opcode, pc);
}
