/** Packages with all that they depend on, fetched by the isolated apt: what an empty Debian would have to install. */
import type { DiagnosticSink, ProcessOutcome } from '../../base/index.ts';
import { type IsolatedApt, lastComplaint, reportMissingProgram, runApt } from './apt.ts';
import { debianCodes } from './diagnostics.ts';

/** Recommendations are left out. */
const INSTALL = ['install', '--yes', '--no-install-recommends'] as const;

/** The package files, in the order of installation; `undefined` with a diagnostic where one can't be had. */
export async function fetchClosure(
  apt: IsolatedApt,
  names: readonly string[],
  sink: DiagnosticSink,
): Promise<readonly string[] | undefined> {
  const { host, directory } = apt;
  const requests = names.filter((name) => /^[a-z0-9?][a-z0-9+.-]+$/.test(name));
  const [odd] = names.filter((name) => !requests.includes(name));
  if (odd !== undefined) {
    sink.report(debianCodes['unknown-package'].at(undefined, { suite: apt.suite, name: odd }));
    return undefined;
  }
  try {
    return await host.files.withLock(host.files.join(directory, 'archives.lock'), async () => {
      // It lists only what is not there yet: so it is told to look where nothing is.
      const nowhere = `Dir::Cache::archives=${host.files.join(directory, 'cache', 'none')}`;
      const listed = await runApt(apt, 'apt-get', [
        ...INSTALL,
        '--print-uris',
        '-q',
        '-o',
        nowhere,
        ...requests,
      ]);
      host.progress(`fetching ${names.length} packages and what they depend on …`);
      const fetched =
        listed.status === 0
          ? await runApt(apt, 'apt-get', [...INSTALL, '--download-only', '-q', ...requests])
          : listed;
      host.progress('');
      if (fetched.status !== 0) {
        if (reportResolution(apt, names, fetched, sink)) return undefined;
        const reason = lastComplaint(fetched);
        sink.report(debianCodes['download-failed'].at(undefined, { name: names.join(', '), reason }));
        return undefined;
      }
      const archives = host.files.join(directory, 'cache', 'archives');
      const lines = new TextDecoder().decode(listed.stdout).matchAll(/^'[^']*' (\S+\.deb) \d+/gm);
      return [...lines].map(([, name]) => host.files.join(archives, name ?? ''));
    });
  } catch (error) {
    return reportMissingProgram(error, sink);
  }
}

/** Says what keeps the packages from being installed together, or which is not known; whether it was one of these. */
function reportResolution(
  apt: IsolatedApt,
  names: readonly string[],
  outcome: ProcessOutcome,
  sink: DiagnosticSink,
): boolean {
  const unknown = /^E: Unable to locate package (\S+)/m.exec(new TextDecoder().decode(outcome.stderr))?.[1];
  if (unknown !== undefined) {
    sink.report(debianCodes['unknown-package'].at(undefined, { suite: apt.suite, name: unknown }));
    return true;
  }
  const reasons = unmetOf(
    `${new TextDecoder().decode(outcome.stdout)}\n${new TextDecoder().decode(outcome.stderr)}`,
  );
  if (reasons.length === 0) return false;
  const requested = names.filter((name) => !name.startsWith('?'));
  sink.report(debianCodes['packages-conflict'].at(undefined, { names: requested, reasons }));
  return true;
}

/**
 * What apt finds unmet: ` a : Conflicts: b but 1 is to be installed`, further lines of a package without its name; since apt 3
 * ` 1. a:arm64 Conflicts b`, numbered.
 */
export function unmetOf(output: string): readonly string[] {
  const reasons: string[] = [];
  let name = '';
  for (const line of output.split('\n')) {
    const unmet = /^ +(?:(\S+) : )?(Conflicts|Breaks|Depends|PreDepends): (.*)$/.exec(line);
    const numbered = /^ +\d+\. (.*)$/.exec(line)?.[1];
    if (numbered !== undefined) reasons.push(numbered.replaceAll(/:arm64\b/g, ''));
    if (unmet === null) continue;
    const [, named = name, relation = '', other = ''] = unmet;
    name = named;
    const verb = { Conflicts: 'conflicts with', Breaks: 'breaks', Depends: 'needs', PreDepends: 'needs' }[
      relation
    ];
    const [which = '', but] = other.split(' but ');
    const isConflict = relation === 'Conflicts' || relation === 'Breaks';
    reasons.push(`${name} ${verb} ${which}${isConflict || but === undefined ? '' : `, but ${but}`}`);
  }
  return reasons;
}
