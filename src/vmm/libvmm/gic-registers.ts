/**
 * The distributor and redistributor frames as libvmm 0.2.0 emulates them (`vdist.h`, `vgic_v2.c`, `vgic_v3.c`): which registers
 * hold what is written, which are never looked at again, and what reads as another register. Where it differs from the GIC's
 * specification, libvmm is followed: the guest's driver sees what it sees on seL4.
 *
 * What stands out: SPI enables and pending bits are kept by number and read back one word further (GICD_ISENABLER1 reads as word
 * 0); priorities, targets and routes are not kept; a version 3 controller has 160 interrupts; most of a redistributor can be
 * written but not read, which ends the monitor in a debug build.
 */
import { keptMembers, keptWords, type Saved, savedList, savedParts, shape } from '../../base/index.ts';
import { LibvmmAssertion } from './assertion.ts';

/** A bit of each interrupt, of those that each vCPU has for itself and of the shared ones, by word. */
export interface InterruptBits {
  readonly own: Uint32Array;
  readonly shared: Uint32Array;
}

/** What the guest does by a write that is more than keeping a value. */
export interface RegisterActions {
  enable(vcpu: number, intid: number): void;
  disable(vcpu: number, intid: number): void;
  setPending(vcpu: number, intid: number): void;
  clearPending(vcpu: number, intid: number): void;
  sgi(vcpu: number, value: number): void;
}

const SHARED_WORDS = 31;
const SGIS_ENABLED = 0xffff;
const [V2_TYPER, V2_IIDR] = [0x0000_fce7, 0x0200_043b];
/** ITLinesNumber 4: 160 interrupts. */
const [V3_TYPER, V3_IIDR] = [0x7b_04a4, 0x1_043b];
const [V2_CTLR_MASK, V3_CTLR_MASK] = [0x1, 0x13];
const REDISTRIBUTOR_IIDR = 0x1_143b;
const PIDR2_ARCHITECTURE_3 = 0x3b;
/** From 0xfc0 (version 2) and 0xffd0 (version 3) on, a word each. */
const V2_IDENTITY = [0, 0, 0, 0, 0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1];
const V3_IDENTITY = [0x44, 0, 0, 0, 0x92, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1];
export const REDISTRIBUTOR_BYTES = 0x2_0000;

export class GicRegisters {
  ctlr = 0;
  readonly enabled: InterruptBits;
  readonly pending: InterruptBits;
  readonly #version: 2 | 3;
  readonly #vcpuCount: number;
  readonly #actions: RegisterActions;
  readonly #group: InterruptBits;
  readonly #active: InterruptBits;
  readonly #activeCleared: InterruptBits;
  readonly #config = new Uint32Array(64);
  /** A redistributor's IGROUPR0. */
  readonly #ownGroups: Uint32Array;

  constructor(version: 2 | 3, vcpuCount: number, actions: RegisterActions) {
    const bits = (): InterruptBits => ({
      own: new Uint32Array(vcpuCount),
      shared: new Uint32Array(SHARED_WORDS),
    });
    this.#version = version;
    this.#vcpuCount = vcpuCount;
    this.#actions = actions;
    this.enabled = bits();
    this.pending = bits();
    this.#group = bits();
    this.#active = bits();
    this.#activeCleared = bits();
    this.#ownGroups = new Uint32Array(vcpuCount);
    this.reset();
  }

  reset(): void {
    this.ctlr = 0;
    for (const { own, shared } of this.#bits) {
      own.fill(0);
      shared.fill(0);
    }
    this.#ownGroups.fill(0);
    this.#config.fill(0);
    this.#config[0] = 0xaaaa_aaaa;
    if (this.#version === 2) {
      this.enabled.own.fill(SGIS_ENABLED);
      this.#config.fill(0x5555_5555, 2, 16);
      this.#config[1] = 0x5554_0000;
    } else {
      this.enabled.shared[0] = SGIS_ENABLED;
    }
  }

  /** The word at an offset into the distributor; `undefined` where libvmm knows none and leaves the guest's register alone. */
  distributor(offset: number, vcpu: number): number | undefined {
    const word = Math.floor(offset / 4) * 4;
    const v2 = this.#version === 2;
    if (word === 0x000) return this.ctlr;
    if (word === 0x004) return v2 ? V2_TYPER : V3_TYPER;
    if (word === 0x008) return v2 ? V2_IIDR : V3_IIDR;
    if (word < 0x080) return 0;
    const bits = this.#bitsAt(word);
    if (bits !== undefined) {
      const index = (word % 0x80) / 4;
      // With a version 3 controller those of a vCPU's own are its redistributor's.
      if (index === 0) return v2 || (bits !== this.enabled && bits !== this.pending) ? bits.own[vcpu] : 0;
      return bits.shared[index - 1];
    }
    if (word < 0x800) return 0;
    if (word < 0xc00) return targets(word, v2, vcpu);
    if (word < 0xd00) return this.#config[(word - 0xc00) / 4] ?? 0;
    if (word <= 0xde4) return v2 ? 0 : undefined;
    if (word < 0xfc0) return 0;
    if (v2) return V2_IDENTITY[(word - 0xfc0) / 4];
    if (word >= 0x6100 && word <= 0x7f00) return 0;
    return word >= 0xffd0 ? V3_IDENTITY[(word - 0xffd0) / 4] : undefined;
  }

  writeDistributor(offset: number, value: number, sizeBytes: number, vcpu: number): void {
    const word = Math.floor(offset / 4) * 4;
    if (word === 0x000) this.ctlr = value & (this.#version === 2 ? V2_CTLR_MASK : V3_CTLR_MASK);
    else if (word < 0x080) return;
    else if (word >= 0x100 && word < 0x300) this.#act(word, offset % 4 === 0 ? value : 0, vcpu);
    else if (word < 0x400) this.#keepBits(word, offset, value, sizeBytes, vcpu);
    else if (word < 0xc00) return;
    else if (word < 0xd00) {
      const index = (word - 0xc00) / 4;
      this.#config[index] = merged(this.#config[index] ?? 0, offset, value, sizeBytes);
    } else if (word < 0xf00) return;
    else if (word === 0xf00) this.#actions.sgi(vcpu, value);
    else if (word >= 0xf10 && word < 0xf30)
      throw new LibvmmAssertion('vgic SGI reg not implemented', 'vdist.h');
    else if (word < 0x1000 || (word >= 0x6100 && word <= 0x7f00)) return;
    else throw new LibvmmAssertion(`unknown distributor register 0x${word.toString(16)}`, 'vdist.h');
  }

  /** The value at an offset into all redistributors; TYPER has 64 bits. */
  redistributor(offset: number): bigint {
    const { owner, register } = this.#redistributorAt(offset);
    switch (register) {
      case 0x0_0000:
      case 0x0_0014:
      case 0x1_0c04:
        return 0n;
      case 0x0_0004:
        return BigInt(REDISTRIBUTOR_IIDR);
      case 0x0_0008: {
        const last = owner === this.#vcpuCount - 1 ? 1n << 4n : 0n;
        return (BigInt(owner) << 32n) | BigInt(owner << 8) | last;
      }
      case 0x0_ffe8:
        return BigInt(PIDR2_ARCHITECTURE_3);
      case 0x1_0080:
        return BigInt(this.#ownGroups[owner] ?? 0);
      default:
        throw unknownRedistributorRegister(register, 'read');
    }
  }

  writeRedistributor(offset: number, value: number, sizeBytes: number): void {
    const { owner, register } = this.#redistributorAt(offset);
    const own = this.enabled.own;
    if (register === 0x0_0014 || register === 0x1_0380 || (register >= 0x1_0400 && register < 0x1_0420))
      return;
    if (register === 0x1_0080) {
      this.#ownGroups[owner] = merged(this.#ownGroups[owner] ?? 0, offset, value, sizeBytes);
    } else if (register === 0x1_0100) own[owner] = (own[owner] ?? 0) | value;
    else if (register === 0x1_0180) own[owner] = (own[owner] ?? 0) & ~value;
    else throw unknownRedistributorRegister(register, 'written');
  }

  get saved(): Saved {
    const bits = this.#bits.map(({ own, shared }) =>
      savedParts({ own: keptWords(own), shared: keptWords(shared) }),
    );
    return savedParts({
      ...keptMembers(this, { ctlr: shape.u32 }),
      config: keptWords(this.#config),
      ownGroups: keptWords(this.#ownGroups),
      bits: savedList(bits),
    });
  }

  get #bits(): readonly InterruptBits[] {
    return [this.enabled, this.pending, this.#group, this.#active, this.#activeCleared];
  }

  /** The registers with a bit for each interrupt, 0x80 bytes a kind from IGROUPR on; set and clear registers read the same. */
  #bitsAt(word: number): InterruptBits | undefined {
    const { enabled, pending } = this;
    const kinds = [
      undefined,
      this.#group,
      enabled,
      enabled,
      pending,
      pending,
      this.#active,
      this.#activeCleared,
    ];
    return kinds[Math.floor(word / 0x80)];
  }

  #act(word: number, value: number, vcpu: number): void {
    const { enable, disable, setPending, clearPending } = this.#actions;
    const action = [enable, disable, setPending, clearPending][Math.floor((word - 0x100) / 0x80)];
    for (let bit = 0; bit < 32; bit += 1) {
      if (((value >>> bit) & 1) === 1) action?.call(this.#actions, vcpu, 8 * (word % 0x80) + bit);
    }
  }

  #keepBits(word: number, offset: number, value: number, sizeBytes: number, vcpu: number): void {
    const bits = this.#bitsAt(word);
    const index = (word % 0x80) / 4;
    if (bits === undefined) return;
    if (index === 0) bits.own[vcpu] = merged(bits.own[vcpu] ?? 0, offset, value, sizeBytes);
    else bits.shared[index - 1] = merged(bits.shared[index - 1] ?? 0, offset, value, sizeBytes);
  }

  #redistributorAt(offset: number): { readonly owner: number; readonly register: number } {
    const owner = Math.floor(offset / REDISTRIBUTOR_BYTES);
    if (owner >= this.#vcpuCount) throw new LibvmmAssertion('target_vcpu_id < guest.num_vcpus', 'vgic_v3.c');
    return { owner, register: Math.floor((offset % REDISTRIBUTOR_BYTES) / 4) * 4 };
  }
}

/** Four interrupts a word: those of a vCPU's own name it, the shared ones all name the first, whatever is written. */
function targets(word: number, v2: boolean, vcpu: number): number {
  if (!v2 || word >= 0xbfc) return 0;
  return word < 0x820 ? (0x0101_0101 << vcpu) >>> 0 : 0x0101_0101;
}

/** A register after a write of some of its bytes. */
function merged(old: number, offset: number, value: number, sizeBytes: number): number {
  const shift = 8 * (offset % 4);
  const mask = sizeBytes >= 4 ? 0xffff_ffff : ((2 ** (8 * sizeBytes) - 1) << shift) >>> 0;
  return ((old & ~mask) | ((value << shift) & mask)) >>> 0;
}

function unknownRedistributorRegister(register: number, verb: string): LibvmmAssertion {
  return new LibvmmAssertion(`redistributor register 0x${register.toString(16)} ${verb}`, 'vgic_v3.c');
}
