/** sDDF's queues as `sharing` has them, against sDDF's own headers: the compiler says which number is another. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SDDF_QUEUES, type SddfStruct } from '../../src/sharing/index.ts';
import { runOracle } from '../support/oracles.ts';
import type { Report } from './report.ts';
import type { Stack } from './stack.ts';

const structs: readonly SddfStruct[] = Object.values(SDDF_QUEUES);

/** One assertion for each number. */
function assertions(): readonly string[] {
  return structs.flatMap(({ type, members, sizeBytes }) => [
    ...Object.entries(members).map(
      ([name, offset]) => `_Static_assert(offsetof(${type}, ${name}) == ${offset}, "${type}.${name}");`,
    ),
    ...(sizeBytes === undefined ? [] : [`_Static_assert(sizeof(${type}) == ${sizeBytes}, "${type}");`]),
  ]);
}

export function compareQueues(board: string, { sdk, libvmm }: Stack, report: Report): void {
  const place = mkdtempSync(join(tmpdir(), 'drivervm-queues-'));
  const lines = assertions();
  const headers = new Set(['stddef.h', ...structs.map(({ header }) => header)]);
  const file = join(place, 'queues.c');
  writeFileSync(file, [...[...headers].map((header) => `#include <${header}>`), ...lines, ''].join('\n'));
  const sddf = join(libvmm, 'dep', 'sddf', 'include');
  const include = [
    sddf,
    join(sddf, 'microkit'),
    join(sddf, 'sddf', 'util', 'custom_libc'),
    join(sdk, 'board', board, 'debug', 'include'),
  ];
  const made = runOracle('clang', [
    ...['--target=aarch64-none-elf', '-ffreestanding', '-fsyntax-only'],
    ...include.flatMap((each) => ['-I', each]),
    file,
  ]);
  rmSync(place, { recursive: true });
  const wrong = made.stderr.split('\n').filter((line) => line.includes('error:'));
  report.result(
    'queues',
    made.status === 0,
    made.status === 0 ? `${lines.length} numbers are those of sDDF's headers` : wrong.join('; '),
  );
}
