/** Directives (ISO C11 §6.10, and GCC's `#include_next`, `#warning`, `#pragma once`, line markers). */
import { attempt, type DiagnosticSink, HostError } from '../base/index.ts';
import { type ConditionFacts, ConditionRefusal, evaluateCondition } from './condition.ts';
import type { cppCodes } from './diagnostics.ts';
import type { Expander } from './expander.ts';
import type { IncludeFinder, IncludeName } from './include.ts';
import { bodyProblem, directiveEnd, Macro, type MacroDefinition, PpToken } from './macro.ts';
import type { Inclusion, Place } from './position-map.ts';
import type { FileState, PreprocessLimits, StopCode } from './reading-state.ts';
import { Scanner, TOKEN } from './scanner.ts';

/** What directives need of the preprocessor that meets them. */
export interface DirectiveHost {
  readonly macros: Map<string, Macro>;
  readonly lenient: boolean;
  readonly dollars: boolean;
  readonly limits: PreprocessLimits;
  readonly finder: IncludeFinder;
  readonly expander: Expander;
  readonly sink: DiagnosticSink;
  report(place: Place, code: keyof typeof cppCodes, params: Record<string, unknown>): void;
  stop(place: Place, code: StopCode, limit: number): void;
  define(text: string, offset: number, inclusion: Inclusion): void;
  readFile(inclusion: Inclusion): void;
  display(text: string): string;
}

interface Conditional {
  readonly place: Place;
  readonly directive: string;
  /** Whether the group around it is read. */
  readonly outerIsRead: boolean;
  /** Whether one of its groups was read already. */
  taken: boolean;
  isRead: boolean;
  afterElse: boolean;
}

const DIRECTIVES = new Set(
  'define undef include include_next import if ifdef ifndef elif elifdef elifndef else endif line error warning pragma ident sccs'.split(
    ' ',
  ),
);
const CONDITIONALS = new Set('if ifdef ifndef elif elifdef elifndef else endif'.split(' '));

export class Directives {
  readonly #host: DirectiveHost;
  #open: Conditional[] = [];
  #fileBase = 0;

  constructor(host: DirectiveHost) {
    this.#host = host;
  }

  /** Whether text is in a group that is not read. */
  get isSkipping(): boolean {
    const last = this.#open.at(-1);
    return last !== undefined && !last.isRead;
  }

  /** Conditionals end with their file; what this returns goes to {@link endFile}. */
  beginFile(): number {
    const outer = this.#fileBase;
    this.#fileBase = this.#open.length;
    return outer;
  }

  endFile(outer: number): void {
    for (const { place, directive } of this.#open.splice(this.#fileBase)) {
      this.#host.report(place, 'unterminated-conditional', { directive });
    }
    this.#fileBase = outer;
  }

  /** Obeys the directive whose `#` is at `hash`; false where the line is text. */
  take(state: FileState, hash: number): boolean {
    const { text, inclusion } = state;
    const scanner = new Scanner(text, hash + 1, false);
    const kind = scanner.next();
    const word = scanner.tokenText;
    const place = { inclusion, offset: hash };
    const skipping = this.isSkipping;
    if (kind === TOKEN.newline || kind === TOKEN.end) {
      state.offset = scanner.offset;
      return true;
    }
    if (kind === TOKEN.number && !skipping && lineMarkerAt(text, hash) !== undefined) {
      return this.#lineMarker(state, hash);
    }
    const isName = kind === TOKEN.identifier && !(this.#host.lenient && text.charAt(scanner.offset) === '-');
    const known = isName && DIRECTIVES.has(word);
    if (!known) {
      if (skipping) return false;
      if (this.#host.lenient) return false;
      const end = directiveEnd(text, scanner.offset);
      this.#host.report(place, 'unknown-directive', { directive: word });
      state.offset = end + 1;
      return true;
    }
    if (skipping && !CONDITIONALS.has(word)) return false;
    const end = directiveEnd(text, scanner.offset);
    // The line is left behind before it is obeyed: an included file may be read now.
    state.offset = end + 1;
    this.#obey(word, state, { place, start: scanner.start, from: scanner.offset, end });
    return true;
  }

  #obey(word: string, state: FileState, line: DirectiveLine): void {
    const { inclusion, text } = state;
    const host = this.#host;
    switch (word) {
      case 'define':
        host.define(text, line.from, inclusion);
        return;
      case 'undef':
        this.#withName(word, state, line, (name) => host.macros.delete(name));
        return;
      case 'include':
      case 'include_next':
      case 'import':
        this.#include(word, state, line);
        return;
      case 'line':
        this.#line(state, line);
        return;
      case 'error':
      case 'warning': {
        const said = host.display(text.slice(line.from, line.end).replaceAll(/\s+/g, ' ').trim());
        host.report(line.place, word === 'error' ? 'error-directive' : 'warning-directive', { text: said });
        return;
      }
      case 'pragma':
        if (/^\s*once\b/.test(text.slice(line.from, Math.min(line.end, line.from + 64)))) {
          host.finder.readOnlyOnce(inclusion.path);
        }
        return;
      case 'ident':
      case 'sccs':
        return;
      default:
        this.#conditional(word, state, line);
    }
  }

  #conditional(word: string, state: FileState, line: DirectiveLine): void {
    const host = this.#host;
    if (word === 'if' || word === 'ifdef' || word === 'ifndef') {
      const outerIsRead = !this.isSkipping;
      const holds = outerIsRead && this.#holds(word, state, line);
      const { place } = line;
      this.#open.push({ place, directive: word, outerIsRead, taken: holds, isRead: holds, afterElse: false });
      return;
    }
    const group = this.#open.length > this.#fileBase ? this.#open.at(-1) : undefined;
    if (group === undefined) {
      host.report(line.place, 'unmatched-conditional', { directive: word });
      return;
    }
    if (word === 'endif') {
      if (group.outerIsRead) this.#wantEnd(word, state, line);
      this.#open.pop();
      return;
    }
    if (group.afterElse) {
      host.report(line.place, 'conditional-after-else', { directive: word });
      group.isRead = false;
      return;
    }
    if (word === 'else') {
      if (group.outerIsRead) this.#wantEnd(word, state, line);
      group.afterElse = true;
      group.isRead = group.outerIsRead && !group.taken;
    } else {
      const asked = group.outerIsRead && !group.taken;
      group.isRead = asked && this.#holds(word.slice('el'.length), state, line);
    }
    group.taken ||= group.isRead;
  }

  #holds(word: string, state: FileState, line: DirectiveLine): boolean {
    const { macros, expander, finder } = this.#host;
    if (word !== 'if') {
      let defined = false;
      const named = this.#withName(word, state, line, (name) => {
        defined = macros.has(name);
      });
      return named && defined === (word === 'ifdef');
    }
    const tokens = this.#tokens(state, line);
    const facts: ConditionFacts = {
      isDefined: (name) => macros.has(name) || name === '__has_include',
      hasInclude: (name) =>
        finder.find({ name: name.slice(1, -1), quoted: name.startsWith('"') }, state.inclusion) !== undefined,
    };
    const holds = attempt(
      () => evaluateCondition(expander.expand(tokens, undefined, true), facts),
      ConditionRefusal,
    );
    if (!(holds instanceof ConditionRefusal)) return holds;
    const place = holds.token?.place ?? line.place;
    this.#host.report(place, 'bad-condition', { reason: holds.message });
    return false;
  }

  /** The tokens of the line after the directive's name. */
  #tokens(state: FileState, line: DirectiveLine): readonly PpToken[] {
    const { inclusion } = state;
    const scanner = new Scanner(state.text, line.from, this.#host.dollars);
    const tokens: PpToken[] = [];
    for (;;) {
      const kind = scanner.next();
      if (scanner.unterminatedComment !== undefined) {
        this.#host.report({ inclusion, offset: scanner.unterminatedComment }, 'unterminated-comment', {});
      }
      if (kind === TOKEN.end || kind === TOKEN.newline) return tokens;
      const place = { inclusion, offset: scanner.start };
      tokens.push(new PpToken(kind, scanner.tokenText, scanner.spaceBefore, place));
    }
  }

  #withName(
    directive: string,
    state: FileState,
    line: DirectiveLine,
    use: (name: string) => unknown,
  ): boolean {
    const [first, second] = this.#tokens(state, line);
    if (first?.kind !== TOKEN.identifier) {
      const place = first?.place ?? line.place;
      this.#host.report(place, 'malformed-directive', { directive, wanted: "a macro's name" });
      return false;
    }
    if (second !== undefined) this.#host.report(second.place, 'extra-tokens', { directive });
    use(first.text);
    return true;
  }

  #wantEnd(directive: string, state: FileState, line: DirectiveLine): void {
    const [first] = this.#tokens(state, line);
    if (first !== undefined) this.#host.report(first.place, 'extra-tokens', { directive });
  }

  #include(directive: string, state: FileState, line: DirectiveLine): void {
    const host = this.#host;
    const wanted = this.#includeName(state, line);
    if (wanted === undefined) {
      host.report(line.place, 'malformed-directive', { directive, wanted: '"FILE" or <FILE>' });
      return;
    }
    const include: IncludeName = { ...wanted, next: directive === 'include_next' };
    const path = host.finder.find(include, state.inclusion);
    if (path === undefined) {
      host.report(line.place, 'include-not-found', { name: host.display(include.name) });
      return;
    }
    if (host.finder.wasReadOnce(path)) return;
    const { includeDepth, includeCount } = host.limits;
    if (state.inclusion.depth + 1 >= includeDepth) {
      host.report(line.place, 'include-too-deep', { limit: includeDepth });
      return;
    }
    if (host.finder.count >= includeCount) {
      host.stop(line.place, 'too-many-includes', includeCount);
      return;
    }
    const opened = attempt(() => host.finder.open(path, line.place), HostError);
    if (opened instanceof HostError) {
      host.report(line.place, 'include-unreadable', { path, reason: opened.message });
      return;
    }
    if (directive === 'import') host.finder.readOnlyOnce(path);
    host.readFile(opened);
  }

  #includeName(state: FileState, line: DirectiveLine): IncludeName | undefined {
    const { text } = state;
    let at = line.from;
    while (/[ \t\v\f]/.test(text.charAt(at))) at += 1;
    const close = { '"': '"', '<': '>' }[text.charAt(at)];
    if (close !== undefined) {
      const end = text.indexOf(close, at + 1);
      const newline = text.indexOf('\n', at);
      if (end < 0 || (newline >= 0 && newline < end)) return undefined;
      return { name: text.slice(at + 1, end), quoted: close === '"' };
    }
    // Anything else is expanded and must then look like one of the two (ISO C11 §6.10.2).
    const tokens = this.#host.expander.expand(this.#tokens(state, line), undefined);
    const words = tokens.map((token, index) =>
      index > 0 && token.spaceBefore ? ` ${token.text}` : token.text,
    );
    const name = words.join('');
    if (tokens[0]?.kind === TOKEN.string) return { name: tokens[0].text.slice(1, -1), quoted: true };
    const last = name.lastIndexOf('>');
    return name.startsWith('<') && last > 0 ? { name: name.slice(1, last), quoted: false } : undefined;
  }

  #line(state: FileState, line: DirectiveLine): void {
    const tokens = this.#host.expander.expand(this.#tokens(state, line), undefined);
    const [number, file] = tokens;
    const digits = number !== undefined && /^[0-9]{1,10}$/.test(number.text);
    if (!digits || (file !== undefined && file.kind !== TOKEN.string)) {
      const wanted = 'a line number, and perhaps a file name in quotes';
      this.#host.report(line.place, 'malformed-directive', { directive: 'line', wanted });
      return;
    }
    const name = file === undefined ? undefined : this.#host.display(file.text.slice(1, -1));
    state.inclusion.addLineMark(state.offset, name, Number(number.text));
  }

  #lineMarker(state: FileState, hash: number): boolean {
    const marker = lineMarkerAt(state.text, hash);
    if (marker === undefined) return false;
    state.offset = Math.min(marker.end + 1, state.text.length);
    state.inclusion.addLineMark(state.offset, this.#host.display(marker.file), marker.line);
    return true;
  }

  /** Adds a macro, or says why not. */
  addMacro(definition: MacroDefinition): void {
    const host = this.#host;
    const at = definition.definedAt;
    if (at === undefined) return;
    const problem = definition.bodyText.includes('#') ? bodyProblem(definition, host.lenient) : undefined;
    if (problem !== undefined) {
      host.report(at, 'bad-macro-definition', { reason: problem });
      return;
    }
    const macro = new Macro(definition, host.dollars);
    const before = host.macros.get(macro.name);
    if (before !== undefined && (before.builtin !== undefined || !before.isSameAs(macro))) {
      host.report(at, 'macro-redefined', { macro: macro.name });
    }
    host.macros.set(macro.name, macro);
  }
}

interface DirectiveLine {
  readonly place: Place;
  /** Of the directive's name. */
  readonly start: number;
  /** After the directive's name. */
  readonly from: number;
  /** Of the newline. */
  readonly end: number;
}

/** A line marker as `cpp` writes it, or `#line`: `# 12 "file.dts" 1 3`; the line that follows is line 12 of that file. */
export interface LineMarker {
  readonly line: number;
  readonly file: string;
  /** The offset of the newline that ends it, or of the end of the text. */
  readonly end: number;
}

const LINE_MARKER =
  /#(?:line)?[ \t]+([0-9]{1,10})[ \t]+"((?:[^"\\\n]|\\[^\n])*)"(?:[ \t]+[0-9]+)*[ \t\r]*(?=\n|$)/y;
const MARKER_CHARS = 8192;

/** The line marker at an offset where a `#` stands. */
export function lineMarkerAt(text: string, hash: number): LineMarker | undefined {
  const newline = text.indexOf('\n', hash);
  const end = newline < 0 ? text.length : newline;
  if (end - hash > MARKER_CHARS) return undefined;
  LINE_MARKER.lastIndex = 0;
  const found = LINE_MARKER.exec(text.slice(hash, end));
  if (found === null) return undefined;
  const file = (found[2] ?? '').replaceAll(/\\([\\"])/g, '$1');
  return { line: Number(found[1]), file, end };
}
