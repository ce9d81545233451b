/**
 * A board in small for plans: a GICv2, two CPUs, RAM at 1 GiB, and devices that depend on each other in the ways that
 * real ones do. Each option takes something away or adds something.
 */

import { DiagnosticSink } from '../../src/base/index.ts';
import type { Board } from '../../src/devicetree/index.ts';
import { makePlan, type PayloadFacts, type Plan, type PlanInput, readRequest } from '../../src/plan/index.ts';
import { boardOfDts } from './trees.ts';

export interface SmallBoard {
  /** More nodes in the bus at 0xff800000. */
  readonly more?: string;
  /** The memory node's ranges; default 1 GiB at 0x40000000. */
  readonly memory?: string;
  /** CPUs more than two. */
  readonly moreCpus?: number;
  readonly gic?: string;
  readonly gicCompatible?: string;
  /** More properties of the UART. */
  readonly uart?: string;
}

const GIC = 'reg = <0xff001000 0x1000>, <0xff002000 0x2000>, <0xff004000 0x2000>, <0xff006000 0x2000>;';

export function smallBoardSource({
  more = '',
  memory = '<0x40000000 0x40000000>',
  moreCpus = 0,
  gic = GIC,
  gicCompatible = 'arm,gic-400',
  uart = '',
}: SmallBoard): string {
  return `/ {
	model = "A small board";
	compatible = "test,small";
	#address-cells = <1>;
	#size-cells = <1>;
	interrupt-parent = <&gic>;
	aliases { serial0 = &uart; };
	chosen { stdout-path = "serial0:115200n8"; };
	memory@40000000 { device_type = "memory"; reg = ${memory}; };
	cpus {
		#address-cells = <1>;
		#size-cells = <0>;
		cpu0: cpu@0 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0>; };
		cpu@100 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0x100>; };
		${Array.from({ length: moreCpus }, (_, cpu) => `cpu@${cpu + 200} { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0x${cpu + 200}>; };`).join(' ')}
	};
	psci { compatible = "arm,psci-1.0"; method = "hvc"; };
	timer { compatible = "arm,armv8-timer"; interrupts = <1 13 8>, <1 14 8>, <1 11 8>, <1 10 8>; };
	gic: interrupt-controller@ff001000 {
		compatible = "${gicCompatible}";
		#interrupt-cells = <3>;
		interrupt-controller;
		${gic}
		interrupts = <1 9 4>;
	};
	firmware: secure-monitor { compatible = "amlogic,meson-gxbb-sm"; };
	efuse: efuse {
		compatible = "amlogic,meson-gxbb-efuse";
		secure-monitor = <&firmware>;
		#address-cells = <1>;
		#size-cells = <1>;
		mac: mac@34 { reg = <0x34 0x6>; };
	};
	xtal: xtal { compatible = "fixed-clock"; clock-frequency = <24000000>; #clock-cells = <0>; };
	bus@ff800000 {
		compatible = "simple-bus";
		reg = <0xff800000 0x100000>;
		#address-cells = <1>;
		#size-cells = <1>;
		ranges = <0 0xff800000 0x100000>;
		clkc: clock-controller@0 { compatible = "test,clkc"; reg = <0 0x400>; #clock-cells = <1>; clocks = <&xtal>; };
		pins: pinctrl@1000 { compatible = "test,pins"; reg = <0x1000 0x100>; uart_pins: uart {}; };
		uart: serial@3000 {
			compatible = "test,uart";
			reg = <0x3000 0x18>;
			interrupts = <0 193 1>;
			clocks = <&clkc 1>, <&xtal>;
			clock-names = "core", "xtal";
			pinctrl-0 = <&uart_pins>;
			pinctrl-names = "default";
			${uart}
		};
		rng@3100 { compatible = "test,rng"; reg = <0x3100 0x4>; };
		off@4000 { compatible = "test,off"; reg = <0x4000 0x4>; status = "disabled"; };
		${more}
	};
	ethernet@ff3f0000 {
		compatible = "test,mac";
		reg = <0xff3f0000 0x10000>;
		interrupts = <0 8 4>, <0 8 4>;
		clocks = <&clkc 2>;
		nvmem-cells = <&mac>;
		nvmem-cell-names = "mac-address";
	};
};`;
}

export function smallBoard(options: SmallBoard = {}): Board {
  return boardOfDts(smallBoardSource(options));
}

/** What a plan knows besides board and request; `compatibles` is every guest's. */
export type MorePlanInput = Partial<PlanInput> & Pick<PayloadFacts, 'compatibles'>;

/** A plan for a request, without any file: 32 MiB of kernel, 4 MiB of initrd. */
export function planOf(
  board: Board,
  yaml: string,
  sink: DiagnosticSink,
  { compatibles, ...more }: MorePlanInput = {},
): Plan | undefined {
  const initrd = yaml.includes('guests:') ? '' : 'initrd: initrd.cpio\n';
  const request = readRequest(`board: small.dtb\n${initrd}${yaml}`, 'r.yaml', sink);
  if (request === undefined) return undefined;
  const facts = {
    kernel: { textOffsetBytes: 0, imageSizeBytes: 0x200_0000, fileBytes: 0x1f0_0000 },
    initrdBytes: 0x40_0000,
    ...(compatibles === undefined ? {} : { compatibles }),
  };
  return makePlan(
    {
      board,
      dtbName: 'small.dtb',
      request,
      payloads: new Map(request.guests.map(({ name }) => [name, facts])),
      ...more,
    },
    sink,
  );
}

/** The plan of a request that is in order. */
export function goodPlan(board: Board, yaml: string, more: MorePlanInput = {}): Plan {
  const sink = new DiagnosticSink();
  const plan = planOf(board, yaml, sink, more);
  if (plan === undefined)
    throw new Error(
      sink
        .sorted()
        .map(({ message }) => message)
        .join('\n'),
    );
  return plan;
}
