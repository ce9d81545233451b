/** One board for each chip among the kernel package's trees, asked for its console alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveTree } from '../../src/devicetree/index.ts';
import { type BoardToBoot, type BootPlaces, type BootResult, bootBoard } from './booted-boards.ts';
import { filesUnder } from './files.ts';
import { treeOfDtb } from './trees.ts';

/**
 * A chip is the last `compatible` of a tree's root; its first board, by name, stands for it. Trees that name no console, or
 * have no GICv2 or GICv3, are left out.
 */
export function boardsOfChips(payload: string): readonly BoardToBoot[] {
  const root = join(payload, 'dtbs');
  const byChip = new Map<string, BoardToBoot>();
  for (const path of [...filesUnder(root)].sort()) {
    if (!path.endsWith('.dtb')) continue;
    const { compatible, stdout, gic } = resolveTree(treeOfDtb(readFileSync(path), path));
    const chip = compatible.at(-1);
    if (chip === undefined || stdout === undefined || gic === undefined || byChip.has(chip)) continue;
    byChip.set(chip, {
      family: chip,
      dtb: path.slice(root.length + 1),
      request: `pass: ["${stdout.path}"]`,
    });
  }
  return [...byChip.values()];
}

/** Boots a board, a second time with the RAM that `plan` proposes where its tree leaves that to the firmware. */
export async function bootChip(board: BoardToBoot, places: BootPlaces): Promise<BootResult> {
  const first = await bootBoard(board, places);
  const ram = /ram: \{[^}]*\}/.exec(first.hint ?? '')?.[0];
  const { hint: _, ...result } =
    ram === undefined ? first : await bootBoard({ ...board, request: `${board.request}\n${ram}` }, places);
  return result;
}
