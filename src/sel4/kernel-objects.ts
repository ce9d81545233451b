/**
 * What the kernel is made of at its start, as Microkit's initialiser makes it: RAM, domains with their channels and
 * programs, virtual machines with their vCPUs and stage 2.
 */

import type {
  CpuCluster,
  CpuClusterOptions,
  RamRegion,
  SystemRegisterPort,
  UndefinedInstruction,
} from '../aarch64/index.ts';
import type { ChannelId, ClusterIndex, Intid } from '../base/index.ts';
import { readIcc, writeIcc } from '../device/index.ts';
import type { MachineTime, PhysicalBus, PhysicalInterrupts } from '../machine/index.ts';
import { GuestSpace } from './guest-space.ts';
import type { MapLayout, RegionLayout, SystemLayout } from './layout.ts';
import { ProtectionDomain } from './protection-domain.ts';
import { VcpuObject } from './vcpu-object.ts';
import type { VirtualMachine } from './virtual-machine.ts';

/** What the kernel takes of the machine, and how it gets its processors. */
export interface KernelHardware {
  readonly createCluster: (options: CpuClusterOptions) => CpuCluster;
  readonly interrupts: PhysicalInterrupts;
  readonly bus: PhysicalBus;
  readonly time: MachineTime;
  readonly onUndefined?: (instruction: UndefinedInstruction) => void;
}

/** Who gets an interrupt. */
export interface IrqOwner {
  readonly pd: ProtectionDomain;
  readonly channel: ChannelId;
}

/** A memory region, and the RAM behind it where it is not a device's. */
export interface RegionMemory {
  readonly region: RegionLayout;
  readonly ram: RamRegion | undefined;
}

export interface KernelObjects {
  readonly cluster: CpuCluster;
  readonly pds: readonly ProtectionDomain[];
  readonly vms: readonly VirtualMachine[];
  readonly irqOwners: ReadonlyMap<Intid, IrqOwner>;
  /** By name. Throws where no region is called so: the description was checked. */
  readonly regionOf: (name: string) => RegionMemory;
}

export function createKernelObjects(layout: SystemLayout, hardware: KernelHardware): KernelObjects {
  const vcpus: VcpuObject[] = [];
  const { cluster, regionOf } = createMemory(layout, hardware, vcpus);
  const pds = layout.protectionDomains.map((pd) => new ProtectionDomain(pd));
  const irqOwners = connectChannels(layout, pds);
  for (const { irqs } of layout.protectionDomains) {
    for (const { intid, trigger } of irqs) hardware.interrupts.handle(intid, trigger);
  }
  const vms: VirtualMachine[] = [];
  for (const [index, { vm }] of layout.protectionDomains.entries()) {
    const monitor = pds[index];
    if (vm === undefined || monitor === undefined) continue;
    const space = new GuestSpace(cluster, vm.maps, regionOf, hardware.bus, () => hardware.time.sync());
    const own = vm.vcpuIds.map((id, position) => {
      const cpu = cluster.vcpus[vcpus.length + position];
      if (cpu === undefined) throw new Error('the cluster has too few vCPUs');
      cpu.stage2 = space.stage2;
      // Until its monitor writes it, as with seL4 (seL4 16, vcpu_init).
      cpu.mpidr = 0n;
      cpu.onTimerWritten = () => cpu.requestStop();
      return new VcpuObject(vm.name, id, cpu, layout.gicVersion);
    });
    vcpus.push(...own);
    vms.push({ name: vm.name, monitor, priority: vm.priority, vcpus: own, space });
  }
  return { cluster, pds, vms, irqOwners, regionOf };
}

/** The cluster with a piece of RAM for each region that is RAM. `vcpus` is filled later. */
function createMemory(
  layout: SystemLayout,
  { createCluster, time, onUndefined }: KernelHardware,
  vcpus: readonly VcpuObject[],
): { readonly cluster: CpuCluster; readonly regionOf: KernelObjects['regionOf'] } {
  const ramRegions = layout.regions.filter((region) => region.kind === 'ram');
  const cluster = createCluster({
    vcpuCount: layout.protectionDomains.reduce((sum, { vm }) => sum + (vm?.vcpuIds.length ?? 0), 0),
    ramSizesBytes: ramRegions.map((region) => region.sizeBytes),
    announcedRam: ramRegions.flatMap(({ name }, index) => (isGuestRam(name, layout) ? [index] : [])),
    counter: time,
    systemRegisters: interruptRegisters(layout.gicVersion, vcpus),
    gicSystemRegisters: layout.gicVersion === 3,
    ...(onUndefined === undefined ? {} : { onUndefined }),
  });
  const ramOf = new Map(ramRegions.map(({ name }, index) => [name, cluster.ram[index]]));
  const regions = new Map(layout.regions.map((region) => [region.name, region]));
  const regionOf = (name: string) => {
    const region = regions.get(name);
    if (region === undefined) throw new Error(`no memory region is called ${name}`);
    return { region, ram: ramOf.get(name) };
  };
  return { cluster, regionOf };
}

/** RAM of a guest, which no domain but its monitor writes: that one announces it, for it may be code. Queues are written by others, silently. */
function isGuestRam(region: string, { protectionDomains }: SystemLayout): boolean {
  const has = (maps: readonly MapLayout[]): boolean => maps.some((map) => map.region === region);
  const guests = protectionDomains.filter(({ vm }) => vm !== undefined && has(vm.maps));
  return guests.length > 0 && protectionDomains.every((pd) => guests.includes(pd) || !has(pd.maps));
}

/** The GIC's CPU interface as system registers, which only version 3 has. */
function interruptRegisters(gicVersion: 2 | 3, vcpus: readonly VcpuObject[]): SystemRegisterPort {
  const interfaceOf = (index: ClusterIndex) =>
    gicVersion === 3 ? vcpus[index]?.virtualInterface : undefined;
  return {
    read: (vcpu, register) => {
      const cpu = interfaceOf(vcpu.index);
      return cpu === undefined ? 'undefined' : readIcc(cpu, register);
    },
    write: (vcpu, register, value) => {
      const cpu = interfaceOf(vcpu.index);
      return cpu === undefined ? 'undefined' : writeIcc(cpu, register, value);
    },
  };
}

/** Gives each domain its channels; tells whose each interrupt is. */
function connectChannels(
  layout: SystemLayout,
  pds: readonly ProtectionDomain[],
): ReadonlyMap<Intid, IrqOwner> {
  const byName = new Map(pds.map((pd) => [pd.name, pd]));
  const irqOwners = new Map<Intid, IrqOwner>();
  for (const { name, irqs } of layout.protectionDomains) {
    const pd = byName.get(name);
    if (pd === undefined) continue;
    for (const irq of irqs) {
      pd.channels.set(irq.channel, { kind: 'irq', irq });
      irqOwners.set(irq.intid, { pd, channel: irq.channel });
    }
  }
  for (const [a, b] of layout.channels) {
    const [pdA, pdB] = [byName.get(a.pd), byName.get(b.pd)];
    if (pdA === undefined || pdB === undefined) continue;
    pdA.channels.set(a.id, { kind: 'peer', peer: pdB, peerChannel: b.id, notify: a.notify, pp: a.pp });
    pdB.channels.set(b.id, { kind: 'peer', peer: pdA, peerChannel: a.id, notify: b.notify, pp: b.pp });
  }
  return irqOwners;
}
