/**
 * Which Debian mirror to ask, read from the host's own apt configuration: one-line `.list` files and deb822 `.sources`
 * files (sources.list(5)). Only entries of Debian's own archive are taken; a third party's are left out.
 * Left out on purpose: options of one-line entries other than `signed-by`, and `cdrom:` sources.
 */

/** One stanza or line of apt's sources. */
export interface AptSource {
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Keyring paths, a fingerprint or an embedded key block, as written. */
  readonly signedBy?: string;
}

/** Debian's releases by code name, since 8; `--suite` takes any name, these tell Debian's entries from others'. */
const CODE_NAMES = ['jessie', 'stretch', 'buster', 'bullseye', 'bookworm', 'trixie', 'forky', 'duke', 'sid'];
const ALIASES = ['oldoldstable', 'oldstable', 'stable', 'testing', 'unstable'];
const DEBIAN_SUITE = new RegExp(
  `^(?:${[...CODE_NAMES, ...ALIASES].join('|')})(?:-updates|-backports|-proposed-updates|-security|/updates)?$`,
);
const SECURITY_SUITE = /(?:-security|\/updates)$/;

/** The stanzas of a deb822 `.sources` file; those that are switched off or lack a field are left out. */
export function parseDeb822Sources(text: string): readonly AptSource[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n(?:[ \t]*\n)+/)
    .map(parseStanza)
    .filter((source) => source !== undefined);
}

function parseStanza(stanza: string): AptSource | undefined {
  const fields = new Map<string, string>();
  let name: string | undefined;
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue;
    if (/^[ \t]/.test(line)) {
      if (name !== undefined) fields.set(name, `${fields.get(name) ?? ''}\n${line}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    name = line.slice(0, colon).trim().toLowerCase();
    fields.set(name, line.slice(colon + 1).trim());
  }
  if (/^(?:no|false|without|off|disable)$/i.test(fields.get('enabled') ?? '')) return undefined;
  const words = (field: string): readonly string[] => (fields.get(field) ?? '').split(/\s+/).filter(Boolean);
  return completeSource({
    types: words('types'),
    uris: words('uris'),
    suites: words('suites'),
    components: words('components'),
    signedBy: fields.get('signed-by'),
  });
}

/** The entries of a one-line `sources.list`. */
export function parseSourceLines(text: string): readonly AptSource[] {
  return text
    .split('\n')
    .map(parseSourceLine)
    .filter((source) => source !== undefined);
}

function parseSourceLine(line: string): AptSource | undefined {
  const match = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
  if (match === null) return undefined;
  const [, type = '', options = '', uri = '', suite = '', components = ''] = match;
  return completeSource({
    types: [type],
    uris: [uri],
    suites: [suite],
    components: components.split(/\s+/).filter(Boolean),
    signedBy: /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1],
  });
}

function completeSource(source: {
  types: readonly string[];
  uris: readonly string[];
  suites: readonly string[];
  components: readonly string[];
  signedBy: string | undefined;
}): AptSource | undefined {
  const { signedBy, ...rest } = source;
  if ([rest.types, rest.uris, rest.suites].some((words) => words.length === 0)) return undefined;
  return signedBy === undefined || signedBy === '' ? rest : { ...rest, signedBy };
}

/** Whether an entry is of Debian's own archive, as far as it can be told before its Release file is read. */
export function isDebianSource(source: AptSource): boolean {
  const keyring = source.signedBy;
  const ownKeyring =
    keyring === undefined || keyring.includes('\n') || /(?:^|[/,\s])debian-[^/]*$/.test(keyring);
  return (
    ownKeyring &&
    source.components.includes('main') &&
    source.types.some((type) => type === 'deb' || type === 'deb-src') &&
    source.suites.every((suite) => DEBIAN_SUITE.test(suite)) &&
    source.uris.every((uri) => /^[a-z0-9+]+:/.test(uri) && !uri.startsWith('cdrom:'))
  );
}

/**
 * The sources for one release, from those of the host: the main archive gives the suite and its updates, the security
 * archive its security suite. The host's own release does not matter; the mirror holds them all.
 */
export function sourcesForSuite(hostSources: readonly AptSource[], suite: string): readonly AptSource[] {
  const debian = hostSources.filter(isDebianSource);
  const isSecurity = (source: AptSource): boolean => source.suites.every((name) => SECURITY_SUITE.test(name));
  const main = debian.find(
    (source) => !isSecurity(source) && source.suites.some((name) => !SECURITY_SUITE.test(name)),
  );
  const security = debian.find(isSecurity);
  const rolling = suite === 'sid' || suite === 'unstable';
  const entry = (from: AptSource, suites: readonly string[]): AptSource => ({
    types: ['deb'],
    uris: from.uris,
    suites,
    components: ['main'],
    ...(from.signedBy === undefined ? {} : { signedBy: from.signedBy }),
  });
  return [
    ...(main === undefined ? [] : [entry(main, rolling ? [suite] : [suite, `${suite}-updates`])]),
    ...(security === undefined || rolling ? [] : [entry(security, [`${suite}-security`])]),
  ];
}

/** A deb822 file of these entries. */
export function printDeb822Sources(sources: readonly AptSource[]): string {
  return sources
    .map((source) =>
      [
        `Types: ${source.types.join(' ')}`,
        `URIs: ${source.uris.join(' ')}`,
        `Suites: ${source.suites.join(' ')}`,
        `Components: ${source.components.join(' ')}`,
        ...(source.signedBy === undefined ? [] : [`Signed-By: ${source.signedBy}`]),
      ].join('\n'),
    )
    .join('\n\n')
    .concat('\n');
}
