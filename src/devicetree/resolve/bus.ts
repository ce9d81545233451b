/**
 * Buses: what the `reg` of a node's children is counted in. Only a bus whose `ranges` lead to the root is mapped into
 * the CPU's address space (DTSpec 0.4 §2.3.8); every other one is named here by its kind.
 */
import type { DtNode } from '../tree.ts';
import { stringProperty, stringsProperty, u32Property } from '../value.ts';

/**
 * Whether a node is a bus that only passes addresses on (DTSpec 0.4 §4.5): no device of its own, even where it has a
 * `reg`, which then covers its children's.
 */
export function isPlainBus(compatible: readonly string[]): boolean {
  return compatible.includes('simple-bus');
}

/** The kinds of bus whose addresses are no CPU addresses. */
export const BUS_KINDS = {
  cpus: 'CPU numbers (MPIDR)',
  i2c: 'an I2C bus',
  i3c: 'an I3C bus',
  spi: 'an SPI bus',
  mdio: 'an MDIO bus',
  usb: 'a USB bus',
  pci: 'a PCI bus',
  spmi: 'an SPMI bus',
  rsb: "Allwinner's reduced serial bus",
  slimbus: 'a SLIMbus',
  soundwire: 'a SoundWire bus',
  mmc: 'an SD or MMC slot',
  dsi: 'a MIPI DSI link',
  graph: 'ports and endpoints of a graph',
  sound: 'links of a sound card',
  'power-domains': 'numbers of power domains',
  channels: 'numbers of channels or outputs of the device above',
  isa: 'an ISA bus',
  'nvmem-cells': 'offsets in a non-volatile memory',
  partitions: 'offsets in a flash memory',
  registers: 'offsets in the device above',
} as const;

/** How a bus addresses its children; {@link BUS_KINDS} says it in words. */
export type BusKind = keyof typeof BUS_KINDS;

const DEFAULT_ADDRESS_CELLS = 2;
const DEFAULT_SIZE_CELLS = 1;

/** How many cells an address of the children takes. Not inherited; absent is 2 (DTSpec 0.4 §2.3.5). */
export function addressCells(bus: DtNode): number {
  return u32Property(bus, '#address-cells') ?? DEFAULT_ADDRESS_CELLS;
}

/** How many cells a size of the children takes. Not inherited; absent is 1 (DTSpec 0.4 §2.3.5). */
export function sizeCells(bus: DtNode): number {
  return u32Property(bus, '#size-cells') ?? DEFAULT_SIZE_CELLS;
}

/** A PCI host or bridge, whose addresses begin with the space code (IEEE 1275 PCI bus binding 2.1 §2.2.1.1). */
export function isPciBus(bus: DtNode): boolean {
  const type = stringProperty(bus, 'device_type');
  if (type === 'pci' || type === 'pciex') return true;
  return (bus.baseName === 'pcie' || bus.baseName === 'pci') && u32Property(bus, '#address-cells') === 3;
}

/** Base names of nodes, and what their children's `reg` counts. A name stands for the bus in all bindings that use it. */
const KIND_BY_NAME: Readonly<Record<string, BusKind>> = {
  cpus: 'cpus',
  ports: 'graph',
  'in-ports': 'graph',
  'out-ports': 'graph',
  port: 'graph',
  typec: 'graph',
  i2c: 'i2c',
  cci: 'i2c',
  'i2c-bus': 'i2c',
  i3c: 'i3c',
  spi: 'spi',
  spmi: 'spmi',
  pmic: 'spmi',
  rsb: 'rsb',
  slim: 'slimbus',
  ngd: 'slimbus',
  soundwire: 'soundwire',
  'soundwire-controller': 'soundwire',
  swm: 'soundwire',
  usb: 'usb',
  hub: 'usb',
  pcie: 'pci',
  pci: 'pci',
  mmc: 'mmc',
  sd: 'mmc',
  dwmmc2: 'mmc',
  sound: 'sound',
  dais: 'sound',
  isa: 'isa',
  mdios: 'mdio',
  dpmacs: 'channels',
  'power-domain': 'power-domains',
  'power-controller': 'power-domains',
  pgc: 'power-domains',
  efuse: 'nvmem-cells',
  eeprom: 'nvmem-cells',
  qfprom: 'nvmem-cells',
  nvmem: 'nvmem-cells',
  nvmem_firmware: 'nvmem-cells',
  ocotp: 'nvmem-cells',
  partitions: 'partitions',
  flash: 'partitions',
  'nor-flash': 'partitions',
};
const NAME_PATTERNS: readonly (readonly [RegExp, BusKind])[] = [
  [/mdio|phy-mux/, 'mdio'],
  [/^i2c/, 'i2c'],
  [/^spi/, 'spi'],
  [/^usb/, 'usb'],
];
const COMPATIBLE_PATTERNS: readonly (readonly [RegExp, BusKind])[] = [
  [/mdio/, 'mdio'],
  [/i2c-mux|,pca954\d$|i2c-gpio/, 'i2c'],
  [/fixed-partitions|jedec,spi-nor/, 'partitions'],
  [/audio-graph-card|simple-audio-card/, 'sound'],
];

/** Names of nodes that say what they are numbered on, whatever holds them. */
const KIND_BY_CHILD: Readonly<Record<string, BusKind>> = {
  port: 'graph',
  endpoint: 'graph',
  panel: 'dsi',
  bridge: 'dsi',
  'ethernet-phy': 'mdio',
  cpu: 'cpus',
};

/**
 * The kind of a bus that is not mapped: from its `compatible`, its name, whether its children have sizes, and the name
 * of the child that is asked about.
 */
export function busKindOf(bus: DtNode, child?: DtNode): BusKind {
  if (isPciBus(bus)) return 'pci';
  for (const compatible of stringsProperty(bus, 'compatible') ?? []) {
    for (const [pattern, kind] of COMPATIBLE_PATTERNS) if (pattern.test(compatible)) return kind;
  }
  const base = bus.baseName;
  const named = Object.hasOwn(KIND_BY_NAME, base) ? KIND_BY_NAME[base] : undefined;
  const sized = sizeCells(bus) > 0;
  if (named !== undefined && !(sized && NUMBERED_KINDS.has(named))) return named;
  if (sized) return 'registers';
  for (const [pattern, kind] of NAME_PATTERNS) if (pattern.test(base)) return kind;
  const name = child?.baseName ?? '';
  return (Object.hasOwn(KIND_BY_CHILD, name) ? KIND_BY_CHILD[name] : undefined) ?? 'channels';
}

/** Buses whose children have no sizes; a bus of such a name that gives sizes is something else. */
const NUMBERED_KINDS: ReadonlySet<BusKind> = new Set<BusKind>([
  'i2c',
  'spi',
  'mdio',
  'usb',
  'power-domains',
  'mmc',
]);
