/**
 * Where a run's instructions went: after each so many of a vCPU's, which function it is in and who called it, by the kernel's own
 * symbols. Counted in instructions, so that it is the same in every run, and the run is the same as without.
 */
import type { VcpuObject } from '../sel4/index.ts';
import { callStack, isInUserSpace } from './call-stack.ts';
import type { PcNames } from './pc-names.ts';
import type { Session } from './session.ts';

/** A prime, lest it keeps step with a loop. */
const INTERVAL_INSTRUCTIONS = 1_000_003;
const USER = '[user]';

/** A run that is looked at as it goes on; its session's debug stops are this one's. */
export class Profile {
  readonly #session: Session;
  readonly #names: PcNames;
  readonly #stacks = new Map<string, number>();

  constructor(session: Session, names: PcNames) {
    this.#session = session;
    this.#names = names;
    session.start();
    for (const { cpu } of session.kernel.vcpus()) cpu.stopAtRetired = cpu.retired + INTERVAL_INSTRUCTIONS;
  }

  /** A vCPU came to where it is to be looked at. */
  sample(vcpu: VcpuObject): void {
    const { cpu } = vcpu;
    cpu.stopAtRetired = cpu.retired + INTERVAL_INSTRUCTIONS;
    const stack = [vcpu.vm, ...this.#functionsOf(vcpu)].join(';');
    this.#stacks.set(stack, (this.#stacks.get(stack) ?? 0) + 1);
  }

  /** A line for each stack, outermost first, with how often it was met: what flame graphs are drawn from. */
  get folded(): string {
    const lines = [...this.#stacks].map(([stack, count]) => `${stack} ${count}\n`);
    return lines.sort().join('');
  }

  /** The outermost first. */
  #functionsOf({ vm, cpu }: VcpuObject): readonly string[] {
    if (isInUserSpace(cpu)) return [USER];
    return callStack(this.#session.kernel.cluster, cpu)
      .map((pc) => this.#names.nameOf(vm, pc)?.split('+')[0] ?? '[unknown]')
      .reverse();
  }
}
