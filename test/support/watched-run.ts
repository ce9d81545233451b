/** Runs of a project with all that they leave behind, and the check that they depend on nothing but their inputs. */
import assert from 'node:assert/strict';
import { DiagnosticSink } from '../../src/base/index.ts';
import { pcapRecord } from '../../src/device/index.ts';
import type { ProgramResources } from '../../src/sddf/index.ts';
import { type LoadedProject, ProjectRun } from './project-run.ts';

export class WatchedRun {
  readonly run: ProjectRun;
  /** What was on the wire, as a capture has it. */
  readonly frames: Uint8Array[] = [];
  readonly #leaves: () => Uint8Array;

  /** `leaves`: what else the run has written, such as a disk. */
  constructor(
    project: LoadedProject,
    resources: ProgramResources = {},
    leaves: () => Uint8Array = () => new Uint8Array(0),
  ) {
    this.#leaves = leaves;
    this.run = new ProjectRun(project, resources, {
      onFrame: (frame) => this.frames.push(pcapRecord(this.run.session.machine.time.nowNs, frame.slice())),
    });
  }

  /** Everything that two runs must have in common. `framesFrom` leaves out what was on the wire before. */
  outcome(framesFrom = 0): object {
    return {
      console: this.run.console,
      instructions: this.run.session.kernel.vcpus().map(({ cpu }) => cpu.retired),
      timeNs: this.run.session.machine.time.nowNs,
      left: Buffer.from(this.#leaves()).toString('base64'),
      frames: this.frames.slice(framesFrom).map((frame) => Buffer.from(frame).toString('hex')),
    };
  }

  /** Types, and runs until the console says something, which it must. */
  say(text: string, until: string): void {
    this.run.type(text);
    this.run.until(until);
    assert.ok(this.run.console.includes(until), `${until}\n${this.run.console.slice(-2000)}`);
  }

  /** Until so many guests have a prompt. */
  boot(guests: number): void {
    for (let guest = 0; guest < guests; guest += 1) {
      this.run.console = '';
      this.say('', '# ');
    }
  }
}

/** Two runs, and a third that goes on from where the first was half-way. Gives the first, and how many frames that had then. */
export function checkSameRuns(
  make: () => WatchedRun,
  firstHalf: (run: WatchedRun) => void,
  secondHalf: (run: WatchedRun) => void,
): { readonly first: WatchedRun; readonly halfFrames: number } {
  const [first, second, elsewhere] = [make(), make(), make()];
  firstHalf(first);
  const snapshot = first.run.session.save();
  const { console } = first.run;
  const halfFrames = first.frames.length;
  secondHalf(first);

  firstHalf(second);
  secondHalf(second);
  assert.deepEqual(second.outcome(), first.outcome());

  assert.ok(elsewhere.run.session.load(snapshot, new DiagnosticSink()));
  elsewhere.run.console = console;
  secondHalf(elsewhere);
  assert.deepEqual(elsewhere.outcome(), first.outcome(halfFrames));
  return { first, halfFrames };
}
