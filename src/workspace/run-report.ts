/** What is said of a run: its account, and what was found out about it. */
import { DiagnosticSink, formatDiagnostic } from '../base/index.ts';
import {
  accountOf,
  type Consoles,
  diagnose,
  diagnosePoll,
  formatAccount,
  guestMemoryOf,
  kernelLog,
  type LogFindings,
  logFindings,
  PcNames,
  type RecordedPoll,
  type RunAccount,
  runCodes,
  type Session,
} from '../run/index.ts';
import type { RunInputs } from './run-inputs.ts';
import { unmountedShares } from './shares.ts';

/** As Linux says it (`init/main.c`). */
const INIT_BEGINS = /\bRun \S+ as init process/;

/** What is said of a run when it is over. */
export class RunReport {
  readonly names: PcNames;
  readonly #inputs: RunInputs;
  readonly #session: Session;
  readonly #consoles: Consoles;
  readonly #seconds: () => number;

  /** `seconds`: how long the run has lasted on this machine. */
  constructor(inputs: RunInputs, session: Session, consoles: Consoles, seconds: () => number) {
    this.#inputs = inputs;
    this.#session = session;
    this.#consoles = consoles;
    this.#seconds = seconds;
    this.names = new PcNames(session, inputs.symbolsOf);
  }

  diagnose(sink: DiagnosticSink): void {
    const { board, description, payloads } = this.#inputs;
    const { kernel, record } = this.#session;
    const instructions = new Map<string, number>();
    for (const { vm, cpu } of kernel.vcpus()) {
      instructions.set(vm, (instructions.get(vm) ?? 0) + cpu.retired);
    }
    const guestTrees = new Map([...payloads].map(([vm, { tree }]) => [vm, tree]));
    const hasSpoken = (vm: string) => this.#consoles.hasSpoken(vm);
    const heard = new Map([...payloads.keys()].map((vm) => [vm, this.#heardOf(vm)]));
    const kernelMessages = (vm: string) => heard.get(vm)?.messages ?? [];
    const lastLogLine = (vm: string) => heard.get(vm)?.lastLine;
    const spoken = { hasSpoken, kernelMessages, lastLogLine };
    diagnose({ board, description, guestTrees, record, instructions, ...spoken, ...this.#request() }, sink);
    const panics = new Map(
      [...heard].flatMap(([vm, { panic }]) => (panic === undefined ? [] : [[vm, panic] as const])),
    );
    this.#tellOfShares(sink);
    for (const { name, reason } of this.#consoles.panics) panics.set(name, reason);
    for (const [name, reason] of panics) {
      sink.report(runCodes['guest-panicked'].at(undefined, { name, reason }));
    }
  }

  /** Once there is user space, which is what mounts directories. */
  #tellOfShares(sink: DiagnosticSink): void {
    for (const vm of this.#inputs.payloads.keys()) {
      const unmounted = unmountedShares(vm, this.#inputs.shares);
      const hasInit = () => [...this.#kernelLog(vm)].some((line) => INIT_BEGINS.test(line));
      if (unmounted.length === 0 || !hasInit()) continue;
      for (const { name, path } of unmounted)
        sink.report(runCodes['share-not-mounted'].at(undefined, { vm, name, path }));
    }
  }

  #kernelLog(vm: string): Iterable<string> {
    return kernelLog(guestMemoryOf(this.#session.kernel, this.#inputs.description, vm));
  }

  /** From the console, and from the log in its RAM, which has what the console was not told. */
  #heardOf(vm: string): LogFindings {
    return logFindings(this.#kernelLog(vm), this.#consoles.kernelMessages(vm));
  }

  account(): RunAccount {
    return accountOf(this.#session, this.#seconds(), this.names);
  }

  /** The account of a run that goes on, with what can be said of it by now. */
  soFar(): string {
    const sink = new DiagnosticSink();
    this.diagnose(sink);
    return `${formatAccount(this.account())}${diagnosticLines(sink)}`;
  }

  /** A register that is polled without end, as soon as that is noticed; what would fix it is said at the end. */
  polled(poll: RecordedPoll): string {
    const sink = new DiagnosticSink();
    diagnosePoll({ board: this.#inputs.board, ...this.#request() }, poll, sink);
    return sink
      .sorted()
      .map(({ message }) => `drivervm: ${message}\n`)
      .join('');
  }

  #request() {
    const { planned } = this.#inputs;
    return { names: this.names, ...(planned === undefined ? {} : { planned }) };
  }
}

function diagnosticLines(sink: DiagnosticSink): string {
  return sink
    .sorted()
    .map((found) => `${formatDiagnostic(found)}\n`)
    .join('');
}
