/** References in properties: every form, names, holes, and what can't be followed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardOfDts } from '../../../../test/support/trees.ts';
import { nodeAtPath } from '../../tree.ts';
import type { Board } from '../board.ts';

/** `property[index] name → target(args)`, or the problem in place of the arguments. */
function references(board: Board, path: string): readonly string[] {
  const node = nodeAtPath(board.tree.root, path);
  assert.ok(node);
  return board.referencesOf(node).map(({ property, index, name, target, args, problem }) => {
    const head = `${property}[${index}]${name === undefined ? '' : ` ${name}`}`;
    return `${head} → ${target?.path ?? '?'}(${problem ?? args.join(' ')})`;
  });
}

test('lists take as many arguments as each provider says, and their entries have names', () => {
  const board =
    boardOfDts(`/ { dev { clocks = <&osc>, <0>, <&cc 5 6>; clock-names = "a", "b", "c"; resets = <&cc 9>; };
    osc: osc { #clock-cells = <0>; }; cc: cc { #clock-cells = <2>; #reset-cells = <1>; }; };`);
  assert.deepEqual(references(board, '/dev'), [
    'clocks[0] a → /osc()',
    'clocks[2] c → /cc(5 6)',
    'resets[0] → /cc(9)',
  ]);
});

test('families by name: supplies, GPIOs, pin states', () => {
  const board =
    boardOfDts(`/ { dev { vmmc-supply = <&reg>; reset-gpios = <&gpio 3 1>; pinctrl-names = "default", "sleep";
      pinctrl-0 = <&on>; pinctrl-1 = <&off &on>; ngpios = <1>; snps,nr-gpios = <1>; };
    reg: reg { }; gpio: gpio { #gpio-cells = <2>; hog { gpio-hog; gpios = <1 0>; }; pins { on: on { }; off: off { }; }; }; };`);
  assert.deepEqual(references(board, '/dev'), [
    'vmmc-supply[0] → /reg()',
    'reset-gpios[0] → /gpio(3 1)',
    'pinctrl-0[0] default → /gpio/pins/on()',
    'pinctrl-1[0] sleep → /gpio/pins/off()',
    'pinctrl-1[1] sleep → /gpio/pins/on()',
  ]);
  assert.deepEqual(references(board, '/gpio/hog'), []);
});

test('rows, first cells and maps', () => {
  const board =
    boardOfDts(`/ { dev { iommu-map = <0 &smmu 0x100 0x80>, <0x80 &smmu 0x200 8>; rockchip,pins = <0 8 1 &pull 0 9 1 &pull>;
      qcom,halt-regs = <&tcsr 0x3000 0x5000>; acme,thing-syscon = <&tcsr 4>; rockchip,grf = <&grf>; gpio-ranges = <&pc 0 64 7>; };
    nexus { #interrupt-cells = <1>; #address-cells = <0>; interrupt-map = <1 &gic 0 4 4>, <2 &gic 0 5 4>; };
    smmu: smmu { }; pull: pull { }; tcsr: tcsr { }; grf: grf { }; pc: pc { }; gic: gic { #interrupt-cells = <3>; }; };`);
  assert.deepEqual(references(board, '/dev'), [
    'iommu-map[0] → /smmu(0 256 128)',
    'iommu-map[1] → /smmu(128 512 8)',
    'rockchip,pins[0] → /pull(0 8 1)',
    'rockchip,pins[1] → /pull(0 9 1)',
    'qcom,halt-regs[0] → /tcsr(12288 20480)',
    'acme,thing-syscon[0] → /tcsr(4)',
    'rockchip,grf[0] → /grf()',
    'gpio-ranges[0] → /pc(0 64 7)',
  ]);
  assert.deepEqual(references(board, '/nexus'), [
    'interrupt-map[0] → /gic(0 4 4)',
    'interrupt-map[1] → /gic(0 5 4)',
  ]);
});

test('what can’t be followed stays, with its problem', () => {
  const board =
    boardOfDts(`/ { a { clocks = <99 1>; }; b { clocks = <&x 1>; }; c { clocks = <&y 1>; }; d { clocks = [01]; };
    x: x { }; y: y { #clock-cells = <2>; }; };`);
  assert.deepEqual(
    [...'abcd'].flatMap((name) => references(board, `/${name}`)),
    [
      'clocks[0] → ?(no-such-node)',
      'clocks[0] → /x(no-cells)',
      'clocks[0] → /y(cut-short)',
      'clocks[0] → ?(not-cells)',
    ],
  );
});

test('a value that looks like a phandle in a property nobody knows is suspected; more strongly where nothing else refers to the node', () => {
  const source = `dev { acme,one = <&lonely 5>; acme,two = <0 &osc>; acme,text = "abc"; acme,count-width = <&lonely>; clocks = <&osc>; };
    lonely: lonely { }; osc: osc { #clock-cells = <0>; };`;
  const suspects = (board: Board) =>
    board.suspects.map(
      ({ property, cell, target, certainty }) => `${property}[${cell}] ${target.name} ${certainty}`,
    );
  assert.deepEqual(suspects(boardOfDts(`/ { ${source} };`)), [
    'acme,one[0] lonely likely',
    'acme,two[1] osc possible',
  ]);
  // With symbols every labelled node has a phandle: having one means nothing.
  assert.deepEqual(suspects(boardOfDts(`/ { ${source} __symbols__ { osc = "/osc"; }; };`)), [
    'acme,one[0] lonely possible',
    'acme,two[1] osc possible',
  ]);
});

test('arguments that are phandles themselves: partitions of a GIC’s PPIs, channels inside a mailbox', () => {
  const board =
    boardOfDts(`/ { interrupt-parent = <&gic>; gic: gic { compatible = "arm,gic-v3"; interrupt-controller; #interrupt-cells = <4>; };
    part: part { }; pmu { interrupts = <1 7 4 &part>, <0 1 4 0>; };
    mbox: mailbox { #mbox-cells = <1>; ch: channel { }; }; rproc { mboxes = <&mbox &ch>; }; };`);
  assert.deepEqual(references(board, '/pmu'), ['interrupts[0] → /part()']);
  assert.deepEqual(references(board, '/rproc'), [
    'mboxes[0] → /mailbox(4)',
    'mboxes[0] → /mailbox/channel()',
  ]);
});

test('maps of identifiers take as many cells as the provider says; before Linux minded, boards wrote one', () => {
  const board =
    boardOfDts(`/ { new { iommu-map = <0 &two 0x1400 0 1>, <0x100 &one 0x20 4>; msi-map = <0 &frame 8 1>, <8 &none 1>; };
    old { iommu-map = <0 &two 0x10 1>, <0x100 &two 0x11 1>; }; short { iommu-map = <0 &two 0x10>; };
    one: one { #iommu-cells = <1>; }; two: two { #iommu-cells = <2>; }; frame: frame { }; none: none { #msi-cells = <0>; }; };`);
  assert.deepEqual(references(board, '/new'), [
    'iommu-map[0] → /two(0 5120 0 1)',
    'iommu-map[1] → /one(256 32 4)',
    'msi-map[0] → /frame(0 8 1)',
    'msi-map[1] → /none(8 1)',
  ]);
  assert.deepEqual(references(board, '/old'), [
    'iommu-map[0] → /two(0 16 1)',
    'iommu-map[1] → /two(256 17 1)',
  ]);
  assert.deepEqual(references(board, '/short'), ['iommu-map[0] → /two(cut-short)']);
});

test('what another cluster of processors sees, and arguments that need not be there', () => {
  const board =
    boardOfDts(`/ { cluster { #ranges-address-cells = <2>; #ranges-size-cells = <1>; address-map = <0 0x10 &uart 0 0x20 0x100>, <1 0 &bus 0 0 4>; };
    hub { i2c-parent = <&bus 1>; allwinner,sram = <&uart>; renesas,ipmmu-main = <&bus>; };
    uart: uart { }; bus: bus { }; };`);
  assert.deepEqual(references(board, '/cluster'), [
    'address-map[0] → /uart(0 16 0 32 256)',
    'address-map[1] → /bus(1 0 0 0 4)',
  ]);
  assert.deepEqual(references(board, '/hub'), [
    'i2c-parent[0] → /bus(1)',
    'allwinner,sram[0] → /uart()',
    'renesas,ipmmu-main[0] → /bus()',
  ]);
});
