/**
 * An apt of our own beside the host's: the same mirror, keyrings and proxies, but Debian's arm64 packages, an empty dpkg
 * status and all state in one directory of the cache, so that nothing is installed and no right is needed
 * (apt.conf(5), apt-get(8)). Signatures and checksums are apt's work.
 */
import { type DiagnosticSink, type Host, HostError, type ProcessOutcome } from '../../base/index.ts';
import { debianCodes } from './diagnostics.ts';
import {
  type AptSource,
  isDebianSource,
  parseDeb822Sources,
  parseSourceLines,
  printDeb822Sources,
  sourcesForSuite,
} from './sources.ts';

/** The release that drivervm's own tests run with: its kernel is Linux 6.1. */
export const DEFAULT_SUITE = 'bookworm';

const DEBIAN_ARCHITECTURE = 'arm64';

/** Where Debian's own keys are on any Debian, and on others that have its keyring package. */
const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** How long package lists are taken as they are before the mirror is asked again. */
const LISTS_KEPT_MS = 24 * 60 * 60 * 1000;

/** The suite, and where packages are kept. */
export interface AptOptions {
  readonly suite?: string;
  /** Used in place of the mirrors in the host's configuration. */
  readonly mirror?: string;
}

/** The isolated apt of one suite; every path is absolute. */
export interface IsolatedApt {
  readonly host: Host;
  readonly suite: string;
  readonly directory: string;
  /** Its configuration file, for `APT_CONFIG`. */
  readonly configuration: string;
}

/** Runs one of apt's programs with this configuration. */
export async function runApt(
  apt: IsolatedApt,
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly onStdout?: (chunk: Uint8Array) => void } = {},
): Promise<ProcessOutcome> {
  return await apt.host.processes.run(program, args, {
    ...options,
    env: { APT_CONFIG: apt.configuration, LC_ALL: 'C' },
  });
}

/**
 * Lays out the state, and fetches the package lists where they are older than a day. `undefined` where there is no apt,
 * no mirror, or no list to be had; the sink says which.
 */
export async function openIsolatedApt(
  host: Host,
  sink: DiagnosticSink,
  options: AptOptions = {},
): Promise<IsolatedApt | undefined> {
  const suite = options.suite ?? DEFAULT_SUITE;
  try {
    const sources = await chooseSources(host, suite, options.mirror);
    if (sources.length === 0) {
      sink.report(debianCodes['no-mirror'].at(undefined, { suite }));
      return undefined;
    }
    const { join } = host.files;
    const directory = join(host.cacheDirectory, 'debian', suite);
    const apt = { host, suite, directory, configuration: join(directory, 'apt.conf') };
    host.files.makeDirectory(directory);
    const ready = await host.files.withLock(join(directory, 'lock'), () => prepare(apt, sources, sink));
    return ready ? apt : undefined;
  } catch (error) {
    return reportMissingProgram(error, sink);
  }
}

/** Turns "no such program" into the diagnostic that says how to go on without it; passes everything else on. */
export function reportMissingProgram(error: unknown, sink: DiagnosticSink): undefined {
  const program = error instanceof HostError && error.code === 'ENOENT' ? error.path : '';
  if (!/^(?:apt-(?:get|cache|config)|dpkg-deb)$/.test(program)) throw error;
  sink.report(debianCodes['no-apt'].at(undefined, { program }));
  return undefined;
}

/** The last thing that a program complained of, for a diagnostic. */
export function lastComplaint(outcome: ProcessOutcome): string {
  const lines = new TextDecoder()
    .decode(outcome.stderr)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const complaint = lines.find((line) => line.startsWith('E:')) ?? lines.at(-1);
  return complaint?.replace(/^[EWN]:\s*/, '').trim() ?? `exit status ${outcome.status ?? 'by a signal'}`;
}

async function chooseSources(
  host: Host,
  suite: string,
  mirror: string | undefined,
): Promise<readonly AptSource[]> {
  const fromHost = await readHostSources(host);
  const keyring = host.files.status(DEBIAN_KEYRING) === undefined ? {} : { signedBy: DEBIAN_KEYRING };
  const given: readonly AptSource[] =
    mirror === undefined
      ? fromHost
      : [{ types: ['deb'], uris: [mirror], suites: ['stable'], components: ['main'], ...keyring }];
  return sourcesForSuite(given, suite).map((source) => ({ ...keyring, ...source }));
}

async function readHostSources(host: Host): Promise<readonly AptSource[]> {
  const shell = await host.processes.run('apt-config', [
    'shell',
    'LIST',
    'Dir::Etc::sourcelist/f',
    'PARTS',
    'Dir::Etc::sourceparts/d',
  ]);
  const values = new Map(
    [...new TextDecoder().decode(shell.stdout).matchAll(/^(\w+)='(.*)'$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  );
  const list = values.get('LIST') ?? '/etc/apt/sources.list';
  const parts = values.get('PARTS') ?? '/etc/apt/sources.list.d';
  const names = host.files.status(parts)?.kind === 'directory' ? host.files.list(parts) : [];
  const paths = [list, ...names.map((name) => host.files.join(parts, name))];
  return paths
    .filter((path) => /\.(?:list|sources)$/.test(path) && host.files.status(path)?.kind === 'file')
    .flatMap((path) => {
      const text = new TextDecoder().decode(host.files.read(path));
      return path.endsWith('.sources') ? parseDeb822Sources(text) : parseSourceLines(text);
    })
    .filter(isDebianSource);
}

/** How the host reaches the network; everything else of its configuration (hooks, above all) stays out. */
const KEPT_SETTING =
  /^Acquire::(?!IndexTargets|Languages|Changelogs|GzipIndexes|CompressionTypes)[^\s"]+ ".*";$/;

async function prepare(
  apt: IsolatedApt,
  sources: readonly AptSource[],
  sink: DiagnosticSink,
): Promise<boolean> {
  const { host, directory } = apt;
  const { join } = host.files;
  for (const path of ['state/lists/partial', 'cache/archives/partial', 'parts', 'debs', 'packages']) {
    host.files.makeDirectory(join(directory, path));
  }
  const dump = await host.processes.run('apt-config', ['dump']);
  const network = new TextDecoder()
    .decode(dump.stdout)
    .split('\n')
    .filter((line) => KEPT_SETTING.test(line));
  writeIfChanged(host, apt.configuration, `${[...network, ...ownSettings(apt)].join('\n')}\n`);
  writeIfChanged(host, join(directory, 'preferences'), PREFERENCES);
  writeIfChanged(host, join(directory, 'state/status'), '');
  writeIfChanged(host, join(directory, 'debian.sources'), printDeb822Sources(sources));
  return await renewLists(apt, printDeb822Sources(sources), sink);
}

function ownSettings({ host, directory }: IsolatedApt): readonly string[] {
  const settings: Readonly<Record<string, string>> = {
    'APT::Architecture': DEBIAN_ARCHITECTURE,
    'APT::Architectures::': DEBIAN_ARCHITECTURE,
    'APT::Sandbox::User': 'root',
    'Dir::State': host.files.join(directory, 'state'),
    'Dir::State::status': host.files.join(directory, 'state/status'),
    'Dir::Cache': host.files.join(directory, 'cache'),
    'Dir::Etc::main': '/dev/null',
    'Dir::Etc::parts': host.files.join(directory, 'parts'),
    'Dir::Etc::sourcelist': host.files.join(directory, 'debian.sources'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': host.files.join(directory, 'preferences'),
    'Dir::Etc::preferencesparts': host.files.join(directory, 'parts'),
    'Acquire::Languages': 'none',
  };
  return [
    '#clear APT::Architectures;',
    ...Object.entries(settings).map(([name, value]) => `${name} "${value}";`),
  ];
}

/** Nothing but Debian's own packages, whatever else a mirror's entry turns out to hold (apt_preferences(5)). */
const PREFERENCES = `Package: *
Pin: release o=Debian
Pin-Priority: 500

Package: *
Pin: release o=*
Pin-Priority: -1
`;

function writeIfChanged(host: Host, path: string, content: string): void {
  const before =
    host.files.status(path) === undefined ? undefined : new TextDecoder().decode(host.files.read(path));
  if (before !== content) host.files.writeAtomically(path, content);
}

/** Asks the mirror for its lists, at most once a day and whenever the sources changed. */
async function renewLists(apt: IsolatedApt, sources: string, sink: DiagnosticSink): Promise<boolean> {
  const { host, suite } = apt;
  const stampPath = host.files.join(apt.directory, 'updated.json');
  const stamp = readStamp(host, stampPath);
  const isCurrent = stamp?.sources === sources;
  if (isCurrent && Math.abs(Date.now() - stamp.updatedAtMs) < LISTS_KEPT_MS) return true;
  host.progress(`fetching Debian's package lists for ${suite} …`);
  const outcome = await runApt(apt, 'apt-get', ['update', '-q', '--error-on=any']);
  host.progress('');
  if (outcome.status === 0) {
    host.files.writeAtomically(stampPath, `${JSON.stringify({ updatedAtMs: Date.now(), sources })}\n`);
    return true;
  }
  const reason = lastComplaint(outcome);
  const code = isCurrent ? debianCodes['lists-outdated'] : debianCodes['update-failed'];
  sink.report(code.at(undefined, { suite, reason }));
  return isCurrent;
}

interface Stamp {
  readonly updatedAtMs: number;
  readonly sources: string;
}

function readStamp(host: Host, path: string): Stamp | undefined {
  if (host.files.status(path) === undefined) return undefined;
  try {
    const stamp: unknown = JSON.parse(new TextDecoder().decode(host.files.read(path)));
    const { updatedAtMs, sources } = stamp as Partial<Stamp>;
    return typeof updatedAtMs === 'number' && typeof sources === 'string'
      ? { updatedAtMs, sources }
      : undefined;
  } catch (error) {
    if (error instanceof HostError) throw error;
    return undefined;
  }
}
