/** `drivervm payload debian`: a kernel, its device trees and an initial ramdisk from Debian's arm64 packages. */
import type { Command } from 'commander';
import { type DiagnosticSink, formatSize, type Host } from '../../base/index.ts';
import {
  DEFAULT_SUITE,
  type DebianPayload,
  fetchPackage,
  findKernelPackage,
  type IsolatedApt,
  makeDebianPayload,
  openIsolatedApt,
  unpackPackageFile,
} from '../../payload/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';

interface Options {
  readonly output: string;
  readonly kernel: string;
  readonly modules?: readonly string[];
  readonly init: string;
  readonly suite: string;
  readonly mirror?: string;
  readonly kernelPackage?: string;
  readonly busyboxPackage?: string;
  readonly json?: boolean;
}

const BUSYBOX_PACKAGE = 'busybox-static';

export function addDebianCommand(
  parent: Command,
  cli: CommandLine,
  done: (status: ExitStatus) => void,
): void {
  parent
    .command('debian')
    .description(
      "Fetch Debian's arm64 kernel and its board device trees, and build an initial ramdisk. Nothing is installed.",
    )
    .requiredOption('-o, --output <dir>', 'directory to write Image, config, initrd.cpio and dtbs/ into')
    .option('--kernel <package>', 'kernel package or metapackage', 'linux-image-arm64')
    .option(
      '--modules <list>',
      'modules for the initrd, by comma; for:BOARD.dtb stands for those that drive its enabled devices',
      (list: string) => list.split(',').filter(Boolean),
    )
    .option(
      '--init <shell|file>',
      'what the initrd does: our /init with a shell, or a file of yours',
      'shell',
    )
    .option('--suite <name>', "Debian's release to fetch from", DEFAULT_SUITE)
    .option('--mirror <uri>', "a mirror of Debian, in place of the one in apt's configuration")
    .option('--kernel-package <file.deb>', 'a kernel package that you have; nothing is fetched for it')
    .option('--busybox-package <file.deb>', 'a busybox-static package that you have')
    .option('--json', 'answer in JSON')
    .action(async (options: Options) => {
      done(await runCommand(cli, options, (sink) => makePayload(cli.host, options, sink)));
    });
}

async function makePayload(host: Host, options: Options, sink: DiagnosticSink): Promise<Answer | undefined> {
  const workplaces: string[] = [];
  try {
    const needsApt = options.kernelPackage === undefined || options.busyboxPackage === undefined;
    const apt = needsApt ? await openIsolatedApt(host, sink, options) : undefined;
    if (needsApt && apt === undefined) return undefined;
    const directoryOf = async (file: string | undefined, name: string): Promise<string | undefined> => {
      if (file === undefined) return apt === undefined ? undefined : await fetched(apt, name, sink);
      host.files.makeDirectory(options.output);
      const workplace = host.files.makeTemporaryDirectory(host.files.join(options.output, '.unpacked-'));
      workplaces.push(workplace);
      const directory = host.files.join(workplace, 'package');
      return (await unpackPackageFile(host, file, directory, sink)) ? directory : undefined;
    };
    const kernelDirectory = await directoryOf(options.kernelPackage, options.kernel);
    const busyboxDirectory = await directoryOf(options.busyboxPackage, BUSYBOX_PACKAGE);
    if (kernelDirectory === undefined || busyboxDirectory === undefined) return undefined;
    const payload = await makeDebianPayload(
      host,
      {
        kernelDirectory,
        busyboxDirectory,
        modules: options.modules ?? [],
        ...(options.init === 'shell' ? {} : { init: options.init }),
        outputDirectory: options.output,
      },
      sink,
    );
    return payload === undefined ? undefined : describe(payload);
  } finally {
    for (const workplace of workplaces) host.files.remove(workplace);
  }
}

async function fetched(apt: IsolatedApt, name: string, sink: DiagnosticSink): Promise<string | undefined> {
  const found = await findKernelPackage(apt, name, sink);
  return found === undefined ? undefined : (await fetchPackage(apt, found, sink))?.directory;
}

function describe(payload: DebianPayload): Answer {
  const { kernel, modules, devices, boards } = payload;
  const size = formatSize(kernel.fileSizeBytes);
  const lines = [
    `kernel  ${payload.kernelPath}: Linux ${payload.release}, ${size}, needs ${formatSize(kernel.imageSizeBytes)} of RAM`,
    `config  ${payload.configPath}`,
    `initrd  ${payload.initrdPath}: ${formatSize(payload.initrdSizeBytes)}, ${modules.length} modules`,
    ...modules.map((module) => `          ${module.name}`),
    ...devices.map((device) => `        for ${device.node.path}: ${device.modules.join(', ')}`),
    `boards  ${boards.length} device trees below dtbs/`,
    ...(payload.upLine === undefined ? [] : [`up      once it runs, the initrd prints "${payload.upLine}"`]),
  ];
  return {
    text: `${lines.join('\n')}\n`,
    json: {
      ...payload,
      modules: modules.map(({ name, path }) => ({ name, path })),
      devices: devices.map(({ node, modules }) => ({ path: node.path, modules })),
    },
  };
}
