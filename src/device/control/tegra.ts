/**
 * Tegra210's clock and reset controller: the oscillator's frequency as its straps leave it, and PLLs that lock when they
 * are enabled (Linux 6.1, clk/tegra/clk-tegra210.c and clk-pll.c).
 */
import type { ControllerTable } from './controller.ts';

const OSC_CTRL = 0x50;
/** The field's code for 38.4 MHz. */
const OSC_38_4_MHZ = 5 * 2 ** 28;
const [PLL_ENABLE, PLL_LOCK] = [1 << 30, 1 << 27];
/** PLLx_BASE: C, M, P, A, U, D, X, D2, RE, C2, C3, DP, C4, MB, A1. */
const PLL_BASES = [
  0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0x4b8, 0x4c4, 0x4e8, 0x4fc, 0x590, 0x5a4, 0x5e8, 0x6a4,
] as const;

export const TEGRA_CONTROLLERS: readonly ControllerTable[] = [
  {
    model: 'Tegra210 clock and reset controller',
    compatible: ['nvidia,tegra210-car'],
    source: 'Linux 6.1 clk/tegra/clk-tegra210.c reads OSC_CTRL; clk-pll.c polls bit 27',
    seeds: [[OSC_CTRL, OSC_38_4_MHZ]],
    statusRules: PLL_BASES.map((offset) => ({ offset, mask: PLL_LOCK, when: [{ offset, set: PLL_ENABLE }] })),
  },
];
