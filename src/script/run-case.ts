/** A case with a run of its own, from power-on to its end. */
import { DiagnosticSink, formatDiagnostic, type Host } from '../base/index.ts';
import { Run, type RunRequest, readInputs, Snapshots } from '../workspace/index.ts';
import { messageOf, placeOf, type ScriptCase } from './cases.ts';
import type { CaseResult } from './results.ts';
import { Script } from './script.ts';

/** How a case is run. */
export interface CaseOptions {
  /** Which program this is, to the build: what is saved is for the same one. */
  readonly program: string;
  /** Goes before what the script says of its run. */
  readonly request: RunRequest;
  readonly outputDirectory: string;
  /** Of this machine's time, for each case. */
  readonly timeoutSeconds: number;
}

/** The end of a console's text that a result has. */
const SHOWN_CHARACTERS = 4000;

/** `project`: a directory that `plan` wrote, or a description. */
export async function runCase(
  host: Host,
  project: string,
  each: ScriptCase,
  { program, request, outputDirectory, timeoutSeconds }: CaseOptions,
): Promise<CaseResult> {
  const startMs = host.nowMs();
  const sink = new DiagnosticSink();
  const merged = { ...each.request, ...request };
  const inputs = await readInputs(host, project, merged, sink);
  if (inputs === undefined || inputs === 'misuse') {
    const message = sink.sorted().map(formatDiagnostic).join('\n');
    return resultOf(each, { message, hostSeconds: (host.nowMs() - startMs) / 1000 });
  }
  const run = new Run(host, inputs, merged);
  const script = new Script({
    host,
    run,
    snapshots: () => Snapshots.of(host, run.session, inputs, { program, clock: merged.clock ?? 'virtual' }),
    outputDirectory,
    driving: { timeoutSeconds },
  });
  run.onByte = (source, byte) => script.heard(source, byte);
  const ended = (): Pick<CaseResult, 'hostSeconds' | 'guestSeconds' | 'consoles'> => ({
    hostSeconds: (host.nowMs() - startMs) / 1000,
    guestSeconds: script.seconds,
    consoles: Object.fromEntries(
      script.spoken.map(({ name, text }) => [name, text.slice(-SHOWN_CHARACTERS)]),
    ),
  });
  try {
    await each.body(script);
    return { script: each.script, name: each.name, ok: true, ...ended() };
  } catch (error) {
    // A script is the user's code: whatever it throws is its failure.
    const at = placeOf(error, each.script);
    return resultOf(each, { message: messageOf(error), ...(at === undefined ? {} : { at }), ...ended() });
  } finally {
    for (const { root } of inputs.shares) root.close();
  }
}

function resultOf(
  { script, name }: ScriptCase,
  more: Pick<CaseResult, 'hostSeconds'> & Partial<CaseResult>,
): CaseResult {
  return { script, name, ok: false, guestSeconds: 0, consoles: {}, ...more };
}
