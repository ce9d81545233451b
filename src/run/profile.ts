/**
 * Where a run's instructions went: after each so many of a vCPU's, which function it is in and who called it, by the kernel's own
 * symbols. Counted in instructions, so that it is the same in every run, and the run is the same as without.
 */
import type { Vcpu } from '../aarch64/index.ts';
import type { VcpuObject } from '../sel4/index.ts';
import type { PcNames } from './pc-names.ts';
import type { Session } from './session.ts';
import { gather, virtualPlaces } from './virtual-memory.ts';

/** A prime, lest it keeps step with a loop. */
const INTERVAL_INSTRUCTIONS = 1_000_003;
const FRAMES_LIMIT = 64;
const FRAME_RECORD_BYTES = 16;
const FRAME_POINTER = 29;
/** PSTATE.M: 0 is EL0. */
const EL_MASK = 0xf;
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
    if ((cpu.pstate & EL_MASK) === 0) return [USER];
    return [cpu.pc, ...this.#returnAddresses(cpu)]
      .map((pc) => this.#names.nameOf(vm, pc)?.split('+')[0] ?? '[unknown]')
      .reverse();
  }

  /** From the frame records that X29 leads along (AAPCS64 §6.4.6). */
  #returnAddresses(cpu: Vcpu): readonly bigint[] {
    const addresses: bigint[] = [];
    let frame = cpu.x(FRAME_POINTER);
    while (frame !== 0n && addresses.length < FRAMES_LIMIT) {
      const bytes = gather(this.#session.kernel.cluster, FRAME_RECORD_BYTES, virtualPlaces(cpu, frame));
      if (bytes.length < FRAME_RECORD_BYTES) break;
      const view = new DataView(bytes.buffer);
      const next = view.getBigUint64(0, true);
      const address = view.getBigUint64(8, true);
      if (address === 0n) break;
      // It returns behind the call.
      addresses.push(address - 4n);
      frame = next > frame ? next : 0n;
    }
    return addresses;
  }
}
