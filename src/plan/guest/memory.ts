/**
 * The guest's memory: what U-Boot would have filled in. One memory node for its RAM; of the board's reserved regions only
 * those that the guest itself places, in sizes that its RAM can bear.
 */
import { alignDown, hex, MIB, rangesOverlap } from '../../base/index.ts';
import { type Board, sizeCells, stringProperty } from '../../devicetree/index.ts';
import { cellsValue, stringsValue, type TreeEdit } from '../edits.ts';
import type { RamPlan } from '../plan.ts';
import { ramBanks } from '../ram-banks.ts';
import { addNode, dropNode, dropProperty, numberCells, regValue, setEdit } from './nodes.ts';

export function memoryEdits(board: Board, ram: RamPlan): readonly TreeEdit[] {
  const { root } = board.tree;
  const old = [...root.children.values()].filter((node) => stringProperty(node, 'device_type') === 'memory');
  return [
    ...old.map((node) => dropNode(`/${node.name}`, "the board's RAM is not the guest's")),
    ...addNode(
      `/memory@${ram.base.toString(16)}`,
      { device_type: stringsValue('memory'), reg: regValue(root, ramBanks(ram)) },
      "the guest's RAM",
    ),
  ];
}

/** A pool that the kernel places itself takes at most this share of RAM. */
const POOL_SHARE = 4;
const POOL_ALIGNMENT = 4 * MIB;

/** The reserved regions that go: those at fixed places, which are the board's. */
export function droppedReservations(board: Board): readonly string[] {
  return board.reserved.filter(({ dynamic }) => dynamic === undefined).map(({ path }) => path);
}

export function reservedMemoryEdits(board: Board, ram: RamPlan): readonly TreeEdit[] {
  const edits: TreeEdit[] = droppedReservations(board).map((path) =>
    dropNode(path, "it lies in the board's RAM, outside the guest's"),
  );
  const parent = board.tree.root.children.get('reserved-memory');
  for (const { path, dynamic, node } of board.reserved) {
    if (dynamic === undefined || parent === undefined) continue;
    const alignment = Math.max(dynamic.alignmentBytes ?? POOL_ALIGNMENT, POOL_ALIGNMENT);
    const limit = alignDown(Math.floor(ram.size / POOL_SHARE), alignment);
    if (dynamic.sizeBytes > limit) {
      const why = `a pool of ${hex(dynamic.sizeBytes)} is more than a quarter of the guest's RAM`;
      if (limit === 0) edits.push(dropNode(path, why));
      else {
        edits.push(setEdit(path, 'size', cellsValue(...numberCells(limit, sizeCells(parent))), why));
      }
    }
    const outside = !dynamic.allocRanges.some((range) =>
      ramBanks(ram).some((bank) => rangesOverlap(range, bank)),
    );
    if (node.properties.has('alloc-ranges') && outside) {
      edits.push(dropProperty(path, 'alloc-ranges', "the window lies outside the guest's RAM"));
    }
  }
  return edits;
}
