/**
 * The clock generators of NXP's Layerscape chips: PLL ratios as the reset configuration leaves them, which the kernel only
 * reads (Linux 6.1, clk/clk-qoriq.c). Their registers are big-endian.
 */
import type { ControllerTable } from './controller.ts';

/** PLLC1GSR, PLLC2GSR and PLLPGSR. */
const [CORE_PLL_1, CORE_PLL_2, PLATFORM_PLL] = [0x800, 0x820, 0xc00];
/** A ratio stands in bits 8 to 1 of the big-endian word. */
const bigEndianRatio = (ratio: number): number => (ratio << 1) * 2 ** 24;

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
];
