/**
 * Where the programs of protection domains come from: `vmm.elf` in the description is `vmm.ts` (or `vmm.js`) beside it; else
 * what comes with drivervm, by the image's name; else a monitor that does what is usual.
 */
import { attempt, type DiagnosticSink, type Host, Refusal } from '../base/index.ts';
import { type ProtectionDomain, protectionDomainsOf, type SystemDescription } from '../microkit/index.ts';
import { type GuestPayload, idleProgram, runCodes, standardMonitor } from '../run/index.ts';
import { builtInProgram, type ProgramResources } from '../sddf/index.ts';
import type { Microkit, Program, ProgramFactory } from '../sel4/index.ts';
import { type GuestImages, LibvmmMonitor, Monitor } from '../vmm/index.ts';
import { PROGRAM_ENDINGS, ProgramModules } from './program-modules.ts';
import { roomsWith } from './rooms.ts';
import type { MonitorLibrary } from './run-request.ts';

type MonitorFactory = (microkit: Microkit, images: GuestImages) => Program;

/** The file of a domain's program on the search path; `undefined` where there is none. */
export function programFile(
  host: Pick<Host, 'files'>,
  pd: ProtectionDomain,
  directory: string,
): string | undefined {
  const image = pd.programImage?.path;
  if (image === undefined) return undefined;
  const base = image.replace(/\.elf$/, '');
  return PROGRAM_ENDINGS.map((ending) => host.files.join(directory, `${base}${ending}`)).find(
    (path) => host.files.status(path)?.kind === 'file',
  );
}

/** Loads a program, anew each time. Throws {@link Refusal} for what is wrong with it: it is the user's code, whatever it throws. */
export function loadProgram(
  host: Pick<Host, 'files' | 'modules'>,
  path: string,
  library: MonitorLibrary = 'architecture',
): MonitorFactory {
  let factory: unknown;
  try {
    factory = new ProgramModules(host, roomsWith(library)).load(path)['vmm'];
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : String(error));
  }
  if (typeof factory !== 'function') throw new Refusal('it exports no function "vmm"');
  return factory as MonitorFactory;
}

export interface Programs {
  readonly payloads: ReadonlyMap<string, GuestPayload>;
  readonly monitors: ReadonlyMap<string, MonitorFactory>;
  readonly resources: ProgramResources;
  /** What monitors without a program of their own are made with. */
  readonly library?: MonitorLibrary;
}

export function programOf(
  pd: ProtectionDomain,
  description: SystemDescription,
  { payloads, monitors, resources, library }: Programs,
): ProgramFactory {
  const payload = pd.virtualMachine === undefined ? undefined : payloads.get(pd.virtualMachine.name);
  if (payload === undefined) {
    return builtInProgram(pd.programImage?.path ?? '', pd.name, resources) ?? idleProgram;
  }
  const monitor = monitors.get(pd.name);
  if (monitor !== undefined) return (microkit) => monitor(microkit, payload.images);
  const sizes = new Map(description.memoryRegions.map(({ name, sizeBytes }) => [name, sizeBytes ?? 0]));
  const monitorClass = library === 'libvmm' ? LibvmmMonitor : Monitor;
  return standardMonitor(pd, payload, (region) => sizes.get(region) ?? 0, monitorClass);
}

/** Everything beside the description that may be part of a program: what one imports lies there. */
export function programTexts(files: Host['files'], directory: string): ReadonlyMap<string, Uint8Array> {
  const names = files
    .list(directory)
    .filter((name) => PROGRAM_ENDINGS.some((ending) => name.endsWith(ending)));
  const paths = names.map((name) => [name, files.join(directory, name)] as const);
  return new Map(
    paths.flatMap(([name, path]) =>
      files.status(path)?.kind === 'file' ? [[name, files.read(path)] as const] : [],
    ),
  );
}

/** The programs that lie beside the description, by protection domain. */
export function loadMonitors(
  host: Host,
  description: SystemDescription,
  { directory, library }: { readonly directory: string; readonly library?: MonitorLibrary },
  sink: DiagnosticSink,
): ReadonlyMap<string, MonitorFactory> {
  const monitors = new Map<string, MonitorFactory>();
  for (const pd of protectionDomainsOf(description)) {
    const path = pd.virtualMachine === undefined ? undefined : programFile(host, pd, directory);
    if (path === undefined) continue;
    const loaded = attempt(() => loadProgram(host, path, library));
    if (loaded instanceof Refusal) {
      sink.report(runCodes['program-not-loaded'].at(undefined, { path, reason: loaded.message }));
    } else {
      monitors.set(pd.name, loaded);
    }
  }
  return monitors;
}
