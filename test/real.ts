/**
 * `npm run real [-- OPTION… PART…]`: drivervm beside the real stack, with MICROKIT_SDK and LIBVMM set. USAGE says what the parts are.
 * Exit status 1 where the two disagree in a way that is not explained, or something was not built, did not boot or did not answer.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compareDescriptions, type DescriptionCounts } from './real/descriptions.ts';
import { comparePlaces } from './real/places.ts';
import { buildAndBoot, layOut, projectsIn } from './real/projects.ts';
import { compareQueues } from './real/queues.ts';
import { Report } from './real/report.ts';
import { compareRoundTrips } from './real/round-trips.ts';
import { GICV3_BOARD, missingOf, type Stack } from './real/stack.ts';
import { buildInTypescript } from './real/typescript.ts';
import { PROJECT_ROOT } from './support/files.ts';

const USAGE = `npm run real [-- OPTION… PART…]: drivervm beside the real stack

MICROKIT_SDK names a Microkit SDK 2.3, LIBVMM libvmm 0.2 with its submodule dep/sddf. TREES may name directories of device trees of boards
that Debian's kernel does not have, such as seL4's tools/dts and Microkit's custom_dts, with a colon between.
Parts; all of them where none is named:
  descriptions  Microkit's tool and check over the fixtures' descriptions and mutants of them
  places        the same where kernel, initial task, loader and the kernel's objects lie, on each board of the SDK
  queues        where everything is in sDDF's queues, by its headers
  typescript    the same projects, their monitors in TypeScript on QuickJS-ng, where QUICKJS names its sources; how long a round trip to
                the monitor takes, beside libvmm's; with WORDs, those projects alone
  WORD          the projects whose names contain it (--list names them): planned, built, built again; those that QEMU has a board
                for are booted on seL4, answer commands, power off, and are compared line by line with run --monitor libvmm
Options:
  --list        the projects
  --mutants N   how many mutants (1000)
  --seed S      which ones (1)
  --keep DIR    leave projects and consoles (NAME.sel4.txt, NAME.run.txt) there
  --verbose     lines that differ for known reasons, too
`;
const [DESCRIPTIONS, PLACES, QUEUES, TYPESCRIPT] = ['descriptions', 'places', 'queues', 'typescript'];
/** A board that every SDK has. */
const QEMU_BOARD = 'qemu_virt_aarch64';
const MOST_SHOWN = 3;

function reportDescriptions(report: Report, part: string, counts: DescriptionCounts): void {
  const { judged, agreed, explained, disagreements } = counts;
  const kinds = new Map<string, (typeof disagreements)[number][]>();
  for (const each of disagreements) kinds.set(each.kind, [...(kinds.get(each.kind) ?? []), each]);
  for (const [kind, all] of kinds) {
    report.line(`  ${all.length} × ${kind}`);
    for (const { text, details } of all.slice(0, MOST_SHOWN))
      report.line(`    ${details.join('\n    ')}\n${text}`);
  }
  const words = `${judged} judged by Microkit's tool and by check: ${agreed} alike, ${explained} stricter here for known reasons, ${disagreements.length} not alike`;
  report.result(part, disagreements.length === 0, words);
}

const CALL = {
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    keep: { type: 'string' },
    mutants: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
} as const;

/** The call, or the end with a sentence. */
function called(): ReturnType<typeof parseArgs<typeof CALL>> {
  try {
    return parseArgs(CALL);
  } catch (error) {
    console.error(
      `${error instanceof Error ? error.message : String(error)}\nnpm run real -- --help says what there is`,
    );
    process.exit(2);
  }
}

const { values, positionals } = called();
const { MICROKIT_SDK: sdk, LIBVMM: libvmm, TREES: trees } = process.env;
const problem = missingOf(sdk, libvmm);
if (values.help) {
  console.log(USAGE);
} else if (sdk === undefined || libvmm === undefined || problem !== undefined) {
  console.error(problem);
  process.exitCode = 2;
} else {
  const stack: Stack = { sdk: resolve(sdk), libvmm: resolve(libvmm) };
  const place =
    values.keep === undefined ? mkdtempSync(join(tmpdir(), 'drivervm-real-')) : resolve(values.keep);
  mkdirSync(place, { recursive: true });
  try {
    await main(stack, place);
  } finally {
    if (values.keep === undefined) rmSync(place, { recursive: true, force: true });
  }
}

async function main(stack: Stack, place: string): Promise<void> {
  const report = new Report();
  const wants = (part: string): boolean => positionals.length === 0 || positionals.includes(part);
  if (values.list) {
    await layOut(place, trees);
    for (const { name } of projectsIn(place, stack.sdk)) console.log(name);
    return;
  }
  if (wants(DESCRIPTIONS)) {
    const counts = await compareDescriptions({
      sdk: stack.sdk,
      examples: join(PROJECT_ROOT, 'examples'),
      mutants: Number(values.mutants),
      seed: Number(values.seed),
      progress: (done, all) => report.line(`  ${done} of ${all} descriptions judged`),
    });
    reportDescriptions(report, DESCRIPTIONS, counts);
  }
  if (wants(PLACES)) reportDescriptions(report, PLACES, comparePlaces(stack.sdk, report));
  if (wants(QUEUES)) compareQueues(QEMU_BOARD, stack, report);
  if (wants(TYPESCRIPT)) await inTypescript(stack, place, report);
  const words = wordsOf(positionals);
  if (positionals.length === 0 || (words.length > 0 && !positionals.includes(TYPESCRIPT))) {
    const treeless = await layOut(place, trees);
    if (words.length === 0) {
      for (const [board, tree] of treeless)
        report.line(`  boards/${board}: left out: no ${tree} in the directories that TREES names`);
    }
    if (words.length === 0) sayLeftOut(stack, report);
    const projects = projectsIn(place, stack.sdk).filter(
      ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
    );
    if (projects.length === 0)
      report.result(words.join(' '), false, 'no project has that in its name; see --list');
    for (const project of projects) {
      await buildAndBoot(project, stack, report, { verbose: values.verbose, consoles: values.keep });
    }
  }
  if (!report.summary()) process.exitCode = 1;
}

async function inTypescript(stack: Stack, place: string, report: Report): Promise<void> {
  const { QUICKJS: quickjs } = process.env;
  if (quickjs === undefined) {
    report.result(
      TYPESCRIPT,
      positionals.length === 0,
      'left out: QUICKJS is to name the sources of QuickJS-ng',
    );
    return;
  }
  await layOut(place, trees);
  const words = wordsOf(positionals);
  // The engine is compiled once.
  const engine = join(place, 'engine');
  if (words.length === 0) await compareRoundTrips(place, resolve(quickjs), engine, stack, report);
  sayLeftOut(stack, report);
  const projects = projectsIn(place, stack.sdk).filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  for (const project of projects)
    await buildInTypescript(project, resolve(quickjs), stack, report, { consoles: values.keep, engine });
}

/** What is a part of no project's name. */
function wordsOf(parts: readonly string[]): readonly string[] {
  return parts.filter((word) => ![DESCRIPTIONS, PLACES, QUEUES, TYPESCRIPT].includes(word));
}

/** Microkit 2.3 has no board with a version 3 GIC that QEMU has, too; an SDK that was built with one more in its list does. */
function sayLeftOut({ sdk }: Stack, report: Report): void {
  if (existsSync(join(sdk, 'board', GICV3_BOARD))) return;
  report.line(`  ${GICV3_BOARD}: left out: the SDK was not built for it`);
}
