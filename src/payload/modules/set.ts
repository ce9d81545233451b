/**
 * The modules of one kernel, from a directory `lib/modules/RELEASE`: found by name, ordered so that each comes after
 * what it depends on. Read from the modules themselves, because Debian's package leaves `modules.dep` to the machine
 * that installs it.
 */
import { type DiagnosticSink, type Host, MIB } from '../../base/index.ts';
import type { ByteSource } from '../bytes/source.ts';
import { decompressed } from '../compression/index.ts';
import { payloadCodes } from '../diagnostics.ts';
import { reportingRefusals } from '../refusal.ts';
import { MODULE_FILE, type ModuleInfo, moduleName, readModuleInfo } from './modinfo.ts';

/** A module, and where it lies. */
export interface KernelModule extends ModuleInfo {
  /** Relative to the set's directory: `kernel/drivers/mmc/core/mmc_block.ko`. */
  readonly path: string;
  /** The one of the set's directories that it is in. */
  readonly directory: string;
}

/** The modules of a kernel, by name and by what they drive. */
export interface ModuleSet {
  /** `…/lib/modules/RELEASE`; the first, where packages have several that would be installed as one. */
  readonly directory: string;
  /** The names of all modules, as the kernel lists them. */
  readonly names: readonly string[];
  /** Names of what is compiled into the kernel (`modules.builtin`). */
  readonly builtin: ReadonlySet<string>;
  /** What a module says of itself; read when it is first asked for. A damaged one is reported, and `undefined`. */
  read(name: string): Promise<KernelModule | undefined>;
}

/** Deeper than any kernel's tree of modules; a symbolic link that leads up is not followed in the first place. */
const DEPTH_LIMIT = 32;

/** A module is a few megabytes; decompressed, a hostile one could be anything. */
const MODULE_LIMIT_BYTES = 64 * MIB;

/** The modules below directories, compressed ones too. */
export function openModuleSet(host: Host, directories: readonly string[], sink: DiagnosticSink): ModuleSet {
  const places = new Map(
    directories.flatMap((directory) =>
      [...modulePaths(host, directory, '', 0)].map((path) => [moduleName(path), { directory, path }]),
    ),
  );
  const known = new Map<string, KernelModule | undefined>();
  return {
    directory: directories[0] ?? '',
    names: [...places.keys()],
    builtin: new Set(directories.flatMap((directory) => [...readBuiltin(host, directory)])),
    async read(name) {
      const place = places.get(name);
      if (place === undefined || known.has(name)) return known.get(name);
      const info = await reportingRefusals(sink, () =>
        withModule(host, host.files.join(place.directory, place.path), readModuleInfo),
      );
      const module = info === undefined ? undefined : { ...info, ...place };
      known.set(name, module);
      return module;
    },
  };
}

function* modulePaths(host: Host, directory: string, below: string, depth: number): Generator<string> {
  const { files } = host;
  for (const name of files.list(files.join(directory, below))) {
    const path = files.join(below, name);
    const kind = files.status(files.join(directory, path), { followSymlinks: false })?.kind;
    if (kind === 'directory' && depth < DEPTH_LIMIT) yield* modulePaths(host, directory, path, depth + 1);
    if (kind === 'file' && MODULE_FILE.test(name)) yield path;
  }
}

/** A module's bytes as the kernel takes them, decompressed where the file is not. */
export async function readModule(
  host: Host,
  path: string,
  sink: DiagnosticSink,
): Promise<Uint8Array | undefined> {
  return await reportingRefusals(sink, () =>
    withModule(host, path, (source) => source.read(0, source.sizeBytes).slice()),
  );
}

async function withModule<T>(host: Host, path: string, work: (source: ByteSource) => T): Promise<T> {
  const file = host.files.open(path);
  try {
    return work((await decompressed(file, MODULE_LIMIT_BYTES)).source);
  } finally {
    file.close();
  }
}

function readBuiltin(host: Host, directory: string): ReadonlySet<string> {
  const path = host.files.join(directory, 'modules.builtin');
  if (host.files.status(path) === undefined) return new Set();
  const lines = new TextDecoder().decode(host.files.read(path)).split('\n');
  return new Set(lines.filter(Boolean).map(moduleName));
}

/**
 * The named modules and all that they depend on, in the order to load them. A name that is neither a module nor built in
 * is reported; a cycle, which no kernel builds, is cut where it closes.
 */
export async function modulesInLoadOrder(
  set: ModuleSet,
  names: readonly string[],
  sink: DiagnosticSink,
): Promise<readonly KernelModule[]> {
  const ordered = new Map<string, KernelModule>();
  const begun = new Set<string>();
  for (const name of names) {
    const pending: { name: string; leaving: boolean }[] = [{ name: moduleName(name), leaving: false }];
    for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
      const module = await set.read(step.name);
      if (module === undefined) {
        if (step.name === moduleName(name) && !set.builtin.has(step.name)) {
          sink.report(payloadCodes['unknown-module'].at(undefined, { name, directory: set.directory }));
        }
      } else if (step.leaving) {
        ordered.set(step.name, module);
      } else if (!begun.has(step.name)) {
        begun.add(step.name);
        pending.push({ name: step.name, leaving: true });
        const needed = [...module.softPre, ...module.depends].reverse();
        for (const dependency of needed) pending.push({ name: dependency, leaving: false });
      }
    }
  }
  return [...ordered.values()];
}
