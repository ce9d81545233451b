import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playedNatives } from '../../test/support/played-natives.ts';
import type { VcpuId } from '../base/index.ts';
import type { SystemDescription } from '../microkit/index.ts';
import type { Fault, Message, Microkit, Program } from '../sel4/index.ts';
import { embeddedDomain } from './domain.ts';
import { embeddedLayouts } from './layout.ts';
import { symbolsCText } from './symbols-c.ts';

const LAYOUT = {
  name: 'VMM',
  vcpuIds: [0, 3],
  regions: [
    { name: 'ram', vaddr: 0x8000_0000, sizeBytes: 0x1000, physAddr: 0x8000_0000, isDevice: false },
    { name: 'uart', vaddr: 0x900_0000, sizeBytes: 0x1000, physAddr: 0x900_0000, isDevice: true },
  ],
  symbols: ['a'],
};
/** Places of words in seL4_UserContext. */
const [PC, SPSR, X0, X9, X29] = [0, 2, 3, 17, 15];

function scene(
  program: (microkit: Microkit) => Partial<Program>,
  options: Parameters<typeof playedNatives>[0] = {},
) {
  const natives = playedNatives(options);
  const domain = embeddedDomain(natives, [LAYOUT], (microkit) => ({
    init() {},
    notified() {},
    ...program(microkit),
  }));
  domain.init();
  const fault = (label: keyof typeof natives.faultLabels, words: readonly bigint[], child = 0) => {
    natives.calls.length = 0;
    natives.words.fill(0n);
    natives.words.set(words);
    return domain.fault(child, natives.faultLabels[label]);
  };
  return { natives, domain, fault };
}

test('each kind of fault comes as what it is', () => {
  const seen: Fault[] = [];
  const { fault } = scene(() => ({
    fault(_child, each) {
      seen.push({ ...each });
      return true;
    },
  }));
  const unknown = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 0x44n, 9n, 10n, 11n, 0x55n];
  assert.ok(fault('VMFault', [0xffff_8000_0000_0010n, 0x800_0004n, 0n, 0x93c0_8007n]));
  assert.ok(fault('VCPUFault', [0x5e00_0000n]));
  assert.ok(fault('VPPIEvent', [27n]));
  assert.ok(fault('VGICMaintenance', [2n]));
  assert.ok(fault('UnknownSyscall', unknown));
  assert.ok(fault('UserException', [0x10n, 0n, 0n, 7n, 9n]));
  assert.deepEqual(seen, [
    {
      label: 'VMFault',
      ip: 0xffff_8000_0000_0010n,
      addr: 0x800_0004,
      prefetchFault: false,
      fsr: 0x93c0_8007,
    },
    { label: 'VCPUFault', hsr: 0x5e00_0000 },
    { label: 'VPPIEvent', irq: 27 },
    { label: 'VGICMaintenance', index: 2 },
    { label: 'UnknownSyscall', faultIp: 0x44n, syscall: 0x55n },
    { label: 'UserException', faultIp: 0x10n, number: 7, code: 9 },
  ]);
});

test('protected calls: a message there and back, by the words that the C has in its registers', () => {
  const answers: Message[] = [];
  const callee = (words: BigUint64Array) => {
    // Label and count are the last two of the 120 words.
    assert.deepEqual([...words.subarray(0, 2), words[118], words[119]], [41n, 2n ** 64n - 1n, 7n, 2n]);
    words.set([1n, 2n, 3n]);
    words.set([9n, 3n], 118);
  };
  const { natives, domain } = scene(
    (microkit) => ({
      notified: (channel) =>
        void answers.push(microkit.ppcall(channel, { label: 7, words: [41n, 2n ** 64n - 1n] })),
      protected: (channel, { label, words }) => ({
        label: label + channel,
        words: words.map((word) => word + 1n),
      }),
    }),
    { callee },
  );
  domain.notified(5);
  assert.deepEqual(natives.calls, ['ppcall 5']);
  assert.deepEqual(answers, [{ label: 9, words: [1n, 2n, 3n] }]);
  natives.words.set([10n, 20n]);
  natives.words.set([30n, 2n], 118);
  domain.protected(4);
  assert.deepEqual(
    [...natives.words.subarray(0, 2), natives.words[118], natives.words[119]],
    [11n, 21n, 34n, 2n],
  );
  const { domain: silent, natives: nothing } = scene(() => ({}));
  nothing.words.set([8n, 1n], 118);
  silent.protected(0);
  assert.deepEqual(
    [...nothing.words.subarray(118)],
    [0n, 0n],
    'a program without an entry point answers nothing',
  );
  for (const message of [
    { label: 0, words: new Array(65).fill(0n) },
    { label: -1, words: [] },
  ]) {
    const { domain: wrong } = scene((microkit) => ({ notified: () => void microkit.ppcall(0, message) }));
    assert.throws(() => wrong.notified(0), RangeError);
  }
});

test('registers are read once a fault, and written once where they were changed', () => {
  const { natives, fault } = scene((microkit) => ({
    fault(child) {
      const registers = microkit.vcpuRegisters(child);
      if (registers.x(0) === 7n) {
        registers.setX(9, registers.x(0) + registers.x(29) + registers.x(31));
        registers.setX(31, 1n);
        registers.pc += 4n;
        registers.pstate = 0x3c5;
      }
      return true;
    },
  }));
  fault('VCPUFault', []);
  assert.deepEqual(natives.calls, ['readContext 0'], 'nothing was changed');
  const context = natives.contexts.get(0);
  assert.ok(context);
  context[PC] = 0x1000n;
  context[X0] = 7n;
  context[X29] = 5n;
  fault('VCPUFault', []);
  assert.deepEqual(natives.calls, ['readContext 0', 'writeContext 0 false']);
  assert.deepEqual([context[X9], context[PC], context[SPSR], context[X0]], [12n, 0x1004n, 0x3c5n, 7n]);
});

test('one vCPU’s registers do not come to another', () => {
  const { natives, fault } = scene((microkit) => ({
    fault() {
      microkit.vcpuRegisters(0).setX(0, 1n);
      microkit.vcpuRegisters(3).setX(0, 2n);
      return microkit.vcpuRegisters(0).x(0) === 1n;
    },
  }));
  assert.ok(fault('VCPUFault', []));
  assert.deepEqual([natives.contexts.get(0)?.[X0], natives.contexts.get(3)?.[X0]], [1n, 2n]);
});

test('a vCPU starts with what was put into its registers, and a reset leaves nothing of them', () => {
  const { natives } = scene((microkit) => ({
    init() {
      microkit.vcpuReset(3);
      microkit.vcpuRegisters(3).setX(0, 0x4800_0000n);
      microkit.vcpuRestart(3, 0x4000_0000n);
    },
  }));
  assert.deepEqual(natives.calls, ['readContext 3', 'writeContext 3 true']);
  assert.deepEqual(
    [natives.contexts.get(3)?.[PC], natives.contexts.get(3)?.[X0]],
    [0x4000_0000n, 0x4800_0000n],
  );
  assert.equal(natives.regs.get('3 SCTLR_EL1'), 0x30d0_0800n);
});

test('what a vCPU is told of its place is kept where the kernel is built for several cores, and known elsewhere', () => {
  const program = (microkit: Microkit) => ({
    init() {
      microkit.vcpuRegisters(3).mpidr = 0x8000_0001n;
    },
    fault: (child: VcpuId) => microkit.vcpuRegisters(child).mpidr === 0x8000_0001n,
  });
  const one = scene(program);
  assert.ok(one.fault('VCPUFault', [], 3));
  const several = scene(program, { smp: true });
  assert.equal(several.natives.regs.get('3 VMPIDR_EL2'), 0x8000_0001n);
  assert.ok(several.fault('VCPUFault', [], 3));
});

test('what the monitor does not answer is said, with its words and the registers', () => {
  const { natives, fault } = scene(() => ({ fault: () => false }));
  natives.readContext(0);
  natives.contexts.get(0)?.set([0x4020_0000n, 0n, 0x3c5n, 0xabn]);
  natives.regs.set('0 FAR_EL1', 0x99n);
  assert.equal(fault('VMFault', [0x4020_0000n, 0x800_0004n, 0n, 0x93c0_8007n]), false);
  const [first = '', ...registers] = natives.said.split('\n');
  assert.equal(
    first,
    'VMM: vCPU 0 stays where it is, at 0x40200000: VMFault, ip 0x40200000, addr 0x8000004, prefetchFault false, fsr 0x93c08007',
  );
  assert.match(
    registers.join('\n'),
    /^ {2}PC=0x40200000 SP=0x0 PSTATE=0x3c5 X0=0xab\n.*X30=0x0 .*FAR_EL1=0x99/s,
  );
  natives.said = '';
  assert.equal(fault('VCPUFault', [0x5e00_0000n]), false);
  assert.match(natives.said, /^VMM: vCPU 0 stays where it is, at 0x40200000: VCPUFault, hsr 0x5e000000\n/);
});

test('a restart comes when its fault has been dealt with', () => {
  const done: string[] = [];
  const { natives, fault } = scene((microkit) => ({
    init() {
      microkit.onGuestRestart(() => done.push('restarted') > 0);
    },
    fault() {
      microkit.guestEnded('reset');
      done.push('answered');
      return true;
    },
  }));
  assert.equal(fault('VCPUFault', []), false, 'the old guest is not replied to');
  assert.deepEqual(done, ['answered', 'restarted']);
  assert.match(natives.said, /asked for a restart/);
});

test('memory, registers, symbols and images are the domain’s own', () => {
  const ram = new ArrayBuffer(0x1000);
  const seen: unknown[] = [];
  const { natives } = scene(
    (microkit) => ({
      init() {
        const region = microkit.region(0x8000_0000);
        region?.bytes.set([1, 2], 4);
        region?.written(4, 2);
        const uart = microkit.registers(0x900_0000);
        uart?.write(8, 5);
        seen.push(
          microkit.region(0x8000_0000) === region,
          uart?.read(0x18),
          microkit.setvar('a'),
          microkit.setvar('b'),
        );
        seen.push(microkit.region(0x900_0000), microkit.registers(0x8000_0000));
        microkit.notify(4);
        microkit.irqAck(5);
      },
    }),
    { memory: new Map([[0x8000_0000, ram]]), symbols: { a: 12, b: 0 } },
  );
  assert.deepEqual(seen, [true, 0x18, 12, undefined, undefined, undefined]);
  assert.deepEqual([...new Uint8Array(ram, 4, 2)], [1, 2]);
  assert.deepEqual(natives.calls, [
    `cleanCache ${0x8000_0004} 2`,
    `write32 ${0x900_0008} 5`,
    'notify 4',
    'irqAck 5',
  ]);
});

test('a layout has what the description says of one domain, each domain of a program has its own', () => {
  const plain = { irqs: [], ioports: [], setvars: [], capMaps: [], children: [] };
  const description: SystemDescription = {
    memoryRegions: [
      { name: 'ram', sizeBytes: 0x1_0000 },
      { name: 'uart', sizeBytes: 0x1000, physAddr: 0x900_0000 },
    ],
    ioAddressSpaces: [],
    protectionDomains: [
      {
        ...plain,
        name: 'one',
        programImage: { path: 'monitor.elf' },
        maps: [
          { mr: 'ram', vaddr: 0x400_0000, perms: 'rw', setvarVaddr: 'ram_vaddr' },
          { mr: 'uart', vaddr: 0x500_0000, perms: 'rw', cached: false },
        ],
        irqs: [{ kind: 'platform', irq: 33, id: 1, setvarId: 'uart_irq' }],
        virtualMachine: { name: 'vm', vcpus: [{ id: 2 }, { id: 1 }], maps: [{ mr: 'ram', vaddr: 0 }] },
      },
      { ...plain, name: 'two', programImage: { path: 'other.elf' }, maps: [] },
      { ...plain, name: 'again', programImage: { path: 'other.elf' }, maps: [] },
    ],
    channels: [
      {
        ends: [
          { pd: 'one', id: 3, setvarId: 'two_ch' },
          { pd: 'two', id: 0, setvarId: 'not_this' },
        ],
      },
    ],
  };
  const layouts = embeddedLayouts(description, 'monitor.elf');
  assert.equal(layouts.length, 1);
  assert.deepEqual(layouts[0], {
    name: 'one',
    vcpuIds: [2, 1],
    regions: [
      { name: 'ram', vaddr: 0x400_0000, sizeBytes: 0x1_0000, physAddr: 0, isDevice: false },
      { name: 'uart', vaddr: 0x500_0000, sizeBytes: 0x1000, physAddr: 0x900_0000, isDevice: true },
    ],
    symbols: ['ram_vaddr', 'uart_irq', 'two_ch'],
  });
  assert.deepEqual(embeddedLayouts(description, 'three.elf'), []);
  assert.deepEqual(
    embeddedLayouts(description, 'other.elf').map(({ name, symbols }) => [name, ...symbols]),
    [['two', 'not_this'], ['again']],
  );
  const c = symbolsCText(layouts);
  assert.match(c, /^volatile seL4_Word uart_irq /m);
  assert.match(c, /\{ "two_ch", &two_ch \}/);
});
