/**
 * What a person does to a running board, from a script and at the prompt: a BREAK and SysRq on a PL011, Amlogic's UART and a 16550; a card
 * taken out and put in, a cable pulled, registers, RAM and interrupt lines touched, and Debian's kernel that notices.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drivervm } from './support/command.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-hands-'));
const file = (...names: readonly string[]) => join(directory, ...names);
after(() => rmSync(directory, { recursive: true }));
before(() =>
  drivervm([
    ...['payload', 'debian', '-o', file('payload')],
    ...['--modules', 'fixed,gpio-regulator,meson_gx_mmc,mmc_block,dwmac_meson8b,mdio-mux-meson-g12a'],
  ]),
);

async function plan(name: string, dtb: string, pass: string): Promise<string> {
  writeFileSync(
    file(`${name}.yaml`),
    `name: ${name}
board: payload/dtbs/${dtb}
kernel: payload/Image
initrd: payload/initrd.cpio
ram: { size: 256 MiB }
bootargs: cryptomgr.notests
pass: ${pass}
`,
  );
  await drivervm(['plan', file(`${name}.yaml`), '-o', file(name)]);
  return file(name);
}

/** Plays cases, which must all pass. */
async function play(project: string, text: string): Promise<void> {
  const script = file(`${project.split('/').at(-1)}.script.ts`);
  writeFileSync(
    script,
    `import assert from 'node:assert/strict';\nimport type { Script } from 'drivervm/script';\n${text}`,
  );
  const { out } = await drivervm(['test', project, script]);
  assert.match(out, /\n[1-9]\d* passed, 0 failed/);
}

const SYSRQ = `
export async function sysrq(script: Script) {
  const console = script.console();
  await console.waitFor('the guest is up', { seconds: 60 });
  await console.command('true');
  console.key('break');
  await script.pass(0.1);
  console.type('h');
  await console.waitFor('sysrq: HELP', { seconds: 5 });
  await script.pass(6);
  console.type('s');
  await script.pass(1);
  assert.doesNotMatch(console.text, /Emergency/, 'without a BREAK it is a letter');
  script.monitor('break');
  await script.pass(0.1);
  console.type('s');
  await console.waitFor('Emergency Sync complete', { seconds: 5 });
}
`;

for (const [name, dtb] of [
  ['pl011', 'arm/juno-r2.dtb'],
  ['meson', 'amlogic/meson-sm1-odroid-c4.dtb'],
  ['dw-16550', 'rockchip/rk3399-rockpro64.dtb'],
] as const) {
  test(`a BREAK is SysRq's: ${name}`, async () =>
    play(await plan(name, dtb, name === 'dw-16550' ? '[serial2]' : '[serial0]'), SYSRQ));
}

const C4 = 'amlogic/meson-sm1-odroid-c4.dtb';
const SD = '/soc/sd@ffe05000';
const GPIO = '/soc/bus@ff600000/bus@34400/pinctrl@40';

test('a card goes and comes, and so does a cable', async () => {
  writeFileSync(file('sd.img'), new Uint8Array(32 * 1024 * 1024));
  const project = await plan('board', C4, `[serial0, mmc0, ethernet, "${GPIO}"]`);
  await play(
    project,
    `
export const request = { disk: ['mmc0=${file('sd.img')}'] };
export async function hands(script: Script) {
  const console = script.console();
  await console.waitFor('mmcblk0: mmc0:0001', { seconds: 60 });
  script.unplug('mmc0');
  await console.waitFor('mmc0: card 0001 removed', { seconds: 10 });
  const { output } = await console.command('cat /proc/partitions');
  assert.doesNotMatch(output, /mmcblk0/);
  assert.match(script.monitor('plug ${SD}'), /the card is in/);
  await console.waitFor('mmcblk0: mmc0:0001', { seconds: 10 });

  const carrier = async () => (await console.command('cat /sys/class/net/eth0/carrier')).output;
  await console.command('ip link set eth0 up');
  await script.pass(3);
  assert.equal(await carrier(), '1');
  script.link('ethernet', 'down');
  await console.waitFor('Link is Down', { seconds: 5 });
  assert.equal(await carrier(), '0');
  assert.match(script.monitor('link ethernet0 up'), /the cable is in/);
  await console.waitFor('Link is Up', { seconds: 5 });
  assert.throws(() => script.unplug('mmc1'), /mmc1 is no slot|has no card/);
  assert.match(script.monitor('link serial0 up'), /no Ethernet controller: .*ethernet@ff3f0000/);
}
`,
  );
});

test('lines, registers and RAM', async () => {
  await play(
    await plan('small', C4, '[serial0]'),
    `
export async function lines(script: Script) {
  const console = script.console();
  await console.waitFor('the guest is up', { seconds: 60 });
  await console.command('true');
  await script.pass(1);
  const before = script.interrupts(225);
  script.raise(225);
  script.lower(225);
  await script.pass(0.1);
  assert.equal(script.interrupts(225), before + 1);
  assert.throws(() => script.raise(3), /from 32/);

  script.poke('serial@3000', 'REG5', 0x17);
  assert.match(script.monitor('registers serial@3000'), /REG5 +0x17 /);
  assert.match(script.monitor('poke serial@3000 MISC.RECV_IRQ 3'), /written to MISC.RECV_IRQ at 0xff803010/);
  assert.match(script.monitor('registers serial@3000'), /RECV_IRQ=0x3/);
  assert.match(script.monitor('poke serial@3000 MISC.RECV_IRQ 0x100'), /takes 0 to 0xff/);
  assert.match(script.monitor('poke serial@3000 NOTHING 1'), /has no register NOTHING/);
  script.poke('serial@3000', 'MISC.RECV_IRQ', 1);

  const { output } = await console.command('grep " T panic$" /proc/kallsyms');
  const address = '0x' + output.split(' ')[0];
  assert.match(script.monitor(\`poke \${address} 77\`), /4 bytes written/);
  assert.match(script.monitor(\`memory \${address} 4\`), /4d 00 00 00/);
  assert.match(script.monitor('poke 0x10 1'), /has no RAM/);
}
`,
  );
});
