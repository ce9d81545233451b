/** What a run's registers begin with: a collector's dumps, named by `--registers` or found beside the board's tree. */
import type { DiagnosticSink, Host } from '../base/index.ts';
import type { Board } from '../devicetree/index.ts';
import { readRegisterDumps } from '../payload/index.ts';
import { runCodes } from '../run/index.ts';
import type { RunRequest } from './run-request.ts';

/** `payload extract` puts `live.dtb` and `live/` side by side. */
const LIVE_DIRECTORY = 'live';

export function readRegisterSeeds(
  { files }: Host,
  { board, boardPath }: { readonly board: Board; readonly boardPath: string },
  { registers }: RunRequest,
  sink: DiagnosticSink,
): ReadonlyMap<number, number> | undefined {
  if (registers === undefined) {
    return readRegisterDumps(files, files.join(files.dirname(boardPath), LIVE_DIRECTORY), board);
  }
  const found = readRegisterDumps(files, registers, board);
  if (found === undefined) sink.report(runCodes['no-registers'].at({ file: registers }, {}));
  return found;
}
