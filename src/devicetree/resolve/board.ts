/**
 * The resolved view of a device tree: every device with its registers where the CPU finds them, its interrupts as the
 * GIC numbers them, and what it depends on. Computed once; nothing in it changes, and nothing in the tree is changed.
 */
import type { AddrRange, Paddr } from '../../base/index.ts';
import type { DeviceTree, DtNode } from '../tree.ts';
import { stringProperty, stringsProperty } from '../value.ts';
import { AddressMap, type Reg } from './addresses.ts';
import { isPlainBus } from './bus.ts';
import { describeGic, type Gic } from './gic.ts';
import type { Interrupt } from './interrupts/interrupt.ts';
import { InterruptRouter } from './interrupts/route.ts';
import { type BoardMemory, describeMemory } from './memory.ts';
import { type BoardNames, readNames, type Stdout } from './names.ts';
import { PageIndex } from './pages.ts';
import { type Dependency, ReferenceReader } from './references/references.ts';
import { type SuspectedReference, suspectsIn } from './references/suspects.ts';
import {
  compatibleIn,
  type DeviceStatus,
  indexTree,
  pathIn,
  statusIn,
  type TreeIndex,
} from './tree-index.ts';

/** A node as the resolved view sees it. */
export interface Device {
  readonly node: DtNode;
  readonly path: string;
  readonly compatible: readonly string[];
  readonly status: DeviceStatus;
  readonly regs: readonly Reg[];
  readonly interrupts: readonly Interrupt[];
  /** What the node's own properties refer to; interrupt controllers are in {@link interrupts}. */
  readonly dependencies: readonly Dependency[];
}

/** A value that looks like a phandle in a property that nobody knows, and the node that has it. */
export interface Suspect extends SuspectedReference {
  readonly node: DtNode;
}

/**
 * What a tree means: every device with CPU-physical registers and GIC interrupts, memory, names, references.
 * Made by `resolveTree`; a view that does not follow later changes of the tree.
 */
export interface Board extends BoardNames, BoardMemory {
  readonly tree: DeviceTree;
  /** `model` and `compatible` of the root. */
  readonly model?: string;
  readonly compatible: readonly string[];
  /** Every node but the root that has a `compatible`, a `reg` or interrupts, parents first. */
  readonly devices: readonly Device[];
  readonly gic?: Gic;
  /** Looks up phandles, paths and statuses of any node. */
  readonly index: TreeIndex;
  /** Translates addresses of any bus of the tree. */
  readonly addresses: AddressMap;
  /** Values that look like phandles in properties that no table knows, in all of the tree. */
  readonly suspects: readonly Suspect[];
  /** Every reference of a node, its interrupt controllers' too, whether it is a device or settings inside one. */
  referencesOf(node: DtNode): readonly Dependency[];
  /** The device of a node, for nodes that {@link devices} holds. */
  deviceOf(node: DtNode): Device | undefined;
  /**
   * The enabled devices whose registers lie in a range of physical addresses, in order of address. RAM and plain buses
   * are none.
   */
  devicesAt(range: AddrRange<Paddr>): readonly Device[];
  /** The other enabled devices that share a page of `pageBytes` with the device. */
  coTenants(device: Device, pageBytes: number): readonly Device[];
}

/** Resolves a tree. Never throws for what a tree says: each thing that can't be resolved carries its reason. */
export function resolveTree(tree: DeviceTree): Board {
  const index = indexTree(tree);
  const addresses = new AddressMap();
  const router = new InterruptRouter(index);
  const references = new BoardReferences(index);
  const devices = index.nodes
    .filter(isDevice)
    .map(
      (node) =>
        new ResolvedDevice(node, index, addresses.regsOf(node), router.interruptsOf(node), references),
    );
  return new ResolvedBoard(index, addresses, references, devices);
}

/**
 * A class, because the engine makes a new shape for every object literal with a getter, and through that shape the
 * whole board outlives its use: with hundreds of boards that doubles the time.
 */
class ResolvedBoard implements Board {
  readonly tree: DeviceTree;
  readonly model?: string;
  readonly compatible: readonly string[];
  readonly devices: readonly Device[];
  readonly gic?: Gic;
  readonly aliases: BoardNames['aliases'];
  readonly labels: BoardNames['labels'];
  readonly stdout?: Stdout;
  readonly bootargs?: string;
  readonly ram: BoardMemory['ram'];
  readonly reserved: BoardMemory['reserved'];
  readonly memreserve: BoardMemory['memreserve'];
  readonly index: TreeIndex;
  readonly addresses: AddressMap;
  readonly #references: BoardReferences;
  #byNode: Map<DtNode, Device> | undefined;
  #pages: PageIndex<Device> | undefined;

  constructor(
    index: TreeIndex,
    addresses: AddressMap,
    references: BoardReferences,
    devices: readonly Device[],
  ) {
    const { tree } = index;
    this.tree = tree;
    const model = stringsProperty(tree.root, 'model')?.[0];
    if (model !== undefined) this.model = model;
    this.compatible = stringsProperty(tree.root, 'compatible') ?? [];
    this.devices = devices;
    const gic = describeGic(index, addresses);
    if (gic !== undefined) this.gic = gic;
    const { aliases, labels, stdout, bootargs } = readNames(index);
    this.aliases = aliases;
    this.labels = labels;
    if (stdout !== undefined) this.stdout = stdout;
    if (bootargs !== undefined) this.bootargs = bootargs;
    const { ram, reserved, memreserve } = describeMemory(index, addresses);
    this.ram = ram;
    this.reserved = reserved;
    this.memreserve = memreserve;
    this.index = index;
    this.addresses = addresses;
    this.#references = references;
  }

  get suspects(): readonly Suspect[] {
    return this.#references.suspects;
  }

  referencesOf(node: DtNode): readonly Dependency[] {
    return this.#references.of(node);
  }

  deviceOf(node: DtNode): Device | undefined {
    this.#byNode ??= new Map(this.devices.map((device) => [device.node, device]));
    return this.#byNode.get(node);
  }

  devicesAt(range: AddrRange<Paddr>): readonly Device[] {
    return this.#pageIndex().in(range);
  }

  coTenants(device: Device, pageBytes: number): readonly Device[] {
    return this.#pageIndex().coTenants(device, pageBytes);
  }

  #pageIndex(): PageIndex<Device> {
    this.#pages ??= new PageIndex(this.devices.filter(isPageTenant));
    return this.#pages;
  }
}

/** A device whose references are read when they are first asked for. */
class ResolvedDevice implements Device {
  readonly node: DtNode;
  readonly path: string;
  readonly compatible: readonly string[];
  readonly status: DeviceStatus;
  readonly regs: readonly Reg[];
  readonly interrupts: readonly Interrupt[];
  readonly #references: BoardReferences;

  constructor(
    node: DtNode,
    index: TreeIndex,
    regs: readonly Reg[],
    interrupts: readonly Interrupt[],
    references: BoardReferences,
  ) {
    this.node = node;
    this.path = pathIn(index, node);
    this.compatible = compatibleIn(index, node);
    this.status = statusIn(index, node);
    this.regs = regs;
    this.interrupts = interrupts;
    this.#references = references;
  }

  get dependencies(): readonly Dependency[] {
    return withoutInterrupts(this.#references.of(this.node));
  }
}

/** Enabled devices; not RAM and what is reserved of it, not buses whose `reg` covers what hangs off them. */
function isPageTenant({ node, status, compatible }: Device): boolean {
  if (!status.enabled || isPlainBus(compatible)) return false;
  return node.parent?.name !== 'reserved-memory' && stringProperty(node, 'device_type') !== 'memory';
}

function isDevice(node: DtNode): boolean {
  if (node.parent === undefined || node.properties.size === 0) return false;
  return ['compatible', 'reg', 'interrupts', 'interrupts-extended'].some((name) => node.properties.has(name));
}

function withoutInterrupts(references: readonly Dependency[]): readonly Dependency[] {
  const isInterrupt = ({ kind }: Dependency) => kind === 'interrupt';
  return references.some(isInterrupt) ? references.filter((found) => !isInterrupt(found)) : references;
}

/** The references of a board's nodes, each node's read when it is first asked for. */
class BoardReferences {
  readonly #index: TreeIndex;
  readonly #reader: ReferenceReader;
  readonly #byNode = new Map<DtNode, readonly Dependency[]>();
  #suspects: readonly Suspect[] | undefined;

  constructor(index: TreeIndex) {
    this.#index = index;
    this.#reader = new ReferenceReader(index);
  }

  of(node: DtNode): readonly Dependency[] {
    let found = this.#byNode.get(node);
    if (found === undefined) {
      found = this.#reader.of(node);
      this.#byNode.set(node, found);
    }
    return found;
  }

  get suspects(): readonly Suspect[] {
    this.#suspects ??= this.#findSuspects();
    return this.#suspects;
  }

  #findSuspects(): readonly Suspect[] {
    const referenced = new Set<DtNode>();
    for (const node of this.#index.nodes) {
      for (const { target } of this.of(node)) if (target !== undefined) referenced.add(target);
    }
    const hasSymbols = this.#index.tree.root.children.has('__symbols__');
    return this.#index.nodes.flatMap((node) =>
      suspectsIn(this.#index, this.#reader, node, referenced, hasSymbols).map((suspect) => ({
        node,
        ...suspect,
      })),
    );
  }
}
