/** A board's device tree as the commands on descriptions take it. */
import type { DiagnosticSink, Host } from '../../base/index.ts';
import { type Board, readDeviceTree, resolveTree } from '../../devicetree/index.ts';
import { type SourceOptions, sourceReading } from '../../workspace/index.ts';

/** In any form: a blob, source or a directory. */
export function boardTree(
  host: Host,
  path: string,
  options: SourceOptions,
  sink: DiagnosticSink,
): Board | undefined {
  const found = readDeviceTree(host.files, path, sourceReading(options), sink);
  return found === undefined ? undefined : resolveTree(found.tree);
}
