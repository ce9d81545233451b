/** Rules on virtual machines (Microkit 2.3's tool: `VirtualMachine::from_xml`), and those that the tool misses. */
import { SDF_DEFAULTS, type VirtualMachine } from '../../description.ts';
import type { CheckContext, Monitor, Rule } from '../context.ts';
import { HIGHEST_PRIORITY } from '../limits.ts';
import { eachRepeat } from '../repeats.ts';
import { sdfMachineCodes as codes } from './diagnostics.ts';

function boardIsHypervisor(context: CheckContext): void {
  const { board } = context.options;
  if (context.arch !== 'riscv64' && board?.hypervisor !== false) return;
  for (const { vm } of context.monitors) {
    const params = { vm: vm.name, board: board?.name ?? context.arch };
    context.sink.report(codes['no-hypervisor'].at(context.element(vm), params));
  }
}

function priorityIsInRange(context: CheckContext): void {
  for (const { vm } of context.monitors) {
    const { priority } = vm;
    if (priority === undefined || priority <= HIGHEST_PRIORITY || context.arch === 'x86_64') continue;
    const params = { vm: vm.name, priority };
    context.sink.report(codes['vm-priority-range'].at(context.value(vm, 'priority'), params));
  }
}

function monitorIsAbove(context: CheckContext): void {
  if (context.arch === 'x86_64') return;
  for (const { pd, vm } of context.monitors) {
    const priority = vm.priority ?? SDF_DEFAULTS.priority;
    const pdPriority = pd.priority ?? SDF_DEFAULTS.priority;
    if (pdPriority >= priority || priority > HIGHEST_PRIORITY) continue;
    const params = { vm: vm.name, priority, pd: pd.name, pdPriority };
    context.sink.report(codes['vm-over-monitor'].at(context.value(vm, 'priority'), params));
  }
}

/** A machine whose vCPUs together may have no more of their period than this leaves time to others, whatever its priority. */
const MOST_SHARE = 0.9;

/** How much of a core's time the vCPUs may have: each has the machine's budget for itself. */
function shareOf({ budgetUs = SDF_DEFAULTS.budgetUs, periodUs = budgetUs, vcpus }: VirtualMachine): number {
  return periodUs === 0 ? 1 : (vcpus.length * budgetUs) / periodUs;
}

/** Who never runs while a guest does, which on seL4 is always: a guest that waits for an interrupt does not sleep. */
function nothingStarves(context: CheckContext): void {
  if (context.arch === 'x86_64') return;
  for (const { pd, vm } of context.monitors) {
    const priority = vm.priority ?? SDF_DEFAULTS.priority;
    if (priority > HIGHEST_PRIORITY) continue;
    const cores = coresOf({ pd, vm });
    if (shareOf(vm) <= MOST_SHARE) continue;
    const starved = context.pds.filter(
      (other) =>
        other !== pd &&
        (other.priority ?? SDF_DEFAULTS.priority) <= priority &&
        cores.has(other.cpu ?? SDF_DEFAULTS.cpu),
    );
    const guests = context.monitors.filter(
      (other) =>
        (other.vm.priority ?? SDF_DEFAULTS.priority) < priority &&
        [...coresOf(other)].some((core) => cores.has(core)),
    );
    const names = [...starved, ...guests.map((other) => other.vm)].map(({ name }) => name);
    if (names.length === 0) continue;
    context.sink.report(
      codes['vm-starves'].at(context.value(vm, 'priority'), { vm: vm.name, priority, names }),
    );
  }
}

/** Microkit 2.3 puts a vCPU on its monitor's core where nothing else is said. */
function coresOf({ pd, vm }: Monitor): ReadonlySet<number> {
  return new Set(vm.vcpus.map(({ cpu }) => cpu ?? pd.cpu ?? SDF_DEFAULTS.cpu));
}

function vcpusAreWithTheirMonitor(context: CheckContext): void {
  if (context.arch !== 'aarch64') return;
  for (const { pd, vm } of context.monitors) {
    const pdCpu = pd.cpu ?? SDF_DEFAULTS.cpu;
    for (const vcpu of vm.vcpus) {
      if (vcpu.cpu === undefined || vcpu.cpu === pdCpu) continue;
      const params = { vm: vm.name, id: vcpu.id, cpu: vcpu.cpu, pd: pd.name, pdCpu };
      context.sink.report(codes['vcpu-other-core'].at(context.value(vcpu, 'cpu'), params));
    }
  }
}

function severalVcpusHaveCores(context: CheckContext): void {
  if (context.arch !== 'aarch64' || context.options.cores !== 1) return;
  for (const { vm } of context.monitors) {
    const second = vm.vcpus[1];
    if (second === undefined) continue;
    const params = { vm: vm.name, count: vm.vcpus.length };
    context.sink.report(codes['vcpus-one-core'].at(context.element(second), params));
  }
}

/** The tool gives the domain of a protection domain to its thread only: those of vCPUs stay in domain 0. */
function guestsHaveTime(context: CheckContext): void {
  const { domains } = context.description;
  if (domains === undefined || context.arch === 'x86_64' || !context.isComplete('domain', 'schedule_entry'))
    return;
  const explicit = domains.domains.find(({ id }) => id === 0)?.name;
  // Domains without an id get the lowest that are free, in no order that the description says.
  const mayBeFirst = new Set(
    explicit === undefined
      ? domains.domains.filter(({ id }) => id === undefined).map(({ name }) => name)
      : [explicit],
  );
  const hasTime = domains.schedule.some((entry) => entry.kind === 'entry' && mayBeFirst.has(entry.domain));
  for (const { pd, vm } of context.monitors) {
    if (pd.domain === undefined) continue;
    const params = { vm: vm.name, domain: pd.domain };
    const position = context.value(pd, 'domain');
    if (!hasTime) context.sink.report(codes['vm-without-time'].at(position, params));
    else if (explicit !== pd.domain) context.sink.report(codes['vm-in-other-domain'].at(position, params));
  }
}

function vcpusDiffer(context: CheckContext): void {
  for (const { vm } of context.monitors) {
    eachRepeat(
      vm.vcpus,
      ({ id }) => id,
      (vcpu, first) => {
        const params = { vm: vm.name, id: vcpu.id, where: context.onLine(first) };
        context.sink.report(codes['duplicate-vcpu-id'].at(context.value(vcpu, 'id'), params));
      },
    );
  }
}

function vcpuSetvarIsIgnored(context: CheckContext): void {
  for (const vcpu of context.monitors.flatMap(({ vm }) => vm.vcpus)) {
    if (vcpu.setvarId === undefined) continue;
    const position = context.origins.attribute(vcpu, 'setvar_id');
    context.sink.report(codes['vcpu-setvar'].at(position, { symbol: vcpu.setvarId }));
  }
}

function keepsToX86(context: CheckContext): void {
  if (context.arch !== 'x86_64') return;
  for (const monitor of context.monitors) {
    for (const { problem, part, attribute } of x86Problems(monitor, context)) {
      const position =
        attribute === undefined ? context.element(part) : context.origins.attribute(part, attribute);
      context.sink.report(codes['vm-x86'].at(position, { vm: monitor.vm.name, problem }));
    }
  }
}

interface X86Problem {
  readonly problem: string;
  readonly part: object;
  readonly attribute?: string;
}

function x86Problems({ pd, vm }: Monitor, context: CheckContext): readonly X86Problem[] {
  const problems: X86Problem[] = [];
  for (const attribute of ['priority', 'budget', 'period']) {
    if (!context.origins.hasAttribute(vm, attribute)) continue;
    problems.push({ problem: `takes no ${attribute}: it runs as its monitor does`, part: vm, attribute });
  }
  for (const vcpu of vm.vcpus.slice(1)) problems.push({ problem: 'has one vCPU only', part: vcpu });
  for (const child of pd.children) {
    problems.push({
      problem: `does not let its monitor ${pd.name} have the child ${child.name}`,
      part: child,
    });
  }
  for (const { ends } of context.description.channels) {
    const [a, b] = ends;
    for (const [caller, callee] of [
      [a, b],
      [b, a],
    ] as const) {
      if (caller.pp !== true || callee.pd !== pd.name) continue;
      const problem = `does not let its monitor ${pd.name} answer calls of ${caller.pd}`;
      problems.push({ problem, part: caller, attribute: 'pp' });
    }
  }
  return problems;
}

export const VIRTUAL_MACHINE_RULES: readonly Rule[] = [
  boardIsHypervisor,
  priorityIsInRange,
  monitorIsAbove,
  nothingStarves,
  vcpusAreWithTheirMonitor,
  severalVcpusHaveCores,
  guestsHaveTime,
  vcpusDiffer,
  vcpuSetvarIsIgnored,
  keepsToX86,
];
