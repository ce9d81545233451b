/** What the preprocessor has to say. */
import { declareDiagnostics, diagnostic } from '../base/index.ts';

/** What the preprocessor reports; `docs/diagnostics.md` has each with an example. */
export const cppCodes = declareDiagnostics('cpp', {
  'include-not-found': diagnostic<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `there is no file ${name} in any of the directories searched`,
    hint: () => 'name the directory that holds it with -I',
    explanation:
      'A file named in #include was found neither beside the including file (for the "…" form) nor in a search directory.',
  }),
  'include-unreadable': diagnostic<{ path: string; reason: string }>({
    severity: 'error',
    message: ({ path, reason }) => `${path} can't be read: ${reason}`,
    explanation: 'An included file exists, but the system refuses to hand it out.',
  }),
  'include-too-deep': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `files include each other more than ${limit} deep`,
    hint: () => 'a file that includes itself needs an include guard',
    explanation: 'Nearly always a loop of files that include each other.',
  }),
  'too-many-includes': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `more than ${limit} files were included; the rest is not read`,
    explanation: 'A file that includes itself more than once grows without bound; reading stops here.',
  }),
  'output-too-large': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `the preprocessed text is larger than ${limit} characters; the rest is not read`,
    explanation: 'Preprocessing stops before hostile input fills memory.',
  }),
  'input-too-large': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `the files read have more than ${limit} characters in all; the rest is not read`,
    explanation: 'A large file that is included again and again would be read without end.',
  }),
  'too-many-expansions': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `the uses of macros take more than ${limit} tokens in all; the rest is not read`,
    explanation: 'Each use alone is within its limit, but together they are more than any real source needs.',
  }),
  'expansion-too-large': diagnostic<{ macro: string; limit: number }>({
    severity: 'error',
    message: ({ macro, limit }) => `the expansion of ${macro} takes more than ${limit} tokens`,
    explanation: 'Macros that double each other grow exponentially; such a use is dropped.',
  }),
  'expansion-too-deep': diagnostic<{ macro: string; limit: number }>({
    severity: 'error',
    message: ({ macro, limit }) => `macro arguments nest more than ${limit} deep in the use of ${macro}`,
    explanation: 'Arguments that hold macros with arguments, and so on, deeper than any real source does.',
  }),
  'unterminated-arguments': diagnostic<{ macro: string }>({
    severity: 'error',
    message: ({ macro }) => `the arguments of ${macro} have no closing parenthesis`,
    explanation: 'The file ends within the arguments of a function-like macro.',
  }),
  'wrong-argument-count': diagnostic<{ macro: string; wanted: string; given: number }>({
    severity: 'error',
    message: ({ macro, wanted, given }) => `${macro} takes ${wanted}, but ${given} given`,
    explanation:
      'A function-like macro is used with too few or too many arguments; its name is left as it is.',
  }),
  'bad-paste': diagnostic<{ left: string; right: string }>({
    severity: 'error',
    message: ({ left, right }) => `${left} ## ${right} makes no single token`,
    explanation: 'What ## joins must be one token (ISO C11 §6.10.3.3). Not an error in device tree sources.',
  }),
  'bad-macro-definition': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `this #define is not one: ${reason}`,
    explanation: 'A #define (or -D) that the language does not allow; it has no effect.',
  }),
  'macro-redefined': diagnostic<{ macro: string }>({
    severity: 'warning',
    message: ({ macro }) => `${macro} is defined differently before`,
    hint: ({ macro }) => `put #undef ${macro} before it where that is meant`,
    explanation: 'A second definition that is not the same replaces the first, as GCC does it.',
  }),
  'unknown-directive': diagnostic<{ directive: string }>({
    severity: 'error',
    message: ({ directive }) => `there is no directive #${directive}`,
    explanation:
      'A line begins with # and an unknown name. In device tree sources such a line is text (#address-cells).',
  }),
  'malformed-directive': diagnostic<{ directive: string; wanted: string }>({
    severity: 'error',
    message: ({ directive, wanted }) => `#${directive} wants ${wanted}`,
    explanation: 'A directive without what it needs, or with something else in its place.',
  }),
  'extra-tokens': diagnostic<{ directive: string }>({
    severity: 'warning',
    message: ({ directive }) => `what follows #${directive} is not read`,
    explanation: 'More stands on the line than the directive takes.',
  }),
  'unmatched-conditional': diagnostic<{ directive: string }>({
    severity: 'error',
    message: ({ directive }) => `#${directive} without #if`,
    explanation: 'An #elif, #else or #endif that belongs to no #if of its file.',
  }),
  'conditional-after-else': diagnostic<{ directive: string }>({
    severity: 'error',
    message: ({ directive }) => `#${directive} after #else`,
    explanation: 'After #else only #endif may come.',
  }),
  'unterminated-conditional': diagnostic<{ directive: string }>({
    severity: 'error',
    message: ({ directive }) => `this #${directive} has no #endif`,
    explanation: 'The file ends within a conditional group.',
  }),
  'bad-condition': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `this condition can't be evaluated: ${reason}`,
    explanation: 'An #if or #elif whose expression is not a constant expression; it counts as false.',
  }),
  'error-directive': diagnostic<{ text: string }>({
    severity: 'error',
    message: ({ text }) => `#error ${text}`.trimEnd(),
    explanation: 'The source itself reports an error.',
  }),
  'warning-directive': diagnostic<{ text: string }>({
    severity: 'warning',
    message: ({ text }) => `#warning ${text}`.trimEnd(),
    explanation: 'The source itself reports a warning.',
  }),
  'unterminated-comment': diagnostic({
    severity: 'error',
    message: () => 'this comment never ends',
    explanation: 'The file ends within a /* comment.',
  }),
});
