/**
 * The interrupt controller as a guest must see it: the distributor (and redistributors) that libvmm 0.2 emulates, and for
 * GICv2 the CPU interface, behind which the hardware's GICV is mapped. The hypervisor's frames, the maintenance interrupt
 * and message interrupts go. After the bindings `arm,gic.yaml` and `arm,gic-v3.yaml`; sizes from libvmm's `vgic.h`.
 */
import { type AddrRange, KIB, oneToOne } from '../../base/index.ts';
import type { Board, Gic } from '../../devicetree/index.ts';
import type { TreeEdit } from '../edits.ts';
import type { GicPlan } from '../plan.ts';
import { dropNode, dropProperties, dropProperty, regValue, setEdit } from './nodes.ts';

const GICV2_FRAME_BYTES = 4 * KIB;
const GICV3_DISTRIBUTOR_BYTES = 64 * KIB;

/** Two frames of 64 KiB a processor (GICv3 IHI 0069H §12.10). */
export const REDISTRIBUTOR_BYTES = 128 * KIB;

/** `undefined` where the tree does not give the frames that a guest needs. */
export function planGic(gic: Gic): GicPlan | undefined {
  const { version, path, gicd, gicc, gicv, gicr } = gic;
  if (gicd === undefined) return undefined;
  if (version === 3) {
    const first = gicr[0];
    if (first === undefined) return undefined;
    return {
      version,
      path,
      distributor: { base: oneToOne(gicd.base), size: GICV3_DISTRIBUTOR_BYTES },
      redistributors: oneToOne(first.base),
    };
  }
  if (gicc === undefined || gicv === undefined) return undefined;
  return {
    version,
    path,
    distributor: { base: oneToOne(gicd.base), size: GICV2_FRAME_BYTES },
    virtualCpuInterface: { physAddr: gicv.base, guestAddr: oneToOne(gicc.base) },
  };
}

/** The edits that make of the board's interrupt controller the one that the monitor emulates. */
export function gicEdits(board: Board, gic: GicPlan, vcpus: number): readonly TreeEdit[] {
  const node = board.gic?.node;
  const bus = node?.parent;
  if (node === undefined || bus === undefined) return [];
  const why =
    gic.version === 2
      ? 'the emulated distributor, and the CPU interface behind which GICV is mapped'
      : 'distributor and one redistributor per vCPU, both emulated';
  const frames: readonly AddrRange[] =
    gic.version === 2
      ? [gic.distributor, { base: gic.virtualCpuInterface?.guestAddr ?? 0, size: GICV2_FRAME_BYTES }]
      : [gic.distributor, { base: gic.redistributors ?? 0, size: REDISTRIBUTOR_BYTES * vcpus }];
  const offsets = frames.map((frame) => ({ base: busAddressOf(board, frame), size: frame.size }));
  return [
    // Deleted, not disabled: Linux's GICv2m driver looks for its frames without asking for their status.
    ...[...node.children.values()].map((child) =>
      dropNode(`${gic.path}/${child.name}`, 'the emulated controller takes no messages'),
    ),
    setEdit(gic.path, 'reg', regValue(bus, offsets), why),
    ...dropProperties(node, gic.path, ['reg-names'], why),
    ...['interrupts', 'interrupts-extended']
      .filter((name) => node.properties.has(name))
      .map((name) => dropProperty(gic.path, name, 'the maintenance interrupt belongs to the hypervisor')),
    ...dropProperties(
      node,
      gic.path,
      ['#redistributor-regions', 'redistributor-stride'],
      'the emulated redistributors lie in one region, one after the other',
    ),
    ...dropProperties(
      node,
      gic.path,
      ['msi-controller', '#msi-cells', 'mbi-ranges', 'mbi-alias'],
      'the emulated controller takes no messages',
    ),
  ];
}

/** The address on the GIC's own bus, from the entry of its `reg` that lies there for the CPU. */
function busAddressOf(board: Board, frame: AddrRange): number {
  const regs = board.gic === undefined ? [] : (board.deviceOf(board.gic.node)?.regs ?? []);
  const reg = regs.find(({ cpu }) => cpu?.base === frame.base);
  return reg?.busAddress?.addr ?? frame.base;
}
