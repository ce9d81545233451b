/**
 * Controllers that gather their inputs into interrupts of their own: GPIO banks, PMICs, display subsystems, expanders on
 * a bus. A device behind one shares the controller's line and depends on the controller's driver.
 *
 * With no row here, a controller's inputs may come out at any interrupt that it names. The rows say which one, where
 * the binding tells. After the kernel's drivers of release 6.1: gpio-mxc, gpio-tegra, gpio-davinci, gpio-pl061,
 * gpio-xgene-sb, irq-imx-irqsteer, irq-imx-intmux, irq-renesas-irqc, irq-renesas-rzg2l, irq-owl-sirq, exynos-combiner,
 * irq-stm32-exti.
 */
import type { DtNode } from '../../tree.ts';
import { stringsProperty } from '../../value.ts';
import { type ControllerRule, cellOr, type RuleStep } from './rule.ts';

/** Input `n` comes out at interrupt `n / perLine` of the controller, or at its only one. */
function banked(perLine: number): ControllerRule {
  return {
    resolve: ({ cells, lineCount }): RuleStep =>
      lineCount === 1 ? { to: 'own' } : { to: 'own', indices: [Math.floor((cells[0] ?? 0) / perLine)] },
  };
}

const oneToOne: ControllerRule = { resolve: ({ cells }) => ({ to: 'own', indices: [cells[0] ?? 0] }) };

/** The channel is the specifier's second cell. */
const intmux: ControllerRule = {
  resolve: ({ cells }): RuleStep => ({ to: 'own', indices: [cells[1] ?? 0] }),
};

/** Standby GPIO: specifiers count external interrupts, or pins from `apm,irq-start` on. */
const xgeneGpioSb: ControllerRule = {
  resolve: ({ controller, cells }): RuleStep => {
    const input = cells[0] ?? 0;
    const count = cellOr(controller, 'apm,nr-irqs', 6);
    return { to: 'own', indices: [input < count ? input : input - cellOr(controller, 'apm,irq-start', 8)] };
  },
};

/** Qualcomm's PMIC pins and blocks count on the arbiter of their SPMI bus, which the tree has further up. */
const spmiChild: ControllerRule = {
  resolve: ({ controller }): RuleStep => {
    const arbiter = nearestAbove(controller, (node) => node.properties.has('interrupt-controller'));
    return arbiter === undefined
      ? { to: 'nowhere', reason: 'unknown-controller' }
      : { to: 'of', node: arbiter };
  },
};

export const CASCADING_RULES: Readonly<Record<string, ControllerRule>> = {
  'fsl,imx35-gpio': banked(16),
  'fsl,imx-irqsteer': banked(64),
  'fsl,imx-intmux': intmux,
  'nvidia,tegra30-gpio': banked(32),
  'nvidia,tegra20-gpio': banked(32),
  'ti,keystone-gpio': banked(16),
  'ti,dm6441-gpio': banked(16),
  'renesas,irqc': oneToOne,
  'renesas,rzg2l-irqc': oneToOne,
  'renesas,intc-irqpin': oneToOne,
  'actions,s500-sirq': oneToOne,
  'actions,s700-sirq': oneToOne,
  'actions,s900-sirq': oneToOne,
  'samsung,exynos4210-combiner': oneToOne,
  'st,stm32mp1-exti': oneToOne,
  'st,stm32mp13-exti': oneToOne,
  'apm,xgene-gpio-sb': xgeneGpioSb,
  'qcom,spmi-gpio': spmiChild,
  'qcom,spmi-mpp': spmiChild,
};

function nearestAbove(node: DtNode, is: (node: DtNode) => boolean): DtNode | undefined {
  for (let at = node.parent; at !== undefined; at = at.parent) if (is(at)) return at;
  return undefined;
}

/** Whether a node names interrupts of its own. */
export function hasInterrupts(node: DtNode): boolean {
  return node.properties.has('interrupts') || node.properties.has('interrupts-extended');
}

/** What PCI hosts call the line behind which their four wires INTA–INTD are gathered. */
const LEGACY_NAMES = ['intx', 'legacy', 'legacy_irq', 'sys', 'intr'];

/**
 * A controller that names no interrupts: a part of the device above it (the wires of a PCI host, a mailbox's other
 * end), which gathers them.
 */
export function throughDeviceAbove(controller: DtNode): RuleStep {
  const compatible = controller.properties.has('compatible');
  const above = controller.parent;
  if (compatible || above === undefined || !hasInterrupts(above)) {
    return { to: 'nowhere', reason: compatible ? 'unknown-controller' : 'no-host-line' };
  }
  const names = stringsProperty(above, 'interrupt-names') ?? [];
  const legacy = LEGACY_NAMES.filter((name) => names.includes(name)).slice(0, 1);
  return { to: 'of', node: above, ...(legacy.length === 0 ? {} : { names: legacy }) };
}
