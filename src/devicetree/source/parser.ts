/**
 * Parses device tree source (the language of dtc 1.8.1; DTSpec 0.4 §6) into the tree that its definitions add up to:
 * headers, reservations, then nodes, references to nodes and deletions, merged as they come. Does not recurse.
 * After a mistake it goes on behind the next semicolon or at the closing brace.
 */
import type { DiagnosticSink } from '../../base/index.ts';
import type { MappedText } from '../../cpp/index.ts';
import { encodeCells } from '../value.ts';
import { dtsCodes } from './diagnostics.ts';
import { readInteger } from './expression.ts';
import type { SourceFiles } from './files.ts';
import { DtsLexer, type TextPlace } from './lexer.ts';
import { ParserHost } from './parser-host.ts';
import { hasPath, isLabelRelative } from './reference-text.ts';
import { type SourceLabel, SourceNode, SourceProperty, SourceTree, type SourceValue } from './syntax.ts';
import { ValueReader } from './value-reader.ts';

const NESTING_LIMIT = 65_536;
const EMPTY: SourceValue = { bytes: new Uint8Array(), markers: [] };
const UNRESOLVED_PHANDLE = 0xffff_ffff;

export interface SourceReservation {
  readonly address: bigint;
  readonly sizeBytes: bigint;
  readonly labels: readonly string[];
}

/** What the sources say, before references are resolved. */
export interface ParsedSource {
  readonly tree: SourceTree | undefined;
  readonly reservations: readonly SourceReservation[];
  /** Whether it is an overlay (`/plugin/`). */
  readonly isPlugin: boolean;
}

/** Parses texts as if they were joined, but each may begin with headers of its own. */
export function parseDts(
  texts: readonly MappedText[],
  files: SourceFiles,
  sink: DiagnosticSink,
  /** Reads it as an overlay whether it says `/plugin/` or not. */
  isPlugin = false,
): ParsedSource {
  const parse = new Parse(files, sink, isPlugin);
  for (const text of texts) parse.read(text);
  return parse.finish(texts[0]);
}

class Parse {
  readonly #files: SourceFiles;
  readonly #sink: DiagnosticSink;
  readonly #reservations: SourceReservation[] = [];
  #tree: SourceTree | undefined;
  readonly #assumesPlugin: boolean;
  #isPlugin: boolean | undefined;
  #orphanCount = 0;
  #failed = false;
  #host: ParserHost;
  #values: ValueReader;

  constructor(files: SourceFiles, sink: DiagnosticSink, assumesPlugin: boolean) {
    this.#files = files;
    this.#sink = sink;
    this.#assumesPlugin = assumesPlugin;
    const none = {
      text: '',
      encoding: 'bytes',
      positionAt: () => ({ file: '' }),
      notesAt: () => [],
    } as const;
    this.#host = new ParserHost(new DtsLexer(none, files, () => {}), () => {});
    this.#values = new ValueReader(this.#host, files);
  }

  get #lexer(): DtsLexer {
    return this.#host.lexer;
  }

  read(text: MappedText): void {
    const lexer = new DtsLexer(text, this.#files, (diagnostic) => this.#sink.report(diagnostic));
    this.#host = new ParserHost(lexer, (diagnostic) => this.#sink.report(diagnostic));
    this.#values = new ValueReader(this.#host, this.#files);
    lexer.next();
    this.#headers();
    while (!lexer.is('end') && !this.#files.isExhausted && !this.#failed) this.#topLevel();
  }

  finish(first: MappedText | undefined): ParsedSource {
    if (this.#tree === undefined && first !== undefined && !this.#sink.hasErrors) {
      this.#host.reportAt({ text: first, offset: 0 }, dtsCodes['not-a-tree'], undefined);
    }
    const isPlugin = this.#isPlugin === true;
    return { tree: this.#tree, reservations: this.#reservations, isPlugin };
  }

  #headers(): void {
    const lexer = this.#lexer;
    if (!lexer.is('/dts-v1/')) {
      // Only the first of several texts must: the others go on where it ends.
      if (this.#isPlugin === undefined) {
        this.#host.reportAt(lexer.start, dtsCodes['missing-version'], undefined);
      }
      this.#isPlugin ??= this.#assumesPlugin;
    }
    while (lexer.is('/dts-v1/')) {
      const place = lexer.start;
      lexer.next();
      this.#semicolon('/dts-v1/');
      let isPlugin = this.#assumesPlugin;
      if (lexer.is('/plugin/')) {
        isPlugin = true;
        lexer.next();
        this.#semicolon('/plugin/');
      }
      if (this.#isPlugin !== undefined && this.#isPlugin !== isPlugin) {
        this.#host.reportAt(place, dtsCodes['header-mismatch'], undefined);
      }
      this.#isPlugin ??= isPlugin;
    }
  }

  #topLevel(): void {
    const lexer = this.#lexer;
    const labels = this.#labels();
    const place = lexer.start;
    switch (lexer.kind) {
      case '/':
        if (labels.length > 0) this.#unexpected('a reference after the label');
        else this.#rootNode(place);
        return;
      case 'reference':
        this.#nodeByReference(labels);
        return;
      case '/memreserve/':
        this.#reservation(labels);
        return;
      case '/delete-node/':
      case '/omit-if-no-ref/':
        if (labels.length > 0) this.#unexpected('a reference after the label');
        else this.#directive(lexer.kind);
        return;
      case '/dts-v1/':
      case '/plugin/':
        this.#host.reportAt(place, dtsCodes['misplaced-header'], { keyword: lexer.kind });
        this.#recover();
        return;
      default: {
        const isStrayBrace = lexer.is('}');
        this.#unexpected(labels.length > 0 ? 'a reference after the label' : 'a node');
        if (isStrayBrace) lexer.next();
        if (isStrayBrace && lexer.is(';')) lexer.next();
      }
    }
  }

  #rootNode(place: TextPlace): void {
    this.#lexer.next();
    const definition = this.#body(new SourceNode('', place));
    if (definition === undefined) return;
    if (this.#tree === undefined) this.#tree = new SourceTree(definition);
    else this.#tree.merge(this.#tree.root, definition);
  }

  #nodeByReference(labels: readonly SourceLabel[]): void {
    const lexer = this.#lexer;
    const place = lexer.start;
    const reference = lexer.word;
    const isPath = hasPath(reference);
    lexer.next();
    if (this.#isPlugin === true && isLabelRelative(reference)) {
      this.#host.reportAt(place, dtsCodes['path-in-overlay'], { reference: `&${reference}` });
    }
    // dtc puts a path into a fragment of its own in every overlay, a label only where it isn't found.
    const asFragment = this.#isPlugin === true && (isPath || this.#tree === undefined) && labels.length === 0;
    const target = asFragment ? undefined : this.#tree?.nodeByReference(reference);
    const definition = this.#body(new SourceNode(target?.name ?? '__overlay__', place));
    if (definition === undefined) return;
    if (target !== undefined) {
      for (const label of labels) this.#tree?.addLabel(target, label);
      this.#tree?.merge(target, definition);
    } else if (this.#isPlugin === true && labels.length === 0) this.#orphan(reference, definition, place);
    else this.#unknownTarget(place, reference);
  }

  #unknownTarget(place: TextPlace, reference: string): void {
    this.#host.reportAt(place, dtsCodes['unknown-target'], { reference: `&${reference}` });
  }

  /** An overlay's node for a target in another tree: a fragment that names it. */
  #orphan(reference: string, overlay: SourceNode, place: TextPlace): void {
    const fragment = new SourceNode(`fragment@${this.#orphanCount}`, place);
    this.#orphanCount += 1;
    fragment.addProperty(orphanTarget(reference, place));
    fragment.addChild(overlay);
    this.#tree ??= new SourceTree(new SourceNode('', place));
    this.#tree.addChild(this.#tree.root, fragment);
  }

  #directive(keyword: string): void {
    const lexer = this.#lexer;
    lexer.next();
    if (!lexer.is('reference')) {
      this.#unexpected('a reference');
      return;
    }
    const place = lexer.start;
    const reference = lexer.word;
    lexer.next();
    this.#semicolon(`&${reference}`);
    const target = this.#tree?.nodeByReference(reference);
    if (target === undefined) this.#unknownTarget(place, reference);
    else {
      if (target === this.#tree?.root) this.#tree.rootDeletion = place;
      if (keyword === '/delete-node/') target.delete();
      else target.omitIfUnused = true;
    }
  }

  #reservation(labels: readonly SourceLabel[]): void {
    const lexer = this.#lexer;
    if (this.#tree !== undefined) {
      this.#host.reportAt(lexer.start, dtsCodes['misplaced-header'], { keyword: lexer.kind });
    }
    lexer.next();
    const address = readInteger(this.#host);
    const sizeBytes = address === undefined ? undefined : readInteger(this.#host);
    if (address === undefined || sizeBytes === undefined) {
      this.#recover();
      return;
    }
    this.#semicolon('/memreserve/');
    this.#reservations.push({
      address: BigInt(address),
      sizeBytes: BigInt(sizeBytes),
      labels: [...new Set(labels.map(({ name }) => name))],
    });
  }

  /** Labels before a node, property or reservation, appended to those that there are. */
  #labels(labels: SourceLabel[] = []): SourceLabel[] {
    const lexer = this.#lexer;
    for (; lexer.is('label'); lexer.next()) {
      labels.push({ name: lexer.word, place: lexer.start, isDeleted: false });
    }
    return labels;
  }

  /** From `{` to the semicolon after `}`: fills `top` and the nodes in it. */
  #body(top: SourceNode): SourceNode | undefined {
    const lexer = this.#lexer;
    if (!lexer.is('{')) {
      this.#unexpected('{');
      return undefined;
    }
    lexer.next();
    const open: { node: SourceNode; hasSubnodes: boolean }[] = [{ node: top, hasSubnodes: false }];
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      if (lexer.is('end') || this.#files.isExhausted) {
        if (!this.#files.isExhausted) this.#host.reportSyntax(`} of the node ${last.node.name || '/'}`);
        this.#failed = true;
        return top;
      }
      if (lexer.is('}')) {
        lexer.next();
        this.#semicolon('}');
        last.node.trim();
        open.pop();
        continue;
      }
      const child = this.#member(last);
      if (child === undefined) continue;
      if (open.length >= NESTING_LIMIT) {
        this.#host.reportAt(child.place, dtsCodes['nesting-too-deep'], { limit: NESTING_LIMIT });
        this.#failed = true;
        return top;
      }
      open.push({ node: child, hasSubnodes: false });
    }
    return top;
  }

  /** A property, deletion or subnode. Returns the subnode whose opening brace was taken. */
  #member(within: { node: SourceNode; hasSubnodes: boolean }): SourceNode | undefined {
    const lexer = this.#lexer;
    const labels = this.#labels();
    let omitIfUnused = false;
    while (lexer.is('/omit-if-no-ref/')) {
      omitIfUnused = true;
      lexer.next();
      this.#labels(labels);
    }
    const place = lexer.start;
    switch (lexer.kind) {
      case '/delete-property/':
      case '/delete-node/':
        this.#deletion(within, lexer.kind);
        return undefined;
      case 'name':
        break;
      default:
        this.#unexpected('a property or a node');
        return undefined;
    }
    const name = lexer.word;
    lexer.next();
    if (lexer.is('{')) {
      lexer.next();
      const child = new SourceNode(name, place);
      child.addLabels(labels);
      child.omitIfUnused = omitIfUnused;
      within.node.addChild(child);
      within.hasSubnodes = true;
      return child;
    }
    if (omitIfUnused) this.#unexpected('{');
    else this.#property(within, name, place, labels);
    return undefined;
  }

  #property(
    within: { node: SourceNode; hasSubnodes: boolean },
    name: string,
    place: TextPlace,
    labels: readonly SourceLabel[],
  ): void {
    const lexer = this.#lexer;
    if (within.hasSubnodes) this.#host.reportAt(place, dtsCodes['property-after-node'], undefined);
    let value: SourceValue | undefined = EMPTY;
    let after = name;
    if (lexer.is('=')) {
      lexer.next();
      value = this.#values.read();
      after = 'the value';
    } else if (!lexer.is(';') && !lexer.is('end') && !lexer.is('}')) {
      if (!this.#startsNewLine()) {
        this.#unexpected('=, { or ;');
        return;
      }
    }
    if (value === undefined) {
      this.#recover();
      return;
    }
    this.#semicolon(after);
    const property = new SourceProperty(name, value, place);
    property.addLabels(labels);
    within.node.addProperty(property);
  }

  #deletion(within: { node: SourceNode; hasSubnodes: boolean }, keyword: string): void {
    const lexer = this.#lexer;
    const place = lexer.start;
    lexer.next();
    if (!lexer.is('name')) {
      this.#unexpected(keyword === '/delete-node/' ? "a node's name" : "a property's name");
      return;
    }
    const name = lexer.word;
    lexer.next();
    if (keyword === '/delete-node/') {
      const node = new SourceNode(name, place);
      node.isDeleted = true;
      within.node.addChild(node);
      within.hasSubnodes = true;
    } else {
      if (within.hasSubnodes) this.#host.reportAt(place, dtsCodes['property-after-node'], undefined);
      const property = new SourceProperty(name, EMPTY, place);
      property.isDeleted = true;
      within.node.addProperty(property);
    }
    this.#semicolon(name);
  }

  /** Whether a newline stands before the present token. */
  #startsNewLine(): boolean {
    const { previousEnd, start } = this.#lexer;
    return (
      previousEnd.text !== start.text ||
      start.text.text.slice(previousEnd.offset, start.offset).includes('\n')
    );
  }

  /** Takes a semicolon. Where it was forgotten, says so and goes on as if it were there. */
  #semicolon(after: string): void {
    const lexer = this.#lexer;
    if (lexer.is(';')) {
      lexer.next();
      return;
    }
    if (!this.#startsNewLine() && !lexer.is('}') && !lexer.is('end')) {
      this.#unexpected(';');
      return;
    }
    this.#host.reportAt(lexer.previousEnd, dtsCodes['missing-semicolon'], { after });
    lexer.nextAsName();
  }

  #unexpected(wanted: string): void {
    this.#host.reportSyntax(wanted);
    this.#recover();
  }

  /** Skips to behind the next semicolon of this level, or to the brace that closes it. */
  #recover(): void {
    const lexer = this.#lexer;
    let nesting = 0;
    for (; !lexer.is('end'); lexer.next()) {
      if (lexer.is('{')) nesting += 1;
      else if (lexer.is('}')) {
        if (nesting === 0) return;
        nesting -= 1;
      } else if (lexer.is(';') && nesting === 0) {
        lexer.next();
        return;
      }
    }
  }
}

function orphanTarget(reference: string, place: TextPlace): SourceProperty {
  if (hasPath(reference)) {
    const path = `${reference.slice(1, -1)}\0`;
    const bytes = Uint8Array.from(path, (char) => char.charCodeAt(0));
    return new SourceProperty(
      'target-path',
      { bytes, markers: [{ offsetBytes: 0, kind: 'string', place }] },
      place,
    );
  }
  const markers = [
    { offsetBytes: 0, kind: 'cells32', place } as const,
    { offsetBytes: 0, kind: 'phandle-ref', text: reference, place } as const,
  ];
  return new SourceProperty('target', { bytes: encodeCells([UNRESOLVED_PHANDLE]), markers }, place);
}
