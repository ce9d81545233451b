/** `dt show` from the command line to the text. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { debianBoards } from '../../../test/support/debian.ts';
import { runOracle } from '../../../test/support/oracles.ts';
import { nodeHost } from '../../node/index.ts';
import { runCommandLine } from '../program.ts';

async function show(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runCommandLine(['dt', 'show', ...args], {
    host: nodeHost(),
    stdout: { write: (text) => out.push(String(text)) },
    stderr: { write: (text) => err.push(String(text)) },
  });
  return { status, stdout: out.join(''), stderr: err.join('') };
}

const boards = await debianBoards();
const ODROID = boards.get('meson-sm1-odroid-c4.dtb') ?? '';
/** A board with symbols. */
const VENICE = boards.get('imx8mm-venice-gw72xx-0x.dtb') ?? '';

test('a whole board is source that dtc makes the same blob of, plain or not', async () => {
  for (const path of [ODROID, VENICE]) {
    for (const flags of [[], ['--plain']]) {
      const { status, stdout, stderr } = await show(path, ...flags);
      assert.deepEqual([status, stderr], [0, '']);
      const dtc = runOracle('dtc', ['-q', '-I', 'dts', '-O', 'dtb'], Buffer.from(stdout));
      assert.deepEqual(dtc.stdout, readFileSync(path));
    }
  }
});

const SERIAL = `// /soc/bus@ff800000/serial@3000
serial@3000 {
	compatible = "amlogic,meson-gx-uart", "amlogic,meson-ao-uart";
	reg = <0x00 0x3000 0x00 0x18>;
	interrupts = <0x00 0xc1 0x01>;
	clocks = <0x11>, <0x19 0x04>, <0x11>; /* 0x11 is xtal-clk, 0x19 is clock-controller */
	clock-names = "xtal", "pclk", "baud";
	status = "okay";
	pinctrl-0 = <0x1e>; /* 0x1e is uart-a-ao */
	pinctrl-names = "default";
};
`;

test('a node by path, alias, and name; phandles are named in comments', async () => {
  for (const name of [
    '/soc/bus@ff800000/serial@3000',
    'serial0',
    'serial@3000',
    '&{/soc/bus@ff800000/serial@3000}',
  ]) {
    assert.deepEqual(await show(ODROID, name), { status: 0, stdout: SERIAL, stderr: '' });
  }
});

test('a node by label; phandles are references where the tree has symbols', async () => {
  const { stdout } = await show(VENICE, 'uart2');
  assert.match(
    stdout,
    /^\/\/ \/soc@0\/bus@30800000\/spba-bus@30800000\/serial@30890000\nuart2: serial@30890000 \{\n/,
  );
  assert.match(stdout, /\tclocks = <&clk 0xbd>, <&clk 0xbd>;\n/);
  assert.match(stdout, /\tpinctrl-0 = <&pinctrl_uart2>;\n/);
  const plain = await show(VENICE, 'uart2', '--plain');
  assert.match(plain.stdout, /\nserial@30890000 \{\n(?:\t.*\n)*\tclocks = <0x02 0xbd 0x02 0xbd>;\n/);
});

test('as JSON, a flat list of nodes', async () => {
  const { status, stdout } = await show(ODROID, '/soc/ethernet@ff3f0000', '--json');
  assert.equal(status, 0);
  const { path, form, nodes } = JSON.parse(stdout);
  assert.deepEqual([path, form], ['/soc/ethernet@ff3f0000', 'dtb']);
  assert.deepEqual(
    nodes.map(({ name, parent }: { name: string; parent: number | null }) => [name, parent]),
    [
      ['ethernet@ff3f0000', null],
      ['mdio', 0],
    ],
  );
  assert.deepEqual(nodes[1].properties[2], {
    name: 'compatible',
    bytes: '736e70732c64776d61632d6d64696f00',
    strings: ['snps,dwmac-mdio'],
  });
  assert.deepEqual(nodes[1].properties[0], { name: '#address-cells', bytes: '00000001', cells: [1] });
});

test('a node or a file that is not there', async () => {
  const node = await show(ODROID, 'serial9');
  assert.deepEqual([node.status, node.stdout], [1, '']);
  assert.match(node.stderr, /error\[resolve\/no-such-node\]: no node is called serial9/);
  const file = await show('/nowhere.dtb');
  assert.equal(file.status, 1);
  assert.match(file.stderr, /^\/nowhere\.dtb: error\[tree\/not-there\]/);
});
