/**
 * The boards that Microkit 2.3 supports. Names, cores and loader addresses are of its SDK's build script; RAM, interrupt
 * controllers and highest interrupts are what seL4 16's platform files and device trees give (`tools/hardware`): RAM is the
 * memory nodes less what `reserved-memory` says is `no-map`, its start rounded up to 2 MiB. A Raspberry Pi's tree does not
 * say how much RAM it has: its `compatible` stands for the board with 4 GiB (Pi 5: 2 GiB). For boards without RAM here
 * `check` says that regions are not checked against it; an SDK's `platform_gen.json` fills the gap.
 */
import type { AddrRange } from '../../base/index.ts';
import type { BoardGic, MicrokitBoard } from './board.ts';

const span = (base: number, end: number): AddrRange => ({ base, size: end - base });

/** GIC-400 frames in a row: D, C (8 KiB), H, V. */
function gic400(base: number): BoardGic {
  return {
    version: 2,
    distributor: { base, size: 0x1000 },
    cpuInterface: { base: base + 0x1000, size: 0x2000 },
    hypervisorInterface: { base: base + 0x3000, size: 0x2000 },
    virtualCpuInterface: { base: base + 0x5000, size: 0x2000 },
  };
}

/** GIC-400 frames 64 KiB or more apart, of which the first 4 KiB of each are used. */
function spreadGic(distributor: number, cpu: number, hypervisor: number, virtualCpu: number): BoardGic {
  return {
    version: 2,
    distributor: { base: distributor, size: 0x1000 },
    cpuInterface: { base: cpu, size: 0x1000 },
    hypervisorInterface: { base: hypervisor, size: 0x1000 },
    virtualCpuInterface: { base: virtualCpu, size: 0x1000 },
  };
}

function gic3(distributor: number, redistributors: number, redistributorBytes = 0xc_0000): BoardGic {
  return {
    version: 3,
    distributor: { base: distributor, size: 0x1_0000 },
    redistributors: { base: redistributors, size: redistributorBytes },
  };
}

const PA_40 = 2 ** 40;
const PA_44 = 2 ** 44;
const ARM = { arch: 'aarch64', hypervisor: true, smpCores: 4, addressLimit: PA_40 } as const;
const RISCV = { arch: 'riscv64', hypervisor: false } as const;
const X86 = { arch: 'x86_64', smpCores: 16 } as const;
const ZYNQMP_GIC = spreadGic(0xf901_0000, 0xf902_0000, 0xf904_0000, 0xf906_0000);
/** What the ZynqMP boards have in common. */
const ZYNQMP = {
  ...ARM,
  libvmm: true,
  gic: ZYNQMP_GIC,
  bootNote:
    "U-Boot of ZynqMP boards drops to EL1 with `go`, and seL4 needs EL2: use a U-Boot without that (Microkit's manual, section ZCU102).",
} as const;
const IMX8M_GIC = gic3(0x3880_0000, 0x3888_0000);
/** The interrupt controller of the four cores, in seL4's hands besides the GIC. */
const BCM2711 = {
  ...ARM,
  compatibles: ['raspberrypi,4-model-b'],
  addressLimit: PA_44,
  loaderAddr: 0x1000_0000,
  highestIrq: 216,
  gic: gic400(0xff84_1000),
  kernelFrames: [{ base: 0xff80_0000, size: 0x1000 }],
} as const;

const BOARDS: readonly MicrokitBoard[] = [
  {
    ...ARM,
    name: 'imx8mm_evk',
    compatibles: ['fsl,imx8mm-evk'],
    loaderAddr: 0x4100_0000,
    ram: [span(0x4000_0000, 0xb800_0000), span(0xb840_0000, 0xc000_0000)],
    gic: IMX8M_GIC,
    highestIrq: 160,
  },
  {
    ...ARM,
    name: 'imx8mp_evk',
    compatibles: ['fsl,imx8mp-evk'],
    loaderAddr: 0x4100_0000,
    ram: [span(0x4000_0000, 0x1_c000_0000)],
    gic: IMX8M_GIC,
    highestIrq: 192,
  },
  {
    ...ARM,
    name: 'imx8mp_iotgate',
    compatibles: ['compulab,iot-gate-imx8plus', 'compulab,imx8mp-iotgate'],
    loaderAddr: 0x5000_0000,
    gic: IMX8M_GIC,
    highestIrq: 192,
  },
  {
    ...ARM,
    name: 'imx8mq_evk',
    compatibles: ['fsl,imx8mq-evk'],
    loaderAddr: 0x4100_0000,
    ram: [span(0x4000_0000, 0xb800_0000), span(0xb840_0000, 0x1_0000_0000)],
    gic: IMX8M_GIC,
    highestIrq: 160,
  },
  {
    ...ZYNQMP,
    name: 'kria_k26',
    compatibles: ['xlnx,zynqmp-sm-k26', 'xlnx,zynqmp-smk-k26'],
    smpCores: 1,
    loaderAddr: 0x4000_0000,
    ram: [span(0, 0x7ff0_0000), span(0x8_0000_0000, 0x8_8000_0000)],
    highestIrq: 187,
  },
  {
    ...ARM,
    name: 'maaxboard',
    compatibles: ['embest,maaxboard', 'avnet,maaxboard', 'avnet/embest,maaxboard'],
    libvmm: true,
    loaderAddr: 0x5000_0000,
    ram: [span(0x4000_0000, 0xc000_0000)],
    gic: IMX8M_GIC,
    highestIrq: 160,
  },
  {
    ...ARM,
    name: 'odroidc2',
    compatibles: ['hardkernel,odroid-c2'],
    loaderAddr: 0x2000_0000,
    ram: [span(0x100_0000, 0x500_0000), span(0x530_0000, 0x1000_0000), span(0x1020_0000, 0x8000_0000)],
    gic: gic400(0xc430_1000),
    highestIrq: 250,
  },
  {
    ...ARM,
    name: 'odroidc4',
    compatibles: ['hardkernel,odroid-c4'],
    libvmm: true,
    loaderAddr: 0x2000_0000,
    ram: [span(0, 0x500_0000), span(0x530_0000, 0xf580_0000)],
    gic: gic400(0xffc0_1000),
    highestIrq: 255,
  },
  {
    ...ARM,
    name: 'qemu_virt_aarch64',
    compatibles: ['linux,dummy-virt'],
    libvmm: true,
    qemu: { machine: 'virt,virtualization=on', cpu: 'cortex-a53', memory: 'size=2G' },
    loaderAddr: 0x7000_0000,
    ram: [span(0x6000_0000, 0xc000_0000)],
    guestRam: [span(0x4000_0000, 0x6000_0000)],
    gic: spreadGic(0x800_0000, 0x801_0000, 0x803_0000, 0x804_0000),
    highestIrq: 159,
  },
  {
    ...ARM,
    name: 'qemu_virt_aarch64_el1',
    compatibles: ['linux,dummy-virt'],
    hypervisor: false,
    loaderAddr: 0x7000_0000,
    ram: [span(0x4000_0000, 0xc000_0000)],
    gic: spreadGic(0x800_0000, 0x801_0000, 0x803_0000, 0x804_0000),
    highestIrq: 159,
  },
  {
    ...ARM,
    name: 'rock3b',
    compatibles: ['radxa,rock-3b', 'radxa,rock3b'],
    smpCores: 1,
    loaderAddr: 0x3000_0000,
    ram: [span(0x20_0000, 0xece9_c000)],
    gic: gic3(0xfd40_0000, 0xfd46_0000, 0x8_0000),
    highestIrq: 283,
  },
  {
    ...ARM,
    name: 'rockpro64',
    compatibles: ['pine64,rockpro64'],
    loaderAddr: 0x3000_0000,
    ram: [span(0x1000_0000, 0xf800_0000)],
    gic: gic3(0xfee0_0000, 0xfef0_0000),
    highestIrq: 181,
  },
  { ...BCM2711, name: 'rpi4b_4gb', ram: [span(0x20_0000, 0x3b40_0000), span(0x4000_0000, 0xfc00_0000)] },
  { ...BCM2711, name: 'rpi4b_1gb', ram: [span(0x20_0000, 0x3b40_0000)] },
  { ...BCM2711, name: 'rpi4b_2gb', ram: [span(0x20_0000, 0x3b40_0000), span(0x4000_0000, 0x8000_0000)] },
  {
    ...BCM2711,
    name: 'rpi4b_8gb',
    ram: [span(0x20_0000, 0x3b40_0000), span(0x4000_0000, 0xfc00_0000), span(0x1_0000_0000, 0x2_0000_0000)],
  },
  {
    ...ARM,
    name: 'rpi5b_2gb',
    compatibles: ['raspberrypi,5-model-b'],
    loaderAddr: 0x1000_0000,
    ram: [span(0x20_0000, 0x3fc0_0000)],
    gic: gic400(0x10_7fff_9000),
    highestIrq: 320,
  },
  {
    ...ARM,
    name: 'stm32mp2',
    compatibles: ['st,stm32mp257f-ev1'],
    smpCores: 2,
    loaderAddr: 0x8800_0000,
    ram: [span(0x8400_0000, 0x1_8000_0000)],
    gic: spreadGic(0x4ac1_0000, 0x4ac2_0000, 0x4ac4_0000, 0x4ac6_0000),
    highestIrq: 415,
  },
  {
    ...ARM,
    name: 'tqma8xqp1gb',
    compatibles: ['tq,tqma8xqp', 'tq,imx8qxp-tqma8xqp'],
    loaderAddr: 0x9000_0000,
    ram: [span(0x8020_0000, 0xc000_0000)],
    gic: gic3(0x51a0_0000, 0x51b0_0000),
    highestIrq: 511,
  },
  {
    ...ZYNQMP,
    name: 'ultra96v2',
    compatibles: ['avnet,ultra96-rev1', 'avnet,ultra96'],
    loaderAddr: 0x4000_0000,
    ram: [span(0, 0x3ed0_0000), span(0x3fd0_0000, 0x7ff0_0000)],
    highestIrq: 187,
  },
  {
    ...ZYNQMP,
    name: 'zcu102',
    compatibles: ['xlnx,zynqmp-zcu102'],
    loaderAddr: 0x4000_0000,
    ram: [span(0, 0x8000_0000), span(0x8_0000_0000, 0x8_8000_0000)],
    highestIrq: 187,
  },
  {
    ...RISCV,
    name: 'ariane',
    compatibles: ['eth,ariane-bare-dev'],
    smpCores: 1,
    loaderAddr: 0x9000_0000,
    highestIrq: 30,
  },
  {
    ...RISCV,
    name: 'cheshire',
    compatibles: ['eth,cheshire-dev'],
    smpCores: 1,
    loaderAddr: 0x9000_0000,
    highestIrq: 51,
  },
  {
    ...RISCV,
    name: 'hifive_p550',
    compatibles: ['sifive,hifive-premier-p550'],
    smpCores: 4,
    loaderAddr: 0x9000_0000,
    highestIrq: 520,
  },
  {
    ...RISCV,
    name: 'qemu_virt_riscv64',
    compatibles: ['riscv-virtio'],
    smpCores: 4,
    loaderAddr: 0x9000_0000,
    highestIrq: 95,
  },
  {
    ...RISCV,
    name: 'serengeti',
    compatibles: ['eth,cheshire-dev'],
    smpCores: 1,
    loaderAddr: 0x9000_0000,
    highestIrq: 51,
  },
  {
    ...RISCV,
    name: 'star64',
    compatibles: ['pine64,star64'],
    smpCores: 4,
    loaderAddr: 0x6000_0000,
    highestIrq: 136,
  },
  { ...X86, name: 'x86_64_generic', hypervisor: false },
  { ...X86, name: 'x86_64_generic_vtx', hypervisor: true },
];

/** The boards that Microkit supports, by the name that its tool takes as `--board`. */
export const MICROKIT_BOARDS: ReadonlyMap<string, MicrokitBoard> = new Map(
  BOARDS.map((board) => [board.name, board]),
);

/** The board whose tree has one of these at its root: the first name that is known counts, and of a board's variants the first. */
export function boardOfTree(compatible: readonly string[]): MicrokitBoard | undefined {
  const named = compatible.find((name) => BY_COMPATIBLE.has(name));
  return named === undefined ? undefined : BY_COMPATIBLE.get(named);
}

const BY_COMPATIBLE: ReadonlyMap<string, MicrokitBoard> = new Map(
  BOARDS.toReversed().flatMap((board) => (board.compatibles ?? []).map((name) => [name, board] as const)),
);
