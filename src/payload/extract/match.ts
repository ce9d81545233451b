/** Which kernel, ramdisk and device tree belong together, which do not, and which are taken; and how sure that is. */
import { DiagnosticSink } from '../../base/index.ts';
import { type BootFile, type DoubtSubject, rootOf } from '../boot/entry.ts';
import { payloadCodes } from '../diagnostics.ts';
import type { Volume } from '../filesystem/volumes.ts';
import { changeTree } from './change-tree.ts';
import {
  type ChoiceDoubt,
  configurationDoubts,
  namesAdded,
  onlyTreeDoubts,
  outsideDirectoryDoubts,
  placeDoubts,
  unmarkedDoubts,
  unreadKernelDoubts,
} from './choice-doubts.ts';
import { chooseTree, type TreeChoice } from './choose-tree.ts';
import { groupedDoubts } from './doubts.ts';
import type {
  ChosenStep,
  Findings,
  FoundConfiguration,
  FoundEntry,
  FoundFile,
  FoundInitrd,
  FoundKernel,
} from './findings.ts';
import { filesNamed, sameFile, volumeNamed } from './places.ts';
import { rankEntries, reportOthers } from './rank.ts';
import { bootargsOfTree } from './tree-bootargs.ts';

export interface PayloadRequest {
  /** A kernel's path, file name or release. */
  readonly kernel?: string;
  /** A device tree's path or file name. */
  readonly dtb?: string;
}

export interface Choice {
  readonly kernel: FoundKernel;
  /** In the order in which the kernel gets them. */
  readonly initrds: readonly FoundInitrd[];
  readonly tree: TreeChoice | undefined;
  readonly steps: readonly ChosenStep[];
  readonly entry: FoundEntry | undefined;
  readonly bootargs: string;
  /** `root=` of the bootargs, and the volume that it names where that is known. */
  readonly root: string | undefined;
  readonly rootVolume: Volume | undefined;
  /** Why this pair: for the report. */
  readonly why: string;
  /** `boots`: a configuration was followed to its end; `asked`: it was asked for; `guess`: neither. */
  readonly certainty: 'boots' | 'guess' | 'asked';
  readonly doubts: readonly ChoiceDoubt[];
}

/** Reports what does not belong together, and takes the pair that boots by default or the one asked for. */
export function choosePayload(
  volumes: readonly Volume[],
  found: Findings,
  request: PayloadRequest,
  sink: DiagnosticSink,
  /** Whether a running board's tree is there, which is better than any file's. */
  hasLiveTree = false,
): Choice | undefined {
  reportKernels(found, sink);
  const entries = rankEntries(volumes, found);
  for (const entry of entries) reportMissingFiles(volumes, entry, sink);
  const fallback = entries.find(({ entry }) => entry.isDefault);
  const kernel = chooseKernel(volumes, found, request, fallback, sink);
  if (kernel === undefined) return undefined;
  const booting = entries.filter((entry) => isKernelOf(volumes, entry, kernel));
  const entry = booting.find((candidate) => candidate.entry.isDefault) ?? booting[0];
  const configuration = configurationOf(kernel, entry);
  const initrds = chooseInitrds(volumes, found, kernel, entry, configuration, sink);
  const circumstances = { kernel, entry, configuration, hasLiveTree };
  const treeOrNot = chooseTree(volumes, found, request.dtb, circumstances, sink);
  const tree = treeOrNot === 'unread' ? undefined : treeOrNot;
  const release = kernel.image.release ?? 'of no known release';
  for (const initrd of initrds) reportPair(release, initrd, sink);
  const steps = stepsOf(volumes, entry, configuration, bundledOverlays(kernel, entry));
  const given = [(entry ?? fallback)?.entry.bootargs, bundled(kernel, configuration)]
    .filter(Boolean)
    .join(' ');
  const bootargs = given === '' ? bootargsOfTree(tree, steps) : given;
  const root = rootOf(bootargs);
  const rootVolume = root === undefined ? undefined : volumeNamed(volumes, root);
  reportRoot(volumes, root, rootVolume, entry, sink);
  const told = entry ?? (request.kernel === undefined ? fallback : undefined);
  const isElsewhere = request.kernel === undefined && fallback !== undefined && entry !== fallback;
  const doubts: ChoiceDoubt[] = [
    ...(told?.entry.doubts ?? []),
    ...(told === undefined ? [] : [...placeDoubts(volumes, told), ...unmarkedDoubts(volumes, told)]),
    ...configurationDoubts(kernel, entry, configuration),
    // Why what boots by default is not taken.
    ...(isElsewhere && told !== fallback ? fallback.entry.doubts : []),
    ...(isElsewhere ? unreadKernelDoubts(volumes, fallback, found.kernels) : []),
    ...(tree?.isOutsideDirectory === true ? outsideDirectoryDoubts(entry, tree.tree) : []),
    ...(tree?.why === 'only' && !hasLiveTree ? onlyTreeDoubts(entry, tree.tree.path) : []),
  ];
  if (overlaysRefused(tree, stepsOf(volumes, undefined, configuration, bundledOverlays(kernel, entry)))) {
    const reason = 'joins an overlay that does not apply, so that U-Boot does not boot it';
    const about = ['kernel', 'device tree'] as const;
    const text = configuration?.name ?? '';
    doubts.push({ file: kernel.path, line: undefined, text, reason, kind: 'unread', about });
  }
  const isTold =
    request.kernel !== undefined ||
    (entry !== undefined && reportOthers(volumes, found, entries, entry, sink));
  reportProblems(told, sink);
  reportDoubts(entry ?? fallback, doubts, sink);
  // The finding is reported with the tree.
  if (treeOrNot === 'unread') doubts.push(unreadTree(kernel, entry, request.dtb));
  const isSure = entry !== undefined && isTold && entry === (request.kernel === undefined ? fallback : entry);
  const isDoubtful = doubts.some(lowers);
  const certainty =
    request.kernel !== undefined && !isDoubtful ? 'asked' : isSure && !isDoubtful ? 'boots' : 'guess';
  return {
    kernel,
    initrds,
    tree,
    steps,
    entry,
    bootargs,
    root,
    rootVolume,
    why: whyOf(request, entry, fallback),
    certainty,
    doubts,
  };
}

function unreadTree(
  kernel: FoundKernel,
  entry: FoundEntry | undefined,
  asked: string | undefined,
): ChoiceDoubt {
  return {
    file: entry?.entry.file ?? kernel.path,
    line: undefined,
    text: asked ?? entry?.entry.dtb?.path ?? `the tree of ${kernel.path}`,
    reason: 'is no device tree that can be read here',
    kind: 'unread',
    about: ['device tree'],
  };
}

/**
 * A value that only the board knows does not make a guess of the files where it is in the command line alone, nor a list
 * of changes to the tree for which the image has a place, and which it does not set.
 */
function lowers({ kind, about }: ChoiceDoubt): boolean {
  const passes: readonly DoubtSubject[] =
    kind === 'setting' ? ['command line', 'device tree'] : ['command line'];
  return kind === 'unread' || about.some((subject) => !passes.includes(subject));
}

function whyOf(
  request: PayloadRequest,
  entry: FoundEntry | undefined,
  fallback: FoundEntry | undefined,
): string {
  if (request.kernel !== undefined) return `asked for as ${request.kernel}`;
  if (entry !== undefined) return `${entry.entry.file} boots "${entry.entry.label}"`;
  if (fallback === undefined) return 'the newest kernel; no boot configuration names one';
  const { file, label, kernel } = fallback.entry;
  if (kernel === undefined) return `the newest kernel; ${file} comes to boot none that is here`;
  return `the newest kernel; ${file} boots "${label}", whose kernel ${kernel.path} is no arm64 kernel here`;
}

/** What a bundle brings of the command line, where its own entry does not have it already. */
function bundled(kernel: FoundKernel, configuration: FoundConfiguration | undefined): string {
  return kernel.volume.system.kind === 'raw' || kernel.wrappers[0] === 'uki'
    ? ''
    : (configuration?.bootargs ?? '');
}

function configurationOf(kernel: FoundKernel, found: FoundEntry | undefined): FoundConfiguration | undefined {
  const { configurations } = kernel;
  if (configurations === undefined) return undefined;
  const [name] = (found?.entry.configuration ?? '').split('#');
  return (
    configurations.find((each) => each.name === name) ??
    configurations.find(({ isDefault }) => isDefault) ??
    configurations[0]
  );
}

/** Of several kernels in one bundle, the one that the entry's configuration boots, or the default one. */
function isKernelOf(volumes: readonly Volume[], found: FoundEntry, kernel: FoundKernel): boolean {
  if (!sameFile(volumes, found, found.entry.kernel, kernel)) return false;
  const [name = ''] = (found.entry.configuration ?? '').split('#');
  return name === '' || kernel.configurations?.some((each) => each.name === name) !== false;
}

function chooseInitrds(
  volumes: readonly Volume[],
  found: Findings,
  kernel: FoundKernel,
  entry: FoundEntry | undefined,
  configuration: FoundConfiguration | undefined,
  sink: DiagnosticSink,
): readonly FoundInitrd[] {
  if (entry === undefined) return configuration?.initrds ?? initrdByName(found, kernel);
  if (entry.entry.hasNoInitrd === true) return [];
  if (entry.entry.initrds.length === 0) return configuration?.initrds ?? [];
  return entry.entry.initrds.flatMap((file) => {
    const initrd = found.initrds.find((each) => sameFile(volumes, entry, file, each));
    if (initrd === undefined && filesNamed(volumes, entry, file).length > 0) {
      const position = { file: `${entry.volume.name}: ${entry.entry.file}` };
      sink.report(payloadCodes['initrd-unread'].at(position, { label: entry.entry.label, path: file.path }));
    }
    return initrd === undefined ? [] : [initrd];
  });
}

function bundledOverlays(kernel: FoundKernel, entry: FoundEntry | undefined): readonly BundledTree[] {
  return namesAdded(entry).flatMap(
    (name) => kernel.allConfigurations?.find((each) => each.name === name)?.trees.slice(0, 1) ?? [],
  );
}

type BundledTree = FoundConfiguration['trees'][number];

function stepsOf(
  volumes: readonly Volume[],
  entry: FoundEntry | undefined,
  configuration: FoundConfiguration | undefined,
  added: readonly BundledTree[],
): readonly ChosenStep[] {
  const own = [...(configuration?.trees.slice(1) ?? []), ...added].map((file) => ({
    step: { kind: 'overlay' as const, file: { path: file.content.path } },
    file,
  }));
  const steps = entry?.entry.treeSteps ?? [];
  const named = (file: BootFile): FoundFile | undefined => entry && filesNamed(volumes, entry, file)[0];
  return [
    ...own,
    ...steps.map((step) => ({ step, file: step.kind === 'overlay' ? named(step.file) : undefined })),
  ];
}

function reportDoubts(
  entry: FoundEntry | undefined,
  doubts: readonly ChoiceDoubt[],
  sink: DiagnosticSink,
): void {
  for (const lowering of [true, false]) {
    for (const { first, places, about } of groupedDoubts(
      doubts.filter((doubt) => lowers(doubt) === lowering),
    )) {
      const { file, line, text, reason } = first;
      const position = {
        file: `${entry?.volume.name ?? ''}: ${file}`,
        ...(line === undefined ? {} : { line }),
      };
      const shown = { text, reason, about: about.join(', '), ...(places === '' ? {} : { places }) };
      sink.report(payloadCodes[lowering ? 'boot-doubt' : 'known-on-board'].at(position, shown));
    }
  }
}

/** Whether an overlay of a bundle does not apply to its tree. */
function overlaysRefused(tree: TreeChoice | undefined, steps: readonly ChosenStep[]): boolean {
  if (tree === undefined || steps.length === 0) return false;
  const { changes } = changeTree(tree.content, steps, '', new DiagnosticSink());
  return changes.some(({ isApplied }) => !isApplied);
}

/** Overlays that a loader looks for in vain, or that it can't apply. */
function reportProblems(entry: FoundEntry | undefined, sink: DiagnosticSink): void {
  for (const { file, line, path, reason } of entry?.entry.problems ?? []) {
    const position = { file: `${entry?.volume.name ?? ''}: ${file}`, line };
    const label = entry?.entry.label ?? '';
    if (reason === undefined) {
      sink.report(payloadCodes['boot-file-missing'].at(position, { label, role: 'overlay', path }));
    } else sink.report(payloadCodes['tree-step-refused'].at(position, { what: path, reason }));
  }
}

function reportRoot(
  volumes: readonly Volume[],
  root: string | undefined,
  rootVolume: Volume | undefined,
  entry: FoundEntry | undefined,
  sink: DiagnosticSink,
): void {
  const isByIdentity = root !== undefined && /^(?:UUID|PARTUUID|LABEL|PARTLABEL)=[^<]/.test(root);
  const hasIdentity = volumes.some(({ system }) => system.uuid !== '');
  if (root !== undefined && isByIdentity && rootVolume === undefined && hasIdentity) {
    sink.report(payloadCodes['root-not-found'].at({ file: entry?.entry.file ?? '' }, { root }));
  }
}

/** Each kernel against its own name and against the modules there are; modules against the kernels. */
function reportKernels(found: Findings, sink: DiagnosticSink): void {
  const releases = found.modules.map((modules) => modules.release);
  for (const { path, volume, image } of found.kernels) {
    const position = { file: `${volume.name}: ${path}` };
    const release = image.release ?? 'of no known release';
    const [, named] = /(?:vmlinuz|vmlinux|Image)-(\d[^/]*?)(?:\.gz)?$/.exec(path) ?? [];
    if (named !== undefined && image.release !== undefined && named !== image.release) {
      sink.report(payloadCodes['kernel-misnamed'].at(position, { path, named, release }));
    }
    if (image.endianness === 'big') sink.report(payloadCodes['kernel-big-endian'].at(position, { path }));
    if (releases.length > 0 && !releases.includes(release)) {
      sink.report(
        payloadCodes['kernel-without-modules'].at(position, { release, releases: releases.join(', ') }),
      );
    }
  }
  const kernels = new Set(found.kernels.map((kernel) => kernel.image.release));
  for (const { release, path, volume } of found.modules) {
    if (kernels.has(release) || found.kernels.length === 0) continue;
    sink.report(payloadCodes['modules-without-kernel'].at({ file: `${volume.name}: ${path}` }, { release }));
  }
}

function reportMissingFiles(volumes: readonly Volume[], found: FoundEntry, sink: DiagnosticSink): void {
  const { entry, volume } = found;
  const files: [role: string, file: BootFile | undefined][] = [
    ['kernel', entry.kernel],
    ...entry.initrds.map((file): [string, BootFile] => ['initrd', file]),
    ['device tree', entry.dtb],
    ...entry.treeSteps.map((step): [string, BootFile | undefined] =>
      step.kind === 'overlay' ? ['overlay', step.file] : ['', undefined],
    ),
  ];
  for (const [role, file] of files) {
    if (file === undefined || file.path === '' || filesNamed(volumes, found, file).length > 0) continue;
    // The firmware's own default name need not be there.
    if (entry.loader === 'raspberry-pi' && role === 'kernel') continue;
    const position = { file: `${volume.name}: ${entry.file}` };
    sink.report(
      payloadCodes['boot-file-missing'].at(position, { label: entry.label, role, path: file.path }),
    );
  }
}

function reportPair(release: string, initrd: FoundInitrd, sink: DiagnosticSink): void {
  const position = { file: `${initrd.volume.name}: ${initrd.path}` };
  const { moduleReleases } = initrd.facts;
  if (moduleReleases.length > 0 && !moduleReleases.includes(release)) {
    const releases = moduleReleases.join(', ');
    sink.report(
      payloadCodes['initrd-of-other-kernel'].at(position, { initrd: initrd.path, releases, release }),
    );
  }
}

function chooseKernel(
  volumes: readonly Volume[],
  found: Findings,
  request: PayloadRequest,
  fallback: FoundEntry | undefined,
  sink: DiagnosticSink,
): FoundKernel | undefined {
  const paths = found.kernels.map((kernel) => kernel.path).join(', ');
  if (found.kernels.length === 0) {
    sink.report(
      payloadCodes['no-kernel'].at(undefined, { volumes: volumes.map(({ name }) => name).join(', ') }),
    );
    return undefined;
  }
  const { kernel: wanted } = request;
  if (wanted !== undefined) {
    const chosen = found.kernels.find(
      ({ path, image }) => path === wanted || path.endsWith(`/${wanted}`) || image.release === wanted,
    );
    if (chosen === undefined) sink.report(payloadCodes['kernel-not-found'].at(undefined, { wanted, paths }));
    return chosen;
  }
  const booted = found.kernels.filter(
    (kernel) => fallback !== undefined && isKernelOf(volumes, fallback, kernel),
  );
  const byDefault = booted.find(
    ({ configurations }) => configurations?.some(({ isDefault }) => isDefault) !== false,
  );
  return byDefault ?? booted[0] ?? [...found.kernels].sort(compareReleases).at(-1);
}

/** Numbers as numbers: 6.1.0-9 is before 6.1.0-10. */
function compareReleases(a: FoundKernel, b: FoundKernel): number {
  const [left, right] = [a.image.release ?? '', b.image.release ?? ''];
  return left.localeCompare(right, 'en', { numeric: true });
}

/** `initrd.img-RELEASE`, `uInitrd-RELEASE`, `initramfs-RELEASE.img`; else the one ramdisk with modules of that release. */
function initrdByName(found: Findings, kernel: FoundKernel): readonly FoundInitrd[] {
  const { release } = kernel.image;
  if (release === undefined) return [];
  const initrd =
    found.initrds.find(({ path }) => path.slice(path.lastIndexOf('/') + 1).includes(release)) ??
    found.initrds.find(({ facts }) => facts.moduleReleases.includes(release));
  return initrd === undefined ? [] : [initrd];
}
