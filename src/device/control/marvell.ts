/**
 * Armada 3700's time base generators, whose settings the kernel only reads (Linux 6.1, clk/mvebu/armada-37xx-tbg.c): as
 * Marvell's U-Boot leaves them for CPU and DRAM at 600 MHz, from a crystal of 25 MHz.
 */
import type { ControllerTable } from './controller.ts';

/** Feedback dividers, single-ended post-dividers, reference dividers, differential post-dividers; generator B 16 bits up. */
const [TBG_CTRL0, TBG_CTRL1, TBG_CTRL7, TBG_CTRL8] = [0x04, 0x08, 0x20, 0x30];
const both = (a: number, b: number): number => a | (b << 16);

export const MARVELL_CONTROLLERS: readonly ControllerTable[] = [
  {
    model: 'Armada 3700 time base generators',
    compatible: ['marvell,armada-3700-tbg-clock'],
    source: "Marvell's U-Boot 2015.01, arch-armadalp/clock.h, configuration 0: 2400 and 2000 MHz, halved",
    seeds: [
      [TBG_CTRL0, both(24 << 2, 20 << 2)],
      [TBG_CTRL1, both(1, 1)],
      [TBG_CTRL7, both(1, 1)],
      [TBG_CTRL8, both(1 << 1, 1 << 1)],
    ],
  },
];
