/** What is said of a run: its account, and what was found out about it. */
import { DiagnosticSink, formatDiagnostic } from '../../base/index.ts';
import { accountOf, diagnose, formatAccount, type RunAccount, type Session } from '../../run/index.ts';
import type { RunInputs } from './inputs.ts';

export function diagnoseRun(
  { board, description, payloads }: RunInputs,
  session: Session,
  sink: DiagnosticSink,
): void {
  const instructions = new Map<string, number>();
  for (const { vm, cpu } of session.kernel.vcpus()) {
    instructions.set(vm, (instructions.get(vm) ?? 0) + cpu.retired);
  }
  const guestTrees = new Map([...payloads].map(([vm, { tree }]) => [vm, tree]));
  diagnose({ board, description, guestTrees, record: session.record, instructions }, sink);
}

/** The account of a run that goes on, with what can be said of it by now. */
export function accountSoFar(inputs: RunInputs, session: Session, seconds: number): string {
  const sink = new DiagnosticSink();
  diagnoseRun(inputs, session, sink);
  const account: RunAccount = accountOf(session, seconds);
  return `${formatAccount(account)}${sink
    .sorted()
    .map((found) => `${formatDiagnostic(found)}\n`)
    .join('')}`;
}
