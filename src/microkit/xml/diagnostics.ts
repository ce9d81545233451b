/** What can be wrong with the XML itself. */
import { declareDiagnostics, diagnostic, formatSize } from '../../base/index.ts';

/** Longer descriptions are refused: real ones have a few hundred kilobytes at most. */
export const XML_LIMIT_BYTES = 16 * 1024 * 1024;
/** Deeper documents are refused. A description with its 63 protection domains inside one another is 66 deep. */
export const XML_DEPTH_LIMIT = 128;

export const xmlCodes = declareDiagnostics('xml', {
  encoding: diagnostic<{ found: string }>({
    severity: 'error',
    message: ({ found }) => `the file is not UTF-8: ${found}`,
    hint: () => 'save the file as UTF-8',
    explanation: "Microkit's tool reads UTF-8 only, whatever the XML declaration says.",
  }),
  'too-large': diagnostic<{ sizeBytes: number }>({
    severity: 'error',
    message: ({ sizeBytes }) =>
      `the file has ${formatSize(sizeBytes)}; descriptions are read up to ${formatSize(XML_LIMIT_BYTES)}`,
    explanation: 'A file this large is not a system description.',
  }),
  'too-deep': diagnostic<void>({
    severity: 'error',
    message: () => `elements are nested more than ${XML_DEPTH_LIMIT} deep`,
    explanation: 'No description needs this depth: it is a damaged or a hostile file.',
  }),
  'document-type': diagnostic<void>({
    severity: 'error',
    message: () => 'document type declarations are not allowed',
    hint: () => 'remove <!DOCTYPE …>; constants can come from the C preprocessor instead',
    explanation:
      "Microkit's tool refuses them, and with them every entity that a document could define for itself.",
  }),
  unfinished: diagnostic<{ element: string; line: number | undefined }>({
    severity: 'error',
    message: ({ element, line }) =>
      `the file ends inside <${element}>${line === undefined ? '' : `, which begins on line ${line}`}`,
    hint: ({ element }) => `the file was cut short, or </${element}> is missing`,
    explanation:
      'The file stops before the element is closed. Nothing else is reported, for it usually follows from this.',
  }),
  'unfinished-markup': diagnostic<{ what: string }>({
    severity: 'error',
    message: ({ what }) => `the file ends inside ${what} that begins here`,
    explanation: 'A tag, comment, section or instruction is not closed before the file ends.',
  }),
  'no-element': diagnostic<void>({
    severity: 'error',
    message: () => 'there is no element in the file',
    hint: () => 'a description is one <system> element',
    explanation: 'The file is empty, or has nothing but comments.',
  }),
  'bad-declaration': diagnostic<void>({
    severity: 'error',
    message: () => 'the XML declaration is not one',
    hint: () => 'write <?xml version="1.0" encoding="UTF-8"?>, or nothing',
    explanation:
      'A declaration has a version, and after it an encoding and standalone at most, in this order.',
  }),
  'second-root': diagnostic<{ element: string; root: string }>({
    severity: 'error',
    message: ({ element, root }) =>
      `<${element}> stands after the document's one element, <${root}>, is closed`,
    hint: () => 'put everything inside one <system> element',
    explanation: 'An XML document has exactly one outermost element.',
  }),
  'text-outside-root': diagnostic<void>({
    severity: 'error',
    message: () => 'there is text outside the outermost element',
    explanation: 'Only comments and white space may stand before and after the outermost element.',
  }),
  'mismatched-end': diagnostic<{ found: string; open: string | undefined; line: number | undefined }>({
    severity: 'error',
    message: ({ found, open, line }) =>
      open === undefined
        ? `</${found}> closes nothing: no element is open`
        : `</${found}> where <${open}>${line === undefined ? '' : ` of line ${line}`} is open`,
    hint: ({ open }) => (open === undefined ? 'remove it' : `close <${open}> first`),
    explanation: 'An end tag must name the element that was opened last.',
  }),
  'bad-tag': diagnostic<{ expected: string; found: string }>({
    severity: 'error',
    message: ({ expected, found }) => `expected ${expected}, found ${found}`,
    explanation: 'The tag is not written as XML asks.',
  }),
  'missing-space': diagnostic<{ attribute: string }>({
    severity: 'error',
    message: ({ attribute }) => `a space is missing before the attribute ${attribute}`,
    explanation: 'Attributes are parted by white space.',
  }),
  'unquoted-value': diagnostic<{ attribute: string; value: string }>({
    severity: 'error',
    message: ({ attribute, value }) => `the value of ${attribute} has no quotes: ${value}`,
    hint: ({ value }) =>
      /^[A-Za-z_]\w*$/.test(value)
        ? `if ${value} is a macro, define it with its quotes: -D '${value}="0x1000"'`
        : `write "${value}"`,
    explanation:
      'Values stand in quotes. Where the file goes through the C preprocessor, a macro that is not defined is left as it is and ends up here.',
  }),
  'missing-value': diagnostic<{ attribute: string }>({
    severity: 'error',
    message: ({ attribute }) => `the attribute ${attribute} has no value`,
    hint: ({ attribute }) => `write ${attribute}="…"`,
    explanation: 'Every attribute has a value in quotes.',
  }),
  'repeated-attribute': diagnostic<{ attribute: string }>({
    severity: 'error',
    message: ({ attribute }) => `the attribute ${attribute} is given twice`,
    explanation: 'An element has each attribute at most once.',
  }),
  'less-than-in-value': diagnostic<{ attribute: string }>({
    severity: 'error',
    message: ({ attribute }) => `the value of ${attribute} contains "<"`,
    hint: () => 'a closing quote is missing, or "<" must be written as &lt;',
    explanation: 'A "<" can only begin a tag; in a value it usually means that the closing quote is missing.',
  }),
  'bad-comment': diagnostic<void>({
    severity: 'error',
    message: () => 'a comment contains "--"',
    hint: () => 'comments end at "-->" and do not nest; write "- -" inside',
    explanation: 'XML does not allow two hyphens inside a comment.',
  }),
  'bad-reference': diagnostic<{ reference: string }>({
    severity: 'error',
    message: ({ reference }) => `${reference} is no character or entity that is defined`,
    hint: () => 'the entities are &lt; &gt; &amp; &quot; &apos;, and an ampersand itself is &amp;',
    explanation: 'Entities other than the five of XML would need a document type declaration.',
  }),
  'bad-character': diagnostic<{ code: number }>({
    severity: 'error',
    message: ({ code }) =>
      `the character U+${code.toString(16).toUpperCase().padStart(4, '0')} is not allowed in XML`,
    explanation: 'Control characters other than tab, line feed and carriage return are not allowed.',
  }),
  'misplaced-declaration': diagnostic<void>({
    severity: 'error',
    message: () => 'the XML declaration is not at the very start of the file',
    hint: () => 'move <?xml …?> to the first line, before any comment, or remove it',
    explanation: 'Not even white space may stand before the XML declaration.',
  }),
  'section-end': diagnostic<void>({
    severity: 'error',
    message: () => '"]]>" stands in text',
    explanation: 'XML keeps this sequence for the end of a CDATA section.',
  }),
  'undeclared-prefix': diagnostic<{ prefix: string }>({
    severity: 'error',
    message: ({ prefix }) => `the namespace prefix ${prefix} is not declared`,
    hint: () => 'descriptions need no namespaces; remove the prefix',
    explanation: "A name with a colon needs an xmlns declaration; Microkit's tool refuses it otherwise.",
  }),
});
