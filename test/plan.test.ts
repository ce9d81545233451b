/** Plans on real boards: the cases that cost people days, checked against facts about the boards; and projects checked against dtc. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DiagnosticSink, formatDiagnostic } from '../src/base/index.ts';
import {
  type Board,
  type DeviceTree,
  firstTreeDifference,
  nodeAtPath,
  printDts,
  resolveTree,
  stringsProperty,
  writeDtb,
} from '../src/devicetree/index.ts';
import { checkDescription, MICROKIT_BOARDS, plainSource, readDescription } from '../src/microkit/index.ts';
import { applyEdits, microkitNameOf, type Plan, planReport } from '../src/plan/index.ts';
import { overlayText, projectFiles } from '../src/project/index.ts';
import { sharedOptionsOf } from '../src/workspace/index.ts';
import { debianBoards } from './support/debian.ts';
import { runOracle } from './support/oracles.ts';
import { goodPlan, planOf, smallBoard } from './support/small-board.ts';
import { treeOfDtb } from './support/trees.ts';

const boards = await debianBoards();

function treeNamed(name: string): DeviceTree {
  return treeOfDtb(readFileSync(boards.get(name) ?? name), name);
}

function planFor(board: Board, yaml: string, name = microkitNameOf(board)): Plan {
  const microkit = name === undefined ? undefined : MICROKIT_BOARDS.get(name);
  return goodPlan(board, yaml, microkit === undefined ? {} : { microkit });
}

/** What our own checker says of the written description. */
function checked(plan: Plan, board: Board): readonly string[] {
  return projectFiles(plan, board.tree)
    .filter(({ path }) => path.endsWith('.system'))
    .flatMap(({ content }) => checkedText(plan, board, String(content)));
}

function checkedText(plan: Plan, board: Board, text: string): readonly string[] {
  const sink = new DiagnosticSink();
  const read = readDescription(plainSource('plan.system', text), sink);
  assert.ok(read !== undefined);
  const guests = plan.guests.map(({ vm, edits }) => ({
    vm: vm.name,
    file: `${vm.name}.dtb`,
    tree: resolveTree(treeOfDtb(writeDtb(applyEdits(board.tree, edits)), vm.name)),
  }));
  const microkit = plan.board.microkit === undefined ? undefined : MICROKIT_BOARDS.get(plan.board.microkit);
  checkDescription(read, { board: microkit, tree: board, guests }, sink);
  return sink.sorted().map(formatDiagnostic);
}

const regionsOf = (plan: Plan) =>
  plan.guests[0]?.regions.map(({ name, size }) => `${name} ${size.toString(16)}`) ?? [];

test('the overlay on the board gives the guest tree, and so does the source, says dtc', () => {
  for (const [name, request] of [
    ['meson-sm1-odroid-c4.dtb', 'pass: all'],
    ['meson-sm1-odroid-c4.dtb', 'pass: [serial0]'],
    ['imx8mq-evk.dtb', 'pass: [serial0, ethernet0]'],
    ['zynqmp-zcu102-rev1.0.dtb', 'pass: [serial0]\nfirmware: none\nclocks: { serial0: 100000000 }'],
    ['rk3399-rockpro64.dtb', 'pass: all\nvcpus: 2\nvirtio: [console]'],
  ] as const) {
    const tree = treeNamed(name);
    const plan = planFor(resolveTree(tree), request);
    const [guest] = plan.guests;
    assert.ok(guest !== undefined);
    const own = applyEdits(tree, guest.edits);
    const bare: DeviceTree = { ...tree, memoryReservations: [] };
    for (const source of [printDts(own), `${printDts(bare)}\n${overlayText(plan, guest)}`]) {
      const dtc = runOracle('dtc', ['-q', '-I', 'dts', '-O', 'dtb', '-'], Buffer.from(source));
      assert.equal(dtc.status, 0, dtc.stderr);
      const compiled = { ...treeOfDtb(dtc.stdout, name), bootCpuidPhys: 0 };
      assert.equal(firstTreeDifference(compiled, own, { ordered: false }), undefined, `${name}, ${request}`);
    }
  }
});

test("the MaaXBoard's Ethernet brings in the fuses that hold its MAC address", () => {
  const plan = planFor(resolveTree(treeNamed('imx8mq-evk.dtb')), 'pass: [serial0, ethernet0]', 'maaxboard');
  const efuse = plan.guests[0]?.devices.find(({ path }) => path.endsWith('/efuse@30350000'));
  assert.deepEqual(efuse?.why, {
    via: { device: '/soc@0/bus@30800000/ethernet@30be0000', property: 'nvmem-cells' },
  });
});

test("ZynqMP's Ethernet names its interrupt twice, and it is registered once", () => {
  const board = resolveTree(treeNamed('zynqmp-zcu102-rev1.0.dtb'));
  const device = board.devices.find(({ path }) => path.endsWith('/ethernet@ff0e0000'));
  const written = device?.interrupts.flatMap((interrupt) =>
    interrupt.reach === 'none' ? [] : interrupt.gic.map(({ intid }) => Number(intid)),
  );
  assert.deepEqual(written, [95, 95]);
  const plan = planFor(board, 'pass: [ethernet0]\nstdout: none');
  assert.deepEqual(
    plan.guests[0]?.interrupts.filter(({ intid }) => intid === 95).map(({ devices }) => devices),
    [['/axi/ethernet@ff0e0000']],
  );
});

test('a UART that a native driver has splits its bus around its page', () => {
  const board = resolveTree(treeNamed('meson-sm1-odroid-c4.dtb'));
  const whole = planFor(board, 'pass: all');
  assert.ok(regionsOf(whole).includes('bus_ff400000 600000'));
  const plan = planFor(board, 'pass: all\nstdout: none\ndrivers: [{ name: uart, pass: [serial0] }]');
  const guest = plan.guests[0];
  assert.ok(guest !== undefined);
  assert.ok(guest.regions.every(({ base, size }) => base > 0xff80_3fff || base + size <= 0xff80_3000));
  assert.ok(regionsOf(plan).includes('bus_ff400000 400000'), regionsOf(plan).join());
  assert.ok(guest.regions.some(({ base, size }) => base <= 0xff80_2000 && base + size > 0xff80_2000));
  assert.deepEqual(
    plan.drivers[0]?.regions.map(({ name, base }) => [name, base]),
    [['uart_serial_ff803000', 0xff80_3000]],
  );
  assert.equal(
    guest.interrupts.some(({ intid }) => intid === 225),
    false,
  );
  assert.deepEqual(checked(plan, board), []);
});

test('two guests that need one clock controller: the conflict by name, and each way out of it', () => {
  const board = resolveTree(treeNamed('meson-sm1-odroid-c4.dtb'));
  const microkit = MICROKIT_BOARDS.get('odroidc4');
  const more = microkit === undefined ? {} : { microkit };
  const sink = new DiagnosticSink();
  const two = (second: string) => `guests:
  - { name: a, pass: [serial0], ram: 128 MiB }
  - { name: b, pass: [mmc@ffe07000], stdout: none, ram: 128 MiB${second} }
`;
  assert.equal(planOf(board, two(''), sink, more), undefined);
  const texts = sink.sorted().map(({ message }) => message);
  assert.ok(
    texts.some((text) =>
      /clock-controller can have one owner|system-controller@0 can have one owner/.test(text),
    ),
    texts.join('\n'),
  );
  // Out of it: the second guest's clocks are said to be fixed, and its pins stay as they are.
  const fixed =
    ', except: [system-controller@0, "/soc/bus@ff800000/*"], clocks: { "mmc@ffe07000": 24000000 }, cut: ["pinctrl-*", resets, "*-gpios", "*-supply", mmc-pwrseq]';
  const plan = goodPlan(board, two(fixed), more);
  assert.deepEqual(checked(plan, board), []);
  const clocks = plan.guests[1]?.dependencies.filter(({ property }) => property === 'clocks');
  assert.ok(clocks?.every(({ outcome }) => outcome === 'fixed-clock' || outcome === 'given'));
});

test('two guests side by side: names, RAM, pages and interrupts apart', () => {
  const board = smallBoard();
  const plan = goodPlan(
    board,
    'guests: [{ name: a, pass: [serial0], ram: 128 MiB }, { name: b, pass: none, virtio: [console, net], ram: 128 MiB }]',
  );
  assert.deepEqual(
    plan.guests.map(({ monitor, vm, stdout }) => [monitor.pd, monitor.program, vm.name, stdout]),
    [
      ['a_vmm', 'a_vmm', 'a', '/bus@ff800000/serial@3000'],
      ['b_vmm', 'b_vmm', 'b', 'hvc0'],
    ],
  );
  assert.deepEqual(checked(plan, board), []);
  const names = projectFiles(plan, board.tree).map(({ path }) => path);
  assert.deepEqual(names, [
    'small.system',
    'small.run.system',
    'a_vmm.c',
    'a_vmm.ts',
    'a.dts',
    'a.dtb',
    'a.overlay.dts',
    'b_vmm.c',
    'b_vmm.ts',
    'b.dts',
    'b.dtb',
    'b.overlay.dts',
    'net_vswitch_config.c',
    'b_net_copy_config.c',
    'Makefile',
    'vgic.h',
    'README.md',
    'plan.json',
  ]);
});

test('the guest tree: one CPU, its RAM, SMC, the controller as emulated, virtio where nothing is', () => {
  const tree = treeNamed('meson-sm1-odroid-c4.dtb');
  const plan = planFor(resolveTree(tree), 'pass: [serial0]\nvirtio: [console, block]');
  const [guest] = plan.guests;
  assert.ok(guest !== undefined);
  const guestBoard = resolveTree(applyEdits(tree, guest.edits));
  const { root } = guestBoard.tree;
  assert.deepEqual([...(root.children.get('cpus')?.children.keys() ?? [])], ['cpu@0']);
  assert.deepEqual(guestBoard.ram, [{ base: guest.ram.base, size: guest.ram.size }]);
  assert.deepEqual(stringsProperty(nodeAtPath(root, '/psci') ?? root, 'method'), ['smc']);
  assert.deepEqual(
    [guestBoard.gic?.gicd, guestBoard.gic?.gicc],
    [
      { base: 0xffc0_1000, size: 0x1000 },
      { base: 0xffc0_2000, size: 0x1000 },
    ],
  );
  assert.deepEqual(guestBoard.tree.memoryReservations, []);
  const virtio = guestBoard.devices.filter(({ compatible }) => compatible.includes('virtio,mmio'));
  assert.equal(virtio.length, 2);
  const used = new Set(
    resolveTree(tree).devices.flatMap(({ interrupts }) =>
      interrupts.flatMap((interrupt) =>
        interrupt.reach === 'none' ? [] : interrupt.gic.map(({ intid }) => intid),
      ),
    ),
  );
  for (const { interrupts } of virtio) {
    const [line] = interrupts.flatMap((interrupt) => (interrupt.reach === 'none' ? [] : interrupt.gic));
    assert.equal(line?.trigger, 'edge');
    assert.equal(line !== undefined && used.has(line.intid), false);
  }
  const dangling = guestBoard.devices
    .filter(({ status }) => status.enabled)
    .flatMap(({ node, path }) =>
      guestBoard
        .referencesOf(node)
        .filter(({ problem }) => problem === 'no-such-node')
        .map(({ property }) => `${path} ${property}`),
    );
  assert.deepEqual(dangling, []);
});

test('the same input gives the same bytes, and a plan survives JSON', () => {
  const board = resolveTree(treeNamed('zynqmp-zcu102-rev1.0.dtb'));
  const [first, second] = [planFor(board, 'pass: all'), planFor(board, 'pass: all')];
  assert.deepEqual(JSON.parse(JSON.stringify(first)), first);
  assert.deepEqual(projectFiles(first, board.tree), projectFiles(second, board.tree));
});

test('RAM of guests keeps off the initial task, which lies further up where the lowest RAM does not hold it', () => {
  const board = resolveTree(treeNamed('meson-sm1-odroid-c4.dtb'));
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const guests = names.map(
    (name) => `  - { name: ${name}, pass: none, stdout: none, ram: { size: 128 MiB, one-to-one: true } }\n`,
  );
  const plan = planFor(board, `guests:\n${guests.join('')}`);
  // What seL4 has for the board ends at 80 MiB and goes on at 83 MiB, and these guests' images are larger.
  const lowest = Math.min(...plan.guests.map(({ ram }) => ram.base));
  const imageBytes = plan.guests.reduce(
    (sum, { kernel, initrd }) => sum + (kernel.fileBytes ?? kernel.size) + (initrd?.size ?? 0),
    0,
  );
  assert.ok(imageBytes > 0x500_0000, `${imageBytes} would be in the lowest RAM`);
  assert.ok(lowest >= 0x530_0000 + imageBytes, `${lowest} is in the initial task`);
});

test("RAM whose addresses are the guest's alone lies where the guest wants it, be there RAM of the board or not", () => {
  const board = resolveTree(treeNamed('zynqmp-zcu102-rev1.0.dtb'));
  const ram = 'ram: { size: 64 MiB, base: 0x40_0000_0000, one-to-one: false }';
  const plan = goodPlan(
    board,
    `guests:
  - { name: a, pass: [serial0], ${ram} }
  - { name: b, pass: none, stdout: none, ${ram} }
`,
  );
  assert.deepEqual(
    plan.guests.map(({ ram: { base, oneToOne } }) => [base, oneToOne]),
    [
      [0x40_0000_0000, false],
      [0x40_0000_0000, false],
    ],
  );
  const system = String(projectFiles(plan, board.tree)[0]?.content);
  assert.match(system, /<memory_region name="a_ram" size="0x4000000" page_size="0x200000" \/>/);
  assert.match(system, /<map mr="a_ram" vaddr="0x4000000000" perms="rwx" \/>/);
});

test('consoles on two UARTs, addresses of the request: virtualisers for each driver, the tree and the plan', () => {
  const board = resolveTree(treeNamed('hi6220-hikey.dtb'));
  const plan = goodPlan(
    board,
    `guests:
  - { name: a, pass: none, virtio: [{ kind: console, driver: second }, net], ram: { size: 64 MiB, one-to-one: false } }
  - { name: b, pass: none, virtio: [console, { kind: net, mac: 02:00:00:00:00:20 }], ram: { size: 64 MiB } }
drivers: [{ name: first, pass: [serial@f8015000] }, { name: second, pass: [serial@f7112000] }]
`,
  );
  const consoles = plan.sharing.links
    .map(({ ends: [one, other] }) => `${one.pd} ${one.symbol} = ${other.pd} ${other.symbol}`)
    .filter((link) => link.includes('_tx'));
  assert.deepEqual(consoles, [
    'first tx = serial_virt_tx driver',
    'second tx = serial_virt_tx_1 driver',
    'a_vmm console_tx = serial_virt_tx_1 client0',
    'b_vmm console_tx = serial_virt_tx client0',
  ]);
  const programs = plan.sharing.virtualisers.map(({ name, role, program }) => `${name} ${role} ${program}`);
  assert.deepEqual(programs.slice(2), [
    'serial_virt_tx_1 virt-tx serial_virt_tx.elf',
    'serial_virt_rx_1 virt-rx serial_virt_rx.elf',
    'net_virt virt net_virt.elf',
  ]);
  const addresses = [...sharedOptionsOf(plan).macAddresses].map(([pd, clients]) => [pd, [...clients]]);
  assert.deepEqual(addresses, [['net_virt', [[1, Uint8Array.of(2, 0, 0, 0, 0, 0x20)]]]]);

  const odroid = resolveTree(treeNamed('meson-sm1-odroid-c4.dtb'));
  const passed = goodPlan(odroid, 'pass: [serial0, ethernet0]\nmac: { ethernet0: 02:00:00:00:00:10 }\n');
  const tree = applyEdits(odroid.tree, passed.guests[0]?.edits ?? []);
  const node = nodeAtPath(tree.root, '/soc/ethernet@ff3f0000');
  assert.deepEqual(node?.properties.get('local-mac-address')?.value, Uint8Array.of(2, 0, 0, 0, 0, 0x10));
});

test('a shared UART: driver, virtualisers, queues and channels, in a description without findings', () => {
  const board = resolveTree(treeNamed('meson-sm1-odroid-c4.dtb'));
  const microkit = MICROKIT_BOARDS.get('odroidc4');
  const plan = goodPlan(
    board,
    `guests:
  - { name: a, pass: all, virtio: [console] }
  - { name: b, pass: none, virtio: [console, { kind: block, image: disk.img }, net] }
drivers: [{ name: uart, pass: [serial0] }]
`,
    microkit === undefined ? {} : { microkit },
  );
  assert.deepEqual(
    plan.sharing.virtualisers.map(({ name, program }) => `${name} ${program}`),
    [
      'serial_virt_tx serial_virt_tx.elf',
      'serial_virt_rx serial_virt_rx.elf',
      'blk_virt blk_virt.elf',
      'net_virt net_virt.elf',
    ],
  );
  assert.equal(plan.drivers[0]?.program, 'uart_meson_driver.elf');
  const ends = plan.sharing.links.map(({ ends: [one, other] }) =>
    [one, other].map(({ pd, symbol, channel }) => `${pd} ${symbol} ${channel}`).join(' = '),
  );
  assert.deepEqual(ends, [
    'uart tx 0 = serial_virt_tx driver 0',
    'uart rx 1 = serial_virt_rx driver 0',
    'a_vmm console_tx 0 = serial_virt_tx client0 1',
    'a_vmm console_rx 1 = serial_virt_rx client0 1',
    'b_vmm console_tx 0 = serial_virt_tx client1 2',
    'b_vmm console_rx 1 = serial_virt_rx client1 2',
    'b_vmm block0 2 = blk_virt client0 0',
    'b_vmm net0 3 = net_virt client0 0',
  ]);
  const served = [...planReport(plan).matchAll(/^ {2}virtio {3}(\w+) at 0x[0-9a-f]+ \(INTID \d+\), (.*)$/gm)];
  assert.deepEqual(
    served.map(([, kind, by]) => `${kind} ${by}`),
    [
      'console served by serial_virt_tx and serial_virt_rx before uart',
      'console served by serial_virt_tx and serial_virt_rx before uart',
      'block served by blk_virt',
      'net served by net_virt',
    ],
  );
  assert.equal(plan.guests[0]?.interrupts[0]?.channel, 2);
  assert.deepEqual(checked(plan, board), []);
});

test('a kernel that runs at one place alone gets RAM there: of the board where it has some, else of Microkit’s choice', () => {
  const planAt = (ramBase: number, words: string) => {
    const sink = new DiagnosticSink();
    const kernel = { textOffsetBytes: 0, imageSizeBytes: 0x1_0000, fileBytes: 0x1_0000, ramBase };
    const request = `pass: [serial0]\nram: { size: 128 MiB, base: ${ramBase}${words} }`;
    const plan = planOf(smallBoard(), request, sink, { payloads: new Map([['linux', { kernel }]]) });
    return { ram: plan?.guests[0]?.ram, codes: sink.sorted().map(({ code }) => code) };
  };
  const onBoard = planAt(0x6000_0000, '');
  assert.deepEqual([onBoard.ram?.base, onBoard.ram?.oneToOne, onBoard.codes], [0x6000_0000, true, []]);
  const chosen = planAt(0x8000_0000, '');
  assert.deepEqual([chosen.ram?.base, chosen.ram?.oneToOne], [0x8000_0000, false]);
  assert.deepEqual(chosen.codes, ['plan/ram-at-kernel']);
  assert.deepEqual(planAt(0x8000_0000, ', one-to-one: false').codes, []);
  assert.deepEqual(planAt(0x8000_0000, ', one-to-one: true').codes, ['plan/ram-does-not-fit']);
});
