/**
 * The common-* files of /etc/pam.d as pam-auth-update(8) (Debian's pam 1.5) writes them where nobody has chosen otherwise: the
 * profiles of /usr/share/pam-configs that are on by default, those of the highest priority first, in the templates of /usr/share/pam.
 */

export const PAM_FILES = [
  { file: 'common-auth', type: 'Auth', variable: 'auth' },
  { file: 'common-account', type: 'Account', variable: 'account' },
  { file: 'common-password', type: 'Password', variable: 'password' },
  { file: 'common-session', type: 'Session', variable: 'session' },
  { file: 'common-session-noninteractive', type: 'Session', variable: 'session_nonint' },
] as const;

/** A profile's fields; those of several lines keep them. */
type Profile = ReadonlyMap<string, readonly string[]>;

/** @param profiles the texts of the profiles, in the order of their files' names */
export function pamFile(
  { type, variable }: (typeof PAM_FILES)[number],
  template: string,
  profiles: readonly string[],
): string {
  const chosen = profiles
    .map(parseProfile)
    .filter((profile) => first(profile, 'Default') === 'yes')
    .filter(
      (profile) => variable !== 'session_nonint' || first(profile, 'Session-Interactive-Only') !== 'yes',
    )
    .sort((a, b) => Number(first(b, 'Priority') ?? 0) - Number(first(a, 'Priority') ?? 0));
  const linesOf = (block: string): readonly string[] =>
    chosen
      .filter((profile) => first(profile, `${type}-Type`) === block)
      .flatMap((profile, index) => {
        const initial = index === 0 ? profile.get(`${type}-Initial`) : undefined;
        return initial ?? profile.get(type) ?? profile.get(`${type}-Final`) ?? [];
      });
  const written = (lines: readonly string[]): string =>
    lines
      // Past the rest of the block, and past the module behind it that denies.
      .map((line, index) => line.replaceAll(/\bend\b(?=[^\]]*\])/g, `${lines.length - index}`))
      .map((line) => `${type.toLowerCase()}\t${line}\n`)
      .join('');
  const primary = linesOf('Primary');
  return template
    .replace(`$${variable}_primary\n`, () =>
      written(primary.length === 0 ? ['[default=1]\t\t\tpam_permit.so'] : primary),
    )
    .replace(`$${variable}_additional\n`, () => written(linesOf('Additional')));
}

function first(profile: Profile, field: string): string | undefined {
  return profile.get(field)?.[0];
}

function parseProfile(text: string): Profile {
  const fields = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split('\n')) {
    const field = /^([\w-]+):\s*(.*)$/.exec(line);
    if (field !== null) {
      current = field[2] === '' || field[2] === undefined ? [] : [field[2]];
      fields.set(field[1] ?? '', current);
    } else if (/^\s+\S/.test(line)) current.push(line.trimStart());
  }
  return fields;
}
