/** Checked against the real update-alternatives: the same links, and the same records of dpkg's, for the same commands. */
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Layout, Workbench } from '../../../test/support/board-image.ts';
import { runOracle } from '../../../test/support/oracles.ts';
import { bytesSource } from '../bytes/source.ts';
import { DIRECTORY_ATTRIBUTES, MemoryNode } from '../filesystem/memory-node.ts';
import type { FileNode } from '../filesystem/tree.ts';
import { alternativeOf, installAlternatives } from './alternatives.ts';
import { commandsOf } from './maintainer-script.ts';

const bench = new Workbench();
after(() => bench.remove());

const FILES = ['gawk', 'mawk', 'vim.tiny', 'ed', 'nano', 'which.debianutils', 'kept'].map(
  (name) => `usr/bin/${name}`,
);
const MANUALS = ['man1/gawk.1.gz', 'man1/vim.1.gz'].map((name) => `usr/share/man/${name}`);

const SCRIPT = `
update-alternatives --quiet --install /usr/bin/awk awk /usr/bin/mawk 5 \\
  --slave /usr/share/man/man1/awk.1.gz awk.1.gz /usr/share/man/man1/mawk.1.gz --slave /usr/bin/nawk nawk /usr/bin/mawk
update-alternatives --install /usr/bin/awk awk /usr/bin/gawk 10 \\
  --slave /usr/share/man/man1/awk.1.gz awk.1.gz /usr/share/man/man1/gawk.1.gz --slave /usr/bin/nawk nawk /usr/bin/gawk
update-alternatives --install /usr/bin/editor editor /usr/bin/ed -100
update-alternatives --install /usr/bin/editor editor /usr/bin/vim.tiny 15 \\
  --slave /usr/share/man/man1/editor.1.gz editor.1.gz /usr/share/man/man1/vim.1.gz
update-alternatives --install /usr/bin/editor editor /usr/bin/nano 15
update-alternatives --install /usr/bin/which which /usr/bin/which.debianutils 0
update-alternatives --install /usr/bin/kept kept /usr/bin/ed 1
`;

/** Every link, and every record of dpkg's, by path. */
function inDirectory(top: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string): void => {
    for (const name of readdirSync(join(top, path))) {
      const below = join(path, name);
      const status = lstatSync(join(top, below));
      if (status.isDirectory()) visit(below);
      else if (status.isSymbolicLink()) found[below] = readlinkSync(join(top, below));
      else if (path === 'var/lib/dpkg/alternatives') found[below] = readFileSync(join(top, below), 'utf8');
    }
  };
  visit('');
  return found;
}

function inTree(root: FileNode): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (node: FileNode, path: string): void => {
    for (const [name, child] of node.entries()) {
      const below = join(path, name);
      if (child.kind === 'directory') visit(child, below);
      else if (child.kind === 'symlink') found[below] = child.target();
      else if (path === 'var/lib/dpkg/alternatives') {
        found[below] = new TextDecoder().decode(child.open().read(0, child.sizeBytes));
      }
    }
  };
  visit(root, '');
  return found;
}

function treeOf(files: readonly string[]): MemoryNode {
  const root = new MemoryNode('directory', DIRECTORY_ATTRIBUTES);
  for (const path of files) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    const content = bytesSource(path, new Uint8Array(1));
    root.directoryAt(parts).children.set(name, new MemoryNode('file', DIRECTORY_ATTRIBUTES, content));
  }
  return root;
}

test('the best alternative of each name, its slaves, what stays a file, and the records', () => {
  const layout: Layout = Object.fromEntries([...FILES, ...MANUALS].map((path) => [path, 'x']));
  const top = bench.lay(layout);
  for (const path of ['etc/alternatives', 'var/lib/dpkg/alternatives', 'var/log']) {
    mkdirSync(join(top, path), { recursive: true });
  }
  const commands = commandsOf(SCRIPT);
  assert.equal(commands.length, 7);
  for (const [program = '', ...words] of commands) {
    assert.equal(runOracle(program, ['--root', top, '--quiet', ...words]).status, 0, words.join(' '));
  }
  const root = treeOf([...FILES, ...MANUALS]);
  installAlternatives(
    root,
    commands.map(alternativeOf).filter((found) => found !== undefined),
    0,
  );
  const made = inTree(root);
  assert.deepEqual(made, inDirectory(top));
  assert.equal(made['etc/alternatives/awk'], '/usr/bin/gawk');
  assert.equal(made['usr/bin/nawk'], '/etc/alternatives/nawk');
});

test('what is no such command, or asks for what no file can be, is none', () => {
  for (const words of [
    'update-alternatives --remove awk /usr/bin/mawk',
    'ls --install /usr/bin/a a /usr/bin/b 1',
    'update-alternatives --install /usr/bin/a a /usr/bin/b',
    'update-alternatives --install /usr/bin/a a /usr/bin/b high',
    'update-alternatives --install usr/bin/a a /usr/bin/b 1',
    'update-alternatives --install /usr/bin/../a a /usr/bin/b 1',
    'update-alternatives --install /usr/bin/a .. /usr/bin/b 1',
    'update-alternatives --install /usr/bin/a a /usr/bin/b 1 --slave x y z',
  ]) {
    assert.equal(alternativeOf(words.split(' ')), undefined, words);
  }
  const root = treeOf([]);
  const lost = alternativeOf('update-alternatives --install /usr/bin/a a /usr/bin/b 1'.split(' '));
  assert.ok(lost !== undefined);
  installAlternatives(root, [lost], 0);
  assert.deepEqual(inTree(root), {}, 'a file that is not there');
});
