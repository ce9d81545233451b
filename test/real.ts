/**
 * `npm run real [-- PART…]`: drivervm beside the real stack, with MICROKIT_SDK and LIBVMM set. Parts, all of them where none is named:
 *
 * - `descriptions`: Microkit's tool and `check` over the fixtures' descriptions and mutants of them (`--mutants N`, `--seed S`);
 * - any other word: the examples, and a guest of two vCPUs, whose names contain it. Each is planned and built; those that QEMU has a
 *   board for are booted on seL4, answer a command, power off, and are compared with `drivervm run --monitor libvmm` line by line.
 *
 * Exit status 1 where the two disagree on a description, or something was not built or did not boot; lines that differ are told.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareDescriptions } from './real/descriptions.ts';
import { buildAndBoot, layOut } from './real/projects.ts';
import type { Stack } from './real/stack.ts';
import { PROJECT_ROOT } from './support/files.ts';

const DESCRIPTIONS = 'descriptions';
const MOST_SHOWN = 3;

async function judgeDescriptions({ sdk }: Stack, mutants: number, seed: number): Promise<boolean> {
  const { judged, agreed, explained, disagreements } = await compareDescriptions({
    sdk,
    examples: join(PROJECT_ROOT, 'examples'),
    mutants,
    seed,
  });
  const counts = `${agreed} alike, ${explained} stricter here for known reasons, ${disagreements.length} not alike`;
  console.log(`descriptions: ${judged} judged by Microkit's tool and by check: ${counts}`);
  const kinds = new Map<string, (typeof disagreements)[number][]>();
  for (const each of disagreements) kinds.set(each.kind, [...(kinds.get(each.kind) ?? []), each]);
  for (const [kind, all] of kinds) {
    console.log(`  ${all.length} × ${kind}`);
    for (const { text, details } of all.slice(0, MOST_SHOWN))
      console.log(`    ${details.join('\n    ')}\n${text}`);
  }
  return disagreements.length === 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { mutants: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const { MICROKIT_SDK: sdk, LIBVMM: libvmm } = process.env;
if (sdk === undefined || libvmm === undefined) {
  console.error(
    'MICROKIT_SDK and LIBVMM are to name a Microkit SDK 2.3 and libvmm 0.2 with its submodule dep/sddf',
  );
  process.exitCode = 2;
} else {
  const stack = { sdk, libvmm };
  const place = mkdtempSync(join(tmpdir(), 'drivervm-real-'));
  try {
    const all = positionals.length === 0;
    const words = positionals.filter((word) => word !== DESCRIPTIONS);
    const judged =
      !(all || positionals.includes(DESCRIPTIONS)) ||
      (await judgeDescriptions(stack, Number(values.mutants), Number(values.seed)));
    let built = true;
    if (all || words.length > 0) {
      layOut(place);
      built = await buildAndBoot(place, stack, words);
    }
    if (!judged || !built) process.exitCode = 1;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
