/** The rooms' import direction, and that nothing but `node` and `cli` knows Node. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { filesUnder, PROJECT_ROOT, projectPath } from './support/files.ts';

/** Each room may import from itself and from those before it. ARCHITECTURE.md explains the order. */
const ROOMS = [
  'base',
  'cpp',
  'devicetree',
  'microkit',
  'payload',
  'sharing',
  'plan',
  'project',
  'picture',
  'wasm',
  'aarch64',
  'device',
  'machine',
  'sel4',
  'sddf',
  'vmm',
  'embedded',
  'engine',
  'run',
  'gdb',
  'usernet',
  'ninep',
  'workspace',
  'script',
  'language',
  'node',
  'cli',
] as const;

const SOURCE = join(PROJECT_ROOT, 'src');
const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

interface Import {
  readonly file: string;
  readonly target: string;
}

function roomOf(path: string): string {
  return relative(SOURCE, path).split('/')[0] ?? '';
}

const sources = filesUnder(SOURCE).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
const imports: readonly Import[] = sources.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => ({ file, target: match[1] ?? '' })),
);

test('every source file is in a room', () => {
  const strays = sources.filter((file) => !(ROOMS as readonly string[]).includes(roomOf(file)));
  assert.deepEqual(strays.map(projectPath), []);
});

test('every room has a floor of coverage', () => {
  const floors: object = JSON.parse(readFileSync(join(PROJECT_ROOT, 'test', 'coverage-floors.json'), 'utf8'));
  assert.deepEqual([...Object.keys(floors)].sort(), [...ROOMS].sort());
});

test('rooms import only from rooms before them, and through their index', () => {
  const wrong = imports
    .filter(({ target }) => target.startsWith('.'))
    .flatMap(({ file, target }) => {
      const path = resolve(dirname(file), target);
      const [from, to] = [roomOf(file), roomOf(path)];
      if (from === to) return [];
      const upwards = ROOMS.indexOf(to as never) < ROOMS.indexOf(from as never);
      const throughIndex = relative(SOURCE, path) === `${to}/index.ts`;
      return upwards && throughIndex ? [] : [`${projectPath(file)} imports ${projectPath(path)}`];
    });
  assert.deepEqual(wrong, []);
});

test('only node and cli import from Node', () => {
  const wrong = imports
    .filter(({ file, target }) => target.startsWith('node:') && !['node', 'cli'].includes(roomOf(file)))
    .map(({ file, target }) => `${projectPath(file)} imports ${target}`);
  assert.deepEqual(wrong, []);
});

test('ARCHITECTURE.md has the rooms in this order, each with its subject, main value, seams and what is left out', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'ARCHITECTURE.md'), 'utf8');
  const listed = [...text.matchAll(/^\| `(\w+)` +\|/gm)].map(([, room]) => room);
  assert.deepEqual(listed, ROOMS);
  const sections = text.split(/^## /m).map((section) => section.split('\n'));
  const described = sections.filter(([title]) => (ROOMS as readonly (string | undefined)[]).includes(title));
  assert.deepEqual(
    described.map(([title]) => title),
    ROOMS,
  );
  for (const [title, ...lines] of described) {
    const heads = lines.flatMap((line) => /^- \*\*(.+?)\*\*: \S/.exec(line)?.[1] ?? []);
    assert.deepEqual(heads, ['Subject', 'Main value', 'Seams', 'Left out'], title);
  }
});

test('the rooms that each imports from', (context) => {
  for (const room of ROOMS) {
    const targets = imports
      .filter(({ file, target }) => roomOf(file) === room && target.startsWith('.'))
      .map(({ file, target }) => roomOf(resolve(dirname(file), target)));
    const others = ROOMS.filter((other) => other !== room && targets.includes(other));
    context.diagnostic(`${room} → ${others.join(', ') || 'none'}`);
  }
  const unused = ROOMS.filter(
    (room) =>
      room !== 'cli' &&
      !imports.some(({ file, target }) => roomOf(file) !== room && target.includes(`/${room}/`)),
  );
  assert.deepEqual(unused, []);
});

test('a room’s API is chosen: its index says each name', () => {
  const open = sources
    .filter((file) => /^[^/]+\/index\.ts$/.test(relative(SOURCE, file)))
    .filter((file) => /^export (?:type )?\* from/m.test(readFileSync(file, 'utf8')));
  assert.deepEqual(open.map(projectPath), []);
});
