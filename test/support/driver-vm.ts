/** A driver VM in small, for scenarios: one monitor, one guest of scripted vCPUs, and a bus with one device. */
import assert from 'node:assert/strict';
import { Gicv, VirtualCpuInterface } from '../../src/device/index.ts';
import { PhysicalInterrupts, VirtualTime } from '../../src/machine/index.ts';
import {
  Kernel,
  type KernelEvent,
  type Microkit,
  type PdLayout,
  type Program,
  type SystemLayout,
} from '../../src/sel4/index.ts';
import {
  type GuestMonitor,
  LibvmmMonitor,
  Monitor,
  type MonitorOptions,
  type VgicFrames,
} from '../../src/vmm/index.ts';
import {
  createScriptedCluster,
  type ScriptedCluster,
  type ScriptedVcpu,
  type ScriptFactory,
} from './scripted-cpu.ts';

export const GUEST = {
  ram: 0x4000_0000,
  ramBytes: 0x40_0000,
  vmmVaddr: 0x1000_0000,
  distributor: 0x0800_0000,
  cpuInterface: 0x0801_0000,
  gicv: 0x0804_0000,
  redistributors: 0x080a_0000,
  /** A passed-through interrupt and its channel. */
  intid: 33,
  channel: 1,
} as const;

export interface DriverVm {
  readonly kernel: Kernel;
  readonly cluster: ScriptedCluster;
  readonly interrupts: PhysicalInterrupts;
  readonly monitor: GuestMonitor;
  readonly events: KernelEvent[];
  /** What the monitor said. */
  log(): string;
  /** Steps until nothing can run, letting time pass for as long as timers are due within `forNs`. */
  settle(forNs?: number): void;
}

export interface DriverVmOptions {
  readonly gicVersion?: 2 | 3;
  readonly vcpuCount?: number;
  readonly trigger?: 'level' | 'edge';
  readonly guests?: readonly ScriptFactory[];
  readonly unownedAccess?: MonitorOptions['unownedAccess'];
  /** With a monitor as libvmm is, and a kernel that traps WFI. */
  readonly libvmm?: boolean;
  /** Domains beside the monitor. */
  readonly others?: readonly PdLayout[];
  /** Called in `init` after the interrupt controller is set up, before the guest starts. */
  readonly setUp?: (monitor: GuestMonitor, microkit: Microkit) => void;
}

export function driverVm(options: DriverVmOptions = {}): DriverVm {
  const { gicVersion = 2, vcpuCount = 1, trigger = 'level' } = options;
  const gic: VgicFrames =
    gicVersion === 2
      ? { version: 2, distributor: GUEST.distributor }
      : {
          version: 3,
          distributor: GUEST.distributor,
          redistributors: [{ base: GUEST.redistributors, size: 0x2_0000 * vcpuCount }],
        };
  const MonitorLibrary = options.libvmm === true ? LibvmmMonitor : Monitor;
  let monitor: GuestMonitor | undefined;
  const program = (microkit: Microkit): Program => {
    const created = new MonitorLibrary(microkit, {
      gic,
      ram: [{ gpaStart: GUEST.ram, sizeBytes: GUEST.ramBytes, vmmVaddr: GUEST.vmmVaddr }],
      ...(options.unownedAccess === undefined ? {} : { unownedAccess: options.unownedAccess }),
    });
    monitor = created;
    return {
      init() {
        created.virqControllerInit();
        created.virqRegisterPassthrough(0, GUEST.intid, GUEST.channel);
        options.setUp?.(created, microkit);
        created.guestStart(0, GUEST.ram, GUEST.ram + 0x20_0000);
      },
      notified(channel) {
        if (!created.virqHandlePassthrough(channel)) created.log(`unexpected channel ${channel}`);
      },
      fault: (child, fault) => created.faultHandle(child, fault),
      get saved() {
        return created.saved;
      },
    };
  };
  const layout: SystemLayout = {
    gicVersion,
    channels: [],
    regions: [
      { name: 'guest_ram', physAddr: GUEST.ram, sizeBytes: GUEST.ramBytes, kind: 'ram' },
      { name: 'gic_vcpu', physAddr: GUEST.gicv, sizeBytes: 0x1000, kind: 'device' },
    ],
    protectionDomains: [
      {
        name: 'VMM',
        priority: 10,
        program,
        irqs: [{ intid: GUEST.intid, channel: GUEST.channel, trigger }],
        maps: [{ region: 'guest_ram', vaddr: GUEST.vmmVaddr, read: true, write: true, execute: false }],
        vm: {
          name: 'linux',
          priority: 1,
          vcpuIds: Array.from({ length: vcpuCount }, (_, index) => index),
          maps: [
            { region: 'guest_ram', vaddr: GUEST.ram, read: true, write: true, execute: true },
            ...(gicVersion === 2
              ? [{ region: 'gic_vcpu', vaddr: GUEST.cpuInterface, read: true, write: true, execute: false }]
              : []),
          ],
        },
      },
      ...(options.others ?? []),
    ],
  };
  const interrupts = new PhysicalInterrupts();
  const events: KernelEvent[] = [];
  let cluster: ScriptedCluster | undefined;
  let kernel: Kernel | undefined;
  const gicv = new Gicv(() => kernel?.virtualInterface ?? new VirtualCpuInterface());
  kernel = new Kernel({
    layout,
    createCluster: (clusterOptions) => {
      cluster = createScriptedCluster(clusterOptions);
      return cluster;
    },
    interrupts,
    // The only device is GICV.
    bus: {
      read: (physAddr, sizeBytes) => gicv.read(physAddr - GUEST.gicv, sizeBytes),
      write: (physAddr, sizeBytes, value) => gicv.write(physAddr - GUEST.gicv, value, sizeBytes),
    },
    time: new VirtualTime({ frequencyHz: 24_000_000 }),
    ...(options.libvmm === undefined
      ? {}
      : { trapsWfi: options.libvmm, keepsTimerInterrupts: options.libvmm }),
    listener: (event) => events.push(event),
  });
  assert.ok(cluster !== undefined && monitor !== undefined);
  for (const [index, guest] of (options.guests ?? []).entries()) {
    const vcpu = cluster.vcpus[index];
    if (vcpu !== undefined) vcpu.program = guest;
  }
  const running = kernel;
  running.start();
  return {
    kernel: running,
    cluster,
    interrupts,
    monitor,
    events,
    log: () => events.map((event) => (event.kind === 'print' ? event.text : '')).join(''),
    settle(forNs = 0) {
      const untilNs = running.time.nowNs + forNs;
      for (let steps = 0; steps < 100_000; steps += 1) {
        const outcome = running.step();
        if (outcome.kind !== 'idle') continue;
        if (outcome.untilNs === undefined || outcome.untilNs > untilNs) return;
        running.time.advanceTo(outcome.untilNs);
      }
      assert.fail('it never settles');
    },
  };
}

/** GICD and GICC offsets (IHI 0048B §4.1). */
export const GIC = {
  GICD_CTLR: GUEST.distributor + 0x000,
  GICD_TYPER: GUEST.distributor + 0x004,
  GICD_ISENABLER: GUEST.distributor + 0x100,
  GICD_ICENABLER: GUEST.distributor + 0x180,
  GICD_IPRIORITYR: GUEST.distributor + 0x400,
  GICD_ITARGETSR: GUEST.distributor + 0x800,
  GICD_SGIR: GUEST.distributor + 0xf00,
  GICC_CTLR: GUEST.cpuInterface + 0x00,
  GICC_PMR: GUEST.cpuInterface + 0x04,
  GICC_IAR: GUEST.cpuInterface + 0x0c,
  GICC_EOIR: GUEST.cpuInterface + 0x10,
} as const;

/** What Linux does before it enables its first interrupt: CPU interface and distributor on, then the interrupt itself. */
export function* enableInterrupt(cpu: ScriptedVcpu, intid: number) {
  yield* cpu.store(GIC.GICC_PMR, 0xf0);
  yield* cpu.store(GIC.GICC_CTLR, 1);
  yield* cpu.store(GIC.GICD_CTLR, 1);
  yield* cpu.store(GIC.GICD_IPRIORITYR + intid, 0xa0, 1);
  yield* cpu.store(GIC.GICD_ISENABLER + 4 * Math.floor(intid / 32), 2 ** (intid % 32));
}

/** Waits for an interrupt, then takes and ends it; gives its number. */
export function* takeInterrupt(cpu: ScriptedVcpu) {
  while (!cpu.irqLevel) yield* cpu.wfi();
  const intid = yield* cpu.load(GIC.GICC_IAR);
  yield* cpu.store(GIC.GICC_EOIR, intid);
  return intid;
}
