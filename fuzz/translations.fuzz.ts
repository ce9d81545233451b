/**
 * Damaged translations of an earlier run: as a file they are nothing, whatever was changed; and a CPU that is given such bytes all the same
 * is made, and uses none that the engine refuses.
 */
import assert from 'node:assert/strict';
import { createCpuCluster, DEFAULT_TRANSLATION } from '../src/aarch64/index.ts';
import { memoryHost, type RunInputs, TranslationFile } from '../src/workspace/index.ts';
import { mutateBytes } from './mutate.ts';
import { seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const RAM_BYTES = 0x1_0000;
const RAM = 0x4000_0000;
/** Each run makes a CPU. */
export const testRuns = 20;

function cluster(kept: Uint8Array) {
  return createCpuCluster({
    vcpuCount: 1,
    ramSizesBytes: [RAM_BYTES],
    counter: { frequencyHz: 62_500_000, count: (_, retired) => BigInt(retired) },
    decodedPages: 64,
    translation: { ...DEFAULT_TRANSLATION, threshold: 16, batch: 1, kept },
  });
}

/** What is translated of a few loops. */
function translated(): Uint8Array {
  const made = cluster(new Uint8Array(0));
  const [ram] = made.ram;
  const [vcpu] = made.vcpus;
  if (ram === undefined || vcpu === undefined) throw new Error('no RAM or no vCPU');
  vcpu.stage2 = made.createStage2();
  vcpu.stage2.mapRam(RAM, RAM_BYTES, ram.offset, { read: true, write: true, execute: true });
  const code = new DataView(ram.bytes.buffer, ram.offset);
  // mov x0, #100; subs x0, x0, #1; crc32x w1, w1, x0; b.ne .-8: thrice, then hlt #0
  const loop = [0xd280_0c80, 0xf100_0400, 0x9ac0_4c21, 0x54ff_ffc1];
  for (const [index, word] of [...loop, ...loop, ...loop, 0xd440_0000].entries())
    code.setUint32(index * 4, word, true);
  vcpu.reset();
  vcpu.pc = BigInt(RAM);
  assert.equal(vcpu.run(10_000).kind, 'halt');
  return made.translations() ?? new Uint8Array(0);
}

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  const content = translated();
  assert.ok(content.length > 0);
  const host = memoryHost();
  const file = new TranslationFile(host, { payloads: new Map() } as unknown as RunInputs, 'this build');
  file.keep(content);
  const written = host.files.read(file.path);
  assert.deepEqual(file.read(), content);
  for (let run = 0; run < runs; run++) {
    const damaged = mutateBytes(random, written);
    host.files.writeAtomically(file.path, damaged);
    const read = file.read();
    assert.ok(read.length === 0 || Buffer.compare(read, content) === 0, 'damage was not seen');
    cluster(mutateBytes(random, content));
  }
}
