/** Hostile clients of gdb's protocol: whatever they send is answered by packets, and what they write leaves a vCPU that runs. */
import assert from 'node:assert/strict';
import { createCpuCluster } from '../src/aarch64/index.ts';
import { bytesOfLatin1, hexOfBytes, hexOfText } from '../src/gdb/hex.ts';
import { Files, Stub, type StubOptions } from '../src/gdb/index.ts';
import { encodePacket, PacketReader } from '../src/gdb/packets.ts';
import { REGISTERS } from '../src/gdb/registers.ts';
import { VcpuObject } from '../src/sel4/index.ts';
import { mutateBytes } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const RAM_BYTES = 0x1_0000;
const RUN_INSTRUCTIONS = 300;
export const testRuns = 600;

const number = (random: Random): string =>
  random.pick([random.below(200), random.u32(), RAM_BYTES, 0xffff_ffff_ffff]).toString(16);

function body(random: Random): string {
  const value = () => hexOfBytes(random.bytes(random.pick([4, 8, 16, random.below(20)])));
  const thread = () => random.pick(['p1.1', '1', '0', '-1', 'p-1.-1', 'p2', 'px', '']);
  return random.pick([
    () => '?',
    () => 'g',
    () => `G${value()}`,
    () => `p${number(random)}`,
    () => `P${random.below(REGISTERS.length).toString(16)}=${hexOfBytes(random.bytes(8))}`,
    () => `P${number(random)}=${value()}`,
    () => `m${number(random)},${number(random)}`,
    () => `M${number(random)},8:${hexOfBytes(random.bytes(8))}`,
    () => `X${number(random)},4:${String.fromCharCode(...random.bytes(4))}`,
    () => `Z${random.below(6)},${number(random)},${number(random)}`,
    () => `z${random.below(6)},${number(random)},4`,
    () => `H${random.pick(['g', 'c', ''])}${thread()}`,
    () => `T${thread()}`,
    () => `vCont;${random.pick(['c', 's', 'S05', 'r0,8', 'x'])}:${thread()}`,
    () =>
      random.pick([
        'c',
        's',
        'bs',
        'bc',
        'D',
        'D;1',
        '!',
        'vCont?',
        'vAttach;1',
        'vAttach;9',
        'vMustReplyEmpty',
      ]),
    () => `vFile:open:${hexOfText(random.pick(['/kernels/linux', '/etc/passwd', '../kernels/linux']))},0,0`,
    () => `vFile:pread:${number(random)},${number(random)},${number(random)}`,
    () => `vFile:${random.pick(['close', 'fstat', 'setfs', 'unlink'])}:${number(random)}`,
    () =>
      `qXfer:${random.pick(['features', 'exec-file', 'x'])}:read:${random.pick(['target.xml', '1', ''])}:${number(random)},${number(random)}`,
    () => `qRcmd,${random.pick([hexOfText('physical on'), hexOfText('help me'), 'zz', ''])}`,
    () =>
      random.pick([
        'qSupported:multiprocess+;swbreak+',
        'qC',
        'qfThreadInfo',
        'qsThreadInfo',
        'qAttached:1',
        'qHostInfo',
      ]),
    () => `qThreadExtraInfo,${thread()}`,
    () => `Qqemu.PhyMemMode:${random.below(3)}`,
  ])();
}

export function fuzz({ runs, seed }: FuzzOptions): void {
  const cluster = createCpuCluster({
    vcpuCount: 1,
    ramSizesBytes: [RAM_BYTES],
    counter: { frequencyHz: 1e6, count: () => 0n },
  });
  const [cpu] = cluster.vcpus;
  const [ram] = cluster.ram;
  assert.ok(cpu !== undefined && ram !== undefined);
  const stage2 = cluster.createStage2();
  stage2.mapRam(0, RAM_BYTES, ram.offset, { read: true, write: true, execute: true });
  cpu.stage2 = stage2;
  const vcpu = new VcpuObject('linux', 0, cpu, 2);
  const guest = { name: 'linux', vcpus: [vcpu] };
  for (let index = 0; index < runs; index += 1) {
    const random = seededRandom(seed * 1_000_003 + index);
    cpu.reset();
    const reader = new PacketReader();
    const halted = { vcpu, why: { reason: 'asked' } } as const;
    const place = (va: bigint | number, count: number) =>
      ram.bytes.subarray(Number(va), Math.min(Number(va) + count, RAM_BYTES));
    const debug: StubOptions['debugger'] = {
      guests: [guest],
      canGoBack: random.below(2) === 0,
      onHalt: () => {},
      halt: () => halted,
      go: () => {},
      setPoints: (_guest, points) => cpu.setDebugPoints(points),
      changed: () => {},
      read: (_vcpu, va, count) => place(va, count),
      readPhysical: (_vcpu, ipa, count) => place(ipa, count),
      write: (_vcpu, va, content) => {
        if (va + BigInt(content.length) > BigInt(RAM_BYTES)) return false;
        ram.bytes.set(content, Number(va));
        cluster.ramWritten(ram.offset + Number(va), content.length);
        return true;
      },
      writePhysical: () => false,
    };
    const stub = new Stub({
      debugger: debug,
      files: new Files(['linux'], () => new Uint8Array(100)),
      command: (line) => line,
      send: (bytes) => {
        for (const { kind } of reader.take(bytes)) assert.equal(kind, 'packet');
      },
      wake: () => {},
      detached: () => {},
      killed: () => {},
    });
    for (let count = 1 + random.below(30); count > 0; count -= 1) {
      const packet = encodePacket(body(random));
      stub.take(random.below(10) === 0 ? mutateBytes(random, packet) : packet);
      if (random.below(20) === 0) stub.take(bytesOfLatin1('\x03'));
    }
    stub.ended();
    cpu.run(RUN_INSTRUCTIONS);
    cpu.setDebugPoints({ breakpoints: [], watchpoints: [] });
    cpu.stopAtRetired = undefined;
    cpu.run(RUN_INSTRUCTIONS);
  }
}
