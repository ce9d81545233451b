/** What can be said of a board's device tree before its form is known. */
import { declareDiagnostics, diagnostic } from '../base/index.ts';

/** What is reported of trees of any form (`tree/…`). */
export const treeCodes = declareDiagnostics('tree', {
  'not-there': diagnostic({
    severity: 'error',
    message: () => 'there is no such file or directory',
    explanation: 'The board that was named is not there.',
  }),
  'unknown-form': diagnostic({
    severity: 'error',
    message: () => 'this is neither a device tree blob nor source',
    hint: () =>
      'give a .dtb, a .dts, or a directory such as /proc/device-tree; unpack compressed files first',
    explanation: 'The file has no magic number of a blob, and holds bytes that no source has.',
  }),
});
