/**
 * What is traced by stopping vCPUs outside the guest, as a debugger does and no guest notices: entered functions and system calls by
 * points at the kernel's symbols, instructions by a stop after each.
 */
import { disassemble, type Vcpu } from '../../aarch64/index.ts';
import { hex, matchesGlob } from '../../base/index.ts';
import type { DebugStop, VcpuObject } from '../../sel4/index.ts';
import { gather, virtualPlaces } from '../virtual-memory.ts';
import type { Tell } from './event.ts';
import type { TracerParts } from './parts.ts';
import type { TraceKind, TraceSpec } from './spec.ts';
import { SYSTEM_CALL_ENTRY, SystemCalls } from './system-calls.ts';

const NO_POINTS = { breakpoints: [], watchpoints: [] } as const;
const LINK_REGISTER = 30;
const ARGUMENTS = [0, 1, 2, 3] as const;
const INSTRUCTION_BYTES = 4;

interface GuestPoints {
  /** Where the kernel was when the points were set: they move with it. */
  base: bigint | undefined;
  /** What is at each, by its address. */
  readonly functions: Map<bigint, string>;
  readonly calls: SystemCalls | undefined;
}

export class TraceStops {
  readonly #parts: TracerParts;
  readonly #specs: readonly TraceSpec[];
  readonly #tell: Tell;
  readonly #points = new Map<string, GuestPoints>();

  constructor(parts: TracerParts, specs: readonly TraceSpec[], tell: Tell) {
    this.#parts = parts;
    this.#specs = specs;
    this.#tell = tell;
    parts.session.start();
    for (const vm of parts.guests.keys()) {
      const calls = this.#of('syscall', vm).length > 0 ? new SystemCalls(parts.session, vm, tell) : undefined;
      this.#points.set(vm, { base: undefined, functions: new Map(), calls });
    }
    this.step();
  }

  /** Sets the points anew where the kernel has moved, and begins and ends to stop at each instruction in its time. */
  step(): void {
    for (const [vm, points] of this.#points) {
      if (this.#of('function', vm).length > 0 || points.calls !== undefined) this.#setPoints(vm, points);
    }
    const { nowNs } = this.#parts.session.machine.time;
    for (const { vm, cpu } of this.#parts.session.kernel.vcpus()) {
      const isDue = this.#of('instruction', vm).some(({ fromNs, toNs }) => nowNs >= fromNs && nowNs < toNs);
      if (isDue) cpu.stopAtRetired ??= cpu.retired + 1;
      else cpu.stopAtRetired = undefined;
    }
  }

  /** `false` where it was no stop of this one's. */
  stopped({ vcpu, stop }: DebugStop): boolean {
    if (stop.reason === 'retired') {
      this.#instruction(vcpu);
      return true;
    }
    const points = this.#points.get(vcpu.vm);
    if (stop.reason !== 'breakpoint' || points === undefined) return false;
    const { cpu } = vcpu;
    if (points.calls?.stopped(vcpu) === true) this.#setPointsOf(vcpu.vm, points);
    const name = points.functions.get(cpu.pc);
    if (name !== undefined && this.#of('function', vcpu.vm).length > 0) this.#entered(vcpu, name);
    return true;
  }

  end(): void {
    for (const points of this.#points.values()) points.calls?.end();
    for (const { cpu } of this.#parts.session.kernel.vcpus()) {
      cpu.setDebugPoints(NO_POINTS);
      cpu.stopAtRetired = undefined;
    }
  }

  #of(kind: TraceKind, vm: string): readonly TraceSpec[] {
    return this.#specs.filter(
      (spec) => spec.kind === kind && (spec.guest === undefined || spec.guest === vm),
    );
  }

  #setPoints(vm: string, points: GuestPoints): void {
    const base = this.#parts.names.imageBase(vm);
    if (base === undefined || base === points.base) return;
    points.base = base;
    points.functions.clear();
    const globs = this.#of('function', vm).flatMap(({ name }) => name ?? []);
    const symbols = this.#parts.guests.get(vm)?.symbols()?.symbols;
    for (const { name, offset } of symbols?.all ?? []) {
      if (globs.some((glob) => matchesGlob(glob, name))) points.functions.set(base + BigInt(offset), name);
    }
    const entry = symbols?.offsetOf(SYSTEM_CALL_ENTRY);
    if (entry !== undefined) points.calls?.enteredAt(base + BigInt(entry));
    this.#setPointsOf(vm, points);
  }

  #setPointsOf(vm: string, { functions, calls }: GuestPoints): void {
    const breakpoints = [...new Set([...functions.keys(), ...(calls?.places ?? [])])];
    for (const { vm: owner, cpu } of this.#parts.session.kernel.vcpus())
      if (owner === vm) cpu.setDebugPoints({ breakpoints, watchpoints: [] });
  }

  #entered({ vm, id, cpu }: VcpuObject, name: string): void {
    const fields: Record<string, string> = Object.fromEntries(
      ARGUMENTS.map((register) => [`x${register}`, hex(cpu.x(register))]),
    );
    fields['from'] = this.#parts.names.show(vm, cpu.x(LINK_REGISTER));
    this.#tell(
      { kind: 'function', guest: vm, name, address: cpu.pc },
      { process: vm, thread: `vCPU ${id}`, name: `${name}()`, fields },
    );
  }

  #instruction({ vm, id, cpu }: VcpuObject): void {
    cpu.stopAtRetired = cpu.retired + 1;
    const { pc } = cpu;
    const place = this.#parts.names.nameOf(vm, pc);
    const opcode = opcodeAt(this.#parts.session.kernel.cluster, cpu);
    const text = opcode === undefined ? '?' : disassemble(opcode, pc).replaceAll('\t', ' ');
    const fields = { pc: hex(pc), ...(place === undefined ? {} : { in: place }) };
    this.#tell(
      { kind: 'instruction', guest: vm, name: place?.split('+')[0], address: pc },
      { process: vm, thread: `vCPU ${id}`, name: text, fields },
    );
  }
}

function opcodeAt(cluster: Parameters<typeof gather>[0], cpu: Vcpu): number | undefined {
  const bytes = gather(cluster, INSTRUCTION_BYTES, virtualPlaces(cpu, cpu.pc));
  if (bytes.length < INSTRUCTION_BYTES) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
