/** What writing a project, and reading it back, reports. */
import { declareDiagnostics, diagnostic } from '../base/index.ts';

const PLAN_AGAIN = 'write it anew with "drivervm plan"; what is to be different belongs in the request';

/** What is wrong with a project's files (`project/…`). */
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
  'no-plan': diagnostic<Readonly<Record<never, never>>>({
    severity: 'error',
    message: () => 'there is no plan here',
    hint: () =>
      'name the directory that "drivervm plan -o" wrote, or a system description and --dtb, --kernel, --guest-dtb',
    explanation: 'A project is a directory with a plan.json, which says which files belong together.',
  }),
  'not-json': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `this is no plan: ${reason}`,
    hint: () => PLAN_AGAIN,
    explanation: 'A plan.json is JSON text, which "drivervm plan" writes.',
  }),
  'other-format': diagnostic<{ found: string; known: number }>({
    severity: 'error',
    message: ({ found, known }) => `this plan has the format ${found}, and this version reads ${known}`,
    hint: () => PLAN_AGAIN,
    explanation: 'A plan says which format it has, so that no version reads it as something that it is not.',
  }),
  'wrong-value': diagnostic<{ where: string; expected: string; found: string }>({
    severity: 'error',
    message: ({ where, expected, found }) => `${where} is ${found}, and should be ${expected}`,
    hint: () => PLAN_AGAIN,
    explanation: 'Every value of a plan.json is checked when it is read; none is guessed at.',
  }),
  'missing-key': diagnostic<{ where: string; key: string }>({
    severity: 'error',
    message: ({ where, key }) => `${where} has no ${key}`,
    hint: () => PLAN_AGAIN,
    explanation: 'Something that every plan says is not in this plan.json.',
  }),
  'unknown-key': diagnostic<{ where: string; known: readonly string[] }>({
    severity: 'error',
    message: ({ where }) => `a plan has no ${where}`,
    hint: ({ known }) => `there are ${known.join(', ')}; ${PLAN_AGAIN}`,
    explanation: 'A key that no plan has is a typing mistake, or of another version.',
  }),
});
