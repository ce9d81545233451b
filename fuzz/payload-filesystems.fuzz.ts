/** Partition tables, ext4 and FAT over images with damaged metadata: every file listed and read, within bounds. */

import { readFileSync } from 'node:fs';
import { DiagnosticSink } from '../src/base/index.ts';
import {
  bytesSource,
  filesBelow,
  inspect,
  openPath,
  openVolumes,
  reportingRefusals,
} from '../src/payload/index.ts';
import { Workbench } from '../test/support/board-image.ts';
import { check } from './check.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

export const testRuns = 1000;

const LAYOUT = {
  'boot/a-file-with-a-long-name.txt': 'content',
  'boot/b': new Uint8Array(5000).fill(1),
  'etc/deep/er/file': 'x',
  'etc/small': 'y',
};
const AWKWARD = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff] as const;
const READ_LIMIT_BYTES = 1 << 16;

interface Seed {
  readonly image: Uint8Array;
  /** Where something is written: damage elsewhere would change nothing. */
  readonly places: readonly number[];
}

function seeds(): readonly Seed[] {
  const bench = new Workbench();
  try {
    const top = bench.lay(LAYOUT);
    const ext = (...flags: string[]): string =>
      bench.ext(top, 1, ['-b', '1024', '-N', '32', '-O', '^has_journal', ...flags]);
    const [plain, fat] = [ext(), bench.fat(LAYOUT, 1)];
    const paths = [
      plain,
      ext('-t', 'ext2'),
      ext('-O', 'inline_data', '-I', '512'),
      fat,
      bench.fat(LAYOUT, 40, ['-F', '32']),
      bench.disk('dos', [fat, plain]),
      bench.disk('gpt', [fat, plain]),
    ];
    return paths.map((path) => {
      // A FAT32 has to be large to be one; what lies behind its first megabytes is empty.
      const image = new Uint8Array(readFileSync(path)).slice(0, 4 << 20);
      const places = [...image.keys()].filter((at) => image[at] !== 0);
      return { image, places };
    });
  } finally {
    bench.remove();
  }
}

export async function fuzz({ runs, seed }: FuzzOptions): Promise<void> {
  const random = seededRandom(seed);
  const kinds = seeds();
  for (let run = 0; run < runs; run++) {
    const { image, places } = random.pick(kinds);
    const undo: (readonly [number, number])[] = [];
    for (let changes = 1 + random.below(4); changes > 0; changes--) damage(random, image, places, undo);
    const size = random.below(8) === 0 ? random.below(image.length) : image.length;
    await readAll(image.subarray(0, size), () => JSON.stringify({ run, seed, undo, size }));
    for (const [at, byte] of undo.reverse()) image[at] = byte;
  }
}

function damage(
  random: Random,
  image: Uint8Array,
  places: readonly number[],
  undo: (readonly [number, number])[],
): void {
  const at = random.pick(places) + random.below(3) - 1;
  const width = random.pick([1, 1, 2, 4]);
  const value = random.below(2) === 0 ? random.pick(AWKWARD) : random.u32();
  for (let index = 0; index < width; index++) {
    undo.push([at + index, image[at + index] ?? 0]);
    image[at + index] = value >>> (8 * index);
  }
}

async function readAll(image: Uint8Array, context: () => string): Promise<void> {
  const sink = new DiagnosticSink();
  const started = performance.now();
  await inspect(bytesSource('x', image), sink);
  const volumes = await openVolumes(bytesSource('x', image), sink);
  for (const { system } of volumes) {
    await reportingRefusals(sink, () => {
      let files = 0;
      for (const path of filesBelow(system, '/', { depth: 8, files: 200 })) {
        files += 1;
        const file = openPath(system, path);
        check(
          (file?.read(0, READ_LIMIT_BYTES).length ?? 0) <= READ_LIMIT_BYTES,
          'more than was asked for',
          context,
        );
      }
      check(files <= 200, 'more files than the limit', context);
    });
  }
  check(performance.now() - started < 5000, 'more than five seconds', context);
}
