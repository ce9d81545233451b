/**
 * The links of update-alternatives(1) (dpkg 1.21), as the maintainer scripts of a root's packages ask for them: the alternative of
 * the highest priority has the name, by way of /etc/alternatives, and its slaves come along. What is there to choose from is
 * kept where dpkg keeps it, so that the guest's own update-alternatives goes on from there.
 */
import { bytesSource } from '../bytes/source.ts';
import { MemoryNode } from '../filesystem/memory-node.ts';
import { type FileNode, resolvePath } from '../filesystem/tree.ts';
import { MERGED_DIRECTORIES } from './root-files.ts';

interface Slave {
  readonly link: string;
  readonly path: string;
}

export interface Alternative {
  readonly name: string;
  readonly link: string;
  readonly path: string;
  readonly priority: number;
  /** By name. */
  readonly slaves: ReadonlyMap<string, Slave>;
}

/** Options with a word of their own behind them. */
const VALUED = new Set(['--altdir', '--admindir', '--instdir', '--root', '--log']);

/** What `update-alternatives --install …` asks for; `undefined` where a command does something else. */
export function alternativeOf(command: readonly string[]): Alternative | undefined {
  const [program = '', ...words] = command;
  if (!/^(?:\/usr\/bin\/)?update-alternatives$/.test(program)) return undefined;
  const slaves = new Map<string, Slave>();
  let installed: Omit<Alternative, 'slaves'> | undefined;
  for (let at = 0; at < words.length; at++) {
    const [word = '', link = '', name = '', path = '', priority = ''] = words.slice(at);
    if (VALUED.has(word)) at++;
    else if (word === '--install') {
      if (!isLink(link, name, path) || !/^-?\d+$/.test(priority)) return undefined;
      installed = { name, link, path, priority: Number(priority) };
      at += 4;
    } else if (word === '--slave') {
      if (!isLink(link, name, path)) return undefined;
      slaves.set(name, { link, path });
      at += 3;
    } else if (/^--(?!quiet|verbose|force|skip-auto|debug)/.test(word)) return undefined;
  }
  return installed === undefined ? undefined : { ...installed, slaves };
}

/** As update-alternatives has it: absolute paths without `..`, a name that is one of a file. */
function isLink(link: string, name: string, path: string): boolean {
  const isPath = (text: string): boolean => /^\/[^\n]+$/.test(text) && !text.split('/').includes('..');
  return isPath(link) && isPath(path) && /^[^/\s]+$/.test(name) && name !== '.' && name !== '..';
}

/** Puts the links and dpkg's record of them into a root; alternatives whose file is not there are no choice. */
export function installAlternatives(
  root: MemoryNode,
  alternatives: readonly Alternative[],
  modifiedSeconds: number,
): void {
  const system = { kind: 'directory', label: '', uuid: '', root, ignoresCase: false } as const;
  const isThere = (path: string): boolean => resolvePath(system, path) !== undefined;
  const attributes = { permissions: 0o777, uid: 0, gid: 0, modifiedSeconds };
  const groups = new Map<string, Alternative[]>();
  for (const alternative of alternatives.filter(({ path }) => isThere(path))) {
    groups.set(alternative.name, [...(groups.get(alternative.name) ?? []), alternative]);
  }
  const put = (path: string, node: FileNode): void => {
    const parts = path.split('/').filter(Boolean);
    if (MERGED_DIRECTORIES.some((merged) => merged === parts[0])) parts.unshift('usr');
    const name = parts.pop() ?? '';
    const { children } = root.directoryAt(parts);
    const there = children.get(name);
    // A file in a link's place stays (update-alternatives without --force).
    if (there === undefined || there.kind === 'symlink') children.set(name, node);
  };
  const symlink = (path: string, target: string): void =>
    put(path, new MemoryNode('symlink', attributes, undefined, target));
  for (const [name, choices] of groups) {
    const best = choices.reduce((first, other) => (other.priority > first.priority ? other : first));
    const links = new Map([[name, { link: best.link, path: best.path }], ...best.slaves]);
    for (const [linkName, { link, path }] of links) {
      if (!isThere(path)) continue;
      symlink(`/etc/alternatives/${linkName}`, path);
      symlink(link, `/etc/alternatives/${linkName}`);
    }
    const content = bytesSource(name, new TextEncoder().encode(recordOf(choices)));
    put(
      `/var/lib/dpkg/alternatives/${name}`,
      new MemoryNode('file', { ...attributes, permissions: 0o644 }, content),
    );
  }
}

/** dpkg's record of a name: how it is chosen, its link, its slaves' names and links; then each choice with its slaves' files. */
function recordOf(choices: readonly Alternative[]): string {
  const slaves = new Map(choices.flatMap((choice) => [...choice.slaves]));
  const names = [...slaves.keys()].sort();
  const sorted = [...choices].sort((a, b) => (a.path < b.path ? -1 : 1));
  return [
    'auto',
    choices[0]?.link ?? '',
    ...names.flatMap((name) => [name, slaves.get(name)?.link ?? '']),
    '',
    ...sorted.flatMap(({ path, priority, slaves: own }) => [
      path,
      `${priority}`,
      ...names.map((name) => own.get(name)?.path ?? ''),
    ]),
    '',
    '',
  ].join('\n');
}
