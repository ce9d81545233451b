/** The calls that a program makes, bound to its protection domain. A call that Microkit would refuse ends the domain. */

import type { CpuCluster, RamRegion } from '../aarch64/index.ts';
import { type ChannelId, type Intid, Refusal, type VcpuId } from '../base/index.ts';
import { LIST_REGISTER_COUNT, type ListRegister, LR_STATE } from '../device/index.ts';
import type { PhysicalBus } from '../machine/index.ts';
import type { KernelListener } from './events.ts';
import type { RegionLayout } from './layout.ts';
import { MESSAGE_WORDS_MAX, type Message } from './message.ts';
import {
  type GuestEnd,
  HOST_CHANNEL,
  type MappedRegion,
  type Microkit,
  type RegisterWindow,
  type VcpuRegisters,
} from './microkit.ts';
import type { ChannelTarget, ProtectionDomain } from './protection-domain.ts';
import type { VcpuObject } from './vcpu-object.ts';

/** Of `seL4_ARM_VCPU_InjectIRQ` (seL4 16, `decodeVCPUInjectIRQ`). */
const HIGHEST_PRIORITY = 31;
const GICV2_PRIORITY_SHIFT = 3;

/** A program did what Microkit or seL4 refuse; on a board its domain would have faulted, or carried on none the wiser. */
export class ProgramError extends Refusal {
  override readonly name = 'ProgramError';
}

export interface MicrokitCallsParts {
  readonly pd: ProtectionDomain;
  /** The symbols that the description sets in its program. */
  readonly symbols: ReadonlyMap<string, number>;
  readonly bus: PhysicalBus;
  readonly vcpus: readonly VcpuObject[];
  readonly cluster: CpuCluster;
  readonly gicVersion: 2 | 3;
  readonly virtualTimerIntid: Intid;
  readonly regionOf: (name: string) => {
    readonly region: RegionLayout;
    readonly ram: RamRegion | undefined;
  };
  readonly emit: KernelListener;
  readonly irqAck: (intid: Intid) => void;
  /** A peer was signalled: time to see whether it preempts. */
  readonly notified: () => void;
  /** The host has signalled this domain: the vCPU that runs is to stop, so that it gets its turn. */
  readonly signalled: () => void;
  readonly call: (callee: ProtectionDomain, channel: ChannelId, message: Message) => Message;
}

const REGISTER_BYTES = 4;

export class MicrokitCalls implements Microkit {
  readonly name: string;
  readonly vcpuIds: readonly VcpuId[];
  readonly #parts: MicrokitCallsParts;

  constructor(parts: MicrokitCallsParts) {
    this.#parts = parts;
    this.name = parts.pd.name;
    this.vcpuIds = parts.vcpus.map(({ id }) => id);
  }

  setvar(symbol: string): number | undefined {
    return this.#parts.symbols.get(symbol);
  }

  region(vaddr: number): MappedRegion | undefined {
    const map = this.#parts.pd.maps.find((candidate) => candidate.vaddr === vaddr);
    if (map === undefined) return undefined;
    const { region, ram } = this.#parts.regionOf(map.region);
    if (ram === undefined) return undefined;
    return {
      name: region.name,
      vaddr,
      physAddr: region.physAddr,
      bytes: ram.bytes,
      written: (offset, sizeBytes) => this.#parts.cluster.ramWritten(ram.offset + offset, sizeBytes),
      clear: (offset, sizeBytes) => this.#parts.cluster.clearRam(ram.offset + offset, sizeBytes),
    };
  }

  registers(vaddr: number): RegisterWindow | undefined {
    const map = this.#parts.pd.maps.find((candidate) => candidate.vaddr === vaddr);
    const { region, ram } = map === undefined ? {} : this.#parts.regionOf(map.region);
    if (region === undefined || ram !== undefined) return undefined;
    const { bus } = this.#parts;
    return {
      read: (offset) => bus.read(region.physAddr + offset, REGISTER_BYTES),
      write: (offset, value) => bus.write(region.physAddr + offset, REGISTER_BYTES, value >>> 0),
    };
  }

  notify(channel: ChannelId): void {
    const target = this.#channel(channel);
    if (target.kind !== 'peer' || !target.notify)
      throw new ProgramError(`channel ${channel} can't be notified`);
    target.peer.signal(target.peerChannel);
    this.#parts.notified();
  }

  irqAck(channel: ChannelId): void {
    const target = this.#channel(channel);
    if (target.kind !== 'irq') throw new ProgramError(`channel ${channel} is no interrupt`);
    this.#parts.irqAck(target.irq.intid);
  }

  ppcall(channel: ChannelId, message: Message): Message {
    const target = this.#channel(channel);
    if (target.kind !== 'peer' || !target.pp)
      throw new ProgramError(`channel ${channel} takes no protected calls`);
    if (message.words.length > MESSAGE_WORDS_MAX)
      throw new ProgramError(`a message of ${message.words.length} words: ${MESSAGE_WORDS_MAX} at most`);
    return this.#parts.call(target.peer, target.peerChannel, message);
  }

  dbgPuts(text: string): void {
    this.#parts.emit({ kind: 'print', pd: this.name, text });
  }

  vcpuRestart(vcpu: VcpuId, entryPoint: bigint): void {
    const object = this.#vcpu(vcpu);
    object.cpu.pc = entryPoint;
    object.runState = 'runnable';
    this.#parts.emit({ kind: 'vcpu-started', vm: object.vm, vcpu, pc: entryPoint });
  }

  vcpuStop(vcpu: VcpuId): void {
    const object = this.#vcpu(vcpu);
    if (object.runState === 'stopped') return;
    object.runState = 'stopped';
    this.#parts.emit({ kind: 'vcpu-stopped', vm: object.vm, vcpu, pc: object.cpu.pc });
  }

  vcpuArmInjectIrq(vcpu: VcpuId, irq: Intid, priority: number, group: 0 | 1, index: number): void {
    const { virtualInterface } = this.#vcpu(vcpu);
    // seL4 checks these and answers with an error (seL4 16, decodeVCPUInjectIRQ).
    if (index < 0 || index >= LIST_REGISTER_COUNT)
      throw new ProgramError(`there is no list register ${index}`);
    if (priority < 0 || priority > HIGHEST_PRIORITY)
      throw new ProgramError(`there is no priority ${priority}: 0 to ${HIGHEST_PRIORITY}`);
    if (isInUse(virtualInterface.listRegisters[index]))
      throw new ProgramError(
        `list register ${index} of vCPU ${vcpu} is in use: its interrupt was taken, and the guest's end of it not told yet`,
      );
    // Version 2 has five bits for a priority, the upper ones; for version 3 seL4 puts the number into eight as it is.
    const inRegister = this.#parts.gicVersion === 2 ? priority << GICV2_PRIORITY_SHIFT : priority;
    virtualInterface.load(index, { virtualId: irq & 0x3ff, priority: inRegister, group, eoi: true });
  }

  vcpuArmAckVppi(vcpu: VcpuId, irq: Intid): void {
    if (irq !== this.#parts.virtualTimerIntid)
      throw new ProgramError(`INTID ${irq} is no virtual private interrupt`);
    this.#vcpu(vcpu).vppiMasked = false;
  }

  vcpuRegisters(vcpu: VcpuId): VcpuRegisters {
    return this.#vcpu(vcpu).cpu;
  }

  vcpuWait(vcpu: VcpuId): void {
    this.#vcpu(vcpu).waitRequested = true;
  }

  vcpuReset(vcpu: VcpuId): void {
    const object = this.#vcpu(vcpu);
    if (object.runState !== 'stopped') throw new ProgramError(`vCPU ${vcpu} is reset while it may run`);
    object.reset();
  }

  guestEnded(reason: GuestEnd): void {
    const vm = this.#parts.vcpus[0]?.vm;
    if (vm !== undefined) this.#parts.emit({ kind: 'guest-ended', vm, reason });
  }

  interruptDropped(vcpu: VcpuId, intid: Intid): void {
    const { vm } = this.#vcpu(vcpu);
    this.#parts.emit({ kind: 'interrupt-dropped', vm, vcpu, intid });
  }

  hostSignal(): () => void {
    return () => {
      this.#parts.pd.signal(HOST_CHANNEL);
      this.#parts.signalled();
    };
  }

  onGuestRestart(restart: () => boolean): void {
    this.#parts.pd.restartGuest = restart;
  }

  #channel(channel: ChannelId): ChannelTarget {
    const target = this.#parts.pd.channel(channel);
    if (target === undefined) throw new ProgramError(`${this.name} has no channel ${channel}`);
    return target;
  }

  #vcpu(id: VcpuId): VcpuObject {
    const object = this.#parts.vcpus.find((vcpu) => vcpu.id === id);
    if (object === undefined) throw new ProgramError(`${this.name} has no vCPU ${id}`);
    return object;
  }
}

/**
 * What seL4 goes by is the state that it saved last, when another vCPU ran or when it told of an end: whether it saw an active one there or not,
 * a monitor can't know.
 */
function isInUse(register: ListRegister | undefined): boolean {
  if (register === undefined) return false;
  const { state, eoi } = register;
  return state !== LR_STATE.PENDING && (state !== LR_STATE.INVALID || eoi);
}
