/**
 * System calls of a guest's programs, seen where Linux begins and ends them: `do_el0_svc` has the program's registers in memory, in the
 * order of struct pt_regs (Linux, arch/arm64/include/asm/ptrace.h), and has put the result there when it returns.
 */
import { hex } from '../../base/index.ts';
import type { VcpuObject } from '../../sel4/index.ts';
import type { Session } from '../session.ts';
import { gather, virtualPlaces } from '../virtual-memory.ts';
import type { Tell } from './event.ts';
import { systemCallName } from './system-call-names.ts';

/** The kernel's function with the registers of a system call in its first argument. */
export const SYSTEM_CALL_ENTRY = 'do_el0_svc';
const LINK_REGISTER = 30;
/** regs[0] to regs[8]. */
const REGISTERS = 9;
const REGISTER_BYTES = 8;
const NUMBER_REGISTER = 8;
const ARGUMENTS = 6;
/** Numbers that never come back here. */
const NO_RETURN = new Set(['exit', 'exit_group', 'rt_sigreturn']);
/** Which arguments are paths. */
const PATHS: Readonly<Record<string, readonly number[]>> = {
  chdir: [0],
  chroot: [0],
  execve: [0],
  execveat: [1],
  faccessat: [1],
  faccessat2: [1],
  fchmodat: [1],
  fchownat: [1],
  linkat: [1, 3],
  mkdirat: [1],
  mknodat: [1],
  mount: [0, 1],
  newfstatat: [1],
  openat: [1],
  openat2: [1],
  readlinkat: [1],
  renameat: [1, 3],
  renameat2: [1, 3],
  statfs: [0],
  statx: [1],
  symlinkat: [0, 2],
  umount2: [0],
  unlinkat: [1],
  utimensat: [1],
};
const PATH_BYTES = 256;
const ERRNO_MAX = 4095n;
/** Tasks that wait in a call; of more, what they called is not told. */
const PENDING_LIMIT = 4096;
const TASKS_LIMIT = 65_536;
/** Where the kernel has its pointer to the task that runs (arch/arm64/include/asm/current.h). */
const CURRENT = 'SP_EL0';

interface Pending {
  /** Of the program's registers. */
  readonly place: bigint;
  readonly name: string;
  readonly said: string;
  readonly timeNs: number;
  readonly thread: string;
}

export class SystemCalls {
  readonly #session: Session;
  readonly #vm: string;
  readonly #tell: Tell;
  #entry: bigint | undefined;
  readonly #returns = new Set<bigint>();
  /** Calls under way, by the kernel's pointer to their tasks. */
  readonly #pending = new Map<bigint, Pending>();
  readonly #tasks = new Map<bigint, number>();

  constructor(session: Session, vm: string, tell: Tell) {
    this.#session = session;
    this.#vm = vm;
    this.#tell = tell;
  }

  /** The kernel is there: calls begin at this address. */
  enteredAt(entry: bigint): void {
    this.#entry = entry;
    this.#returns.clear();
  }

  /** Where vCPUs must stop. */
  get places(): readonly bigint[] {
    return this.#entry === undefined ? [] : [this.#entry, ...this.#returns];
  }

  /** A vCPU of the guest's stands somewhere; `true` where there is a new place to stop at. */
  stopped({ cpu }: VcpuObject): boolean {
    if (cpu.pc === this.#entry) {
      this.#begun(cpu);
      const link = cpu.x(LINK_REGISTER);
      const isNew = !this.#returns.has(link);
      this.#returns.add(link);
      return isNew;
    }
    if (this.#returns.has(cpu.pc)) this.#ended(cpu);
    return false;
  }

  end(): void {
    for (const pending of this.#pending.values()) this.#say(pending, 'not over');
    this.#pending.clear();
  }

  #begun(cpu: VcpuObject['cpu']): void {
    const place = cpu.x(0);
    const registers = this.#registersAt(cpu, place);
    if (registers === undefined) return;
    const name = systemCallName(Number(BigInt.asUintN(32, registers[NUMBER_REGISTER] ?? 0n)));
    const paths = PATHS[name] ?? [];
    const shown = registers
      .slice(0, ARGUMENTS)
      .map((value, index) => (paths.includes(index) ? this.#text(cpu, value) : hex(value)));
    const pending = {
      place,
      name,
      said: shown.join(', '),
      timeNs: this.#session.machine.time.nowNs,
      thread: this.#taskOf(cpu),
    };
    if (NO_RETURN.has(name)) this.#say(pending, 'does not return');
    else if (this.#pending.size < PENDING_LIMIT) this.#pending.set(cpu.system(CURRENT), pending);
  }

  /** The call of the task that runs: it has one at a time. */
  #ended(cpu: VcpuObject['cpu']): void {
    const task = cpu.system(CURRENT);
    const pending = this.#pending.get(task);
    if (pending === undefined) return;
    this.#pending.delete(task);
    const [result = 0n] = this.#registersAt(cpu, pending.place) ?? [];
    const error = 2n ** 64n - result;
    this.#say(pending, error > 0n && error <= ERRNO_MAX ? `-${error}` : hex(result));
  }

  #say({ name, said, timeNs, thread }: Pending, result: string): void {
    const durationNs = this.#session.machine.time.nowNs - timeNs;
    this.#tell(
      { kind: 'syscall', guest: this.#vm, name },
      { process: this.#vm, thread, timeNs, durationNs, name: `${name}(${said})`, fields: { result } },
    );
  }

  /** Tasks are counted as they are met, by the kernel's pointer to them. */
  #taskOf(cpu: VcpuObject['cpu']): string {
    const task = cpu.system(CURRENT);
    if (this.#tasks.size >= TASKS_LIMIT) this.#tasks.clear();
    const number = this.#tasks.get(task) ?? this.#tasks.size + 1;
    this.#tasks.set(task, number);
    return `task ${number}`;
  }

  #registersAt(cpu: VcpuObject['cpu'], place: bigint): readonly bigint[] | undefined {
    const sizeBytes = REGISTERS * REGISTER_BYTES;
    const bytes = gather(this.#session.kernel.cluster, sizeBytes, virtualPlaces(cpu, place));
    if (bytes.length < sizeBytes) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return Array.from({ length: REGISTERS }, (_, index) => view.getBigUint64(index * REGISTER_BYTES, true));
  }

  #text(cpu: VcpuObject['cpu'], va: bigint): string {
    const bytes = gather(this.#session.kernel.cluster, PATH_BYTES, virtualPlaces(cpu, va));
    const end = bytes.indexOf(0);
    if (bytes.length === 0) return hex(va);
    return JSON.stringify(new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)));
  }
}
