/**
 * Addresses: `reg` entries as CPU physical ranges, through every bus's `ranges` up to the root, or the reason why not.
 * After DTSpec 0.4 §2.3.6 (reg), §2.3.8 (ranges), §2.3.9 (dma-ranges) and the IEEE 1275 PCI bus binding 2.1 §2.2.1.1
 * (three-cell addresses). A missing `ranges` is a wall, an empty one is identity; nothing is ever passed on by default.
 */
import { type AddrRange, PADDR_LIMIT, type Paddr } from '../../base/index.ts';
import type { DtNode } from '../tree.ts';
import { cellsOf, stringsProperty } from '../value.ts';
import { addressCells, type BusKind, busKindOf, isPciBus, sizeCells } from './bus.ts';
import type { RegReason } from './reasons.ts';

/** An address on some bus: what its low 64 bits say, and the cells above them (a PCI space code, a chip select). */
export interface BusAddress {
  /** The cells above the low two, as one number: 0 for addresses of one or two cells. */
  readonly space: number;
  readonly addr: number;
}

/** Where a bus range lies for the CPU, or why it lies nowhere. */
export type CpuRange =
  | { readonly cpu: AddrRange<Paddr>; readonly reason?: undefined; readonly bus?: undefined }
  | {
      readonly cpu?: undefined;
      readonly reason: RegReason;
      /** The node at which translation stopped. */
      readonly at: DtNode;
      /** For `other-bus` and `no-ranges`: what kind of bus that node is. */
      readonly bus?: BusKind;
    };

/** One entry of a node's `reg`. */
export type Reg = {
  readonly index: number;
  /** From `reg-names`. */
  readonly name?: string;
  /** As written: an address of the parent bus and its size there; `undefined` where the cells can't be read. */
  readonly busAddress?: BusAddress;
  readonly sizeBytes?: number;
} & CpuRange;

const MAX_ADDRESS_CELLS = 4;
const MAX_SIZE_CELLS = 2;
/** Real trees have up to 200 or so. */
const MAX_REG_ENTRIES = 4096;
/** Far above any board's; keeps a hostile tree from costing entries times entries. */
const MAX_RANGES_ENTRIES = 1024;
/** How many buses with ranges of their own may lie above a device; real trees have up to 6. */
const MAX_TRANSLATIONS = 64;
const CELL = 2 ** 32;
/** The space code of a PCI address: bits ss of phys.hi. 0 configuration, 1 I/O, 2 and 3 memory. */
const PCI_SPACE_SHIFT = 24;

interface RangesEntry {
  readonly child: BusAddress;
  readonly parent: BusAddress;
  readonly size: number;
}
type Ranges = readonly RangesEntry[] | 'identity' | 'none' | 'bad';

const NO_REGS: readonly Reg[] = [];

/** What is remembered of a bus. */
interface Bus {
  readonly addressCells: number;
  readonly sizeCells: number;
  readonly isPci: boolean;
  /** Why no `reg` of a child is an address, where that is so for all of them. */
  readonly noAddress: 'pci-device' | 'other-bus' | undefined;
}

/** Translates addresses of one tree; remembers each bus's `ranges`. */
export class AddressMap {
  readonly #buses = new Map<DtNode, Bus>();
  readonly #ranges = new Map<DtNode, Ranges>();
  readonly #skips = new Map<DtNode, DtNode>();

  /** The entries of a node's `reg`; empty where it has none. */
  regsOf(node: DtNode): readonly Reg[] {
    const property = node.properties.get('reg');
    const parent = node.parent;
    if (property === undefined || parent === undefined) return NO_REGS;
    const bus = this.#busOf(parent);
    const { addressCells: naddr, sizeCells: nsize } = bus;
    if (naddr < 1 || naddr > MAX_ADDRESS_CELLS || nsize > MAX_SIZE_CELLS) {
      return [{ index: 0, reason: 'bad-cell-counts', at: parent }];
    }
    const cells = cellsOf(property.value);
    const stride = naddr + nsize;
    const count = (cells?.length ?? 0) / stride;
    if (cells === undefined || count === 0 || !Number.isInteger(count) || count > MAX_REG_ENTRIES) {
      return [{ index: 0, reason: 'bad-cells', at: node }];
    }
    const names = node.properties.has('reg-names') ? (stringsProperty(node, 'reg-names') ?? []) : [];
    const regs: Reg[] = [];
    for (let at = 0, index = 0; at < cells.length; at += stride, index += 1) {
      const busAddress = readAddress(cells, at, naddr, bus.isPci);
      const sizeBytes = readNumber(cells, at + naddr, nsize);
      const found = this.#cpuRange(node, parent, bus, busAddress, sizeBytes);
      const name = names[index];
      regs.push(
        name === undefined || name === ''
          ? { index, busAddress, sizeBytes, ...found }
          : { index, name, busAddress, sizeBytes, ...found },
      );
    }
    return regs;
  }

  #busOf(node: DtNode): Bus {
    const known = this.#buses.get(node);
    if (known !== undefined) return known;
    const isPci = isPciBus(node);
    const isWall = node.parent !== undefined && this.#rangesOf(node) === 'none';
    const [naddr, nsize] = [addressCells(node), sizeCells(node)];
    const noAddress = isPci ? 'pci-device' : isWall || nsize === 0 ? 'other-bus' : undefined;
    const bus: Bus = { addressCells: naddr, sizeCells: nsize, isPci, noAddress };
    this.#buses.set(node, bus);
    return bus;
  }

  #cpuRange(node: DtNode, at: DtNode, bus: Bus, address: BusAddress, sizeBytes: number): CpuRange {
    const { noAddress } = bus;
    if (noAddress === 'pci-device') return { reason: noAddress, at, bus: 'pci' };
    if (noAddress !== undefined) return { reason: noAddress, at, bus: busKindOf(at, node) };
    if (sizeBytes === 0) return { reason: 'no-size', at: node };
    return this.translate(at, address, sizeBytes);
  }

  /** Where a range of `bus`'s child addresses lies for the CPU. */
  translate(bus: DtNode, address: BusAddress, sizeBytes: number): CpuRange {
    let at = address;
    let node = this.#aboveIdentity(bus);
    for (let count = 0; node.parent !== undefined; count += 1) {
      const ranges = this.#rangesOf(node);
      if (ranges === 'none') return { reason: 'no-ranges', at: node, bus: busKindOf(node) };
      if (ranges === 'bad') return { reason: 'bad-ranges', at: node };
      if (count === MAX_TRANSLATIONS) return { reason: 'too-deep', at: node };
      if (ranges !== 'identity') {
        const mapped = throughRanges(ranges, at, sizeBytes);
        if (typeof mapped === 'string') return { reason: mapped, at: node };
        at = mapped;
      }
      node = this.#aboveIdentity(node.parent);
    }
    if (at.space !== 0 || at.addr + sizeBytes > PADDR_LIMIT) return { reason: 'too-high', at: node };
    return { cpu: { base: at.addr, size: sizeBytes } };
  }

  /** The bus itself or the first above it whose ranges are more than identity; remembered for all that lie between. */
  #aboveIdentity(bus: DtNode): DtNode {
    const passed: DtNode[] = [];
    let node = bus;
    while (node.parent !== undefined && this.#rangesOf(node) === 'identity') {
      const known = this.#skips.get(node);
      if (known !== undefined) {
        node = known;
        break;
      }
      passed.push(node);
      node = node.parent;
    }
    for (const identity of passed) this.#skips.set(identity, node);
    return node;
  }

  #rangesOf(bus: DtNode): Ranges {
    let ranges = this.#ranges.get(bus);
    if (ranges === undefined) {
      ranges = readRanges(bus, 'ranges');
      this.#ranges.set(bus, ranges);
    }
    return ranges;
  }
}

/** A window of a bus: child addresses and where the bus above sees them. */
export interface BusWindow {
  readonly child: BusAddress;
  readonly parent: BusAddress;
  readonly sizeBytes: number;
}

/**
 * The windows of `ranges` or `dma-ranges`: `undefined` where the bus has no such property or it can't be read, an empty
 * list where it is identity.
 */
export function busWindows(bus: DtNode, property: 'ranges' | 'dma-ranges'): readonly BusWindow[] | undefined {
  const ranges = readRanges(bus, property);
  if (ranges === 'none' || ranges === 'bad') return undefined;
  if (ranges === 'identity') return [];
  return ranges.map(({ child, parent, size }) => ({ child, parent, sizeBytes: size }));
}

function readRanges(bus: DtNode, name: 'ranges' | 'dma-ranges'): Ranges {
  const property = bus.properties.get(name);
  const parent = bus.parent;
  if (property === undefined || parent === undefined) return 'none';
  if (property.value.length === 0) return 'identity';
  const [nchild, nparent, nsize] = [addressCells(bus), addressCells(parent), sizeCells(bus)];
  const readable = (count: number) => count >= 1 && count <= MAX_ADDRESS_CELLS;
  const cells = cellsOf(property.value);
  const stride = nchild + nparent + nsize;
  if (cells === undefined || !readable(nchild) || !readable(nparent) || nsize > MAX_SIZE_CELLS) return 'bad';
  if (cells.length % stride !== 0 || cells.length / stride > MAX_RANGES_ENTRIES) return 'bad';
  const [pciChild, pciParent] = [isPciBus(bus), isPciBus(parent)];
  const entries: RangesEntry[] = [];
  for (let at = 0; at < cells.length; at += stride) {
    entries.push({
      child: readAddress(cells, at, nchild, pciChild),
      parent: readAddress(cells, at + nchild, nparent, pciParent),
      size: readNumber(cells, at + nchild + nparent, nsize),
    });
  }
  return entries;
}

/** A number of up to two cells. Above 2^53 it is not exact, but then it is refused as too high anyway. */
function readNumber(cells: readonly number[], at: number, count: number): number {
  let value = 0;
  for (let index = 0; index < count; index += 1) value = value * CELL + (cells[at + index] ?? 0);
  return value;
}

function readAddress(cells: readonly number[], at: number, count: number, pci: boolean): BusAddress {
  const low = Math.min(count, 2);
  const space = readNumber(cells, at, count - low);
  const addr = readNumber(cells, at + count - low, low);
  return { space: pci ? pciSpace(space) : space, addr };
}

/** Only the space of a PCI address tells windows apart; 32-bit and 64-bit memory are one. */
function pciSpace(physHi: number): number {
  const code = (physHi >>> PCI_SPACE_SHIFT) & 3;
  return code === 3 ? 2 : code;
}

/** Steps through entries as long as the range goes on in the next one, there and here. */
function throughRanges(
  entries: readonly RangesEntry[],
  from: BusAddress,
  size: number,
): BusAddress | RegReason {
  let start: BusAddress | undefined;
  let done = 0;
  while (done < size) {
    const addr = from.addr + done;
    const entry = entries.find(
      ({ child, size: length }) =>
        child.space === from.space && addr >= child.addr && addr - child.addr < length,
    );
    if (entry === undefined) return start === undefined ? 'outside-ranges' : 'partly-outside';
    const to = entry.parent.addr + (addr - entry.child.addr);
    if (start === undefined) start = { space: entry.parent.space, addr: to };
    else if (entry.parent.space !== start.space || to !== start.addr + done) return 'scattered';
    const next = Math.min(size, entry.child.addr + entry.size - from.addr);
    // Beyond 2^53 sums are rounded, and such an address is refused anyway.
    if (next <= done) return 'too-high';
    done = next;
  }
  return start ?? 'outside-ranges';
}
