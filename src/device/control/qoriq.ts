/**
 * The clock generators of NXP's Layerscape chips: PLL ratios as the reset configuration leaves them, which the kernel only
 * reads (Linux 6.1, clk/clk-qoriq.c). Those of the first generations have big-endian registers.
 */
import type { ControllerTable } from './controller.ts';

/** PLLC1GSR, PLLC2GSR and PLLPGSR. */
const [CORE_PLL_1, CORE_PLL_2, PLATFORM_PLL] = [0x800, 0x820, 0xc00];
/** A ratio stands in bits 8 to 1 of the big-endian word. */
const bigEndianRatio = (ratio: number): number => (ratio << 1) * 2 ** 24;

/** The third generation's, in the same order, for two groups of cores. */
const [GROUP_A_PLL_1, GROUP_A_PLL_2, GROUP_B_PLL_1, GROUP_B_PLL_2, THIRD_PLATFORM_PLL] = [
  0x80, 0xa0, 0x1_0080, 0x1_00a0, 0x6_0080,
];
const ratio = (value: number): number => value << 1;

export const QORIQ_CONTROLLERS: readonly ControllerTable[] = [
  {
    model: 'Layerscape clock generator',
    compatible: ['fsl,ls1043a-clockgen', 'fsl,ls1046a-clockgen', 'fsl,ls1012a-clockgen'],
    source: 'Linux 6.1 clk/clk-qoriq.c reads the ratios; 16 and 10 for the cores, 4 for the platform',
    seeds: [
      [CORE_PLL_1, bigEndianRatio(16)],
      [CORE_PLL_2, bigEndianRatio(10)],
      [PLATFORM_PLL, bigEndianRatio(4)],
    ],
  },
  {
    model: 'Layerscape clock generator, third generation',
    compatible: [
      'fsl,ls1028a-clockgen',
      'fsl,ls1088a-clockgen',
      'fsl,ls2080a-clockgen',
      'fsl,lx2160a-clockgen',
    ],
    source:
      'Linux 6.1 clk/clk-qoriq.c (CG_VER3) reads the ratios; 16 and 10 for the cores, 4 for the platform',
    seeds: [
      [GROUP_A_PLL_1, ratio(16)],
      [GROUP_A_PLL_2, ratio(10)],
      [GROUP_B_PLL_1, ratio(16)],
      [GROUP_B_PLL_2, ratio(10)],
      [THIRD_PLATFORM_PLL, ratio(4)],
    ],
  },
];
