/** {@link Microkit} as a protection domain on seL4 has it, over what the C around the engine gives. */
import type { VcpuId } from '../base/index.ts';
import type { GuestEnd, MappedRegion, Microkit } from '../sel4/index.ts';
import { faultWords } from './fault-message.ts';
import type { EmbeddedLayout, EmbeddedRegion } from './layout.ts';
import type { Natives } from './natives.ts';
import { readProtected, writeProtected } from './protected-message.ts';
import { RegisterFile } from './registers.ts';

/** What a guest asked for that is done once its fault has been dealt with. */
export interface GuestRequests {
  /** Starts the guest anew; set by the monitor. */
  restart: (() => boolean) | undefined;
  /** The guest has asked for it. */
  isRestartWanted: boolean;
}

export interface EmbeddedMicrokit {
  readonly microkit: Microkit;
  readonly registers: RegisterFile;
  readonly requests: GuestRequests;
}

/** The calls; registers are written when {@link RegisterFile.flush} is called. */
export function microkitOf(natives: Natives, layout: EmbeddedLayout): EmbeddedMicrokit {
  const registers = new RegisterFile(natives, layout.vcpuIds);
  const requests: GuestRequests = { restart: undefined, isRestartWanted: false };
  const { vcpuIds } = layout;
  const words = faultWords(natives.faults).message;
  const mapped = new Map<number, MappedRegion>();
  const regionAt = (vaddr: number, isDevice: boolean): EmbeddedRegion | undefined =>
    layout.regions.find((region) => region.vaddr === vaddr && region.isDevice === isDevice);
  const map = ({ name, vaddr, sizeBytes, physAddr }: EmbeddedRegion): MappedRegion => {
    const bytes = new Uint8Array(natives.memory(vaddr, sizeBytes));
    const written = (offset: number, count: number): void => natives.cleanCache(vaddr + offset, count);
    return {
      name,
      vaddr,
      physAddr,
      bytes,
      written,
      clear(offset, count) {
        bytes.fill(0, offset, offset + count);
        written(offset, count);
      },
    };
  };
  const microkit: Microkit = {
    name: natives.name,
    vcpuIds,
    compiledMemory: natives.vgic,
    // Another domain with this program may have more of them.
    setvar: (symbol) => (layout.symbols.includes(symbol) ? natives.setvar(symbol) : undefined),
    region(vaddr) {
      const known = mapped.get(vaddr);
      if (known !== undefined) return known;
      const found = regionAt(vaddr, false);
      if (found === undefined) return undefined;
      const region = map(found);
      mapped.set(vaddr, region);
      return region;
    },
    registers: (vaddr) =>
      regionAt(vaddr, true) === undefined
        ? undefined
        : {
            read: (offset) => natives.read32(vaddr + offset),
            write: (offset, value) => natives.write32(vaddr + offset, value),
          },
    notify: (channel) => natives.notify(channel),
    irqAck: (channel) => natives.irqAck(channel),
    ppcall(channel, message) {
      writeProtected(words, message);
      natives.ppcall(channel);
      return readProtected(words);
    },
    dbgPuts: (text) => natives.dbgPuts(text),
    vcpuRestart: (vcpu, entryPoint) => registers.restart(vcpu, entryPoint),
    vcpuStop: (vcpu) => natives.vcpuStop(vcpu),
    vcpuArmInjectIrq: (vcpu, irq, priority, group, index) =>
      natives.injectIrq(vcpu, irq, priority, group, index),
    vcpuArmAckVppi: (vcpu, irq) => natives.ackVppi(vcpu, irq),
    vcpuRegisters: (vcpu) => registers.of(vcpu),
    // A monitor can't put a vCPU to sleep: what waits comes back at once, as it may (PSCI 1.1 §5.4.2).
    vcpuWait: (_vcpu: VcpuId) => {},
    vcpuReset: (vcpu) => registers.reset(vcpu),
    guestEnded(reason: GuestEnd) {
      if (natives.guestEnded !== undefined) {
        natives.guestEnded(reason);
        return;
      }
      requests.isRestartWanted = reason === 'reset';
      natives.dbgPuts(
        reason === 'reset'
          ? `${natives.name}: the guest asked for a restart\n`
          : `${natives.name}: the guest has turned itself off\n`,
      );
    },
    interruptDropped: (vcpu, intid) => natives.interruptDropped?.(vcpu, intid),
    hostSignal: () => () => {},
    onGuestRestart: (restart) => {
      requests.restart = restart;
    },
  };
  return { microkit, registers, requests };
}
