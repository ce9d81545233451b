/** Interrupts to the GIC: each kind of specifier, parent, nexus and controller between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardOfDts, deviceAt, interruptsText } from '../../../../test/support/trees.ts';

const GICV2 = `#address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
  gic: interrupt-controller@1000 { compatible = "arm,gic-400"; interrupt-controller; #interrupt-cells = <3>;
    #address-cells = <0>; reg = <0x1000 0x1000>, <0x2000 0x2000>, <0x4000 0x2000>, <0x6000 0x2000>;
    interrupts = <1 9 0xf04>; };`;
const GICV3 = GICV2.replace('arm,gic-400', 'arm,gic-v3');

function interrupts(body: string, path: string, gic = GICV2): readonly string[] {
  return interruptsText(deviceAt(boardOfDts(`/ { ${gic} ${body} };`), path));
}

test('SPIs and PPIs with their senses; a GICv2 has no extended ones', () => {
  const list = '<0 193 1>, <0 0 2>, <0 1 3>, <1 10 0xf08>, <0 987 4>, <0 5 0>, <0 988 4>, <1 16 4>, <2 0 4>';
  assert.deepEqual(interrupts(`dev { interrupts = ${list}; };`, '/dev'), [
    'direct 225 edge-rising',
    'direct 32 edge-falling',
    'direct 33 edge-both',
    'direct 26 level-low',
    'direct 1019 level-high',
    'direct 37 unspecified',
    'none bad-specifier',
    'none bad-specifier',
    'none bad-specifier',
  ]);
});

test('a GICv3 has extended SPIs from 4096 and extended PPIs from 1056', () => {
  assert.deepEqual(
    interrupts('dev { interrupts = <2 0 4>, <2 1023 1>, <3 63 4>, <3 64 4>; };', '/dev', GICV3),
    ['direct 4096 level-high', 'direct 5119 edge-rising', 'direct 1119 level-high', 'none bad-specifier'],
  );
});

test('a fourth cell names a PPI’s partition', () => {
  const gic = GICV3.replace('#interrupt-cells = <3>', '#interrupt-cells = <4>').replace(
    '<1 9 0xf04>',
    '<1 9 4 0>',
  );
  const board = boardOfDts(
    `/ { ${gic} part: part { }; pmu { interrupts = <1 7 4 &part>; }; uart { interrupts = <0 4 4 0>; }; };`,
  );
  const [interrupt] = deviceAt(board, '/pmu').interrupts;
  assert.ok(interrupt?.reach === 'direct');
  assert.equal(interrupt.gic[0]?.partition?.name, 'part');
  assert.deepEqual(interruptsText(deviceAt(board, '/uart')), ['direct 36 level-high']);
});

test('interrupt-parent is inherited; interrupts-extended names its own, and wins', () => {
  const body = `ictlr: ictlr { compatible = "nvidia,tegra210-ictlr"; interrupt-controller; #interrupt-cells = <3>; };
    bus { interrupt-parent = <&ictlr>;
      dev { interrupts = <0 7 4>; };
      two { interrupts-extended = <&gic 0 8 1>, <0>, <&ictlr 0 9 4>; interrupt-names = "a", "", "c"; interrupts = <9 9 9>; };
    };`;
  assert.deepEqual(interrupts(body, '/bus/dev'), ['direct 39 level-high']);
  assert.deepEqual(interrupts(body, '/bus/two'), ['direct 40 edge-rising', 'direct 41 level-high']);
  const two = deviceAt(boardOfDts(`/ { ${GICV2} ${body} };`), '/bus/two');
  assert.deepEqual(
    two.interrupts.map(({ index, name, chain }) => [
      index,
      name,
      chain.map(({ controller }) => controller.baseName),
    ]),
    [
      [0, 'a', ['interrupt-controller']],
      [2, 'c', ['ictlr', 'interrupt-controller']],
    ],
  );
});

test('the wires of a PCI host come from its interrupt-map, its devices’ through mask and unit address', () => {
  const body = `pcie@10000 { compatible = "pci-host-ecam-generic"; device_type = "pci"; #address-cells = <3>; #size-cells = <2>; #interrupt-cells = <1>;
    interrupt-map-mask = <0x1800 0 0 7>;
    interrupt-map = <0x0 0 0 1 &gic 0 3 4>, <0x0 0 0 2 &gic 0 4 4>, <0x800 0 0 1 &gic 0 5 1>;
    nic@1,0 { reg = <0x800 0 0 0 0>; interrupts = <1>; };
    nic@0,1 { reg = <0x100 0 0 0 0>; interrupts = <2>; };
    nic@2,0 { reg = <0x1000 0 0 0 0>; interrupts = <1>; }; };`;
  assert.deepEqual(interrupts(body, '/pcie@10000'), [
    'direct 35 level-high',
    'direct 36 level-high',
    'direct 37 edge-rising',
  ]);
  assert.deepEqual(interrupts(body, '/pcie@10000/nic@1,0'), ['direct 37 edge-rising']);
  assert.deepEqual(interrupts(body, '/pcie@10000/nic@0,1'), ['direct 36 level-high']);
  assert.deepEqual(interrupts(body, '/pcie@10000/nic@2,0'), ['none not-mapped']);
});

test('Amlogic’s GPIO interrupts are one of the channels; the channels are the controller’s own', () => {
  const body = `gi: gpio-intc { compatible = "amlogic,meson-sm1-gpio-intc", "amlogic,meson-gpio-intc";
      interrupt-controller; #interrupt-cells = <2>; amlogic,channel-interrupts = <64 65>; };
    phy { interrupt-parent = <&gi>; interrupts = <26 8>; };
    key { interrupt-parent = <&gi>; interrupts = <3 3>; };`;
  assert.deepEqual(interrupts(body, '/gpio-intc'), ['direct 96 edge-rising', 'direct 97 edge-rising']);
  assert.deepEqual(interrupts(body, '/phy'), ['allocated 96,97 level-high']);
  assert.deepEqual(interrupts(body, '/key'), ['allocated 96,97 edge-rising']);
});

test('Qualcomm’s PDC has its own numbers and inverts', () => {
  const body = `pdc: pdc { compatible = "qcom,sc7180-pdc", "qcom,pdc"; interrupt-controller; #interrupt-cells = <2>;
      qcom,pdc-ranges = <0 480 94>, <94 609 31>; };
    a { interrupts-extended = <&pdc 6 8>; }; b { interrupts-extended = <&pdc 95 2>; }; c { interrupts-extended = <&pdc 200 1>; };`;
  assert.deepEqual(interrupts(body, '/a'), ['direct 518 level-high']);
  assert.deepEqual(interrupts(body, '/b'), ['direct 642 edge-rising']);
  assert.deepEqual(interrupts(body, '/c'), ['none not-mapped']);
});

test('TI’s routers choose from their ranges, also through one another', () => {
  const body = `up: intr@1 { compatible = "ti,sci-intr"; interrupt-controller; #interrupt-cells = <1>;
      ti,intr-trigger-type = <4>; ti,interrupt-ranges = <0 64 2>, <10 100 1>; };
    gp: intr@2 { compatible = "ti,sci-intr"; interrupt-controller; #interrupt-cells = <1>;
      interrupt-parent = <&up>; ti,intr-trigger-type = <1>; ti,interrupt-ranges = <0 5 2>; };
    gpio { interrupt-parent = <&gp>; interrupts = <105>; };`;
  assert.deepEqual(interrupts(body, '/intr@1'), [
    'direct 64 level-high',
    'direct 65 level-high',
    'direct 100 level-high',
  ]);
  assert.deepEqual(interrupts(body, '/gpio'), ['allocated 64,65,100 edge-rising']);
});

test('a router that says it ends at an SGI ends nowhere', () => {
  const body = `intr { compatible = "ti,sci-intr"; interrupt-controller; #interrupt-cells = <1>; ti,interrupt-ranges = <0 5 1>; };`;
  assert.deepEqual(interrupts(body, '/intr'), ['none bad-specifier']);
});

test('Marvell’s ICU reaches the GIC by messages to the GICP, or through the SEI’s one line', () => {
  const body = `gicp: gicp { compatible = "marvell,ap806-gicp"; marvell,spi-ranges = <64 2>, <288 1>; msi-controller; };
    sei: sei { compatible = "marvell,ap806-sei"; interrupt-controller; #interrupt-cells = <1>; interrupts = <0 0 4>; };
    icu { nsr: nsr { compatible = "marvell,cp110-icu-nsr"; interrupt-controller; #interrupt-cells = <2>; msi-parent = <&gicp>; };
      isei: isei { compatible = "marvell,cp110-icu-sei"; interrupt-controller; #interrupt-cells = <2>; msi-parent = <&sei>; }; };
    a { interrupt-parent = <&nsr>; interrupts = <107 4>; };
    b { interrupt-parent = <&isei>; interrupts = <11 1>; };`;
  assert.deepEqual(interrupts(body, '/a'), ['allocated 64,65,288 level-high']);
  assert.deepEqual(interrupts(body, '/b'), ['cascaded 32 level-high']);
});

test('Broadcom’s message controller has the lines of its msi-ranges', () => {
  const body = `mip { compatible = "brcm,bcm2712-mip"; msi-controller; msi-ranges = <&gic 0 128 1 3>, <&gic 0 247 1 1>; };`;
  assert.deepEqual(
    interrupts(body, '/mip'),
    [128, 129, 130, 247].map((spi) => `direct ${spi + 32} edge-rising`),
  );
});

test('GPIO banks end at their own line: by pin where the binding says so', () => {
  const body = `g: gpio { compatible = "fsl,imx8mq-gpio", "fsl,imx35-gpio"; interrupt-controller; #interrupt-cells = <2>;
      interrupts = <0 64 4>, <0 65 4>; };
    low { interrupts-extended = <&g 3 2>; }; high { interrupts-extended = <&g 16 8>; };
    i2c { expander: chip { compatible = "nxp,pca9555"; interrupt-controller; #interrupt-cells = <2>;
      interrupts-extended = <&g 20 8>; }; key { interrupts-extended = <&expander 1 2>; }; };`;
  assert.deepEqual(interrupts(body, '/low'), ['cascaded 96 level-high']);
  assert.deepEqual(interrupts(body, '/high'), ['cascaded 97 level-high']);
  assert.deepEqual(interrupts(body, '/i2c/key'), ['cascaded 97 level-high']);
});

test('a legacy controller inside a PCI host ends at the host’s line', () => {
  const body = `pcie { interrupts = <0 49 4>, <0 50 4>; interrupt-names = "sys", "legacy"; device_type = "pci";
      #interrupt-cells = <1>; #address-cells = <3>; #size-cells = <2>; interrupt-map-mask = <0 0 0 7>;
      interrupt-map = <0 0 0 1 &intx 0>, <0 0 0 2 &intx 1>;
      intx: interrupt-controller { interrupt-controller; #address-cells = <0>; #interrupt-cells = <1>; }; };`;
  assert.deepEqual(interrupts(body, '/pcie'), [
    'direct 81 level-high',
    'direct 82 level-high',
    'cascaded 82 level-high',
    'cascaded 82 level-high',
  ]);
});

test('a map comes before the controller that has it, unless its row leads back to it', () => {
  const body = `port: port@0 { compatible = "acme,port"; device_type = "pci"; reg = <0 0>; #address-cells = <3>; #size-cells = <2>;
      interrupt-controller; #interrupt-cells = <1>; interrupts = <0 60 4>; interrupt-map-mask = <0 0 0 7>;
      interrupt-map = <0 0 0 1 &port 0 0 0 1>, <0 0 0 2 &gic 0 61 4>; };
    a { interrupts-extended = <&port 1>; }; b { interrupts-extended = <&port 2>; };`;
  assert.deepEqual(interrupts(body, '/a'), ['cascaded 92 level-high']);
  assert.deepEqual(interrupts(body, '/b'), ['direct 93 level-high']);
});

test('a chain that ends nowhere says why', () => {
  const body = `msi: msi { #msi-cells = <0>; };
    mb: mbigen { compatible = "hisilicon,mbigen-v2"; uart: uart-intc { interrupt-controller; #interrupt-cells = <2>; msi-parent = <&msi>; }; };
    a { interrupts-extended = <&uart 1 4>; };
    odd: odd { compatible = "acme,odd"; interrupt-controller; #interrupt-cells = <1>; };
    b { interrupts-extended = <&odd 1>; };
    c { interrupt-parent = <77>; interrupts = <1>; };
    d { interrupts = <0 1>; };
    off: off { compatible = "acme,off"; interrupt-controller; #interrupt-cells = <1>; interrupts = <0 1 4>; status = "disabled"; };
    e { interrupts-extended = <&off 1>; };
    x: x { compatible = "acme,x"; interrupt-controller; #interrupt-cells = <1>; interrupt-parent = <&y>; interrupts = <1>; };
    y: y { compatible = "acme,y"; interrupt-controller; #interrupt-cells = <1>; interrupt-parent = <&x>; interrupts = <1>; };
    f { interrupts-extended = <&x 1>; };
    g { interrupts-extended = <&nobody 1>; }; nobody: nobody { };
    line: pmic { compatible = "hisilicon,hi655x-pmic"; interrupt-controller; #interrupt-cells = <2>; pmic-gpios = <1>; };
    h { interrupts-extended = <&line 1 2>; };`;
  const board = boardOfDts(`/ { ${GICV2} ${body} };`);
  const reasons = [...'abcdefgh'].map((name) => interruptsText(deviceAt(board, `/${name}`))[0]);
  assert.deepEqual(reasons, [
    'none message',
    'none unknown-controller',
    'none bad-parent',
    'none bad-cells',
    'none controller-disabled',
    'none loop',
    'none not-a-controller',
    'none gpio-line',
  ]);
});

test('a board without a GIC says so', () => {
  const source = `/ { interrupt-parent = <&l1>; l1: l1 { compatible = "brcm,bcm2836-l1-intc"; interrupt-controller;
    #interrupt-cells = <2>; interrupt-parent = <&l1>; }; dev { interrupts = <1 4>; }; };`;
  const board = boardOfDts(source);
  assert.equal(board.gic, undefined);
  assert.deepEqual(interruptsText(deviceAt(board, '/dev')), ['none no-gic']);
});

test('a second GIC is a cascade, not the end', () => {
  const body = `agic: agic { compatible = "nvidia,tegra210-agic"; interrupt-controller; #interrupt-cells = <3>; interrupts = <0 102 0xf04>; };
    dma { interrupts-extended = <&agic 0 24 4>; };`;
  assert.deepEqual(interrupts(body, '/dma'), ['cascaded 134 level-high']);
});
