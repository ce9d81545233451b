/**
 * What the tree says of RAM: memory nodes (DTSpec 0.4 §3.4), `/reserved-memory` (§3.5) and the reservation block
 * (§5.3). Firmware often fills the memory node in only when it boots: an empty list is an answer, too.
 */
import { type AddrRange, mergeRanges, PADDR_LIMIT, type Paddr } from '../../base/index.ts';
import type { DtNode } from '../tree.ts';
import { cellsAsBigint, cellsProperty, stringProperty } from '../value.ts';
import type { AddressMap, Reg } from './addresses.ts';
import { addressCells, sizeCells } from './bus.ts';
import { isEnabledIn, pathIn, type TreeIndex } from './tree-index.ts';

/** One node under `/reserved-memory`. */
export interface ReservedMemory {
  readonly node: DtNode;
  readonly path: string;
  readonly enabled: boolean;
  /** `reg`, for regions at a fixed place. */
  readonly regs: readonly Reg[];
  /** For regions that the operating system places: how much, how aligned, and within what. */
  readonly dynamic?: {
    readonly sizeBytes: number;
    readonly alignmentBytes?: number;
    readonly allocRanges: readonly AddrRange<Paddr>[];
  };
  /** The operating system must not even map it. */
  readonly noMap: boolean;
  /** The operating system may use it until its owner asks. */
  readonly reusable: boolean;
}

/**
 * RAM and what is taken from it, as the tree has them: memory nodes, `/reserved-memory`, the blob's
 * reservations.
 */
export interface BoardMemory {
  /** RAM, merged and in order of address; empty where the tree leaves it to the firmware. */
  readonly ram: readonly AddrRange<Paddr>[];
  readonly reserved: readonly ReservedMemory[];
  /** The reservation block of the blob. Entries beyond the address space are dropped. */
  readonly memreserve: readonly AddrRange<Paddr>[];
}

export function describeMemory(index: TreeIndex, addresses: AddressMap): BoardMemory {
  const { root } = index.tree;
  const memories = [...root.children.values()].filter(
    (node) => stringProperty(node, 'device_type') === 'memory' && isEnabledIn(index, node),
  );
  const ram = memories.flatMap((node) => addresses.regsOf(node)).flatMap(({ cpu }) => (cpu ? [cpu] : []));
  const parent = root.children.get('reserved-memory');
  return {
    ram: mergeRanges(ram),
    reserved:
      parent === undefined
        ? []
        : [...parent.children.values()].map((node) => reserved(index, addresses, node)),
    memreserve: index.tree.memoryReservations.flatMap(({ address, sizeBytes }) =>
      address + sizeBytes > BigInt(PADDR_LIMIT) ? [] : [{ base: Number(address), size: Number(sizeBytes) }],
    ),
  };
}

function reserved(index: TreeIndex, addresses: AddressMap, node: DtNode): ReservedMemory {
  const sizeBytes = numberProperty(node, 'size');
  const alignmentBytes = numberProperty(node, 'alignment');
  return {
    node,
    path: pathIn(index, node),
    enabled: isEnabledIn(index, node),
    regs: addresses.regsOf(node),
    ...(sizeBytes === undefined
      ? {}
      : {
          dynamic: {
            sizeBytes,
            ...(alignmentBytes === undefined ? {} : { alignmentBytes }),
            allocRanges: allocRanges(node),
          },
        }),
    noMap: node.properties.has('no-map'),
    reusable: node.properties.has('reusable'),
  };
}

function numberProperty(node: DtNode, name: string): number | undefined {
  const cells = cellsProperty(node, name);
  const value = cells === undefined || cells.length === 0 ? undefined : cellsAsBigint(cells, 0, cells.length);
  return value === undefined || value > BigInt(PADDR_LIMIT) ? undefined : Number(value);
}

/** Whole entries only: a property that is cut short names nothing in its last, incomplete entry. */
function allocRanges(node: DtNode): readonly AddrRange<Paddr>[] {
  const cells = cellsProperty(node, 'alloc-ranges');
  const parent = node.parent;
  if (cells === undefined || parent === undefined) return [];
  const [naddr, nsize] = [addressCells(parent), sizeCells(parent)];
  const ranges: AddrRange<Paddr>[] = [];
  for (let at = 0; naddr + nsize > 0 && at + naddr + nsize <= cells.length; at += naddr + nsize) {
    const base = cellsAsBigint(cells, at, naddr) ?? 0n;
    const size = cellsAsBigint(cells, at + naddr, nsize) ?? 0n;
    if (base + size <= BigInt(PADDR_LIMIT)) ranges.push({ base: Number(base), size: Number(size) });
  }
  return ranges;
}
