/** `dt merge` from the command line to the bytes, against dtc and fdtoverlay. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runOracle } from '../../../test/support/oracles.ts';
import { DiagnosticSink } from '../../base/index.ts';
import { type DeviceTree, firstTreeDifference, printDts, readDtb } from '../../devicetree/index.ts';
import { nodeHost } from '../../node/index.ts';
import { runCommandLine } from '../program.ts';

async function merge(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runCommandLine(['dt', 'merge', ...args], {
    host: nodeHost(),
    stdout: { write: (text) => out.push(String(text)) },
    stderr: { write: (text) => err.push(String(text)) },
  });
  return { status, stdout: out.join(''), stderr: err.join('') };
}

const BASE = `/dts-v1/;
/memreserve/ 0x1000 0x1000;
/ {
	#address-cells = <1>;
	cpus { cpu@3 { reg = <3>; }; };
	soc: soc {
		uart0: uart@1000 { status = "disabled"; clocks = <&clk 3>; };
		clk: clock { #clock-cells = <1>; };
		dma: dma { };
	};
};
`;

/** As LionsOS's examples change a board: a second root node, and references to the first's labels. */
const CHANGES = `/ {
	soc { dma { status = "disabled"; }; };
	memory@40000000 { reg = <0x40000000 0x10000000>; };
};
&uart0 { status = "okay"; dmas = <&dma>; more: more { }; };
/delete-node/ &{/soc/clock};
&uart0 { /delete-property/ clocks; };
`;

const PLUGIN = `/* an overlay */ /dts-v1/; // "/plugin/" follows
/plugin/;
&dma { user = <&uart0>, <&fresh>; fresh: fresh { }; };
`;

async function inDirectory(work: (file: (name: string, content?: string) => string) => Promise<void>) {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-merge-'));
  try {
    await work((name, content) => {
      const path = join(directory, name);
      if (content !== undefined) writeFileSync(path, content);
      return path;
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function dtc(source: string, ...flags: readonly string[]): Buffer {
  const { status, stdout, stderr } = runOracle('dtc', ['-q', '-O', 'dtb', ...flags], Buffer.from(source));
  assert.equal(status, 0, stderr);
  return stdout;
}

function tree(bytes: Uint8Array): DeviceTree {
  const found = readDtb(bytes, 'merged.dtb', new DiagnosticSink());
  assert.ok(found);
  return found;
}

test('sources that are joined give what dtc makes of them joined', async () => {
  await inDirectory(async (file) => {
    const [base, changes, output] = [file('base.dts', BASE), file('changes.dts', CHANGES), file('out.dtb')];
    const { status, stdout, stderr } = await merge(base, changes, '-o', output);
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(stdout, `${output}: dtb, ${readFileSync(output).length} B\n`);
    assert.deepEqual(readFileSync(output), dtc(BASE + CHANGES));
  });
});

test('a source over a blob with symbols', async () => {
  await inDirectory(async (file) => {
    const [base, changes, output] = [file('base.dtb'), file('changes.dts', CHANGES), file('out.dtb')];
    writeFileSync(base, dtc(BASE, '-@', '-b', '7'));
    assert.deepEqual((await merge(base, changes, '-o', output)).stderr, '');
    const merged = tree(readFileSync(output));
    assert.equal(merged.bootCpuidPhys, 7);
    const symbols = [...(merged.root.children.get('__symbols__')?.properties.keys() ?? [])];
    assert.deepEqual(symbols, ['soc', 'uart0', 'clk', 'dma', 'more']);
    // Joined sources number phandles anew; the blob's are kept here. All but numbers and symbols is the same.
    const joined = tree(dtc(BASE + CHANGES));
    merged.root.removeChild('__symbols__');
    const bare = (each: DeviceTree) => {
      for (const node of each.root.children.get('soc')?.children.values() ?? []) {
        for (const name of ['phandle', 'dmas']) node.properties.delete(name);
      }
      each.root.children.get('soc')?.properties.delete('phandle');
      for (const node of each.root.children.get('soc')?.children.get('uart@1000')?.children.values() ?? [])
        node.properties.delete('phandle');
      return { ...each, bootCpuidPhys: 0 };
    };
    assert.equal(firstTreeDifference(bare(merged), bare(joined)), undefined);
  });
});

test('compiled overlays, overlay sources and joined sources in one go', async () => {
  await inDirectory(async (file) => {
    const base = file('base.dts', BASE);
    const more = file('more.dts', '&fresh { here = <&dma>; };\n');
    const compiled = file('plugin.dtbo');
    const output = file('out.dtb');
    writeFileSync(compiled, dtc(PLUGIN, '-@'));
    const expected = file('expected.dtb');
    writeFileSync(file('plain.dtb'), dtc(BASE, '-@'));
    runOracle('fdtoverlay', ['-i', file('plain.dtb'), '-o', expected, compiled]);
    for (const overlay of [compiled, file('plugin.dtso', PLUGIN)]) {
      const flags = overlay === compiled ? [] : ['-@'];
      assert.deepEqual((await merge(base, overlay, ...flags, '-o', output)).stderr, '');
      const [ours, theirs] = [tree(readFileSync(output)), tree(readFileSync(expected))];
      assert.equal(firstTreeDifference(ours, theirs, { ordered: false }), undefined);
      assert.deepEqual((await merge(base, overlay, more, '-o', output)).stderr, '');
      const here = tree(readFileSync(output))
        .root.children.get('soc')
        ?.children.get('dma')
        ?.children.get('fresh');
      assert.ok(here?.properties.has('here'));
    }
  });
});

test('what does not apply leaves no file behind, and says which overlay it was', async () => {
  await inDirectory(async (file) => {
    const base = file('base.dts', BASE);
    const output = file('out.dtb');
    const lost = file('lost.dtso', '/dts-v1/;\n/plugin/;\n&nowhere { status = "okay"; };\n');
    const unknown = file('unknown.dts', '&nowhere { status = "okay"; };\n');
    const compiled = await merge(base, lost, '-o', output);
    assert.equal(compiled.status, 1);
    assert.match(
      compiled.stderr,
      /error\[overlay\/unknown-symbol\]: \/fragment@0:target:0 refers to nowhere/,
    );
    const joined = await merge(base, unknown, '-o', output);
    assert.equal(joined.status, 1);
    assert.ok(joined.stderr.startsWith(`${unknown}:1:`), joined.stderr);
    const whole = await merge(base, base, '-o', file('out.txt'));
    assert.equal(whole.status, 2);
    assert.ok(!existsSync(output));
  });
});

test('the answer in JSON', async () => {
  await inDirectory(async (file) => {
    const [base, changes, output] = [file('base.dts', BASE), file('changes.dts', CHANGES), file('out.dts')];
    const { stdout } = await merge(base, changes, '-o', output, '--json');
    const sizeBytes = readFileSync(output).length;
    assert.deepEqual(JSON.parse(stdout), {
      diagnostics: [],
      base,
      overlays: [changes],
      output,
      outputForm: 'dts',
      sizeBytes,
    });
  });
});

test('an overlay that was printed is one again, with /plugin/ or without', async () => {
  await inDirectory(async (file) => {
    const base = file('base.dtb');
    writeFileSync(base, dtc(BASE, '-@'));
    const overlay = file('o.dtbo');
    writeFileSync(overlay, dtc(PLUGIN, '-@'));
    const expected = file('expected.dtb');
    runOracle('fdtoverlay', ['-i', base, '-o', expected, overlay]);
    const sink = new DiagnosticSink();
    const printed = printDts(readDtb(readFileSync(overlay), 'o.dtbo', sink) as DeviceTree, {
      symbolLabels: true,
    });
    assert.match(printed, /^\/dts-v1\/;\n\/plugin\/;\n/);
    assert.deepEqual(dtc(printed), readFileSync(overlay));
    for (const source of [printed, printed.replace('/plugin/;\n', '/* __overlay__ { */\n')]) {
      const { stderr } = await merge(base, file('o.dts', source), '-o', file('out.dtb'));
      assert.equal(stderr.includes('overlay/plugin-missing'), source !== printed, stderr);
      const [ours, theirs] = [tree(readFileSync(file('out.dtb'))), tree(readFileSync(expected))];
      assert.equal(firstTreeDifference(ours, theirs, { ordered: false }), undefined);
    }
    const joined = await merge(
      base,
      file('c.dts', '&dma { note = "__overlay__ {"; }; // __overlay__ {\n'),
      '-o',
      file('out.dtb'),
    );
    assert.deepEqual([joined.status, joined.stderr], [0, '']);
  });
});

test('parameters behind names, of overlays and of the base', async () => {
  await inDirectory(async (file) => {
    const base = file(
      'a:b.dts',
      '/ { one: one { }; two: two { }; __overrides__ { one = <&one>, "status"; }; };'.replace(
        /^/,
        '/dts-v1/; ',
      ),
    );
    const overlay = file(
      'o.dts',
      '/dts-v1/; /plugin/; / { where: fragment@0 { target = <0>; __overlay__ { n: n { rate = <1>; }; }; }; __overrides__ { two = <&where>, "target:0=", <&two>; rate = <&n>, "rate:0"; mac = <&n>, "mac["; }; };',
    );
    const output = file('out.dts');
    const { status, stderr } = await merge(`${base}:one=on`, `${overlay}:two,rate=5,mac=00:11`, '-o', output);
    assert.deepEqual([status, stderr], [0, '']);
    const printed = readFileSync(output, 'utf8');
    assert.match(printed, /two \{\n[^}]*n \{\n\t\t\trate = <0x05>;[^}]*mac = \[00 11\];/);
    assert.match(printed, /one \{[^}]*status = "okay";/);
    assert.equal((await merge(`${base}:one=off`, '-o', output)).status, 0);
    assert.match(readFileSync(output, 'utf8'), /status = "disabled"/);
    const without = await merge(base, overlay, '-o', output);
    assert.equal(without.status, 1);
    assert.match(without.stderr, /its target is set by a parameter of the overlay: give two/);
    assert.equal(
      (await merge(file('plain.dts', '/dts-v1/; / { };').replace('a:b', 'plain'), '-o', output)).status,
      2,
    );
  });
});
