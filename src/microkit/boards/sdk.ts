/** What an installed Microkit SDK says of a board: `platform_gen.json` and `elf/loader.elf` in `board/NAME/CONFIG`. */
import { type AddrRange, attempt, type DiagnosticSink, type HostFiles, Refusal } from '../../base/index.ts';
import { readProgramImage } from '../check/program/elf.ts';
import { boardCodes } from '../check/tree/diagnostics.ts';
import type { MicrokitBoard } from './board.ts';

/**
 * The board with the memory that the SDK's build of seL4 hands out, and with the loader where the SDK's is linked. `known` are the
 * facts of our own table, where the board is in it; they stay where the SDK does not say, which is reported of memory.
 */
export function boardFromSdk(
  sdk: string,
  known: MicrokitBoard,
  config: string,
  files: Pick<HostFiles, 'read' | 'status' | 'join'>,
  sink: DiagnosticSink,
): MicrokitBoard {
  const directory = files.join(sdk, 'board', known.name, config);
  const path = files.join(directory, 'platform_gen.json');
  const memory = attempt(() => memoryIn(path, files));
  if (!(memory instanceof Refusal)) {
    const loaderAddr = loaderAddrIn(files.join(directory, 'elf', 'loader.elf'), files) ?? known.loaderAddr;
    return { ...known, ...memory, ...(loaderAddr === undefined ? {} : { loaderAddr }) };
  }
  sink.report(boardCodes['sdk-file'].at(undefined, { path, problem: memory.message }));
  return known;
}

/** Where the loader is linked: whoever builds an SDK can choose that. */
function loaderAddrIn(path: string, files: Pick<HostFiles, 'read' | 'status'>): number | undefined {
  if (files.status(path) === undefined) return undefined;
  const loader = attempt(() => readProgramImage(files.read(path)));
  if (loader instanceof Refusal || loader.segments.length === 0) return undefined;
  return Math.min(...loader.segments.map(({ base }) => base));
}

function memoryIn(
  path: string,
  files: Pick<HostFiles, 'read' | 'status'>,
): { readonly ram: readonly AddrRange[]; readonly deviceWindows: readonly AddrRange[] } {
  if (files.status(path) === undefined) throw new Refusal('there is no such file in the SDK');
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(files.read(path)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refusal('it is not JSON');
  }
  const [ram, deviceWindows] = [rangesIn(content, 'memory'), rangesIn(content, 'devices')];
  if (ram === undefined || deviceWindows === undefined)
    throw new Refusal('it has no lists "memory" and "devices" of ranges with "start" and "end"');
  return { ram, deviceWindows };
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
