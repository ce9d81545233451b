/** What the command line itself has to say. */
import { declareDiagnostics, diagnostic } from '../base/index.ts';

export const cliCodes = declareDiagnostics('host', {
  'cannot-access': diagnostic<{ path: string; reason: string; code: string }>({
    severity: 'error',
    message: ({ path, reason }) => `${path}: ${reason}`,
    explanation:
      'A file, directory or program that the command needs could not be used; the system says why.',
  }),
});
