/** `drivervm bundle`: a program in TypeScript made into what a project's Makefile builds for seL4. */
import type { Command } from 'commander';
import type { DiagnosticSink, Host, HostModules } from '../base/index.ts';
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
import { imageName, sddfNeighbours } from '../sharing/index.ts';
import {
  type DescriptionOptions,
  descriptionReading,
  domainScript,
  NO_OPTIONS,
  programEntry,
  programFile,
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
  const pd = domains.find(({ programImage }) => programImage?.path === program);
  if (pd === undefined) {
    const programs = [...new Set(domains.flatMap(({ programImage }) => programImage?.path ?? []))];
    sink.report(embeddedCodes['no-such-program'].at({ file }, { program, programs }));
    return undefined;
  }
  const neighbours = sddfNeighbours(description, program);
  if (neighbours.length > 0) {
    sink.report(embeddedCodes['sddf-queues'].at({ file }, { program, domains: neighbours }));
    return undefined;
  }
  const base = program.replace(/\.elf$/, '');
  const directory = options.searchPath ?? host.files.dirname(file);
  const path = programFile(host, pd, directory);
  const { modules } = host;
  if (modules === undefined) throw new Error('bundling needs files and packages');
  const bundling = { files: host.files, modules };
  const entry =
    path === undefined
      ? componentEntry(bundling, program, layouts, directory, sink)
      : programEntry(bundling, path, layouts);
  if (sink.hasErrors) return undefined;
  if (entry === undefined) {
    sink.report(embeddedCodes['no-source'].at({ file }, { path: host.files.join(directory, base) }));
    return undefined;
  }
  const script = await domainScript(bundling, { path: path ?? program, entry }, sink);
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

/** One of the programs that come with drivervm, with what the plan beside the description says of its clients. */
function componentEntry(
  { files, modules }: Pick<Host, 'files'> & { readonly modules: HostModules },
  image: string,
  layouts: readonly EmbeddedLayout[],
  directory: string,
  sink: DiagnosticSink,
): string | undefined {
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
    `import { ${name} as maker } from ${JSON.stringify(files.join(modules.rooms, 'sddf', 'images.js'))};`,
    "import { componentProgram, embeddedDomain } from 'drivervm/embedded';",
    `const options = ${literal(options)};`,
    `globalThis.domain = embeddedDomain(globalThis.natives, ${literal(layouts)}, componentProgram(globalThis.natives, maker, options));`,
  ].join('\n');
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
