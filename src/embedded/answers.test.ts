/** Faults and notifications that compiled code answers before the engine is entered: as the monitor would, and only where nothing is hooked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../fuzz/random.ts';
import { type PlayedNatives, playedAnswers, playedNatives } from '../../test/support/played-natives.ts';
import { cellsOf } from '../base/index.ts';
import type { Microkit, Program } from '../sel4/index.ts';
import { Monitor, type ProgramParts, VGIC_LAYOUT, type VgicFrames, VirtioConsole } from '../vmm/index.ts';
import { embeddedDomain } from './domain.ts';

const [DISTRIBUTOR, REDISTRIBUTORS] = [0x800_0000, 0x80a_0000];
const VCPU_IDS = [0, 3];
const LAYOUT = { name: 'VMM', vcpuIds: VCPU_IDS, regions: [], symbols: [] };
const FIRST_PASSED = 33;
const CHANNELS = [1, 2, 3, 4];
/** A channel at which a virtio device raises its interrupt. */
const RAISES = 6;
const [VIRTIO, VIRTIO_INTID] = [0xa00_0200, 34];

function framesOf(version: 2 | 3): VgicFrames {
  if (version === 2) return { version, distributor: DISTRIBUTOR };
  return { version, distributor: DISTRIBUTOR, redistributors: [{ base: REDISTRIBUTORS, size: 0x4_0000 }] };
}

type ProgramOf = (monitor: Monitor, parts: ProgramParts, microkit: Microkit) => Program;

/** A domain with a monitor, and compiled code before it. */
function domain(version: 2 | 3, programOf: ProgramOf = (monitor, parts) => monitor.program(parts)) {
  const natives = playedNatives({});
  const seen: string[] = [];
  const embedded = embeddedDomain(natives, [LAYOUT], (microkit) => {
    const monitor = new Monitor(microkit, { gic: framesOf(version), ram: [] });
    const init = (): void => {
      monitor.virqControllerInit();
      for (const channel of CHANNELS) monitor.virqRegisterPassthrough(0, FIRST_PASSED + channel, channel);
      monitor.virqRegister(0, 60, () => seen.push('60 ended'));
      const console = new VirtioConsole({ send: () => 0, waiting: 0, receive: () => new Uint8Array(0) });
      monitor.virtioMmioDeviceInit(VIRTIO, 0x200, VIRTIO_INTID, console);
    };
    const notified = (channel: number): void => {
      seen.push(`channel ${channel}`);
      if (channel !== RAISES) return;
      cellsOf(VGIC_LAYOUT, natives.vgic).lineStatus[0] = 1 + (seen.length % 3);
      monitor.vgicInjectIrq(0, VIRTIO_INTID);
    };
    return programOf(monitor, { init, notified }, microkit);
  });
  embedded.init();
  const answers = playedAnswers(natives);
  return { natives, seen, embedded, answers };
}

interface Event {
  readonly label: keyof PlayedNatives['faultLabels'] | 'notified';
  readonly id: number;
  readonly words: readonly bigint[];
}

const SMC = 0x5e00_0000n;
/** Words of a context: X0 and X1. */
const [X0, X1] = [3, 4];
/** PSCI's and the calling convention's functions, but for those that stop or start something; some that nobody has. */
const FUNCTIONS = [
  0x8400_0000n,
  0x8400_0006n,
  0x8400_000an,
  0xc400_000an,
  0x8400_0004n,
  0x8000_0000n,
  0x8000_0001n,
  0x8200_0000n,
];

const OFFSETS = [
  0, 4, 0x80, 0x100, 0x104, 0x180, 0x184, 0x200, 0x204, 0x284, 0x404, 0x424, 0x824, 0xc08, 0xf00, 0x6120,
];

/** MagicValue, QueueNotify, InterruptStatus, InterruptACK, and InterruptStatus of a neighbour that there is not. */
const VIRTIO_OFFSETS = [0, 0x50, 0x60, 0x60, 0x64, 0x64, -0x1a0];

function anEvent(random: Random, version: 2 | 3): Event {
  const id = random.pick(VCPU_IDS);
  switch (random.below(8)) {
    case 0:
      return { label: 'notified', id: random.below(8), words: [] };
    case 1:
      return { label: 'VPPIEvent', id, words: [27n] };
    case 2:
    case 3:
      return { label: 'VGICMaintenance', id, words: [BigInt(random.below(4))] };
    case 4:
      return {
        label: 'VCPUFault',
        id,
        words: [random.pick([0x0600_0000n, 0x603a_3036n, 0x603a_3016n, SMC, SMC])],
      };
    default: {
      const frame =
        version === 3 && random.below(2) === 0 ? REDISTRIBUTORS + 0x1_0000 * random.below(4) : DISTRIBUTOR;
      const size = random.pick([0, 1, 2, 2, 2, 3]);
      const isVirtio = random.below(4) === 0;
      const addr = isVirtio ? VIRTIO + random.pick(VIRTIO_OFFSETS) : frame + random.pick(OFFSETS);
      const syndrome = 0x9300_0007 + size * 0x40_0000 + random.below(32) * 0x1_0000 + random.below(2) * 0x40;
      const extended =
        syndrome + (random.below(20) === 0 ? 0x20_0000 : 0) + (random.below(2) === 0 ? 0x8000 : 0);
      return {
        label: 'VMFault',
        id,
        words: [random.pick([0x1000n, 0xffff_fffcn]), BigInt(addr), 0n, BigInt(extended)],
      };
    }
  }
}

/** What was asked of the kernel and of the program, without the registers' going to and fro. */
const asked = ({ calls }: PlayedNatives): readonly string[] => calls.filter((call) => !/Context/.test(call));

for (const version of [2, 3] as const) {
  test(`version ${version}: what is answered beforehand is as the monitor would have answered`, () => {
    let answered = 0;
    for (let round = 0; round < 20; round += 1) {
      const random = seededRandom(100 * version + round);
      const [alone, helped] = [domain(version), domain(version)];
      for (let step = 0; step < 200; step += 1) {
        const { label, id, words } = anEvent(random, version);
        const registers = Array.from({ length: 36 }, () => BigInt(random.u32()) << BigInt(random.below(33)));
        registers[X0] = random.pick(FUNCTIONS);
        if (random.below(2) === 0) registers[X1] = random.pick(FUNCTIONS) + BigInt(random.below(3));
        const control = BigInt(random.below(8));
        const outcomes = [alone, helped].map(({ natives, embedded, answers, seen }) => {
          for (const vcpu of VCPU_IDS) natives.regs.set(`${vcpu} CNTV_CTL_EL0`, control);
          natives.calls.length = 0;
          natives.words.set(words);
          if (label !== 'notified') natives.contexts.get(id)?.set(registers);
          const isHelped = natives === helped.natives;
          const isAnswered =
            isHelped && (label === 'notified' ? answers.notified(id) : answers.fault(label, id));
          answered += Number(isAnswered);
          if (!isAnswered && label === 'notified') embedded.notified(id);
          const goesOn =
            isAnswered || (label !== 'notified' && embedded.fault(id, natives.faultLabels[label]));
          return {
            goesOn: goesOn || label === 'notified',
            asked: asked(natives),
            contexts: [...natives.contexts],
            seen,
          };
        });
        assert.deepEqual(
          outcomes[1],
          outcomes[0],
          `round ${round}, step ${step}: ${label} ${words.map((word) => word.toString(16))}`,
        );
      }
      assert.deepEqual(cellsOf(VGIC_LAYOUT, helped.natives.vgic), cellsOf(VGIC_LAYOUT, alone.natives.vgic));
    }
    assert.ok(answered > 2000, `${answered} of 4000 were answered beforehand`);
  });
}

test('whatever is changed of a program or its monitor comes first, and nothing before it', () => {
  const seen: string[] = [];
  const hooked: Readonly<
    Record<string, { readonly programOf: ProgramOf; readonly fault: boolean; readonly notified: boolean }>
  > = {
    'as it is': { programOf: (monitor, parts) => monitor.program(parts), fault: true, notified: true },
    'its own faults': {
      programOf: (monitor, parts) =>
        monitor.program({ ...parts, fault: (child, fault) => monitor.faultHandle(child, fault) }),
      fault: false,
      notified: true,
    },
    'a program of its own': {
      programOf: (monitor, { init }) => ({
        init,
        notified: (channel) => void monitor.virqHandlePassthrough(channel),
        fault: (child, fault) => monitor.faultHandle(child, fault),
      }),
      fault: false,
      notified: false,
    },
    'a program around it': {
      programOf: (monitor, parts) => {
        const inner = monitor.program(parts);
        return {
          init: () => inner.init(),
          notified: (channel) => inner.notified(channel),
          fault: (child, fault) => inner.fault(child, fault),
        };
      },
      fault: false,
      notified: false,
    },
    'a method replaced': {
      programOf(monitor, parts) {
        monitor.vgicInjectIrq = () => seen.push('injected') > 0;
        return monitor.program(parts);
      },
      fault: false,
      notified: false,
    },
    'a monitor derived of it': {
      programOf(_monitor, parts, microkit) {
        class Mine extends Monitor {}
        const mine = new Mine(microkit, { gic: framesOf(2), ram: [] });
        return mine.program({
          init: () => void mine.virqControllerInit(),
          ...(parts.notified && { notified: parts.notified }),
        });
      },
      fault: false,
      notified: false,
    },
    'other calls than the kernel’s': {
      programOf(_monitor, parts, microkit) {
        const watched = { ...microkit, irqAck: (channel: number) => microkit.irqAck(channel) };
        const mine = new Monitor(watched, { gic: framesOf(2), ram: [] });
        return mine.program({ ...parts, init: () => void mine.virqControllerInit() });
      },
      fault: false,
      notified: false,
    },
  };
  for (const [name, { programOf, fault, notified }] of Object.entries(hooked)) {
    const { natives, answers } = domain(2, programOf);
    natives.words.set([0x1000n, BigInt(DISTRIBUTOR + 4), 0n, 0x9381_0007n]);
    assert.equal(answers.fault('VMFault', 0), fault, name);
    assert.equal(answers.notified(1), notified, name);
  }
});
