/** Which vCPU runs when no protection domain does: of the highest priority, and of those each in its turn. */
import type { MachineTime } from '../machine/index.ts';
import type { VcpuObject } from './vcpu-object.ts';
import type { VirtualMachine } from './virtual-machine.ts';

export interface ReadyVcpu {
  readonly vm: VirtualMachine;
  readonly vcpu: VcpuObject;
  readonly priority: number;
}

export class VcpuScheduler {
  readonly vcpus: readonly VcpuObject[];
  /** The vCPU that runs now, or ran last. */
  current: VcpuObject | undefined;
  /** Whose turn it is among vCPUs of the same priority: an index among all. */
  turn = 0;
  readonly #vms: readonly VirtualMachine[];
  readonly #time: MachineTime;

  constructor(vms: readonly VirtualMachine[], time: MachineTime) {
    this.#vms = vms;
    this.#time = time;
    this.vcpus = vms.flatMap(({ vcpus }) => vcpus);
    for (const vcpu of this.vcpus) {
      vcpu.onWoken = () => {
        if (this.current !== undefined) this.current.cpu.turnWanted = true;
      };
    }
  }

  /** Stops the running vCPU at its next instruction that may stop. */
  interrupt(): void {
    this.current?.cpu.requestStop();
  }

  /** The vCPU that is to run, or whose monitor is to be told of something. */
  ready(): ReadyVcpu | undefined {
    let best: (ReadyVcpu & { readonly order: number; readonly rank: number }) | undefined;
    let position = 0;
    const total = this.vcpus.length;
    for (const vm of this.#vms) {
      for (const vcpu of vm.vcpus) {
        const order = (position - this.turn + total) % total;
        position += 1;
        vcpu.wakeIfPending();
        const isBusy = vcpu.runState === 'runnable' || vcpu.eventDue(this.#time) !== undefined;
        if (!isBusy && vcpu.runState !== 'spinning') continue;
        // One that spins hands its turn over as soon as it gets it.
        const rank = 2 * vm.priority + Number(isBusy);
        if (best === undefined || rank > best.rank || (rank === best.rank && order < best.order)) {
          best = { vm, vcpu, priority: vm.priority, order, rank };
        }
      }
    }
    return best;
  }

  /** Whether another vCPU of this one's priority can run: then YIELD hands over to it. */
  isTurnWanted({ vcpu, priority }: ReadyVcpu): boolean {
    return this.#vms.some(
      (other) =>
        other.priority === priority &&
        other.vcpus.some((each) => each !== vcpu && each.runState === 'runnable'),
    );
  }

  /** The vCPU has had its turn. */
  passTurn({ cpu }: VcpuObject): void {
    this.turn = (cpu.index + 1) % this.vcpus.length;
  }

  /** When the next alarm of a device or timer of a vCPU is due. */
  nextDeadlineNs(): number | undefined {
    let earliest = this.#time.clock.nextDeadlineNs ?? Number.POSITIVE_INFINITY;
    for (const vcpu of this.vcpus) earliest = Math.min(earliest, vcpu.deadlineNs(this.#time));
    return Number.isFinite(earliest) ? earliest : undefined;
  }
}
