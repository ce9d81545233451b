/**
 * Boards of Debian's kernel package, at least one for each UART family, and what their guests are asked to be: the
 * console and what it needs. Rates are what the boards' firmware leaves; a controller that answers nobody here (a
 * co-processor behind a mailbox, a clock unit that is not modelled) stays out by `except`, as a person would write it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticSink } from '../../src/base/index.ts';
import { nodeHost } from '../../src/cli/node/host.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { type Board, readDtb, resolveTree } from '../../src/devicetree/index.ts';
import { plainSource, readDescription } from '../../src/microkit/index.ts';
import { INITRD_UP_LINE } from '../../src/payload/index.ts';
import type { Plan } from '../../src/plan/index.ts';
import { GuestRun } from './guest-run.ts';

export interface BoardToBoot {
  /** Below the kernel package's device trees. */
  readonly dtb: string;
  readonly family: string;
  /** The request's lines besides board, kernel and initrd. */
  readonly wish: string;
}

const at = (base: string) => `ram: { size: 512 MiB, base: ${base} }`;

export const BOARDS_TO_BOOT: readonly BoardToBoot[] = [
  { dtb: 'amlogic/meson-sm1-odroid-c4.dtb', family: 'Meson', wish: 'pass: all' },
  { dtb: 'amlogic/meson-gxbb-odroidc2.dtb', family: 'Meson', wish: 'pass: [serial0]' },
  { dtb: 'arm/juno-r2.dtb', family: 'PL011', wish: 'pass: all' },
  { dtb: 'freescale/fsl-lx2160a-honeycomb.dtb', family: 'SBSA', wish: 'pass: [serial0]' },
  { dtb: 'marvell/armada-8040-mcbin.dtb', family: 'DesignWare 8250', wish: 'pass: [serial0]' },
  {
    dtb: 'allwinner/sun50i-a64-pine64-plus.dtb',
    family: 'DesignWare 8250',
    wish: `pass: [serial0]\n${at('0x40000000')}`,
  },
  {
    dtb: 'freescale/fsl-ls1046a-rdb.dtb',
    family: 'ns16550',
    wish: `pass: [serial0]\nexcept: ["/soc/clocking@1ee1000"]\nclocks: { serial0: 350000000 }\n${at('0x80000000')}`,
  },
  { dtb: 'freescale/imx8mq-evk.dtb', family: 'i.MX', wish: 'pass: all' },
  { dtb: 'freescale/imx8mm-evk.dtb', family: 'i.MX', wish: 'pass: all' },
  {
    dtb: 'xilinx/zynqmp-zcu102-rev1.0.dtb',
    family: 'Cadence',
    wish: 'pass: [serial0]\nfirmware: none\nclocks: { serial0: 100000000 }',
  },
  { dtb: 'qcom/apq8016-sbc.dtb', family: 'Qualcomm MSM', wish: `pass: [serial0]\n${at('0x90000000')}` },
  {
    dtb: 'qcom/sdm845-db845c.dtb',
    family: 'Qualcomm GENI',
    wish: `pass: [serial0]\nexcept: ["/soc@0/iommu@15000000"]\n${at('0xc0000000')}`,
  },
  {
    dtb: 'renesas/r8a774a1-hihope-rzg2m.dtb',
    family: 'Renesas SCIF',
    wish: 'pass: [serial0, "/soc/reset-controller@e6160000"]',
  },
  {
    dtb: 'nvidia/tegra210-p3450-0000.dtb',
    family: 'Tegra',
    wish: 'pass: [serial0, "/memory-controller@70019000", "/apbmisc@70000800", "/fuse@7000f800", "/clock@60006000"]\nexcept: ["/dma@60020000"]',
  },
  { dtb: 'freescale/imx8qxp-mek.dtb', family: 'LPUART', wish: 'pass: [serial0]' },
  {
    dtb: 'freescale/imx93-11x11-evk.dtb',
    family: 'LPUART',
    wish: `pass: [serial0]\nexcept: ["/soc@0/bus@44000000/clock-controller@44450000", "/soc@0/bus@44000000/pinctrl@443c0000"]\nclocks: { serial0: 24000000 }\n${at('0x80000000')}`,
  },
  { dtb: 'marvell/armada-3720-espressobin.dtb', family: 'Armada 3700', wish: 'pass: [serial0]' },
  {
    dtb: 'broadcom/bcm2711-rpi-4-b.dtb',
    family: 'aux-uart',
    wish: 'pass: [serial1]\nexcept: ["/soc/cprman@7e101000", "/soc/aux@7e215000"]\nclocks: { serial1: 500000000 }',
  },
  {
    dtb: 'ti/k3-am654-base-board.dtb',
    family: 'AM65',
    wish: 'pass: [serial2]\nexcept: ["/bus@100000/bus@30800000/mailbox@32c00000", "/bus@100000/bus@28380000/bus@42040000/system-controller@44083000"]\nclocks: { serial2: 48000000 }',
  },
];

export interface BootResult {
  readonly dtb: string;
  /** The interrupt controller's architecture version; 0 where there was no plan. */
  readonly gic: number;
  /** Whether the initrd's line came. */
  readonly reached: boolean;
  /** The console that the kernel ended on, such as `ttyAML0`; empty without one. */
  readonly console: string;
  readonly instructions: number;
  readonly guestSeconds: number;
  /** Where it did not come: what was last heard, or what the diagnosis says. */
  readonly note: string;
}

/** A guest that has not spoken after so many instructions won't. */
const INSTRUCTIONS_LIMIT = 600e6;

/** Plans and boots one board. `payload` is what `drivervm payload debian` wrote. */
export async function bootBoard({ dtb, wish }: BoardToBoot, payload: string): Promise<BootResult> {
  const place = mkdtempSync(join(tmpdir(), 'drivervm-boots-'));
  try {
    const blob = join(payload, 'dtbs', dtb);
    const lines = [`board: { dtb: ${blob} }`, `kernel: ${payload}/Image`, `initrd: ${payload}/initrd.cpio`];
    writeFileSync(join(place, 'request.yaml'), `${['name: guest', ...lines, wish].join('\n')}\n`);
    let said = '';
    const status = await runCommandLine(
      ['plan', join(place, 'request.yaml'), '-o', place, '--bootargs', 'earlycon cryptomgr.notests'],
      {
        host: nodeHost(),
        stdout: { write: () => true },
        stderr: {
          write: (text: string) => {
            said += text;
            return true;
          },
        },
      },
    );
    if (status !== 0) {
      return {
        dtb,
        gic: 0,
        reached: false,
        console: '',
        instructions: 0,
        guestSeconds: 0,
        note: said.split('\n')[0] ?? '',
      };
    }
    return run(dtb, resolved(blob), place, payload);
  } finally {
    rmSync(place, { recursive: true });
  }
}

function resolved(path: string): Board {
  const tree = readDtb(readFileSync(path), path, new DiagnosticSink());
  if (tree === undefined) throw new Error(path);
  return resolveTree(tree);
}

function run(dtb: string, board: Board, place: string, payload: string): BootResult {
  const plan = JSON.parse(readFileSync(join(place, 'plan.json'), 'utf8')) as Plan;
  const system = readFileSync(join(place, `${plan.name}.system`), 'utf8');
  const read = readDescription(plainSource(`${plan.name}.system`, system), new DiagnosticSink());
  if (read === undefined) throw new Error(system);
  const images = {
    kernel: readFileSync(join(payload, 'Image')),
    dtb: readFileSync(join(place, 'linux.dtb')),
    initrd: readFileSync(join(payload, 'initrd.cpio')),
  };
  const guest = new GuestRun({
    board,
    description: read.description,
    payload: { images, tree: resolved(join(place, 'linux.dtb')) },
  });
  guest.until(INITRD_UP_LINE, 20, INSTRUCTIONS_LIMIT);
  const reached = guest.console.includes(INITRD_UP_LINE);
  const consoles = [...guest.console.matchAll(/printk: console \[(tty[A-Za-z]+\d+)\] enabled/g)];
  return {
    dtb,
    gic: /GICv3/.test(readFileSync(join(place, 'README.md'), 'utf8')) ? 3 : 2,
    reached,
    console: consoles.at(-1)?.[1] ?? '',
    instructions: guest.instructions,
    guestSeconds: Math.round(guest.session.machine.time.nowNs / 1e7) / 100,
    note: reached ? '' : lastWord(guest),
  };
}

function lastWord(guest: GuestRun): string {
  const found = guest.diagnosis().filter((line) => !line.includes('standard secure service'));
  const lines = guest.console.split('\n').filter((line) => line.startsWith('['));
  return (found[0] ?? lines.at(-1) ?? 'silent').split('\n')[0]?.trim() ?? '';
}
