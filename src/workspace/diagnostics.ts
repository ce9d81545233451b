/** What whoever reads through a host has to say of it. */
import { declareDiagnostics, diagnostic } from '../base/index.ts';

/** What the host refuses (`host/…`). */
export const hostCodes = declareDiagnostics('host', {
  'cannot-access': diagnostic<{ path: string; reason: string; code: string }>({
    severity: 'error',
    message: ({ path, reason }) => `${path}: ${reason}`,
    explanation:
      'A file, directory or program that the command needs could not be used; the system says why.',
  }),
});
