/** XML as text, for readers and for diffs: one element a line, two spaces of indent, comments on lines of their own. */
import { escapeXmlAttribute } from '../xml/index.ts';

export interface OutputElement {
  readonly name: string;
  /** In order; those that are `undefined` are left out. */
  readonly attributes: readonly (readonly [string, string | undefined])[];
  readonly children?: readonly OutputElement[];
  /** Each becomes a comment above the element. */
  readonly comments?: readonly string[];
  readonly closingComments?: readonly string[];
  /** An empty line stands before it. */
  readonly apart?: boolean;
}

const INDENT = '  ';

/** The document; nesting is bounded by what the reader takes, so this recurses. */
export function xmlText(root: OutputElement): string {
  const lines: string[] = ['<?xml version="1.0" encoding="UTF-8"?>'];
  writeElement(root, '', lines);
  return `${lines.join('\n')}\n`;
}

function writeElement(element: OutputElement, indent: string, lines: string[]): void {
  if (element.apart === true) lines.push('');
  writeComments(element.comments ?? [], indent, lines);
  const attributes = element.attributes.flatMap(([name, value]) =>
    value === undefined ? [] : ` ${name}="${escapeXmlAttribute(value)}"`,
  );
  const children = element.children ?? [];
  const closingComments = element.closingComments ?? [];
  const head = `${indent}<${element.name}${attributes.join('')}`;
  if (children.length === 0 && closingComments.length === 0) {
    lines.push(`${head} />`);
    return;
  }
  lines.push(`${head}>`);
  for (const child of children) writeElement(child, indent + INDENT, lines);
  writeComments(closingComments, indent + INDENT, lines);
  lines.push(`${indent}</${element.name}>`);
}

/** Lines are trimmed and indented anew, so that writing what was read changes nothing. */
function writeComments(comments: readonly string[], indent: string, lines: string[]): void {
  for (const comment of comments) {
    const text = safeComment(comment)
      .split(/\r\n|\r|\n/)
      .map((line) => line.trim());
    while (text.length > 0 && text[0] === '') text.shift();
    while (text.length > 0 && text.at(-1) === '') text.pop();
    if (text.length === 0) continue;
    if (text.length === 1) {
      lines.push(`${indent}<!-- ${text[0]} -->`);
      continue;
    }
    lines.push(
      `${indent}<!--`,
      ...text.map((line) => (line === '' ? '' : `${indent}${INDENT}${line}`)),
      `${indent}-->`,
    );
  }
}

/** XML does not allow two hyphens in a comment; one at its end is kept off the delimiter by a space. */
function safeComment(comment: string): string {
  return comment.replace(/-(?=-)/g, '- ');
}
