/**
 * A reader for the XML that Microkit's tool accepts: XML 1.0 (fifth edition) without document type declarations, as the
 * tool's own library (roxmltree 0.19) reads it. It exists because every attribute, and every attribute's value, must have
 * a line and a column, and because what a hostile file can cost must be known: one pass, no recursion, a limit on depth.
 *
 * Left out on purpose: document type declarations (refused), namespaces beyond checking that a prefix is declared, the
 * content of processing instructions.
 */
import { attempt, DiagnosticSink, InputRefusal } from '../../base/index.ts';
import { XML_DEPTH_LIMIT, xmlCodes } from './diagnostics.ts';
import type { XmlAttribute, XmlElement } from './document.ts';
import { quotesFix } from './quotes-fix.ts';
import { expandReferences } from './references.ts';
import type { XmlSource } from './source.ts';

/** The namespace prefixes that are declared where an element stands. */
interface Scope {
  readonly prefixes: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

interface OpenElement {
  readonly qualifiedName: string;
  readonly name: string;
  readonly offset: number;
  readonly isEmptyTag: boolean;
  readonly attributes: ReadonlyMap<string, XmlAttribute>;
  readonly scope: Scope | undefined;
  readonly children: XmlElement[];
  readonly textOffsets: number[];
  readonly comments: readonly string[];
  closingComments: readonly string[];
}

interface Tag {
  readonly qualifiedName: string;
  readonly attributes: ReadonlyMap<string, XmlAttribute>;
  readonly scope: Scope | undefined;
  readonly selfClosing: boolean;
}

const NAME_START =
  ':A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
/** XML 1.0 §2.3, productions 4 and 5. */
const NAME = new RegExp(`[${NAME_START}][${NAME_START}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040]*`, 'uy');
const SPACE = /[ \t\r\n]*/y;
const UNQUOTED = /[^\s"'<>=/]+/y;
/** XML 1.0 §2.2, production 2, the other way round. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** The document's outermost element, or `undefined` with reports where the text is not well-formed. */
export function readXml(source: XmlSource, sink: DiagnosticSink): XmlElement | undefined {
  const found = new DiagnosticSink();
  const root = attempt(() => new XmlReader(source, found).read(), InputRefusal);
  if (root instanceof InputRefusal) {
    sink.report(root.diagnostic);
    return undefined;
  }
  for (const diagnostic of found.sorted()) sink.report(diagnostic);
  return found.hasErrors ? undefined : root;
}

/** XML 1.0 §2.8, as far as the tool's reader looks: a version, then an encoding and standalone where they are, in this order. */
const DECLARATION =
  /^<\?xml\s+version\s*=\s*(?:"[^"]*"|'[^']*')(?:\s+encoding\s*=\s*(?:"[^"]*"|'[^']*'))?(?:\s+standalone\s*=\s*(?:"[^"]*"|'[^']*'))?\s*\?>$/;

class XmlReader {
  readonly #source: XmlSource;
  readonly #text: string;
  readonly #sink: DiagnosticSink;
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  #comments: string[] = [];
  #at = 0;

  constructor(source: XmlSource, sink: DiagnosticSink) {
    this.#source = source;
    this.#text = source.text;
    this.#sink = sink;
  }

  read(): XmlElement | undefined {
    const forbidden = FORBIDDEN.exec(this.#text);
    if (forbidden !== null) {
      const code = forbidden[0].codePointAt(0) ?? 0;
      throw new InputRefusal(xmlCodes['bad-character'].at(this.#position(forbidden.index), { code }));
    }
    if (/^<\?xml[ \t\r\n]/.test(this.#text)) this.#readInstruction(true);
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === '<') this.#readMarkup();
      else this.#readText();
    }
    const innermost = this.#open.at(-1);
    if (innermost !== undefined) {
      const line = this.#position(innermost.offset).line;
      const params = { element: innermost.qualifiedName, line };
      throw new InputRefusal(xmlCodes.unfinished.at(this.#position(this.#text.length), params));
    }
    if (this.#root === undefined) {
      this.#sink.report(xmlCodes['no-element'].at(this.#position(this.#text.length), undefined));
    }
    return this.#root;
  }

  #position(offset: number) {
    return this.#source.positionAt(offset);
  }

  #readMarkup(): void {
    const rest = this.#text.slice(this.#at, this.#at + 9);
    if (rest.startsWith('<!--')) this.#readComment();
    else if (rest.startsWith('<![CDATA[')) this.#readSection();
    else if (rest.startsWith('<!')) {
      throw new InputRefusal(xmlCodes['document-type'].at(this.#position(this.#at), undefined));
    } else if (rest.startsWith('<?')) this.#readInstruction(false);
    else if (rest.startsWith('</')) this.#readEndTag();
    else this.#readStartTag();
  }

  /** The offset of what ends a piece of markup, searched from `from`. */
  #endOf(ending: string, from: number, what: string): number {
    const end = this.#text.indexOf(ending, from);
    if (end < 0) throw new InputRefusal(xmlCodes['unfinished-markup'].at(this.#position(this.#at), { what }));
    return end;
  }

  #readComment(): void {
    const end = this.#endOf('-->', this.#at + 4, 'a comment');
    const body = this.#text.slice(this.#at + 4, end);
    const hyphens = `${body}-`.indexOf('--');
    if (hyphens >= 0) {
      this.#sink.report(xmlCodes['bad-comment'].at(this.#position(this.#at + 4 + hyphens), undefined));
    }
    this.#comments.push(body);
    this.#at = end + 3;
  }

  #readSection(): void {
    const end = this.#endOf(']]>', this.#at + 9, 'a CDATA section');
    const body = this.#text.slice(this.#at + 9, end);
    if (body.trim() !== '') this.#noteText(this.#at + 9 + body.search(/\S/));
    else if (this.#open.length === 0) this.#noteText(this.#at);
    this.#at = end + 3;
  }

  #readInstruction(atStart: boolean): void {
    const end = this.#endOf('?>', this.#at + 2, 'a processing instruction');
    if (!atStart && /^<\?xml[ \t\r\n?]/i.test(this.#text.slice(this.#at, this.#at + 6))) {
      this.#sink.report(xmlCodes['misplaced-declaration'].at(this.#position(this.#at), undefined));
    } else if (atStart && !DECLARATION.test(this.#text.slice(this.#at, end + 2))) {
      this.#sink.report(xmlCodes['bad-declaration'].at(this.#position(this.#at), undefined));
    }
    this.#at = end + 2;
  }

  #readText(): void {
    const start = this.#at;
    const next = this.#text.indexOf('<', start);
    this.#at = next < 0 ? this.#text.length : next;
    const text = this.#text.slice(start, this.#at);
    const first = text.search(/[^ \t\r\n]/);
    if (first < 0) return;
    this.#noteText(start + first);
    expandReferences(text, start, this.#source, this.#sink);
    const sectionEnd = text.indexOf(']]>');
    if (sectionEnd >= 0) {
      this.#sink.report(xmlCodes['section-end'].at(this.#position(start + sectionEnd), undefined));
    }
  }

  #noteText(offset: number): void {
    const open = this.#open.at(-1);
    if (open === undefined)
      this.#sink.report(xmlCodes['text-outside-root'].at(this.#position(offset), undefined));
    else open.textOffsets.push(offset);
  }

  #readStartTag(): void {
    const offset = this.#at;
    const tag = this.#readTag();
    if (tag === undefined) {
      this.#skipTag();
      return;
    }
    if (this.#open.length >= XML_DEPTH_LIMIT) {
      throw new InputRefusal(xmlCodes['too-deep'].at(this.#position(offset), undefined));
    }
    const element: OpenElement = {
      qualifiedName: tag.qualifiedName,
      name: this.#localName(tag.qualifiedName, tag.scope, offset + 1),
      offset,
      isEmptyTag: tag.selfClosing,
      attributes: tag.attributes,
      scope: tag.scope,
      children: [],
      textOffsets: [],
      comments: this.#takeComments(),
      closingComments: [],
    };
    if (tag.selfClosing) this.#close(element);
    else this.#open.push(element);
  }

  /** A start tag up to its `>`; `undefined` with a report where it goes wrong. */
  #readTag(): Tag | undefined {
    this.#at += 1;
    const qualifiedName = this.#match(NAME);
    if (qualifiedName === undefined) return this.#badTag('a name after "<"');
    const attributes = new Map<string, XmlAttribute>();
    const declared = new Set<string>();
    const prefixed: XmlAttribute[] = [];
    for (;;) {
      const spaced = this.#match(SPACE) !== '';
      const selfClosing = this.#text.startsWith('/>', this.#at);
      if (selfClosing || this.#text[this.#at] === '>') {
        this.#at += selfClosing ? 2 : 1;
        const outer = this.#open.at(-1)?.scope;
        const scope = declared.size === 0 ? outer : { prefixes: declared, outer };
        for (const { name, nameOffset } of prefixed) this.#checkPrefix(name, scope, nameOffset);
        return { qualifiedName, attributes, scope, selfClosing };
      }
      const attribute = this.#readAttribute(spaced);
      if (attribute === undefined) return undefined;
      const { name } = attribute;
      if (name.startsWith('xmlns:')) declared.add(name.slice('xmlns:'.length));
      else if (attributes.has(name)) {
        const position = this.#position(attribute.nameOffset);
        this.#sink.report(xmlCodes['repeated-attribute'].at(position, { attribute: name }));
      } else if (name !== 'xmlns') {
        attributes.set(name, attribute);
        if (name.includes(':')) prefixed.push(attribute);
      }
    }
  }

  #readAttribute(spaced: boolean): XmlAttribute | undefined {
    const nameOffset = this.#at;
    const name = this.#match(NAME);
    if (name === undefined) return this.#badTag('an attribute, ">" or "/>"');
    if (!spaced)
      this.#sink.report(xmlCodes['missing-space'].at(this.#position(nameOffset), { attribute: name }));
    this.#match(SPACE);
    if (this.#text[this.#at] !== '=') {
      this.#sink.report(xmlCodes['missing-value'].at(this.#position(nameOffset), { attribute: name }));
      return { name, value: '', nameOffset, valueOffset: nameOffset, valueEnd: nameOffset };
    }
    this.#at += 1;
    this.#match(SPACE);
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return this.#readUnquoted(name, nameOffset);
    const valueOffset = this.#at + 1;
    const end = this.#text.indexOf(quote, valueOffset);
    const raw = end < 0 ? this.#text.slice(valueOffset) : this.#text.slice(valueOffset, end);
    const less = raw.indexOf('<');
    if (less >= 0) {
      const position = this.#position(valueOffset + less);
      this.#sink.report(xmlCodes['less-than-in-value'].at(position, { attribute: name }));
      this.#at = valueOffset + less;
      return undefined;
    }
    if (end < 0) {
      const what = `the value of ${name}`;
      throw new InputRefusal(xmlCodes['unfinished-markup'].at(this.#position(valueOffset - 1), { what }));
    }
    this.#at = end + 1;
    return { name, value: this.#normalise(raw, valueOffset), nameOffset, valueOffset, valueEnd: end };
  }

  /** White space becomes spaces before references are replaced: `&#10;` stays a line feed (XML 1.0 §3.3.3). */
  #normalise(raw: string, offset: number): string {
    if (!/[&\t\r\n]/.test(raw)) return raw;
    const spaced = raw.replace(/[\t\r\n]/g, ' ');
    return expandReferences(spaced, offset, this.#source, this.#sink).replace(/\r\n?/g, '\n');
  }

  #readUnquoted(name: string, nameOffset: number): XmlAttribute | undefined {
    const valueOffset = this.#at;
    const value = this.#match(UNQUOTED);
    if (value === undefined) return this.#badTag(`a value in quotes for ${name}`);
    const params = { attribute: name, value };
    const fix = quotesFix(this.#source, value, valueOffset);
    this.#sink.report(xmlCodes['unquoted-value'].at(this.#position(valueOffset), params, undefined, fix));
    return { name, value, nameOffset, valueOffset, valueEnd: this.#at };
  }

  #readEndTag(): void {
    const offset = this.#at;
    this.#at += 2;
    const name = this.#match(NAME);
    if (name === undefined) this.#badTag('a name after "</"');
    this.#match(SPACE);
    if (this.#text[this.#at] === '>') this.#at += 1;
    else {
      if (name !== undefined) this.#badTag('">"');
      this.#skipTag();
    }
    if (name === undefined) return;
    const depth = this.#open.findLastIndex((open) => open.qualifiedName === name);
    if (depth !== this.#open.length - 1 || depth < 0) {
      const innermost = this.#open.at(-1);
      const line = innermost === undefined ? undefined : this.#position(innermost.offset).line;
      const params = { found: name, open: innermost?.qualifiedName, line };
      this.#sink.report(xmlCodes['mismatched-end'].at(this.#position(offset), params));
    }
    while (depth >= 0 && this.#open.length > depth) {
      const element = this.#open.pop();
      if (element === undefined) break;
      element.closingComments = this.#takeComments();
      this.#close(element);
    }
  }

  #close(element: OpenElement): void {
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.children.push(element);
    else if (this.#root === undefined) this.#root = element;
    else {
      const params = { element: element.name, root: this.#root.name };
      this.#sink.report(xmlCodes['second-root'].at(this.#position(element.offset), params));
    }
  }

  #takeComments(): readonly string[] {
    const comments = this.#comments;
    this.#comments = [];
    return comments;
  }

  #localName(qualified: string, scope: Scope | undefined, offset: number): string {
    this.#checkPrefix(qualified, scope, offset);
    return qualified.slice(qualified.indexOf(':') + 1);
  }

  #checkPrefix(qualified: string, scope: Scope | undefined, offset: number): void {
    const colon = qualified.indexOf(':');
    const prefix = qualified.slice(0, Math.max(colon, 0));
    if (colon < 0 || prefix === 'xml') return;
    for (let at = scope; at !== undefined; at = at.outer) if (at.prefixes.has(prefix)) return;
    this.#sink.report(xmlCodes['undeclared-prefix'].at(this.#position(offset), { prefix }));
  }

  /** What a sticky expression matches here; moves past it. */
  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[0];
  }

  #badTag(expected: string): undefined {
    const char = this.#text[this.#at];
    const found = char === undefined ? 'the end of the file' : /\s/.test(char) ? 'white space' : `"${char}"`;
    this.#sink.report(xmlCodes['bad-tag'].at(this.#position(this.#at), { expected, found }));
    return undefined;
  }

  /** Goes on after the tag that went wrong, or before the next one. */
  #skipTag(): void {
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === '<') return;
      this.#at += 1;
      if (char === '>') return;
    }
  }
}
