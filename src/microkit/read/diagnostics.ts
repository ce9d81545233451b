/** What can be wrong with a description's grammar: elements, attributes and how values are written. */
import { declareDiagnostics, diagnostic } from '../../base/index.ts';

const meant = (suggestion: string | undefined): string | undefined =>
  suggestion === undefined ? undefined : `did you mean ${suggestion}?`;

export const sdfReadCodes = declareDiagnostics('sdf', {
  'no-system': diagnostic<{ found: string }>({
    severity: 'error',
    message: ({ found }) => `the outermost element is <${found}>, not <system>`,
    hint: () => 'put everything inside <system> … </system>',
    explanation: "Microkit's tool looks for a <system> element and panics where there is none.",
  }),
  'unknown-element': diagnostic<{
    element: string;
    parent: string;
    known: readonly string[];
    suggestion?: string | undefined;
  }>({
    severity: 'error',
    message: ({ element, parent }) => `<${element}> can't stand in <${parent}>`,
    hint: ({ parent, known, suggestion }) =>
      meant(suggestion === undefined ? undefined : `<${suggestion}>`) ??
      (known.length === 0
        ? `<${parent}> takes no elements`
        : `<${parent}> takes ${known.map((name) => `<${name}>`).join(', ')}`),
    explanation: "The element is unknown to Microkit's tool, or stands where the tool does not take it.",
  }),
  'unknown-attribute': diagnostic<{
    attribute: string;
    element: string;
    known: readonly string[];
    suggestion?: string | undefined;
  }>({
    severity: 'error',
    message: ({ attribute, element }) => `<${element}> has no attribute ${attribute}`,
    hint: ({ element, known, suggestion }) =>
      meant(suggestion) ??
      (known.length === 0 ? `<${element}> takes no attributes` : `<${element}> takes ${known.join(', ')}`),
    explanation: "Microkit's tool refuses attributes that it does not know.",
  }),
  'ignored-attribute': diagnostic<{ attribute: string; element: string }>({
    severity: 'warning',
    message: ({ attribute, element }) =>
      `<${element}> has no attribute ${attribute}; Microkit's tool passes over it in silence`,
    hint: () => 'remove it, or move it to the element that it was meant for',
    explanation: "Microkit's tool looks at the attributes of every element but the outermost.",
  }),
  'number-too-large': diagnostic<{ attribute: string; value: string }>({
    severity: 'error',
    message: ({ attribute, value }) => `${attribute} is "${value}", which is too large a number`,
    explanation:
      "No address, size, budget or identifier of a system reaches 2⁵³, and no turn of the schedule 2⁵⁶ ticks. Microkit's tool reads numbers below 2⁶⁴, and some of those that it takes make seL4 stop when the system starts.",
  }),
  'missing-attribute': diagnostic<{ attribute: string; element: string }>({
    severity: 'error',
    message: ({ attribute, element }) => `<${element}> lacks the attribute ${attribute}`,
    hint: ({ attribute }) => `add ${attribute}="…"`,
    explanation: 'The element is not complete without this attribute.',
  }),
  'bad-value': diagnostic<{ attribute: string; value: string; problem: string; advice?: string | undefined }>(
    {
      severity: 'error',
      message: ({ attribute, value, problem }) => `${attribute} is "${value}", which ${problem}`,
      hint: ({ advice }) => advice,
      explanation:
        'The value is not written as the attribute asks. Numbers are decimal, or hexadecimal after 0x, with underscores where one likes; flags are true or false.',
    },
  ),
  'not-decimal': diagnostic<{
    attribute: string;
    value: string;
    problem: string;
    advice?: string | undefined;
  }>({
    severity: 'error',
    message: ({ attribute, value, problem }) => `${attribute} is "${value}", which ${problem}`,
    hint: ({ advice }) => advice,
    explanation:
      "Interrupt numbers and identifiers are decimal only, without underscores: on anything else Microkit's tool ends with a Rust panic that names no line.",
  }),
  'bad-choice': diagnostic<{ attribute: string; value: string; choices: readonly string[] }>({
    severity: 'error',
    message: ({ attribute, value, choices }) =>
      `${attribute} is "${value}"; it can be ${choices.map((choice) => `"${choice}"`).join(', ')}`,
    explanation: 'The attribute takes one of a few words only.',
  }),
  'missing-element': diagnostic<{ element: string; parent: string; of: string }>({
    severity: 'error',
    message: ({ element, parent, of }) => `<${parent}>${of} has no <${element}>`,
    hint: ({ element }) =>
      element === 'vcpu'
        ? 'add <vcpu id="0" />'
        : element === 'program_image'
          ? 'add <program_image path="…" />'
          : `add <${element}>`,
    explanation: 'The element is not complete without this child.',
  }),
  'repeated-element': diagnostic<{ element: string; parent: string; line: number | undefined }>({
    severity: 'error',
    message: ({ element, parent, line }) =>
      `<${parent}> has a second <${element}>${line === undefined ? '' : `; the first is on line ${line}`}`,
    hint: ({ element }) =>
      element === 'virtual_machine'
        ? 'a protection domain manages one virtual machine; give the other a protection domain of its own'
        : 'remove one of them',
    explanation: 'This element stands at most once inside its parent.',
  }),
  'channel-ends': diagnostic<{ count: number }>({
    severity: 'error',
    message: ({ count }) => `a channel has exactly two ends; this one has ${count}`,
    explanation: 'A channel joins two protection domains: it has two <end> elements.',
  }),
  'vm-outside-pd': diagnostic<void>({
    severity: 'error',
    message: () => 'a <virtual_machine> stands directly in <system>',
    hint: () => 'put it inside the <protection_domain> of its monitor',
    explanation: 'Every virtual machine is managed by the protection domain that it stands in.',
  }),
  text: diagnostic<{ element: string }>({
    severity: 'error',
    message: ({ element }) => `there is text in <${element}>`,
    hint: () => 'remove it, or make it a comment: <!-- … -->',
    explanation: 'A description has no text, only elements and attributes.',
  }),
  'ignored-text': diagnostic<{ element: string }>({
    severity: 'warning',
    message: ({ element }) => `there is text in <${element}>, which Microkit's tool passes over in silence`,
    hint: () => 'remove it, or make it a comment: <!-- … -->; it may be an element that lost its "<"',
    explanation:
      "Microkit's tool looks for stray text directly inside <system> only. Deeper, text is passed over, even where it is a mangled element.",
  }),
  'older-dialect': diagnostic<{ vm: string; id: number }>({
    severity: 'warning',
    message: ({ vm }) => `the virtual machine ${vm} is written for Microkit before 2.0; 2.3 refuses it`,
    hint: ({ id }) => `for 2.3 remove the id of <virtual_machine> and put <vcpu id="${id}" /> inside`,
    explanation:
      'Until Microkit 1.4 a virtual machine had one vCPU and no <vcpu> element. Such a description is read as it was meant.',
  }),
  'older-many-vcpus': diagnostic<{ vm: string }>({
    severity: 'error',
    message: ({ vm }) => `the older dialect has no <vcpu>, but the virtual machine ${vm} has one`,
    hint: () => 'check it as the current dialect, or give <virtual_machine> an id',
    explanation:
      'The file was said to be of the older dialect, in which <virtual_machine> itself has the id.',
  }),
});
