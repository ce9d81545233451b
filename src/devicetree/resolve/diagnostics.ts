/** What can be wrong with the meaning of a tree that can be read. */
import { declareDiagnostics, diagnostic, hex } from '../../base/index.ts';
import { nameForMessage } from '../names.ts';
import { INTERRUPT_REASONS, type InterruptReason, REG_REASONS, type RegReason } from './reasons.ts';
import { REFERENCE_PROBLEMS, type ReferenceProblem } from './references/references.ts';

export interface SuspectFacts {
  readonly path: string;
  readonly property: string;
  readonly cell: number;
  readonly target: string;
  /** How many more cells of this property, here and elsewhere, are like it. */
  readonly others: number;
}

function alike(others: number): string {
  if (others === 0) return '';
  return others === 1
    ? '; so with one more cell of that name'
    : `; so with ${others} more cells of that name`;
}

export interface BrokenReference {
  readonly path: string;
  readonly property: string;
  readonly index: number;
  readonly problem: ReferenceProblem;
  readonly phandle: number;
}

/** What is wrong with a tree's meaning (`resolve/…`). */
export const resolveCodes = declareDiagnostics('resolve', {
  'no-such-node': diagnostic<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `no node is called ${nameForMessage(name)}`,
    hint: () => 'give a path, an alias, a label, or the full name of a node that only one node has',
    explanation: 'A node was asked for that the tree does not have.',
  }),
  'duplicate-phandle': diagnostic<{ path: string; phandle: number; first: string }>({
    severity: 'warning',
    message: ({ path, phandle, first }) => `${path} has phandle ${hex(phandle)}, which ${first} has already`,
    hint: () => 'references to it go to the first; give one of them another phandle',
    explanation: 'Phandles must be unique in a tree (DTSpec 0.4 §2.3.3).',
  }),
  'broken-reference': diagnostic<BrokenReference & { others: number }>({
    severity: 'warning',
    message: ({ path, property, index, problem, phandle, others }) =>
      `${path}: ${property}[${index}] (${hex(phandle)}) can't be followed: ${REFERENCE_PROBLEMS[problem]}` +
      alike(others),
    explanation:
      'A property that is known to hold phandles holds one that leads nowhere, so a dependency may be missing. A node that was deleted, or an overlay that was not applied, leaves such references.',
  }),
  'likely-reference': diagnostic<SuspectFacts>({
    severity: 'warning',
    message: ({ path, property, cell, target, others }) =>
      `${path}: cell ${cell} of ${property} is probably a reference to ${target}, but the property is not known` +
      alike(others),
    hint: () => 'if it is one, the device may need that node too: name it in the request',
    explanation:
      'The value is the phandle of a node, and either the source wrote a reference there or no known property refers to that node, which has a phandle for some reason. What the property means is not known, so it is not followed.',
  }),
  'more-likely-references': diagnostic<{ properties: readonly string[] }>({
    severity: 'warning',
    message: ({ properties }) =>
      `${properties.length} more properties that are not known hold what are probably references: ${properties.join(', ')}`,
    explanation:
      'A tree with this many unknown properties is of a kind of its own; none of them is followed.',
  }),
  'possible-reference': diagnostic<SuspectFacts>({
    severity: 'note',
    message: ({ path, property, cell, target, others }) =>
      `${path}: cell ${cell} of ${property} may be a reference to ${target}, or just a number${alike(others)}`,
    explanation:
      'The value is the phandle of a node, in a property that is not known. Phandles are small numbers, so this may mean nothing: other properties refer to that node.',
  }),
  'more-possible-references': diagnostic<{ properties: readonly string[] }>({
    severity: 'note',
    message: ({ properties }) =>
      `${properties.length} more properties that are not known hold numbers that are phandles too: ${properties.join(', ')}`,
    explanation: 'Each may hold references, or just numbers.',
  }),
  'unreadable-reg': diagnostic<{ path: string; index: number; reason: RegReason; at: string }>({
    severity: 'warning',
    message: ({ path, index, reason, at }) => `${path}: reg[${index}] ${REG_REASONS[reason]} (${at})`,
    explanation:
      'The registers of an enabled device have no address for the CPU because the tree contradicts itself: cells are missing, or a window does not cover what it should.',
  }),
  'unresolved-interrupt': diagnostic<{
    path: string;
    property: string;
    index: number;
    reason: InterruptReason;
    at: string;
  }>({
    severity: 'warning',
    message: ({ path, property, index, reason, at }) =>
      `${path}: ${property}[${index}] reaches no INTID: ${INTERRUPT_REASONS[reason]} (${at})`,
    explanation:
      'An interrupt of an enabled device does not lead to the GIC because the tree contradicts itself, or because it passes through a controller that is not known.',
  }),
});
