/**
 * Another number of vCPUs than the description and the guest's tree have, for one run: both are derived anew. The tree's
 * CPUs are replaced as `plan` makes them, and a version 3 GIC gets a redistributor for each.
 */
import { type DiagnosticSink, hex, rangeEnd, rangesOverlap } from '../base/index.ts';
import type { Board, DeviceTree } from '../devicetree/index.ts';
import {
  type ProtectionDomain,
  protectionDomainsOf,
  type SystemDescription,
  type Vcpu,
} from '../microkit/index.ts';
import {
  applyEdits,
  cpuCount,
  cpuEdits,
  gicEdits,
  PSCI_COMPATIBLES,
  planGic,
  REDISTRIBUTOR_BYTES,
  type TreeEdit,
} from '../plan/index.ts';
import { runCodes } from './diagnostics.ts';

/** The description with so many vCPUs in each virtual machine. */
export function descriptionWithVcpus(description: SystemDescription, count: number): SystemDescription {
  const changed = (pd: ProtectionDomain): ProtectionDomain => ({
    ...pd,
    children: pd.children.map(changed),
    ...(pd.virtualMachine === undefined
      ? {}
      : { virtualMachine: { ...pd.virtualMachine, vcpus: vcpusOf(pd, pd.virtualMachine.vcpus, count) } }),
  });
  return { ...description, protectionDomains: description.protectionDomains.map(changed) };
}

/** The vCPUs that are there, cut or filled up with ids that neither they nor the domain's children have. */
function vcpusOf(pd: ProtectionDomain, given: readonly Vcpu[], count: number): readonly Vcpu[] {
  const vcpus = given.slice(0, count);
  const taken = new Set([...given.map(({ id }) => id), ...pd.children.map(({ id }) => id)]);
  for (let id = 0; vcpus.length < count; id += 1) if (!taken.has(id)) vcpus.push({ id });
  return vcpus;
}

/** What a number of vCPUs changes: the description and the guest's tree. */
export interface VcpuFacts {
  readonly board: Board;
  readonly description: SystemDescription;
  readonly vm: string;
  /** The guest's own tree. */
  readonly guest: Board;
}

/** The guest's tree with so many CPUs; `undefined` with a diagnostic where that can't be. */
export function treeWithVcpus(facts: VcpuFacts, count: number, sink: DiagnosticSink): DeviceTree | undefined {
  const { board, guest, vm } = facts;
  const cpus = cpuCount(board);
  if (cpus > 0 && count > cpus) {
    sink.report(runCodes['too-many-vcpus'].at(undefined, { count, cpus }));
    return undefined;
  }
  const edits = [...cpuEdits(guest, count), ...redistributorEdits(facts, count)];
  const reason = reasonAgainst(facts, count);
  if (reason !== undefined) {
    sink.report(runCodes['vcpus-not-derived'].at(undefined, { vm, count, reason }));
    return undefined;
  }
  return { ...applyEdits(guest.tree, edits), memoryReservations: guest.tree.memoryReservations };
}

function reasonAgainst({ guest, description, vm }: VcpuFacts, count: number): string | undefined {
  if (!guest.tree.root.children.has('cpus')) return 'its tree has no /cpus';
  const psci = guest.devices.some(({ compatible }) =>
    PSCI_COMPATIBLES.some((name) => compatible.includes(name)),
  );
  if (count > 1 && !psci) return 'its tree has no PSCI node, by which Linux starts the other CPUs';
  const first = guest.gic?.version === 3 ? guest.gic.gicr[0] : undefined;
  if (first === undefined) return undefined;
  const redistributors = { base: first.base, size: count * REDISTRIBUTOR_BYTES };
  const machine = [...protectionDomainsOf(description)].find(
    (pd) => pd.virtualMachine?.name === vm,
  )?.virtualMachine;
  const sizes = new Map(description.memoryRegions.map(({ name, sizeBytes = 0 }) => [name, sizeBytes]));
  const mapped = machine?.maps.find(({ mr, vaddr }) =>
    rangesOverlap({ base: vaddr, size: sizes.get(mr) ?? 0 }, redistributors),
  );
  return mapped === undefined
    ? undefined
    : `${mapped.mr} is mapped before ${hex(rangeEnd(redistributors))}, where their redistributors would end`;
}

function redistributorEdits({ guest }: VcpuFacts, count: number): readonly TreeEdit[] {
  const { gic } = guest;
  const plan = gic?.version === 3 ? planGic(gic) : undefined;
  if (gic === undefined || plan === undefined) return [];
  const room = gic.gicr.reduce((sum, { size }) => sum + size, 0);
  return room >= count * REDISTRIBUTOR_BYTES ? [] : gicEdits(guest, plan, count);
}
