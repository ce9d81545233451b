/**
 * A C preprocessor for texts that are not C: device tree sources, as Linux's build puts them through `cpp`, and system
 * descriptions, as `cpp -P`. Translation phases 2 to 4 of ISO C11 §5.1.1.2 with GCC's ways where the standard leaves room;
 * the output is the text with its directives gone, and a map from it to the sources.
 *
 * Apostrophes and quotes without a partner are text to the end of their line. No macro is predefined but __FILE__, __LINE__,
 * __COUNTER__ and __INCLUDE_LEVEL__ (what `cpp -undef` leaves, without the date). Left out: trigraphs, digraphs, raw
 * strings, `_Pragma`, `#assert`; `#pragma` lines other than `once` are dropped.
 */
import { attempt, type DiagnosticSink, type HostFiles } from '../base/index.ts';
import { cppCodes } from './diagnostics.ts';
import { type DirectiveHost, Directives } from './directive.ts';
import { Expander, wouldJoin } from './expander.ts';
import { IncludeFinder } from './include.ts';
import { DefinitionRefusal, Macro, PpToken, parseDefinition } from './macro.ts';
import { Inclusion, type MappedText, MappedTextBuilder, type Place, PlainText } from './position-map.ts';
import {
  DEFAULT_PREPROCESS_LIMITS,
  type FileState,
  type PreprocessLimits,
  type StopCode,
} from './reading-state.ts';
import {
  commentEnd,
  identifierEnd,
  isBlankChar,
  isCommentStart,
  isDigitChar,
  isIdentifierStart,
  isQuoteChar,
  literalEnd,
  numberEnd,
  Scanner,
  TOKEN,
} from './scanner.ts';
import { decodeSource, displayText, type SourceEncoding, SourceText } from './source-text.ts';

/** Macros that are defined before the first line, directories that are searched, the encoding, and limits. */
export interface PreprocessOptions {
  readonly files: Pick<HostFiles, 'read' | 'status' | 'join' | 'dirname'>;
  /** Where `#include <…>`, and `#include "…"` after the including file's directory, look. */
  readonly includeDirectories?: readonly string[];
  /** As on a command line: `NAME` (which is 1), `NAME=VALUE`, `NAME(A,B)=VALUE`. */
  readonly defines?: readonly string[];
  /**
   * What a line is that begins with `#` and an unknown name: in `assembler` text (device trees: `#address-cells`),
   * in `c` an error.
   */
  readonly language: 'assembler' | 'c';
  readonly encoding: SourceEncoding;
  readonly limits?: Partial<PreprocessLimits>;
}

/** Preprocesses `content`, which the user knows as `file`; relative includes start at its directory. */
export function preprocess(
  file: string,
  content: Uint8Array,
  options: PreprocessOptions,
  sink: DiagnosticSink,
): MappedText {
  const raw = decodeSource(content, options.encoding);
  const source = new SourceText(file, raw, { encoding: options.encoding, clean: true });
  return new Preprocessor(options, sink).run(new Inclusion(source, file));
}

const NEWLINE = 0x0a;
const HASH = 0x23;
const DOLLAR = 0x24;
const DOT = 0x2e;

class Preprocessor implements DirectiveHost {
  readonly macros = new Map<string, Macro>();
  readonly lenient: boolean;
  readonly dollars: boolean;
  readonly limits: PreprocessLimits;
  readonly finder: IncludeFinder;
  readonly sink: DiagnosticSink;
  readonly expander: Expander;
  readonly #encoding: SourceEncoding;
  readonly #directives: Directives;
  readonly #out: MappedTextBuilder;
  /** The length of the output after the last number that a macro made. */
  #numberEnd = -1;
  #counter = 0;
  #inputChars = 0;
  #stopped = false;

  constructor(options: PreprocessOptions, sink: DiagnosticSink) {
    this.lenient = options.language === 'assembler';
    this.dollars = !this.lenient;
    this.limits = { ...DEFAULT_PREPROCESS_LIMITS, ...options.limits };
    this.sink = sink;
    this.#encoding = options.encoding;
    this.finder = new IncludeFinder(options.files, options.includeDirectories ?? [], options.encoding);
    this.#out = new MappedTextBuilder(options.encoding);
    this.expander = new Expander({
      macros: this.macros,
      lenient: this.lenient,
      dollars: this.dollars,
      maximumTokens: this.limits.expansionTokens,
      maximumTotalTokens: this.limits.totalExpansionTokens,
      maximumDepth: this.limits.argumentDepth,
      report: (token, code, params) => this.report(token.place, code, params),
      giveUp: (token) => this.stop(token.place, 'too-many-expansions', this.limits.totalExpansionTokens),
    });
    this.#directives = new Directives(this);
    this.#defineBuiltins();
    for (const define of options.defines ?? []) this.#defineFromCommandLine(define);
  }

  run(main: Inclusion): MappedText {
    this.readFile(main);
    return this.#out.finish(main);
  }

  /** Reads a file to its end; `#include` comes here again, no deeper than the limit. */
  readFile(inclusion: Inclusion): void {
    const state: FileState = { inclusion, text: inclusion.source.text, offset: 0, atLineStart: true };
    this.#inputChars += state.text.length;
    if (this.#inputChars > this.limits.inputChars) {
      this.stop(
        inclusion.includedFrom ?? { inclusion, offset: 0 },
        'input-too-large',
        this.limits.inputChars,
      );
      return;
    }
    const depth = this.#directives.beginFile();
    const { text } = state;
    while (state.offset < text.length && !this.#stopped) {
      if (state.atLineStart && this.#readDirective(state)) continue;
      if (this.#directives.isSkipping) this.#skipLine(state);
      else this.#copy(state);
    }
    if (!this.#stopped) this.#directives.endFile(depth);
    if (this.#out.lastChar !== NEWLINE) this.#out.appendSpace('\n');
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Reports at a place and reads no further. */
  stop(place: Place, code: StopCode, limit: number): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.report(place, code, { limit });
  }

  report(place: Place, code: keyof typeof cppCodes, params: Record<string, unknown>): void {
    const at = cppCodes[code].at as (
      position: unknown,
      params: unknown,
      notes: unknown,
    ) => Parameters<DiagnosticSink['report']>[0];
    const { inclusion, offset } = place;
    this.sink.report(at(inclusion.positionAt(offset), params, inclusion.inclusionNotes()));
  }

  /** Where a line begins: takes a directive, if there is one. */
  #readDirective(state: FileState): boolean {
    const { text } = state;
    state.atLineStart = false;
    let at = state.offset;
    for (; at < text.length; at += 1) {
      if (isBlankChar(text.charCodeAt(at))) continue;
      if (!isCommentStart(text, at) || text.charAt(at + 1) !== '*') break;
      const end = commentEnd(text, at);
      if (end < 0) return false;
      at = end - 1;
    }
    if (text.charCodeAt(at) !== HASH || text.charCodeAt(at + 1) === HASH) return false;
    if (!this.#directives.take(state, at)) return false;
    state.atLineStart = true;
    return true;
  }

  /** To the next line of a group that is not read; literals and comments count, so that `/*` in a string begins none. */
  #skipLine(state: FileState): void {
    const { text } = state;
    let at = state.offset;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === NEWLINE) break;
      if (isQuoteChar(code)) at = literalEnd(text, at);
      else if (isCommentStart(text, at)) at = this.#commentEnd(state, at);
      else at += 1;
    }
    state.offset = at + 1;
    state.atLineStart = true;
  }

  #commentEnd(state: FileState, offset: number): number {
    const end = commentEnd(state.text, offset);
    if (end >= 0) return end;
    this.report({ inclusion: state.inclusion, offset }, 'unterminated-comment', {});
    return state.text.length;
  }

  /** Copies text up to the end of the line or the first thing that is not copied as it is. */
  #copy(state: FileState): void {
    const { text, inclusion } = state;
    const { dollars, macros } = this;
    let from = state.offset;
    let at = from;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === NEWLINE) {
        at += 1;
        // Most lines are no directives and hold no macros: they are copied together.
        if (this.#mayBeginDirective(text, at)) {
          state.atLineStart = true;
          break;
        }
      } else if (isIdentifierStart(code) || (dollars && code === DOLLAR)) {
        const end = identifierEnd(text, at, dollars);
        const macro = macros.get(text.slice(at, end));
        if (macro === undefined || !this.#isUse(macro, state, end)) {
          at = end;
          continue;
        }
        this.#write(inclusion, from, at);
        state.offset = end;
        this.#expandAt(macro, state, at);
        return;
      } else if (isDigitChar(code) || (code === DOT && isDigitChar(text.charCodeAt(at + 1)))) {
        at = numberEnd(text, at);
      } else if (isQuoteChar(code)) {
        at = literalEnd(text, at);
      } else if (isCommentStart(text, at)) {
        this.#write(inclusion, from, at);
        this.#out.appendSpace(' ');
        at = this.#commentEnd(state, at);
        from = at;
      } else {
        at += 1;
      }
    }
    this.#write(inclusion, from, at);
    state.offset = at;
  }

  #mayBeginDirective(text: string, offset: number): boolean {
    let at = offset;
    while (isBlankChar(text.charCodeAt(at))) at += 1;
    const code = text.charCodeAt(at);
    return code === HASH || isCommentStart(text, at);
  }

  #write(inclusion: Inclusion, from: number, to: number): void {
    if (to <= from) return;
    this.#out.append(inclusion.source.text.slice(from, to), inclusion, from);
    if (this.#out.length > this.limits.outputChars) {
      this.stop({ inclusion, offset: from }, 'output-too-large', this.limits.outputChars);
    }
  }

  #isUse(macro: Macro, state: FileState, end: number): boolean {
    if (macro.parameters === undefined) return true;
    return peekOpenParenthesis(state.text, end);
  }

  #expandAt(macro: Macro, state: FileState, offset: number): void {
    const place = { inclusion: state.inclusion, offset };
    const name = new PpToken(TOKEN.identifier, macro.name, false, place);
    const tokens = this.expander.expand([name], {
      peekOpenParenthesis: () => peekOpenParenthesis(state.text, state.offset),
      next: () => this.#nextArgumentToken(state),
    });
    for (const token of tokens) {
      const joins = this.#wouldJoin(token.text.charCodeAt(0));
      if (token.spaceBefore || joins) this.#out.appendSpace(' ');
      this.#out.append(token.text, token.place.inclusion, token.place.offset, token.origin);
      if (token.kind === TOKEN.number) this.#numberEnd = this.#out.length;
    }
    if (this.#out.length > this.limits.outputChars) {
      this.stop(place, 'output-too-large', this.limits.outputChars);
    }
    if (this.#wouldJoin(state.text.charCodeAt(state.offset))) this.#out.appendSpace(' ');
  }

  #wouldJoin(next: number): boolean {
    return wouldJoin(this.#out.lastChar, next, this.#numberEnd === this.#out.length);
  }

  /** The next token of a macro's arguments. Directives within them are obeyed, as GCC does it. */
  #nextArgumentToken(state: FileState): PpToken | undefined {
    let spaceBefore = false;
    for (;;) {
      if (this.#stopped) return undefined;
      if (state.atLineStart) {
        spaceBefore = true;
        if (this.#readDirective(state)) continue;
        if (this.#directives.isSkipping) {
          if (state.offset >= state.text.length) return undefined;
          this.#skipLine(state);
          continue;
        }
      }
      const scanner = new Scanner(state.text, state.offset, this.dollars);
      const kind = scanner.next();
      state.offset = scanner.offset;
      if (scanner.unterminatedComment !== undefined) this.#commentEnd(state, scanner.unterminatedComment);
      if (kind === TOKEN.end) return undefined;
      if (kind === TOKEN.newline) {
        state.atLineStart = true;
        continue;
      }
      const place = { inclusion: state.inclusion, offset: scanner.start };
      return new PpToken(kind, scanner.tokenText, spaceBefore || scanner.spaceBefore, place);
    }
  }

  #defineBuiltins(): void {
    const builtin = (
      name: string,
      text: (place: Place) => string,
      kind: typeof TOKEN.number | typeof TOKEN.string = TOKEN.number,
    ): void => {
      const definition = { name, parameters: undefined, variadic: false, bodyText: '', definedAt: undefined };
      this.macros.set(name, new Macro(definition, false, (place) => ({ kind, text: text(place) })));
    };
    builtin('__LINE__', ({ inclusion, offset }) => `${inclusion.positionAt(offset).line ?? 1}`);
    builtin('__INCLUDE_LEVEL__', ({ inclusion }) => `${inclusion.depth}`);
    builtin('__COUNTER__', () => {
      this.#counter += 1;
      return `${this.#counter - 1}`;
    });
    builtin(
      '__FILE__',
      ({ inclusion, offset }) => `"${inclusion.positionAt(offset).file.replaceAll(/["\\]/g, '\\$&')}"`,
      TOKEN.string,
    );
  }

  #defineFromCommandLine(define: string): void {
    const equals = define.indexOf('=');
    const text = equals < 0 ? `${define} 1` : `${define.slice(0, equals)} ${define.slice(equals + 1)}`;
    const commandLine = new PlainText('<command line>', text, { encoding: this.#encoding });
    this.define(text, 0, commandLine.inclusion);
  }

  /** Takes a definition from behind `#define`. */
  define(text: string, offset: number, inclusion: Inclusion): void {
    const placeOf = (at: number) => ({ inclusion, offset: at });
    const definition = attempt(() => parseDefinition(text, offset, this.dollars, placeOf), DefinitionRefusal);
    if (definition instanceof DefinitionRefusal) {
      this.report({ inclusion, offset: definition.offset }, 'bad-macro-definition', {
        reason: definition.message,
      });
      return;
    }
    this.#directives.addMacro(definition);
  }

  /** How file names in the text are shown and given to the host. */
  display(text: string): string {
    return displayText(text, this.#encoding);
  }
}

/** Whether the next token, on this line or a later one, is an opening parenthesis. */
function peekOpenParenthesis(text: string, offset: number): boolean {
  for (let at = offset; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x28) return true;
    if (code === NEWLINE || isBlankChar(code)) continue;
    if (!isCommentStart(text, at)) return false;
    const end = commentEnd(text, at);
    if (end < 0) return false;
    at = end - 1;
  }
  return false;
}
