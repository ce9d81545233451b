import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driverVm, enableInterrupt, GIC, GUEST, takeInterrupt } from '../../test/support/driver-vm.ts';
import { loadSaved, savedCopy } from '../../test/support/saved.ts';
import type { ScriptFactory } from '../../test/support/scripted-cpu.ts';
import { VirtioConsole } from './virtio/console.ts';

/** A guest that enables one interrupt and takes it for ever. */
function interruptTaker(taken: number[], intid: number = GUEST.intid): ScriptFactory {
  return function* (cpu) {
    yield* enableInterrupt(cpu, intid);
    while (true) taken.push(yield* takeInterrupt(cpu));
  };
}

test('a level interrupt from its line to the guest and back, again while it stays high', () => {
  const taken: number[] = [];
  const guest = interruptTaker(taken);
  const vm = driverVm({ guests: [guest] });
  vm.settle();
  const line = vm.interrupts.line(GUEST.intid);
  line.set(true);
  vm.kernel.step();
  line.set(false);
  vm.settle();
  assert.deepEqual(taken, [33]);
  line.set(true);
  for (let steps = 0; steps < 100 && taken.length < 4; steps += 1) vm.kernel.step();
  assert.deepEqual(taken, [33, 33, 33, 33], 'a level that stays high starts again after each end');
});

test('an edge that comes while the guest handles the last one is not lost', () => {
  const taken: number[] = [];
  let pulseNow = () => {};
  const vm = driverVm({
    trigger: 'edge',
    guests: [
      function* (cpu) {
        yield* enableInterrupt(cpu, GUEST.intid);
        while (true) {
          while (!cpu.irqLevel) yield* cpu.wfi();
          const intid = yield* cpu.load(GIC.GICC_IAR);
          taken.push(intid);
          if (taken.length === 1) pulseNow();
          yield* cpu.store(GIC.GICC_EOIR, intid);
        }
      },
    ],
  });
  const line = vm.interrupts.line(GUEST.intid);
  pulseNow = () => {
    line.set(true);
    line.set(false);
  };
  vm.settle();
  pulseNow();
  vm.settle();
  assert.deepEqual(taken, [33, 33]);
});

test('an interrupt that the guest has not enabled waits, and comes when it is', () => {
  const taken: number[] = [];
  const vm = driverVm({
    guests: [
      function* (cpu) {
        yield* cpu.spin(1000);
        yield* enableInterrupt(cpu, GUEST.intid);
        taken.push(yield* takeInterrupt(cpu));
      },
    ],
  });
  vm.interrupts.line(GUEST.intid).set(true);
  vm.kernel.step();
  vm.interrupts.line(GUEST.intid).set(false);
  vm.settle();
  assert.deepEqual(taken, [33]);
});

test('the virtual timer ticks: event, interrupt, acknowledge, next', () => {
  const ticks: number[] = [];
  const vm = driverVm({
    guests: [
      function* (cpu) {
        yield* enableInterrupt(cpu, 27);
        for (let tick = 1n; tick <= 3n; tick += 1n) {
          // 24,000 counts are a millisecond.
          cpu.setTimer({ enabled: true, compare: tick * 24_000n });
          while (!cpu.irqLevel) yield* cpu.wfi();
          const intid = yield* cpu.load(GIC.GICC_IAR);
          cpu.setTimer({ enabled: false });
          yield* cpu.store(GIC.GICC_EOIR, intid);
          ticks.push(intid);
        }
      },
    ],
  });
  vm.settle(10_000_000);
  assert.deepEqual(ticks, [27, 27, 27]);
  assert.equal(Math.round(vm.kernel.time.nowNs / 1e6), 3);
  assert.equal(vm.kernel.statistics.faults.VPPIEvent, 3);
});

test("the virtual timer's interrupt goes when its line does: pending in the distributor, or in a list register", () => {
  const seen: number[] = [];
  const ISPENDR0 = GUEST.distributor + 0x200;
  const vm = driverVm({
    guests: [
      function* (cpu) {
        yield* enableInterrupt(cpu, 27);
        const pending = function* () {
          return ((yield* cpu.load(ISPENDR0)) >>> 27) & 1;
        };
        // Disabled, it is pending as long as the line is high.
        yield* cpu.store(GIC.GICD_ICENABLER, 1 << 27);
        cpu.setTimer({ enabled: true, masked: false, compare: 0n });
        yield* cpu.spin(10);
        seen.push(yield* pending());
        cpu.setTimer({ masked: true });
        seen.push(yield* pending());
        cpu.setTimer({ masked: false });
        yield* cpu.spin(10);
        seen.push(yield* pending());
        cpu.setTimer({ enabled: false });
        yield* cpu.store(GIC.GICD_ISENABLER, 1 << 27);
        seen.push(Number(cpu.irqLevel));
        // Enabled, it is in a list register, and the guest has not taken it when the timer is turned off.
        cpu.setTimer({ enabled: true });
        yield* cpu.spin(10);
        seen.push(Number(cpu.irqLevel));
        cpu.setTimer({ enabled: false });
        yield* cpu.spin(10);
        seen.push(Number(cpu.irqLevel));
        // And it comes again when it is due again.
        cpu.setTimer({ enabled: true });
        seen.push(yield* takeInterrupt(cpu));
        cpu.setTimer({ enabled: false });
      },
    ],
  });
  vm.settle(1_000_000);
  assert.deepEqual(seen, [1, 0, 1, 0, 1, 0, 27]);
});

test('more interrupts than list registers: the most urgent first, none lost', () => {
  const taken: number[] = [];
  const vm = driverVm({
    guests: [
      function* (cpu) {
        yield* enableInterrupt(cpu, GUEST.intid);
        for (let intid = 40; intid < 48; intid += 1) {
          yield* cpu.store(GIC.GICD_IPRIORITYR + intid, 0xf0 - 0x10 * (intid - 40), 1);
        }
        yield* cpu.store(GIC.GICD_ISENABLER + 4, 0xff00);
        // All at once, through the pending registers.
        yield* cpu.store(GIC.GICC_PMR, 0);
        yield* cpu.store(GUEST.distributor + 0x204, 0xff00);
        yield* cpu.store(GIC.GICC_PMR, 0xff);
        while (taken.length < 8) taken.push(yield* takeInterrupt(cpu));
      },
    ],
  });
  vm.settle();
  assert.deepEqual([...taken].sort(), [40, 41, 42, 43, 44, 45, 46, 47]);
});

test('PSCI brings up a second vCPU, SGIs go both ways, and it can be turned off and on again', () => {
  const log: string[] = [];
  const CPU_ON = 0xc400_0003;
  const vm = driverVm({
    vcpuCount: 2,
    guests: [
      function* (cpu) {
        yield* enableInterrupt(cpu, GUEST.intid);
        log.push(`version ${yield* cpu.smc(0x8400_0000)}`);
        log.push(`on ${yield* cpu.smc(CPU_ON, 1n, 0x4001_0000n, 0x77n)}`);
        log.push(`again ${BigInt.asIntN(64, yield* cpu.smc(CPU_ON, 1n, 0x4001_0000n, 0n))}`);
        yield* cpu.store(GIC.GICD_SGIR, (2 << 16) | 3);
        log.push(`0 took ${(yield* takeInterrupt(cpu)) & 0x3ff}`);
        yield* cpu.spin(1000);
        log.push(`affinity ${yield* cpu.smc(0xc400_0004, 1n, 0n)}`);
      },
      function* (cpu) {
        log.push(`1 at ${cpu.pc.toString(16)} with ${cpu.x(0)}`);
        yield* cpu.store(GIC.GICC_PMR, 0xf0);
        yield* cpu.store(GIC.GICC_CTLR, 1);
        log.push(`1 took ${(yield* takeInterrupt(cpu)) & 0x3ff}`);
        yield* cpu.store(GIC.GICD_SGIR, (1 << 24) | 5);
        yield* cpu.smc(0x8400_0002);
        log.push('never');
      },
    ],
  });
  vm.settle(1_000_000);
  assert.deepEqual(log, [
    `version ${0x10002}`,
    'on 0',
    'again -4',
    '1 at 40010000 with 119',
    '1 took 3',
    '0 took 5',
    'affinity 1',
  ]);
});

test('version 3: redistributors, system registers, SGIs by ICC_SGI1R_EL1', () => {
  const log: string[] = [];
  const icc = (crm: number, op2: number, crn = 12) => ({ op0: 3, op1: 0, crn, crm, op2 });
  const prepare = function* (cpu: Parameters<ScriptFactory>[0]) {
    const redistributor = GUEST.redistributors + cpu.index * 0x2_0000;
    log.push(`${cpu.index} typer ${(yield* cpu.load(redistributor + 8, 8)).toString(16)}`);
    yield* cpu.store(redistributor + 0x14, 0);
    assert.equal(yield* cpu.load(redistributor + 0x14), 0, 'awake');
    yield* cpu.store(redistributor + 0x1_0100, 0xffff);
    yield* cpu.writeSystem(icc(6, 0, 4), 0xf0n);
    yield* cpu.writeSystem(icc(12, 7), 1n);
  };
  const take = function* (cpu: Parameters<ScriptFactory>[0]) {
    while (!cpu.irqLevel) yield* cpu.wfi();
    const intid = cpu.readSystem(icc(12, 0));
    assert.ok(typeof intid === 'bigint');
    yield* cpu.writeSystem(icc(12, 1), intid);
    return intid;
  };
  const vm = driverVm({
    gicVersion: 3,
    vcpuCount: 2,
    guests: [
      function* (cpu) {
        assert.equal((yield* cpu.load(GUEST.distributor + 0xffe8)) >> 4, 3, 'PIDR2');
        yield* cpu.store(GUEST.distributor, 0x12);
        yield* prepare(cpu);
        yield* cpu.smc(0xc400_0003, 1n, 0x4001_0000n, 0n);
        yield* cpu.writeSystem(icc(11, 5), (7n << 24n) | 2n);
        log.push(`0 took ${yield* take(cpu)}`);
      },
      function* (cpu) {
        yield* prepare(cpu);
        log.push(`1 took ${yield* take(cpu)}`);
        yield* cpu.writeSystem(icc(11, 5), (9n << 24n) | (1n << 40n));
      },
    ],
  });
  vm.settle(1_000_000);
  assert.deepEqual(log, ['0 typer 0', '1 typer 100000110', '1 took 7', '0 took 9']);
});

test('an address that nobody answers stops the vCPU, or aborts if told so', () => {
  const guest: ScriptFactory = function* (cpu) {
    yield* cpu.load(0xdead_0000);
  };
  const stopped = driverVm({ guests: [guest] });
  stopped.settle();
  const fault = stopped.events.find((event) => event.kind === 'fault');
  assert.ok(fault?.kind === 'fault' && fault.fault.label === 'VMFault');
  assert.deepEqual([fault.fault.addr, fault.resumed], [0xdead_0000, false]);
  assert.equal(stopped.kernel.guestsAlive, false);

  const aborted = driverVm({ guests: [guest], unownedAccess: 'abort' });
  aborted.cluster.vcpus[0]?.setSystem('VBAR_EL1', 0x1000n);
  aborted.settle();
  assert.equal(aborted.cluster.vcpus[0]?.pc, 0x1200n, 'the vector of EL1h');
  assert.equal(aborted.cluster.vcpus[0]?.system('ESR_EL1') >> 26n, 0x25n);
  const fetch = {
    label: 'VMFault',
    ip: 0xdead_0000n,
    addr: 0xdead_0000,
    prefetchFault: true,
    fsr: 0,
  } as const;
  assert.equal(aborted.monitor.faultHandle(0, fetch), true);
  assert.equal(aborted.cluster.vcpus[0]?.system('ESR_EL1'), 0x8600_0410n, 'an instruction abort of EL1');
  assert.equal(stopped.monitor.faultHandle(0, fetch), false);
});

test('HVC, unknown SMCs and unknown channels are named', () => {
  const answers: bigint[] = [];
  const vm = driverVm({
    guests: [
      function* (cpu) {
        answers.push(yield* cpu.smc(0x8000_0000));
        answers.push(BigInt.asIntN(64, yield* cpu.smc(0x8200_0010)));
        yield* cpu.hvc();
      },
    ],
  });
  vm.settle();
  assert.deepEqual(answers, [0x1_0001n, -1n]);
  assert.equal(
    vm.log(),
    'the guest called SiP function 0x82000010: not supported\n' +
      'vCPU 0 ran HVC at 0x40000008, which seL4 keeps to itself; the guest tree\'s psci node must say method = "smc"\n',
  );
});

test('SYSTEM_OFF and SYSTEM_RESET end the guest and say so; a restart begins anew', () => {
  const taken: number[] = [];
  let boots = 0;
  const vm = driverVm({
    guests: [
      function* (cpu) {
        boots += 1;
        yield* enableInterrupt(cpu, GUEST.intid);
        taken.push(yield* takeInterrupt(cpu));
        yield* cpu.smc(boots === 1 ? 0x8400_0009 : 0x8400_0008);
      },
    ],
  });
  vm.settle();
  vm.interrupts.line(GUEST.intid).set(true);
  vm.settle();
  assert.deepEqual(
    vm.events.filter((event) => event.kind === 'guest-ended'),
    [{ kind: 'guest-ended', vm: 'linux', reason: 'reset' }],
  );
  assert.equal(vm.kernel.guestsAlive, false);
  assert.equal(vm.monitor.guestRestart(), false, 'images were never set up here');
  assert.ok(vm.monitor.guestStart(0, GUEST.ram, 0));
  vm.settle();
  assert.equal(boots, 2);
  assert.deepEqual(taken, [33, 33], 'the line is still high');
});

test('CPU_SUSPEND waits for an interrupt', () => {
  const log: string[] = [];
  const vm = driverVm({
    guests: [
      function* (cpu) {
        yield* enableInterrupt(cpu, 27);
        cpu.setTimer({ enabled: true, compare: 240_000n });
        log.push(`standby ${yield* cpu.smc(0xc400_0001, 0n, 0n, 0n)}`);
        log.push(`took ${yield* cpu.load(GIC.GICC_IAR)}`);
      },
    ],
  });
  vm.settle();
  assert.deepEqual(log, []);
  vm.settle(20_000_000);
  assert.deepEqual(log, ['standby 0', 'took 27']);
});

test('a virtio device of the monitor: found at its address, its interrupt taken until it is acknowledged', () => {
  const [VIRTIO, INTID] = [0x0a00_0000, 48];
  const [STATUS, INTERRUPT_STATUS, INTERRUPT_ACK] = [VIRTIO + 0x70, VIRTIO + 0x60, VIRTIO + 0x64];
  const seen: number[] = [];
  const vm = driverVm({
    guests: [
      function* (cpu) {
        yield* enableInterrupt(cpu, INTID);
        seen.push(yield* cpu.load(VIRTIO), yield* cpu.load(VIRTIO + 0x08));
        yield* cpu.store(VIRTIO + 0x24, 1);
        yield* cpu.store(VIRTIO + 0x20, 1);
        yield* cpu.store(STATUS, 11);
        // A queue whose rings lie in no RAM, then a notification: the device asks for a reset.
        yield* cpu.store(STATUS, 15);
        yield* cpu.store(VIRTIO + 0x44, 1);
        // Ended before it is acknowledged, the interrupt comes again.
        seen.push(yield* takeInterrupt(cpu), yield* takeInterrupt(cpu));
        seen.push(yield* cpu.load(INTERRUPT_STATUS), yield* cpu.load(STATUS));
        yield* cpu.store(INTERRUPT_ACK, 2);
        seen.push(yield* cpu.load(INTERRUPT_STATUS));
        // The third was in its list register already.
        seen.push(yield* takeInterrupt(cpu));
        for (let turn = 0; turn < 3; turn += 1) yield* cpu.spin(10);
        seen.push(Number(cpu.irqLevel));
      },
    ],
    setUp: (monitor) => {
      const device = new VirtioConsole({ send: () => 0, waiting: 0, receive: () => new Uint8Array(0) });
      assert.ok(monitor.virtioMmioDeviceInit(VIRTIO, 0x200, INTID, device));
      assert.ok(
        !monitor.virtioMmioDeviceInit(VIRTIO + 0x1000, 0x200, INTID, device),
        'the interrupt is taken',
      );
    },
  });
  vm.settle();
  assert.deepEqual(seen, [0x7472_6976, 3, INTID, INTID, 2, 15 + 64, 0, INTID, 0]);
  assert.match(
    vm.log(),
    /virtio console: the descriptor table, .* is not in guest RAM; the device needs a reset/,
  );
  const kept = savedCopy(vm.monitor.saved);
  loadSaved(vm.monitor.saved, kept);
  assert.deepEqual(savedCopy(vm.monitor.saved), kept);
});
