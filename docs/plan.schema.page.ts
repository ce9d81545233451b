/** `docs/plan.schema.json`: the JSON Schema of plans, for programs that read them. */
import { planSchema } from '../src/plan/index.ts';

export const extension = 'json';

export function render(): string {
  return `${JSON.stringify(planSchema(), null, 2)}\n`;
}
