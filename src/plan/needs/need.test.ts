/** What drivers insist on: the kinds of provider whose absence was once called harmless, on boards in small. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSink } from '../../../src/base/index.ts';
import { planOf, smallBoard } from '../../../test/support/small-board.ts';
import type { GuestPlan } from '../index.ts';

interface Outcome {
  readonly guest: GuestPlan;
  readonly warnings: readonly string[];
}

function planned(more: string, request: string): Outcome {
  const sink = new DiagnosticSink();
  const plan = planOf(smallBoard({ more }), request, sink);
  const found = sink.sorted();
  assert.ok(plan !== undefined, found.map(({ message }) => message).join('\n'));
  const warnings = found.filter(({ severity }) => severity === 'warning').map(({ message }) => message);
  return { guest: plan.guests[0] as GuestPlan, warnings };
}

const pathsOf = ({ guest }: Outcome): readonly string[] =>
  guest.devices.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));

const K3 = `inta: inta@10000 { compatible = "ti,sci-inta"; reg = <0x10000 0x1000>; interrupt-controller; #interrupt-cells = <0>;
    msi-controller; ti,interrupt-ranges = <0 64 2>; };
  dma: dma@20000 { compatible = "ti,am654-navss-main-udmap"; reg = <0x20000 0x1000>; msi-parent = <&inta>; #dma-cells = <1>; };
  net@30000 { compatible = "ti,am654-cpsw-nuss"; reg = <0x30000 0x1000>; dmas = <&dma 1>; dma-names = "tx0"; };`;

test('a DMA engine that has no lines brings its message controller', () => {
  const outcome = planned(K3, 'pass: [serial0, net@30000]');
  assert.ok(pathsOf(outcome).includes('inta@10000'), pathsOf(outcome).join());
  assert.deepEqual(outcome.warnings, []);
});

test('and where that stays out, the engine stays out with it, and who wanted it is warned of', () => {
  const outcome = planned(K3, 'pass: [serial0, net@30000]\nexcept: [inta]');
  assert.ok(!pathsOf(outcome).includes('dma@20000'));
  assert.deepEqual(outcome.warnings, [
    '/bus@ff800000/dma@20000 is not passed (it needs /bus@ff800000/inta@10000 (msi-parent), which is not passed); its absence keeps /bus@ff800000/net@30000 from probing (dmas)',
  ]);
});

const PCI = (
  endpoint: string,
): string => `mip: mip@10000 { compatible = "test,mip"; reg = <0x10000 0x100>; msi-controller; };
  pcie@20000 { compatible = "test,pcie"; reg = <0x20000 0x1000>; device_type = "pci"; #address-cells = <3>; #size-cells = <2>;
    msi-parent = <&mip>; pci@0 { device_type = "pci"; reg = <0 0 0 0 0>; #address-cells = <3>; #size-cells = <2>; ${endpoint} }; };`;

test('messages behind a PCI host are insisted on where a device of the tree has nothing else', () => {
  const [rp1, other] = ['pci1de4,1', 'pci8086,1'].map((name) =>
    planned(
      PCI(`dev@0 { compatible = "${name}"; reg = <0 0 0 0 0>; };`),
      'pass: [serial0, pcie@20000]\nexcept: [mip]',
    ),
  );
  assert.deepEqual(rp1?.warnings, [
    '/bus@ff800000/mip@10000 is not passed (the request keeps it out); without it /bus@ff800000/pcie@20000 has no other interrupts than messages (MSI-X) (msi-parent)',
  ]);
  assert.deepEqual(other?.warnings, []);
});

test('memory that firmware knows the place of comes along; the firmware is not reached without', () => {
  const scmi = `box: mhu@10000 { compatible = "arm,mhu"; reg = <0x10000 0x1000>; interrupts = <0 30 4>; #mbox-cells = <1>; };
    sram@20000 { compatible = "mmio-sram"; reg = <0x20000 0x1000>; #address-cells = <1>; #size-cells = <1>; ranges = <0 0x20000 0x1000>;
      shm: shm@0 { compatible = "arm,scmi-shmem"; reg = <0 0x80>; }; };
    scmi { compatible = "arm,scmi"; mboxes = <&box 0>; shmem = <&shm>; #address-cells = <1>; #size-cells = <0>;
      fwclk: protocol@14 { reg = <0x14>; #clock-cells = <1>; }; };
    dev@30000 { compatible = "test,dev"; reg = <0x30000 0x100>; clocks = <&fwclk 1>; };`;
  const given = planned(scmi, 'pass: [serial0, dev@30000]');
  assert.ok(pathsOf(given).includes('shm@0') && pathsOf(given).includes('sram@20000'), pathsOf(given).join());
  assert.deepEqual(given.warnings, []);
  const without = planned(scmi, 'pass: [serial0, "arm,scmi", dev@30000]\nexcept: [sram@20000]');
  assert.match(
    without.warnings.join('\n'),
    /shm@0 is not passed .* without it \/bus@ff800000\/scmi has no way to its firmware/,
  );
});

test('a firmware transport through OP-TEE is not passed, as OP-TEE answers no guest', () => {
  const optee = `scmi { compatible = "linaro,scmi-optee"; #address-cells = <1>; #size-cells = <0>; linaro,optee-channel-id = <0>;
      fwclk: protocol@14 { reg = <0x14>; #clock-cells = <1>; }; };
    dev@30000 { compatible = "test,dev"; reg = <0x30000 0x100>; clocks = <&fwclk 1>; };`;
  const { warnings } = planned(optee, 'pass: [serial0, dev@30000]');
  assert.match(
    warnings.join('\n'),
    /calls SCMI firmware in OP-TEE by SMC, .* keeps \/bus@ff800000\/dev@30000 from probing/,
  );
});

const SLOT = (
  compatible: string,
): string => `vcc: regulator { compatible = "regulator-fixed"; regulator-name = "vcc"; };
  mmc@10000 { compatible = "${compatible}"; reg = <0x10000 0x1000>; vmmc-supply = <&vcc>; };`;

test('a card’s voltages are insisted on where the host has no others', () => {
  const warnings = (compatible: string) =>
    planned(SLOT(compatible), 'pass: [serial0, mmc@10000]\nexcept: [regulator]').warnings;
  assert.match(warnings('amlogic,meson-axg-mmc').join('\n'), /knows no voltage for a card/);
  assert.deepEqual(warnings('fsl,imx8mm-usdhc'), []);
});

const REFERRED = `prov: prov@40000 { compatible = "test,prov"; reg = <0x40000 0x1000>; #phy-cells = <0>; #mbox-cells = <1>; #hwlock-cells = <1>; };`;

/** What is said of the one reference of a device to `prov`, which stays out. */
function saidOf(property: string, cut = false): string {
  const dev = `dev: dev@60000 { compatible = "test,dev"; reg = <0x60000 0x1000>; ${property}; };`;
  const name = property.split(' ')[0];
  const more = cut ? `\ncut: ["dev@60000 ${name}"]` : '';
  const { guest } = planned(`${REFERRED} ${dev}`, `pass: [serial0, dev@60000]\nexcept: [prov]${more}`);
  const found = guest.dependencies.find(({ consumer }) => consumer.endsWith('dev@60000'));
  return `${found?.outcome}: ${found?.reason.replace(/^.*\(the request keeps it out\): /, '')}`;
}

test('what comes of a provider that is not there is what its framework does, of each kind', () => {
  assert.deepEqual(
    [
      'phys = <&prov>',
      'usb-phy = <&prov>',
      'phy-handle = <&prov>',
      'sfp = <&prov>',
      'pcs-handle = <&prov>',
      'mboxes = <&prov 1>',
      'hwlocks = <&prov 1>',
      'syscon = <&prov>',
      'extcon = <&prov>',
      'gpio-ranges = <&prov 0 0 8>',
      'power-supplies = <&prov>',
      'leds = <&prov>',
    ].map((property) => saidOf(property)),
    [
      'missing: its driver waits for it without end',
      'cut: Linux takes it for none, if its driver can do without',
      'missing: its network interface does not come up',
      'cut: Linux takes it for none (drivers/net/phy/sfp-bus.c)',
      'missing: its driver looks for it, and waits or fails',
      'missing: its driver waits for it without end',
      'missing: its driver is told that there is no such lock, and fails if it insists',
      "missing: its driver reaches into registers that are not the guest's, which stops the guest",
      'cut: it is told of no cable, if its driver can do without',
      'cut: its lines are GPIOs where the firmware set their pins so (drivers/gpio/gpiolib-of.c)',
      'cut: it knows of nothing that feeds it (drivers/power/supply/power_supply_core.c)',
      'cut: no light shows what it does, if its driver can do without',
    ],
  );
});

test('what a request cuts is no reason to wait', () => {
  const path = '/bus@ff800000/prov@40000';
  assert.equal(
    saidOf('phys = <&prov>', true),
    `cut: the request cuts ${path}: whether its driver can do without is not known`,
  );
  assert.equal(saidOf('extcon = <&prov>', true), `cut: the request cuts ${path}`);
});

const POWERED = (name: string, compatible: string): string => `pd: power@10000 { compatible = "test,pd";
    reg = <0x10000 0x100>; #power-domain-cells = <1>; };
  dev@20000 { compatible = "${compatible}"; reg = <0x20000 0x100>; power-domains = <&pd 0>;${name} };`;

test('a power domain that has a name is the driver’s to ask for, and nobody knows what it does without', () => {
  const request = 'pass: [serial0, dev@20000]\nexcept: [power@10000]';
  const named = planned(POWERED(' power-domain-names = "bus";', 'acme,dev'), request);
  assert.match(
    named.warnings.join('\n'),
    /takes .* from it \(power-domains\): whether its driver can do without is not known/,
  );
  const unnamed = planned(POWERED('', 'acme,dev'), request);
  // Linux attaches it by itself; whether there is power without it is the firmware's matter.
  assert.equal(unnamed.warnings.length, 1, unnamed.warnings.join('\n'));
  assert.match(unnamed.warnings[0] ?? '', /must be as the firmware left it \(power-domains\)/);
  const insisting = planned(POWERED(' power-domain-names = "bus";', 'fsl,imx8mp-hsio-blk-ctrl'), request);
  assert.match(insisting.warnings.join('\n'), /fails to probe|keeps .* from probing|without it/);
});

test('a reference voltage is asked for what it is', () => {
  const supply = `vref: regulator-vref { compatible = "regulator-fixed"; regulator-name = "v"; };
  adc@20000 { compatible = "acme,adc"; reg = <0x20000 0x100>; vref-supply = <&vref>; vdd-supply = <&vref>; };`;
  const { warnings } = planned(supply, 'pass: [serial0, adc@20000]\nexcept: [regulator-vref]');
  assert.equal(warnings.length, 2, warnings.join('\n'));
  // Of a driver that no table knows it is not known either whether it asks in the ordinary way.
  for (const property of ['vdd-supply', 'vref-supply'])
    assert.match(
      warnings.join('\n'),
      new RegExp(`\\(${property}\\): whether its driver can do without is not known`),
    );
});

test('supplies that frameworks ask for are done without', () => {
  const supply = `v5: v5 { compatible = "regulator-fixed"; regulator-name = "v5"; };
  chip@20000 { compatible = "acme,pmic"; reg = <0x20000 0x100>; vcc1-supply = <&v5>; regulators { buck1 { regulator-name = "buck1"; }; }; };
  usbphy@30000 { compatible = "acme,phy"; reg = <0x30000 0x100>; #phy-cells = <0>; phy-supply = <&v5>; };`;
  const { warnings } = planned(supply, 'pass: [serial0, chip@20000, usbphy@30000]\nexcept: [v5]');
  assert.deepEqual(warnings, []);
});
