/**
 * The decoder and the disassembler against binutils over the whole opcode space: every value of bits 31–10 in turn, which holds all
 * fixed and shape bits of all classes, with random registers in bits 9–0. Four million runs are one round.
 */
import { Decoder } from '../src/aarch64/decoder.ts';
import { INSTRUCTIONS } from '../src/aarch64/insns/index.ts';
import { describe, disagreements } from '../test/aarch64/decode-check.ts';
import { seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const HIGH_VALUES = 2 ** 22;
const LOW_BITS = 10;
/** Odd, so that every value comes up once a round, and few runs are spread over the whole space. */
const STRIDE = 1_640_531;
const CHUNK = 1 << 18;
const SHOWN = 50;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const decoder = new Decoder(INSTRUCTIONS);
  const random = seededRandom(seed);
  const found: string[] = [];
  let defined = 0;
  let high = seed % HIGH_VALUES;
  for (let done = 0; done < runs; done += CHUNK) {
    const opcodes = new Uint32Array(Math.min(CHUNK, runs - done));
    for (let index = 0; index < opcodes.length; index++) {
      opcodes[index] = high * 2 ** LOW_BITS + random.below(2 ** LOW_BITS);
      high = (high + STRIDE) % HIGH_VALUES;
      if (decoder.decode(opcodes[index] ?? 0) !== undefined) defined++;
      const claims = decoder.claims(opcodes[index] ?? 0);
      if (claims.length > 1) found.push(`${opcodes[index]?.toString(16)}: ${claims.map(({ name }) => name)}`);
    }
    found.push(...disagreements(decoder, opcodes).map(describe));
  }
  console.log(`${runs} opcodes, ${defined} of them defined`);
  if (found.length > 0) {
    throw new Error(`${found.length} disagree with binutils:\n${found.slice(0, SHOWN).join('\n')}`);
  }
}
