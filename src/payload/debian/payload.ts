/** `payload debian`: a kernel, its board device trees and an initial ramdisk, from unpacked packages into a directory. */
import type { DiagnosticSink, Host } from '../../base/index.ts';
import { readDtb } from '../../devicetree/index.ts';
import { bytesSource } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { buildInitrd, INITRD_UP_LINE, type InitrdModule, SHARE_MODULES } from '../initrd/build.ts';
import type { Arm64Image } from '../kernel/image.ts';
import { parseSystemMap } from '../kernel/symbols.ts';
import { type UnwrappedKernel, unwrapKernel } from '../kernel/unwrap.ts';
import {
  type DeviceModules,
  type KernelModule,
  type ModuleSet,
  modulesForBoard,
  modulesInLoadOrder,
  type OfAlias,
  openModuleSet,
  readModule,
} from '../modules/index.ts';
import { reportingRefusals } from '../refusal.ts';
import { debianCodes } from './diagnostics.ts';
import { findKernelFiles, type KernelFiles } from './kernel-files.ts';

/** Which kernel, which modules for the ramdisk, where to. */
export interface DebianPayloadRequest {
  /** The unpacked kernel package, or the several that a kernel is split over ({@link findKernelFiles}). */
  readonly kernelDirectories: readonly string[];
  /** The unpacked busybox-static. */
  readonly busyboxDirectory: string;
  /** Module names, and `for:BOARD.dtb` for all that drive an enabled device of a board. */
  readonly modules: readonly string[];
  /** A file to be `/init` in place of our own. */
  readonly init?: string;
  /** The program that serves disks to other guests, to be in the ramdisk. */
  readonly diskServer?: Uint8Array;
  readonly outputDirectory: string;
}

/** The files that were written. */
export interface DebianPayload {
  readonly release: string;
  readonly kernel: Arm64Image;
  readonly kernelPath: string;
  /** Absent where the packages that were given have none. */
  readonly configPath?: string;
  /** Where the kernel's System.map is; absent where the package's only says where the real one is to be had. */
  readonly systemMapPath?: string;
  readonly initrdPath: string;
  readonly initrdSizeBytes: number;
  /** Whether the ramdisk has what mounts directories of the host's. */
  readonly mountsShares: boolean;
  readonly modules: readonly KernelModule[];
  /** For `for:BOARD.dtb`: which device asked for which modules. */
  readonly devices: readonly DeviceModules[];
  /** Paths below `dtbs/`. */
  readonly boards: readonly string[];
  /** The line that the initrd prints when it is up; absent with an `/init` of the user's. */
  readonly upLine: string | undefined;
}

/** Writes `Image`, `config`, `System.map` where the packages have the real one, `initrd.cpio` and `dtbs/`; `undefined` where something is amiss, which the sink says. */
export async function makeDebianPayload(
  host: Host,
  request: DebianPayloadRequest,
  sink: DiagnosticSink,
): Promise<DebianPayload | undefined> {
  const { files } = host;
  const { join } = files;
  const found = findKernelFiles(host, request.kernelDirectories);
  const unwrapped = found === undefined ? undefined : await readKernel(host, found.imagePath, sink);
  if (found === undefined || unwrapped === undefined) {
    const [first = ''] = request.kernelDirectories;
    const path = found?.imagePath ?? join(first, 'boot/vmlinuz-*');
    const what = found === undefined ? 'missing' : 'something else';
    sink.report(payloadCodes['not-a-kernel'].at(undefined, { path, found: what }));
    return undefined;
  }
  const { release } = found;
  const { image: kernel, content } = unwrapped;
  if (!reportMissingParts(found, request.modules.length > 0, sink)) return undefined;
  const boards = { from: found.boardsDirectory, to: join(request.outputDirectory, 'dtbs') };
  const chosen = await chooseModules(host, found.moduleDirectories, request.modules, boards, sink);
  if (chosen === undefined) return undefined;
  const modules = await readModules(host, chosen.modules, sink);
  const forShares = await modulesForShares(host, found, chosen.modules, sink);
  const shareModules = await readModules(host, forShares ?? [], sink);
  if (modules === undefined || shareModules === undefined) return undefined;
  const initrd = buildInitrd({
    busybox: files.read(below(host, request.busyboxDirectory, 'bin/busybox')),
    release,
    modules,
    shareModules,
    ...(request.init === undefined ? {} : { init: files.read(request.init) }),
    ...(request.diskServer === undefined ? {} : { diskServer: request.diskServer }),
  });
  const output = (name: string): string => join(request.outputDirectory, name);
  files.makeDirectory(request.outputDirectory);
  files.writeAtomically(output('Image'), content.read(0, content.sizeBytes));
  if (found.configPath !== undefined) {
    files.writeAtomically(output('config'), files.read(found.configPath));
  }
  files.writeAtomically(output('initrd.cpio'), initrd);
  const hasSymbols = copySystemMap(host, found.systemMapPath, output('System.map'));
  const copied = boards.from === undefined ? [] : copyBoards(host, boards.from, boards.to);
  return {
    release,
    kernel,
    kernelPath: output('Image'),
    ...(found.configPath === undefined ? {} : { configPath: output('config') }),
    ...(hasSymbols ? { systemMapPath: output('System.map') } : {}),
    initrdPath: output('initrd.cpio'),
    initrdSizeBytes: initrd.length,
    mountsShares: forShares !== undefined,
    ...chosen,
    boards: copied,
    upLine: request.init === undefined ? INITRD_UP_LINE : undefined,
  };
}

async function readModules(
  host: Host,
  modules: readonly KernelModule[],
  sink: DiagnosticSink,
): Promise<readonly InitrdModule[] | undefined> {
  const read: InitrdModule[] = [];
  for (const { path, directory } of modules) {
    const content = await readModule(host, host.files.join(directory, path), sink);
    if (content === undefined) return undefined;
    read.push({ path: path.replace(/\.ko\..*$/, '.ko'), content });
  }
  return read;
}

/** What mounts a host's directories, beside what is loaded anyway; `undefined` where the kernel's modules are not here or lack it. */
async function modulesForShares(
  host: Host,
  { moduleDirectories, hasModules }: KernelFiles,
  loaded: readonly KernelModule[],
  sink: DiagnosticSink,
): Promise<readonly KernelModule[] | undefined> {
  if (!hasModules) return undefined;
  const set = openModuleSet(host, moduleDirectories, sink);
  const isThere = (name: string) => set.names.includes(name) || set.builtin.has(name);
  if (!SHARE_MODULES.every(isThere)) return undefined;
  const needed = await modulesInLoadOrder(set, SHARE_MODULES, sink);
  return needed.filter(({ path }) => !loaded.some((module) => module.path === path));
}

/** A path in an unpacked package: at its root, or below /usr, where Debian has had everything since 13. */
function below(host: Host, directory: string, path: string): string {
  const merged = host.files.join(directory, 'usr', path);
  return host.files.status(merged) === undefined ? host.files.join(directory, path) : merged;
}

/** Whether to go on: what is missing of a split kernel is said, and needed only for modules that are asked for. */
function reportMissingParts(found: KernelFiles, needsModules: boolean, sink: DiagnosticSink): boolean {
  const { release, configPath, boardsDirectory, hasModules } = found;
  if (configPath === undefined && boardsDirectory === undefined) {
    const [what, name] = ['configuration and device trees', `linux-base-${release}`];
    sink.report(debianCodes['kernel-part-missing'].at(undefined, { what, name }));
  }
  if (hasModules || !needsModules) return true;
  sink.report(debianCodes['modules-missing'].at(undefined, { release }));
  return false;
}

function copySystemMap({ files }: Host, from: string | undefined, to: string): boolean {
  const content = from !== undefined && files.status(from)?.kind === 'file' ? files.read(from) : undefined;
  if (content === undefined || parseSystemMap(new TextDecoder().decode(content)) === undefined) return false;
  files.writeAtomically(to, content);
  return true;
}

async function readKernel(
  host: Host,
  path: string,
  sink: DiagnosticSink,
): Promise<UnwrappedKernel | undefined> {
  const source = bytesSource(path, host.files.read(path));
  return await reportingRefusals(sink, () => unwrapKernel(source));
}

const FOR_BOARD = 'for:';

type Chosen = Pick<DebianPayload, 'modules' | 'devices'>;

async function chooseModules(
  host: Host,
  directories: readonly string[],
  requests: readonly string[],
  boards: { readonly from: string | undefined; readonly to: string },
  sink: DiagnosticSink,
): Promise<Chosen | undefined> {
  if (requests.length === 0) return { modules: [], devices: [] };
  const set = openModuleSet(host, directories, sink);
  const devices: DeviceModules[] = [];
  const names: string[] = [];
  for (const request of requests) {
    if (!request.startsWith(FOR_BOARD)) {
      names.push(request);
      continue;
    }
    const path = request.slice(FOR_BOARD.length);
    const tree = readDtb(host.files.read(boardFile(host, path, boards)), path, sink);
    if (tree === undefined) return undefined;
    const found = modulesForBoard(tree, await ofAliases(host, set));
    devices.push(...found);
    names.push(...found.flatMap(({ modules }) => modules));
  }
  const errorsBefore = sink.count('error');
  const modules = await modulesInLoadOrder(set, names, sink);
  return sink.count('error') > errorsBefore ? undefined : { modules, devices };
}

/** A tree that is about to be written is read where it comes from. */
function boardFile(
  { files }: Host,
  path: string,
  { from, to }: { readonly from: string | undefined; readonly to: string },
): string {
  const below = files.relative(to, path);
  const isToCome = files.status(path) === undefined && from !== undefined && !below.startsWith('..');
  return isToCome ? files.join(from, below) : path;
}

/** Every alias for a device tree device, which means to read every module. */
async function ofAliases(host: Host, set: ModuleSet): Promise<readonly OfAlias[]> {
  const aliases: OfAlias[] = [];
  for (const [index, name] of set.names.entries()) {
    if (index % 100 === 0) host.progress(`reading kernel modules: ${index} of ${set.names.length} …`);
    const module = await set.read(name);
    for (const pattern of module?.aliases ?? []) {
      if (pattern.startsWith('of:')) aliases.push({ module: name, pattern });
    }
  }
  host.progress('');
  return aliases;
}

function copyBoards(host: Host, from: string, to: string): readonly string[] {
  const { files } = host;
  const boards: string[] = [];
  for (const vendor of files.list(from)) {
    if (files.status(files.join(from, vendor))?.kind !== 'directory') continue;
    files.makeDirectory(files.join(to, vendor));
    host.progress(`copying device trees: ${vendor} …`);
    for (const name of files.list(files.join(from, vendor)).filter((board) => board.endsWith('.dtb'))) {
      const board = files.join(vendor, name);
      files.writeAtomically(files.join(to, board), files.read(files.join(from, board)));
      boards.push(board);
    }
  }
  host.progress('');
  return boards;
}
