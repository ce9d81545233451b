/** What an installed Microkit SDK says of a board: `board/NAME/CONFIG/platform_gen.json`. */
import type { AddrRange, HostFiles } from '../../base/index.ts';
import type { MicrokitBoard } from './board.ts';

export type SdkAnswer =
  | { readonly board: MicrokitBoard }
  | { readonly problem: string; readonly path: string };

/**
 * The board with the memory that the SDK's build of seL4 hands out. `known` are the facts of our own table, where the
 * board is in it.
 */
export function boardFromSdk(
  sdk: string,
  known: MicrokitBoard,
  config: string,
  files: Pick<HostFiles, 'read' | 'status' | 'join'>,
): SdkAnswer {
  const path = files.join(sdk, 'board', known.name, config, 'platform_gen.json');
  if (files.status(path) === undefined) return { path, problem: 'there is no such file in the SDK' };
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(files.read(path)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { path, problem: 'it is not JSON' };
  }
  const [ram, deviceWindows] = [rangesIn(content, 'memory'), rangesIn(content, 'devices')];
  if (ram === undefined || deviceWindows === undefined) {
    return { path, problem: 'it has no lists "memory" and "devices" of ranges with "start" and "end"' };
  }
  return { board: { ...known, ram, deviceWindows } };
}

function rangesIn(content: unknown, name: string): readonly AddrRange[] | undefined {
  const list = member(content, name);
  if (!Array.isArray(list)) return undefined;
  const ranges = list.map((entry: unknown) => {
    const [start, end] = [member(entry, 'start'), member(entry, 'end')];
    if (typeof start !== 'number' || typeof end !== 'number' || !(start <= end)) return undefined;
    return { base: start, size: end - start };
  });
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
