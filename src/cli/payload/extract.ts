/** `drivervm payload extract`: the kernel, ramdisk and device tree that a board's image boots. */
import { type Command, InvalidArgumentError } from 'commander';
import { GIB } from '../../base/index.ts';
import {
  DEFAULT_IMAGE_LIMIT_BYTES,
  type ExtractReport,
  extractPayload,
  groupedDoubts,
} from '../../payload/index.ts';
import { type CommandLine, type ExitStatus, runCommand } from '../cli.ts';

interface Options {
  readonly output: string;
  readonly kernel?: string;
  readonly dtb?: string;
  readonly maxGib: number;
  readonly json?: boolean;
}

export function addExtractCommand(
  parent: Command,
  cli: CommandLine,
  done: (status: ExitStatus) => void,
): void {
  parent
    .command('extract <source>')
    .description(
      "Take what a board boots out of a disk image (also compressed), a mounted root, a tar or a collector's archive. " +
        'The source is only read; nothing is mounted.',
    )
    .requiredOption('-o, --output <dir>', 'directory to write Image, initrd and the device tree into')
    .option('--kernel <name>', 'path, file name or release of the kernel to take, in place of the default')
    .option('--dtb <name>', 'path or file name of the device tree to take')
    .option(
      '--max-gib <n>',
      'how many GiB a compressed image may hold',
      parseCount,
      DEFAULT_IMAGE_LIMIT_BYTES / GIB,
    )
    .option('--json', 'answer in JSON')
    .action(async (source: string, options: Options) => {
      done(
        await runCommand(cli, options, async (sink) => {
          const { output, kernel, dtb, maxGib } = options;
          const chosen = {
            ...(kernel === undefined ? {} : { kernel }),
            ...(dtb === undefined ? {} : { dtb }),
          };
          const request = { source, outputDirectory: output, limitBytes: maxGib * GIB, ...chosen };
          const report = await extractPayload(cli.host, request, sink);
          return report === undefined ? undefined : { text: describe(report), json: { ...report } };
        }),
      );
    });
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!(count > 0)) throw new InvalidArgumentError('It takes a number above 0.');
  return count;
}

function describe(report: ExtractReport): string {
  const { chosen } = report;
  const list = (words: readonly (string | undefined)[]): string => words.filter(Boolean).join(', ') || 'none';
  const lines = [
    ...report.volumes.map(({ name, kind, label, uuid }) => `volume   ${list([name, kind, label, uuid])}`),
    ...report.kernels.map(
      ({ path, release, wrappers }) => `kernel   ${path}: ${list([release, ...wrappers])}`,
    ),
    ...report.initrds.map(
      ({ path, moduleReleases, wrappers }) =>
        `initrd   ${path}: ${list(wrappers)}; modules for ${list(moduleReleases)}`,
    ),
    `modules  ${list(report.moduleReleases)}`,
    `boards   ${report.deviceTreeCount} device trees`,
    ...report.bootEntries.map(
      ({ volume, file, label, isDefault }) =>
        `boots    ${volume}: ${file}: ${label}${isDefault ? ' (default)' : ''}`,
    ),
    `taken    ${chosen.certainty === 'guess' ? 'a guess: ' : ''}${chosen.why}`,
    `         kernel ${chosen.kernel ?? 'none'}`,
    `         initrd ${chosen.initrd ?? 'none'}`,
    `         device tree ${withWhy(chosen) ?? (report.written['liveDtb'] === undefined ? 'none' : 'of the running board')}`,
    ...chosen.treeChanges.map(
      ({ what, kind, parameters, isApplied }) =>
        `         ${kind === 'overlay' ? 'overlay ' : ''}${what}${kind === 'overlay' && parameters ? ` (${parameters})` : ''}${isApplied ? '' : ', NOT applied'}`,
    ),
    ...groupedDoubts(chosen.doubts).map(
      ({ first: { file, line, text, reason }, places }) =>
        `doubt    ${file}${line === undefined ? '' : `:${line}`}: ${text} ${reason}${places}`,
    ),
    `root     ${chosen.root ?? 'none named'}${chosen.rootVolume === undefined ? '' : ` (${chosen.rootVolume})`}`,
    `bootargs ${chosen.bootargs}`,
    ...Object.values(report.written).map((path) => `wrote    ${path}`),
  ];
  return `${lines.join('\n').replace(/[^\P{Cc}\n]/gu, '?')}\n`;
}

function withWhy({ dtb, dtbWhy }: ExtractReport['chosen']): string | undefined {
  return dtb !== undefined && dtbWhy === 'only' ? `${dtb} (the only one; no configuration names it)` : dtb;
}
