/** What a program that imports drivervm does to plan, write, read and run a project: the same in Node and in a browser. */
import { type Diagnostic, DiagnosticSink, type Host } from '../../src/base/index.ts';
import type { RequestOverrides } from '../../src/plan/index.ts';
import { drive } from '../../src/run/index.ts';
import { planRequest, Run, readInputs, writeProject } from '../../src/workspace/index.ts';

/** What the guest's kernel says of the board. */
const UNTIL = 'Machine model: Hardkernel ODROID-C4';

export interface TenLines {
  readonly end: string;
  readonly console: string;
  readonly diagnostics: readonly Diagnostic[];
}

export async function tenLines(host: Host, overrides: RequestOverrides, output: string): Promise<TenLines> {
  const sink = new DiagnosticSink();
  const failed = { end: 'failed', console: '' };
  const planned = planRequest(host, { overrides, output }, sink);
  if (planned === undefined) return { ...failed, diagnostics: sink.sorted() };
  await writeProject(host.files, output, planned.files, {}, sink);
  const inputs = await readInputs(host, output, {}, sink);
  if (typeof inputs !== 'object') return { ...failed, diagnostics: sink.sorted() };
  const run = new Run(host, inputs, { until: UNTIL });
  const text: number[] = [];
  run.onByte = (_source, byte) => text.push(byte);
  const end = await drive(run.session, host, { found: () => run.consoles.found });
  return { end, console: String.fromCharCode(...text), diagnostics: sink.sorted() };
}
