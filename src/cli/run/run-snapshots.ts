/** A run's snapshots as the command line asks for them: `--save`, `--resume`, `--from-boot`. */
import type { DiagnosticSink, Host } from '../../base/index.ts';
import { INITRD_UP_LINE } from '../../payload/index.ts';
import { TextWatch } from '../../run/index.ts';
import { type Run, type RunInputs, Snapshots } from '../../workspace/index.ts';
import { build } from '../version.ts';
import type { RunOptions } from './options.ts';

const NS_PER_SECOND = 1e9;

export class RunSnapshots {
  readonly #run: Run;
  readonly #options: RunOptions;
  readonly #say: (text: string) => void;
  /** Absent where nothing is asked for: the run is not even looked at then. */
  readonly #snapshots: Snapshots | undefined;
  /** Waits for the line of a boot that is to be kept. */
  #boot: TextWatch | undefined;

  private constructor(
    run: Run,
    options: RunOptions,
    say: (text: string) => void,
    snapshots: Snapshots | undefined,
  ) {
    this.#run = run;
    this.#options = options;
    this.#say = say;
    this.#snapshots = snapshots;
  }

  static of(
    host: Host,
    run: Run,
    inputs: RunInputs,
    options: RunOptions,
    say: (text: string) => void,
  ): RunSnapshots {
    const { save, resume, fromBoot, clock, seed } = options;
    const isAsked = save !== undefined || resume !== undefined || fromBoot === true;
    const given = { program: build(), clock, ...(seed === undefined ? {} : { seed }) };
    const snapshots = isAsked ? Snapshots.of(host, run.session, inputs, given) : undefined;
    return new RunSnapshots(run, options, say, snapshots);
  }

  /** Takes up what is to be taken up; `false` where that can't be, which the sink says. */
  begin(sink: DiagnosticSink): boolean {
    const snapshots = this.#snapshots;
    if (snapshots === undefined) return true;
    const { resume, fromBoot } = this.#options;
    const isBooted = fromBoot === true && snapshots.hasBoot;
    if (fromBoot === true && !isBooted) this.#boot = new TextWatch(INITRD_UP_LINE);
    const from = isBooted ? snapshots.bootPath : resume;
    if (from === undefined) return true;
    if (!snapshots.resume(from, sink)) return false;
    const seconds = (this.#run.session.machine.time.nowNs / NS_PER_SECOND).toFixed(3);
    this.#say(
      `drivervm: ${isBooted ? 'booted before' : 'taken up'}: it goes on at ${seconds} s of the guest's time\n`,
    );
    return true;
  }

  /** A console said this. */
  heard(byte: number): void {
    this.#boot?.add(0, byte);
  }

  /** Between two steps of the session: a moment at which it can be saved. */
  step(): void {
    if (this.#boot?.found !== true) return;
    this.#boot = undefined;
    this.#snapshots?.keepBoot();
  }

  /** At a key. */
  saveNow(): string {
    const { save } = this.#options;
    if (this.#snapshots === undefined || save === undefined) return 'drivervm: --save FILE says where to\n';
    if (this.#run.session.kernel.isWithinSlice)
      return 'drivervm: a debugger has stopped a vCPU where nothing can be saved; once it has gone on, it can\n';
    this.#snapshots.save(save);
    return `drivervm: saved in ${save}\n`;
  }

  atEnd(): void {
    const { save } = this.#options;
    if (save !== undefined && !this.#run.session.kernel.isWithinSlice) this.#snapshots?.save(save);
  }
}
