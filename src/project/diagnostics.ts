/** What writing a project reports. */
import { declareDiagnostics, diagnostic } from '../base/index.ts';

export const projectCodes = declareDiagnostics('project', {
  edited: diagnostic<{ path: string; newPath: string }>({
    severity: 'warning',
    message: ({ path, newPath }) =>
      `${path} was edited since it was written; it stays, and the new one is ${newPath}`,
    hint: () => 'merge the two, or overwrite with --force',
    explanation:
      'A file of the project was changed by a person, and the plan would write something else now.',
  }),
  'not-ours': diagnostic<{ path: string; newPath: string }>({
    severity: 'warning',
    message: ({ path, newPath }) =>
      `${path} was there before, and not written by a plan; the new one is ${newPath}`,
    hint: () => 'choose another directory with -o, or overwrite with --force',
    explanation: 'The directory holds a file of the same name that no plan wrote.',
  }),
});
