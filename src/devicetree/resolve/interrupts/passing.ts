/**
 * Controllers that see every interrupt pass (to wake the system, or to invert its polarity) and hand the GIC's own
 * specifiers on, and those whose `interrupt-map` says where each input goes.
 * After the kernel's drivers/irqchip of release 6.1: irq-imx-gpcv2, irq-tegra, irq-mtk-sysirq, irq-mtk-cirq,
 * irq-sun6i-r, irq-sni-exiu, irq-ls-extirq, irq-renesas-rza1, and arm/mach-imx/gpc, arm/mach-omap2/omap-wakeupgen.
 */
import type { DtNode } from '../../tree.ts';
import { compatibleIn, type TreeIndex } from '../tree-index.ts';
import type { ControllerRule, RuleStep } from './rule.ts';

/** What a GIC specifier needs at least; fewer cells are not one. */
const GIC_CELLS = 3;

const passes: ControllerRule = {
  resolve: ({ cells }): RuleStep =>
    cells.length < GIC_CELLS
      ? { to: 'nowhere', reason: 'bad-specifier' }
      : { to: 'parent', step: 'passes', cells },
};

/** Allwinner's R_INTC: with the old two cells it is asked for the one interrupt that it names itself, the NMI. */
const allwinnerRIntc: ControllerRule = {
  resolve: (input) => (input.cells.length === 2 ? { to: 'own', indices: [0] } : passes.resolve(input)),
};

/** These drivers read their `interrupt-map` themselves, and know of no unit addresses (of_irq_imap_abusers). */
const byMap: ControllerRule = { resolve: () => ({ to: 'map', bare: true }) };

const BARE_MAPS: Readonly<Record<string, ControllerRule>> = {
  'fsl,ls1021a-extirq': byMap,
  'fsl,ls1043a-extirq': byMap,
  'fsl,ls1088a-extirq': byMap,
  'renesas,rza1-irqc': byMap,
};

/** Whether the rows of a node's `interrupt-map` lack the unit address of the controller above. */
export function hasBareMap(index: TreeIndex, node: DtNode): boolean {
  return compatibleIn(index, node).some((compatible) => Object.hasOwn(BARE_MAPS, compatible));
}

export const PASSING_RULES: Readonly<Record<string, ControllerRule>> = {
  'fsl,imx6q-gpc': passes,
  'fsl,imx7d-gpc': passes,
  'fsl,imx8mm-gpc': passes,
  'fsl,imx8mn-gpc': passes,
  'fsl,imx8mp-gpc': passes,
  'fsl,imx8mq-gpc': passes,
  'nvidia,tegra20-ictlr': passes,
  'nvidia,tegra30-ictlr': passes,
  'nvidia,tegra210-ictlr': passes,
  'mediatek,mt6577-sysirq': passes,
  'mediatek,mt6797-sysirq': passes,
  'mediatek,mt8173-sysirq': passes,
  'mediatek,mtk-cirq': passes,
  'socionext,synquacer-exiu': passes,
  'ti,omap4-wugen-mpu': passes,
  'ti,omap5-wugen-mpu': passes,
  'allwinner,sun6i-a31-r-intc': allwinnerRIntc,
  'allwinner,sun50i-h6-r-intc': allwinnerRIntc,
  ...BARE_MAPS,
};
