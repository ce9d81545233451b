/** The board's tree as the page shows it: every node with what it has, what it needs, who needs it, and what the plan makes of it. */
import { hex } from '../../../src/base/index.ts';
import {
  type Board,
  type Device,
  type DtNode,
  type Interrupt,
  nodesUnder,
  pathIn,
} from '../../../src/devicetree/index.ts';
import { interruptName } from '../../../src/microkit/index.ts';
import type { Plan } from '../../../src/plan/index.ts';

/** One node needs another, by a property. */
export interface NodeReference {
  readonly path: string;
  readonly why: string;
}

/** What the plan decided of a node. */
export interface Decision {
  readonly kind: 'given' | 'left out' | 'cut' | 'waits' | 'comes along';
  readonly text: string;
  /** What of the request asked for it. */
  readonly selector?: string;
}

export interface BoardNode {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly labels: readonly string[];
  readonly compatible: readonly string[];
  readonly status: string;
  readonly isEnabled: boolean;
  readonly registers: readonly { readonly base: number; readonly size: number; readonly text: string }[];
  /** Registers that the CPU does not see, with the reason. */
  readonly problems: readonly string[];
  readonly intids: readonly number[];
  readonly interrupts: readonly string[];
  readonly coTenants: readonly string[];
  readonly needs: readonly NodeReference[];
  readonly neededBy: readonly NodeReference[];
  readonly decisions: readonly Decision[];
}

export interface BoardPicture {
  readonly model: string | undefined;
  readonly devices: number;
  readonly nodes: readonly BoardNode[];
}

const PAGE_BYTES = 4096;

export function boardPicture(board: Board, plan: Plan | undefined): BoardPicture {
  const devices = new Map(board.devices.map((device) => [device.node, device] as const));
  const neededBy = new Map<DtNode, NodeReference[]>();
  const nodes = [...nodesUnder(board.tree.root)];
  const needs = new Map(
    nodes.map((node) => {
      const path = pathIn(board.index, node);
      const found = needsOfNode(board, node, devices.get(node));
      for (const { target, why } of found) {
        const known = neededBy.get(target) ?? [];
        known.push({ path, why });
        neededBy.set(target, known);
      }
      return [node, found.map(({ target, why }) => ({ path: pathIn(board.index, target), why }))] as const;
    }),
  );
  const labels = new Map<DtNode, string[]>();
  for (const [label, node] of board.labels) labels.set(node, [...(labels.get(node) ?? []), label]);
  const decisions = decisionsOf(plan);
  return {
    model: board.model,
    devices: board.devices.length,
    nodes: nodes.map((node): BoardNode => {
      const path = pathIn(board.index, node);
      const device = devices.get(node);
      const regs = device?.regs ?? [];
      return {
        path,
        name: node.name === '' ? '/' : node.name,
        depth: path === '/' ? 0 : path.split('/').length - 1,
        labels: labels.get(node) ?? [],
        compatible: device?.compatible ?? [],
        status:
          device === undefined
            ? ''
            : (device.status.text ?? (device.status.enabled ? 'okay' : 'disabled by a node above')),
        isEnabled: device?.status.enabled ?? true,
        registers: regs.flatMap(({ cpu }) =>
          cpu === undefined
            ? []
            : [{ base: cpu.base, size: cpu.size, text: `${hex(cpu.base)}, ${hex(cpu.size)} bytes` }],
        ),
        problems: regs.flatMap((reg) =>
          reg.cpu === undefined ? [`registers ${reg.index}: ${reg.reason}`] : [],
        ),
        intids: [...new Set((device?.interrupts ?? []).flatMap(linesOf).map(({ intid }) => intid))],
        interrupts: (device?.interrupts ?? []).map((interrupt) => {
          const lines = linesOf(interrupt).map(({ intid, trigger }) => `${interruptName(intid)}, ${trigger}`);
          const name = interrupt.name === undefined ? '' : `${interrupt.name}: `;
          return `${name}${lines.length === 0 ? 'does not reach the GIC' : lines.join('; ')}`;
        }),
        coTenants: device === undefined ? [] : board.coTenants(device, PAGE_BYTES).map((other) => other.path),
        needs: needs.get(node) ?? [],
        neededBy: neededBy.get(node) ?? [],
        decisions: decisions.get(path) ?? [],
      };
    }),
  };
}

const linesOf = (interrupt: Interrupt) => (interrupt.reach === 'none' ? [] : interrupt.gic);

function needsOfNode(
  board: Board,
  node: DtNode,
  device: Device | undefined,
): readonly { readonly target: DtNode; readonly why: string }[] {
  const found = new Map<DtNode, Set<string>>();
  const add = (target: DtNode | undefined, why: string): void => {
    if (target === undefined || target === node) return;
    found.set(target, (found.get(target) ?? new Set()).add(why));
  };
  for (const { target, property } of board.referencesOf(node)) add(target, property);
  for (const { chain, property } of device?.interrupts ?? []) add(chain[0]?.controller, property);
  return [...found].map(([target, why]) => ({ target, why: [...why].join(', ') }));
}

function decisionsOf(plan: Plan | undefined): ReadonlyMap<string, readonly Decision[]> {
  const decisions = new Map<string, Decision[]>();
  const add = (path: string, decision: Decision): void => {
    decisions.set(path, [...(decisions.get(path) ?? []), decision]);
  };
  for (const { name, devices, leftOut, regions, dependencies } of plan?.guests ?? []) {
    for (const { path, why } of devices) {
      const because =
        why.via === undefined
          ? why.selector === undefined
            ? ''
            : `: asked for by "${why.selector}"`
          : `: ${why.via.device} needs it (${why.via.property})`;
      add(path, {
        kind: 'given',
        text: `given to ${name}${because}`,
        ...(why.selector === undefined ? {} : { selector: why.selector }),
      });
    }
    for (const { path, reason } of leftOut)
      add(path, { kind: 'left out', text: `not given to ${name}: ${reason}` });
    for (const region of regions)
      for (const { path, reason } of region.coTenants)
        add(path, {
          kind: 'comes along',
          text: `comes to ${name} with the pages of ${region.name}: ${reason}`,
        });
    for (const { consumer, property, provider, outcome, reason } of dependencies) {
      if (outcome === 'given') continue;
      const kind = outcome === 'missing' ? 'waits' : 'cut';
      add(consumer, { kind, text: `${property} → ${provider} (${OUTCOMES[outcome] ?? outcome}): ${reason}` });
    }
  }
  for (const { name, devices } of plan?.drivers ?? [])
    for (const { path } of devices) add(path, { kind: 'given', text: `given to the native driver ${name}` });
  return decisions;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  cut: 'cut from the guest’s tree',
  'fixed-clock': 'a fixed clock in its place',
  left: 'left as it is',
  missing: 'the driver waits for it',
};
