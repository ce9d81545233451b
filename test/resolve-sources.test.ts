/**
 * The tables of references against Linux's own words, of Debian 12's kernel and of the newest that Debian has: its board
 * sources, which say where they refer to a node (`<&label>`), and its bindings, which say which properties hold phandles.
 * A sample of the boards, one in six, is enough to notice a table that went wrong. A kernel newer than the tables brings
 * properties that they can't know; how many is bounded.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { type DtNode, KNOWN_LINUX, pathIn, propertyMeaning, resolveTree } from '../src/devicetree/index.ts';
import { debianBoards, debianKernelSource } from './support/debian.ts';
import { filesUnder } from './support/files.ts';
import { LinuxBoards } from './support/linux-boards.ts';
import { newestLinux } from './support/newest-debian.ts';

const SAMPLED = 6;
const newest = await newestLinux();
const isKnown = (KNOWN_LINUX as readonly string[]).includes(newest.release);
/** How many places of boards, and properties of bindings, a kernel may have that the tables don't know. */
const UNKNOWN_ALLOWED = isKnown ? 0 : 400;

/** Mistakes in Linux's sources, by board and property, with what is wrong in them. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [
    /^ipq6018-cp01-c1 .* interrupt-map /,
    'rows without the unit address that the GIC’s #address-cells asks for',
  ],
  [/^ipq8074-hk01 .* interrupt-map /, 'the same'],
  [/^ipq8074-hk10-c[12] .* interrupt-map /, 'the same'],
  [/^msm899\d-msft-lumia-octagon-\w+ .* interrupts /, 'a reference in interrupts, which takes none'],
  [/^tegra210-\S+ \/actmon@6000c800 interconnects /, 'a provider without #interconnect-cells'],
  [
    /^sdx75-idp \/soc@0\/mmc@8804000 interconnects /,
    'cells that #interconnect-cells doesn’t ask for are left out',
  ],
];

/** Where a node's source refers to other nodes: `property cell`. */
function written(node: DtNode): ReadonlySet<string> {
  return new Set(
    [...node.properties.values()].flatMap(({ name, markers = [] }) =>
      markers
        .filter(({ kind }) => kind === 'phandle-ref')
        .map(({ offsetBytes }) => `${name} ${offsetBytes / 4}`),
    ),
  );
}

interface Comparison {
  readonly count: number;
  /** References that are neither known nor suspected, and numbers that are taken for references. */
  readonly wrong: readonly string[];
  /** References that are suspected only. */
  readonly unknown: readonly string[];
}

function compare(linux: LinuxBoards, blobs: ReadonlyMap<string, string>): Comparison {
  const wrong: string[] = [];
  const unknown: string[] = [];
  let count = 0;
  const sources = [...linux.sources].filter(([blob]) => blob.endsWith('.dtb') && blobs.has(blob));
  for (const [blob, path] of sources.filter((_, at) => at % SAMPLED === 0)) {
    const board = resolveTree(linux.read(path));
    const file = basename(blob, '.dtb');
    const suspected = new Set(
      board.suspects.map(({ node, property, cell }) => `${pathIn(board.index, node)} ${property} ${cell}`),
    );
    for (const node of board.index.nodes) {
      const where = pathIn(board.index, node);
      // Overlays refer to labels that only their base has.
      if (where.startsWith('/fragment@')) continue;
      const marked = written(node);
      const known = new Set(board.referencesOf(node).map(({ property, cell }) => `${property} ${cell}`));
      count += marked.size;
      for (const place of marked) {
        if (known.has(place)) continue;
        const isSuspected = suspected.has(`${where} ${place}`);
        (isSuspected ? unknown : wrong).push(`${file} ${where} ${place} is missed`);
      }
      for (const place of known) if (!marked.has(place)) wrong.push(`${file} ${where} ${place} is none`);
    }
  }
  const isMistake = (problem: string) => MISTAKES.some(([pattern]) => pattern.test(problem));
  return { count, wrong: wrong.filter((problem) => !isMistake(problem)), unknown };
}

test('every reference in the sources is known, and no number is taken for one', async () => {
  const { count, wrong, unknown } = compare(
    new LinuxBoards(await debianKernelSource()),
    await debianBoards(),
  );
  assert.deepEqual([...wrong, ...unknown], []);
  assert.ok(count > 20_000, `${count} references`);
});

test('so is every reference in the sources of the newest kernel', () => {
  const { count, wrong, unknown } = compare(new LinuxBoards(newest.source), newest.blobs);
  assert.ok(wrong.length + unknown.length <= UNKNOWN_ALLOWED, [...wrong, ...unknown].join('\n'));
  assert.ok(count > 100_000, `${count} references`);
});

/** Bindings that say `phandle-array` of what holds numbers. */
const NO_PHANDLES: ReadonlySet<string> = new Set([
  'qca,ddr-wb-channels', // The provider's #qca,ddr-wb-channel-cells; only MIPS has it.
]);

const PROPERTY_NAME = /^[A-Za-z0-9,._+*#?-]+$/;

/** Properties of which a binding's own rules say that they are phandles, with the binding. */
function phandleProperties(bindings: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const path of filesUnder(bindings).filter((file) => file.endsWith('.yaml'))) {
    const lines = readFileSync(path, 'utf8').split('\n');
    for (const [at, line] of lines.entries()) {
      const name = /^ *\$ref: *["']?\/schemas\/types\.yaml#\/definitions\/phandle(?:-array)?["']?$/.test(line)
        ? keyAbove(lines, at)
        : undefined;
      if (name !== undefined && PROPERTY_NAME.test(name)) found.set(name, basename(path));
    }
  }
  return found;
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'allOf',
  'oneOf',
  'anyOf',
  'items',
  'then',
  'else',
  'properties',
]);

/** The key that a line of YAML stands under, those of the schema language left out. */
function keyAbove(lines: readonly string[], from: number): string | undefined {
  let indent = lines[from]?.search(/\S/) ?? 0;
  for (let at = from - 1; at >= 0 && indent > 0; at -= 1) {
    const match = /^( *)["']?([^\s"':][^"':]*)["']?:/.exec(lines[at] ?? '');
    if (match === null || (match[1]?.length ?? 0) >= indent) continue;
    indent = match[1]?.length ?? 0;
    if (!KEYWORDS.has(match[2] ?? '')) return match[2];
  }
  return undefined;
}

test('every property that a binding of the newest kernel says to be a phandle is known as one', () => {
  const properties = phandleProperties(`${newest.source}/Documentation/devicetree/bindings`);
  const unknown = [...properties].filter(
    ([name]) => !NO_PHANDLES.has(name) && !name.startsWith('-') && typeof propertyMeaning(name) === 'string',
  );
  assert.ok(properties.size > 400, `${properties.size} properties`);
  assert.ok(
    unknown.length <= UNKNOWN_ALLOWED,
    unknown.map(([name, binding]) => `${name} (${binding})`).join('\n'),
  );
});
