import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../../fuzz/random.ts';
import { debianBoards, debianKernelPackage, debianKernelSource } from '../../../test/support/debian.ts';
import { filesUnder } from '../../../test/support/files.ts';
import { runOracle } from '../../../test/support/oracles.ts';
import { treeOf } from '../../../test/support/tree-literal.ts';
import { DiagnosticSink, formatDiagnostic } from '../../base/index.ts';
import { preprocess } from '../../cpp/index.ts';
import { nodeHost } from '../../node/index.ts';
import { readDtb, writeDtb } from '../blob/index.ts';
import { firstTreeDifference, treeDifferences } from '../equality.ts';
import { phandleOf } from '../source/references.ts';
import { type DeviceTree, nodeAtPath } from '../tree.ts';
import { cellsProperty, stringProperty } from '../value.ts';
import { applyOverlay } from './index.ts';

/** The blob that dtc makes of a source, with symbols of its labels or without. */
function compile(source: string, { symbols } = { symbols: true }): Uint8Array {
  const flags = ['-q', ...(symbols ? ['-@'] : []), '-I', 'dts', '-O', 'dtb'];
  const dtc = runOracle('dtc', flags, Buffer.from(`/dts-v1/;\n${source}`));
  assert.equal(dtc.status, 0, `${dtc.stderr}\n${source}`);
  return dtc.stdout;
}

function read(blob: Uint8Array): DeviceTree {
  const tree = readDtb(blob, 'blob', new DiagnosticSink());
  assert.ok(tree);
  return tree;
}

/** What fdtoverlay makes of the same blobs; nothing where it refuses. */
function fdtoverlay(base: Uint8Array, overlays: readonly Uint8Array[]): DeviceTree | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-overlay-'));
  try {
    const path = (name: string, content: Uint8Array): string => {
      writeFileSync(join(directory, name), content);
      return join(directory, name);
    };
    const paths = overlays.map((overlay, index) => path(`${index}.dtbo`, overlay));
    const output = join(directory, 'out.dtb');
    const outcome = runOracle('fdtoverlay', ['-i', path('base.dtb', base), '-o', output, ...paths]);
    return outcome.status === 0 ? read(readFileSync(output)) : undefined;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function applyAll(base: Uint8Array, overlays: readonly Uint8Array[], sink = new DiagnosticSink()) {
  return overlays.reduce<DeviceTree | undefined>(
    (tree, overlay) => tree && applyOverlay(tree, read(overlay), sink),
    read(base),
  );
}

/** Ours and fdtoverlay's trees are the same; nodes and properties that are new stand in another order there. */
function assertAsFdtoverlay(base: Uint8Array, overlays: readonly Uint8Array[]): DeviceTree {
  const sink = new DiagnosticSink();
  const ours = applyAll(base, overlays, sink);
  assert.deepEqual(sink.sorted().map(formatDiagnostic), []);
  const theirs = fdtoverlay(base, overlays);
  assert.ok(ours && theirs);
  assert.equal(firstTreeDifference(ours, theirs, { ordered: false }), undefined);
  return ours;
}

const BASE = `/memreserve/ 0x1000 0x1000;
/ {
	soc: soc {
		uart0: uart@1000 { status = "disabled"; clocks = <&clk 3>; };
		clk: clock { #clock-cells = <1>; };
	};
	chosen { };
	aliases { serial0 = &uart0; };
};
`;

const UART_ON = `/plugin/;
&uart0 {
	status = "okay";
	new: child { link = <&clk 1 &new>; };
};
&{/chosen} { other = <&new>; };
/ {
	fragment@9 {
		target-path = "/soc";
		__overlay__ { fresh: fresh@5000 { reg = <0x5000 1>; p = <&fresh>, <&new 0x12345678>; }; };
	};
	fragment@10 {
		target-path = "serial0";
		__overlay__ { by-alias; };
	};
};
`;

test('symbols, own phandles and labels, paths and aliases', () => {
  const merged = assertAsFdtoverlay(compile(BASE), [compile(UART_ON)]);
  assert.equal(
    stringProperty(merged.root.children.get('__symbols__') ?? merged.root, 'fresh'),
    '/soc/fresh@5000',
  );
  assert.deepEqual(merged.memoryReservations, [{ address: 0x1000n, sizeBytes: 0x1000n }]);
});

test('a second overlay refers to what the first one brought', () => {
  const second = `/plugin/;
&fresh { again: again { up = <&fresh>, <&new>, <&again>; }; };
`;
  assertAsFdtoverlay(compile(BASE), [compile(UART_ON), compile(second)]);
  assert.equal(applyAll(compile(BASE), [compile(second)]), undefined);
  assert.equal(fdtoverlay(compile(BASE), [compile(second)]), undefined);
});

test('a name without a unit address is that of the first node which begins so, and it is said', () => {
  const overlay = `/plugin/;
&{/soc} { uart { mode = <1>; }; timer { early; }; };
&{/soc/uart} { more; };
&{/soc} { timer@1 { late; }; };
`;
  const [base, change] = [compile(BASE), compile(overlay)];
  const sink = new DiagnosticSink();
  const ours = applyAll(base, [change], sink);
  const theirs = fdtoverlay(base, [change]);
  assert.ok(ours && theirs);
  assert.equal(firstTreeDifference(ours, theirs, { ordered: false }), undefined);
  assert.deepEqual(
    sink.sorted().map(({ code }) => code),
    ['overlay/taken-for'],
  );
});

test('the base is not changed', () => {
  const base = read(compile(BASE));
  const before = writeDtb(base);
  assert.ok(applyOverlay(base, read(compile(UART_ON)), new DiagnosticSink()));
  assert.deepEqual(writeDtb(base), before);
});

/** The overlays that Linux's own build applies: `NAME-dtbs := BASE.dtb OVERLAY.dtbo …` in its makefiles. */
async function kernelOverlays() {
  const boards = `${await debianKernelSource()}/arch/arm64/boot/dts`;
  return filesUnder(boards)
    .filter((path) => path.endsWith('/Makefile'))
    .flatMap((makefile) =>
      [...readFileSync(makefile, 'utf8').matchAll(/^(\S+)-dtbs\s*:=\s*(\S+\.dtb)((?:\s+\S+\.dtbo)+)$/gm)].map(
        ([, result, base, overlays]) => ({
          result: `${result}.dtb`,
          base: base ?? '',
          overlays: (overlays ?? '')
            .trim()
            .split(/\s+/)
            .map((name) => join(makefile, '..', name.replace(/dtbo$/, 'dts'))),
        }),
      ),
    );
}

async function compileKernelOverlay(path: string): Promise<Uint8Array> {
  const sink = new DiagnosticSink();
  const includeDirectories = [`${await debianKernelSource()}/include`];
  const { files } = nodeHost();
  const options = { files, includeDirectories, language: 'assembler', encoding: 'bytes' } as const;
  const { text } = preprocess(path, readFileSync(path), options, sink);
  assert.deepEqual(sink.sorted().map(formatDiagnostic), []);
  return compile(text.replaceAll('/dts-v1/;', ''), { symbols: false });
}

/**
 * Where these overlays label a node that the base has, uart2grp, the libfdt of Debian's build gave it the overlay's
 * phandle. It keeps its own here, as with newer ones, and the reference follows: the same meaning with another number.
 */
const RENUMBERED_NODE = [
  'the property pinctrl-0 of /soc@0/bus@30800000/spba-bus@30800000/serial@30890000 differs',
  'the property phandle of /soc@0/bus@30000000/pinctrl@30330000/uart2grp differs',
];
const RENUMBERING_OVERLAY = /^imx8mm-venice-.*-rs(232-rts|422|485)\.dtb$/;

test("the overlays of Linux's own build give the boards that Debian built with them", async () => {
  const boards = await debianBoards();
  const board = (name: string): Uint8Array => readFileSync(boards.get(name) ?? '');
  const built = await kernelOverlays();
  for (const { result, base, overlays } of built) {
    const blobs = await Promise.all(overlays.map(compileKernelOverlay));
    const merged = applyAll(board(base), blobs);
    assert.ok(merged, result);
    assert.deepEqual(
      [...treeDifferences(merged, read(board(result)), { ordered: false })],
      RENUMBERING_OVERLAY.test(result) ? RENUMBERED_NODE : [],
      result,
    );
  }
  assert.ok(built.length >= 18, `only ${built.length} were found`);
});

test("Debian's overlays are refused for boards of other makers, as fdtoverlay refuses them", async () => {
  const overlays = filesUnder(`${await debianKernelPackage()}/usr/lib`).filter((path) =>
    path.endsWith('.dtbo'),
  );
  const boards = await debianBoards();
  assert.ok(overlays.length >= 2);
  for (const overlay of overlays.map((path) => readFileSync(path))) {
    const base = readFileSync(boards.get('zynqmp-sm-k26-revA.dtb') ?? '');
    const sink = new DiagnosticSink();
    assert.equal(applyAll(base, [overlay], sink), undefined);
    assert.ok(sink.sorted().every(({ code }) => code === 'overlay/unknown-symbol'));
    assert.equal(fdtoverlay(base, [overlay]), undefined);
  }
});

test('a node of the base keeps its phandle, and the overlay follows', () => {
  const merged = applyAll(compile(BASE), [
    compile(`/plugin/;
&soc { mine: clock { again; }; user { clocks = <&mine 1>; }; };
`),
  ]);
  assert.ok(merged);
  const clock = nodeAtPath(merged.root, '/soc/clock');
  const user = nodeAtPath(merged.root, '/soc/user');
  const uart = nodeAtPath(merged.root, '/soc/uart@1000');
  assert.ok(clock && user && uart);
  const phandle = phandleOf(clock);
  assert.deepEqual(cellsProperty(user, 'clocks'), [phandle, 1]);
  assert.deepEqual(cellsProperty(uart, 'clocks'), [phandle, 3]);
});

test('a node without a phandle is given one when an overlay refers to it', () => {
  const base = treeOf({ soc: { clock: { phandle: [7] }, dma: {} }, __symbols__: { dma: '/soc/dma' } });
  const overlay = treeOf({
    'fragment@0': { 'target-path': '/', __overlay__: { user: { dmas: [0xffff_ffff], phandle: [1] } } },
    __fixups__: { dma: '/fragment@0/__overlay__/user:dmas:0' },
  });
  const merged = applyOverlay(base, overlay, new DiagnosticSink());
  assert.ok(merged);
  const user = nodeAtPath(merged.root, '/user');
  const dma = nodeAtPath(merged.root, '/soc/dma');
  assert.ok(user && dma);
  assert.deepEqual([phandleOf(dma), cellsProperty(user, 'dmas'), phandleOf(user)], [8, [8], 9]);
});

/** Sources with nodes `n0` … that carry labels and refer to each other. */
class RandomSource {
  readonly #random: Random;
  readonly #labels: string[] = [];
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  base(): string {
    return `/ { ${this.#nodes('b', 3)} };`;
  }

  overlay(name: string): string {
    const targets = this.#labels.slice();
    const fragments = Array.from({ length: 1 + this.#random.below(3) }, () => {
      return `&${this.#random.pick(targets)} { ${this.#properties(true)} ${this.#nodes(name, 2)} };`;
    });
    return `/plugin/;\n${fragments.join('\n')}`;
  }

  #nodes(prefix: string, depth: number): string {
    const count = 1 + this.#random.below(3);
    return Array.from({ length: count }, () => {
      const label = `${prefix}${this.#count++}`;
      this.#labels.push(label);
      const below = depth > 0 && this.#random.below(2) === 0 ? this.#nodes(prefix, depth - 1) : '';
      return `${label}: n${label}@${this.#random.below(4)} { ${this.#properties(false)} ${below} };`;
    }).join(' ');
  }

  #properties(isChange: boolean): string {
    const count = this.#random.below(4);
    return Array.from({ length: count }, (_, index) => {
      const cells = Array.from({ length: 1 + this.#random.below(4) }, () =>
        this.#random.below(2) === 0 ? `${this.#random.below(9)}` : `&${this.#random.pick(this.#labels)}`,
      );
      return `${isChange ? 'c' : 'p'}${index} = <${cells.join(' ')}>;`;
    }).join(' ');
  }
}

test('random trees and overlays', () => {
  const random = seededRandom(31);
  for (let run = 0; run < 40; run++) {
    const source = new RandomSource(random);
    const base = compile(source.base());
    const overlays = ['x', 'y', 'z']
      .slice(0, 1 + random.below(3))
      .map((name) => compile(source.overlay(name)));
    assertAsFdtoverlay(base, overlays);
  }
});
