import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DriverVmOptions,
  driverVm,
  enableInterrupt,
  GIC,
  GUEST,
  takeInterrupt,
} from '../../../test/support/driver-vm.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import type { ScriptFactory } from '../../../test/support/scripted-cpu.ts';
import type { KernelEvent } from '../../sel4/index.ts';

const libvmm = (options: DriverVmOptions) => driverVm({ ...options, libvmm: true });

/** The events of a kind that a scenario is about. */
function heard<K extends KernelEvent['kind']>(events: readonly KernelEvent[], kind: K) {
  return events.filter((event): event is Extract<KernelEvent, { kind: K }> => event.kind === kind);
}

/** A guest that is busy for a while before it enables its interrupt, and then waits for it, or not for ever. */
function lateEnabler(taken: number[]): ScriptFactory {
  return function* (cpu) {
    yield* cpu.spin(1000);
    yield* enableInterrupt(cpu, GUEST.intid);
    while (true) taken.push(yield* takeInterrupt(cpu));
  };
}

for (const [trigger, expected] of [
  ['edge', []],
  ['level', [33]],
] as const) {
  test(`an interrupt that comes while it is disabled: a ${trigger} is ${trigger === 'edge' ? 'lost' : 'held back'}`, () => {
    const taken: number[] = [];
    const vm = libvmm({ trigger, guests: [lateEnabler(taken)] });
    const line = vm.interrupts.line(GUEST.intid);
    line.set(true);
    for (let steps = 0; steps < 100 && taken.length === 0; steps += 1) vm.kernel.step();
    assert.deepEqual(taken, expected);
    assert.deepEqual(heard(vm.events, 'interrupt-dropped'), [
      { kind: 'interrupt-dropped', vm: 'linux', vcpu: 0, intid: GUEST.intid },
    ]);
    // Enabling it has unmasked the line: the next edge comes.
    if (trigger === 'edge') {
      line.set(false);
      line.set(true);
      vm.settle();
      assert.deepEqual(taken, [33]);
    }
    assert.match(vm.log(), /^interrupt 33 of vCPU 0 came, and the distributor is not enabled$/m);
  });
}

test('the virtual timer comes again as soon as it is enabled, and for ever where it is not', () => {
  const late: number[] = [];
  const guest = (beforeEnabling: number): ScriptFactory =>
    function* (cpu) {
      cpu.setTimer({ enabled: true, masked: beforeEnabling > 0, compare: 24n });
      if (beforeEnabling > 0) yield* cpu.spin(beforeEnabling);
      yield* enableInterrupt(cpu, 27);
      cpu.setTimer({ enabled: true, masked: false, compare: 24n });
      while (!cpu.irqLevel) yield* cpu.wfi();
      late.push(yield* cpu.load(GIC.GICC_IAR));
      cpu.setTimer({ enabled: false });
      yield* cpu.store(GIC.GICC_EOIR, 27);
    };
  libvmm({ guests: [guest(100_000)] }).settle(1_000_000);
  assert.deepEqual(late, [27]);

  const storm = libvmm({
    guests: [
      function* (cpu) {
        cpu.setTimer({ enabled: true, compare: 24n });
        while (true) yield* cpu.spin(10);
      },
    ],
  });
  storm.settle(1_000_000);
  assert.deepEqual(heard(storm.events, 'timer-storm'), [
    { kind: 'timer-storm', vm: 'linux', vcpu: 0, intid: 27 },
  ]);
  assert.equal(storm.kernel.vcpus()[0]?.runState, 'halted');
});

test('four list registers, the rest first come first served; priority 0 in each, the first register before the others', () => {
  const taken: number[] = [];
  const priorities = new Set<number>();
  const vm = libvmm({
    setUp: (monitor) => {
      for (let intid = 40; intid < 48; intid += 1) monitor.virqRegister(0, intid, () => {});
    },
    guests: [
      function* (cpu) {
        yield* enableInterrupt(cpu, GUEST.intid);
        yield* cpu.store(GIC.GICD_IPRIORITYR + 47, 0x00, 1);
        assert.equal(yield* cpu.load(GIC.GICD_IPRIORITYR + 44), 0, 'priorities are not kept');
        yield* cpu.store(GIC.GICD_ISENABLER + 4, 0xff00);
        yield* cpu.store(GIC.GICC_PMR, 0);
        yield* cpu.store(GUEST.distributor + 0x204, 0xff00);
        for (const { priority } of vm.kernel.virtualInterface?.listRegisters ?? []) priorities.add(priority);
        yield* cpu.store(GIC.GICC_PMR, 0xff);
        while (taken.length < 8) taken.push(yield* takeInterrupt(cpu));
      },
    ],
  });
  vm.settle();
  assert.deepEqual(taken, [40, 44, 45, 46, 47, 41, 42, 43]);
  assert.deepEqual([...priorities], [0]);
});

test('an interrupt that is in a list register already goes into another one', () => {
  const taken: number[] = [];
  const vm = libvmm({
    setUp: (monitor) => assert.ok(monitor.virqRegister(0, 40, () => {})),
    guests: [
      function* (cpu) {
        yield* enableInterrupt(cpu, 40);
        yield* cpu.store(GUEST.distributor + 0x204, 1 << 8);
        yield* cpu.store(GUEST.distributor + 0x204, 1 << 8);
        taken.push(yield* takeInterrupt(cpu), yield* takeInterrupt(cpu));
      },
    ],
  });
  vm.settle();
  assert.deepEqual(taken, [40, 40]);
});

test('PSCI and SMCCC: what is answered, and what stops the vCPU', () => {
  const answers: bigint[] = [];
  const vm = libvmm({
    vcpuCount: 2,
    guests: [
      function* (cpu) {
        const call = function* (functionId: number, ...args: bigint[]) {
          answers.push(BigInt.asIntN(64, yield* cpu.smc(functionId, ...args)));
        };
        yield* call(0x8400_0000);
        yield* call(0x8400_0006);
        yield* call(0x8400_000a, 0x8000_0000n);
        yield* call(0xc400_0003, 2n, 0x4001_0000n);
        yield* call(0xc400_0003, 1n, 0x4001_0000n, 7n);
        yield* call(0xc400_0003, 1n, 0x4001_0000n, 7n);
        // It comes back, X0 as it was.
        yield* call(0x8400_0009);
        yield* call(0x8000_0000);
      },
      function* (cpu) {
        answers.push(cpu.x(0));
        assert.equal(cpu.pstate, 5);
        yield* cpu.wfi();
      },
    ],
  });
  vm.settle();
  assert.deepEqual(answers, [0x1_0002n, 2n, -1n, -2n, 0n, -4n, 0x8400_0009n, 7n]);
  assert.match(vm.log(), /libvmm doesn't handle Arm architecture function 0x80000000/);
  assert.deepEqual(
    vm.kernel.vcpus().map(({ runState }) => runState),
    ['faulted', 'spinning'],
  );
});

test('registers as libvmm has them: read back a word further, narrow loads into part of a register, a dirty zero register', () => {
  const seen: (number | bigint)[] = [];
  const vm = libvmm({
    guests: [
      function* (cpu) {
        seen.push(yield* cpu.load(GIC.GICD_TYPER), yield* cpu.load(GUEST.distributor + 0xfe8));
        yield* cpu.store(GIC.GICD_ISENABLER + 4, 0x30);
        seen.push(yield* cpu.load(GIC.GICD_ISENABLER + 4), yield* cpu.load(GIC.GICD_ISENABLER + 8));
        seen.push(yield* cpu.load(GUEST.distributor + 0xc04), yield* cpu.load(GIC.GICD_ITARGETSR + 0x20));
      },
    ],
  });
  vm.settle();
  assert.deepEqual(seen, [0xfce7, 0x2b, 0, 0x30, 0x5554_0000, 0x0101_0101]);

  const { monitor, cluster } = libvmm({});
  const cpu = cluster.vcpus[0];
  assert.ok(cpu !== undefined);
  const access = (srt: number, sas: number, write: boolean, offset: number) =>
    monitor.faultHandle(0, {
      label: 'VMFault',
      ip: 0n,
      addr: GUEST.distributor + offset,
      prefetchFault: false,
      fsr: ((0x24 << 26) | (1 << 24) | (sas << 22) | (srt << 16) | (write ? 1 << 6 : 0)) >>> 0,
    });
  cpu.setX(3, 0xffff_ffff_ffff_ffffn);
  access(3, 2, false, 0x008);
  assert.equal(cpu.x(3), 0xffff_ffff_0200_043bn);
  access(3, 0, false, 0xff0);
  assert.equal(cpu.x(3), 0xffff_ffff_0200_040dn);
  access(31, 2, false, 0xc04);
  access(31, 2, true, 0xc08);
  access(3, 2, false, 0xc08);
  assert.equal(cpu.x(3), 0xffff_ffff_5554_0000n, 'XZR stores what was loaded into it');
  const kept = savedCopy(monitor.saved);
  loadSaved(monitor.saved, kept);
  assert.deepEqual(savedCopy(monitor.saved), kept);
});

test('version 3: 160 interrupts, SGIs by system register, and a redistributor that is mostly not to be read', () => {
  const seen: (number | bigint)[] = [];
  const icc = (crm: number, op2: number, crn = 12) => ({ op0: 3, op1: 0, crn, crm, op2 });
  const vm = libvmm({
    gicVersion: 3,
    guests: [
      function* (cpu) {
        seen.push((yield* cpu.load(GIC.GICD_TYPER)) & 31, yield* cpu.load(GUEST.redistributors + 8, 8));
        yield* cpu.store(GUEST.distributor, 0x12);
        yield* cpu.store(GUEST.redistributors + 0x1_0100, 0xff);
        yield* cpu.writeSystem(icc(6, 0, 4), 0xf0n);
        yield* cpu.writeSystem(icc(12, 7), 1n);
        yield* cpu.writeSystem(icc(11, 5), (7n << 24n) | 1n);
        while (!cpu.irqLevel) yield* cpu.wfi();
        const intid = cpu.readSystem(icc(12, 0));
        assert.ok(typeof intid === 'bigint');
        seen.push(intid);
        yield* cpu.load(GUEST.redistributors + 0x1_0400);
        seen.push(-1);
      },
    ],
  });
  vm.settle();
  assert.deepEqual(seen, [4, 0x10, 7n]);
  const [failed] = heard(vm.events, 'pd-failed');
  assert.match(failed?.message ?? '', /fails an assertion in vgic_v3.c: redistributor register 0x10400 read/);
});

test('a guest that idles spins: whoever is below it never runs, its equals and betters do; it wakes as ever', () => {
  const ran: string[] = [];
  const domain = (name: string, priority: number, intid: number) => ({
    name,
    priority,
    irqs: [{ intid, channel: 3, trigger: 'edge' as const }],
    maps: [],
    program: () => ({ init() {}, notified: () => ran.push(name) }),
  });
  const taken: number[] = [];
  const start = (libvmmToo: boolean) =>
    driverVm({
      libvmm: libvmmToo,
      others: [domain('below', 0, 50), domain('equal', 1, 51)],
      guests: [
        function* (cpu) {
          yield* enableInterrupt(cpu, GUEST.intid);
          while (true) taken.push(yield* takeInterrupt(cpu));
        },
      ],
    });
  const vm = start(true);
  vm.settle();
  assert.equal(vm.kernel.vcpus()[0]?.runState, 'spinning');
  for (const intid of [50, 51]) vm.interrupts.line(intid).set(true);
  vm.settle(1_000_000);
  assert.deepEqual(ran, ['equal']);
  assert.deepEqual(heard(vm.events, 'starved'), [{ kind: 'starved', name: 'below', by: 'linux' }]);
  vm.interrupts.line(GUEST.intid).set(true);
  vm.kernel.step();
  vm.interrupts.line(GUEST.intid).set(false);
  vm.settle();
  assert.deepEqual(taken, [33]);

  ran.length = 0;
  const asleep = start(false);
  asleep.settle();
  asleep.interrupts.line(50).set(true);
  asleep.settle();
  assert.deepEqual(ran, ['below']);
  assert.deepEqual(heard(asleep.events, 'starved'), []);
});
