/** Overlays: made of parts that often fit their base, then damaged, as trees and as blobs. */
import { DiagnosticSink } from '../src/base/index.ts';
import {
  applyOverlay,
  bytesEqual,
  type DeviceTree,
  DtNode,
  encodeCells,
  encodeStrings,
  isOverlay,
  nodesUnder,
  type OverlayParameter,
  parseParameters,
  phandleOf,
  readDtb,
  writeDtb,
} from '../src/devicetree/index.ts';
import { bytesForMessage, check, checkOutcome } from './check.ts';
import { mutateBytes } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';
import { fillNode, randomTree } from './trees.ts';

const UNRESOLVED = 0xffff_ffff;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  let base = randomBase(random);
  for (let run = 0; run < runs; run++) {
    if (random.below(16) === 0) base = randomBase(random);
    const overlay = writeDtb(randomOverlay(random, base));
    const parameters = PARAMETERS.map((name) => `${name}=${random.pick(VALUES)}`).join(',');
    const given = random.below(2) === 0 ? parseParameters(parameters) : undefined;
    runOne(base, random.below(2) === 0 ? overlay : mutateBytes(random, overlay), given);
  }
}

/** With symbols for some of its nodes, and one that leads nowhere. */
function randomBase(random: Random): DeviceTree {
  const tree = randomTree(random);
  if (random.below(8) === 0) return tree;
  const symbols = new DtNode('__symbols__');
  let number = 0;
  for (const node of nodesUnder(tree.root)) {
    if (random.below(3) > 0) continue;
    symbols.setProperty({ name: `s${number++}`, value: encodeStrings([node.path]) });
  }
  symbols.setProperty({ name: 'stale', value: encodeStrings(['/gone']) });
  tree.root.addChild(symbols);
  return tree;
}

function randomOverlay(random: Random, base: DeviceTree): DeviceTree {
  const root = new DtNode('');
  const paths = [...nodesUnder(base.root)].map((node) => node.path);
  const fixups = new DtNode('__fixups__');
  const symbols = new DtNode('__symbols__');
  for (let index = random.below(4); index >= 0; index--) {
    const fragment = root.addChild(new DtNode(`fragment@${index}`));
    if (random.below(2) === 0) {
      fragment.setProperty({
        name: 'target-path',
        value: encodeStrings([random.pick([...paths, '/gone', 'soc'])]),
      });
    } else {
      fragment.setProperty({ name: 'target', value: encodeCells([UNRESOLVED]) });
      addFixup(random, fixups, `${fragment.path}:target:0`);
    }
    const content = fragment.addChild(new DtNode(random.below(16) === 0 ? 'overlay' : '__overlay__'));
    fillNode(random, content, 2);
    for (const node of nodesUnder(content)) {
      if (random.below(4) === 0)
        symbols.setProperty({ name: `o${symbols.properties.size}`, value: encodeStrings([node.path]) });
      for (const { name, value } of node.properties.values()) {
        const kind = random.below(4);
        if (kind === 0) addFixup(random, fixups, `${node.path}:${name}:${random.below(value.length + 1)}`);
        if (kind === 1) addLocalFixup(random, root, node, name, value.length);
      }
    }
  }
  if (random.below(2) === 0) root.addChild(randomParameters(random, root));
  if (fixups.properties.size > 0) root.addChild(fixups);
  if (symbols.properties.size > 0) root.addChild(symbols);
  return { root, memoryReservations: [], bootCpuidPhys: 0 };
}

const TARGETS = [
  'status',
  'a:0',
  'b.9',
  'c;3',
  'd#900000000',
  'e?',
  'f!',
  'g[',
  'name',
  'reg:0',
  'h=x',
  'i:0=5',
  "j{a=1,'b c'=2,=3}",
  'k:4{a=',
  'l=',
  'bootargs',
  '+0-1=2!3',
] as const;

/** `/__overrides__` with targets of every kind, for phandles that are there or not, and strings cut anywhere. */
function randomParameters(random: Random, overlay: DtNode): DtNode {
  const phandles = [0, 1, 77, ...[...nodesUnder(overlay)].flatMap((node) => phandleOf(node) ?? [])];
  const overrides = new DtNode('__overrides__');
  for (const name of PARAMETERS) {
    const bytes: number[] = [];
    for (let count = random.below(5); count > 0; count--) {
      bytes.push(...encodeCells([random.pick(phandles)]), ...encodeStrings([random.pick(TARGETS)]));
      if (random.below(4) === 0) bytes.push(...encodeCells([random.below(9)]));
      if (random.below(4) === 0) bytes.push(...encodeStrings([random.pick(['', '}', 'x', ',b='])]));
    }
    overrides.setProperty({ name, value: Uint8Array.from(bytes) });
  }
  return overrides;
}

const PARAMETERS = ['p', 'q', 'r'] as const;
const VALUES = ['1', 'a', 'on', '-7', '0xffffffffffffffffff', '', 'a\\x4', '00:1', 'new@5'] as const;

function addFixup(random: Random, fixups: DtNode, entry: string): void {
  const name =
    random.below(16) === 0 ? random.pick(['stale', 'unknown', 'constructor']) : `s${random.below(6)}`;
  const before = fixups.properties.get(name)?.value ?? new Uint8Array(0);
  fixups.setProperty({ name, value: Uint8Array.from([...before, ...encodeStrings([entry])]) });
}

function addLocalFixup(
  random: Random,
  root: DtNode,
  node: DtNode,
  property: string,
  sizeBytes: number,
): void {
  let at = root.children.get('__local_fixups__') ?? root.addChild(new DtNode('__local_fixups__'));
  for (const name of node.path.split('/').slice(1))
    at = at.children.get(name) ?? at.addChild(new DtNode(name));
  at.setProperty({ name: property, value: encodeCells([random.below(sizeBytes + 1)]) });
}

function runOne(base: DeviceTree, blob: Uint8Array, parameters?: readonly OverlayParameter[]): void {
  const context = () =>
    `base ${bytesForMessage(writeDtb(base))}\noverlay ${bytesForMessage(blob)}\n${JSON.stringify(parameters)}`;
  const overlay = readDtb(blob, 'fuzz.dtbo', new DiagnosticSink());
  if (overlay === undefined) return;
  const [baseBefore, overlayBefore] = [writeDtb(base), writeDtb(overlay)];
  const sink = new DiagnosticSink();
  const merged = applyOverlay(base, overlay, sink, parameters);
  checkOutcome(merged, sink, context);
  check(bytesEqual(writeDtb(base), baseBefore), 'the base was changed', context);
  check(bytesEqual(writeDtb(overlay), overlayBefore), 'the overlay was changed', context);
  if (merged === undefined) return;
  check(isOverlay(overlay), 'applied, though it is no overlay', context);
  check(
    readDtb(writeDtb(merged), 'merged.dtb', new DiagnosticSink()) !== undefined,
    'not written well',
    context,
  );
  for (const node of nodesUnder(base.root)) checkKept(node, merged, context);
}

/** No node of the base is lost, and none has another phandle than before. */
function checkKept(node: DtNode, merged: DeviceTree, context: () => string): void {
  let there: DtNode | undefined = merged.root;
  for (const name of node.path.split('/').slice(1)) if (name !== '') there = there?.children.get(name);
  check(there !== undefined, `${node.path} is lost`, context);
  const phandle = phandleOf(node);
  check(phandle === undefined || phandleOf(there) === phandle, `${node.path} was renumbered`, context);
}
