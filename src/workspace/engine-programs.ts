/** The programs beside a description as scripts for the engine that they have on seL4 (`run --engine quickjs`). None of them is run to make one. */
import { type DiagnosticSink, type Host, HostError } from '../base/index.ts';
import { embeddedCodes, embeddedLayouts } from '../embedded/index.ts';
import {
  type EngineScript,
  isKnownBuild,
  QUICKJS_MEMORY_BYTES,
  QUICKJS_PACKAGE,
  QUICKJS_VERSION,
  ScriptPlaces,
} from '../engine/index.ts';
import { protectionDomainsOf, type SystemDescription } from '../microkit/index.ts';
import { domainScript, programEntry } from './domain-script.ts';
import { programFile } from './programs.ts';
import type { MonitorLibrary } from './run-request.ts';

/** The engine, and the scripts that run in it, by their protection domains. */
export interface EnginePrograms {
  readonly build: Uint8Array;
  readonly scripts: ReadonlyMap<string, EngineScript>;
}

/** What is asked of it beside. */
export interface EngineRequest {
  /** Where the programs lie. */
  readonly directory: string;
  readonly library: MonitorLibrary;
  /** Whether guests are to have directories of the host's. */
  readonly hasShares: boolean;
}

/** What of the memory is neither the guests' RAM nor a program's: decoded instructions and tables. */
const TABLES_BYTES = 0xc00_0000;

/** `undefined` where something is amiss, which the sink says. */
export async function enginePrograms(
  host: Pick<Host, 'files' | 'modules'>,
  description: SystemDescription,
  { directory, library, hasShares }: EngineRequest,
  sink: DiagnosticSink,
): Promise<EnginePrograms | undefined> {
  const refuse = (what: string, why: string): void =>
    sink.report(embeddedCodes['not-in-engine'].at(undefined, { what, why }));
  if (library === 'libvmm')
    refuse('--monitor libvmm', 'programs in TypeScript are linked with the other library on seL4');
  if (hasShares)
    refuse('--share', 'the device would be an object of drivervm, which no program there can have');
  if (sink.hasErrors) return undefined;
  const { files, modules } = host;
  const build = modules === undefined ? undefined : readBuild({ files, modules });
  if (modules === undefined || build === undefined) {
    sink.report(
      embeddedCodes['no-engine'].at(undefined, { name: QUICKJS_PACKAGE, version: QUICKJS_VERSION }),
    );
    return undefined;
  }
  const ramBytes = description.memoryRegions.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  if (ramBytes + TABLES_BYTES > QUICKJS_MEMORY_BYTES.most) {
    sink.report(embeddedCodes['too-much-ram'].at(undefined, { ramBytes }));
    return undefined;
  }
  const scripts = new Map<string, EngineScript>();
  for (const pd of protectionDomainsOf(description)) {
    const path = pd.virtualMachine === undefined ? undefined : programFile(host, pd, directory);
    const layouts = embeddedLayouts(description, pd.programImage?.path ?? '');
    const layout = layouts.find(({ name }) => name === pd.name);
    if (path === undefined || layout === undefined) continue;
    const bundling = { files, modules };
    const entry = programEntry(bundling, path, [layout]);
    const made = await domainScript(bundling, { path, entry, isStrangers: true, withMap: true }, sink);
    if (made !== undefined)
      scripts.set(pd.name, { layout, text: made.text, places: new ScriptPlaces(made.map, made.program) });
  }
  return sink.hasErrors ? undefined : { build, scripts };
}

function readBuild({
  files,
  modules,
}: Pick<Host, 'files'> & { readonly modules: NonNullable<Host['modules']> }): Uint8Array | undefined {
  try {
    const build = files.read(modules.resolve(`${QUICKJS_PACKAGE}/wasm`, files.join(modules.rooms, 'engine')));
    return isKnownBuild(build) ? build : undefined;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return undefined;
  }
}
