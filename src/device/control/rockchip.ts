/**
 * Rockchip's clock and reset units: PLLs that lock when they run, and registers whose upper half masks what is written
 * (Linux 6.1, clk/rockchip/clk-pll.c and clk-rk3399.c). What a multiplexer is set to at power-on is not known here.
 */
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

export const ROCKCHIP_CONTROLLERS: readonly ControllerTable[] = [
  rk3399Plls('RK3399 clock and reset unit', 'rockchip,rk3399-cru', 7),
  rk3399Plls('RK3399 clock and reset unit of the power domain', 'rockchip,rk3399-pmucru', 1),
];
