/**
 * What a run does, as it is asked for: what the kernel tells, what the bus and the interrupt lines see, what virtio devices have done,
 * and, by stops that no guest notices, system calls, functions and instructions. A traced run is the same as an untraced one.
 */
import { hex } from '../../base/index.ts';
import type { BusAccess } from '../../machine/index.ts';
import type { DebugStop, KernelEvent } from '../../sel4/index.ts';
import { accessSyndrome, type VirtqueueUse } from '../../vmm/index.ts';
import { interruptOwners } from '../direct-interrupts.ts';
import type { TraceEvent, TraceSink, TraceValue } from './event.ts';
import { type FaultWords, GuestAddresses, wordsOfFault } from './faults.ts';
import type { TracerParts } from './parts.ts';
import { meaningOf } from './registers.ts';
import { isWanted, stopsVcpus, type Traceable, type TraceKind, type TraceSpec } from './spec.ts';
import { TraceStops } from './stops.ts';

const MACHINE = 'board';
const LINES = 'interrupt lines';

/** Traces a session, on and off. */
export class Tracer {
  readonly #parts: TracerParts;
  readonly #addresses: ReadonlyMap<string, GuestAddresses>;
  readonly #interruptOwners: ReadonlyMap<number, string>;
  #specs: readonly TraceSpec[] = [];
  #sink: TraceSink = () => {};
  #stops: TraceStops | undefined;

  constructor(parts: TracerParts) {
    this.#parts = parts;
    this.#addresses = new Map([...parts.guests].map(([vm, { tree }]) => [vm, new GuestAddresses(tree)]));
    this.#interruptOwners = interruptOwners(parts.session.machine.board.devices);
  }

  get isOn(): boolean {
    return this.#specs.length > 0;
  }

  /** Whether it stops vCPUs, so that no debugger and no profile can. */
  get stopsVcpus(): boolean {
    return this.#stops !== undefined;
  }

  /** Traces these from now on, instead of what was traced before. */
  begin(specs: readonly TraceSpec[], sink: TraceSink): void {
    this.end();
    this.#specs = specs;
    this.#sink = sink;
    const { session, guests } = this.#parts;
    const has = (kind: TraceKind) => specs.some((spec) => spec.kind === kind);
    session.kernel.tellsTurns = has('turn');
    if (has('mmio')) session.machine.bus.watcher.onAccess = (access) => this.#accessed(access);
    if (has('line')) session.machine.interrupts.onLine = (intid, level) => this.#line(intid, level);
    if (has('virtqueue'))
      for (const [vm, { watcher }] of guests) watcher.onVirtqueue = (use) => this.#used(vm, use);
    if (specs.some(stopsVcpus)) {
      this.#stops = new TraceStops(this.#parts, specs, (traceable, event) => this.#tell(traceable, event));
    }
  }

  /** Traces nothing more. */
  end(): void {
    const { session, guests } = this.#parts;
    this.#stops?.end();
    this.#stops = undefined;
    this.#specs = [];
    session.kernel.tellsTurns = false;
    delete session.machine.bus.watcher.onAccess;
    session.machine.interrupts.onLine = undefined;
    for (const { watcher } of guests.values()) watcher.onVirtqueue = undefined;
  }

  /** Between two steps of the session. */
  step(): void {
    this.#stops?.step();
  }

  /** A vCPU came to where it is to be looked at; `false` where that was none of this one's. */
  stopped(stop: DebugStop): boolean {
    return this.#stops?.stopped(stop) === true;
  }

  /** The kernel did something. */
  heard(event: KernelEvent): void {
    if (!this.isOn) return;
    switch (event.kind) {
      case 'irq': {
        const device = this.#interruptOwners.get(event.intid);
        const fields = {
          intid: event.intid,
          channel: event.channel,
          ...(device === undefined ? {} : { device }),
        };
        this.#tell(
          { kind: 'irq', device },
          { process: event.pd, thread: '', name: `irq ${event.intid}`, fields },
        );
        return;
      }
      case 'irq-unhandled':
        this.#tell(
          { kind: 'irq' },
          { process: MACHINE, thread: LINES, name: 'irq of nobody', fields: { intid: event.intid } },
        );
        return;
      case 'interrupt-dropped':
        this.#tell(
          { kind: 'irq', guest: event.vm },
          { ...this.#place(event.vm, event.vcpu), name: 'interrupt dropped', fields: { intid: event.intid } },
        );
        return;
      case 'fault':
        this.#fault(event);
        return;
      case 'vcpu-started':
      case 'vcpu-stopped': {
        const verb = event.kind === 'vcpu-started' ? 'starts' : 'stops';
        const fields = { pc: this.#parts.names.show(event.vm, event.pc) };
        this.#tell(
          { kind: 'vcpu', guest: event.vm },
          { ...this.#place(event.vm, event.vcpu), name: verb, fields },
        );
        return;
      }
      case 'notified':
        this.#tell(
          { kind: 'turn' },
          { process: event.pd, thread: '', name: 'notified', fields: { channel: event.channel } },
        );
        return;
      case 'turn': {
        const { startNs, endNs, instructions } = event;
        const place = this.#place(event.vm, event.vcpu);
        const lasts = { timeNs: startNs, durationNs: endNs - startNs };
        this.#tell(
          { kind: 'turn', guest: event.vm },
          { ...place, ...lasts, name: 'runs', fields: { instructions } },
        );
        return;
      }
      default:
    }
  }

  #place(vm: string, vcpu: number): { readonly process: string; readonly thread: string } {
    return { process: vm, thread: `vCPU ${vcpu}` };
  }

  #fault(event: Extract<KernelEvent, { kind: 'fault' }>): void {
    const { vm, vcpu, fault, pc, resumed } = event;
    const cpu = this.#parts.session.kernel.vcpus().find((each) => each.vm === vm && each.id === vcpu)?.cpu;
    const access = fault.label === 'VMFault' ? accessSyndrome(fault.fsr) : undefined;
    const value = access === undefined || cpu === undefined ? undefined : cpu.x(access.srt);
    const words: FaultWords = wordsOfFault(fault, this.#addresses.get(vm), value);
    const fields: Record<string, TraceValue> = { ...words.fields, pc: this.#parts.names.show(vm, pc) };
    if (!resumed) fields['answered'] = false;
    this.#tell(
      { kind: 'fault', guest: vm, device: words.device, name: words.register, address: words.address },
      { ...this.#place(vm, vcpu), name: words.name, fields },
    );
  }

  #accessed({ kind, window, offset, register, value }: BusAccess): void {
    const { running } = this.#parts.session.kernel;
    const place =
      running === undefined ? { process: MACHINE, thread: '' } : this.#place(running.vm, running.id);
    const named = register ?? hex(offset);
    const meaning = meaningOf(window.device, offset, value);
    const fields: Record<string, TraceValue> = { value: hex(value) };
    if (meaning !== '') fields['fields'] = meaning;
    if (running !== undefined) fields['pc'] = this.#parts.names.show(running.vm, running.cpu.pc);
    const address = BigInt(window.range.base + offset);
    this.#tell(
      { kind: 'mmio', guest: running?.vm, device: window.name, name: register, address },
      { ...place, name: `${kind} ${named} of ${window.name}`, fields },
    );
  }

  #line(intid: number, level: boolean): void {
    const device = this.#interruptOwners.get(intid);
    const name = `INTID ${intid}${device === undefined ? '' : ` ${device}`}`;
    const said = { name, fields: { intid }, level: level ? ('high' as const) : ('low' as const) };
    this.#tell({ kind: 'line', device }, { process: MACHINE, thread: LINES, ...said });
  }

  #used(vm: string, { device, queue, readableBytes, writableBytes, writtenBytes }: VirtqueueUse): void {
    const fields = { readableBytes, writableBytes, writtenBytes };
    this.#tell(
      { kind: 'virtqueue', guest: vm, device },
      { process: vm, thread: device, name: `queue ${queue}: a request done`, fields },
    );
  }

  #tell(
    traceable: Omit<Traceable, 'timeNs'>,
    event: Omit<TraceEvent, 'kind' | 'timeNs'> & { readonly timeNs?: number },
  ): void {
    const { session } = this.#parts;
    if (session.isHeardBefore) return;
    const timeNs = event.timeNs ?? session.machine.time.nowNs;
    if (isWanted(this.#specs, { ...traceable, timeNs }))
      this.#sink({ ...event, kind: traceable.kind, timeNs });
  }
}
