/**
 * Rockchip's clock and reset units: PLLs that lock when they run, and registers whose upper half masks what is written
 * (Linux 6.1, clk/rockchip/clk-pll.c and the files of the chips). What a multiplexer is set to at power-on is not known here.
 */
import type { StatusRule } from '../remembered.ts';
import type { ControllerTable } from './controller.ts';

/** RK3399: eight registers a PLL; the third has the lock and is written whole. */
const RK3399_PLL_BYTES = 0x20;
const [RK3399_CON2, RK3399_LOCK] = [0x08, 2 ** 31];

function rk3399Plls(model: string, compatible: string, count: number): ControllerTable {
  const locks = Array.from({ length: count }, (_, index) => index * RK3399_PLL_BYTES + RK3399_CON2);
  return {
    model,
    compatible: [compatible],
    source: 'Linux 6.1 clk/rockchip/clk-pll.c polls bit 31 of PLLCON2',
    statusRules: locks.map((offset) => ({ offset, mask: RK3399_LOCK })),
    upperHalfMasks: (offset) => !locks.includes(offset),
  };
}

/** The plainer PLLs: lock is in the second register, beside power-down; the third is written whole. */
const [CON1, CON2] = [0x04, 0x08];
const [CON1_LOCK, CON1_PWRDOWN] = [1 << 10, 1 << 13];

function rk3328Plls(model: string, compatible: string, plls: readonly number[]): ControllerTable {
  const whole = plls.map((offset) => offset + CON2);
  return {
    model,
    compatible: [compatible],
    source: 'Linux 6.1 clk/rockchip/clk-pll.c polls bit 10 of PLLCON1',
    statusRules: plls.map((offset) => ({
      offset: offset + CON1,
      mask: CON1_LOCK,
      when: [{ offset: offset + CON1, clear: CON1_PWRDOWN }],
    })),
    upperHalfMasks: (offset) => !whole.includes(offset),
  };
}

/** CRU_CLKSEL31_CON, the S/PDIF multiplexer in bits 9 and 8. */
const [RK3368_CLKSEL31, SPDIF_FROM_12_MHZ] = [0x17c, 2 << 8];

/** RK3399's power management unit: a domain's state follows its control, a bus's idle state and acknowledgement its request. */
const [PWRDN_CON, PWRDN_ST, BUS_IDLE_REQ, BUS_IDLE_ST, BUS_IDLE_ACK] = [0x14, 0x18, 0x60, 0x64, 0x68];

const followsBits = (status: number, control: number): readonly StatusRule[] =>
  Array.from({ length: 32 }, (_, bit) => ({
    offset: status,
    mask: 2 ** bit,
    when: [{ offset: control, set: 2 ** bit }],
  }));

export const ROCKCHIP_CONTROLLERS: readonly ControllerTable[] = [
  rk3399Plls('RK3399 clock and reset unit', 'rockchip,rk3399-cru', 7),
  rk3399Plls('RK3399 clock and reset unit of the power domain', 'rockchip,rk3399-pmucru', 1),
  rk3328Plls('RK3328 clock and reset unit', 'rockchip,rk3328-cru', [0, 0x20, 0x40, 0x60, 0xa0]),
  {
    model: 'RK3368 clock and reset unit',
    compatible: ['rockchip,rk3368-cru'],
    source:
      'Linux 6.1 clk/rockchip/clk-rk3368.c names a multiplexer among its own inputs: it is not set to that one',
    seeds: [[RK3368_CLKSEL31, SPDIF_FROM_12_MHZ]],
    upperHalfMasks: () => true,
  },
  rk3328Plls('RK3308 clock and reset unit', 'rockchip,rk3308-cru', [0, 0x20, 0x40, 0x60]),
  rk3328Plls('PX30 clock and reset unit', 'rockchip,px30-cru', [0, 0x20, 0x40, 0x60]),
  rk3328Plls('PX30 clock and reset unit of the power domain', 'rockchip,px30-pmucru', [0]),
  rk3328Plls('RK3568 clock and reset unit', 'rockchip,rk3568-cru', [0, 0x20, 0x40, 0x60, 0x80, 0xa0]),
  rk3328Plls('RK3568 clock and reset unit of the power domain', 'rockchip,rk3568-pmucru', [0, 0x40]),
  {
    model: 'RK3399 power management unit',
    compatible: ['rockchip,rk3399-pmu'],
    source: 'Linux 6.1 soc/rockchip/pm_domains.c polls BUS_IDLE_ST, BUS_IDLE_ACK and PWRDN_ST',
    statusRules: [
      ...followsBits(PWRDN_ST, PWRDN_CON),
      ...followsBits(BUS_IDLE_ST, BUS_IDLE_REQ),
      ...followsBits(BUS_IDLE_ACK, BUS_IDLE_REQ),
    ],
  },
];
