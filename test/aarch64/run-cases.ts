/** Runs a program of test cases under QEMU's user mode and under our CPU. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCpuCluster } from '../../src/aarch64/index.ts';
import { runOracle } from '../support/oracles.ts';
import { staticElf } from './elf.ts';
import { PROGRAM_ADDRESS, type Program } from './stub.ts';

/** Advertises what we do and no pointer authentication; DC ZVA clears 64 bytes there too. */
const QEMU_CPU = 'neoverse-n1';

/** The results as QEMU has them. */
export function runUnderQemu(program: Program): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-qemu-'));
  const path = join(directory, 'cases');
  try {
    writeFileSync(path, staticElf(program.image, PROGRAM_ADDRESS, PROGRAM_ADDRESS));
    chmodSync(path, 0o755);
    const { status, stdout, stderr } = runOracle('qemu-aarch64-static', ['-cpu', QEMU_CPU, path]);
    if (status !== 0) throw new Error(`qemu-aarch64-static ended with ${status}: ${stderr}`);
    if (stdout.length !== program.resultBytes) throw new Error(`QEMU wrote ${stdout.length} bytes`);
    return new Uint8Array(stdout);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const VECTORS = 0x3fff_0000;
const EL0_SYNCHRONOUS = 0x400;
const HVC_0 = 0xd400_0002;
const VECTOR_BYTES = 0x1_0000;
const BUDGET = 50_000_000;
const ESR_EC_SHIFT = 26n;
const EC_SVC = 0x15n;
const EL1_SCTLR = 0x30d0_0800n | (1n << 26n) | (1n << 15n) | (1n << 14n) | (1n << 9n);
const ALL = { read: true, write: true, execute: true } as const;

/** The same as our CPU has them. It runs at EL0 with the MMU off; a system call ends the run. */
export function runOnOurCpu(program: Program): Uint8Array {
  const ramBytes = Math.ceil((program.image.length + VECTOR_BYTES) / 0x1000) * 0x1000;
  const cluster = createCpuCluster({
    vcpuCount: 1,
    ramSizesBytes: [ramBytes],
    counter: { frequencyHz: 62_500_000, count: (_, retired) => BigInt(retired) },
  });
  const [vcpu] = cluster.vcpus;
  const [ram] = cluster.ram;
  if (vcpu === undefined || ram === undefined) throw new Error('no vCPU');
  const stage2 = cluster.createStage2();
  stage2.mapRam(VECTORS, ramBytes, ram.offset, ALL);
  vcpu.stage2 = stage2;
  new DataView(ram.bytes.buffer, ram.offset).setUint32(EL0_SYNCHRONOUS, HVC_0, true);
  ram.bytes.set(program.image, VECTOR_BYTES);
  vcpu.setSystem('VBAR_EL1', BigInt(VECTORS));
  vcpu.setSystem('SCTLR_EL1', EL1_SCTLR);
  vcpu.setSystem('CPACR_EL1', 3n << 20n);
  vcpu.pstate = 0;
  vcpu.pc = BigInt(PROGRAM_ADDRESS);
  const exit = vcpu.run(BUDGET);
  const ec = vcpu.system('ESR_EL1') >> ESR_EC_SHIFT;
  if (exit.kind !== 'hvc' || ec !== EC_SVC) {
    const where = `ELR ${vcpu.system('ELR_EL1').toString(16)}, ESR ${vcpu.system('ESR_EL1').toString(16)}`;
    throw new Error(`our CPU left with ${exit.kind}; ${where}, FAR ${vcpu.system('FAR_EL1').toString(16)}`);
  }
  const from = VECTOR_BYTES + program.resultOffset;
  return ram.bytes.slice(from, from + program.resultBytes);
}
