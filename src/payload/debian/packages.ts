/**
 * Packages from an isolated apt: found, fetched and unpacked below the cache directory, each step once. A package is
 * there when its directory is; what is under way has another name.
 */
import type { DiagnosticSink, Host } from '../../base/index.ts';
import { type IsolatedApt, lastComplaint, reportMissingProgram, runApt } from './apt.ts';
import { debianCodes } from './diagnostics.ts';

/** A binary package as the lists describe it (Debian Policy §5.3). */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly depends: readonly string[];
  readonly sizeBytes: number;
}

/** A package whose files are in `directory`. */
export interface UnpackedPackage extends DebianPackage {
  readonly directory: string;
}

/** The candidate of that name, or `undefined` with a diagnostic. */
export async function findPackage(
  apt: IsolatedApt,
  name: string,
  sink: DiagnosticSink,
): Promise<DebianPackage | undefined> {
  const known = /^[a-z0-9][a-z0-9+.-]+$/.test(name)
    ? await runApt(apt, 'apt-cache', ['show', '--no-all-versions', name])
    : undefined;
  const found = known?.status === 0 ? parsePackage(new TextDecoder().decode(known.stdout)) : undefined;
  if (found === undefined) {
    sink.report(debianCodes['unknown-package'].at(undefined, { suite: apt.suite, name }));
  }
  return found;
}

function parsePackage(stanza: string): DebianPackage | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1]?.trim();
  const [name, version] = [field('Package'), field('Version')];
  if (name === undefined || version === undefined) return undefined;
  return {
    name,
    version,
    architecture: field('Architecture') ?? 'all',
    depends: (field('Depends') ?? '')
      .split(',')
      .map((dependency) => dependency.trim().split(/[\s(:|]/)[0] ?? '')
      .filter(Boolean),
    sizeBytes: Number(field('Size') ?? 0),
  };
}

/**
 * The kernel package behind a name: itself, or the one that a metapackage such as `linux-image-arm64` depends on.
 */
export async function findKernelPackage(
  apt: IsolatedApt,
  name: string,
  sink: DiagnosticSink,
): Promise<DebianPackage | undefined> {
  const named = await findPackage(apt, name, sink);
  const real = named?.depends.find((dependency) => /^linux-image-\d/.test(dependency));
  return real === undefined ? named : await findPackage(apt, real, sink);
}

/** What a kernel is split over since Linux 7; linux-base alone is an older package of scripts. */
const KERNEL_PART = /^linux-(?:binary|base|modules)-\d/;

/** The directories of a kernel's packages, fetched and unpacked; modules, a hundred megabytes, only where they are wanted. */
export async function fetchKernel(
  apt: IsolatedApt,
  name: string,
  options: { readonly withModules: boolean },
  sink: DiagnosticSink,
): Promise<readonly string[] | undefined> {
  const kernel = await findKernelPackage(apt, name, sink);
  if (kernel === undefined) return undefined;
  const parts = new Set(kernel.depends.filter((part) => KERNEL_PART.test(part)));
  // A binary by itself does not depend on its modules.
  const release = /^linux-binary-(?:unsigned-)?(\d.*)$/.exec(kernel.name)?.[1];
  if (release !== undefined) parts.add(`linux-modules-${release}`);
  const directories: string[] = [];
  for (const part of [kernel.name, ...parts]) {
    if (part.startsWith('linux-modules-') && !options.withModules) continue;
    const found = part === kernel.name ? kernel : await findPackage(apt, part, sink);
    const unpacked = found === undefined ? undefined : await fetchPackage(apt, found, sink);
    if (unpacked === undefined) return undefined;
    directories.push(unpacked.directory);
  }
  return directories;
}

/** Fetches (unless it is there) and unpacks (unless it is there); `undefined` with a diagnostic where that fails. */
export async function fetchPackage(
  apt: IsolatedApt,
  found: DebianPackage,
  sink: DiagnosticSink,
): Promise<UnpackedPackage | undefined> {
  const { host } = apt;
  const label = `${found.name}_${found.version.replaceAll(':', '%3a')}_${found.architecture}`;
  const directory = host.files.join(apt.directory, 'packages', label);
  const unpacked: UnpackedPackage = { ...found, directory };
  const isThere = (): boolean => host.files.status(directory) !== undefined;
  if (isThere()) return unpacked;
  try {
    return await host.files.withLock(`${directory}.lock`, async () => {
      if (isThere()) return unpacked;
      const deb = host.files.join(apt.directory, 'debs', `${label}.deb`);
      if (host.files.status(deb) === undefined && !(await download(apt, found, deb, sink))) return undefined;
      return (await unpackDeb(host, deb, directory, sink)) ? unpacked : undefined;
    });
  } catch (error) {
    return reportMissingProgram(error, sink);
  } finally {
    host.progress('');
  }
}

async function download(
  apt: IsolatedApt,
  found: DebianPackage,
  deb: string,
  sink: DiagnosticSink,
): Promise<boolean> {
  const { host } = apt;
  const workplace = `${deb}.partial`;
  host.files.makeDirectory(workplace);
  host.progress(`fetching ${found.name} ${found.version} …`);
  const outcome = await runApt(
    apt,
    'apt-get',
    ['download', '-q', '-o', 'APT::Status-Fd=1', `${found.name}=${found.version}`],
    { cwd: workplace, onStdout: (chunk) => showPercentage(apt, found, new TextDecoder().decode(chunk)) },
  );
  const [fetched] = host.files.list(workplace).filter((name) => name.endsWith('.deb'));
  if (outcome.status !== 0 || fetched === undefined) {
    const reason = lastComplaint(outcome);
    sink.report(debianCodes['download-failed'].at(undefined, { name: found.name, reason }));
    return false;
  }
  host.files.rename(host.files.join(workplace, fetched), deb);
  host.files.remove(workplace);
  return true;
}

/** apt reports `dlstatus:1:42.5:Retrieving file 1 of 1 (3s remaining)` (apt's README.progress-reporting). */
function showPercentage(apt: IsolatedApt, found: DebianPackage, output: string): void {
  const percentage = [...output.matchAll(/^dlstatus:\d+:([\d.]+):/gm)].at(-1)?.[1];
  if (percentage === undefined) return;
  apt.host.progress(`fetching ${found.name} ${found.version}: ${Math.floor(Number(percentage))} %`);
}

/** A package file that the user has, unpacked into a new directory. */
export async function unpackPackageFile(
  host: Host,
  deb: string,
  directory: string,
  sink: DiagnosticSink,
): Promise<boolean> {
  try {
    return await unpackDeb(host, deb, directory, sink);
  } catch (error) {
    return reportMissingProgram(error, sink) ?? false;
  } finally {
    host.progress('');
  }
}

async function unpackDeb(host: Host, deb: string, directory: string, sink: DiagnosticSink): Promise<boolean> {
  host.progress(`unpacking ${host.files.basename(deb)} …`);
  const workplace = host.files.makeTemporaryDirectory(`${directory}.partial-`);
  const outcome = await host.processes.run('dpkg-deb', ['--extract', deb, workplace]);
  if (outcome.status !== 0) {
    host.files.remove(workplace);
    sink.report(debianCodes['broken-package'].at(undefined, { path: deb, reason: lastComplaint(outcome) }));
    return false;
  }
  host.files.rename(workplace, directory);
  return true;
}
