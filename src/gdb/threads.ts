/**
 * Threads as GDB sees them: a guest is a process, a vCPU a thread. Processes are numbered in the description's order; threads by
 * the cluster's, so that they differ where a client knows no processes.
 */
import type { DebuggedGuest } from '../run/index.ts';
import type { VcpuObject } from '../sel4/index.ts';

export interface Thread {
  readonly processId: number;
  readonly guest: DebuggedGuest;
  readonly vcpu: VcpuObject;
}

export class Threads {
  readonly all: readonly Thread[];
  /** Whether ids name processes too. */
  areProcesses = false;
  /** The processes that the client has attached to. */
  readonly attached = new Set([1]);

  constructor(guests: readonly DebuggedGuest[]) {
    this.all = guests.flatMap((guest, index) =>
      guest.vcpus.map((vcpu) => ({ processId: index + 1, guest, vcpu })),
    );
  }

  /** Those that the client is to see. */
  get shown(): readonly Thread[] {
    return this.areProcesses ? this.all.filter(({ processId }) => this.attached.has(processId)) : this.all;
  }

  idOf({ processId, vcpu }: Thread): string {
    const thread = (vcpu.cpu.index + 1).toString(16);
    return this.areProcesses ? `p${processId.toString(16)}.${thread}` : thread;
  }

  of(vcpu: VcpuObject): Thread | undefined {
    return this.all.find((thread) => thread.vcpu === vcpu);
  }

  /** `p1.2`, `2`, `p1.-1`; 0 and −1 are any. The first that fits. */
  parse(text: string): Thread | undefined {
    const [, process, thread = ''] = /^(?:p(-?[0-9a-f]+)\.?)?(-?[0-9a-f]*)$/i.exec(text) ?? [];
    const wanted = (digits: string | undefined, actual: number) => {
      const number = digits === undefined || digits === '' ? 0 : Number.parseInt(digits, 16);
      return number <= 0 || number === actual;
    };
    return this.shown.find(
      ({ processId, vcpu }) => wanted(process, processId) && wanted(thread, vcpu.cpu.index + 1),
    );
  }

  guestOf(processId: number): DebuggedGuest | undefined {
    return this.all.find((thread) => thread.processId === processId)?.guest;
  }
}
