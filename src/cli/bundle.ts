/** `drivervm bundle`: a program in TypeScript made into what a project's Makefile builds for seL4. */
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { BuildFailure, BuildOptions, BuildResult } from 'esbuild';
import type { DiagnosticSink, Host } from '../base/index.ts';
import {
  type ComponentOptions,
  type EmbeddedLayout,
  embeddedCodes,
  embeddedLayouts,
  symbolsCText,
} from '../embedded/index.ts';
import { protectionDomainsOf, readSystemFile } from '../microkit/index.ts';
import { PLAN_FILE, readProject } from '../project/index.ts';
import { isBuiltIn } from '../sddf/index.ts';
import { imageName } from '../sharing/index.ts';
import {
  type DescriptionOptions,
  descriptionReading,
  NO_OPTIONS,
  programFile,
  ROOMS,
  sharedOptionsOf,
} from '../workspace/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from './cli.ts';
import { addDescriptionOptions } from './microkit/description-options.ts';
import { runtimePath } from './runtime.ts';

interface Options extends DescriptionOptions {
  readonly output: string;
  readonly searchPath?: string;
  readonly json?: boolean;
}

const HELP = `
Writes NAME.js and NAME_symbols.c for the program NAME.elf, which the Makefile of a project compiles with QuickJS-ng into a program
for Microkit ("make VMM=ts"; docs/typescript-on-sel4.md). "drivervm bundle --runtime" says where the C around the engine is.`;

export function addBundleCommand(
  parent: Command,
  cli: CommandLine,
  done: (status: ExitStatus) => void,
): void {
  const command = parent
    .command('bundle')
    .description("Make one script of a protection domain's program in TypeScript, for seL4.")
    .argument('[file.system]', 'the system description')
    .argument('[program.elf]', 'the program, as the description names it')
    .option('-o, --output <dir>', 'where to', '.')
    .option('--search-path <dir>', 'where the program is, if not beside the description')
    .option('--runtime', 'print the directory of the C sources that it is compiled with')
    .option('--json', 'answer in JSON')
    .addHelpText('after', HELP);
  addDescriptionOptions(command).action(
    async (
      file: string | undefined,
      program: string | undefined,
      options: Options & { readonly runtime?: boolean },
    ) => {
      done(
        await runCommand(cli, options, (sink) => {
          if (options.runtime === true) return { text: `${RUNTIME}\n`, json: { runtime: RUNTIME } };
          if (file === undefined || program === undefined)
            return {
              text: 'a system description and one of its programs are needed; add --help\n',
              misuse: true,
            };
          return bundle(cli.host, file, program, options, sink);
        }),
      );
    },
  );
}

const placeOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const RUNTIME = runtimePath('sel4');

async function bundle(
  host: Host,
  file: string,
  program: string,
  options: Options,
  sink: DiagnosticSink,
): Promise<Answer | undefined> {
  const read = readSystemFile(file, host.files, sink, descriptionReading(options));
  if (read === undefined || sink.hasErrors) return undefined;
  const { description } = read;
  const domains = [...protectionDomainsOf(description)];
  const layouts = embeddedLayouts(description, program);
  const [pd] = domains.filter(({ programImage }) => programImage?.path === program);
  if (pd === undefined) {
    const programs = [...new Set(domains.flatMap(({ programImage }) => programImage?.path ?? []))];
    sink.report(embeddedCodes['no-such-program'].at({ file }, { program, programs }));
    return undefined;
  }
  const base = program.replace(/\.elf$/, '');
  const directory = options.searchPath ?? host.files.dirname(file);
  const path = programFile(host, pd, directory);
  const entry =
    path === undefined
      ? componentEntry(host, program, layouts, directory, sink)
      : [
          `import { vmm } from ${JSON.stringify(absolute(host, path))};`,
          "import { embeddedDomain } from 'drivervm/embedded';",
          `globalThis.domain = embeddedDomain(globalThis.natives, ${literal(layouts)}, vmm);`,
        ];
  if (sink.hasErrors) return undefined;
  if (entry === undefined) {
    sink.report(embeddedCodes['no-source'].at({ file }, { path: host.files.join(directory, base) }));
    return undefined;
  }
  const script = await scriptOf(host, path ?? program, entry.join('\n'), sink);
  if (script === undefined) return undefined;
  host.files.makeDirectory(options.output);
  const written = {
    [`${base}.js`]: script.text,
    [`${base}_symbols.c`]: symbolsCText(layouts),
  };
  const names = Object.entries(written).map(([name, text]) => {
    const place = host.files.join(options.output, name);
    host.files.writeAtomically(place, text);
    return place;
  });
  return {
    text: names.map((name) => `wrote ${name}\n`).join(''),
    json: { written: names, domains: layouts.map(({ name }) => name), modules: script.modules },
  };
}

interface Script {
  readonly text: string;
  /** What it is made of, in their order, and how much each takes. */
  readonly modules: readonly { readonly path: string; readonly sizeBytes: number }[];
}

/** The program with all that it imports, for an engine that has the language and nothing else. */
async function scriptOf(
  host: Host,
  path: string,
  entry: string,
  sink: DiagnosticSink,
): Promise<Script | undefined> {
  // Only here: it takes longer to load than most commands do.
  const esbuild = host.modules?.require('esbuild', placeOf('bundle.js')) as {
    build(options: BuildOptions): Promise<BuildResult>;
  };
  try {
    const { outputFiles, metafile } = await esbuild.build({
      stdin: { contents: entry, resolveDir: placeOf('.'), sourcefile: 'domain' },
      alias: Object.fromEntries(
        Object.keys(ROOMS).map((room) => [`drivervm/${room}`, placeOf(`../${room}/index.js`)]),
      ),
      bundle: true,
      // Modules that are not needed may wait for something when they are loaded, which a script could not.
      format: 'esm',
      target: 'es2023',
      // So that Node's own modules are no mistake where nothing that is needed uses them.
      platform: 'node',
      metafile: true,
      minifyWhitespace: true,
      minifySyntax: true,
      charset: 'utf8',
      logLevel: 'silent',
      write: false,
    });
    const outputs = Object.values(metafile?.outputs ?? {});
    const imports = outputs.flatMap((output) => output.imports);
    const modules = outputs
      .flatMap(({ inputs }) => Object.entries(inputs))
      .flatMap(([module, { bytesInOutput: sizeBytes }]) =>
        sizeBytes === 0 ? [] : [{ path: module, sizeBytes }],
      );
    for (const { path: module } of imports)
      sink.report(
        embeddedCodes['not-bundled'].at({ file: path }, { reason: `"${module}" is not to be had on seL4` }),
      );
    const text = outputFiles?.[0]?.text;
    return imports.length === 0 && text !== undefined ? { text, modules } : undefined;
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

/** One of the programs that come with drivervm, with what the plan beside the description says of its clients. */
function componentEntry(
  host: Host,
  image: string,
  layouts: readonly EmbeddedLayout[],
  directory: string,
  sink: DiagnosticSink,
): readonly string[] | undefined {
  const { files } = host;
  if (!isBuiltIn(imageName(image))) return undefined;
  const hasPlan = files.status(files.join(directory, PLAN_FILE))?.kind === 'file';
  const project = hasPlan ? readProject(files, directory, sink) : undefined;
  const options: ComponentOptions = {
    ...(project === undefined ? NO_OPTIONS : sharedOptionsOf(project.plan)),
    readOnly: new Set(
      project?.disks.flatMap(({ owner, mode }) => (mode === 'read-only' ? [owner] : [])) ?? [],
    ),
  };
  const name = JSON.stringify(imageName(image));
  return [
    `import { ${name} as maker } from ${JSON.stringify(placeOf('../sddf/images.js'))};`,
    "import { componentProgram, embeddedDomain } from 'drivervm/embedded';",
    `const options = ${literal(options)};`,
    `globalThis.domain = embeddedDomain(globalThis.natives, ${literal(layouts)}, componentProgram(globalThis.natives, maker, options));`,
  ];
}

/** A value as JavaScript's own text: JSON with maps, sets and bytes. */
function literal(value: unknown): string {
  if (value instanceof Map) return `new Map(${literal([...value])})`;
  if (value instanceof Set) return `new Set(${literal([...value])})`;
  if (value instanceof Uint8Array) return `Uint8Array.of(${[...value]})`;
  if (Array.isArray(value)) return `[${value.map(literal)}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${literal(each)}`)}}`;
}

function absolute(host: Host, path: string): string {
  const [first] = path;
  return first === '/' ? path : `./${host.files.relative(placeOf('.'), path)}`;
}
