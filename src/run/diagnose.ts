/** Why a run ended as it did: each fault, failure and silence with its cause and what would fix it. */
import {
  type AddrRange,
  alignDown,
  type DiagnosticSink,
  FIRST_SPI,
  hex,
  type Intid,
  LARGE_PAGE_BYTES,
  rangeAligned,
  rangeContains,
  rangesOverlap,
  SMALL_PAGE_BYTES,
  type VcpuId,
} from '../base/index.ts';
import type { Board, Device } from '../devicetree/index.ts';
import type { MissedDma } from '../machine/index.ts';
import {
  type MemoryMap,
  protectionDomainsOf,
  SDF_DEFAULTS,
  type SystemDescription,
} from '../microkit/index.ts';
import type { VmFault } from '../sel4/index.ts';
import { type DeviceFacts, diagnoseDevices } from './diagnose-devices.ts';
import { runCodes } from './diagnostics.ts';
import { type DirectInterrupt, directInterrupts } from './direct-interrupts.ts';
import type { PcNames } from './pc-names.ts';
import type { RecordedPoll, RunRecord, UnansweredFault } from './record.ts';
import { byPlan, leavingOut, oneToOneRam, passing, type RequestFacts, ramOf } from './remedies.ts';

/** What a diagnosis looks at. */
export interface RunFacts extends RequestFacts, DeviceFacts {
  readonly board: Board;
  readonly description: SystemDescription;
  /** The guests' own trees, by the name of the virtual machine. */
  readonly guestTrees: ReadonlyMap<string, Board>;
  readonly record: RunRecord;
  /** Instructions run by each virtual machine. */
  readonly instructions: ReadonlyMap<string, number>;
  /** Whether a virtual machine has said anything on its console; `undefined` where it has none. Else any UART counts. */
  readonly hasSpoken?: (vm: string) => boolean | undefined;
  /** The last line of a virtual machine's log, where it was found in its RAM. */
  readonly lastLogLine?: (vm: string) => string | undefined;
  /** What program counters point to. */
  readonly names?: Pick<PcNames, 'show'>;
}

/** Below this a guest has not had the time to say anything. */
const SILENT_INSTRUCTIONS = 50_000_000;

/** Turns what was recorded in a run into diagnostics with causes and remedies (`run/…`). */
export function diagnose(facts: RunFacts, sink: DiagnosticSink): void {
  const { record } = facts;
  for (const { pd, message } of record.failures) {
    sink.report(runCodes['domain-failed'].at(undefined, { pd, reason: message }));
  }
  for (const vm of record.withoutVcpus) sink.report(runCodes['all-vcpus-off'].at(undefined, { vm }));
  for (const fault of record.unanswered) diagnoseFault(facts, fault, sink);
  for (const intid of record.unhandledInterrupts) diagnoseInterrupt(facts, intid, sink);
  diagnoseTriggers(facts, sink);
  for (const storm of record.timerStorms) sink.report(runCodes['timer-storm'].at(undefined, storm));
  for (const dropped of record.droppedInterrupts.values()) diagnoseDropped(facts, dropped, sink);
  for (const starved of record.starved) sink.report(runCodes.starved.at(undefined, starved));
  for (const poll of record.polls.values()) diagnosePoll(facts, poll, sink);
  for (const missed of record.missedDma.values()) diagnoseDma(facts, missed, sink);
  diagnoseDevices(facts, sink);
  diagnoseSilence(facts, sink);
}

/** Also for who wants to say it while the run goes on. */
export function diagnosePoll(
  facts: Pick<RunFacts, 'board' | 'planned' | 'names'>,
  { name, register, offset, physAddr, value, count, at }: RecordedPoll,
  sink: DiagnosticSink,
): void {
  // A bus's or a controller's model may answer for the device below it that is meant.
  const owner = deviceAt(facts.board, physAddr);
  const device = owner?.device;
  const from = owner === undefined ? offset : physAddr - owner.range.base;
  sink.report(
    runCodes['stuck-poll'].at(undefined, {
      path: device?.path ?? name,
      register: (device?.path === name ? register : undefined) ?? `+${hex(from)}`,
      value,
      count,
      ...(at === undefined ? {} : { pc: pcText(facts, at.vm, at.pc) }),
      ...(device === undefined ? {} : { fix: leavingOut(facts, at?.vm, device) }),
    }),
  );
}

function pcText({ names }: Pick<RunFacts, 'names'>, vm: string, pc: bigint): string {
  return names?.show(vm, pc) ?? hex(pc);
}

/** A master's address that is no RAM may be what a guest calls its RAM: then the mapping is what is wrong. */
function diagnoseDma(facts: RunFacts, missed: MissedDma, sink: DiagnosticSink): void {
  const { description } = facts;
  const regions = new Map(description.memoryRegions.map((region) => [region.name, region]));
  for (const { virtualMachine: vm } of protectionDomainsOf(description)) {
    for (const { mr, vaddr } of vm?.maps ?? []) {
      const { sizeBytes = 0, physAddr } = regions.get(mr) ?? {};
      if (!rangeContains({ base: vaddr, size: sizeBytes }, missed.physAddr)) continue;
      const elsewhere = physAddr === undefined ? undefined : physAddr + missed.physAddr - vaddr;
      sink.report(
        runCodes['dma-missed'].at(undefined, {
          ...missed,
          guest: vm?.name,
          elsewhere,
          fix: oneToOneRam(facts, vm?.name, sizeBytes),
        }),
      );
      return;
    }
  }
  sink.report(runCodes['dma-missed'].at(undefined, { ...missed, guest: undefined, elsewhere: undefined }));
}

function diagnoseFault(
  facts: RunFacts,
  { vm, vcpu, pc, fault }: UnansweredFault,
  sink: DiagnosticSink,
): void {
  const at = { vm, vcpu, pc: pcText(facts, vm, pc) };
  switch (fault.label) {
    case 'VMFault':
      diagnoseAccess(facts, at, fault, sink);
      return;
    case 'UnknownSyscall':
      sink.report(runCodes['guest-hvc'].at(undefined, { ...at, fix: byPlan(facts, 'such a tree') }));
      return;
    default:
      sink.report(runCodes['guest-stopped'].at(undefined, { ...at, fault: fault.label }));
  }
}

interface Place {
  readonly vm: string;
  readonly vcpu: VcpuId;
  readonly pc: string;
}

function diagnoseAccess(facts: RunFacts, at: Place, fault: VmFault, sink: DiagnosticSink): void {
  const { addr } = fault;
  const WRITE = 1 << 6;
  const verb = fault.prefetchFault ? 'ran code at' : (fault.fsr & WRITE) !== 0 ? 'wrote to' : 'read';
  const params = { ...at, verb, addr };
  const guest = facts.guestTrees.get(at.vm);
  const gicc = guest?.gic?.gicc;
  const gicv = facts.board.gic?.gicv;
  if (gicc !== undefined && gicv !== undefined && rangeContains(gicc, addr)) {
    sink.report(
      runCodes['unmapped-cpu-interface'].at(undefined, {
        ...params,
        gicv: gicv.base,
        gicc: gicc.base,
        fix: byPlan(facts, 'that mapping'),
      }),
    );
    return;
  }
  const frames = [...(guest?.gic?.gicd === undefined ? [] : [guest.gic.gicd]), ...(guest?.gic?.gicr ?? [])];
  if (frames.some((frame) => rangeContains(frame, addr))) {
    sink.report(runCodes['unanswered-controller'].at(undefined, params));
    return;
  }
  const ram = guest?.ram.find((range) => rangeContains(range, addr));
  if (ram !== undefined) {
    const fix = ramOf(facts, at.vm, ram.base, ram.size);
    sink.report(runCodes['unmapped-ram'].at(undefined, { ...params, base: ram.base, size: ram.size, fix }));
    return;
  }
  const owner = deviceAt(facts.board, addr);
  if (owner === undefined) {
    const isFetch = fault.prefetchFault;
    sink.report(runCodes['unmapped-nothing'].at(undefined, { ...params, isFetch }));
    return;
  }
  const { base, size } = rangeAligned(owner.range, SMALL_PAGE_BYTES);
  const region = {
    path: owner.device.path,
    regionBase: base,
    regionSize: size,
    holder: holderOf(facts.description, at.vm, owner.range),
    fix: passing(facts, at.vm, owner.device),
  };
  sink.report(runCodes['unmapped-device'].at(undefined, { ...params, ...region }));
}

/** Who else has the registers of a device: a protection domain, or another virtual machine. */
function holderOf(description: SystemDescription, vm: string, registers: AddrRange): string | undefined {
  const regions = new Set(
    description.memoryRegions
      .filter(
        ({ physAddr, sizeBytes = LARGE_PAGE_BYTES }) =>
          physAddr !== undefined && rangesOverlap({ base: physAddr, size: sizeBytes }, registers),
      )
      .map(({ name }) => name),
  );
  const holds = (maps: readonly MemoryMap[]) => maps.some(({ mr }) => regions.has(mr));
  for (const pd of protectionDomainsOf(description)) {
    if (holds(pd.maps)) return pd.name;
    const other = pd.virtualMachine;
    if (other !== undefined && other.name !== vm && holds(other.maps)) return other.name;
  }
  return undefined;
}

/** The device whose registers hold an address: an enabled one before others, the smallest where they nest. */
function deviceAt(
  board: Board,
  addr: number,
): { readonly device: Device; readonly range: AddrRange } | undefined {
  const page = { base: alignDown(addr, SMALL_PAGE_BYTES), size: SMALL_PAGE_BYTES };
  const candidates = board
    .devicesAt(page)
    .flatMap((device) =>
      device.regs.flatMap(({ cpu }) => (cpu === undefined ? [] : [{ device, range: cpu }])),
    );
  const holding = candidates.filter(({ range }) => rangeContains(range, addr));
  const enabled = holding.filter(({ device }) => device.status.enabled);
  return [...(enabled.length > 0 ? enabled : holding)].sort((a, b) => a.range.size - b.range.size)[0];
}

/** Of the devices that are on. */
function enabledInterrupts({ devices }: Board): readonly DirectInterrupt[] {
  return directInterrupts(devices.filter(({ status }) => status.enabled));
}

function diagnoseInterrupt(facts: RunFacts, intid: Intid, sink: DiagnosticSink): void {
  const { board, description } = facts;
  const owner = enabledInterrupts(board).find((interrupt) => interrupt.intid === intid);
  const monitor = [...protectionDomainsOf(description)].find(
    ({ virtualMachine }) => virtualMachine !== undefined,
  );
  if (owner === undefined) return;
  const params = {
    intid,
    path: owner.device.path,
    trigger: owner.trigger,
    pd: monitor?.name ?? 'the monitor',
    fix: passing(facts, monitor?.virtualMachine?.name, owner.device),
  };
  sink.report(runCodes['interrupt-not-given'].at(undefined, params));
}

/** Only what is lost for good: a level comes again, and so does the timer. */
function diagnoseDropped(
  { board, description }: RunFacts,
  { vm, intid, count }: { readonly vm: string; readonly intid: Intid; readonly count: number },
  sink: DiagnosticSink,
): void {
  if (intid < FIRST_SPI) return;
  const irq = [...protectionDomainsOf(description)]
    .flatMap(({ irqs }) => irqs)
    .find((candidate) => candidate.kind === 'platform' && candidate.irq === intid);
  const trigger = irq?.kind === 'platform' ? (irq.trigger ?? SDF_DEFAULTS.trigger) : undefined;
  if (trigger === 'level') return;
  const path = enabledInterrupts(board).find((interrupt) => interrupt.intid === intid)?.device.path;
  const what = trigger === 'edge' ? `an edge of ${path ?? 'a line'}` : 'an interrupt of the monitor';
  sink.report(runCodes['edge-lost'].at(undefined, { vm, intid, what, count }));
}

function diagnoseTriggers(facts: RunFacts, sink: DiagnosticSink): void {
  const { board, description } = facts;
  const triggers = new Map(enabledInterrupts(board).map((interrupt) => [interrupt.intid, interrupt]));
  for (const { irqs } of protectionDomainsOf(description)) {
    for (const irq of irqs) {
      if (irq.kind !== 'platform') continue;
      const said = irq.trigger ?? SDF_DEFAULTS.trigger;
      const inTree = triggers.get(irq.irq);
      if (inTree === undefined || inTree.trigger === said) continue;
      const params = {
        intid: irq.irq,
        path: inTree.device.path,
        said,
        tree: inTree.trigger,
        fix: byPlan(facts, "the tree's trigger"),
      };
      sink.report(runCodes['trigger-differs'].at(undefined, params));
    }
  }
}

function diagnoseSilence(facts: RunFacts, sink: DiagnosticSink): void {
  const { description, record, instructions, lastLogLine } = facts;
  const anySpoke = [...record.sentBytes.values()].some((count) => count > 0);
  for (const { name: pd, virtualMachine: vm } of protectionDomainsOf(description)) {
    if (vm === undefined) continue;
    const count = instructions.get(vm.name) ?? 0;
    // What ended its monitor has been said.
    if (record.failures.some((failure) => failure.pd === pd)) continue;
    if (count === 0) {
      const said = record.log
        .filter((line) => line.pd === pd)
        .at(-1)
        ?.text.trim();
      const params = { vm: vm.name, ...(said === undefined ? {} : { said }) };
      sink.report(runCodes['never-started'].at(undefined, params));
    } else if (!(facts.hasSpoken?.(vm.name) ?? anySpoke) && count >= SILENT_INSTRUCTIONS) {
      const logged = lastLogLine?.(vm.name);
      const bootargs = facts.guestTrees.get(vm.name)?.bootargs;
      const params = {
        vm: vm.name,
        instructions: `${Math.round(count / 1e6)} million`,
        ...(logged === undefined ? {} : { logged }),
        ...(bootargs === undefined ? {} : { bootargs }),
      };
      sink.report(runCodes.silent.at(undefined, params));
    }
  }
}
