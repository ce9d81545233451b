/** Whoever imports a room finds out from its docstrings what a name is for: every name that a room's index gives has one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT, projectPath } from './support/files.ts';

const EXPORT = /^export (?:type )?\{([^}]*)\} from '([^']+)';/gm;
const KINDS = '(?:abstract class|class|const|function\\*?|let|type|interface)';

const { exports } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
const rooms = Object.keys(exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => path.slice('./'.length));

interface Declaration {
  readonly file: string;
  /** Without its marks and white space; empty where there is none. */
  readonly doc: string;
}

/** The declaration of a name in a file, or in one that the file hands on. */
function declarationOf(file: string, name: string, seen = new Set<string>()): Declaration | undefined {
  if (seen.has(file)) return undefined;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const found = new RegExp(`^export (?:declare )?(?:async )?${KINDS} ${name}\\b`, 'm').exec(text);
  if (found !== null) {
    const [, doc = ''] =
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(?:\/\/.*\n)*$/.exec(text.slice(0, found.index)) ?? [];
    return {
      file,
      doc: doc
        .replaceAll(/^\s*\*/gm, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    };
  }
  for (const [, target = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
    const handedOn = declarationOf(join(dirname(file), target), name, seen);
    if (handedOn !== undefined) return handedOn;
  }
  return undefined;
}

for (const room of rooms) {
  test(`every name of ${room} has a docstring`, () => {
    const index = join(PROJECT_ROOT, 'src', room, 'index.ts');
    const names = [...readFileSync(index, 'utf8').matchAll(EXPORT)].flatMap(([, list = '', target = '']) =>
      list
        .split(',')
        .map((name) => name.trim().replace(/^type /, ''))
        .filter((name) => name !== '')
        .map((name) => ({ name, target: join(dirname(index), target) })),
    );
    const bare = names.flatMap(({ name, target }) => {
      const declaration = declarationOf(target, name);
      assert.ok(declaration, `${name} is declared`);
      const words = declaration.doc.split(' ').filter((word) => word !== '');
      return words.length >= 3 ? [] : [`${name} in ${projectPath(declaration.file)}: "${declaration.doc}"`];
    });
    assert.deepEqual(bare, []);
  });
}
