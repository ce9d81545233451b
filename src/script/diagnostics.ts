/** What can be wrong with scripts before they run. */
import { declareDiagnostics, diagnostic } from '../base/index.ts';

/** The codes of scripts that can't be run, or failed: `script/…`. */
export const scriptCodes = declareDiagnostics('script', {
  'not-loaded': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `the script can't be loaded: ${reason}`,
    hint: () => 'a script is a TypeScript module; what it imports lies beside it or is one of drivervm/ROOM',
    explanation:
      'The file, or something that it imports, is not there, is no TypeScript, or threw when it was loaded.',
  }),
  'no-case': diagnostic({
    severity: 'error',
    message: () => 'the script exports no function',
    hint: () => 'export async function boots(script) { await script.console().waitFor("login:"); }',
    explanation: 'Each exported function of a script is a case, and a script without one tests nothing.',
  }),
  'no-scripts': diagnostic<{ ending: string }>({
    severity: 'error',
    message: ({ ending }) => `there are no scripts here: no file ends in ${ending}`,
    hint: () => 'name scripts behind the project, or put them beside its description',
    explanation: 'A test run without scripts would pass whatever is wrong.',
  }),
  'no-such-case': diagnostic<{ name: string; names: readonly string[] }>({
    severity: 'error',
    message: ({ name, names }) => `the script has no case "${name}": ${names.join(', ')}`,
    explanation: 'A case is an exported function, by its name.',
  }),
  failed: diagnostic<{ name: string; reason: string }>({
    severity: 'error',
    message: ({ name, reason }) => `${name}: ${reason}`,
    explanation:
      'The script threw: something that it waited for did not come, or something that it asserts does not hold.',
  }),
  'not-results': diagnostic({
    severity: 'error',
    message: () => 'these are no results of "drivervm test --json"',
    hint: () => 'name files that "drivervm test --json" printed',
    explanation: 'Results can be put together from several runs, such as the shards of a large one.',
  }),
});
