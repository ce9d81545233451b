/** What can be wrong with the meaning of a tree that can be read. */
import { declareDiagnostics, diagnostic, hex } from '../../base/index.ts';
import { nameForMessage } from '../names.ts';
import { INTERRUPT_REASONS, type InterruptReason, REG_REASONS, type RegReason } from './reasons.ts';
import { REFERENCE_PROBLEMS, type ReferenceProblem } from './references/references.ts';

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
  'broken-reference': diagnostic<{
    path: string;
    property: string;
    index: number;
    problem: ReferenceProblem;
    phandle: number;
  }>({
    severity: 'warning',
    message: ({ path, property, index, problem, phandle }) =>
      `${path}: ${property}[${index}] (${hex(phandle)}) can't be followed: ${REFERENCE_PROBLEMS[problem]}`,
    explanation:
      'A property that is known to hold phandles holds one that leads nowhere, so a dependency may be missing. A node that was deleted, or an overlay that was not applied, leaves such references.',
  }),
  'likely-reference': diagnostic<{ path: string; property: string; cell: number; target: string }>({
    severity: 'warning',
    message: ({ path, property, cell, target }) =>
      `${path}: cell ${cell} of ${property} is probably a reference to ${target}, but the property is not known`,
    hint: () => 'if it is one, the device may need that node too: name it in the request',
    explanation:
      'The value is the phandle of a node, and either the source wrote a reference there or no known property refers to that node, which has a phandle for some reason. What the property means is not known, so it is not followed.',
  }),
  'possible-reference': diagnostic<{ path: string; property: string; cell: number; target: string }>({
    severity: 'note',
    message: ({ path, property, cell, target }) =>
      `${path}: cell ${cell} of ${property} may be a reference to ${target}, or just a number`,
    explanation:
      'The value is the phandle of a node, in a property that is not known. Phandles are small numbers, so this may mean nothing: other properties refer to that node.',
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
