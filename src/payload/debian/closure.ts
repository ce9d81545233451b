/** Packages with all that they depend on, fetched by the isolated apt: what an empty Debian would have to install. */
import type { DiagnosticSink } from '../../base/index.ts';
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
        '-qq',
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
