/** `/chosen`: what a boot loader would have said: command line, console, and where the initial ramdisk lies. */
import { type AddrRange, rangeEnd } from '../../base/index.ts';
import { type Board, bigintAsCells } from '../../devicetree/index.ts';
import { cellsValue, stringsValue, type TreeEdit } from '../edits.ts';
import { addNode, dropProperties, dropProperty, setEdit } from './nodes.ts';

export interface ChosenPlan {
  readonly bootargs: string;
  /** The value of `stdout-path`. */
  readonly stdout?: string;
  readonly initrd?: AddrRange;
}

/** What firmware leaves in `/chosen` about its own boot. */
const FIRMWARE_PROPERTIES = [
  'linux,stdout-path',
  'kaslr-seed',
  'rng-seed',
  'linux,usable-memory-range',
  'linux,elfcorehdr',
  'linux,uefi-system-table',
  'linux,uefi-mmap-start',
  'linux,uefi-mmap-size',
  'u-boot,version',
];

export function chosenEdits(board: Board, chosen: ChosenPlan): readonly TreeEdit[] {
  const node = board.tree.root.children.get('chosen');
  const path = '/chosen';
  const edits: TreeEdit[] = node === undefined ? [...addNode(path, {}, 'what a boot loader says')] : [];
  edits.push(setEdit(path, 'bootargs', stringsValue(chosen.bootargs), "the kernel's command line"));
  if (chosen.stdout !== undefined) {
    edits.push(setEdit(path, 'stdout-path', stringsValue(chosen.stdout), 'the console'));
  } else if (node?.properties.has('stdout-path') === true) {
    edits.push(dropProperty(path, 'stdout-path', "the board's console is not passed"));
  }
  if (chosen.initrd !== undefined) {
    const address = (value: number) => cellsValue(...bigintAsCells(BigInt(value), 2));
    const why = 'where the monitor puts the initial ramdisk';
    edits.push(
      setEdit(path, 'linux,initrd-start', address(chosen.initrd.base), why),
      setEdit(path, 'linux,initrd-end', address(rangeEnd(chosen.initrd)), why),
    );
  } else if (node !== undefined) {
    edits.push(
      ...dropProperties(node, path, ['linux,initrd-start', 'linux,initrd-end'], 'there is no initrd'),
    );
  }
  if (node !== undefined) {
    edits.push(...dropProperties(node, path, FIRMWARE_PROPERTIES, "it is about the board's own boot"));
  }
  return edits;
}
