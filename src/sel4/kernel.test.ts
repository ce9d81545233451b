import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createScriptedCluster,
  type ScriptedCluster,
  type ScriptFactory,
} from '../../test/support/scripted-cpu.ts';
import { Gicv, VirtualCpuInterface } from '../device/index.ts';
import { PhysicalInterrupts, VirtualTime } from '../machine/index.ts';
import type { KernelEvent } from './events.ts';
import type { Fault } from './fault.ts';
import { Kernel } from './kernel.ts';
import type { PdLayout, SystemLayout } from './layout.ts';
import type { Microkit, Program } from './microkit.ts';

interface Bench {
  readonly kernel: Kernel;
  readonly cluster: ScriptedCluster;
  readonly interrupts: PhysicalInterrupts;
  readonly events: KernelEvent[];
  /** Steps until nothing can run before some time. */
  settle(): void;
}

function bench(layout: Partial<SystemLayout>, guests: readonly ScriptFactory[] = []): Bench {
  const interrupts = new PhysicalInterrupts();
  const events: KernelEvent[] = [];
  let cluster: ScriptedCluster | undefined;
  const kernel = new Kernel({
    layout: { regions: [], protectionDomains: [], channels: [], gicVersion: 2, ...layout },
    createCluster: (options) => {
      cluster = createScriptedCluster(options);
      return cluster;
    },
    interrupts,
    bus: { read: () => 0, write: () => {} },
    time: new VirtualTime({ frequencyHz: 24_000_000 }),
    listener: (event) => events.push(event),
  });
  assert.ok(cluster !== undefined);
  for (const [index, guest] of guests.entries()) {
    const vcpu = cluster.vcpus[index];
    if (vcpu !== undefined) vcpu.program = guest;
  }
  const settle = () => {
    for (let steps = 0; steps < 10_000; steps += 1) if (kernel.step().kind === 'idle') return;
    assert.fail('it never settles');
  };
  return { kernel, cluster, interrupts, events, settle };
}

/** A domain whose entry points are recorded in a log. */
function recorder(
  name: string,
  priority: number,
  log: string[],
  more: Partial<PdLayout> & { on?: (microkit: Microkit, channel: number) => void } = {},
): PdLayout {
  return {
    name,
    priority,
    irqs: [],
    maps: [],
    ...more,
    program: (microkit): Program => ({
      init: () => log.push(`${name}.init`),
      notified: (channel) => {
        log.push(`${name}(${channel})`);
        more.on?.(microkit, channel);
      },
    }),
  };
}

test('an interrupt is masked until it is acknowledged', () => {
  const log: string[] = [];
  let acknowledge = () => {};
  const uart = recorder('uart', 10, log, {
    irqs: [{ intid: 33, channel: 5, trigger: 'level' }],
    on: (microkit) => {
      acknowledge = () => microkit.irqAck(5);
    },
  });
  const { kernel, interrupts, settle } = bench({ protectionDomains: [uart] });
  kernel.start();
  const line = interrupts.line(33);
  line.set(true);
  settle();
  settle();
  assert.deepEqual(log, ['uart.init', 'uart(5)'], 'once, though the line is still high');
  acknowledge();
  settle();
  assert.deepEqual(log, ['uart.init', 'uart(5)', 'uart(5)'], 'a level that is still high starts again');
  line.set(false);
  acknowledge();
  settle();
  assert.equal(log.length, 3);
});

test('an edge that came meanwhile is not lost, and two are one', () => {
  const log: string[] = [];
  let acknowledge = () => {};
  const pd = recorder('gpio', 10, log, {
    irqs: [{ intid: 96, channel: 23, trigger: 'edge' }],
    on: (microkit) => {
      acknowledge = () => microkit.irqAck(23);
    },
  });
  const { kernel, interrupts, settle } = bench({ protectionDomains: [pd] });
  kernel.start();
  const line = interrupts.line(96);
  const pulse = () => {
    line.set(true);
    line.set(false);
  };
  pulse();
  settle();
  pulse();
  pulse();
  settle();
  assert.equal(log.length, 2);
  acknowledge();
  settle();
  assert.equal(log.length, 3, 'both pulses in one');
  acknowledge();
  settle();
  assert.equal(log.length, 3);
});

test('the wrong trigger misbehaves as on the board', () => {
  const log: string[] = [];
  const acknowledgements: (() => void)[] = [];
  const pd = recorder('wrong', 10, log, {
    irqs: [
      { intid: 40, channel: 1, trigger: 'level' },
      { intid: 41, channel: 2, trigger: 'edge' },
    ],
    on: (microkit, channel) => acknowledgements.push(() => microkit.irqAck(channel)),
  });
  const { kernel, interrupts, settle } = bench({ protectionDomains: [pd] });
  kernel.start();
  interrupts.line(40).set(true);
  interrupts.line(40).set(false);
  settle();
  assert.deepEqual(log, ['wrong.init'], 'a pulse under a level trigger is over before anyone looks');
  interrupts.line(41).set(true);
  settle();
  for (const acknowledge of acknowledgements) acknowledge();
  settle();
  assert.deepEqual(log, ['wrong.init', 'wrong(2)'], 'a level under an edge trigger comes once');
});

test('a line that nobody handles is named once', () => {
  const { kernel, interrupts, events } = bench({});
  kernel.start();
  interrupts.line(77).set(true);
  interrupts.line(77).set(false);
  interrupts.line(77).set(true);
  assert.deepEqual(events, [{ kind: 'irq-unhandled', intid: 77 }]);
});

test('domains run to completion by priority; signals merge; a higher one preempts the signaller', () => {
  const log: string[] = [];
  const high = recorder('high', 30, log);
  const middle = recorder('middle', 20, log, {
    irqs: [{ intid: 50, channel: 0, trigger: 'edge' }],
    on: (microkit, channel) => {
      if (channel !== 0) return;
      microkit.notify(2);
      microkit.notify(1);
      microkit.notify(2);
      log.push('middle done');
    },
  });
  const low = recorder('low', 10, log);
  const { kernel, interrupts, settle } = bench({
    protectionDomains: [low, middle, high],
    channels: [
      [
        { pd: 'middle', id: 1, notify: true, pp: false },
        { pd: 'high', id: 4, notify: true, pp: false },
      ],
      [
        { pd: 'middle', id: 2, notify: true, pp: false },
        { pd: 'low', id: 9, notify: true, pp: false },
      ],
    ],
  });
  kernel.start();
  interrupts.line(50).set(true);
  settle();
  assert.deepEqual(log.slice(3), ['middle(0)', 'high(4)', 'middle done', 'low(9)']);
  assert.deepEqual(log.slice(0, 3), ['high.init', 'middle.init', 'low.init']);
});

test('protected calls return the reply; a program that throws or breaks a rule ends alone', () => {
  const replies: bigint[] = [];
  const server: PdLayout = {
    name: 'server',
    priority: 20,
    irqs: [],
    maps: [],
    program: () => ({
      init: () => {},
      notified: () => {},
      protected: (_channel, { words }) => ({ label: 0, words: [(words[0] ?? 0n) + 1n] }),
    }),
  };
  const client: PdLayout = {
    name: 'client',
    priority: 10,
    irqs: [],
    maps: [],
    program: (microkit) => ({
      init: () => {
        replies.push(microkit.ppcall(1, { label: 7, words: [41n] }).words[0] ?? 0n);
        microkit.irqAck(1);
      },
      notified: () => {},
    }),
  };
  const { kernel, events } = bench({
    protectionDomains: [client, server],
    channels: [
      [
        { pd: 'client', id: 1, notify: false, pp: true },
        { pd: 'server', id: 2, notify: true, pp: false },
      ],
    ],
  });
  kernel.start();
  assert.deepEqual(replies, [42n]);
  assert.deepEqual(events, [{ kind: 'pd-failed', pd: 'client', message: 'channel 1 is no interrupt' }]);
});

/** A monitor that starts its vCPUs and answers every fault as told. */
function monitor(
  log: Fault[],
  answer: (fault: Fault, microkit: Microkit) => boolean,
  priority = 10,
): PdLayout {
  return {
    name: 'vmm',
    priority,
    irqs: [],
    maps: [],
    vm: { name: 'linux', priority: 1, vcpuIds: [0], maps: [] },
    program: (microkit) => ({
      init: () => microkit.vcpuRestart(0, 0x4000_0000n),
      notified: () => {},
      fault: (_child, fault) => {
        log.push(fault);
        return answer(fault, microkit);
      },
    }),
  };
}

test('faults reach the monitor with address and syndrome; the reply resumes', () => {
  const faults: Fault[] = [];
  const seen: number[] = [];
  const { kernel, events, settle } = bench(
    {
      protectionDomains: [
        monitor(faults, (fault, microkit) => {
          const registers = microkit.vcpuRegisters(0);
          if (fault.label === 'VMFault') registers.setX((fault.fsr >> 16) & 31, 0x1234n);
          return fault.label === 'VMFault' && fault.addr !== 0xdead_0000;
        }),
      ],
    },
    [
      function* (cpu) {
        seen.push(yield* cpu.load(0x0900_0018, 4));
        yield* cpu.hvc();
        seen.push(-1);
      },
    ],
  );
  kernel.start();
  settle();
  assert.deepEqual(seen, [0x1234]);
  assert.deepEqual(
    faults.map((fault) => fault.label),
    ['VMFault', 'UnknownSyscall'],
  );
  const last = events.at(-1);
  assert.equal(last?.kind === 'fault' && last.resumed, false);
  assert.equal(kernel.guestsAlive, false, 'HVC is a system call to seL4; nobody replies');
});

test('the virtual timer: a VPPI event at its time, once until acknowledged', () => {
  const faults: Fault[] = [];
  const { kernel, settle, cluster } = bench({ protectionDomains: [monitor(faults, () => true)] }, [
    function* (cpu) {
      // 24 counts are a microsecond.
      cpu.setTimer({ enabled: true, compare: 240n });
      yield* cpu.wfi();
      while (true) yield* cpu.wfi();
    },
  ]);
  kernel.start();
  settle();
  const idle = kernel.step();
  assert.deepEqual(idle, { kind: 'idle', untilNs: 10_000 });
  kernel.time.advanceTo(10_000);
  settle();
  settle();
  assert.deepEqual(faults, [{ label: 'VPPIEvent', irq: 27 }]);
  cluster.vcpus[0]?.setTimer({ enabled: false });
});

test('an interrupt through a list register: taken, ended, maintenance', () => {
  const faults: Fault[] = [];
  const taken: number[] = [];
  const loaded: number[] = [];
  const GICC = 0x0801_0000;
  const withGicv = bench(
    {
      regions: [{ name: 'gicv', physAddr: 0x0804_0000, sizeBytes: 0x2000, kind: 'device' }],
      protectionDomains: [
        {
          ...monitor(faults, () => true),
          vm: {
            name: 'linux',
            priority: 1,
            vcpuIds: [0],
            maps: [{ region: 'gicv', vaddr: GICC, read: true, write: true, execute: false }],
          },
          irqs: [{ intid: 33, channel: 1, trigger: 'level' }],
          program: (microkit) => ({
            init: () => microkit.vcpuRestart(0, 0n),
            notified: () => {
              assert.throws(() => microkit.vcpuArmInjectIrq(0, 33, 0xa0, 0, 2), /no priority 160: 0 to 31/);
              microkit.vcpuArmInjectIrq(0, 33, 0x14, 0, 2);
              // One that waits can be replaced; one that is being handled can't.
              microkit.vcpuArmInjectIrq(0, 33, 0x14, 0, 2);
              loaded.push(
                ...(withGicv.kernel.virtualInterface?.listRegisters ?? []).map((each) => each.priority),
              );
            },
            fault: (_child, fault) => {
              faults.push(fault);
              return true;
            },
          }),
        },
      ],
    },
    [],
  );
  // The bus of this bench gives zeros: reach the frame as the machine's bus would.
  const { kernel, cluster, interrupts } = withGicv;
  const gicv = new Gicv(() => kernel.virtualInterface ?? new VirtualCpuInterface());
  const vcpu = cluster.vcpus[0];
  assert.ok(vcpu !== undefined);
  vcpu.program = function* (cpu) {
    gicv.write(0x04, 0xf0, 4);
    gicv.write(0x00, 1, 4);
    yield* cpu.wfi();
    taken.push(gicv.read(0x0c, 4));
    gicv.write(0x10, 33, 4);
    if (cpu.stopRequested) yield { kind: 'budget' };
    yield* cpu.wfi();
  };
  kernel.start();
  withGicv.settle();
  interrupts.line(33).set(true);
  withGicv.settle();
  assert.deepEqual(taken, [33]);
  assert.deepEqual(loaded, [0, 0, 0xa0, 0], 'the upper five bits of a GICv2 priority');
  assert.deepEqual(faults, [{ label: 'VGICMaintenance', index: 2 }]);
});

test('a reset writes registers; what a list register holds stays, and while the guest has not ended it nothing goes in', () => {
  const refused: string[] = [];
  let calls: Microkit | undefined;
  const faults: Fault[] = [];
  const layout = monitor(faults, () => true);
  const { kernel, cluster, settle } = bench(
    {
      protectionDomains: [
        {
          ...layout,
          program: (microkit) => {
            calls = microkit;
            return layout.program(microkit);
          },
        },
      ],
    },
    [
      function* (cpu) {
        yield* cpu.wfi();
      },
    ],
  );
  kernel.start();
  settle();
  const [vcpu] = cluster.vcpus;
  const { virtualInterface } = kernel;
  assert.ok(calls !== undefined && vcpu !== undefined && virtualInterface !== undefined);
  virtualInterface.priorityMask = 0xf0;
  virtualInterface.enableGroup(0, true);
  calls.vcpuArmInjectIrq(0, 40, 0x14, 0, 0);
  assert.equal(virtualInterface.acknowledge('any'), 40);
  vcpu.setX(3, 7n);
  calls.vcpuStop(0);
  calls.vcpuReset(0);
  assert.deepEqual(
    [vcpu.x(3), virtualInterface.priorityMask, virtualInterface.runningPriority],
    [0n, 0xf0, 0xa0],
  );
  const inject = () => {
    try {
      calls?.vcpuArmInjectIrq(0, 41, 0x14, 0, 0);
    } catch (error) {
      refused.push(String(error));
    }
  };
  inject();
  virtualInterface.end(40, 'any');
  inject();
  virtualInterface.clearEnded(0);
  inject();
  assert.equal(refused.length, 2);
  assert.match(refused[0] ?? '', /list register 0 of vCPU 0 is in use/);
});
