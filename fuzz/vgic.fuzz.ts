/**
 * A guest that does anything to its interrupt controller, through the monitor and the kernel model: random accesses of
 * every width to every frame, random SMCs, timers, and lines that rise and fall meanwhile. Nothing may throw, and no
 * call that the monitor makes may be one that seL4 refuses.
 */
import assert from 'node:assert/strict';
import { driverVm, GIC, GUEST } from '../test/support/driver-vm.ts';
import type { ScriptedVcpu } from '../test/support/scripted-cpu.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const ACTIONS_PER_GUEST = 200;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += ACTIONS_PER_GUEST) round(random, random.pick([2, 3] as const));
}

function round(random: Random, gicVersion: 2 | 3): void {
  const vcpuCount = 1 + random.below(gicVersion === 2 ? 8 : 16);
  const guest = function* (cpu: ScriptedVcpu) {
    for (let action = 0; action < ACTIONS_PER_GUEST; action += 1)
      yield* act(cpu, random, gicVersion, vcpuCount);
  };
  const vm = driverVm({
    gicVersion,
    vcpuCount,
    trigger: random.pick(['level', 'edge'] as const),
    unownedAccess: 'abort',
    guests: Array.from({ length: vcpuCount }, () => guest),
  });
  const line = vm.interrupts.line(GUEST.intid);
  for (let step = 0; step < ACTIONS_PER_GUEST * 4; step += 1) {
    if (random.below(8) === 0) line.set(random.below(2) === 1);
    const outcome = vm.kernel.step();
    if (outcome.kind === 'idle') {
      if (outcome.untilNs === undefined) break;
      vm.kernel.time.advanceTo(outcome.untilNs);
    }
  }
  const failed = vm.events.find((event) => event.kind === 'pd-failed');
  assert.equal(failed, undefined, JSON.stringify(failed));
}

function* act(cpu: ScriptedVcpu, random: Random, gicVersion: 2 | 3, vcpuCount: number) {
  const sizeBytes = random.pick([1, 2, 4, 8] as const);
  switch (random.below(8)) {
    case 0:
      yield* cpu.smc(
        random.pick([0x8400_0000, 0xc400_0000, 0x8000_0000]) + random.below(16),
        BigInt(random.below(20)),
        BigInt(random.u32()),
        0n,
      );
      return;
    case 1:
      cpu.setTimer({ enabled: random.below(2) === 1, compare: BigInt(random.u32()) });
      return;
    case 2:
      yield* cpu.writeSystem(
        { op0: 3, op1: 0, crn: random.pick([4, 12]), crm: random.below(16), op2: random.below(8) },
        (BigInt(random.u32()) << 32n) | BigInt(random.u32()),
      );
      return;
    case 3:
      cpu.readSystem({ op0: 3, op1: 0, crn: 12, crm: random.below(16), op2: random.below(8) });
      yield* cpu.wfi();
      return;
    case 4:
      if (gicVersion === 2) {
        const addr = GUEST.cpuInterface + align(random.below(0x1000), sizeBytes);
        if (random.below(2) === 0) yield* cpu.load(addr, sizeBytes);
        else yield* cpu.store(addr, random.u32(), sizeBytes);
        return;
      }
      yield* access(cpu, random, GUEST.redistributors, 0x2_0000 * vcpuCount);
      return;
    case 5:
      yield* cpu.store(GIC.GICD_CTLR, random.u32());
      return;
    default:
      yield* access(cpu, random, GUEST.distributor, gicVersion === 2 ? 0x1000 : 0x1_0000);
  }
}

function* access(cpu: ScriptedVcpu, random: Random, base: number, size: number) {
  const sizeBytes = random.pick([1, 2, 4, 8] as const);
  const addr = base + align(random.below(size), sizeBytes);
  if (random.below(2) === 0) yield* cpu.load(addr, sizeBytes);
  else yield* cpu.store(addr, random.u32(), sizeBytes);
}

function align(value: number, to: number): number {
  return value - (value % to);
}
