/** Rules on time, cores and stacks of protection domains (Microkit 2.3's tool: `ProtectionDomain::from_xml`). */
import { isAligned } from '../../../base/index.ts';
import { type SchedulingParams, SDF_DEFAULTS } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import {
  BUDGET_MIN_US,
  HIGHEST_CHILD_ID,
  HIGHEST_CORE,
  HIGHEST_ID,
  HIGHEST_PRIORITY,
  STACK_MAX_BYTES,
  STACK_MIN_BYTES,
  VCPU_LIMIT,
  VCPU_SLOTS_AFTER_CHILDREN,
} from '../limits.ts';
import { eachRepeat } from '../repeats.ts';
import { sdfDomainCodes as codes } from './diagnostics.ts';

function priorityIsInRange(context: CheckContext): void {
  for (const pd of context.pds) {
    const { name, priority } = pd;
    if (priority === undefined || priority <= HIGHEST_PRIORITY) continue;
    context.sink.report(codes['priority-range'].at(context.value(pd, 'priority'), { name, priority }));
  }
}

function budgetFitsPeriod(context: CheckContext): void {
  const scheduled: readonly (SchedulingParams & { readonly name: string })[] = [
    ...context.pds,
    ...context.monitors.map(({ vm }) => vm),
  ];
  for (const part of scheduled) {
    const budgetUs = part.budgetUs ?? SDF_DEFAULTS.budgetUs;
    const periodUs = part.periodUs ?? budgetUs;
    if (budgetUs < BUDGET_MIN_US) {
      const params = { name: part.name, budgetUs };
      context.sink.report(codes['budget-small'].at(context.value(part, 'budget'), params));
    }
    if (budgetUs <= periodUs) continue;
    const params = { name: part.name, budgetUs, periodUs };
    context.sink.report(codes['budget-over-period'].at(context.value(part, 'period'), params));
  }
}

function stackFits(context: CheckContext): void {
  for (const pd of context.pds) {
    const { name, stackSizeBytes: sizeBytes } = pd;
    if (sizeBytes === undefined) continue;
    const inRange = sizeBytes >= STACK_MIN_BYTES && sizeBytes <= STACK_MAX_BYTES;
    if (inRange && isAligned(sizeBytes, STACK_MIN_BYTES)) continue;
    context.sink.report(codes['stack-size'].at(context.value(pd, 'stack_size'), { name, sizeBytes }));
  }
}

function coreExists(context: CheckContext): void {
  // The tool has a byte for a core, whatever the board.
  const cores = context.options.cores ?? context.options.board?.smpCores ?? HIGHEST_CORE + 1;
  const told = context.options.cores !== undefined;
  const placed = [
    ...context.pds.map((part) => ({ part, name: part.name, cpu: part.cpu })),
    ...context.monitors.flatMap(({ vm }) =>
      vm.vcpus.map((part) => ({ part, name: `vCPU ${part.id} of ${vm.name}`, cpu: part.cpu })),
    ),
  ];
  for (const { part, name, cpu } of placed) {
    if (cpu === undefined || cpu < cores) continue;
    context.sink.report(codes['cpu-range'].at(context.value(part, 'cpu'), { name, cpu, cores, told }));
  }
}

function smcIsThere(context: CheckContext): void {
  if (context.arch === 'aarch64') return;
  for (const pd of context.pds) {
    if (pd.smc !== true) continue;
    context.sink.report(codes['smc-unavailable'].at(context.origins.attribute(pd, 'smc'), { name: pd.name }));
  }
}

function childIdIsInRange(context: CheckContext): void {
  for (const pd of context.pds) {
    for (const child of pd.children) {
      const { name, id } = child;
      if (id === undefined || id <= HIGHEST_ID) continue;
      const position = context.value(child, 'id');
      const vcpu = pd.virtualMachine?.vcpus.find((other) =>
        VCPU_SLOTS_AFTER_CHILDREN.some((slots) => other.id + slots === id),
      );
      const slotOf = vcpu === undefined ? undefined : `vCPU ${vcpu.id} of ${pd.virtualMachine?.name}`;
      if (id > HIGHEST_CHILD_ID || slotOf !== undefined) {
        context.sink.report(codes['child-id-range'].at(position, { name, id, slotOf }));
      } else context.sink.report(codes['child-id-high'].at(position, { name, id }));
    }
  }
}

/** vCPUs come first: where a child has the id of one, it is the child that is reported. */
function childrenDiffer(context: CheckContext): void {
  for (const pd of context.pds) {
    const vm = pd.virtualMachine;
    const vcpus = (vm?.vcpus ?? []).map((part) => ({
      part,
      id: part.id,
      name: `vCPU ${part.id} of ${vm?.name}`,
    }));
    const children = pd.children.flatMap((part) =>
      part.id === undefined ? [] : [{ part, id: part.id, name: part.name }],
    );
    eachRepeat(
      [...vcpus, ...children],
      ({ id }) => id,
      ({ part, id, name }, first) => {
        // Two vCPUs of one id are the business of the rules on virtual machines.
        if (vcpus.some((vcpu) => vcpu.part === part)) return;
        const params = { name, id, other: first.name, where: context.onLine(first.part) };
        context.sink.report(codes['duplicate-child-id'].at(context.value(part, 'id'), params));
      },
    );
  }
}

function vcpusFitTheMonitor(context: CheckContext): void {
  if (context.arch === 'x86_64') return;
  const vcpus = context.monitors.flatMap(({ vm }) => vm.vcpus);
  const first = vcpus[VCPU_LIMIT];
  if (first === undefined) return;
  context.sink.report(codes['too-many-vcpus'].at(context.element(first), { count: vcpus.length }));
}

export const SCHEDULING_RULES: readonly Rule[] = [
  vcpusFitTheMonitor,
  priorityIsInRange,
  budgetFitsPeriod,
  stackFits,
  coreExists,
  smcIsThere,
  childIdIsInRange,
  childrenDiffer,
];
