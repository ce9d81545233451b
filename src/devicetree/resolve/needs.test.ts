/** The closure: what is in it, why, and where it stops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardOfDts } from '../../../test/support/trees.ts';
import { nodeAtPath } from '../tree.ts';
import { needsOf } from './needs.ts';

function needs(source: string, ...paths: readonly string[]): readonly string[] {
  const board = boardOfDts(source);
  const asked = paths.map((path) => nodeAtPath(board.tree.root, path));
  return needsOf(
    board,
    asked.filter((node) => node !== undefined),
  ).needs.map(({ node, because, leaf }) => {
    const { reason } = because ?? {};
    const why = reason?.kind === 'reference' ? reason.dependency.property : (reason?.kind ?? 'asked');
    return [
      `${node.name}: ${because === undefined ? '' : `${because.from.name} `}${why}`,
      ...(leaf ? [leaf] : []),
    ].join(' ');
  });
}

test('references, interrupt controllers and parents, each node once, loops ended', () => {
  const source = `/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
    gic: gic { compatible = "arm,gic-400"; interrupt-controller; #interrupt-cells = <3>; };
    soc { compatible = "simple-bus"; #address-cells = <1>; #size-cells = <1>; ranges;
      syscon@0 { compatible = "acme,syscon"; reg = <0 4>; cc: cc { compatible = "acme,cc"; #clock-cells = <0>; clocks = <&osc>; power-domains = <&pd>; }; };
      i2c@8 { compatible = "acme,i2c"; reg = <8 4>; clocks = <&cc>; #address-cells = <1>; #size-cells = <0>;
        pmic@1 { compatible = "acme,pmic"; reg = <1>; regs { ldo: ldo1 { }; ldo2 { vin-supply = <&ldo>; }; }; }; };
      pd: pd { compatible = "acme,pd"; #power-domain-cells = <0>; clocks = <&cc>; };
      pc { compatible = "acme,pinctrl"; on: on { mux { }; }; };
      gpio: gpio { compatible = "acme,gpio"; interrupt-controller; #interrupt-cells = <2>; interrupts = <0 1 4>; };
      off: off { compatible = "acme,off"; #phy-cells = <0>; status = "disabled"; clocks = <&cc>; };
      dev@10 { compatible = "acme,dev"; reg = <0x10 4>; clocks = <&cc>; vdd-supply = <&ldo>; pinctrl-0 = <&on>; interrupts-extended = <&gpio 1 2>;
        phys = <&off>; acme,mystery = <&lonely>; };
      lonely: lonely { compatible = "acme,lonely"; };
    }; osc: osc { compatible = "fixed-clock"; #clock-cells = <0>; }; };`;
  assert.deepEqual(needs(source, '/soc/dev@10'), [
    'dev@10: asked',
    'cc: dev@10 clocks',
    'ldo1: dev@10 vdd-supply',
    'on: dev@10 pinctrl-0',
    'off: dev@10 phys not-enabled',
    'gpio: dev@10 interrupt',
    'lonely: dev@10 suspect suspect',
    'osc: cc clocks',
    'pd: cc power-domains',
    'syscon@0: cc parent',
    'pmic@1: ldo1 parent',
    'pc: on parent',
    'gic: gpio interrupt gic',
    'i2c@8: pmic@1 parent',
  ]);
});

test('a device that is asked for brings its enabled children and its own settings', () => {
  const source = `/ { hub { compatible = "acme,hub"; port { link-gpios = <&g>; }; a { compatible = "acme,a"; clocks = <&c>; };
      b { compatible = "acme,b"; status = "disabled"; }; };
    g: g { compatible = "acme,g"; #gpio-cells = <0>; }; c: c { compatible = "acme,c"; #clock-cells = <0>; }; };`;
  assert.deepEqual(needs(source, '/hub'), ['hub: asked', 'g: hub link-gpios', 'a: hub child', 'c: a clocks']);
});

test('controllers that hand specifiers on are in it, and so is the bus’s own clock', () => {
  const source = `/ { gpc: gpc { compatible = "fsl,imx8mq-gpc"; interrupt-controller; #interrupt-cells = <3>; interrupt-parent = <&gic>; };
    gic: gic { compatible = "arm,gic-v3"; interrupt-controller; #interrupt-cells = <3>; };
    bus { compatible = "acme,bus", "simple-bus"; clocks = <&c>; dev { compatible = "x"; interrupts-extended = <&gpc 0 1 4>; }; };
    c: c { compatible = "acme,c"; #clock-cells = <0>; }; };`;
  assert.deepEqual(needs(source, '/bus/dev'), [
    'dev: asked',
    'gpc: dev interrupt',
    'gic: gpc interrupt gic',
    'c: dev clocks',
  ]);
});
