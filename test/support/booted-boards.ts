/**
 * Boards of Debian's kernel package, at least one for each UART family, and three that come as examples, with what their
 * guests are asked to be: everything, or the console alone where there are more interrupts than channels. A request holds
 * nothing that `plan` does not ask for; `ram` is its own proposal where a tree leaves RAM to the firmware.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INITRD_UP_LINE } from '../../src/payload/index.ts';
import { planAndLoad } from './boot-request.ts';
import type { GuestRun } from './guest-run.ts';

export interface BoardToBoot {
  /** Below the kernel package's device trees, or below `examples/` where the tree is made there. */
  readonly dtb: string;
  readonly family: string;
  /** The request's lines besides board, kernel and initrd. */
  readonly request: string;
}

const board = (family: string, dtb: string, ...request: readonly string[]): BoardToBoot => ({
  family,
  dtb,
  request: request.join('\n'),
});
const ALL = 'pass: all';
const pass = (selector: string) => `pass: [${selector}]`;
const ramAt = (base: string) => `ram: { size: 512 MiB, base: ${base} }`;

export const BOARDS_TO_BOOT: readonly BoardToBoot[] = [
  board('Meson', 'amlogic/meson-sm1-odroid-c4.dtb', ALL),
  board('Meson', 'amlogic/meson-gxbb-odroidc2.dtb', ALL),
  board('Meson', 'amlogic/meson-gxl-s905x-libretech-cc.dtb', ALL),
  board('Meson', 'amlogic/meson-axg-s400.dtb', ALL),
  board('PL011', 'qemu_virt_aarch64/virt.dtb', ALL),
  board('PL011', 'arm/juno-r2.dtb', ALL),
  board('PL011', 'hisilicon/hi6220-hikey.dtb', ALL),
  board('SBSA', 'freescale/fsl-lx2160a-honeycomb.dtb', pass('serial0')),
  board('DesignWare 8250', 'marvell/armada-8040-mcbin.dtb', pass('serial0')),
  board('DesignWare 8250', 'rockchip/rk3399-rockpro64.dtb', ALL),
  board('DesignWare 8250', 'rockchip/rk3328-rock64.dtb', ALL, ramAt('0x44000000')),
  board('DesignWare 8250', 'rockchip/rk3568-evb1-v10.dtb', pass('serial2'), ramAt('0x44000000')),
  board('DesignWare 8250', 'allwinner/sun50i-a64-pine64-plus.dtb', ALL, ramAt('0x44000000')),
  board('ns16550', 'freescale/fsl-ls1043a-rdb.dtb', ALL),
  board('ns16550', 'freescale/fsl-ls1046a-rdb.dtb', pass('serial0'), ramAt('0x84000000')),
  board('i.MX', 'maaxboard/maaxboard.dtb', ALL),
  board('i.MX', 'freescale/imx8mq-evk.dtb', ALL),
  board('i.MX', 'freescale/imx8mm-evk.dtb', ALL),
  board('i.MX', 'freescale/imx8mp-evk.dtb', ALL),
  board('Cadence', 'xilinx/zynqmp-zcu102-rev1.0.dtb', pass('serial0')),
  board('Cadence', 'xilinx/zynqmp-zcu102-rev1.0.dtb', ALL, 'firmware: none'),
  board('Qualcomm MSM', 'qcom/apq8016-sbc.dtb', pass('serial0'), ramAt('0x90000000')),
  board('Qualcomm GENI', 'qcom/sdm845-db845c.dtb', pass('serial0'), ramAt('0xa0000000')),
  board('Renesas SCIF', 'renesas/r8a774a1-hihope-rzg2m.dtb', pass('serial0')),
  board('Tegra', 'nvidia/tegra210-p3450-0000.dtb', pass('serial0')),
  board('Tegra', 'nvidia/tegra210-p2371-2180.dtb', pass('serial0')),
  board('LPUART', 'freescale/imx8qxp-mek.dtb', pass('serial0')),
  board('LPUART', 'freescale/imx93-11x11-evk.dtb', pass('serial0'), ramAt('0x84000000')),
  board('Armada 3700', 'marvell/armada-3720-espressobin.dtb', ALL),
  board('aux-uart', 'broadcom/bcm2711-rpi-4-b.dtb', ALL),
  board('AM65', 'ti/k3-am654-base-board.dtb', pass('serial2')),
];

/** What `docs/boots.json` holds. */
export interface Boots {
  /** The version of Debian's kernel package that the boards were booted with. */
  readonly kernel: string;
  readonly boards: readonly BootResult[];
  /** One board for each chip, the console alone. */
  readonly chips: readonly (BootResult & { readonly chip: string })[];
}

export interface BootResult {
  readonly dtb: string;
  readonly request: string;
  /** The interrupt controller's architecture version; 0 where there was no plan. */
  readonly gic: number;
  /** Whether the initrd's line came. */
  readonly reached: boolean;
  /** The console that the kernel ended on, such as `ttyAML0`; empty without one. */
  readonly console: string;
  readonly instructions: number;
  /** Where it did not come: what `plan` said of the console, what the diagnosis says, or what was last heard. */
  readonly note: string;
  /** What `plan` proposes where there is none. */
  readonly hint?: string;
}

/** A guest that has not spoken after so many instructions won't. */
const INSTRUCTIONS_LIMIT = 600e6;

/** Where trees are: what `drivervm payload debian` wrote, and a copy of the examples with their own trees made. */
export interface BootPlaces {
  readonly payload: string;
  readonly examples?: string;
}

/** Plans and boots one board. */
export async function bootBoard(
  { dtb, request }: BoardToBoot,
  { payload, examples }: BootPlaces,
): Promise<BootResult> {
  const place = mkdtempSync(join(tmpdir(), 'drivervm-boots-'));
  try {
    const isExample = examples !== undefined && existsSync(join(examples, dtb));
    const tree = isExample ? join(examples, dtb) : join(payload, 'dtbs', dtb);
    const microkit = isExample ? `, microkit: ${dtb.slice(0, dtb.indexOf('/'))}` : '';
    const lines = [
      `board: { dtb: ${tree}${microkit} }`,
      `kernel: ${payload}/Image`,
      `initrd: ${payload}/initrd.cpio`,
    ];
    const file = join(place, 'request.yaml');
    writeFileSync(file, `${['name: guest', ...lines, request].join('\n')}\n`);
    const planned = await planAndLoad({ request: file, dtb: tree, payload, output: place });
    const { note, hint } = firstFinding(planned.said);
    if ('refused' in planned) {
      return { dtb, request, gic: 0, reached: false, console: '', instructions: 0, note, hint };
    }
    const { plan, guest } = planned;
    guest.until(INITRD_UP_LINE, 20, INSTRUCTIONS_LIMIT);
    const reached = guest.console.includes(INITRD_UP_LINE);
    const consoles = [...guest.console.matchAll(/printk: console \[(tty[A-Za-z]+\d+)\] enabled/g)];
    return {
      dtb,
      request,
      gic: plan.board.gic.version,
      reached,
      console: consoles.at(-1)?.[1] ?? '',
      instructions: guest.instructions,
      note: reached ? '' : note === '' ? lastWord(guest) : `${note} (${hint})`,
    };
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** The first thing that `plan` found, and what it says to do about it. */
function firstFinding(said: string): { readonly note: string; readonly hint: string } {
  const [note = '', hint = ''] = said.split('\n');
  return { note, hint: hint.replace(/^ *hint: /, '') };
}

function lastWord(guest: GuestRun): string {
  const found = guest.diagnosis().filter((line) => !line.includes('standard secure service'));
  const lines = guest.console.split('\n').filter((line) => line.startsWith('['));
  return (found[0] ?? lines.at(-1) ?? 'silent').split('\n')[0]?.trim() ?? '';
}
