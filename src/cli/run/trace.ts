/** What `run` traces: to a file, or a line each on standard error. */
import type { Host } from '../../base/index.ts';
import { DEFAULT_TRACE, parseTrace, type TraceSpec, textLine } from '../../run/index.ts';
import { openTraceFile, type Run } from '../../workspace/index.ts';
import type { RunOptions } from './options.ts';

/** Begins what is asked for; gives what ends it, when the run is over. */
export function beginTrace(
  host: Host,
  run: Run,
  { trace, traceFile }: RunOptions,
  say: (text: string) => void,
): { finish(): void } | undefined {
  const file = traceFile === undefined ? undefined : openTraceFile(host, traceFile);
  run.traceSink = file === undefined ? (event) => say(textLine(event)) : (event) => file.add(event);
  const specs: readonly TraceSpec[] | undefined =
    trace ?? (file === undefined ? undefined : parseTrace(DEFAULT_TRACE));
  if (specs !== undefined) run.tracer.begin(specs, run.traceSink);
  if (specs === undefined && file === undefined) return undefined;
  return {
    finish: () => {
      run.tracer.end();
      file?.finish();
    },
  };
}
