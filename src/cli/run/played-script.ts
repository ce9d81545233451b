/** A run with a script instead of a person: `run --script`. */
import type { DiagnosticSink, Host } from '../../base/index.ts';
import type { DriveOptions, RunEnd } from '../../run/index.ts';
import { messageOf, placeOf, readCases, Script, type ScriptCase, scriptCodes } from '../../script/index.ts';
import { type Run, type RunInputs, Snapshots } from '../../workspace/index.ts';
import { build } from '../version.ts';
import type { RunOptions } from './options.ts';

export class PlayedScript {
  readonly #host: Host;
  readonly #run: Run;
  readonly #inputs: RunInputs;
  readonly #options: RunOptions;
  readonly #case: ScriptCase | undefined;
  #script: Script | undefined;

  /** What is wrong with the script's file is reported; then it is not to be played. */
  constructor(host: Host, run: Run, inputs: RunInputs, options: RunOptions, sink: DiagnosticSink) {
    this.#host = host;
    this.#run = run;
    this.#inputs = inputs;
    this.#options = options;
    const { script = '', case: name } = options;
    const cases = readCases(host, script, sink);
    this.#case = name === undefined ? cases[0] : cases.find((each) => each.name === name);
    if (this.#case === undefined && name !== undefined && cases.length > 0)
      sink.report(
        scriptCodes['no-such-case'].at({ file: script }, { name, names: cases.map((each) => each.name) }),
      );
  }

  heard(source: number, byte: number): void {
    this.#script?.heard(source, byte);
  }

  /** To the script's end: `until` where it came to it, `left` where it threw, which the sink is told. */
  async play(
    pausing: Pick<Host, 'nowMs' | 'pause'>,
    driving: DriveOptions,
    sink: DiagnosticSink,
  ): Promise<RunEnd> {
    const { files } = this.#host;
    const each = this.#case;
    if (each === undefined) return 'left';
    const { found: between = () => false, ...others } = driving;
    this.#script = new Script({
      host: { ...pausing, files },
      run: this.#run,
      snapshots: () =>
        Snapshots.of(this.#host, this.#run.session, this.#inputs, { program: build(), ...this.#options }),
      outputDirectory: files.dirname(each.script),
      driving: { ...others, found: between },
    });
    try {
      await each.body(this.#script);
      return 'until';
    } catch (error) {
      // A script is the user's code: whatever it throws is its failure.
      const [, file = each.script, line, column] =
        /^(.*):(\d+):(\d+)$/.exec(placeOf(error, each.script) ?? '') ?? [];
      const at = line === undefined ? { file } : { file, line: Number(line), column: Number(column) };
      sink.report(scriptCodes.failed.at(at, { name: each.name, reason: messageOf(error) }));
      return 'left';
    }
  }
}
