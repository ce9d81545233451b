/** `payload extract`: from a board's image, root or archive to the kernel, ramdisk and device tree that it boots. */
import type { DiagnosticSink, Host } from '../../base/index.ts';
import { writeDtb } from '../../devicetree/index.ts';
import { openPath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';
import { reportingRefusals } from '../refusal.ts';
import { type Findings, findPayload } from './find.ts';
import { type LiveFacts, readLiveFacts, readLiveTreeOf } from './live.ts';
import { type Choice, choosePayload } from './match.ts';
import { DEFAULT_IMAGE_LIMIT_BYTES, openSource } from './source.ts';

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
    readonly file: string;
    readonly label: string;
    readonly isDefault: boolean;
  }[];
  readonly chosen: {
    readonly why: string;
    readonly release: string | undefined;
    readonly kernel: string | undefined;
    readonly initrd: string | undefined;
    readonly dtb: string | undefined;
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
  const found = await findPayload(host, volumes, sink);
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
  const written = writeFiles(host, request.outputDirectory, choice, live, sink);
  const report = makeReport(request.source, volumes, found, choice, live?.facts, written);
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
): Readonly<Record<string, string>> {
  const { files } = host;
  const written: Record<string, string> = {};
  const write = (role: string, name: string, content: Uint8Array): void => {
    const path = files.join(directory, name);
    files.makeDirectory(files.dirname(path));
    files.writeAtomically(path, content);
    written[role] = path;
  };
  const whole = (source: { sizeBytes: number; read(at: number, size: number): Uint8Array }): Uint8Array =>
    source.read(0, source.sizeBytes);
  if (choice !== undefined) {
    const { kernel, initrd, dtb } = choice;
    write('kernel', 'Image', whole(kernel.content));
    if (initrd !== undefined) write('initrd', 'initrd', whole(initrd.content));
    const tree = dtb === undefined ? undefined : openPath(dtb.volume.system, dtb.path);
    if (tree !== undefined) write('dtb', files.basename(dtb?.path ?? ''), whole(tree));
    const beside = (name: string) => openPath(kernel.volume.system, kernel.path.replace(/[^/]*$/, name));
    const isInModules = kernel.path.startsWith('/usr/lib/modules/');
    const configFile = beside(isInModules ? 'config' : `config-${kernel.image.release ?? ''}`);
    if (configFile !== undefined) write('config', 'config', whole(configFile));
  }
  if (live === undefined) return written;
  if (live.facts.hasDeviceTree) {
    const tree = readLiveTreeOf(live.volume.system, live.volume.name, sink);
    if (tree !== undefined) write('liveDtb', 'live.dtb', writeDtb(tree));
  }
  for (const [name, content] of live.facts.files) write(`live/${name}`, `live/${name}`, content);
  return written;
}

function makeReport(
  source: string,
  volumes: readonly Volume[],
  found: Findings,
  choice: Choice | undefined,
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
    bootEntries: found.entries.map(({ entry }) => ({
      file: entry.file,
      label: entry.label,
      isDefault: entry.isDefault,
    })),
    chosen: {
      why: choice?.why ?? "a running board's facts; no kernel is in the archive",
      release: choice?.kernel.image.release ?? live?.release,
      kernel: at(choice?.kernel),
      initrd: at(choice?.initrd),
      dtb: at(choice?.dtb),
      bootargs: live?.bootargs ?? choice?.bootargs ?? '',
      root: choice?.root,
      rootVolume: choice?.rootVolume?.name,
    },
    written,
  };
}
