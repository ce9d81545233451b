/** The command line that a tree has itself (`/chosen`, `bootargs`), which a loader leaves there where it has none. */
import { DiagnosticSink } from '../../base/index.ts';
import { nodeAtPath, stringProperty } from '../../devicetree/index.ts';
import { changeTree } from './change-tree.ts';
import type { TreeChoice } from './choose-tree.ts';
import type { ChosenStep } from './findings.ts';
import { readTree } from './world.ts';

export function bootargsOfTree(tree: TreeChoice | undefined, steps: readonly ChosenStep[]): string {
  if (tree === undefined) return '';
  const changed = changeTree(tree.content, steps, '', new DiagnosticSink()).tree ?? readTree(tree.content);
  const chosen = changed && nodeAtPath(changed.root, '/chosen');
  return (chosen && stringProperty(chosen, 'bootargs')) ?? '';
}
