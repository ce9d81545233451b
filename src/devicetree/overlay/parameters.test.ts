/** Parameters of overlays: each kind of target, checked against what dtc makes of the tree that they mean. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runOracle } from '../../../test/support/oracles.ts';
import { DiagnosticSink, formatDiagnostic } from '../../base/index.ts';
import { readDtb } from '../blob/index.ts';
import { firstTreeDifference } from '../equality.ts';
import type { DeviceTree } from '../tree.ts';
import { applyOverlay, applyParameters, parameterNames, parseParameters } from './index.ts';

function compile(source: string, symbols = true): DeviceTree {
  const flags = ['-q', ...(symbols ? ['-@'] : []), '-I', 'dts', '-O', 'dtb'];
  const { status, stdout, stderr } = runOracle('dtc', flags, Buffer.from(`/dts-v1/;\n${source}`));
  assert.equal(status, 0, `${stderr}\n${source}`);
  const tree = readDtb(stdout, 'blob', new DiagnosticSink());
  assert.ok(tree);
  return tree;
}

/** Without phandles and symbols, which say nothing here. */
function bare(tree: DeviceTree): DeviceTree {
  tree.root.removeChild('__symbols__');
  const pending = [tree.root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    node.properties.delete('phandle');
    pending.push(...node.children.values());
  }
  return tree;
}

const BASE = `/ {
  aliases: aliases { };
  chosen { bootargs = "console=tty0"; };
  north: bus@0 { reg = <0>; };
  south: bus@1 { reg = <1>; };
  __overrides__ { north = <&north>, "status"; };
};`;

function assertGives(overlay: string, parameters: string, expected: string): void {
  const sink = new DiagnosticSink();
  const given = parseParameters(parameters);
  const merged = applyOverlay(compile(BASE), compile(`/plugin/;\n${overlay}`), sink, given);
  assert.deepEqual(sink.sorted().map(formatDiagnostic), [], parameters);
  assert.ok(merged);
  merged.root.removeChild('__overrides__');
  const wanted = compile(`${BASE.replace(/__overrides__.*\n/, '\n')}\n${expected}`, false);
  assert.equal(firstTreeDifference(bare(merged), bare(wanted), { ordered: false }), undefined, parameters);
}

const CHIP = `/ {
  where: fragment@0 { target = <&north>; __overlay__ { chip: chip@40 {
    reg = <0x40>; wide = <1 2>; old;
  }; }; };
  fragment@1 { target = <&south>; __dormant__ { extra; }; };
  fragment-2 { target = <&north>; __overlay__ { usual; }; };
  __overrides__ {
    south = <&where>, "target:0=", <&south>;
    addr = <&chip>, "reg:0";
    second = <&chip>, "wide:4", <&chip>, "narrow.3", <&chip>, "half;2", <&chip>, "quad#0";
    label = <&chip>, "label";
    there = <&chip>, "there?", <&chip>, "old!";
    mac = <&chip>, "mac[";
    extra = <0>, "=1!2";
    mode = <&chip>, "mode{slow=s,very fast='f,g',same,=other}", <&chip>, "level:0{slow=", <1>, "same=", <2>, "=3}";
    called = <&chip>, "name";
    power = <&chip>, "status";
    fixed = <&chip>, "fixed=yes", <&chip>, "number:0=", <9>;
  };
};`;
const NORTH = (chip: string, wide = '<1 2>'): string =>
  `&north { usual; chip@40 { reg = <0x40>; wide = ${wide}; old; ${chip} }; };`;

test('each kind of target', () => {
  assertGives(CHIP, '', NORTH(''));
  assertGives(
    CHIP,
    'second=0x1234',
    NORTH('narrow = [00 00 00 34]; half = /bits/ 16 <0 0x1234>; quad = /bits/ 64 <0x1234>;', '<1 0x1234>'),
  );
  assertGives(
    CHIP,
    'second=-2',
    NORTH(
      'narrow = [00 00 00 fe]; half = /bits/ 16 <0 0xfffe>; quad = /bits/ 64 <0xfffffffffffffffe>;',
      '<1 0xfffffffe>',
    ),
  );
  assertGives(CHIP, 'label=a\\tb\\x41\\101', NORTH('label = "a\tbAA";'));
  assertGives(CHIP, 'there', '&north { usual; chip@40 { reg = <0x40>; wide = <1 2>; there; }; };');
  assertGives(CHIP, 'there=off', NORTH(''));
  assertGives(CHIP, 'mac=00:1b 2C', NORTH('mac = [00 1b 2c];'));
  assertGives(CHIP, 'power=off', NORTH('status = "disabled";'));
  assertGives(CHIP, 'power=fail', NORTH('status = "fail";'));
  assertGives(CHIP, 'fixed=whatever', NORTH('fixed = "yes"; number = <9>;'));
  assertGives(CHIP, 'north', `${NORTH('')} &north { status = "okay"; };`);
});

test('fragments switched, sent elsewhere, renamed', () => {
  assertGives(
    CHIP,
    'extra=on',
    '&north { chip@40 { reg = <0x40>; wide = <1 2>; old; }; }; &south { extra; };',
  );
  assertGives(CHIP, 'extra=0', NORTH(''));
  assertGives(CHIP, 'south', '&north { usual; }; &south { chip@40 { reg = <0x40>; wide = <1 2>; old; }; };');
  assertGives(CHIP, 'addr=0x51', '&north { usual; chip@51 { reg = <0x51>; wide = <1 2>; old; }; };');
  assertGives(
    CHIP,
    'called=dale@7,label=x',
    '&north { usual; dale@7 { reg = <0x40>; wide = <1 2>; old; label = "x"; }; };',
  );
});

test('tables of values', () => {
  assertGives(CHIP, 'mode=slow', NORTH('mode = "s"; level = <1>;'));
  assertGives(CHIP, 'mode=very fast', NORTH('mode = "f,g"; level = <3>;'));
  assertGives(CHIP, 'mode=same', NORTH('mode = "same"; level = <2>;'));
  assertGives(CHIP, 'mode=1', NORTH('mode = "other"; level = <3>;'));
});

test('the rules of the firmware: fragments into the overlay itself, aliases, bootargs, private symbols', () => {
  const overlay = `/ {
    fragment@0 { target = <&chosen_of>; __overlay__ { late; }; };
    fragment@1 { target = <&north>; bus: __overlay__ { }; };
    fragment@2 { target = <&bus>; __overlay__ { chosen_of: chip { }; }; };
    fragment@3 { target-path = "/aliases"; __overlay__ { chip0 = "/fragment@1/__overlay__/chip"; other = "/x"; }; };
    fragment@4 { target-path = "/chosen"; __overlay__ { bootargs = "quiet"; }; };
  };`;
  assertGives(
    overlay,
    '',
    '&north { chip { late; }; }; &aliases { chip0 = "/bus@0/chip"; other = "/x"; }; / { chosen { bootargs = "console=tty0 quiet"; }; };',
  );
  const exporting = `/ { fragment@0 { target = <&north>; __overlay__ { seen: a { }; hidden: b { }; }; }; __exports__ { seen; }; };`;
  const merged = applyOverlay(compile(BASE), compile(`/plugin/;\n${exporting}`), new DiagnosticSink(), []);
  const symbols = [...(merged?.root.children.get('__symbols__')?.properties.keys() ?? [])];
  assert.deepEqual([symbols.includes('seen'), symbols.includes('hidden')], [true, false]);
});

test("a tree's own parameters", () => {
  const base = compile(BASE);
  assert.deepEqual(parameterNames(base.root), ['north']);
  const changed = applyParameters(base, parseParameters('north=off'), new DiagnosticSink());
  const wanted = compile(BASE.replace('reg = <0>;', 'reg = <0>; status = "disabled";'));
  assert.ok(changed);
  assert.equal(firstTreeDifference(changed, wanted, { ordered: false }), undefined);
});

test('what a parameter can not be, and what it may cost', () => {
  const said = (overrides: string, parameters: string, more = ''): readonly string[] => {
    const sink = new DiagnosticSink();
    const source = `/plugin/; / { fragment@0 { target = <&north>; __overlay__ { n: n { }; ${more} }; }; __overrides__ { ${overrides} }; };`;
    assert.equal(applyOverlay(compile(BASE), compile(source), sink, parseParameters(parameters)), undefined);
    return sink.sorted().map((found) => found.message);
  };
  assert.deepEqual(said('p = <&n>, "mac[";', 'p=0g'), [
    'the parameter p takes bytes in hexadecimal, not "0g"',
  ]);
  assert.deepEqual(said('p = <&n>, "on?";', 'p=perhaps'), [
    'the parameter p takes a truth value, not "perhaps"',
  ]);
  assert.deepEqual(said('p = <&n>, "name";', 'p=a/b'), ['the parameter p takes a node\'s name, not "a/b"']);
  assert.deepEqual(said('p = <&n>, "s";', 'p=\\q'), ['the parameter p has an escape that is none, in "\\q"']);
  assert.deepEqual(said('p = <0>, "+7";', 'p'), ['the parameter p switches fragment 7, which is not there']);
  assert.deepEqual(said('p = <0>, "x";', 'p'), [
    'the parameter p switches fragments by "x", which is not understood',
  ]);
  assert.deepEqual(said('p = <&n>, "a{b=c}";', 'p=d'), ['the parameter p has no value for "d"']);
  assert.deepEqual(said('p = <&n>;', 'p'), ['the parameter p is cut short']);
  assert.deepEqual(said('p = <99>, "a";', 'p'), ['the parameter p is for phandle 99, which no node has']);
  assert.deepEqual(said('p = <&n>, "a#999999999";', 'p=1'), [
    'the parameter p makes the tree larger by more than 1 MiB',
  ]);
  const targets = Array.from({ length: 3000 }, (_, index) => `<&n>, "name=x${index}"`).join(', ');
  const siblings = Array.from({ length: 1000 }, (_, index) => `s${index} { };`).join(' ');
  assert.deepEqual(said(`p = ${targets};`, 'p', siblings), [
    'the parameter p renames more nodes than any overlay has',
  ]);
});
