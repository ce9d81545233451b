/** A program in TypeScript as one script for an engine that has the language and nothing else: on seL4 (`drivervm bundle`) and in a run. */
import type { BuildFailure, BuildOptions, BuildResult } from 'esbuild';
import type { DiagnosticSink, Host, HostModules } from '../base/index.ts';
import { type EmbeddedLayout, embeddedCodes, SCRIPT_START } from '../embedded/index.ts';
import { ROOMS } from './rooms.ts';

/** A script, and what it is made of. */
export interface DomainScript {
  readonly text: string;
  /** A source map (ECMA-426), where it was asked for. */
  readonly map?: string;
  /** The program's file, as the map and the list below name it. */
  readonly program: string;
  /** In their order, and how much each takes. */
  readonly modules: readonly { readonly path: string; readonly sizeBytes: number }[];
}

export interface DomainScriptRequest {
  /** The program's file, or its image, of which diagnostics are. */
  readonly path: string;
  /** The module that puts the program into `domain`: {@link programEntry}. */
  readonly entry: string;
  /** Only drivervm's own modules and what lies beside the program, or below, may be in the script. */
  readonly isStrangers?: boolean;
  readonly withMap?: boolean;
}

/** The module that joins a program's file with its domains. */
export function programEntry(
  host: Pick<Host, 'files'> & { readonly modules: HostModules },
  path: string,
  layouts: readonly EmbeddedLayout[],
): string {
  const { rooms } = host.modules;
  const from = path.startsWith('/') ? path : `./${host.files.relative(rooms, path)}`;
  return [
    `import { vmm } from ${JSON.stringify(from)};`,
    "import { embeddedDomain } from 'drivervm/embedded';",
    `globalThis.domain = embeddedDomain(globalThis.natives, ${JSON.stringify(layouts)}, vmm);`,
  ].join('\n');
}

/** The program with all that it imports. */
export async function domainScript(
  host: Pick<Host, 'files'> & { readonly modules: HostModules },
  request: DomainScriptRequest,
  sink: DiagnosticSink,
): Promise<DomainScript | undefined> {
  const { path, entry, isStrangers = false, withMap = false } = request;
  const { rooms } = host.modules;
  // Only here: it takes longer to load than most commands do.
  const esbuild = host.modules.require('esbuild', host.files.join(rooms, 'workspace')) as {
    build(options: BuildOptions): Promise<BuildResult>;
  };
  const roomFile = (room: string) => host.files.join(rooms, room, 'index.js');
  const refuse = (reason: string): void => {
    sink.report(embeddedCodes['not-bundled'].at({ file: path }, { reason }));
  };
  try {
    const { outputFiles = [], metafile } = await esbuild.build({
      stdin: { contents: entry, resolveDir: rooms, sourcefile: 'domain' },
      alias: Object.fromEntries(Object.keys(ROOMS).map((room) => [`drivervm/${room}`, roomFile(room)])),
      bundle: true,
      // Modules that are not needed may wait for something when they are loaded, which a script could not.
      format: 'esm',
      target: 'es2023',
      // So that Node's own modules are no mistake where nothing that is needed uses them.
      platform: 'node',
      banner: { js: SCRIPT_START },
      metafile: true,
      minifyWhitespace: true,
      minifySyntax: true,
      charset: 'utf8',
      logLevel: 'silent',
      write: false,
      ...(withMap ? { sourcemap: 'external', sourcesContent: false, outfile: 'domain.js' } : {}),
    });
    const outputs = Object.values(metafile?.outputs ?? {});
    const modules = outputs
      .flatMap(({ inputs }) => Object.entries(inputs))
      .flatMap(([module, { bytesInOutput: sizeBytes }]) =>
        sizeBytes === 0 ? [] : [{ path: module, sizeBytes }],
      );
    const imports = outputs.flatMap((output) => output.imports);
    for (const { path: module } of imports) refuse(`"${module}" is not to be had on seL4`);
    const entryPoint = outputs.flatMap((output) => output.entryPoint ?? [])[0] ?? '';
    // As the file system has it, links followed.
    const program = metafile?.inputs[entryPoint]?.imports[0]?.path ?? '';
    const places = [host.files.dirname(program), rooms];
    const strays = modules.filter(
      (module) => module.path !== entryPoint && !places.some((place) => lies(host.files, module.path, place)),
    );
    if (isStrangers)
      for (const module of strays) refuse(`${module.path} lies outside of the program's directory`);
    const text = outputFiles.find((file) => !file.path.endsWith('.map'))?.text;
    const map = outputFiles.find((file) => file.path.endsWith('.map'))?.text;
    if (sink.hasErrors || text === undefined) return undefined;
    return { text, program, modules, ...(map === undefined ? {} : { map }) };
  } catch (error) {
    for (const { text, location } of (error as BuildFailure).errors ?? [
      { text: String(error), location: null },
    ]) {
      const position =
        location === null
          ? { file: path }
          : { file: location.file, line: location.line, column: location.column + 1 };
      sink.report(embeddedCodes['not-bundled'].at(position, { reason: text }));
    }
    return undefined;
  }
}

/** Whether a file lies in a directory, or below. */
function lies(files: Pick<Host['files'], 'relative'>, path: string, directory: string): boolean {
  return !/^(?:\.\.(?:[\\/]|$)|[\\/])/.test(files.relative(directory, path));
}
