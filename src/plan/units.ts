/**
 * Units: what is given or kept out as a whole. A unit is a node with a `compatible`, together with the nodes below it
 * that have none of their own (GPIO banks, ports, pin groups); its registers and interrupts are all of theirs.
 */
import { type AddrRange, FIRST_SPI, type Intid, mergeRanges } from '../base/index.ts';
import {
  type Board,
  type Device,
  type DtNode,
  nodesUnder,
  type PciWindow,
  pciWindowsOf,
  stringsProperty,
} from '../devicetree/index.ts';
import { whyNever } from './never.ts';

/** One line of the GIC. */
export interface Line {
  readonly intid: Intid;
  readonly trigger: 'edge' | 'level';
}

export interface Unit {
  readonly node: DtNode;
  readonly path: string;
  readonly compatible: readonly string[];
  readonly enabled: boolean;
  /** The nearest unit above. */
  readonly parent?: Unit;
  /** CPU physical ranges of the registers, merged, in order. */
  readonly ranges: readonly AddrRange[];
  /** Of a plain bus: the addresses of its children, which its `reg` repeats. They are no registers of its own. */
  readonly busWindow: readonly AddrRange[];
  /** Of a PCI host: the windows that its devices' registers appear in. */
  readonly pciWindows: readonly PciWindow[];
  /** SPIs of its own, once each. */
  readonly lines: readonly Line[];
  /** Interrupts of its own that are private to a CPU: never passed through. */
  readonly privateIntids: readonly number[];
  /** Why it can never be passed. */
  readonly never?: string;
}

export interface Units {
  /** Parents before children. */
  readonly all: readonly Unit[];
  /** The unit that a node belongs to. */
  of(node: DtNode): Unit | undefined;
  /** Units whose nodes lie below this one's. */
  below(unit: Unit): readonly Unit[];
}

export function unitsOf(board: Board): Units {
  const byNode = new Map<DtNode, Unit>();
  const all: Unit[] = [];
  const parts = new Map<DtNode, Device[]>();
  const owners = ownersOf(board);
  for (const device of board.devices) {
    const owner = owners.get(device.node);
    if (owner !== undefined) parts.set(owner, [...(parts.get(owner) ?? []), device]);
  }
  for (const device of board.devices) {
    if (owners.get(device.node) !== device.node) continue;
    const above = device.node.parent === undefined ? undefined : owners.get(device.node.parent);
    const parent = above === undefined ? undefined : byNode.get(above);
    const unit = makeUnit(board, device, parts.get(device.node) ?? [], parent);
    byNode.set(device.node, unit);
    all.push(unit);
  }
  const children = new Map<Unit, Unit[]>();
  for (const unit of all) {
    if (unit.parent !== undefined) children.set(unit.parent, [...(children.get(unit.parent) ?? []), unit]);
  }
  return {
    all,
    of: (node) => {
      const owner = owners.get(node);
      return owner === undefined ? undefined : byNode.get(owner);
    },
    below: (unit) => {
      const found: Unit[] = [];
      const pending = [...(children.get(unit) ?? [])];
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
        found.push(next);
        pending.push(...(children.get(next) ?? []));
      }
      return found;
    },
  };
}

/** Each node's unit, by its node: the nearest at or above it with a `compatible`, or with registers right below a bus. */
function ownersOf(board: Board): ReadonlyMap<DtNode, DtNode> {
  const { root } = board.tree;
  const owners = new Map<DtNode, DtNode>();
  for (const node of nodesUnder(root)) {
    if (node === root) continue;
    const above = node.parent === undefined ? undefined : owners.get(node.parent);
    const bare = above === undefined || isPlainBus(above);
    const own = node.properties.has('compatible') || (bare && board.deviceOf(node) !== undefined);
    const owner = own ? node : above;
    if (owner !== undefined) owners.set(node, owner);
  }
  return owners;
}

function makeUnit(board: Board, device: Device, parts: readonly Device[], parent: Unit | undefined): Unit {
  const enabled = parts.filter((part) => part === device || part.status.enabled);
  const lines = new Map<number, Line>();
  const privateIntids = new Set<number>();
  for (const interrupt of enabled.flatMap((part) => part.interrupts)) {
    if (interrupt.reach === 'none' || interrupt.reach === 'cascaded') continue;
    const handsOut = interrupt.property !== 'interrupts' && interrupt.property !== 'interrupts-extended';
    if (interrupt.reach === 'allocated' && !handsOut) continue;
    for (const { intid, trigger } of interrupt.gic) {
      if (intid < FIRST_SPI) privateIntids.add(intid);
      else if (!lines.has(intid)) lines.set(intid, { intid, trigger });
    }
  }
  const never = parent?.never ?? whyNever(board, device);
  const ranges = mergeRanges(enabled.flatMap((part) => part.regs.flatMap(({ cpu }) => (cpu ? [cpu] : []))));
  return {
    node: device.node,
    path: device.path,
    compatible: device.compatible,
    enabled: device.status.enabled,
    ...(parent === undefined ? {} : { parent }),
    ...(isPlainBus(device.node) ? { ranges: [], busWindow: ranges } : { ranges, busWindow: [] }),
    pciWindows: pciWindowsOf(board.addresses, device.node),
    lines: [...lines.values()].sort((a, b) => a.intid - b.intid),
    privateIntids: [...privateIntids].sort((a, b) => a - b),
    ...(never === undefined ? {} : { never }),
  };
}

const PLAIN_BUSES = ['simple-bus', 'simple-pm-bus'];

function isPlainBus(node: DtNode): boolean {
  const compatible = stringsProperty(node, 'compatible') ?? [];
  return node.children.size > 0 && PLAIN_BUSES.some((name) => compatible.includes(name));
}
