/** Whether the tree that was given is of the board that was named: all that a tree shows is worth nothing if it isn't. */
import { hex } from '../../../base/index.ts';
import { boardOfTree } from '../../boards/index.ts';
import type { CheckContext } from '../context.ts';
import { boardCodes as codes } from './diagnostics.ts';

/** A carrier board of somebody's own has names that no table knows; its interrupt controller lies where the chip has it. */
export function isOtherBoard({ options, sink }: CheckContext): boolean {
  const { board, tree } = options;
  if (board === undefined || tree === undefined) return false;
  const named = boardOfTree(tree.compatible);
  const [own, other] = [board.gic?.distributor.base, tree.gic?.gicd?.base];
  const elsewhere = own !== undefined && other !== undefined && own !== other;
  const isNamed = tree.compatible.some((name) => board.compatibles?.includes(name));
  if (!elsewhere && (named === undefined || board.compatibles === undefined || isNamed)) return false;
  sink.report(
    codes['other-board'].at(undefined, {
      board: board.name,
      tree: tree.model ?? tree.compatible[0] ?? 'a board without a name',
      named: named?.name,
      gic: elsewhere ? `at ${hex(own)}, not at ${hex(other)}` : undefined,
    }),
  );
  return true;
}
