/** What can be wrong with device tree source. Where dtc refuses a source, so does this reader, and under its own name. */
import { declareDiagnostics, diagnostic, hex } from '../../base/index.ts';

/** What reading source reports (`dts/…`). */
export const dtsCodes = declareDiagnostics('dts', {
  syntax: diagnostic<{ wanted: string; found: string }>({
    severity: 'error',
    message: ({ wanted, found }) => `${wanted} is wanted here, but ${found} found`,
    explanation: 'The source is not of the language at this place; reading goes on after the next semicolon.',
  }),
  'missing-semicolon': diagnostic<{ after: string }>({
    severity: 'error',
    message: ({ after }) => `a semicolon is missing after ${after}`,
    explanation:
      'Every property, node and directive ends with a semicolon; reading goes on as if it were there.',
  }),
  'missing-version': diagnostic({
    severity: 'error',
    message: () => 'the source does not begin with /dts-v1/;',
    hint: () =>
      'add it as the first line; where the file is meant to be included, give the file that includes it',
    explanation: 'Source without this line is of a language that is gone since 2007, and dtc refuses it.',
  }),
  'misplaced-header': diagnostic<{ keyword: string }>({
    severity: 'error',
    message: ({ keyword }) => `${keyword} may only stand before the first node`,
    explanation: '/dts-v1/, /plugin/ and /memreserve/ come before the tree, in this order.',
  }),
  'header-mismatch': diagnostic({
    severity: 'error',
    message: () => '/plugin/ must follow every /dts-v1/ or none',
    explanation: 'Joined sources say different things about whether they are an overlay.',
  }),
  'property-after-node': diagnostic({
    severity: 'error',
    message: () => 'properties must precede subnodes',
    explanation:
      'In a node all properties, and /delete-property/, come before the first subnode or /delete-node/.',
  }),
  'bad-literal': diagnostic<{ text: string }>({
    severity: 'error',
    message: ({ text }) => `${text} is no number`,
    explanation: 'Numbers are decimal, 0x hexadecimal or 0 octal, with U, L, UL, LL or ULL after them.',
  }),
  'literal-out-of-range': diagnostic<{ text: string }>({
    severity: 'error',
    message: ({ text }) => `${text} needs more than 64 bits`,
    explanation: 'Numbers have 64 bits.',
  }),
  'bad-character': diagnostic<{ count: number }>({
    severity: 'error',
    message: ({ count }) => `a character literal holds one character, this one ${count}`,
    explanation: "'a' is the number of a byte; anything but one byte in it is a mistake.",
  }),
  'bad-escape': diagnostic({
    severity: 'error',
    message: () => '\\x is not followed by hexadecimal digits',
    explanation: 'In strings and character literals \\x takes one or two hexadecimal digits.',
  }),
  'unterminated-string': diagnostic({
    severity: 'error',
    message: () => 'this string never ends',
    explanation: 'The closing quote is missing, or a backslash stands at the end of a line.',
  }),
  'unterminated-comment': diagnostic({
    severity: 'error',
    message: () => 'this comment never ends',
    explanation: 'The file ends within a /* comment.',
  }),
  'bad-bits': diagnostic<{ bits: string }>({
    severity: 'error',
    message: ({ bits }) => `/bits/ takes 8, 16, 32 or 64, not ${bits}`,
    explanation: 'The width of the elements between < and >.',
  }),
  'element-out-of-range': diagnostic<{ value: bigint; bits: number }>({
    severity: 'warning',
    message: ({ value, bits }) =>
      `${hex(value)} does not fit in ${bits} bits, and becomes ${hex(BigInt.asUintN(bits, value))}`,
    explanation:
      'Neither as an unsigned nor as a negative number. dtc takes its low bits, with a warning, from 1.7.1 on; before, it refused.',
  }),
  'narrow-reference': diagnostic<{ bits: number }>({
    severity: 'error',
    message: ({ bits }) => `a reference takes a cell of 32 bits, not ${bits}`,
    explanation: 'A phandle is a 32-bit cell (DTSpec 0.4 §2.3.3).',
  }),
  'division-by-zero': diagnostic({
    severity: 'error',
    message: () => 'this divides by zero',
    explanation: 'The right side of / or % is 0.',
  }),
  'expression-too-deep': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `the expression nests more than ${limit} deep`,
    explanation: 'Parentheses, signs and conditions within each other, deeper than any real source has them.',
  }),
  'nesting-too-deep': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `nodes nest more than ${limit} deep; the rest is not read`,
    explanation: 'A limit against hostile input.',
  }),
  'include-not-found': diagnostic<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `there is no file ${name} in any of the directories searched`,
    hint: () => 'name the directory that holds it with -I',
    explanation: 'What /include/ or /incbin/ names is neither beside the file nor in a search directory.',
  }),
  'include-unreadable': diagnostic<{ path: string; reason: string }>({
    severity: 'error',
    message: ({ path, reason }) => `${path} can't be read: ${reason}`,
    explanation: 'A file that /include/ or /incbin/ names exists, but the system refuses to hand it out.',
  }),
  'include-too-deep': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `files include each other more than ${limit} deep`,
    explanation: 'Nearly always a file that includes itself.',
  }),
  'too-large': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) =>
      `the tree's sources or values are larger than ${limit} bytes; the rest is not read`,
    explanation: 'A limit against includes, /incbin/s and paths that multiply.',
  }),
  'not-a-tree': diagnostic({
    severity: 'error',
    message: () => 'the source has no node',
    explanation: 'A source needs at least / { };',
  }),
  'unknown-target': diagnostic<{ reference: string }>({
    severity: 'error',
    message: ({ reference }) => `${reference} names no node that is there yet`,
    hint: ({ reference }) =>
      reference.startsWith('&{') ? undefined : 'labels count only from where they are written on',
    explanation:
      'A node that is extended or deleted by reference must stand further up. In an overlay (/plugin/) it need not.',
  }),
  'root-deleted': diagnostic({
    severity: 'error',
    message: () => 'the root node can be neither deleted nor omitted',
    explanation: 'dtc does as it is told and writes a blob without any node, which nothing reads.',
  }),
  'path-in-overlay': diagnostic<{ reference: string }>({
    severity: 'error',
    message: ({ reference }) => `${reference} goes by a path to another tree, which an overlay can't say`,
    hint: () => 'give the node a label in the base and refer to that',
    explanation:
      'A compiled overlay names what it wants of its base by labels alone (`__fixups__`); only a target may be a path from the root.',
  }),
  'undefined-reference': diagnostic<{ reference: string }>({
    severity: 'error',
    message: ({ reference }) => `${reference} names no node`,
    explanation: 'A reference in a value to a label or path that the tree does not have (any more).',
  }),
  'duplicate-node': diagnostic<{ name: string; parent: string }>({
    severity: 'error',
    message: ({ name, parent }) => `${parent} has a second node ${name}`,
    explanation: 'Within one pair of braces a name is used once; a later / { … } merges.',
  }),
  'duplicate-property': diagnostic<{ name: string; node: string }>({
    severity: 'error',
    message: ({ name, node }) => `${node} has a second property ${name}`,
    explanation: 'Within one pair of braces a name is used once; a later / { … } overrides.',
  }),
  'bad-node-name': diagnostic<{ name: string; character: string }>({
    severity: 'error',
    message: ({ name, character }) => `the node name ${name} has the character ${character}`,
    explanation:
      'Node names have letters, digits and , . _ + - and one @ before the unit address (DTSpec 0.4 §2.2.1).',
  }),
  'empty-node-name': diagnostic<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `"${name}" has nothing before its @`,
    explanation:
      'A node’s name says what it is before it says where (DTSpec 0.4 §2.2.1); dtc refuses it from 1.8.0 on.',
  }),
  'bad-unit-address': diagnostic<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `the node name ${name} has more than one @`,
    explanation: 'What follows the first @ is the unit address, which has none.',
  }),
  'bad-property-name': diagnostic<{ name: string; character: string }>({
    severity: 'error',
    message: ({ name, character }) => `the property name ${name} has the character ${character}`,
    explanation: 'Property names have letters, digits and , . _ + ? # - (DTSpec 0.4 §2.2.4.1).',
  }),
  'bad-name-property': diagnostic<{ node: string; wanted: string }>({
    severity: 'error',
    message: ({ node, wanted }) => `the property name of ${node} is not "${wanted}"`,
    hint: () => 'leave it out: the name of a node is its own',
    explanation:
      'A property called name repeats the name without unit address, or the tree contradicts itself.',
  }),
  'duplicate-label': diagnostic<{ label: string; first: string }>({
    severity: 'error',
    message: ({ label, first }) => `the label ${label} is used before, at ${first}`,
    explanation: 'A label stands for one place.',
  }),
  'bad-phandle': diagnostic<{ property: string; problem: string }>({
    severity: 'error',
    message: ({ property, problem }) => `the property ${property} ${problem}`,
    explanation: 'A phandle is one cell, not 0 and not 0xffffffff, and the node’s own (DTSpec 0.4 §2.3.3).',
  }),
  'mismatching-phandles': diagnostic<{ node: string }>({
    severity: 'error',
    message: ({ node }) => `phandle and linux,phandle of ${node} differ`,
    explanation: 'linux,phandle is the former name of phandle.',
  }),
  'duplicate-phandle': diagnostic<{ phandle: number; first: string }>({
    severity: 'error',
    message: ({ phandle, first }) => `the phandle ${hex(phandle)} is that of ${first} already`,
    explanation: 'A phandle names one node.',
  }),
  'symbol-exists': diagnostic<{ label: string }>({
    severity: 'warning',
    message: ({ label }) => `/__symbols__ has the label ${label} already`,
    explanation: 'The source writes the symbol itself; that is kept.',
  }),
});
