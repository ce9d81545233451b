/** What can be wrong with a request file. */
import type { Node } from 'yaml';
import { type DiagnosticCode, declareDiagnostics, diagnostic, nearest } from '../../base/index.ts';

/** Reports at a node of the YAML file. */
export interface RequestReport {
  /** What the outermost value is called: `the request`. */
  readonly subject: string;
  at<Params>(node: Node, code: DiagnosticCode<Params>, params: Params): void;
}

/** What is wrong with a request's file (`request/…`), or with a file of settings, which is read the same way. */
export const requestCodes = declareDiagnostics('request', {
  syntax: diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `not valid YAML: ${reason}`,
    explanation: 'A request is a YAML 1.2 file with one document; the YAML reader says what it met.',
  }),
  'too-big': diagnostic<{ subject: string; what: string; limit: string }>({
    severity: 'error',
    message: ({ subject, what, limit }) => `${subject} has ${what}; the limit is ${limit}`,
    hint: () => 'a request names devices and sizes; data belongs in files that it names',
    explanation: 'Limits on size and nesting keep hostile files from taking the machine.',
  }),
  alias: diagnostic({
    severity: 'error',
    message: () => 'anchors and aliases are not used in requests',
    hint: () => 'write the value out',
    explanation: 'YAML aliases can make a small file stand for a huge one, and requests need none.',
  }),
  'unknown-key': diagnostic<{ where: string; key: string; names: readonly string[] }>({
    severity: 'error',
    message: ({ where, key }) => `${where} has no key "${key}"`,
    hint: ({ key, names }) => {
      const near = nearest(key, names);
      return near === undefined ? `the keys are ${names.join(', ')}` : `did you mean "${near}"?`;
    },
    explanation: 'A misspelt key would be silently without effect, so it is refused.',
  }),
  'missing-key': diagnostic<{ where: string; key: string; about: string }>({
    severity: 'error',
    message: ({ where, key }) => `${where} lacks the key "${key}"`,
    hint: ({ key, about }) => `${key}: ${about}`,
    explanation: 'A key without a sensible default was left out.',
  }),
  'wrong-value': diagnostic<{ where: string; expected: string; found: string }>({
    severity: 'error',
    message: ({ where, expected, found }) => `${where} should be ${expected}; this is ${found}`,
    explanation: 'The value is of the wrong kind or out of range.',
  }),
  'same-name': diagnostic<{ name: string; first: string }>({
    severity: 'error',
    message: ({ name, first }) => `the name "${name}" is already ${first}'s`,
    explanation: 'Guests and drivers become protection domains, whose names are unique in a system.',
  }),
  'no-guest': diagnostic({
    severity: 'error',
    message: () => 'the list of guests is empty',
    hint: () => 'describe a guest, or leave "guests" out for one with everything',
    explanation: 'A plan is of at least one guest.',
  }),
  'guest-keys-twice': diagnostic<{ key: string }>({
    severity: 'error',
    message: ({ key }) => `"${key}" is a guest's key, and the request has a list of guests`,
    hint: ({ key }) => `move "${key}" into the guest that it belongs to`,
    explanation:
      "A request with one guest may write the guest's keys at the top; one with a list of guests may not do both.",
  }),
});
