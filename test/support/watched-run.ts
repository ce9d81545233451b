/** Runs of a project with all that they leave behind, and the check that they depend on nothing but their inputs. */
import assert from 'node:assert/strict';
import { DiagnosticSink, type SavedPages, usedPages } from '../../src/base/index.ts';
import { pcapRecord } from '../../src/device/index.ts';
import type { ProgramResources } from '../../src/sddf/index.ts';
import { type LoadedProject, ProjectRun } from './project-run.ts';

interface RunState {
  readonly snapshot: Uint8Array;
  readonly console: string;
  /** How many frames had been on the wire. */
  readonly frames: number;
}

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

  /**
   * A snapshot looks only at those pages of guest RAM that somebody said to have written: looked at one by one, no others hold
   * anything.
   */
  checkWrittenPages(): void {
    const { cluster } = this.run.session.kernel;
    const { ram } = cluster.saved.save() as { readonly ram: readonly SavedPages[] };
    for (const [index, { bytes }] of cluster.ram.entries())
      assert.deepEqual(ram[index]?.runs, usedPages(bytes).runs, `region ${index}`);
  }

  /** What another run needs to go on from here. */
  state(): RunState {
    this.checkWrittenPages();
    return { snapshot: this.run.session.save(), console: this.run.console, frames: this.frames.length };
  }

  goOnFrom({ snapshot, console }: RunState): void {
    assert.ok(this.run.session.load(snapshot, new DiagnosticSink()));
    this.run.console = console;
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

/**
 * Two runs, and a third that goes on from where the first was half-way. Gives the first, and how many frames that had then. The
 * second begins at the first's prompt, from a snapshot: that two boots are the same, `boot.test.ts` says.
 */
export function checkSameRuns(
  make: () => WatchedRun,
  guests: number,
  firstHalf: (run: WatchedRun) => void,
  secondHalf: (run: WatchedRun) => void,
): { readonly first: WatchedRun; readonly halfFrames: number } {
  const first = make();
  first.boot(guests);
  const booted = first.state();
  firstHalf(first);
  const half = first.state();
  secondHalf(first);

  const second = make();
  second.goOnFrom(booted);
  firstHalf(second);
  secondHalf(second);
  assert.deepEqual(second.outcome(), first.outcome(booted.frames));

  const elsewhere = make();
  elsewhere.goOnFrom(half);
  secondHalf(elsewhere);
  assert.deepEqual(elsewhere.outcome(), first.outcome(half.frames));
  return { first, halfFrames: half.frames };
}
