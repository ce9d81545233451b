/** Every instruction definition against QEMU's user mode: random operands and states, the same program on both sides. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../fuzz/random.ts';
import { Decoder } from '../../src/aarch64/decoder.ts';
import type { Definition } from '../../src/aarch64/definition.ts';
import { INSTRUCTIONS } from '../../src/aarch64/insns/index.ts';
import { randomCase, type TestCase } from './cases.ts';
import { differences } from './compare.ts';
import { runOnOurCpu, runUnderQemu } from './run-cases.ts';
import { buildProgram, DATA_BYTES, dataAddress, instructionAddress } from './stub.ts';
import { NOT_FOR_USER_MODE } from './user-mode.ts';

const CASES_PER_DEFINITION = Number(process.env['DRIVERVM_CASES'] ?? 10);
const SEED = Number(process.env['DRIVERVM_SEED'] ?? 1);
const BATCH = 1500;
const SHOWN = 12;

const decoder = new Decoder(INSTRUCTIONS);
const words = (process.env['DRIVERVM_ONLY'] ?? '').split(',').filter((word) => word !== '');
const tested = INSTRUCTIONS.filter(
  ({ name }) =>
    !NOT_FOR_USER_MODE.has(name) && (words.length === 0 || words.some((word) => name.includes(word))),
);

function makeCases(definitions: readonly Definition[], seed: number): readonly TestCase[] {
  const random = seededRandom(seed);
  const wanted = definitions.flatMap((definition) =>
    Array<Definition>(CASES_PER_DEFINITION).fill(definition),
  );
  const data = dataAddress(wanted.length);
  return wanted.map((definition, index) => {
    const made = randomCase(definition, { decoder, random, address: instructionAddress(index), data });
    if (made === undefined) throw new Error(`no opcode of ${definition.name} was found`);
    return made;
  });
}

const perBatch = Math.max(1, Math.floor(BATCH / CASES_PER_DEFINITION));
for (let first = 0; first < tested.length; first += perBatch) {
  const definitions = tested.slice(first, first + perBatch);
  test(`as QEMU has it: ${definitions[0]?.name} … ${definitions.at(-1)?.name}`, () => {
    const cases = makeCases(definitions, SEED + first);
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
