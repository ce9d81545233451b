/**
 * Tegra210's clock and reset controller: the oscillator's frequency as its straps leave it, PLLs that lock when they are
 * enabled, and what the boot ROM and U-Boot set going: the peripherals' PLL, from which CPUs and buses run (Linux 6.1,
 * clk/tegra/clk-tegra210.c, clk-pll.c and clk-super.c). Beside it the register that names the chip.
 */
import type { StatusRule } from '../remembered.ts';
import type { ControllerTable } from './controller.ts';

const OSC_CTRL = 0x50;
/** The field's code for 38.4 MHz. */
const OSC_38_4_MHZ = 5 * 2 ** 28;
const [PLL_ENABLE, PLL_LOCK] = [1 << 30, 1 << 27];
const PLLP_BASE = 0xa0;
/** 38.4 MHz × 85 / 8 = 408 MHz. */
const PLLP_408_MHZ = PLL_ENABLE | (85 << 10) | 8;
/** PLLx_BASE: C, M, P, A, U, D, X, D2, RE, C2, C3, DP, C4, MB, A1. */
const PLL_BASES = [
  0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0x4b8, 0x4c4, 0x4e8, 0x4fc, 0x590, 0x5a4, 0x5e8, 0x6a4,
] as const;
/** xCLK_BURST_POLICY: in the run state, which has PLLP as its source, as the other states have. */
const [SCLK_BURST_POLICY, CCLKG_BURST_POLICY, CCLKLP_BURST_POLICY, ACLK_BURST_POLICY] = [
  0x28, 0x368, 0x370, 0x6e0,
];
const RUN = 2 * 2 ** 28;
const [SCLK_FROM_PLLP, CCLK_FROM_PLLP, ACLK_FROM_PLLP] = [0x3333, 0x4444, 0x2222];

/** APB_MISC_GP_HIDREV: family 7, chip 0x21, revision A01. */
const [HIDREV, TEGRA210_A01] = [0x04, 0x0001_2117];

const PLL_LOCKS: readonly StatusRule[] = PLL_BASES.map((offset) => ({
  offset,
  mask: PLL_LOCK,
  when: [{ offset, set: PLL_ENABLE }],
}));

/** Tegra132: a crystal of 12 MHz, and 12 MHz × 408 / 12 with the divisors at other places. */
const OSC_12_MHZ = 8 * 2 ** 28;
const TEGRA132_PLLP_408_MHZ = PLL_ENABLE | (408 << 8) | 12;
/** PLLP_OUTA: two outputs, each a ratio (twice the divisor, less two), running and out of reset, as U-Boot sets them. */
const PLLP_OUTA = 0xa4;
const OUT1_9_6_MHZ = (83 << 8) | 3;
const OUT2_48_MHZ = (15 << 24) | (3 << 16);
const TEGRA132_A01 = 0x0001_1317;

export const TEGRA_CONTROLLERS: readonly ControllerTable[] = [
  {
    model: 'Tegra210 clock and reset controller',
    compatible: ['nvidia,tegra210-car'],
    source: 'Linux 6.1 clk/tegra/clk-tegra210.c reads OSC_CTRL; clk-pll.c polls bit 27',
    seeds: [
      [OSC_CTRL, OSC_38_4_MHZ],
      [PLLP_BASE, PLLP_408_MHZ],
      [SCLK_BURST_POLICY, RUN + SCLK_FROM_PLLP],
      [CCLKG_BURST_POLICY, RUN + CCLK_FROM_PLLP],
      [CCLKLP_BURST_POLICY, RUN + CCLK_FROM_PLLP],
      [ACLK_BURST_POLICY, RUN + ACLK_FROM_PLLP],
    ],
    statusRules: PLL_LOCKS,
  },
  {
    model: 'Tegra132 clock and reset controller',
    compatible: ['nvidia,tegra132-car'],
    source: 'Linux 6.1 clk/tegra/clk-tegra124.c reads OSC_CTRL; clk-pll.c polls bit 27',
    seeds: [
      [OSC_CTRL, OSC_12_MHZ],
      [PLLP_BASE, TEGRA132_PLLP_408_MHZ],
      [PLLP_OUTA, OUT1_9_6_MHZ | OUT2_48_MHZ],
      [SCLK_BURST_POLICY, RUN + SCLK_FROM_PLLP],
      [CCLKG_BURST_POLICY, RUN + CCLK_FROM_PLLP],
      [CCLKLP_BURST_POLICY, RUN + CCLK_FROM_PLLP],
    ],
    statusRules: PLL_LOCKS,
  },
  {
    model: 'Tegra132 APB miscellaneous registers',
    compatible: ['nvidia,tegra124-apbmisc'],
    source:
      'Linux 6.1 soc/tegra/fuse/tegra-apbmisc.c reads HIDREV; of the arm64 chips only the Tegra132 has it',
    seeds: [[HIDREV, TEGRA132_A01]],
  },
  {
    model: 'Tegra210 APB miscellaneous registers',
    compatible: ['nvidia,tegra210-apbmisc'],
    source: 'Linux 6.1 soc/tegra/fuse/tegra-apbmisc.c reads HIDREV',
    seeds: [[HIDREV, TEGRA210_A01]],
  },
];
