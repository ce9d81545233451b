/**
 * What the accounts of base-passwd come to in a root: passwords in a file of their own (shadow(5)), as `shadowconfig on` of passwd's maintainer
 * script keeps them, and none asked of root on a console, for nobody could know one that every image has. Nobody else can log in.
 */

const SECONDS_PER_DAY = 86_400;
/** As base-passwd's group.master has it. */
export const SHADOW_GROUP = 42;

export interface Accounts {
  readonly passwd: string;
  readonly shadow: string;
}

/** @param passwd passwd(5), with `*` for a password */
export function shadowed(passwd: string, changedSeconds: number): Accounts {
  const lines = passwd.split('\n').filter((line) => /^[^:]+:[^:]*:/.test(line));
  const day = Math.floor(changedSeconds / SECONDS_PER_DAY);
  const names = lines.map((line) => line.slice(0, line.indexOf(':')));
  return {
    passwd: lines.map((line) => `${line.replace(/^([^:]+):[^:]*:/, '$1:x:')}\n`).join(''),
    shadow: names.map((name) => `${name}:${name === 'root' ? '' : '*'}:${day}:0:99999:7:::\n`).join(''),
  };
}
