/** Random test cases for a definition: opcodes that are its own, with registers and memory that make sense for it. */
import { type Random, seededRandom } from '../../fuzz/random.ts';
import type { Decoder } from '../../src/aarch64/decoder.ts';
import { type Definition, makeShape, shapeKeys } from '../../src/aarch64/definition.ts';
import type { Statement } from '../../src/aarch64/meaning/value.ts';
import {
  type AnyFieldValues,
  composeOpcode,
  extractFields,
  shapeFields,
  shapeKey,
} from '../../src/aarch64/pattern.ts';
import {
  GENERAL_REGISTERS,
  MachineState,
  randomLong,
  randomVector,
  VECTOR_REGISTERS,
} from './machine-state.ts';
import { DATA_BYTES, type StubCase } from './stub.ts';

const NOP = 0xd503_201f;
/** eor x26, x26, #0xff: shows whether a branch by two instructions was taken. */
const MARK = 0xd240_1f5a;
const BRANCH_DISTANCE = 2;
const TRIES = 300;
/** Register fields that some instructions of a class do not use. */
const SHOULD_BE_ONE_FIELDS = ['ra', 'rs', 'rt2'] as const;
const ALL_ONES = 31;
const REGISTER_FIELDS = ['rd', 'rn', 'rm', 'ra', 'rt', 'rt2', 'rs'] as const;

export interface TestCase extends StubCase {
  readonly definition: Definition;
  readonly opcode: number;
}

export interface Surroundings {
  readonly decoder: Decoder;
  readonly random: Random;
  /** Where the instruction will be. */
  readonly address: bigint;
  /** Where the data is. */
  readonly data: number;
}

function uses(statements: readonly Statement[], kinds: readonly Statement['kind'][]): boolean {
  return statements.some(
    (statement) =>
      kinds.includes(statement.kind) ||
      (statement.kind === 'if' && uses([...statement.consequent, ...statement.alternate], kinds)),
  );
}

/** A random opcode of one shape; `undefined` where none was found, for not every shape exists. */
function randomOpcode(
  definition: Definition,
  key: number,
  decoder: Decoder,
  random: Random,
): number | undefined {
  const { pattern } = definition;
  const shape = composeOpcode(pattern, shapeFields(pattern, key));
  const shapeBits = composeOpcode(pattern, shapeFields(pattern, shapeKey(pattern, 0xffff_ffff)));
  const free = ~(pattern.mask | shapeBits);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const opcode = (shape | (random.u32() & free)) >>> 0;
    if (decoder.decode(opcode)?.definition === definition) return opcode;
  }
  return undefined;
}

/** The shapes of which there is an opcode. */
export function existingShapes(definition: Definition, decoder: Decoder): readonly number[] {
  const random = seededRandom(1);
  return shapeKeys(definition).filter((key) => randomOpcode(definition, key, decoder, random) !== undefined);
}

/** `undefined` where no opcode of that shape was found. */
export function randomCase(definition: Definition, key: number, around: Surroundings): TestCase | undefined {
  const { random } = around;
  const { pattern } = definition;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const opcode = randomOpcode(definition, key, around.decoder, random);
    if (opcode === undefined) return undefined;
    const shape = makeShape(definition, shapeKey(pattern, opcode));
    const touchesMemory = uses(shape.statements, ['guest-load', 'guest-store']);
    const branches = uses(shape.statements, ['branch', 'jump']);
    const fields: Record<string, number> = { ...extractFields(pattern, opcode) };
    if (touchesMemory) distinctRegisters(fields, random);
    if (touchesMemory && fields['imm19'] !== undefined) fields['imm19'] = random.below(16);
    if (branches) branchFields(fields);
    // What no operand reads is "should be one" in the manual, and later QEMUs insist on it.
    for (const name of SHOULD_BE_ONE_FIELDS) {
      const isRead = shape.operands.some(({ key }) => key.startsWith(name));
      if (fields[name] !== undefined && !isRead) fields[name] = ALL_ONES;
    }
    const final = composeOpcode(pattern, fields);
    if (around.decoder.decode(final)?.definition !== definition) continue;
    const state = randomState(random, definition.floatingPoint);
    if (touchesMemory) memoryRegisters(state, fields, around);
    if (branches && fields['rn'] !== undefined) state.setX(fields['rn'], around.address + 8n);
    const opcodes: readonly [number, number] = [final, branches ? MARK : NOP];
    return { definition, opcode: final, opcodes, input: state.bytes };
  }
  return undefined;
}

/** Registers that differ, for what an instruction does to one that is base and target at once is often UNPREDICTABLE. */
function distinctRegisters(fields: Record<string, number>, random: Random): void {
  const taken = new Set<number>();
  for (const name of REGISTER_FIELDS) {
    if (fields[name] === undefined) continue;
    let register: number;
    // Even, with room for a second one after it: CASP takes pairs.
    do register = random.below(13) * 2;
    while (taken.has(register));
    taken.add(register);
    fields[name] = register;
  }
}

function branchFields(fields: Record<string, number>): void {
  for (const name of ['imm26', 'imm19', 'imm14']) {
    if (fields[name] !== undefined) fields[name] = BRANCH_DISTANCE;
  }
  // The zero register is no place to jump to.
  if (fields['rn'] === 31) fields['rn'] = 5;
}

function memoryRegisters(state: MachineState, fields: AnyFieldValues, around: Surroundings): void {
  const { random } = around;
  const middle = around.data + DATA_BYTES / 2;
  const { rn, rm } = fields;
  if (rn !== undefined) state.setX(rn, BigInt(middle + random.below(64) * 16));
  if (rm !== undefined) state.setX(rm, BigInt(random.below(16) * 16));
  // A literal is near the instruction; what it reads there is code, the same on both sides.
  if (rn === undefined && fields['rt'] !== undefined) state.setX(fields['rt'], BigInt(middle));
}

const FPCR_BITS = { rounding: 22, fz: 24, dn: 25, ahp: 26 } as const;

function randomState(random: Random, floatingPoint: boolean): MachineState {
  const state = new MachineState();
  for (let register = 0; register < GENERAL_REGISTERS; register++) state.setX(register, randomLong(random));
  for (let register = 0; register < VECTOR_REGISTERS; register++) state.setV(register, randomVector(random));
  state.set('sp', randomLong(random) & ~15n);
  state.set('nzcv', BigInt(random.below(16)) << 28n);
  if (floatingPoint && random.below(2) === 1) {
    const fpcr =
      (random.below(4) << FPCR_BITS.rounding) |
      (random.below(2) << FPCR_BITS.fz) |
      (random.below(2) << FPCR_BITS.dn) |
      ((random.below(4) === 0 ? 1 : 0) << FPCR_BITS.ahp);
    state.set('fpcr', BigInt(fpcr));
  }
  return state;
}
