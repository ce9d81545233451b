/**
 * The virtual interrupt controller as libvmm 0.2.0 has it (`vdist.h`, `virq.h`, `vgic.c`): an interrupt that comes while it or the
 * distributor is disabled comes to nothing; what finds no list register waits in a queue of 63, first come first served, whatever
 * its priority; an interrupt in a list register is not pending, so that it may be in two. Enabling an interrupt acknowledges
 * it, which is when a passed-through line that came too early is unmasked.
 */
import {
  type AddrRange,
  keptCells,
  keptList,
  type Saved,
  savedList,
  savedParts,
  shape,
} from '../../base/index.ts';
import { LIST_REGISTER_COUNT } from '../../device/index.ts';
import type { InterruptController } from '../interrupt-controller.ts';
import type { MmioHandler } from '../mmio.ts';
import type { VgicFrames } from '../vgic/device.ts';
import { LibvmmAssertion } from './assertion.ts';
import { GicRegisters, type InterruptBits, REDISTRIBUTOR_BYTES } from './gic-registers.ts';

/** A ring of 64 that is full when one place is left. */
const QUEUE_LIMIT = 63;
const SGI_COUNT = 16;
const PRIVATE_COUNT = 32;
const INTID_LIMIT = 1020;
/** GICD_CTLR's bits that libvmm takes for "enabled": EnableGrp1 with affinity routing, Enable without. */
const [V2_ENABLED, V3_ENABLED] = [1 << 0, 1 << 1];
const [V2_DISTRIBUTOR_BYTES, V3_DISTRIBUTOR_BYTES] = [0x1000, 0x1_0000];
const SGIR_FILTER = { LIST: 0, OTHERS: 1, SELF: 2 } as const;

export interface LibvmmVgicParts {
  /** seL4_ARM_VCPU_InjectIRQ, of priority 0. */
  readonly load: (vcpu: number, intid: number, group: 0 | 1, listRegister: number) => void;
  readonly acknowledge: (vcpu: number, intid: number) => void;
  readonly isRegistered: (vcpu: number, intid: number) => boolean;
  readonly isOn: (vcpu: number) => boolean;
  /** An interrupt that comes to nothing. */
  readonly dropped: (vcpu: number, intid: number, why: 'disabled' | 'distributor-disabled') => void;
}

/** A frame of the controller: libvmm takes the whole access apart by itself. */
export interface LibvmmFrame extends MmioHandler {
  /** What a load gives; `undefined` leaves the register as it is. */
  load(offset: number, vcpu: number): bigint | undefined;
}

export class LibvmmVgic implements InterruptController {
  readonly #frames: VgicFrames;
  readonly #vcpuCount: number;
  readonly #parts: LibvmmVgicParts;
  readonly #registers: GicRegisters;
  /** For each vCPU: what its list registers hold, and what waits for one. */
  readonly #listRegisters: (number | undefined)[][];
  readonly #queues: number[][];

  constructor(frames: VgicFrames, vcpuCount: number, parts: LibvmmVgicParts) {
    this.#frames = frames;
    this.#vcpuCount = vcpuCount;
    this.#parts = parts;
    this.#registers = new GicRegisters(frames.version, vcpuCount, {
      enable: (vcpu, intid) => this.#enable(vcpu, intid),
      disable: (vcpu, intid) => {
        if (intid >= SGI_COUNT) set(this.#registers.enabled, vcpu, intid, false);
      },
      setPending: (vcpu, intid) => this.#mustInject(vcpu, intid),
      clearPending: (vcpu, intid) => set(this.#registers.pending, vcpu, intid, false),
      sgi: (vcpu, value) => this.#writeSgir(vcpu, value),
    });
    this.#listRegisters = Array.from({ length: vcpuCount }, () =>
      new Array(LIST_REGISTER_COUNT).fill(undefined),
    );
    this.#queues = Array.from({ length: vcpuCount }, () => []);
  }

  frames(): readonly { readonly range: AddrRange; readonly handler: LibvmmFrame }[] {
    const registers = this.#registers;
    const size = this.#frames.version === 2 ? V2_DISTRIBUTOR_BYTES : V3_DISTRIBUTOR_BYTES;
    const distributor = frame(
      'GICD',
      (offset, vcpu) => registers.distributor(offset, vcpu),
      (offset, value, sizeBytes, vcpu) => registers.writeDistributor(offset, value, sizeBytes, vcpu),
    );
    const all = [{ range: { base: this.#frames.distributor, size }, handler: distributor }];
    if (this.#frames.version === 2) return all;
    const base = this.#frames.redistributors[0]?.base ?? 0;
    const redistributors = frame(
      'GICR',
      (offset) => registers.redistributor(offset),
      (offset, value, sizeBytes) => registers.writeRedistributor(offset, value, sizeBytes),
    );
    const range = { base, size: REDISTRIBUTOR_BYTES * this.#vcpuCount };
    return [...all, { range, handler: redistributors }];
  }

  has(_vcpu: number, intid: number): boolean {
    return intid >= 0 && intid < INTID_LIMIT;
  }

  /** vgic_inject_irq: `false` where it was dropped. */
  inject(vcpu: number, intid: number): boolean {
    const { enabled, pending } = this.#registers;
    if (!this.#parts.isRegistered(vcpu, intid)) {
      if (intid >= PRIVATE_COUNT) throw new LibvmmAssertion(`INTID ${intid} is registered`, 'vdist.h');
      return false;
    }
    if (!this.#distributorEnabled || !isSet(enabled, vcpu, intid)) {
      this.#parts.dropped(vcpu, intid, this.#distributorEnabled ? 'disabled' : 'distributor-disabled');
      return false;
    }
    if (isSet(pending, vcpu, intid)) return true;
    set(pending, vcpu, intid, true);
    const queue = this.#queues[vcpu];
    const listRegisters = this.#listRegisters[vcpu];
    if (queue === undefined || listRegisters === undefined) return false;
    if (queue.length >= QUEUE_LIMIT) throw new LibvmmAssertion('the queue of interrupts is full', 'vdist.h');
    queue.push(intid);
    const free = listRegisters.indexOf(undefined);
    if (free < 0) return true;
    const first = queue.shift() ?? intid;
    set(pending, vcpu, first, false);
    this.#load(vcpu, free, first);
    return true;
  }

  ended(vcpu: number, listRegister: number): void {
    const listRegisters = this.#listRegisters[vcpu];
    const intid = listRegisters?.[listRegister];
    if (listRegisters === undefined || intid === undefined)
      throw new LibvmmAssertion(`list register ${listRegister} holds an interrupt`, 'vgic.c');
    listRegisters[listRegister] = undefined;
    set(this.#registers.pending, vcpu, intid, false);
    this.#parts.acknowledge(vcpu, intid);
    // Pending until its own end: what is injected before that comes to nothing.
    const next = this.#queues[vcpu]?.shift();
    if (next !== undefined) this.#load(vcpu, listRegister, next);
  }

  reset(): void {
    this.#registers.reset();
    for (const listRegisters of this.#listRegisters) listRegisters.fill(undefined);
    for (const queue of this.#queues) queue.length = 0;
  }

  /** ICC_SGI1R_EL1 (`vgic_v3_cpuif.c`): only affinities below 16, and vCPUs that were started. */
  writeSgi1r(sender: number, value: bigint): void {
    const intid = Number((value >> 24n) & 0xfn);
    const [IRM, AFFINITIES] = [1n << 40n, 0x00ff_00ff_00ff_0000n];
    const toOthers = (value & IRM) !== 0n;
    if (!toOthers && (value & AFFINITIES) !== 0n) return;
    const isMeant = (vcpu: number) => (toOthers ? vcpu !== sender : ((value >> BigInt(vcpu)) & 1n) === 1n);
    for (let vcpu = 0; vcpu < this.#vcpuCount; vcpu += 1) {
      if (isMeant(vcpu) && this.#parts.isOn(vcpu)) this.#mustInject(vcpu, intid);
    }
  }

  get saved(): Saved {
    const intid = shape.upTo(INTID_LIMIT - 1);
    return savedParts({
      registers: this.#registers.saved,
      listRegisters: savedList(this.#listRegisters.map((all) => keptCells(all, shape.optional(intid)))),
      queues: savedList(this.#queues.map((queue) => keptList(queue, QUEUE_LIMIT, intid))),
    });
  }

  get #distributorEnabled(): boolean {
    const bit = this.#frames.version === 2 ? V2_ENABLED : V3_ENABLED;
    return (this.#registers.ctlr & bit) !== 0;
  }

  #enable(vcpu: number, intid: number): void {
    const { enabled, pending } = this.#registers;
    set(enabled, vcpu, intid, true);
    if (!isSet(pending, vcpu, intid)) this.#parts.acknowledge(vcpu, intid);
  }

  /** Where libvmm asserts that an injection succeeds. */
  #mustInject(vcpu: number, intid: number): void {
    if (!this.inject(vcpu, intid))
      throw new LibvmmAssertion(`INTID ${intid}, which the guest asks for, can be injected`, 'vdist.h');
  }

  #load(vcpu: number, listRegister: number, intid: number): void {
    this.#parts.load(vcpu, intid, this.#frames.version === 2 ? 0 : 1, listRegister);
    const listRegisters = this.#listRegisters[vcpu];
    if (listRegisters !== undefined) listRegisters[listRegister] = intid;
  }

  #writeSgir(sender: number, value: number): void {
    const filter = (value >>> 24) & 3;
    const list = (value >>> 16) & 0xff;
    for (let vcpu = 0; vcpu < this.#vcpuCount; vcpu += 1) {
      const isMeant =
        filter === SGIR_FILTER.LIST
          ? ((list >> vcpu) & 1) === 1
          : filter === SGIR_FILTER.OTHERS
            ? vcpu !== sender
            : filter === SGIR_FILTER.SELF && vcpu === sender;
      if (isMeant && this.#parts.isOn(vcpu)) this.#mustInject(vcpu, value & 0xf);
    }
  }
}

function wordOf(bits: InterruptBits, vcpu: number, intid: number): readonly [Uint32Array, number] {
  return intid < PRIVATE_COUNT ? [bits.own, vcpu] : [bits.shared, Math.floor(intid / 32)];
}

function isSet(bits: InterruptBits, vcpu: number, intid: number): boolean {
  const [words, index] = wordOf(bits, vcpu, intid);
  return (((words[index] ?? 0) >>> (intid % 32)) & 1) === 1;
}

function set(bits: InterruptBits, vcpu: number, intid: number, value: boolean): void {
  const [words, index] = wordOf(bits, vcpu, intid);
  const mask = 1 << (intid % 32);
  if (index < words.length) words[index] = value ? (words[index] ?? 0) | mask : (words[index] ?? 0) & ~mask;
}

function frame(
  name: string,
  read: (offset: number, vcpu: number) => bigint | number | undefined,
  write: LibvmmFrame['write'],
): LibvmmFrame {
  const load = (offset: number, vcpu: number) => {
    const value = read(offset, vcpu);
    return value === undefined ? undefined : BigInt(value) >> BigInt(8 * (offset % 4));
  };
  return {
    name,
    load,
    read: (offset, _size, vcpu) => Number((load(offset, vcpu) ?? 0n) & 0xffff_ffffn),
    write,
  };
}
