/** What may be wrong with a program that is to be built for seL4. */
import { declareDiagnostics, diagnostic } from '../base/index.ts';

/** What `drivervm bundle` says of programs. */
export const embeddedCodes = declareDiagnostics('embedded', {
  'no-such-program': diagnostic<{ program: string; programs: readonly string[] }>({
    severity: 'error',
    message: ({ program }) => `no protection domain has the program "${program}"`,
    hint: ({ programs }) => `the description names ${programs.join(', ') || 'none'}`,
    explanation:
      'A program is built for one protection domain: its regions, its vCPUs and its symbols go into it.',
  }),
  'no-source': diagnostic<{ path: string }>({
    severity: 'error',
    message: ({ path }) => `there is no program in TypeScript or JavaScript at ${path}`,
    hint: () =>
      'beside the description, "drivervm plan" writes a monitor; or name the directory with --search-path',
    explanation: 'What is named NAME.elf in a description is NAME.ts, NAME.js or NAME.mjs beside it.',
  }),
  'not-bundled': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `it can't be made one script: ${reason}`,
    explanation:
      "A program and all that it imports become one script. On seL4 there is nothing to load modules from, and none of Node's own.",
  }),
});
