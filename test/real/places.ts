/**
 * `check` beside Microkit's tool where it matters what lies where: a program of a given size, and a region near what kernel, initial
 * task, loader and the kernel's last objects take, on each board of the SDK.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticSink, formatDiagnostic, hex } from '../../src/base/index.ts';
import {
  boardFromSdk,
  type CheckOptions,
  initialTaskBytes,
  initialTaskIn,
  MICROKIT_BOARDS,
  type MicrokitBoard,
  rootObjectsIn,
} from '../../src/microkit/index.ts';
import { nodeHost } from '../../src/node/index.ts';
import { programImage } from '../support/program-image.ts';
import { type DescriptionCounts, type Disagreement, errorsOf, kindOfWords } from './descriptions.ts';
import type { Report } from './report.ts';
import { ToolRunner } from './tool.ts';

const MIB = 0x10_0000;
const CONFIG = 'debug';
const LARGE_PAGE_BYTES = 2 * MIB;
const PAGE_BYTES = 0x1000;
/** A small kernel, Debian's, and several of them; for these only where the initial task ends. */
const PROGRAM_MIB = [1, 34, 200];
const SEVERAL_MIB = 200;
/** The tool takes long over millions of pages. */
const MOST_IN_SMALL_PAGES = 0x7000_0000;

const system = (addr: number): string => `<system>
  <memory_region name="ram" size="${hex(LARGE_PAGE_BYTES)}" phys_addr="${hex(addr)}" page_size="${hex(LARGE_PAGE_BYTES)}" />
  <protection_domain name="a">
    <program_image path="a.elf" />
    <map mr="ram" vaddr="0x40000000" />
  </protection_domain>
</system>
`;

/** A region that the tool places itself, as large as it may be here, and as large as it surely may not be there. */
const floating = (sizeBytes: number, pageBytes: number): string => `<system>
  <memory_region name="ram" size="${hex(sizeBytes)}" page_size="${hex(pageBytes)}" />
  <protection_domain name="a">
    <program_image path="a.elf" />
    <map mr="ram" vaddr="0x40000000" />
  </protection_domain>
</system>
`;

/** The sizes are of large pages; numbers of objects are rounded down, by less than a hundredth of what rows there are. */
function floatingTexts(options: CheckOptions, ramBytes: number): readonly string[] {
  const pages = [LARGE_PAGE_BYTES, ...(ramBytes < MOST_IN_SMALL_PAGES ? [PAGE_BYTES] : [])];
  return pages.flatMap((pageBytes) => {
    const fits = (count: number): boolean =>
      errorsOf(floating(count * LARGE_PAGE_BYTES, pageBytes), options).codes.length === 0;
    let [low, high] = [1, Math.ceil(ramBytes / LARGE_PAGE_BYTES) + 1];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (fits(middle)) low = middle;
      else high = middle;
    }
    const doubtful = pageBytes === PAGE_BYTES ? Math.ceil(low / 100) : 1;
    return [low - doubtful, high].map((count) => floating(count * LARGE_PAGE_BYTES, pageBytes));
  });
}

/** Where the answer changes, and the nearest places of a large page on either side. */
function placesOf(board: MicrokitBoard, sizeBytes: number): readonly number[] {
  const task = initialTaskIn(board, initialTaskBytes(sizeBytes / PAGE_BYTES));
  const objects = rootObjectsIn(board.ram ?? [], sizeBytes);
  const down = (addr: number): number => addr - (addr % LARGE_PAGE_BYTES);
  const kernelAddr = board.ram?.[0]?.base ?? 0;
  // The size is rounded down by at most a twentieth: what lies further up is clear of the real one, too.
  const ends =
    task === undefined
      ? []
      : [task.base + task.size - PAGE_BYTES, task.base + task.size * 1.05 + 2 * LARGE_PAGE_BYTES].map(down);
  const others = [
    down(kernelAddr + LARGE_PAGE_BYTES - 1),
    ...(task === undefined ? [] : [down(task.base)]),
    ...(board.loaderAddr === undefined ? [] : [down(board.loaderAddr)]),
    ...(objects === undefined ? [] : [objects.base - LARGE_PAGE_BYTES, objects.base]),
  ];
  const edges = sizeBytes < SEVERAL_MIB * MIB ? [...others, ...ends] : ends;
  return [...new Set(edges)].filter((addr) =>
    board.ram?.some(({ base, size }) => addr >= base && addr + LARGE_PAGE_BYTES <= base + size),
  );
}

export function comparePlaces(sdk: string, report: Report): DescriptionCounts {
  const { files } = nodeHost();
  let [judged, agreed] = [0, 0];
  const disagreements: Disagreement[] = [];
  for (const name of readdirSync(join(sdk, 'board'))) {
    const known = MICROKIT_BOARDS.get(name);
    if (known === undefined || !existsSync(join(sdk, 'board', name, CONFIG, 'elf', 'loader.elf'))) continue;
    const sink = new DiagnosticSink();
    const board = boardFromSdk(sdk, known, CONFIG, files, sink);
    if (sink.hasErrors) throw new Error(sink.sorted().map(formatDiagnostic).join('\n'));
    report.line(`  ${name}`);
    for (const mib of PROGRAM_MIB) {
      const program = programImage([], mib * MIB);
      const runner = new ToolRunner(sdk, name, CONFIG, mib * MIB);
      const options = { board, cores: 1, programImage: () => program };
      try {
        const ramBytes = board.ram?.reduce((sum, { size }) => sum + size, 0) ?? 0;
        const texts = [
          ...placesOf(board, mib * MIB).map(system),
          ...(mib < SEVERAL_MIB ? floatingTexts(options, ramBytes) : []),
        ];
        for (const text of texts) {
          const { verdict, words } = runner.judge(text);
          const { codes, lines } = errorsOf(text, options);
          judged++;
          if ((verdict === 'built') === (codes.length === 0)) agreed++;
          else {
            const where = `${name}, a program of ${mib} MiB`;
            const kind = verdict === 'built' ? `built, but ${codes.join(', ')}` : kindOfWords(words);
            disagreements.push({ kind, text, details: [where, ...lines, words] });
          }
        }
      } finally {
        runner.close();
      }
    }
  }
  return { judged, agreed, explained: 0, disagreements };
}
