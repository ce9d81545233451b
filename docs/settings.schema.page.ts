/** `docs/settings.schema.json`: the JSON Schema of `drivervm.yaml`, for editors. */
import { settingsSchema } from '../src/workspace/index.ts';

export const extension = 'json';

export function render(): string {
  return `${JSON.stringify(settingsSchema(), null, 2)}\n`;
}
