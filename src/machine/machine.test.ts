import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { debianBoards } from '../../test/support/debian.ts';
import { loadSaved, savedCopy } from '../../test/support/saved.ts';
import { DiagnosticSink } from '../base/index.ts';
import { type Board, readDtb, resolveTree } from '../devicetree/index.ts';
import { createMachine, type Machine } from './machine.ts';

const boards = await debianBoards();

function board(name: string): Board {
  const path = boards.get(name);
  assert.ok(path !== undefined, name);
  const tree = readDtb(readFileSync(path), name, new DiagnosticSink());
  assert.ok(tree !== undefined, name);
  return resolveTree(tree);
}

/** A board's console as its tree has it: where, on which interrupt, and as what. */
function consoleOf(machine: Machine): {
  readonly model: string | undefined;
  readonly base: number | undefined;
} {
  const path = machine.board.stdout?.path;
  const device = machine.devices.find((candidate) => candidate.path === path);
  return { model: device?.kind === 'model' ? device.device.model : undefined, base: device?.range.base };
}

/** One board at least for each family of UARTs that Debian's kernel has built in. */
const CONSOLES: readonly (readonly [string, string, number])[] = [
  ['meson-sm1-odroid-c4.dtb', 'Meson UART', 0xff80_3000],
  ['zynqmp-zcu102-rev1.0.dtb', 'Cadence UART', 0xff00_0000],
  ['imx8mq-evk.dtb', 'i.MX UART', 0x3086_0000],
  ['juno.dtb', 'PL011', 0x7ff8_0000],
  ['rk3399-rockpro64.dtb', 'DW_apb_uart', 0xff1a_0000],
  ['tegra210-p2371-2180.dtb', 'Tegra UART', 0x7000_6000],
  ['armada-3720-espressobin.dtb', 'Armada 3700 UART', 0xd001_2000],
  ['apq8016-sbc.dtb', 'MSM UARTDM', 0x078b_0000],
  ['sdm845-db845c.dtb', 'GENI UART', 0x00a8_4000],
  ['r8a774a1-hihope-rzg2m.dtb', 'SCIF', 0xe6e8_8000],
  ['imx8qxp-mek.dtb', 'LPUART', 0x5a06_0000],
  ['fsl-ls1043a-rdb.dtb', '16550', 0x021c_0500],
  ['bcm2837-rpi-3-b.dtb', 'BCM2835 aux UART', 0x3f21_5040],
  ['k3-am654-base-board.dtb', 'AM65 UART', 0x0280_0000],
];

for (const [name, model, base] of CONSOLES) {
  test(`${name}: its console is a ${model}`, () => {
    const machine = createMachine(board(name));
    assert.deepEqual(consoleOf(machine), { model, base });
  });
}

test("Amlogic's Ethernet: the PHYs that the tree has, behind the controller or the multiplexer", () => {
  const [GMII_ADDRESS, GMII_DATA, BUSY, GR_SHIFT, PA_SHIFT] = [0x10, 0x14, 1, 6, 11];
  const identities = (name: string, mac: number, address: number) => {
    const { bus } = createMachine(board(name));
    return [2, 3].map((register) => {
      bus.write(mac + GMII_ADDRESS, 4, BUSY | (register << GR_SHIFT) | (address << PA_SHIFT));
      return bus.read(mac + GMII_DATA, 4);
    });
  };
  assert.deepEqual(identities('meson-gxbb-odroidc2.dtb', 0xc941_0000, 0), [0x001c, 0xc916]);
  assert.deepEqual(identities('meson-sm1-odroid-c4.dtb', 0xff3f_0000, 0), [0x001c, 0xc916]);
  assert.deepEqual(identities('meson-sm1-odroid-c4.dtb', 0xff3f_0000, 8), [0xffff, 0xffff]);
  const machine = createMachine(board('meson-sm1-odroid-c4.dtb'));
  const [ETH_PHY_CNTL2, TO_INTERNAL] = [0xff64_c088, 0x60];
  machine.bus.write(ETH_PHY_CNTL2, 4, TO_INTERNAL);
  machine.bus.write(0xff3f_0000 + GMII_ADDRESS, 4, BUSY | (2 << GR_SHIFT) | (8 << PA_SHIFT));
  assert.equal(machine.bus.read(0xff3f_0000 + GMII_DATA, 4), 0x0180);
});

test('the Odroid C4: its UART pulses the interrupt that the tree says, its PLLs lock', () => {
  const machine = createMachine(board('meson-sm1-odroid-c4.dtb'));
  machine.interrupts.handle(225, 'edge');
  const line = machine.serialLines.get(machine.board.stdout?.path ?? '');
  assert.ok(line !== undefined);
  const UART = 0xff80_3000;
  machine.bus.write(UART + 0x08, 4, 0x0800_f000);
  line.type([0x41]);
  assert.equal(machine.interrupts.take(), 225);
  assert.equal(machine.bus.read(UART + 0x04, 4), 0x41);

  const HHI = 0xff63_c000;
  machine.bus.write(HHI + 0x98, 4, 0x1000_0496);
  assert.equal(machine.bus.read(HHI + 0x98, 4) >>> 31, 1);
});

for (const [name, slot, other, input, bit] of [
  // GPIOC_6, and CARD_6 of the older chips.
  ['meson-sm1-odroid-c4.dtb', '/soc/sd@ffe05000', '/soc/mmc@ffe07000', 0xff63_4454, 6],
  ['meson-gxbb-odroidc2.dtb', '/soc/apb@d0000000/mmc@72000', '/soc/apb@d0000000/mmc@74000', 0xc883_4450, 26],
  [
    'meson-gxl-s905x-libretech-cc.dtb',
    '/soc/apb@d0000000/mmc@72000',
    '/soc/apb@d0000000/mmc@74000',
    0xc883_4450,
    26,
  ],
] as const) {
  test(`${name}: its SD slot tells by a pin whether a card is in it`, () => {
    const disk = { sizeBytes: 512, readOnly: true, read: () => {}, write: () => {}, flush: () => {} };
    const pin = (disks: ReadonlyMap<string, typeof disk>) =>
      (createMachine(board(name), { disks }).bus.read(input, 4) >>> bit) & 1;
    assert.equal(pin(new Map()), 1, 'pulled up');
    assert.equal(pin(new Map([[slot, disk]])), 0);
    assert.equal(pin(new Map([[other, disk]])), 1);
  });
}

test('where nothing stands: zero, and told once a page', () => {
  const machine = createMachine(board('meson-sm1-odroid-c4.dtb'));
  const nobody: number[] = [];
  machine.bus.watcher = { onUnclaimed: (addr) => nobody.push(addr) };
  assert.equal(machine.bus.read(0x1_0000_0010, 4), 0);
  machine.bus.write(0x1_0000_0020, 4, 1);
  assert.deepEqual(nobody, [0x1_0000_0010]);
});

test('register contents from outside win over the tables', () => {
  const machine = createMachine(board('meson-sm1-odroid-c4.dtb'), {
    registerSeeds: new Map([[0xff63_c2f4, 0x1234]]),
  });
  assert.equal(machine.bus.read(0xff63_c2f4, 4), 0x1234);
});

test('one engine, several nodes: the enabled one answers; registers that a user repeats are the controller’s', () => {
  const engine = createMachine(board('sdm845-db845c.dtb')).bus.windowAt(0x00a8_4000);
  assert.deepEqual(
    [engine?.name, engine?.device.model],
    ['/soc@0/geniqup@ac0000/serial@a84000', 'GENI UART'],
  );
  const tegra = createMachine(board('tegra210-p3450-0000.dtb'));
  assert.equal(tegra.bus.windowAt(0x6000_6050)?.name, '/clock@60006000', 'not the thermal sensor');
  assert.equal(tegra.bus.read(0x6000_6050, 4), 0x5000_0000, 'OSC_CTRL: 38.4 MHz');
  const [PLLP, LOCK] = [0x6000_60a0, 1 << 27];
  assert.notEqual(tegra.bus.read(PLLP, 4) & LOCK, 0, 'it runs from the start');
  tegra.bus.write(PLLP, 4, 0);
  assert.equal(tegra.bus.read(PLLP, 4) & LOCK, 0);
});

test('every board becomes a machine whose console is modelled and answers, and can be reset, saved and loaded', () => {
  const silent: string[] = [];
  for (const name of boards.keys()) {
    const machine = createMachine(board(name));
    const { model, base } = consoleOf(machine);
    const answers = base === undefined ? undefined : machine.bus.windowAt(base)?.device.model;
    if (machine.board.stdout !== undefined && (model === undefined || answers !== model)) silent.push(name);
    machine.reset();
    loadSaved(machine.saved, savedCopy(machine.saved));
  }
  assert.deepEqual(silent, []);
});
