/**
 * The interpreter and the translator against the reference evaluator, on the same random cases. They share their meanings, so this finds what the
 * generators and the decoder do wrong; what the meanings have wrong QEMU finds.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../fuzz/random.ts';
import { Decoder } from '../../src/aarch64/decoder.ts';
import { createCpuCluster, type TranslationOptions } from '../../src/aarch64/index.ts';
import { INSTRUCTIONS } from '../../src/aarch64/insns/index.ts';
import { STATE, STATE_BYTES, X_SLOT, xOffset } from '../../src/aarch64/state.ts';
import { existingShapes, randomCase } from './cases.ts';
import { GENERAL_REGISTERS, OFFSET, VECTOR_REGISTERS } from './machine-state.ts';
import { Evaluator } from './reference/evaluate.ts';
import { DATA_BYTES } from './stub.ts';
import { NOT_FOR_USER_MODE } from './user-mode.ts';

const decoder = new Decoder(INSTRUCTIONS);
const CODE = 0x4000_0000;
const DATA = 0x4010_0000;
const RAM_BYTES = 0x20_0000;
const ALL = { read: true, write: true, execute: true } as const;
const FIRST_VCPU = 0x1_0000;
/** hvc #0, where the instruction under test goes on: after it, or two further if it branched. */
const HVC = 0xd400_0002;

/** Each shape alone in a region. */
const ONE = { threshold: 1, batch: 1, limit: 1 } as const;
const TIERS: readonly { readonly tier: string; readonly translation?: TranslationOptions }[] = [
  { tier: 'the interpreter' },
  { tier: 'the translator', translation: ONE },
];

function bench(translation?: TranslationOptions) {
  const cluster = createCpuCluster({
    vcpuCount: 1,
    ramSizesBytes: [RAM_BYTES],
    counter: { frequencyHz: 62_500_000, count: (_, retired) => BigInt(retired) },
    ...(translation === undefined ? {} : { translation }),
  });
  const [vcpu] = cluster.vcpus;
  const [ram] = cluster.ram;
  if (vcpu === undefined || ram === undefined) throw new Error('no vCPU');
  const stage2 = cluster.createStage2();
  stage2.mapRam(CODE, RAM_BYTES, ram.offset, ALL);
  vcpu.stage2 = stage2;
  vcpu.setSystem('CPACR_EL1', 3n << 20n);
  const state = new DataView(cluster.memory.buffer, FIRST_VCPU, STATE_BYTES);
  return { vcpu, ram, state, cluster };
}

/** RAM as the evaluator sees it: a copy that it writes to. */
class ShadowMemory {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  load(address: bigint, sizeBytes: number): bigint {
    let value = 0n;
    for (let index = sizeBytes - 1; index >= 0; index--) {
      value = (value << 8n) | BigInt(this.bytes[Number(address) - CODE + index] ?? 0);
    }
    return value;
  }
  store(address: bigint, sizeBytes: number, value: bigint): void {
    for (let index = 0; index < sizeBytes; index++) {
      this.bytes[Number(address) - CODE + index] = Number((value >> BigInt(8 * index)) & 0xffn);
    }
  }
}

/** The registers of a case into a state. */
function loadRegisters(state: DataView, input: Uint8Array, setNzcv: (nzcv: number) => void): void {
  const from = new DataView(input.buffer, input.byteOffset);
  const copy = (to: number, offset: number): void =>
    state.setBigUint64(to, from.getBigUint64(offset, true), true);
  for (let register = 0; register < GENERAL_REGISTERS; register++)
    copy(xOffset(register), OFFSET.x + register * 8);
  copy(xOffset(X_SLOT.sp), OFFSET.sp);
  for (let half = 0; half < VECTOR_REGISTERS * 2; half++) copy(STATE.V + half * 8, OFFSET.v + half * 8);
  state.setUint32(STATE.FPCR, from.getUint32(OFFSET.fpcr, true), true);
  state.setUint32(STATE.FPSR, 0, true);
  setNzcv(from.getUint32(OFFSET.nzcv, true) >>> 28);
}

const STREAMS = 60;
const STREAM_LENGTH = 40;
const MEMORY_OR_BRANCH = /^(LD|ST|PRF|CAS|SWP|DC |B$|BL|BR|B\.|CB|TB|RET)/;
const COMPARED = STATE.FPSR + 4;

for (const { tier, translation } of TIERS)
  test(`${tier} does what the evaluator does`, () => {
    const { vcpu, ram, state, cluster } = bench(translation);
    const random = seededRandom(11);
    const code = new DataView(ram.bytes.buffer, ram.offset);
    for (let at = 8; at < 32; at += 4) code.setUint32(at, HVC, true);
    ram.bytes.set(random.bytes(DATA_BYTES), DATA - CODE);
    const shadow = new ShadowMemory(ram.bytes.slice());
    const failures: string[] = [];
    for (const definition of INSTRUCTIONS) {
      if (NOT_FOR_USER_MODE.has(definition.name)) continue;
      for (const key of existingShapes(definition, decoder)) {
        const made = randomCase(definition, key, { decoder, random, address: BigInt(CODE), data: DATA });
        const decoded = made === undefined ? undefined : decoder.decode(made.opcode);
        if (made === undefined || decoded === undefined) throw new Error(`no opcode of ${definition.name}`);
        code.setUint32(0, made.opcode, true);
        code.setUint32(4, HVC, true);
        cluster.ramWritten(ram.offset, 8);
        loadRegisters(state, made.input, (nzcv) => {
          vcpu.pstate = ((nzcv << 28) | 0x3c5) >>> 0;
        });
        shadow.bytes.set(ram.bytes.subarray(0, 32));
        const copy = new DataView(new ArrayBuffer(STATE_BYTES));
        new Uint8Array(copy.buffer).set(new Uint8Array(state.buffer, state.byteOffset, STATE_BYTES));
        const evaluator = new Evaluator(copy, shadow);
        evaluator.pc = BigInt(CODE);
        evaluator.step(decoded, made.opcode);
        vcpu.pc = BigInt(CODE);
        const exit = vcpu.run(100);
        const text = decoder.disassemble(made.opcode, BigInt(CODE));
        if (exit.kind !== 'hvc' || vcpu.pc !== evaluator.pc + 4n) {
          failures.push(
            `${text}: left with ${exit.kind} at ${vcpu.pc.toString(16)}, not ${evaluator.pc.toString(16)}`,
          );
          continue;
        }
        // The slot that nobody reads may hold anything.
        for (let at = 0; at < COMPARED; at += 4) {
          if (at === xOffset(X_SLOT.discard) || at === xOffset(X_SLOT.discard) + 4) continue;
          const [ours, theirs] = [state.getUint32(at, true), copy.getUint32(at, true)];
          if (ours !== theirs)
            failures.push(`${text}: state ${at} is ${ours.toString(16)}, not ${theirs.toString(16)}`);
        }
        if (Buffer.compare(shadow.bytes, ram.bytes) !== 0) {
          const differs = shadow.bytes.findIndex((byte, index) => byte !== ram.bytes[index]);
          failures.push(`${text}: memory differs at ${differs}`);
          shadow.bytes.set(ram.bytes);
        }
      }
    }
    assert.equal(failures.length, 0, failures.slice(0, 20).join('\n'));
  });

/** Straight lines of code: operands decoded in runs, results that feed each other. */
for (const { tier, translation } of TIERS)
  test(`random streams end in the same state in ${tier}`, () => {
    const { vcpu, ram, state, cluster } = bench(translation && { ...translation, limit: 200 });
    const random = seededRandom(23);
    const code = new DataView(ram.bytes.buffer, ram.offset);
    const straight = INSTRUCTIONS.filter(
      ({ name }) => !NOT_FOR_USER_MODE.has(name) && !MEMORY_OR_BRANCH.test(name) && name !== 'CLREX',
    );
    for (let stream = 0; stream < STREAMS; stream++) {
      const opcodes: number[] = [];
      while (opcodes.length < STREAM_LENGTH) {
        const definition = random.pick(straight);
        const opcode = (definition.pattern.value | (random.u32() & ~definition.pattern.mask)) >>> 0;
        if (decoder.decode(opcode)?.definition === definition) opcodes.push(opcode);
      }
      for (const [index, opcode] of [...opcodes, HVC].entries()) code.setUint32(index * 4, opcode, true);
      cluster.ramWritten(ram.offset, (STREAM_LENGTH + 1) * 4);
      const made = randomCase(straight[0] as (typeof straight)[number], 0, {
        decoder,
        random,
        address: BigInt(CODE),
        data: DATA,
      });
      if (made === undefined) throw new Error('no registers');
      loadRegisters(state, made.input, (nzcv) => {
        vcpu.pstate = ((nzcv << 28) | 0x3c5) >>> 0;
      });
      const copy = new DataView(new ArrayBuffer(STATE_BYTES));
      new Uint8Array(copy.buffer).set(new Uint8Array(state.buffer, state.byteOffset, STATE_BYTES));
      const evaluator = new Evaluator(copy, new ShadowMemory(ram.bytes));
      evaluator.pc = BigInt(CODE);
      for (const opcode of opcodes) {
        const decoded = decoder.decode(opcode);
        if (decoded !== undefined) evaluator.step(decoded, opcode);
      }
      vcpu.pc = BigInt(CODE);
      assert.equal(vcpu.run(1000).kind, 'hvc');
      for (let at = 0; at < COMPARED; at += 8) {
        if (at === xOffset(X_SLOT.discard)) continue;
        const text = opcodes.map((opcode) => decoder.disassemble(opcode, 0n)).join('\n');
        assert.equal(state.getBigUint64(at, true), copy.getBigUint64(at, true), `state ${at} after\n${text}`);
      }
    }
  });
