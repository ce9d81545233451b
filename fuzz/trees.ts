/** Random device trees: small ones, with names, values and phandles that meet each other. */
import {
  type DeviceTree,
  DtNode,
  encodeCells,
  encodeStrings,
  type MemoryReservation,
} from '../src/devicetree/index.ts';
import type { Random } from './random.ts';

const NODE_NAMES = [
  'soc',
  'cpus',
  'cpu@0',
  'cpu@1',
  'bus@1000',
  'bus',
  'clock',
  'a',
  'b@0',
  'chosen',
  'memory@0',
];
const PROPERTY_NAMES = [
  'compatible',
  'reg',
  'clocks',
  'assigned-clocks',
  'status',
  'name',
  'phandle',
  '#address-cells',
  'a',
  'ranges',
];
const PHANDLES = [0, 1, 2, 3, 4, 0xff, 0xffff_fffe, 0xffff_ffff];

export function randomTree(random: Random): DeviceTree {
  const root = new DtNode('');
  fillNode(random, root, 3);
  const memoryReservations = Array.from({ length: random.below(3) }, (): MemoryReservation => {
    return { address: BigInt(random.u32()), sizeBytes: BigInt(1 + random.u32()) };
  });
  return { root, memoryReservations, bootCpuidPhys: random.below(3) };
}

/** Gives a node some properties and children. */
export function fillNode(random: Random, node: DtNode, depth: number): void {
  for (let count = random.below(4); count > 0; count--) {
    const name = random.pick(PROPERTY_NAMES);
    node.setProperty({ name, value: name === 'name' ? encodeStrings(['other']) : randomValue(random, name) });
  }
  if (depth === 0) return;
  for (let count = random.below(4); count > 0; count--) {
    const child = new DtNode(random.pick(NODE_NAMES));
    fillNode(random, child, depth - 1);
    node.addChild(child);
  }
}

function randomValue(random: Random, name: string): Uint8Array {
  if (name === 'phandle' && random.below(4) > 0) return encodeCells([random.pick(PHANDLES)]);
  switch (random.below(4)) {
    case 0:
      return new Uint8Array(0);
    case 1:
      return encodeCells(Array.from({ length: 1 + random.below(4) }, () => random.pick(PHANDLES)));
    case 2:
      return encodeStrings([random.pick(NODE_NAMES), `/${random.pick(NODE_NAMES)}`].slice(random.below(2)));
    default:
      return random.bytes(random.below(12));
  }
}
