/**
 * Controllers with numbers of their own for the GIC's lines: one input is always one SPI.
 * After the kernel's drivers/irqchip of release 6.1: qcom-pdc, irq-qcom-mpm, irq-uniphier-aidet, irq-mst-intc,
 * irq-vf610-mscm-ir; drivers/soc/tegra/pmc.c for the wake events.
 */
import {
  type ControllerRule,
  cellGroups,
  gicSpi,
  inverted,
  NOT_MAPPED,
  type RuleInput,
  type RuleStep,
  senseAtEnd,
} from './rule.ts';

function toSpi({ parent, cells }: RuleInput, spi: number | undefined): RuleStep {
  if (spi === undefined) return NOT_MAPPED;
  return { to: 'parent', step: 'translates', cells: gicSpi(parent, spi, inverted(senseAtEnd(cells))) };
}

/** Qualcomm's PDC: `qcom,pdc-ranges` holds <first pin, first SPI, count>. */
const qcomPdc: ControllerRule = {
  resolve: (input) => {
    const pin = input.cells[0] ?? 0;
    const found = cellGroups(input.controller, 'qcom,pdc-ranges', 3).find(
      ([first = 0, , count = 0]) => pin >= first && pin - first < count,
    );
    return toSpi(input, found === undefined ? undefined : (found[1] ?? 0) + pin - (found[0] ?? 0));
  },
};

/** Qualcomm's MPM: `qcom,mpm-pin-map` holds <pin, SPI>. */
const qcomMpm: ControllerRule = {
  resolve: (input) =>
    toSpi(
      input,
      cellGroups(input.controller, 'qcom,mpm-pin-map', 2).find(([pin]) => pin === input.cells[0])?.[1],
    ),
};

/** The input's number is the SPI's. */
const sameNumber: ControllerRule = { resolve: (input) => toSpi(input, input.cells[0]) };

/** `mstar,irqs-map-range` holds <first SPI, last SPI>; specifiers are <0, input, flags>. */
const mstarIntc: ControllerRule = {
  resolve: (input) => {
    const [first, last] = cellGroups(input.controller, 'mstar,irqs-map-range', 2)[0] ?? [];
    const spi = first === undefined ? undefined : first + (input.cells[1] ?? 0);
    return toSpi(input, spi === undefined || last === undefined || spi > last ? undefined : spi);
  },
};

/** Tegra's PMC: wake events that are interrupts, as the SoC's table in the driver has them (event → SPI). */
function tegraPmc(events: Readonly<Record<number, number>>): ControllerRule {
  return { resolve: (input) => toSpi(input, events[input.cells[0] ?? -1]) };
}

export const TRANSLATING_RULES: Readonly<Record<string, ControllerRule>> = {
  'qcom,pdc': qcomPdc,
  'qcom,mpm': qcomMpm,
  'fsl,vf610-mscm-ir': sameNumber,
  'socionext,uniphier-ld4-aidet': sameNumber,
  'socionext,uniphier-pro4-aidet': sameNumber,
  'socionext,uniphier-sld8-aidet': sameNumber,
  'socionext,uniphier-pro5-aidet': sameNumber,
  'socionext,uniphier-pxs2-aidet': sameNumber,
  'socionext,uniphier-ld11-aidet': sameNumber,
  'socionext,uniphier-ld20-aidet': sameNumber,
  'socionext,uniphier-pxs3-aidet': sameNumber,
  'socionext,uniphier-nx1-aidet': sameNumber,
  'mstar,mst-intc': mstarIntc,
  'nvidia,tegra210-pmc': tegraPmc({ 16: 2, 51: 86 }),
  'nvidia,tegra186-pmc': tegraPmc({ 24: 209, 73: 10 }),
  'nvidia,tegra194-pmc': tegraPmc({ 24: 209, 73: 10 }),
};
