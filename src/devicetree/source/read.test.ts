/** The whole language against Debian's newest dtc: the same bytes, and a refusal where dtc refuses. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixtures } from '../../../test/fixtures/dts.fixtures.ts';
import { memoryFiles } from '../../../test/support/memory-files.ts';
import { newestDtc } from '../../../test/support/newest-debian.ts';
import { runOracle } from '../../../test/support/oracles.ts';
import { DiagnosticSink, formatDiagnostic } from '../../base/index.ts';
import { PlainText } from '../../cpp/index.ts';
import { writeDtb } from '../blob/write.ts';
import { firstTreeDifference } from '../equality.ts';
import type { DeviceTree } from '../tree.ts';
import { printDts } from './print.ts';
import { readDts } from './read.ts';

const DTC = await newestDtc();

const FILES: Readonly<Record<string, string>> = {
  'part.dtsi': '/ { included { from = "part"; }; };\n',
  'body.dtsi': 'inside = <1>; child { };',
  'raw.bin': 'raw bytes \x00\xff',
};

function read(
  source: string,
  symbols = false,
): { readonly tree: DeviceTree | undefined; readonly said: readonly string[] } {
  const sink = new DiagnosticSink();
  const text = new PlainText('main.dts', source, { encoding: 'bytes' });
  const tree = readDts([text], { files: memoryFiles(FILES), symbols }, sink);
  return { tree, said: sink.sorted().map(formatDiagnostic) };
}

function dtc(
  source: string,
  flags: readonly string[],
  quiet: readonly string[] = ['-q'],
): { readonly status: number; readonly blob: Uint8Array; readonly stderr: string } {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-dts-'));
  try {
    for (const [name, text] of Object.entries({ ...FILES, 'main.dts': source })) {
      writeFileSync(join(directory, name), text, 'latin1');
    }
    const args = [...quiet, ...flags, '-I', 'dts', '-O', 'dtb', join(directory, 'main.dts')];
    const { status, stdout, stderr } = runOracle(DTC.command, [...DTC.args, ...args]);
    return { status, blob: stdout, stderr };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Name → source after `/dts-v1/;`. Each is compiled with and without symbols. */
const SOURCES: Readonly<Record<string, string>> = {
  'values of every kind': String.raw`
/ {
	empty; string = "text"; list = "one", "two"; none = "";
	escapes = "\a\b\t\n\v\f\r\\\"\'\0\1\12\123\1234\x4\x41\x414\q", "öß", "line
break";
	cells = <1 0x2 03 0xFFFFFFFF 4294967295 1U 2L 3UL 4LL 5ULL>;
	eight = /bits/ 8 <0 255 0xff (-1) (-128)>; sixteen = /bits/ 16 <1 0xffff (-2)>;
	thirtytwo = /bits/ 32 <1>, /bits/ 64 <1 0xffffffffffffffff 18446744073709551615 (-1)>;
	characters = <'a' '\n' '\'' '"' '\x41' '\101' '\\'>;
	bytes = [00 01 02030405 fF], [], [ab cd ef];
	mixed = "a", <1>, [02], "b", /bits/ 8 <3>;
	no_cells = <>;
};`,
  expressions: `
/ {
	arithmetic = <(1 + 2 * 3) ((1 + 2) * 3) (7 / 2) (7 % 4) (1 - 2) (-5 + 6) (~0xf0) (!0) (!5) (- - 1) (~~1)>;
	logic = <(1 && 0) (1 || 0) (0 || 0) (2 && 3) (1 ? 2 : 3) (0 ? 2 : 0 ? 4 : 5) (1 == 1) (1 != 1) (1 ? 0 ? 1 : 2 : 3)>;
	compare = <(1 < 2) (2 <= 2) (3 > 4) (4 >= 4) (-1 > 1) (-1 < 0) (5 < 3 < 2) (1 < 2 == 1)>;
	bits = <(1 << 4) (256 >> 4) (0xf0 & 0x3c) (0xf0 | 0x0f) (0xff ^ 0x0f) (1 | 2 ^ 3 & 4) (1 << 2 + 3) (8 >> 1 << 2)>;
	wide = /bits/ 64 <(1 << 63) (1 << 64) (1 >> 64) (0xffffffffffffffff + 2) (-1 / 3) (-1 % 10) (0xffffffff * 0xffffffff) (0 - 1) (-1 >> 1)>;
	chars = <('a' + 1) ('a' == 97)>;
};`,
  'labels and references': `
l0: /memreserve/ 0x10000000 0x4000; l1: l2: /memreserve/ (1 << 32) 0xffffffffffffffff;
/ {
	a: b: node@1 { c: d: prop = e: <f: 1 g: 2 h:>, i: "text" j:, k: [l: 00 m: 11 n:] o:; };
	user { refs = <&a 1 &{/node@1} &later>, &a, &{/node@1}, "end", &later; self = &user1; };
	user1: user2 { one = <&user1>; two = "x", &{/}, <&{/}>; };
	later: after { };
};
extra: &a { more = <&b>; };`,
  'phandles given and made': `
/ {
	a: a { phandle = <1>; }; b: b { linux,phandle = <2>; }; c: c { phandle = <&c>; }; d: d { linux,phandle = <&d>; };
	e: e { phandle = <5>; linux,phandle = <5>; }; f: f { }; g: g { }; h: h { };
	users = <&h &a &b &c>; 
	user { more = <&d &e &f &g>; };
};`.replace('users = <&h &a &b &c>; \n', 'last { users = <&h &a &b &c>; };\n'),
  'merging in order': `
/ { compatible = "a"; first { x = <1>; y = <2>; }; second { }; };
/ { model = "m"; second { z; }; third { }; first { y = "changed"; w; }; compatible = "b", "c"; };
/ { l: first { }; };
&l { x = [00]; fourth { }; };
&{/second} { deep { er { }; }; };
&{/second/deep} { er { est = <&l>; }; };`
    .replace('compatible = "b", "c"; ', '')
    .replace('model = "m";', 'model = "m"; compatible = "b", "c";'),
  deletions: `
/ { p = <1>; q = <2>; r = <3>; /delete-property/ s; la: a { x; sub { lc: leaf { }; }; }; lb: b { }; /delete-node/ never; z { }; };
/ { /delete-property/ p; /delete-property/ none; /delete-node/ b; /delete-node/ none; a { y; }; };
/ { s = "s"; p = "back"; b { again; }; never { ever; }; };
/ { lb: c { }; };
/delete-node/ &la;
/ { a { fresh; sub { }; }; ref { lb = <&lb>; }; };
/ { z { }; /delete-node/ z; };
/delete-node/ &{/b};
/ { w { }; /delete-node/ w; w { back; }; };`,
  'nodes that only matter to others': `
/ {
	/omit-if-no-ref/ a: a { }; /omit-if-no-ref/ b: b { sub { l: leaf { }; }; }; c: /omit-if-no-ref/ c { }; /omit-if-no-ref/ d { };
	/omit-if-no-ref/ e: e { ref = <&f>; }; f: f { }; g: g { };
	user { a = <&a>; path = &c; };
};
/omit-if-no-ref/ &f; /omit-if-no-ref/ &g; /omit-if-no-ref/ &{/d};`,
  'names of every kind': `
/ {
	#address-cells = <1>; 0123 = "digits"; a,b._+*?#-c; \\escaped = <1>; abc = [ab]; dead = <0xdead>;
	0123 { }; a@1,2.3_4+5-6 { }; \\node { }; bits { }; label: label { }; a--b { };
};`,
  inclusion: `
/include/ "part.dtsi"
/ { binary = /incbin/("raw.bin"), /incbin/("raw.bin", 4, 3), <1>, /incbin/("raw.bin", 10, 100), /incbin/("raw.bin", (1 + 1), 0);
	n { /include/ "body.dtsi" }; };`,
  'comments everywhere': `
// line
/ /* a */ { /* b **/ a /* c */ = /***/ < /* d */ 1 // e "
 2 > /* " */ ; // f
 s = "/* no comment */ // nor this"; };
/* end */ // very end
`,
  'line markers': `
# 1 "other.dts"
/ { a = <1>;
#line 40 "third.dts" 3
# 1 "x y.h" 1 3
 b; };`,
  'the name property': `
/ { name = ""; serial@1 { name = "serial"; }; x { other = "x"; name = "x"; last; }; };`,
  'a boot processor': `
/ { cpus { #address-cells = <1>; #size-cells = <0>; cpu@100 { reg = <0x100>; }; cpu@0 { reg = <0>; }; }; };`,
  'a boot processor that was deleted': `
/ { cpus { cpu@1 { reg = <1>; }; cpu@2 { reg = <2>; }; }; };
/ { cpus { /delete-node/ cpu@1; }; };`,
  'properties that come back in their place': `
/ { n { a = <1>; b = <2>; c = <3>; }; };
/ { n { /delete-property/ b; d; b = <4>; /delete-property/ d; }; };
/ { n { l: a = <5>; }; m { x = <1>; /delete-property/ x; }; };
/ { n { m: a = <6>; }; };`,
  'symbols that are there already': `
/ { l: n { }; m: o { }; __symbols__ { own = "/x"; }; };`,
  'symbols of nodes that have no label': `
/ { a { b@1 { }; c { }; }; l: m: d { }; __symbols__ { late = "/a/b@1"; gone = "/none"; m = "/d"; text = <1>; }; };
/ { user { late = <&l>; }; };`,
  'references that go down from a label': `
/ { speeds: speeds { slow { hz = <1>; deep { }; }; fast { hz = <2>; }; }; };
/delete-node/ &{speeds/fast};
&{speeds/slow} { hz = <3>; };
&{speeds/slow/deep/} { er = <&{speeds/slow} &{speeds} &{speeds/}>, &{speeds/slow}; };
name: &{speeds/slow/deep} { };
/omit-if-no-ref/ &{speeds/slow};`,
  'values cut to their elements': `
/ { a = <0x100000001 0x1ffffffff>; b = /bits/ 8 <0x100 0x1ff (-129)>; c = /bits/ 16 <0x10000 0xffff0001>; };`,
  'headers repeated': `
/dts-v1/;
/ { };`,
};

const OVERLAYS: Readonly<Record<string, string>> = {
  'fragments written out': `
/ { fragment@0 { target = <&uart0>; __overlay__ { status = "okay"; clk = <&clk 1 &local 2>; local: sub { ref = <&uart0 &clk>; }; }; };
	fragment@1 { target-path = "/"; __overlay__ { x = <&local>; y = <&clk>; }; }; };`,
  'fixups that are there already, as dtc writes a blob as source': `
/ {
	fragment@0 { target = <&uart0>; __overlay__ { clk = <&clk 1 &clk &{/fragment@0/__overlay__/sub}>; sub { }; }; };
	__fixups__ { uart0 = "/fragment@0:target:0"; clk = "/fragment@0/__overlay__:clk:0"; more = "/fragment@0:x:4"; };
	__local_fixups__ { fragment@0 { __overlay__ { clk = <12>; }; }; };
};`,
  'fixups that are none': `
/ {
	fragment@0 { target = <&a>; __overlay__ { b = <&c>; c: c { }; }; };
	__fixups__ { a = <1>; };
	__local_fixups__ { fragment@0 { __overlay__ { b = [00]; }; }; };
};`,
  'fragments by reference': `
&uart0 { status = "okay"; local: sub { }; };
&{/soc} { ref = <&local &uart0>; };
/ { own: here { }; };
&own { more; };
&local { deep = <&own>, <1 2 &uart0>; };
&{/here} { path = "x"; };`,
  'a first node by path': '&{/} { a = <&b>; l: n { c = <&l>; }; };',
  'an overlay without references': '/ { fragment@0 { target-path = "/"; __overlay__ { a; }; }; };',
};

function compare(source: string, flags: readonly string[]): void {
  const theirs = dtc(source, flags);
  const { tree, said } = read(source, flags.includes('-@'));
  assert.ok(tree, said.join('\n'));
  assert.equal(theirs.status, 0, theirs.stderr);
  if (Buffer.compare(theirs.blob, writeDtb(tree)) !== 0) {
    // The bytes are what counts; the text shows where they part.
    const shown = runOracle('dtc', ['-q', '-I', 'dtb', '-O', 'dts'], writeDtb(tree)).stdout.toString();
    assert.equal(shown, runOracle('dtc', ['-q', '-I', 'dtb', '-O', 'dts'], theirs.blob).stdout.toString());
    assert.deepEqual(Buffer.from(writeDtb(tree)), theirs.blob);
  }
  // Printed, with its labels, references and ways of writing, it is the same tree again.
  if (!flags.includes('-@') && !source.includes('/plugin/')) {
    const again = read(printDts(tree));
    assert.ok(again.tree, again.said.join('\n'));
    const { bootCpuidPhys } = tree;
    assert.equal(firstTreeDifference(tree, { ...again.tree, bootCpuidPhys }), undefined);
  }
}

for (const flags of [[], ['-@']]) {
  const how = flags.length === 0 ? 'without symbols' : 'with symbols';
  for (const [name, source] of Object.entries(SOURCES)) {
    test(`${name}, ${how}: the bytes of dtc`, () => compare(`/dts-v1/;${source}`, flags));
  }
  for (const [name, source] of Object.entries(OVERLAYS)) {
    test(`${name}, ${how}: the bytes of dtc`, () => compare(`/dts-v1/; /plugin/;${source}`, flags));
  }
}

/** Limits of ours, inputs of the preprocessor, and warnings: dtc has nothing to say there, or says less. */
const NOT_DTC = new Set([
  'dts/expression-too-deep',
  'dts/nesting-too-deep',
  'dts/too-large',
  'dts/symbol-exists',
  'dts/include-unreadable',
  'dts/root-deleted',
]);

test('what this reader calls an error, dtc refuses', () => {
  const accepted = fixtures.flatMap(({ code, source }) => {
    if (NOT_DTC.has(code) || source.startsWith('#')) return [];
    const { status, stderr } = dtc(source, [], []);
    // From 1.7 on dtc cuts values that are too large for their elements, and warns.
    return status === 0 && !stderr.includes(' truncated to ') ? [`${code}: ${source}`] : [];
  });
  assert.deepEqual(accepted, []);
});

test('sources joined, each with its header, are one tree', () => {
  const texts = ['/dts-v1/;\n/ { a { x; }; };\n', '/dts-v1/;\n/ { a { /delete-property/ x; y; }; };\n'].map(
    (source, index) => new PlainText(`${index}.dts`, source, { encoding: 'bytes' }),
  );
  const tree = readDts(texts, { files: memoryFiles({}) }, new DiagnosticSink());
  assert.ok(tree);
  assert.deepEqual([...(tree.root.children.get('a')?.properties.keys() ?? [])], ['y']);
});

test('nodes and properties know where they are written', () => {
  const { tree } = read('/dts-v1/;\n/ {\n  a { };\n  l: b {\n    x = <1>;\n  };\n};\n&l { x = <2>; };\n');
  const b = tree?.root.children.get('b');
  assert.deepEqual(b?.position, { file: 'main.dts', line: 4, column: 6 });
  assert.deepEqual(b?.properties.get('x')?.position, { file: 'main.dts', line: 8, column: 6 });
  assert.deepEqual(b?.labels, ['l']);
});

test('16 MiB of nodes are read', () => {
  const node = 'node@XXXXXX { compatible = "vendor,device"; reg = <0x1 0x2 0x3 0x4>; status = "okay"; };\n';
  const count = Math.ceil((16 * 1024 * 1024) / node.length);
  const nodes = Array.from({ length: count }, (_, index) =>
    node.replace('XXXXXX', index.toString(16).padStart(6, '0')),
  );
  const { tree } = read(`/dts-v1/;\n/ {\n${nodes.join('')}};\n`);
  assert.equal(tree?.root.children.size, count);
});

test('nesting of 10,000 is read', () => {
  const depth = 10_000;
  const { tree } = read(
    `/dts-v1/;\n/ ${'{ n '.repeat(depth)}{ l: last { }; ${'};'.repeat(depth)} };\n&l { x = <&l>; };`,
  );
  let found = 0;
  for (let node = tree?.root.children.get('n'); node !== undefined; node = node.children.get('n')) found += 1;
  assert.equal(found, depth);
});
