/**
 * The resolved view of a device tree: every device with its registers where the CPU finds them, its interrupts as the
 * GIC numbers them, and what it depends on. Computed once; nothing in it changes, and nothing in the tree is changed.
 */
import type { AddrRange } from '../../base/index.ts';
import type { DeviceTree, DtNode } from '../tree.ts';
import { stringProperty, stringsProperty } from '../value.ts';
import { AddressMap, type Reg } from './addresses.ts';
import { isPlainBus } from './bus.ts';
import { describeGic, type Gic } from './gic.ts';
import type { Interrupt } from './interrupts/interrupt.ts';
import { InterruptRouter } from './interrupts/route.ts';
import { type BoardMemory, describeMemory } from './memory.ts';
import { type BoardNames, readNames } from './names.ts';
import { PageIndex } from './pages.ts';
import { type Dependency, ReferenceReader } from './references/references.ts';
import { type SuspectedReference, suspectsIn } from './references/suspects.ts';
import { compatibleIn, type DeviceStatus, indexTree, pathIn, type TreeIndex } from './tree-index.ts';

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
  devicesAt(range: AddrRange): readonly Device[];
  /** The other enabled devices that share a page of `pageBytes` with the device. */
  coTenants(device: Device, pageBytes: number): readonly Device[];
}

/** Resolves a tree. Never throws for what a tree says: each thing that can't be resolved carries its reason. */
export function resolveTree(tree: DeviceTree): Board {
  const index = indexTree(tree);
  const addresses = new AddressMap();
  const router = new InterruptRouter(index);
  const references = new BoardReferences(index);
  const devices: Device[] = [];
  const byNode = new Map<DtNode, Device>();
  for (const node of index.nodes) {
    if (!isDevice(node)) continue;
    const device: Device = {
      node,
      path: pathIn(index, node),
      compatible: compatibleIn(index, node),
      status: index.statuses.get(node) ?? { own: 'okay', enabled: true },
      regs: addresses.regsOf(node),
      interrupts: router.interruptsOf(node),
      get dependencies() {
        return withoutInterrupts(references.of(node));
      },
    };
    devices.push(device);
    byNode.set(node, device);
  }
  const gic = describeGic(index, addresses);
  const model = stringsProperty(tree.root, 'model')?.[0];
  let pages: PageIndex<Device> | undefined;
  const pageIndex = () => {
    pages ??= new PageIndex(devices.filter(isPageTenant));
    return pages;
  };
  return {
    tree,
    ...(model === undefined ? {} : { model }),
    compatible: stringsProperty(tree.root, 'compatible') ?? [],
    devices,
    ...(gic === undefined ? {} : { gic }),
    ...readNames(index),
    ...describeMemory(index, addresses),
    index,
    addresses,
    get suspects() {
      return references.suspects;
    },
    referencesOf: (node) => references.of(node),
    deviceOf: (node) => byNode.get(node),
    devicesAt: (range) => pageIndex().in(range),
    coTenants: (device, pageBytes) => pageIndex().coTenants(device, pageBytes),
  };
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
