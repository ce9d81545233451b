/**
 * Resolves random trees: random cell counts, phandles that lead anywhere, loops in interrupt parents, ranges of every
 * length, controllers of every known kind. Nothing may throw, hang or grow without bound, and what is resolved must be sane.
 */
import { DiagnosticSink, hex } from '../src/base/index.ts';
import {
  type DeviceTree,
  DtNode,
  diffTrees,
  encodeCells,
  encodeStrings,
  needsOf,
  reportBoard,
  resolveTree,
  writeDtb,
} from '../src/devicetree/index.ts';
import { CONTROLLER_RULES } from '../src/devicetree/resolve/interrupts/rules.ts';
import { STANDARD_PROPERTIES } from '../src/devicetree/resolve/references/standard-properties.ts';
import { VENDOR_PROPERTIES } from '../src/devicetree/resolve/references/vendor-properties.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const COMPATIBLES = [
  'arm,gic-400',
  'arm,gic-v3',
  'arm,gic-v3-its',
  'simple-bus',
  'acme,x',
  ...CONTROLLER_RULES.keys(),
];
const NAMES = [
  'soc',
  'pcie',
  'i2c',
  'dev',
  'cpus',
  'reserved-memory',
  'chosen',
  'aliases',
  '__symbols__',
  'port',
  'memory',
];
const REFERENCE_NAMES = [...Object.keys(STANDARD_PROPERTIES), ...Object.keys(VENDOR_PROPERTIES)];
const CELL_COUNTS = [
  '#address-cells',
  '#size-cells',
  '#interrupt-cells',
  '#clock-cells',
  '#gpio-cells',
  '#msi-cells',
  '#redistributor-regions',
];
const TABLES = [
  'reg',
  'ranges',
  'dma-ranges',
  'interrupts',
  'interrupts-extended',
  'interrupt-map',
  'interrupt-map-mask',
  'amlogic,channel-interrupts',
  'ti,interrupt-ranges',
  'marvell,spi-ranges',
  'qcom,pdc-ranges',
  'size',
  'alloc-ranges',
  'redistributor-stride',
  'acme,unknown',
];
const STRINGS = ['status', 'device_type', 'reg-names', 'interrupt-names', 'clock-names', 'stdout-path'];
const TEXTS = ['okay', 'ok', 'disabled', 'fail-1', 'memory', 'pci', '/soc', 'serial0:1', ''];
const FLAGS = ['interrupt-controller', 'ranges', 'gpio-hog', 'no-map'];
const MAX_NODES = 24;

function randomCell(random: Random, phandles: number): number {
  switch (random.below(6)) {
    case 0:
      return random.u32();
    case 1:
      return 0xffff_ffff;
    case 2:
      return random.below(4096) * 4096;
    default:
      return random.below(phandles + 3);
  }
}

function randomCells(random: Random, phandles: number): Uint8Array {
  const count = random.below(random.below(4) === 0 ? 40 : 9);
  const value = encodeCells(Array.from({ length: count }, () => randomCell(random, phandles)));
  return random.below(20) === 0 ? value.subarray(0, Math.max(0, value.length - 1)) : value;
}

function addProperties(random: Random, node: DtNode, phandles: number): void {
  const cells = (name: string, value: Uint8Array) => node.setProperty({ name, value });
  const many = random.below(9);
  for (let at = 0; at < many; at += 1) {
    switch (random.below(7)) {
      case 0:
        cells(
          random.pick(CELL_COUNTS),
          encodeCells([random.below(10) === 0 ? random.u32() : random.below(5)]),
        );
        break;
      case 1:
        cells(random.pick(REFERENCE_NAMES), randomCells(random, phandles));
        break;
      case 2:
      case 3:
        cells(random.pick(TABLES), randomCells(random, phandles));
        break;
      case 4:
        cells(random.pick(STRINGS), encodeStrings([random.pick(TEXTS)]));
        break;
      case 5:
        cells('compatible', encodeStrings([random.pick(COMPATIBLES), random.pick(COMPATIBLES)]));
        if (random.below(2) === 0) cells('interrupt-controller', new Uint8Array());
        break;
      default:
        if (random.below(2) === 0) cells(random.pick(FLAGS), new Uint8Array());
        else cells('interrupt-parent', encodeCells([random.below(phandles + 2)]));
    }
  }
}

function randomTree(random: Random): DeviceTree {
  const root = new DtNode('');
  const nodes = [root];
  const count = 1 + random.below(MAX_NODES);
  for (let at = 1; at < count; at += 1) {
    const parent = random.below(3) === 0 ? nodes.at(-1) : random.pick(nodes);
    nodes.push((parent ?? root).addChild(new DtNode(`${random.pick(NAMES)}@${at}`)));
  }
  for (const [at, node] of nodes.entries()) {
    addProperties(random, node, count);
    if (random.below(2) === 0)
      node.setProperty({ name: 'phandle', value: encodeCells([random.below(3) === 0 ? 1 : at]) });
  }
  return { root, memoryReservations: [], bootCpuidPhys: 0 };
}

function check(tree: DeviceTree): void {
  const board = resolveTree(tree);
  for (const device of board.devices) {
    for (const { cpu } of device.regs) {
      if (cpu !== undefined && !(cpu.size > 0 && cpu.base >= 0 && cpu.base + cpu.size <= 2 ** 52)) {
        throw new Error(`${device.path}: ${hex(cpu.base)} + ${hex(cpu.size)}`);
      }
    }
    for (const interrupt of device.interrupts) {
      if (interrupt.reach === 'none') continue;
      const sane = interrupt.gic.every(({ intid }) => intid >= 16 && intid < 5120);
      if (!sane || interrupt.gic.length === 0)
        throw new Error(`${device.path}: interrupt ${interrupt.index}`);
    }
    board.coTenants(device, 4096);
  }
  reportBoard(board, new DiagnosticSink());
  needsOf(
    board,
    board.devices.slice(0, 2).map(({ node }) => node),
  );
  if (diffTrees(tree, tree).length > 0) throw new Error('a tree differs from itself');
}

export function fuzz({ runs, seed }: FuzzOptions): void {
  for (let run = 0; run < runs; run += 1) {
    const tree = randomTree(seededRandom(seed + run));
    try {
      check(tree);
    } catch (error) {
      const blob = Buffer.from(writeDtb(tree)).toString('base64');
      throw new Error(`seed ${seed + run}: the blob is ${blob}`, { cause: error });
    }
  }
}
