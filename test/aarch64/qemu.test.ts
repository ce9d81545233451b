/** Every instruction definition against QEMU's user mode: random operands and states, the same program on both sides. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../fuzz/random.ts';
import { Decoder } from '../../src/aarch64/decoder.ts';
import { shapeName } from '../../src/aarch64/definition.ts';
import { INSTRUCTIONS } from '../../src/aarch64/insns/index.ts';
import { existingShapes, randomCase, type TestCase } from './cases.ts';
import { differences } from './compare.ts';
import { runOnOurCpu, runUnderQemu } from './run-cases.ts';
import { buildProgram, DATA_BYTES, dataAddress, instructionAddress } from './stub.ts';
import { CASES_PER_DEFINITION, NOT_FOR_USER_MODE } from './user-mode.ts';

const CASES = Number(process.env['DRIVERVM_CASES'] ?? CASES_PER_DEFINITION);
const SEED = Number(process.env['DRIVERVM_SEED'] ?? 1);
const BATCH = 1500;
const SHOWN = 12;

const decoder = new Decoder(INSTRUCTIONS);
const words = (process.env['DRIVERVM_ONLY'] ?? '').split(',').filter((word) => word !== '');
const tested = INSTRUCTIONS.filter(
  ({ name }) =>
    !NOT_FOR_USER_MODE.has(name) && (words.length === 0 || words.some((word) => name.includes(word))),
);

/** Every shape, as often as it takes for the definition to have its cases. */
const wanted = tested.flatMap((definition) => {
  const shapes = existingShapes(definition, decoder);
  const times = Math.ceil(CASES / shapes.length);
  return shapes.flatMap((key) => Array.from({ length: times }, () => ({ definition, key })));
});

function makeCases(batch: typeof wanted, seed: number): readonly TestCase[] {
  const random = seededRandom(seed);
  const data = dataAddress(batch.length);
  return batch.map(({ definition, key }, index) => {
    const made = randomCase(definition, key, { decoder, random, address: instructionAddress(index), data });
    if (made === undefined) throw new Error(`no opcode of ${shapeName(definition, key)} was found`);
    return made;
  });
}

for (let first = 0; first < wanted.length; first += BATCH) {
  const batch = wanted.slice(first, first + BATCH);
  test(`as QEMU has it: ${batch[0]?.definition.name} … ${batch.at(-1)?.definition.name}`, () => {
    const cases = makeCases(batch, SEED + first);
    const program = buildProgram(cases, seededRandom(SEED).bytes(DATA_BYTES));
    const found = differences(cases, decoder, runUnderQemu(program), runOnOurCpu(program));
    assert.equal(found.length, 0, `${found.length} differ:\n${found.slice(0, SHOWN).join('\n')}`);
  });
}

test('what is kept from user mode is a definition', () => {
  const names = new Set(INSTRUCTIONS.map(({ name }) => name));
  assert.deepEqual(
    [...NOT_FOR_USER_MODE.keys()].filter((name) => !names.has(name)),
    [],
  );
});
