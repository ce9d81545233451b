/** `docs/request.schema.json`: the JSON Schema of requests, for editors. */
import { requestSchema } from '../src/plan/index.ts';

export const extension = 'json';

export function render(): string {
  return `${JSON.stringify(requestSchema(), null, 2)}\n`;
}
