/** Fixtures of descriptions that are checked against device trees: a small board, and a guest that is given all of it. */
import { DiagnosticSink, HostError } from '../../src/base/index.ts';
import { PlainText } from '../../src/cpp/index.ts';
import { type Board, readDts, resolveTree } from '../../src/devicetree/index.ts';
import type { CheckOptions } from '../../src/microkit/index.ts';
import { checkText } from './descriptions.ts';
import type { DiagnosticFixture } from './fixtures.ts';

/** A board with a GICv2, a serial port, an Ethernet controller with two register ranges, and a disabled neighbour. */
export const BOARD_DTS = `/dts-v1/;
/ {
  #address-cells = <1>;
  #size-cells = <1>;
  interrupt-parent = <&gic>;
  cpus {
    #address-cells = <1>;
    #size-cells = <0>;
    cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "psci"; };
  };
  psci { compatible = "arm,psci-1.0"; method = "smc"; };
  memory@80000000 { device_type = "memory"; reg = <0x80000000 0x10000000>; };
  chosen { linux,initrd-start = <0x88000000>; linux,initrd-end = <0x88400000>; };
  reserved-memory {
    #address-cells = <1>;
    #size-cells = <1>;
    ranges;
    secmon@95000000 { reg = <0x95000000 0x300000>; no-map; };
  };
  gic: interrupt-controller@ffc01000 {
    compatible = "arm,gic-400";
    reg = <0xffc01000 0x1000 0xffc02000 0x2000 0xffc04000 0x2000 0xffc06000 0x2000>;
    interrupt-controller;
    #interrupt-cells = <3>;
  };
  clk: clock-controller@ff63c000 { compatible = "x,clkc"; reg = <0xff63c000 0x1000>; #clock-cells = <1>; };
  serial@ff803000 { compatible = "x,uart"; reg = <0xff803000 0x18>; interrupts = <0 193 1>; clocks = <&clk 1>; };
  ethernet@ff3f0000 { compatible = "x,dwmac"; reg = <0xff3f0000 0x10000>; interrupts = <0 8 4>; };
  i2c@ff804000 { compatible = "x,i2c"; reg = <0xff804000 0x20>; interrupts = <0 21 1>; status = "disabled"; };
  spi@ff805000 { compatible = "x,spi"; reg = <0xff805000 0x100>; interrupts = <0 22 4>; };
  adc@ff805800 { compatible = "x,adc"; reg = <0xff805800 0x100>; interrupts = <0 23 4>; };
};
`;

/** Everything of that board for one guest, without a mistake. */
export const GUEST_SYSTEM = `<system>
  <memory_region name="ram" size="0x10000000" phys_addr="0x80000000" />
  <memory_region name="gicv" size="0x2000" phys_addr="0xffc06000" />
  <memory_region name="clocks" size="0x1000" phys_addr="0xff63c000" />
  <memory_region name="bus" size="0x6000" phys_addr="0xff800000" />
  <memory_region name="eth" size="0x10000" phys_addr="0xff3f0000" />
  <protection_domain name="VMM" priority="254">
    <program_image path="vmm.elf" />
    <virtual_machine name="linux" priority="1">
      <vcpu id="0" />
      <map mr="ram" vaddr="0x80000000" perms="rwx" />
      <map mr="gicv" vaddr="0xffc02000" perms="rw" cached="false" />
      <map mr="clocks" vaddr="0xff63c000" perms="rw" cached="false" />
      <map mr="bus" vaddr="0xff800000" perms="rw" cached="false" />
      <map mr="eth" vaddr="0xff3f0000" perms="rw" cached="false" />
    </virtual_machine>
    <irq irq="225" id="1" trigger="edge" />
    <irq irq="40" id="2" />
    <irq irq="54" id="3" />
    <irq irq="55" id="4" />
  </protection_domain>
</system>
`;

/** The sources here include nothing. */
const notThere = (path: string): never => {
  throw new HostError('ENOENT', path, 'no such file');
};
const NO_FILES = {
  status: () => undefined,
  read: notThere,
  open: notThere,
  join: (...parts: readonly string[]) => parts.join('/'),
  dirname: () => '.',
};

export function resolvedTree(file: string, text: string): Board {
  const sink = new DiagnosticSink();
  const tree = readDts([new PlainText(file, text, { encoding: 'bytes' })], { files: NO_FILES }, sink);
  if (tree === undefined) throw new Error(JSON.stringify(sink.sorted(), null, 2));
  return resolveTree(tree);
}

export type TreeChange = readonly [string, string];

export interface TreeCase {
  readonly code: string;
  readonly input: string;
  /** What is wrong in the description of {@link GUEST_SYSTEM}. */
  readonly system?: readonly TreeChange[];
  /** What is wrong in the guest's tree, which else is the board's; without it no guest's tree is given. */
  readonly guest?: readonly TreeChange[];
  readonly expected: readonly string[];
}

function changed(text: string, changes: readonly TreeChange[]): string {
  return changes.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`there is no ${from}`);
    return before.replace(from, () => to);
  }, text);
}

/** The lines that differ are what the documentation shows. */
function excerpt(text: string, from: string): string {
  const known = new Set(from.split('\n'));
  return text
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n');
}

function runTreeCase({ system = [], guest }: Omit<TreeCase, 'expected'>, sink: DiagnosticSink): void {
  const tree = resolvedTree('board.dts', BOARD_DTS);
  const guests =
    guest === undefined
      ? []
      : [{ file: 'guest.dts', tree: resolvedTree('guest.dts', changed(BOARD_DTS, guest)) }];
  const options: CheckOptions = { tree, guests };
  checkText(changed(GUEST_SYSTEM, system), options, sink);
}

export function treeFixture(given: TreeCase): DiagnosticFixture {
  const { code, input, expected, system = [], guest } = given;
  const inGuest = guest !== undefined && guest.length > 0;
  const [base, text] = inGuest
    ? [BOARD_DTS, changed(BOARD_DTS, guest)]
    : [GUEST_SYSTEM, changed(GUEST_SYSTEM, system)];
  const fixed = excerpt(base, text);
  return {
    code,
    input,
    expected,
    run: (sink) => runTreeCase(given, sink),
    text: excerpt(text, base),
    fixed: {
      text: fixed,
      run: (sink) => runTreeCase({ code, input, ...(guest === undefined ? {} : { guest: [] }) }, sink),
    },
  };
}
