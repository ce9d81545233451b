/** The decode table: no overlaps, and the same text as binutils. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../fuzz/random.ts';
import { Decoder } from '../../src/aarch64/decoder.ts';
import { INSTRUCTIONS } from '../../src/aarch64/insns/index.ts';
import { describe, disagreements } from './decode-check.ts';

const decoder = new Decoder(INSTRUCTIONS);
const PER_DEFINITION = 60;
const ANYWHERE = 40_000;
const SHOWN = 140;

function sample(): Uint32Array {
  const random = seededRandom(5);
  const opcodes: number[] = [];
  for (const { pattern } of INSTRUCTIONS) {
    for (let count = 0; count < PER_DEFINITION; count++) {
      opcodes.push((pattern.value | (random.u32() & ~pattern.mask)) >>> 0);
    }
  }
  for (let count = 0; count < ANYWHERE; count++) opcodes.push(random.u32());
  return Uint32Array.from(opcodes);
}

test('an opcode is claimed by one definition at most', () => {
  const overlaps = new Set<string>();
  for (const opcode of sample()) {
    const claims = decoder.claims(opcode);
    if (claims.length > 1) {
      overlaps.add(`${opcode.toString(16)}: ${claims.map(({ name }) => name).join(' and ')}`);
    }
  }
  assert.deepEqual([...overlaps].slice(0, SHOWN), []);
});

test('opcodes are named as binutils names them', () => {
  const found = disagreements(decoder, sample());
  assert.equal(
    found.length,
    0,
    `${found.length} disagree:\n${found.slice(0, SHOWN).map(describe).join('\n')}`,
  );
});
