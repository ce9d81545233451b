/**
 * The board's GIC: version and register frames. After the kernel's bindings `arm,gic.yaml` and `arm,gic-v3.yaml`; what
 * the frames are is GICv2 IHI 0048B §4.1 and GICv3 IHI 0069H §12.1.
 */
import type { AddrRange, Paddr } from '../../base/index.ts';
import type { DtNode } from '../tree.ts';
import { cellsAsBigint, cellsProperty, stringsProperty, u32Property } from '../value.ts';
import type { AddressMap } from './addresses.ts';
import { gicVersionOf } from './interrupts/gic-specifier.ts';
import { isEnabledIn, pathIn, type TreeIndex } from './tree-index.ts';

/** Where the GIC's register frames are, for the CPU; absent where the tree does not say. */
export interface GicFrames {
  /** Distributor. */
  readonly gicd?: AddrRange<Paddr>;
  /** Redistributor regions of GICv3, each holding one redistributor per CPU at {@link Gic.redistributorStride}. */
  readonly gicr: readonly AddrRange<Paddr>[];
  /** CPU interface. Absent where it is system registers only. */
  readonly gicc?: AddrRange<Paddr>;
  /** The hypervisor's control of virtual interrupts. */
  readonly gich?: AddrRange<Paddr>;
  /** The CPU interface that a guest is given in place of GICC. */
  readonly gicv?: AddrRange<Paddr>;
}

/** The board's interrupt controller, of version 2 or 3 (which stands for 4 too). */
export interface Gic extends GicFrames {
  readonly node: DtNode;
  readonly path: string;
  readonly version: 2 | 3;
  /** From one redistributor to the next, in bytes, where the tree overrides what the registers say. */
  readonly redistributorStride?: number;
  /** Interrupt translation services of GICv3. */
  readonly its: readonly { readonly node: DtNode; readonly frame?: AddrRange }[];
  /** Frames that turn messages into SPIs (GICv2m). */
  readonly v2m: readonly { readonly node: DtNode; readonly frame?: AddrRange }[];
}

/**
 * The GIC that the CPUs' interrupts end at, or `undefined` where the board has none (BCM2837). Where a tree has more
 * than one, it is the enabled one that is no other controller's input.
 */
export function describeGic(index: TreeIndex, addresses: AddressMap): Gic | undefined {
  const candidates = index.nodes.filter(
    (node) => isEnabledIn(index, node) && gicVersionOf(index, node) !== undefined,
  );
  const node = candidates[0];
  const version = node === undefined ? undefined : gicVersionOf(index, node);
  if (node === undefined || version === undefined) return undefined;
  const frames = addresses.regsOf(node).map(({ cpu }) => cpu);
  const stride = redistributorStride(node);
  return {
    node,
    path: pathIn(index, node),
    version,
    ...(version === 2 ? gicv2Frames(frames) : gicv3Frames(frames, node)),
    ...(stride === undefined ? {} : { redistributorStride: stride }),
    its: childFrames(index, addresses, node, 'arm,gic-v3-its'),
    v2m: childFrames(index, addresses, node, 'arm,gic-v2m-frame'),
  };
}

type Frames = readonly (AddrRange<Paddr> | undefined)[];

function gicv2Frames([gicd, gicc, gich, gicv]: Frames): GicFrames {
  return { gicr: [], ...present({ gicd, gicc, gich, gicv }) };
}

function gicv3Frames(frames: Frames, node: DtNode): GicFrames {
  const regions = u32Property(node, '#redistributor-regions') ?? 1;
  const [gicc, gich, gicv] = frames.slice(1 + regions);
  const gicr = frames.slice(1, 1 + regions).filter((frame) => frame !== undefined);
  return { gicr, ...present({ gicd: frames[0], gicc, gich, gicv }) };
}

function present(
  frames: Readonly<Record<string, AddrRange<Paddr> | undefined>>,
): Readonly<Record<string, AddrRange<Paddr>>> {
  return Object.fromEntries(
    Object.entries(frames).flatMap(([name, frame]) => (frame ? [[name, frame]] : [])),
  );
}

function redistributorStride(node: DtNode): number | undefined {
  const cells = cellsProperty(node, 'redistributor-stride');
  const stride = cells === undefined ? undefined : cellsAsBigint(cells, 0, cells.length);
  return stride === undefined || stride > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(stride);
}

function childFrames(index: TreeIndex, addresses: AddressMap, gic: DtNode, compatible: string): Gic['its'] {
  return [...gic.children.values()]
    .filter((child) => (stringsProperty(child, 'compatible') ?? []).includes(compatible))
    .filter((child) => isEnabledIn(index, child))
    .map((node) => {
      const frame = addresses.regsOf(node)[0]?.cpu;
      return frame === undefined ? { node } : { node, frame };
    });
}
