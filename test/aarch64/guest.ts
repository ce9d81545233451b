/** Small bare-metal guests: a cluster with RAM at a fixed IPA, assembled code, page tables written by the test. */
import type { CpuCluster, CpuClusterOptions, RamRegion, Stage2, Vcpu } from '../../src/aarch64/index.ts';
import { createCpuCluster } from '../../src/aarch64/index.ts';
import { assemble } from '../support/assembler.ts';

export const RAM = 0x4000_0000;
export const RAM_BYTES = 0x40_0000;
/** Where tests put things, as IPAs: code, vectors, tables, data. */
export const CODE = RAM;
export const VECTORS = RAM + 0x1_0000;
const TABLES = RAM + 0x10_0000;
export const DATA = RAM + 0x20_0000;
const RWX = { read: true, write: true, execute: true } as const;
const TEN_THOUSAND = 10_000;

/** Descriptor bits (Arm ARM D8.3). */
export const PTE = {
  page: 3n,
  block: 1n,
  table: 3n,
  accessFlag: 1n << 10n,
  notGlobal: 1n << 11n,
  el0: 1n << 6n,
  readOnly: 1n << 7n,
  pxn: 1n << 53n,
  uxn: 1n << 54n,
} as const;

export class Guest {
  readonly cluster: CpuCluster;
  readonly vcpu: Vcpu;
  readonly ram: RamRegion;
  readonly stage2: Stage2;
  readonly view: DataView;
  #nextTable = TABLES;

  constructor(options: Partial<CpuClusterOptions> = {}) {
    this.cluster = createCpuCluster({
      vcpuCount: 1,
      ramSizesBytes: [RAM_BYTES],
      counter: { frequencyHz: 62_500_000, count: (_, retired) => BigInt(retired) },
      ...options,
    });
    const [vcpu] = this.cluster.vcpus;
    const [ram] = this.cluster.ram;
    if (vcpu === undefined || ram === undefined) throw new Error('no vCPU');
    this.vcpu = vcpu;
    this.ram = ram;
    this.stage2 = this.cluster.createStage2();
    this.stage2.mapRam(RAM, RAM_BYTES, ram.offset, RWX);
    for (const each of this.cluster.vcpus) {
      each.stage2 = this.stage2;
      each.setSystem('CPACR_EL1', 3n << 20n);
      each.setSystem('VBAR_EL1', BigInt(VECTORS));
      each.pc = BigInt(CODE);
    }
    this.view = new DataView(ram.bytes.buffer, ram.offset, ram.sizeBytes);
    // Every vector is HVC with its number, so that a test sees which one was taken.
    for (let vector = 0; vector < 16; vector++) this.put(VECTORS + vector * 0x80, `hvc #${0x100 + vector}`);
  }

  /** Assembles to an IPA. */
  put(ipa: number, source: string): void {
    const code = assemble(source, ipa);
    this.ram.bytes.set(code, ipa - RAM);
    this.cluster.ramWritten(this.ram.offset + ipa - RAM, code.length);
  }

  run(source?: string, budget = TEN_THOUSAND): ReturnType<Vcpu['run']> {
    if (source !== undefined) this.put(CODE, source);
    return this.vcpu.run(budget);
  }

  long(ipa: number): bigint {
    return this.view.getBigUint64(ipa - RAM, true);
  }
  setLong(ipa: number, value: bigint): void {
    this.view.setBigUint64(ipa - RAM, value, true);
  }

  /** Exception class, ISS and FAR of the last exception taken to EL1. */
  fault(): { readonly ec: number; readonly iss: number; readonly far: bigint; readonly elr: bigint } {
    const esr = Number(this.vcpu.system('ESR_EL1'));
    return {
      ec: esr >>> 26,
      iss: esr & 0x1ff_ffff,
      far: this.vcpu.system('FAR_EL1'),
      elr: this.vcpu.system('ELR_EL1'),
    };
  }

  // Page tables.

  newTable(): number {
    const table = this.#nextTable;
    this.#nextTable += 0x1000;
    return table;
  }

  /** Maps one page or block (level 2) at a VA, making tables on the way. */
  map(root: number, va: bigint, ipa: number, bits: bigint, level = 3): number {
    let table = root;
    for (let at = 0; ; at++) {
      const index = Number((va >> BigInt(39 - 9 * at)) & 511n);
      const entry = table + index * 8;
      if (at === level) {
        this.setLong(entry, BigInt(ipa) | bits);
        return entry;
      }
      if ((this.long(entry) & 1n) === 0n) this.setLong(entry, BigInt(this.newTable()) | PTE.table);
      table = Number(this.long(entry) & 0xffff_ffff_f000n);
    }
  }

  /** Turns the MMU on over two trees: VAs from 0, and VAs at the top. The first maps RAM 1:1 for EL1. */
  enableMmu(): { readonly low: number; readonly high: number } {
    const low = this.newTable();
    const high = this.newTable();
    for (let block = 0; block < RAM_BYTES; block += 0x20_0000) {
      this.map(low, BigInt(RAM + block), RAM + block, PTE.block | PTE.accessFlag | PTE.uxn, 2);
    }
    const { vcpu } = this;
    vcpu.setSystem('TTBR0_EL1', BigInt(low));
    vcpu.setSystem('TTBR1_EL1', BigInt(high));
    // T0SZ = T1SZ = 16, TG1 = 4 KiB, IPS = 40 bits.
    vcpu.setSystem('TCR_EL1', 16n | (16n << 16n) | (2n << 30n) | (2n << 32n));
    vcpu.setSystem('SCTLR_EL1', vcpu.system('SCTLR_EL1') | 1n);
    return { low, high };
  }
}

/** The number in the HVC that a vector holds: sixteen of them from 0x100, in the order of the table. */
export const VECTOR_HVC = {
  sp0Synchronous: 0x100,
  spxSynchronous: 0x104,
  spxIrq: 0x105,
  spxFiq: 0x106,
  spxSError: 0x107,
  el0Synchronous: 0x108,
  el0Irq: 0x109,
} as const;
