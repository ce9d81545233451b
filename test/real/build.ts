/**
 * A project built with Microkit's own tool by its Makefile, and again: what a second make does, and one with other images. Programs of
 * shared devices that a project says are another's have stand-ins: so the tool puts all of the project together, with every symbol set.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programImage } from '../support/program-image.ts';
import { drivervm, makeImage, type Outcome, reason, type Stack } from './stack.ts';

/** Programs that the Makefile names when they are missing. */
const ANOTHERS = /(\S+\.elf): not part of this project/;
const SET_SYMBOL = /\s(?:setvar_[a-z_]+|symbol)="([^"]*)"/g;
const LINUX_VARIABLE = /^(\w*LINUX) \?=/gm;
const BUILD = 'build';
const SMALL_BUILD = 'build-small';

export interface Built {
  readonly failed: boolean;
  /** Whether there is an image with the project's own kernel and with no stand-in. */
  readonly isWhole: boolean;
  readonly words: string;
}

const failure = (words: string): Built => ({ failed: true, isWhole: false, words });
const compiled = ({ out }: Outcome): readonly string[] =>
  out.split('\n').filter((line) => /(clang|ld\.lld|microkit) /.test(line));

/** `drivervm check` of the built project, with its programs. */
function checked(
  output: string,
  system: string,
  board: string,
  build: string,
  { sdk }: Stack,
  tree: string | undefined,
): Promise<Outcome> {
  const args = ['check', system, '--board', board, '--sdk', sdk, '--search-path', build];
  return drivervm(tree === undefined ? args : [...args, '--dtb', tree], output);
}

/** What make says in the end, and the programs that stand-ins were made of on the way. */
async function makeWithStandIns(
  output: string,
  system: string,
  stack: Stack,
  settings: readonly string[],
  build: string,
): Promise<{ readonly outcome: Outcome; readonly standIns: readonly string[] }> {
  const standIns: string[] = [];
  for (;;) {
    const outcome = await makeImage(output, stack, settings);
    const [, program] = ANOTHERS.exec(outcome.err) ?? [];
    if (!outcome.failed || program === undefined || standIns.includes(program)) return { outcome, standIns };
    const symbols = [...readFileSync(join(output, system), 'utf8').matchAll(SET_SYMBOL)];
    mkdirSync(join(output, build), { recursive: true });
    writeFileSync(join(output, build, program), programImage(symbols.map(([, symbol = '']) => symbol)));
    standIns.push(program);
  }
}

export interface BuildInputs {
  /** Microkit's name of the board. */
  readonly board: string;
  /** The board's tree, for a board that has one by that name but is another. */
  readonly tree?: string | undefined;
  /** The description's file. */
  readonly system: string;
  /** A file with the head of a kernel and 4 MiB of it. */
  readonly smallKernel: string;
}

export async function buildProject(
  output: string,
  { board, tree, system, smallKernel }: BuildInputs,
  stack: Stack,
): Promise<Built> {
  const kernels = [...readFileSync(join(output, 'Makefile'), 'utf8').matchAll(LINUX_VARIABLE)];
  const small = kernels.map(([, name]) => `${name}=${smallKernel}`);
  // Stand-ins of an earlier run would pass for programs.
  for (const directory of [BUILD, SMALL_BUILD])
    rmSync(join(output, directory), { recursive: true, force: true });
  const { outcome, standIns } = await makeWithStandIns(output, system, stack, [], BUILD);
  const about = standIns.length === 0 ? 'built' : `built, with stand-ins for ${standIns.join(', ')}`;
  const verdict = await checked(output, system, board, BUILD, stack, tree);
  if (outcome.failed) {
    const why = reason(outcome.err);
    const foretold = /sdf\/over-loader/.test(verdict.err) && /Overlapping regions/.test(why);
    if (!foretold) return failure(`not built: ${why}`);
    // What of the project is not the kernel's size, a smaller kernel shows.
    const settings = [...small, `BUILD_DIR=${SMALL_BUILD}`];
    const less = (await makeWithStandIns(output, system, stack, settings, SMALL_BUILD)).outcome;
    if (less.failed) return failure(`not built with a small kernel either: ${reason(less.err)}`);
    const again = await checked(output, system, board, SMALL_BUILD, stack, tree);
    if (again.failed) return failure(`built with a small kernel, but check finds: ${reason(again.err)}`);
    const words =
      "Debian's kernel reaches the loader, as check says (sdf/over-loader); built with one of 4 MiB";
    return { failed: false, isWhole: false, words };
  }
  if (verdict.failed)
    return failure(`${about}, but check finds errors in it: ${reason(verdict.out + verdict.err)}`);
  for (const [what, settings, rebuilds] of [
    ['a second make', [], false],
    ['a make with another kernel', small, true],
    ['a make with the first kernel again', [], true],
  ] as const) {
    const made = await makeImage(output, stack, settings);
    if (made.failed) return failure(`${about}; ${what} fails: ${reason(made.err)}`);
    const lines = compiled(made);
    const packs = made.out.includes('package_guest_images.S');
    if (rebuilds && !packs) return failure(`${about}; ${what} packages no image`);
    if (!rebuilds && lines.length > 0) return failure(`${about}; ${what} builds again: ${lines[0]}`);
  }
  const words = `${about}; a second make has nothing to do, one with another kernel packages it`;
  return { failed: false, isWhole: standIns.length === 0, words };
}
