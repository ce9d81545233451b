/** `dt devices`, `dt needs` and `dt diff` from the command line to text and JSON. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { nodeHost } from '../../node/index.ts';
import { runCommandLine } from '../program.ts';

const BOARD = `/dts-v1/;
/ {
	#address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
	aliases { serial0 = &uart; };
	gic: gic@1000 { compatible = "arm,gic-400"; interrupt-controller; #interrupt-cells = <3>; reg = <0x1000 0x1000>; };
	soc { compatible = "simple-bus"; #address-cells = <1>; #size-cells = <1>; ranges = <0 0xff800000 0x100000>;
		uart: serial@3000 { compatible = "acme,uart", "ns16550a"; reg = <0x3000 0x18>; interrupts = <0 193 1>; interrupt-names = "rx"; clocks = <&osc>; clock-names = "baud"; };
		rtc@3100 { compatible = "acme,rtc"; reg = <0x3100 4>; };
		off@4000 { compatible = "acme,off"; reg = <0x4000 4>; status = "disabled"; };
		out@200000 { compatible = "acme,out"; reg = <0x200000 4>; };
	};
	osc: osc { compatible = "fixed-clock"; #clock-cells = <0>; };
};
`;
const directory = mkdtempSync(join(tmpdir(), 'drivervm-meaning-'));
const board = join(directory, 'board.dts');
writeFileSync(board, BOARD);
after(() => rmSync(directory, { recursive: true }));

async function run(...args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runCommandLine(['dt', ...args], {
    host: nodeHost(),
    stdout: { write: (text) => out.push(String(text)) },
    stderr: { write: (text) => err.push(String(text)) },
  });
  return { status, stdout: out.join(''), stderr: err.join('').replaceAll(directory, '') };
}

test('dt devices: a table, with what is wrong on the side', async () => {
  const { status, stdout, stderr } = await run('devices', board);
  assert.equal(status, 0);
  assert.equal(
    stdout,
    `device            compatible   status    registers              interrupts (INTID)  shares a page with
/gic@1000         arm,gic-400  okay      0x1000–0x1fff
/soc              simple-bus   okay
/soc/serial@3000  acme,uart    okay      0xff803000–0xff803017  rx: 225 edge        rtc@3100
/soc/rtc@3100     acme,rtc     okay      0xff803100–0xff803103                      serial@3000
/soc/off@4000     acme,off     disabled  0xff804000–0xff804003
/soc/out@200000   acme,out     okay      outside-ranges
/osc              fixed-clock  okay
7 devices
`,
  );
  assert.equal(
    stderr,
    '/board.dts:10:41: warning[resolve/unreadable-reg]: /soc/out@200000: reg[0] lies outside what the ranges of a bus above pass on (/soc)\n',
  );
});

test('dt devices: filters, and JSON', async () => {
  const names = async (...args: readonly string[]) => {
    const { stdout } = await run('devices', board, '--json', ...args);
    return (JSON.parse(stdout) as { devices: { path: string }[] }).devices.map(({ path }) => path);
  };
  assert.deepEqual(await names('--status', 'disabled'), ['/soc/off@4000']);
  assert.deepEqual(await names('--compatible', 'ns16550*'), ['/soc/serial@3000']);
  assert.deepEqual(await names('--path', '/soc/r*', '--status', 'okay'), ['/soc/rtc@3100']);
  assert.equal((await run('devices', board, '--status', 'fine')).status, 2);
  const { stdout } = await run('devices', board, '--json', '--compatible', 'acme,uart');
  assert.deepEqual((JSON.parse(stdout) as { devices: unknown[] }).devices[0], {
    path: '/soc/serial@3000',
    compatible: ['acme,uart', 'ns16550a'],
    status: 'okay',
    enabled: true,
    regs: [{ index: 0, base: 0xff803000, size: 0x18 }],
    interrupts: [
      {
        index: 0,
        name: 'rx',
        property: 'interrupts',
        reach: 'direct',
        gic: [{ intid: 225, trigger: 'edge', sense: 'edge-rising' }],
        chain: [{ controller: '/gic@1000', step: 'gic' }],
      },
    ],
    coTenants4KiB: ['/soc/rtc@3100'],
    coTenants2MiB: ['/soc/rtc@3100'],
  });
});

test('dt needs: a node by alias, each need with its reason', async () => {
  const { status, stdout } = await run('needs', board, 'serial0');
  assert.equal(status, 0);
  assert.equal(
    stdout,
    `/soc/serial@3000 0xff803000–0xff803017, INTID rx: 225 edge
  serial@3000 → clocks[0] baud → osc (a clock)
  serial@3000 → interrupts[0] → gic@1000 (the GIC) 0x1000–0x1fff
`,
  );
});

test('dt needs: a node that is not there', async () => {
  const { status, stdout, stderr } = await run('needs', board, 'serial1');
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /error\[resolve\/no-such-node\]: no node is called serial1\n/);
});

test('dt diff: nothing between a tree and itself; a change as two lines', async () => {
  const other = join(directory, 'other.dts');
  writeFileSync(other, BOARD.replace('<0 193 1>', '<0 193 4>').replace('rtc@3100 {', 'clock@3100 {'));
  assert.deepEqual(await run('diff', board, board), { status: 0, stdout: '', stderr: '' });
  assert.deepEqual(await run('diff', board, other), {
    status: 1,
    stdout: `- /soc/rtc@3100
+ /soc/clock@3100
- /soc/serial@3000: interrupts = <0x00 0xc1 0x01>
+ /soc/serial@3000: interrupts = <0x00 0xc1 0x04>
`,
    stderr: '',
  });
});
