/**
 * What can never be passed through: what seL4 keeps for itself, what the monitor emulates, and what belongs to the
 * physical CPUs. Each with the sentence that the plan gives as the reason.
 */
import { type Board, type Device, type DtNode, stringProperty } from '../devicetree/index.ts';

/** `arm,cortex-a55-pmu`, `arm,armv8-pmuv3` and the vendors' own. */
const CPU_PMU =
  /^(arm,(armv8-pmuv3|(cortex|neoverse)-[a-z0-9]+-pmu)|apm,potenza-pmu|cavium,thunder-pmu|nvidia,(denver|carmel)-pmu|brcm,vulcan-pmu|qcom,(kryo|krait)-pmu|apple,[a-z]+-pmu)$/;

const REASONS = {
  gic: 'the interrupt controller is emulated by the monitor',
  messages:
    'message interrupts are part of the interrupt controller, which the monitor emulates without them',
  timer: "the architectural timer is the CPU's own; the guest has its virtual timer without any mapping",
  'memory-timer': "the memory-mapped view of the architectural timer is the hypervisor's",
  psci: 'the monitor answers PSCI calls',
  pmu: 'the performance monitor belongs to the physical CPU',
  trace: 'it traces or debugs a physical CPU',
  cpu: 'CPUs are virtual',
  memory: "RAM is given as the guest's RAM, not as a device",
} as const;

/** Why a device is never passed, or `undefined` where nothing speaks against it. */
export function whyNever(board: Board, device: Device): string | undefined {
  const { node, compatible } = device;
  const has = (...names: readonly string[]) => names.some((name) => compatible.includes(name));
  if (node === board.gic?.node) return REASONS.gic;
  if (isInside(node, board.gic?.node) || has('arm,gic-v3-its', 'arm,gic-v2m-frame')) return REASONS.messages;
  if (has('arm,armv8-timer', 'arm,armv7-timer')) return REASONS.timer;
  if (has('arm,armv7-timer-mem') || isFrameOfTimer(node)) return REASONS['memory-timer'];
  if (has('arm,psci', 'arm,psci-0.2', 'arm,psci-1.0')) return REASONS.psci;
  if (compatible.some((name) => CPU_PMU.test(name))) return REASONS.pmu;
  if (compatible.some((name) => name.startsWith('arm,coresight')) && node.properties.has('cpu')) {
    return REASONS.trace;
  }
  if (stringProperty(node, 'device_type') === 'cpu' || isUnder(node, 'cpus')) return REASONS.cpu;
  if (stringProperty(node, 'device_type') === 'memory' || isUnder(node, 'reserved-memory')) {
    return REASONS.memory;
  }
  return undefined;
}

function isInside(node: DtNode, above: DtNode | undefined): boolean {
  return above !== undefined && node.parent === above;
}

function isFrameOfTimer(node: DtNode): boolean {
  const parent = node.parent;
  return parent !== undefined && (stringProperty(parent, 'compatible') ?? '') === 'arm,armv7-timer-mem';
}

/** Whether a node is, or lies anywhere below, a child of the root with this name. */
function isUnder(node: DtNode, rootChild: string): boolean {
  for (let at: DtNode | undefined = node; at?.parent !== undefined; at = at.parent) {
    if (at.parent.parent === undefined && at.name === rootChild) return true;
  }
  return false;
}
