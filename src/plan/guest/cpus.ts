/**
 * The guest's CPUs: as many as it has vCPUs, numbered from 0 as libvmm 0.2 numbers them (PSCI CPU_ON's target is the vCPU
 * number, and VMPIDR_EL2 holds it). They are new nodes: what the board's say of clocks, supplies, operating points, caches
 * and idle states is about physical CPUs, which the guest neither scales nor puts to sleep; CPU_SUSPEND stops a guest of
 * libvmm 0.2 for good.
 */
import { addressCells, type Board, stringProperty, stringsProperty } from '../../devicetree/index.ts';
import { cellsValue, stringsValue, type TreeEdit } from '../edits.ts';
import { addNode, dropNode, numberCells, setEdit } from './nodes.ts';

/** How many processors a board's tree has. */
export function cpuCount(board: Board): number {
  return cpuNodes(board).length;
}

function cpuNodes(board: Board) {
  const cpus = board.tree.root.children.get('cpus');
  return [...(cpus?.children.values() ?? [])].filter(
    (node) => stringProperty(node, 'device_type') === 'cpu' || node.baseName === 'cpu',
  );
}

/** The edits that leave so many processors and what refers to them. */
export function cpuEdits(board: Board, vcpus: number): readonly TreeEdit[] {
  const cpus = board.tree.root.children.get('cpus');
  if (cpus === undefined) return [];
  const edits: TreeEdit[] = [];
  for (const child of cpus.children.values()) {
    edits.push(dropNode(`/cpus/${child.name}`, 'it describes physical CPUs'));
  }
  const physical = cpuNodes(board);
  for (let vcpu = 0; vcpu < vcpus; vcpu += 1) {
    const model = stringsProperty(physical[vcpu] ?? physical[0] ?? cpus, 'compatible') ?? ['arm,armv8'];
    edits.push(
      ...addNode(
        `/cpus/cpu@${vcpu.toString(16)}`,
        {
          device_type: stringsValue('cpu'),
          compatible: stringsValue(...model),
          reg: cellsValue(...numberCells(vcpu, addressCells(cpus))),
          'enable-method': stringsValue('psci'),
        },
        `vCPU ${vcpu}`,
      ),
    );
  }
  return edits;
}

/** What says PSCI in a tree (binding `arm,psci.yaml`). */
export const PSCI_COMPATIBLES = ['arm,psci-1.0', 'arm,psci-0.2', 'arm,psci'];

/** One PSCI node that calls by SMC: libvmm 0.2 answers no HVC. */
export function psciEdits(board: Board): readonly TreeEdit[] {
  const why = 'the monitor answers PSCI by SMC';
  const nodes = board.devices.filter(({ compatible }) =>
    PSCI_COMPATIBLES.some((name) => compatible.includes(name)),
  );
  const [first, ...others] = nodes;
  const properties = {
    compatible: stringsValue('arm,psci-1.0', 'arm,psci-0.2'),
    method: stringsValue('smc'),
  };
  if (first === undefined) return addNode('/psci', properties, why);
  return [
    ...others.map(({ path }) => dropNode(path, why)),
    ...[...first.node.children.values()].map((child) =>
      dropNode(`${first.path}/${child.name}`, 'power states of physical CPUs'),
    ),
    ...Object.entries(properties).map(([name, value]) => setEdit(first.path, name, value, why)),
    ...(first.status.text === undefined ? [] : [setEdit(first.path, 'status', stringsValue('okay'), why)]),
  ];
}
