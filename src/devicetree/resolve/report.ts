/** Tells a person what in a tree can't mean what it should. Reasons that are as they must be (an I2C address) are no findings. */
import type { DiagnosticSink } from '../../base/index.ts';
import { nameForMessage, pathForMessage } from '../names.ts';
import type { DtNode } from '../tree.ts';
import type { Board, Device, Suspect } from './board.ts';
import { type BrokenReference, resolveCodes } from './diagnostics.ts';
import type { InterruptReason, RegReason } from './reasons.ts';

/** Reasons that tell of a broken tree, not of another bus. */
const REG_FAULTS: ReadonlySet<RegReason> = new Set<RegReason>([
  'outside-ranges',
  'partly-outside',
  'scattered',
  'bad-cells',
  'bad-cell-counts',
  'bad-ranges',
  'too-deep',
  'too-high',
]);
/** Reasons that tell of how the hardware is, not of a broken tree. */
const INTERRUPT_FACTS: ReadonlySet<InterruptReason> = new Set<InterruptReason>([
  'message',
  'gpio-line',
  'no-gic',
  'no-host-line',
  'controller-disabled',
]);

/** Reports everything in a board that is broken or not understood, for enabled devices; references for all nodes. */
export function reportBoard(board: Board, sink: DiagnosticSink): void {
  const { index } = board;
  for (const { phandle, node } of index.duplicatePhandles) {
    const holder = index.phandles.get(phandle);
    const first = holder === undefined ? '' : pathForMessage(holder);
    const position = node.properties.get('phandle')?.position ?? node.position;
    sink.report(
      resolveCodes['duplicate-phandle'].at(position, { path: pathForMessage(node), phandle, first }),
    );
  }
  reportBroken(board, sink);
  reportSuspects(board.suspects, 'likely', sink);
  reportSuspects(board.suspects, 'possible', sink);
  for (const device of board.devices) if (device.status.enabled) reportDevice(device, sink);
}

/** What is broken in the same way in many nodes is told once. */
function reportBroken(board: Board, sink: DiagnosticSink): void {
  const groups = new Map<
    string,
    { readonly node: DtNode; readonly facts: BrokenReference; others: number }
  >();
  for (const node of board.index.nodes) {
    for (const { problem, property, index: at, phandle } of board.referencesOf(node)) {
      if (problem === undefined) continue;
      const known = groups.get(`${problem} ${property}`);
      if (known !== undefined) {
        known.others += 1;
        continue;
      }
      const facts = { path: pathForMessage(node), property, index: at, problem, phandle };
      groups.set(`${problem} ${property}`, { node, facts, others: 0 });
    }
  }
  for (const { node, facts, others } of groups.values()) {
    const position = node.properties.get(facts.property)?.position;
    sink.report(resolveCodes['broken-reference'].at(position, { ...facts, others }));
  }
}

/** A property that many nodes have is told once; of many properties those that come first are, and the others named. */
const SUSPECTED_PROPERTIES_SHOWN = 16;

function reportSuspects(
  suspects: readonly Suspect[],
  certainty: Suspect['certainty'],
  sink: DiagnosticSink,
): void {
  const byProperty = new Map<string, Suspect[]>();
  for (const suspect of suspects) {
    if (suspect.certainty !== certainty) continue;
    const known = byProperty.get(suspect.property);
    if (known === undefined) byProperty.set(suspect.property, [suspect]);
    else known.push(suspect);
  }
  const groups = [...byProperty.values()];
  for (const [first, ...others] of groups.slice(0, SUSPECTED_PROPERTIES_SHOWN)) {
    if (first === undefined) continue;
    const { node, property, cell, target } = first;
    const facts = { path: pathForMessage(node), property, cell, target: pathForMessage(target) };
    const position = node.properties.get(property)?.position;
    sink.report(resolveCodes[`${certainty}-reference`].at(position, { ...facts, others: others.length }));
  }
  const rest = groups.slice(SUSPECTED_PROPERTIES_SHOWN);
  if (rest.length === 0) return;
  const properties = rest.map(([suspect]) => nameForMessage(suspect?.property ?? ''));
  const [first] = rest.flat();
  const position = first?.node.properties.get(first.property)?.position;
  sink.report(resolveCodes[`more-${certainty}-references`].at(position, { properties }));
}

function reportDevice(device: Device, sink: DiagnosticSink): void {
  const path = pathForMessage(device.node);
  for (const { index, reason, at } of device.regs.flatMap((reg) => (reg.cpu === undefined ? [reg] : []))) {
    if (!REG_FAULTS.has(reason)) continue;
    const position = device.node.properties.get('reg')?.position;
    sink.report(resolveCodes['unreadable-reg'].at(position, { path, index, reason, at: pathForMessage(at) }));
  }
  for (const interrupt of device.interrupts) {
    if (interrupt.reach !== 'none' || INTERRUPT_FACTS.has(interrupt.reason)) continue;
    const { property, index, reason, at } = interrupt;
    const position = device.node.properties.get(property)?.position;
    const facts = { path, property, index, reason, at: pathForMessage(at) };
    sink.report(resolveCodes['unresolved-interrupt'].at(position, facts));
  }
}
