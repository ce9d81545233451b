import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../../fuzz/random.ts';
import { runOracle } from '../../../test/support/oracles.ts';
import { DiagnosticSink } from '../../base/index.ts';
import { readDtb } from '../blob/index.ts';
import { firstTreeDifference } from '../equality.ts';
import { type DeviceTree, type DtMarker, DtNode } from '../tree.ts';
import { encodeCells, encodeStrings } from '../value.ts';
import { printDts, printDtsNode } from './print.ts';

function treeOf(root: DtNode, rest: Partial<DeviceTree> = {}): DeviceTree {
  return { root, memoryReservations: [], bootCpuidPhys: 0, ...rest };
}

/** The tree that dtc makes of the printed source. */
function throughDtc(tree: DeviceTree): DeviceTree {
  const dtc = runOracle('dtc', ['-q', '-I', 'dts', '-O', 'dtb'], Buffer.from(printDts(tree)));
  assert.equal(dtc.status, 0, `${dtc.stderr}\n${printDts(tree)}`);
  const back = readDtb(dtc.stdout, 'dtc', new DiagnosticSink());
  assert.ok(back);
  return back;
}

function assertSame(tree: DeviceTree): void {
  const back = throughDtc(tree);
  assert.equal(firstTreeDifference(tree, back), undefined);
}

/** The text of one property's value with markers. */
function printed(value: Uint8Array, markers: readonly DtMarker[], root = new DtNode('')): string {
  root.setProperty({ name: 'value', value, markers });
  assertSame(treeOf(root));
  return printDtsNode(root, root).split('\n')[1]?.trim() ?? '';
}

test('types are guessed as dtc guesses them', () => {
  const root = new DtNode('');
  const values = {
    empty: new Uint8Array(0),
    text: encodeStrings(['serial']),
    list: encodeStrings(['a', '3b', 'c']),
    quoted: encodeStrings(['say "hi"\\\n\ta']),
    cells: encodeCells([1, 0xffff_ffff]),
    zero: encodeCells([0]),
    bytes: Uint8Array.of(1, 2, 3),
    nuls: encodeStrings(['a', '', '']),
  };
  for (const [name, value] of Object.entries(values)) root.setProperty({ name, value });
  assertSame(treeOf(root));
  assert.equal(
    printDts(treeOf(root)),
    `/dts-v1/;

/ {
	empty;
	text = "serial";
	list = "a", "3b", "c";
	quoted = "say \\"hi\\"\\\\\\n\\ta";
	cells = <0x01 0xffffffff>;
	zero = <0x00>;
	bytes = [01 02 03];
	nuls = <0x61000000>;
};
`,
  );
});

test('memory reservations with labels', () => {
  const tree = treeOf(new DtNode(''), {
    memoryReservations: [
      { address: 0x8000_0000n, sizeBytes: 0x1000n, labels: ['rsv'] },
      { address: 2n ** 63n, sizeBytes: 1n },
    ],
  });
  assertSame(tree);
  assert.equal(
    printDts(tree),
    `/dts-v1/;

rsv: /memreserve/ 0x0000000080000000 0x0000000000001000;
/memreserve/ 0x8000000000000000 0x0000000000000001;

/ {
};
`,
  );
});

test('markers say how a value was written', () => {
  assert.equal(
    printed(Uint8Array.of(0, 1, 0, 2), [{ kind: 'cells16', offsetBytes: 0 }]),
    'value = /bits/ 16 <0x01 0x02>;',
  );
  assert.equal(
    printed(encodeCells([1, 2]), [{ kind: 'cells64', offsetBytes: 0 }]),
    'value = /bits/ 64 <0x100000002>;',
  );
  assert.equal(
    printed(Uint8Array.of(0, 0xff), [{ kind: 'cells8', offsetBytes: 0 }]),
    'value = /bits/ 8 <0x00 0xff>;',
  );
  assert.equal(
    printed(encodeStrings(['abc']), [{ kind: 'bytes', offsetBytes: 0 }]),
    'value = [61 62 63 00];',
  );
  assert.equal(
    printed(encodeStrings(['\x01\xff']), [{ kind: 'string', offsetBytes: 0 }]),
    'value = "\\x01\\xff";',
  );
  const mixed: readonly DtMarker[] = [
    { kind: 'string', offsetBytes: 0 },
    { kind: 'label', offsetBytes: 2, text: 'in' },
    { kind: 'cells32', offsetBytes: 2 },
    { kind: 'label', offsetBytes: 6, text: 'between' },
    { kind: 'bytes', offsetBytes: 10 },
    { kind: 'label', offsetBytes: 11, text: 'last' },
  ];
  assert.equal(
    printed(Uint8Array.of(0x61, 0, 0, 0, 0, 1, 0, 0, 0, 2, 9), mixed),
    'value = "a", <in: 0x01 between: 0x02>, [09] last:;',
  );
  assert.equal(
    printed(new Uint8Array(0), [{ kind: 'label', offsetBytes: 0, text: 'nothing' }]),
    'value = [nothing:];',
  );
});

test('a marker that the bytes no longer fit gives way to a guess', () => {
  assert.equal(printed(Uint8Array.of(1, 2, 3), [{ kind: 'cells32', offsetBytes: 0 }]), 'value = [01 02 03];');
  assert.equal(printed(encodeCells([1]), [{ kind: 'string', offsetBytes: 0 }]), 'value = <0x01>;');
});

test('references are kept where they give the same bytes', () => {
  const root = new DtNode('');
  const clock = root.addChild(new DtNode('clock'));
  clock.labels = ['clk'];
  clock.setProperty({ name: 'phandle', value: encodeCells([7]) });
  const cells: readonly DtMarker[] = [
    { kind: 'cells32', offsetBytes: 0 },
    { kind: 'phandle-ref', offsetBytes: 0, text: 'clk' },
    { kind: 'phandle-ref', offsetBytes: 8, text: '{/clock}' },
  ];
  assert.equal(printed(encodeCells([7, 1, 7]), cells, root), 'value = <&clk 0x01 &{/clock}>;');
  assert.equal(printed(encodeCells([8, 1, 7]), cells, root), 'value = <0x08 0x01 &{/clock}>;');
  const path: readonly DtMarker[] = [{ kind: 'path-ref', offsetBytes: 0, text: 'clk' }];
  assert.equal(printed(encodeStrings(['/clock']), path, root), 'value = &clk;');
  assert.equal(printed(encodeStrings(['/clack']), path, root), 'value = "/clack";');
});

test('symbols give labels, and known phandles become references or are named in a comment', () => {
  const root = new DtNode('');
  for (const [index, name] of ['clock', 'reset'].entries()) {
    root.addChild(new DtNode(name)).setProperty({ name: 'phandle', value: encodeCells([index + 1]) });
  }
  root.setProperty({ name: 'uses', value: encodeCells([1, 2, 3]) });
  const symbols = root.addChild(new DtNode('__symbols__'));
  symbols.setProperty({ name: 'clk', value: encodeStrings(['/clock']) });
  symbols.setProperty({ name: 'no-label', value: encodeStrings(['/reset']) });
  const text = printDtsNode(root, root, {
    symbolLabels: true,
    phandles: (_node, { name }) => (name === 'uses' ? [0, 4, 8] : []),
  });
  assert.equal(text.split('\n')[1], '\tuses = <&clk>, <0x02>, <0x03>; /* 0x02 is reset */');
  assert.match(text, /\tclk: clock \{/);
  const dtc = runOracle('dtc', ['-q', '-I', 'dts', '-O', 'dtb'], Buffer.from(`/dts-v1/;\n${text}`));
  const back = readDtb(dtc.stdout, 'dtc', new DiagnosticSink());
  assert.ok(back);
  assert.equal(firstTreeDifference(treeOf(root), back), undefined);
});

function randomValue(random: Random): Uint8Array {
  const bytes = random.bytes(random.below(14));
  switch (random.below(4)) {
    case 0:
      return bytes;
    case 1:
      return bytes.map((byte) => 0x20 + (byte % 0x5f));
    case 2:
      return Uint8Array.from([...bytes.map((byte) => (byte < 0x30 ? 0 : 0x07 + (byte % 0x70))), 0]);
    default:
      return encodeStrings(Array.from({ length: 1 + random.below(3) }, () => `${random.below(100)}"\\ab`));
  }
}

test('random values and markers survive printing', () => {
  const random = seededRandom(20_240);
  const kinds = ['cells8', 'cells16', 'cells32', 'cells64', 'string', 'bytes', 'label'] as const;
  const root = new DtNode('');
  for (let index = 0; index < 3000; index++) {
    const value = randomValue(random);
    const markers = Array.from({ length: random.below(4) }, (_, number): DtMarker => {
      const kind = random.pick(kinds);
      const offsetBytes = random.below(value.length + 1);
      return kind === 'label' ? { kind, offsetBytes, text: `l${index}_${number}` } : { kind, offsetBytes };
    });
    root.setProperty({ name: `p${index}`, value, ...(markers.length > 0 ? { markers } : {}) });
  }
  assertSame(treeOf(root));
});
