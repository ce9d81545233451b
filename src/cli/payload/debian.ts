/** `drivervm payload debian`: a kernel, its device trees and an initial ramdisk from Debian's arm64 packages. */
import type { Command } from 'commander';
import { alignDown, type DiagnosticSink, formatSize, type Host, MIB, parseSize } from '../../base/index.ts';
import {
  DEFAULT_ROOT_BYTES,
  DEFAULT_ROOT_UUID,
  DEFAULT_SUITE,
  type DebianPayload,
  type DebianRoot,
  type DebianRootRequest,
  debianCodes,
  fetchKernel,
  fetchPackage,
  findPackage,
  type IsolatedApt,
  makeDebianPayload,
  makeDebianRoot,
  makeDiskServer,
  openIsolatedApt,
  unpackPackageFile,
} from '../../payload/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { runtimePath } from '../runtime.ts';

interface Options {
  readonly output: string;
  readonly kernel: string;
  readonly modules?: readonly string[];
  readonly init: string;
  readonly server?: boolean;
  readonly suite: string;
  readonly mirror?: string;
  readonly kernelPackage?: readonly string[];
  readonly busyboxPackage?: string;
  readonly root?: string;
  readonly rootSize?: string;
  readonly rootPackages?: readonly string[];
  readonly rootUuid?: string;
  readonly json?: boolean;
}

const byComma = (list: string): readonly string[] => list.split(',').filter(Boolean);

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
      byComma,
    )
    .option(
      '--init <shell|systemd|file>',
      'what the initrd does: our /init with a shell, or a file of yours; with --root, systemd is what the root begins with',
      'shell',
    )
    .option(
      '--server',
      'put the program in by which a guest serves its disks to others, compiled for AArch64',
    )
    .option('--suite <name>', "Debian's release to fetch from", DEFAULT_SUITE)
    .option('--mirror <uri>', "a mirror of Debian, in place of the one in apt's configuration")
    .option(
      '--kernel-package <list>',
      'a kernel package that you have, or those that a kernel is split over, by comma; nothing is fetched for it',
      byComma,
    )
    .option('--busybox-package <file.deb>', 'a busybox-static package that you have')
    .option(
      '--root <file>',
      "also make a disk image with a root filesystem of Debian's, for a guest's disk or card",
    )
    .option('--root-size <size>', 'how large that disk is', formatSize(DEFAULT_ROOT_BYTES))
    .option(
      '--root-packages <list>',
      'packages to have in it beyond the essential ones and an init, by comma; systemd-sysv makes systemd the init',
      byComma,
    )
    .option('--root-uuid <uuid>', 'its UUID, for root=UUID=', DEFAULT_ROOT_UUID)
    .option('--json', 'answer in JSON')
    .action(async (options: Options) => {
      done(await runCommand(cli, options, (sink) => makePayload(cli.host, options, sink)));
    });
}

async function makePayload(host: Host, options: Options, sink: DiagnosticSink): Promise<Answer | undefined> {
  const workplaces: string[] = [];
  try {
    const rootRequest = options.root === undefined ? undefined : rootOf(options.root, options, sink);
    if (sink.hasErrors) return undefined;
    const needsApt =
      options.kernelPackage === undefined ||
      options.busyboxPackage === undefined ||
      rootRequest !== undefined;
    const apt = needsApt ? await openIsolatedApt(host, sink, options) : undefined;
    if (needsApt && apt === undefined) return undefined;
    const unpacked = async (file: string): Promise<string | undefined> => {
      host.files.makeDirectory(options.output);
      const workplace = host.files.makeTemporaryDirectory(host.files.join(options.output, '.unpacked-'));
      workplaces.push(workplace);
      const directory = host.files.join(workplace, 'package');
      return (await unpackPackageFile(host, file, directory, sink)) ? directory : undefined;
    };
    const kernelDirectories: string[] = [];
    for (const file of options.kernelPackage ?? []) {
      const directory = await unpacked(file);
      if (directory === undefined) return undefined;
      kernelDirectories.push(directory);
    }
    if (options.kernelPackage === undefined && apt !== undefined) {
      const withModules = options.modules !== undefined;
      const directories = await fetchKernel(apt, options.kernel, { withModules }, sink);
      if (directories === undefined) return undefined;
      kernelDirectories.push(...directories);
    }
    const busyboxDirectory =
      options.busyboxPackage !== undefined
        ? await unpacked(options.busyboxPackage)
        : apt && (await fetched(apt, BUSYBOX_PACKAGE, sink));
    if (busyboxDirectory === undefined) return undefined;
    const diskServer =
      options.server === true ? await compiledServer(host, options, workplaces, sink) : undefined;
    if (options.server === true && diskServer === undefined) return undefined;
    const payload = await makeDebianPayload(
      host,
      {
        kernelDirectories,
        busyboxDirectory,
        modules: options.modules ?? [],
        ...(options.init === 'shell' || isSystemd(options) ? {} : { init: options.init }),
        ...(diskServer === undefined ? {} : { diskServer }),
        outputDirectory: options.output,
      },
      sink,
    );
    if (payload === undefined) return undefined;
    if (apt === undefined || rootRequest === undefined) return describe(payload);
    const root = await makeDebianRoot(apt, rootRequest, sink);
    return root === undefined ? undefined : describe(payload, root);
  } finally {
    for (const workplace of workplaces) host.files.remove(workplace);
  }
}

async function fetched(apt: IsolatedApt, name: string, sink: DiagnosticSink): Promise<string | undefined> {
  const found = await findPackage(apt, name, sink);
  return found === undefined ? undefined : (await fetchPackage(apt, found, sink))?.directory;
}

async function compiledServer(
  host: Host,
  { output }: Options,
  workplaces: string[],
  sink: DiagnosticSink,
): Promise<Uint8Array | undefined> {
  host.files.makeDirectory(output);
  const workplace = host.files.makeTemporaryDirectory(host.files.join(output, '.compiled-'));
  workplaces.push(workplace);
  return await makeDiskServer(host, runtimePath('linux/disk-server.c'), workplace, sink);
}

/** The ramdisk's own /init stays, and hands over to it. */
const isSystemd = ({ init, root }: Options): boolean => init === 'systemd' && root !== undefined;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function rootOf(path: string, options: Options, sink: DiagnosticSink): DebianRootRequest | undefined {
  const { rootSize = '', rootUuid: uuid = DEFAULT_ROOT_UUID, rootPackages: packages = [] } = options;
  const sizeBytes = parseSize(rootSize);
  if (sizeBytes === undefined) sink.report(debianCodes['not-a-size'].at(undefined, { given: rootSize }));
  if (!UUID.test(uuid)) sink.report(debianCodes['not-a-uuid'].at(undefined, { given: uuid }));
  const all = isSystemd(options) ? ['systemd-sysv', ...packages] : packages;
  return sizeBytes === undefined
    ? undefined
    : { path, packages: all, sizeBytes: alignDown(sizeBytes, MIB), uuid: uuid.toLowerCase() };
}

function describe(payload: DebianPayload, root?: DebianRoot): Answer {
  const { kernel, modules, devices, boards } = payload;
  const size = formatSize(kernel.fileSizeBytes);
  const lines = [
    `kernel  ${payload.kernelPath}: Linux ${payload.release}, ${size}, needs ${formatSize(kernel.imageSizeBytes)} of RAM`,
    ...(payload.configPath === undefined ? [] : [`config  ${payload.configPath}`]),
    payload.systemMapPath === undefined
      ? 'symbols the packages have no real System.map; run reads the symbols that the Image carries'
      : `symbols ${payload.systemMapPath}`,
    `initrd  ${payload.initrdPath}: ${formatSize(payload.initrdSizeBytes)}, ${modules.length} modules${payload.mountsShares ? ', and those by which it mounts what "run --share" gives' : ''}`,
    ...modules.map((module) => `          ${module.name}`),
    ...devices.map((device) => `        for ${device.node.path}: ${device.modules.join(', ')}`),
    `boards  ${boards.length} device trees below dtbs/`,
    ...(root === undefined
      ? []
      : [
          `root    ${root.path}: ${formatSize(root.sizeBytes)}, ${root.packages} packages, ${root.init}; root=UUID=${root.uuid}`,
        ]),
    ...(payload.upLine === undefined ? [] : [`up      once it runs, the initrd prints "${payload.upLine}"`]),
  ];
  return {
    text: `${lines.join('\n')}\n`,
    json: {
      ...payload,
      ...(root === undefined ? {} : { root }),
      mountsShares: payload.mountsShares,
      modules: modules.map(({ name, path }) => ({ name, path })),
      devices: devices.map(({ node, modules }) => ({ path: node.path, modules })),
    },
  };
}
