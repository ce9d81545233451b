/**
 * Amlogic's HHI clock controllers, G12A and its kin SM1: a PLL locks when it is enabled and out of
 * reset. Some kernels start a PLL by writing whole words over the lock bit, so lock is a status and never remembered.
 */
import type { StatusRule } from '../remembered.ts';
import type { ControllerTable } from './controller.ts';

const [PLL_ENABLE, PLL_RESET, PLL_LOCK] = [1 << 28, 1 << 29, 2 ** 31];

/** HHI_*_PLL_CNTL0. */
const G12A_PLLS = {
  GP0: 0x40,
  PCIE: 0x98,
  HIFI: 0xd8,
  FIX: 0x2a0,
  SYS: 0x2f4,
  HDMI: 0x320,
  SYS1: 0x380,
} as const;

const GX_PLLS = { GP0: 0x40, MPLL: 0x280, SYS: 0x300, HDMI: 0x320 } as const;
/** GXBB and GXL have their enable at bit 30. */
const GX_ENABLE = 1 << 30;

function lockRules(offsets: readonly number[], enable: number): readonly StatusRule[] {
  return offsets.map((offset) => ({
    offset,
    mask: PLL_LOCK,
    when: [{ offset, set: enable, clear: PLL_RESET }],
  }));
}

export const MESON_CONTROLLERS: readonly ControllerTable[] = [
  {
    model: 'Meson G12A/SM1 HHI clock controller',
    compatible: ['amlogic,g12a-clkc', 'amlogic,g12b-clkc', 'amlogic,sm1-clkc'],
    source: 'Linux 6.1 clk/meson/clk-pll.c polls bit 31',
    seeds: [
      // As U-Boot leaves them: the fixed PLL at 24 MHz × 166 / 2, the system PLL running.
      [G12A_PLLS.FIX, PLL_ENABLE | 0x0001_04a6],
      [G12A_PLLS.SYS, PLL_ENABLE | 0x0000_0496],
    ],
    statusRules: lockRules(Object.values(G12A_PLLS), PLL_ENABLE),
  },
  {
    model: 'Meson GXBB/GXL HHI clock controller',
    compatible: ['amlogic,gxbb-clkc', 'amlogic,gxl-clkc'],
    source: 'Linux 6.1 clk/meson/clk-pll.c polls bit 31',
    seeds: [[GX_PLLS.MPLL, GX_ENABLE | 0x0001_02a6]],
    statusRules: lockRules(Object.values(GX_PLLS), GX_ENABLE),
  },
];
