/** `payload extract`: from a board's image, root or archive to the kernel, ramdisk and device tree that it boots. */
import type { DiagnosticSink, Host } from '../../base/index.ts';
import { writeDtb } from '../../devicetree/index.ts';
import type { DoubtSubject } from '../boot/entry.ts';
import { payloadCodes } from '../diagnostics.ts';
import { openPath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';
import { reportingRefusals } from '../refusal.ts';
import { joined } from './bundles.ts';
import { changeTree, type TreeChange } from './change-tree.ts';
import { findPayload } from './find.ts';
import type { Findings } from './findings.ts';
import { type LiveFacts, readLiveFacts, readLiveTreeOf } from './live.ts';
import { type Choice, choosePayload } from './match.ts';
import { DEFAULT_IMAGE_LIMIT_BYTES, openSource } from './source.ts';

/** What is to be taken out of a source, and where to. */
export interface ExtractRequest {
  readonly source: string;
  readonly outputDirectory: string;
  readonly kernel?: string;
  readonly dtb?: string;
  /** How much a compressed image may hold. */
  readonly limitBytes?: number;
}

/** Everything that was found, what was taken, and where it was written; plain values, for `--json` and `payload.json`. */
export interface ExtractReport {
  readonly source: string;
  readonly volumes: readonly {
    readonly name: string;
    readonly kind: string;
    readonly label: string;
    readonly uuid: string;
  }[];
  readonly kernels: readonly {
    readonly path: string;
    readonly release: string | undefined;
    readonly wrappers: readonly string[];
  }[];
  readonly initrds: readonly {
    readonly path: string;
    readonly moduleReleases: readonly string[];
    readonly wrappers: readonly string[];
  }[];
  readonly deviceTreeCount: number;
  readonly moduleReleases: readonly string[];
  readonly bootEntries: readonly {
    readonly volume: string;
    readonly file: string;
    readonly label: string;
    readonly isDefault: boolean;
  }[];
  readonly chosen: {
    readonly why: string;
    /** `boots`: by a configuration that was followed to its end; `asked`: as the request says; `guess`: neither. */
    readonly certainty: 'boots' | 'guess' | 'asked';
    /** What was not understood, or is known only on the board, and what that could change. */
    readonly doubts: readonly {
      readonly file: string;
      readonly line?: number;
      readonly text: string;
      readonly reason: string;
      readonly about: readonly DoubtSubject[];
    }[];
    readonly release: string | undefined;
    readonly kernel: string | undefined;
    /** Several are joined with ` + `, as the kernel gets them. */
    readonly initrd: string | undefined;
    readonly dtb: string | undefined;
    /** `named` by the configuration, `asked` for, or the `only` one there is. */
    readonly dtbWhy: 'named' | 'asked' | 'only' | undefined;
    /** What the loader does to the tree, in order: overlays above all. */
    readonly treeChanges: readonly TreeChange[];
    readonly bootargs: string;
    readonly root: string | undefined;
    readonly rootVolume: string | undefined;
  };
  /** Paths of the files that were written. */
  readonly written: Readonly<Record<string, string>>;
}

/** `undefined` where nothing could be taken; the sink says why. What does not belong together is reported in any case. */
export async function extractPayload(
  host: Host,
  request: ExtractRequest,
  sink: DiagnosticSink,
): Promise<ExtractReport | undefined> {
  const report = await extractReporting(host, request, sink);
  if (report === undefined && !sink.hasErrors) {
    sink.report(payloadCodes['nothing-taken'].at({ file: request.source }, undefined));
  }
  return report;
}

async function extractReporting(
  host: Host,
  request: ExtractRequest,
  sink: DiagnosticSink,
): Promise<ExtractReport | undefined> {
  const { files } = host;
  files.makeDirectory(request.outputDirectory);
  const workplace = files.makeTemporaryDirectory(files.join(request.outputDirectory, '.extract-'));
  try {
    const limitBytes = request.limitBytes ?? DEFAULT_IMAGE_LIMIT_BYTES;
    const opened = await openSource(host, request.source, workplace, limitBytes, sink);
    if (opened === undefined || opened.volumes.length === 0) return undefined;
    try {
      return await extractFrom(host, opened.volumes, request, sink);
    } finally {
      opened.close();
    }
  } finally {
    files.remove(workplace);
    host.progress('');
  }
}

async function extractFrom(
  host: Host,
  volumes: readonly Volume[],
  request: ExtractRequest,
  sink: DiagnosticSink,
): Promise<ExtractReport | undefined> {
  const live = await reportingRefusals(sink, () => {
    for (const volume of volumes) {
      const facts = readLiveFacts(volume.system);
      if (facts !== undefined) return { volume, facts };
    }
    return undefined;
  });
  const found = await findPayload(host, volumes, sink, request.dtb);
  const running = live?.facts.release;
  const isThere = found.kernels.some((kernel) => kernel.image.release === running);
  const kernel = request.kernel ?? (isThere ? running : undefined);
  const wanted = {
    ...(kernel === undefined ? {} : { kernel }),
    ...(request.dtb === undefined ? {} : { dtb: request.dtb }),
  };
  // A collector's archive without /boot is still worth its device tree and facts.
  const isLiveOnly = live !== undefined && found.kernels.length === 0;
  const choice = isLiveOnly
    ? undefined
    : await reportingRefusals(sink, () =>
        choosePayload(volumes, found, wanted, sink, live?.facts.hasDeviceTree === true),
      );
  if (choice === undefined && !isLiveOnly) return undefined;
  const { written, changes } = writeFiles(host, request.outputDirectory, choice, live, sink);
  const report = makeReport(request.source, volumes, found, choice, changes, live?.facts, written);
  const reportPath = host.files.join(request.outputDirectory, 'payload.json');
  host.files.writeAtomically(reportPath, `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

type Live = { readonly volume: Volume; readonly facts: LiveFacts } | undefined;

function writeFiles(
  host: Host,
  directory: string,
  choice: Choice | undefined,
  live: Live,
  sink: DiagnosticSink,
): { readonly written: Readonly<Record<string, string>>; readonly changes: readonly TreeChange[] } {
  const { files } = host;
  const written: Record<string, string> = {};
  let changes: readonly TreeChange[] = [];
  const write = (role: string, name: string, content: Uint8Array): void => {
    const path = files.join(directory, name);
    files.makeDirectory(files.dirname(path));
    files.writeAtomically(path, content);
    written[role] = path;
  };
  const whole = (source: { sizeBytes: number; read(at: number, size: number): Uint8Array }): Uint8Array =>
    source.read(0, source.sizeBytes);
  if (choice !== undefined) {
    const { kernel, initrds, tree, steps, entry } = choice;
    write('kernel', 'Image', whole(kernel.content));
    if (initrds.length > 0) write('initrd', 'initrd', joined(initrds.map(({ content }) => content)));
    // A running board's tree has all of it already.
    const isAsLoaded = live?.facts.hasDeviceTree === true;
    const configuration = `${entry?.volume.name ?? ''}: ${entry?.entry.file ?? ''}`;
    const changed = isAsLoaded ? undefined : changeTree(tree?.content, steps, configuration, sink);
    changes = changed?.changes ?? [];
    if (tree !== undefined) {
      const name = tree.tree.content === undefined ? files.basename(tree.tree.path) : 'board.dtb';
      write('dtb', name, changed?.tree === undefined ? whole(tree.content) : writeDtb(changed.tree));
    }
    const beside = (name: string) => openPath(kernel.volume.system, kernel.path.replace(/[^/]*$/, name));
    const isInModules = kernel.path.startsWith('/usr/lib/modules/');
    const configFile = beside(isInModules ? 'config' : `config-${kernel.image.release ?? ''}`);
    if (configFile !== undefined) write('config', 'config', whole(configFile));
  }
  if (live === undefined) return { written, changes };
  if (live.facts.hasDeviceTree) {
    const tree = readLiveTreeOf(live.volume.system, live.volume.name, sink);
    if (tree !== undefined) write('liveDtb', 'live.dtb', writeDtb(tree));
  }
  for (const [name, content] of live.facts.files) write(`live/${name}`, `live/${name}`, content);
  return { written, changes };
}

function makeReport(
  source: string,
  volumes: readonly Volume[],
  found: Findings,
  choice: Choice | undefined,
  changes: readonly TreeChange[],
  live: LiveFacts | undefined,
  written: Readonly<Record<string, string>>,
): ExtractReport {
  const at = (file: { readonly volume: Volume; readonly path: string } | undefined): string | undefined =>
    file === undefined ? undefined : `${file.volume.name}: ${file.path}`;
  return {
    source,
    volumes: volumes.map(({ name, system }) => ({
      name,
      kind: system.kind,
      label: system.label,
      uuid: system.uuid,
    })),
    kernels: found.kernels.map((kernel) => ({
      path: at(kernel) ?? '',
      release: kernel.image.release,
      wrappers: kernel.wrappers,
    })),
    initrds: found.initrds.map((initrd) => ({
      path: at(initrd) ?? '',
      moduleReleases: initrd.facts.moduleReleases,
      wrappers: initrd.wrappers,
    })),
    deviceTreeCount: found.trees.length,
    moduleReleases: found.modules.map((modules) => modules.release),
    bootEntries: found.entries.map(({ entry, volume }) => ({
      volume: volume.name,
      file: entry.file,
      label: entry.label,
      isDefault: entry.isDefault,
    })),
    chosen: {
      why: choice?.why ?? "a running board's facts; no kernel is in the archive",
      certainty: choice?.certainty ?? 'boots',
      doubts: (choice?.doubts ?? []).map(({ file, line, text, reason, about }) => ({
        file,
        ...(line === undefined ? {} : { line }),
        text,
        reason,
        about,
      })),
      release: choice?.kernel.image.release ?? live?.release,
      kernel: at(choice?.kernel),
      initrd: choice?.initrds.map(at).join(' + ') || undefined,
      dtb: at(choice?.tree?.tree),
      dtbWhy: choice?.tree?.why,
      treeChanges: changes,
      bootargs: live?.bootargs ?? choice?.bootargs ?? '',
      root: choice?.root,
      rootVolume: choice?.rootVolume?.name,
    },
    written,
  };
}
