/** Which rule a controller follows: the one table of all that are known, by `compatible`, and what holds for the rest. */
import type { DtNode } from '../../tree.ts';
import { compatibleIn, type TreeIndex } from '../tree-index.ts';
import { ALLOCATING_RULES, raisesMessages } from './allocating.ts';
import { CASCADING_RULES, hasInterrupts, throughDeviceAbove } from './cascading.ts';
import { PASSING_RULES } from './passing.ts';
import type { ControllerRule } from './rule.ts';
import { TRANSLATING_RULES } from './translating.ts';

export const CONTROLLER_RULES: ReadonlyMap<string, ControllerRule> = new Map(
  Object.entries({ ...PASSING_RULES, ...TRANSLATING_RULES, ...ALLOCATING_RULES, ...CASCADING_RULES }),
);

/** PMICs of HiSilicon: their driver takes a GPIO for the interrupt line. */
const GPIO_LINE_PROPERTIES = ['pmic-gpios', 'irq-gpios', 'interrupt-gpios'];

const otherController: ControllerRule = {
  resolve: ({ controller, parent }) => {
    if (hasInterrupts(controller)) return { to: 'own' };
    if (raisesMessages(controller)) return { to: 'nowhere', reason: 'message' };
    if (GPIO_LINE_PROPERTIES.some((name) => controller.properties.has(name))) {
      return { to: 'nowhere', reason: 'gpio-line' };
    }
    if (parent === undefined) return { to: 'nowhere', reason: 'no-gic' };
    return throughDeviceAbove(controller);
  },
};

/** The rule of a controller that is not a GIC. */
export function ruleOf(index: TreeIndex, controller: DtNode): ControllerRule {
  for (const compatible of compatibleIn(index, controller)) {
    const rule = CONTROLLER_RULES.get(compatible);
    if (rule !== undefined) return rule;
  }
  return otherController;
}
