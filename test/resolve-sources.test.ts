/**
 * The tables of references against Linux's own board sources, which say in so many words where they refer to a node
 * (`<&label>`): every such place must be known to the tables or suspected, and the tables must claim no other. A sample
 * of the sources, one in six, is enough to notice a table that went wrong.
 */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { type Board, type DtNode, pathIn, readDeviceTree, resolveTree } from '../src/devicetree/index.ts';
import { nodeHost } from '../src/node/host.ts';
import { debianKernelSource } from './support/debian.ts';
import { filesUnder } from './support/files.ts';

const SAMPLED = 6;
const linux = await debianKernelSource();
const includeDirectories = [`${linux}/scripts/dtc/include-prefixes`, `${linux}/include`];
const sources = filesUnder(`${linux}/arch/arm64/boot/dts`)
  .filter((path) => path.endsWith('.dts'))
  .filter((_, at) => at % SAMPLED === 0);

/** Mistakes in Linux's sources, with what is wrong in them. */
const MISTAKES: Readonly<Record<string, string>> = {
  'ipq6018-cp01-c1 interrupt-map': 'rows without the unit address that the GIC’s #address-cells asks for',
  'ipq8074-hk01 interrupt-map': 'the same',
  'ipq8074-hk10-c1 interrupt-map': 'the same',
  'ipq8074-hk10-c2 interrupt-map': 'the same',
  'msm8992-msft-lumia-octagon-talkman interrupts': 'a reference in interrupts, which takes none',
  'msm8994-msft-lumia-octagon-cityman interrupts': 'the same',
};

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

function read(path: string): Board {
  const found = readDeviceTree(nodeHost().files, path, { includeDirectories }, new DiagnosticSink());
  assert.ok(found, path);
  return resolveTree(found.tree);
}

test('every reference in the sources is known or suspected, and no number is taken for one', () => {
  const problems: string[] = [];
  let count = 0;
  for (const path of sources) {
    const board = read(path);
    const file = basename(path, '.dts');
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
        if (known.has(place) || suspected.has(`${where} ${place}`)) continue;
        if (!Object.hasOwn(MISTAKES, `${file} ${place.split(' ')[0]}`))
          problems.push(`${file} ${where} ${place} is missed`);
      }
      for (const place of known) if (!marked.has(place)) problems.push(`${file} ${where} ${place} is none`);
    }
  }
  assert.deepEqual(problems, []);
  assert.ok(count > 20_000, `${count} references`);
});
