/**
 * i.MX8M clocks: the analogue block's PLLs lock when they are
 * powered up, and the divider units never show their busy bits for long.
 */
import type { StatusRule } from '../remembered.ts';
import type { ControllerTable } from './controller.ts';

const LOCK = 2 ** 31;

/** i.MX8MQ: the "frac" PLLs' CFG0 registers; power-down is bit 19. */
const MQ_FRAC_PLLS = [0x00, 0x08, 0x10, 0x18, 0x20, 0x28] as const;
/** In the same registers: a new divisor is announced, and acknowledged. */
const [FRAC_ACK, FRAC_NEW_DIVISOR] = [1 << 11, 1 << 12];
/** i.MX8MQ: the system, DRAM and VIDEO2 PLLs' CFG0; power-down is bit 7. */
const MQ_SSCG_PLLS = [0x30, 0x3c, 0x48, 0x54, 0x60] as const;
/** i.MX8MM, MN and MP: every PLL's general control register; reset (active low) is bit 9. */
const MM_PLLS = [0x00, 0x14, 0x28, 0x50, 0x64, 0x74, 0x84, 0x94, 0x104, 0x114] as const;

function lockUnless(offsets: readonly number[], powerDown: number): readonly StatusRule[] {
  return offsets.map((offset) => ({ offset, mask: LOCK, when: [{ offset, clear: powerDown }] }));
}

export const IMX_CONTROLLERS: readonly ControllerTable[] = [
  {
    model: 'i.MX8MQ CCM analogue',
    compatible: ['fsl,imx8mq-anatop'],
    source: 'Linux 6.1 clk/imx/clk-frac-pll.c and clk-sscg-pll.c poll bit 31',
    statusRules: [
      ...lockUnless(MQ_FRAC_PLLS, 1 << 19),
      ...lockUnless(MQ_SSCG_PLLS, 1 << 7),
      ...MQ_FRAC_PLLS.map((offset) => ({
        offset,
        mask: FRAC_ACK,
        when: [{ offset, set: FRAC_NEW_DIVISOR }],
      })),
    ],
  },
  {
    model: 'i.MX8MM/MN/MP CCM analogue',
    compatible: ['fsl,imx8mm-anatop', 'fsl,imx8mn-anatop', 'fsl,imx8mp-anatop'],
    source: 'Linux 6.1 clk/imx/clk-pll14xx.c polls bit 31',
    statusRules: MM_PLLS.map((offset) => ({
      offset,
      mask: LOCK,
      when: [{ offset, set: 1 << 9 }],
    })),
  },
];
