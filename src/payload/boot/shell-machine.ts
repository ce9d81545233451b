/**
 * Runs a parsed script (`shell-parser.ts`) and keeps account of doubt: a value, a command's result and a branch carry
 * what they depend on that is known only on the board or was not understood. A variable that is set anew without doubt
 * is sure again; what a branch that was not taken would have set is as doubtful as its condition. So a script may ask
 * the board a great deal and still be sure of what it boots. Commands are the subclasses' (U-Boot's, GRUB's).
 */
import { type BootDoubt, shortened } from './entry.ts';
import {
  type CommandStatement,
  parseShell,
  type ShellDialect,
  type Statement,
  type Word,
} from './shell-parser.ts';

export type Doubts = ReadonlySet<BootDoubt>;
export const SURE: Doubts = new Set();

export interface Value {
  readonly text: string;
  readonly doubts: Doubts;
}

/** What a command came to. */
export interface Status {
  readonly ok: boolean;
  readonly doubts: Doubts;
}

export const DONE: Status = { ok: true, doubts: SURE };
export const FAILED: Status = { ok: false, doubts: SURE };

export interface Call {
  readonly name: string;
  readonly args: readonly Value[];
  readonly statement: CommandStatement;
}

/** Statements that are run, loops included; no script needs more. */
const STEP_LIMIT = 20_000;
/** A variable that doubles itself grows without bound; U-Boot's whole environment is at most this long on most boards. */
const VALUE_LIMIT_CHARS = 1 << 16;
/** What all expansions together may come to. */
const EXPANSION_LIMIT_CHARS = 1 << 24;
/** What is parsed and imported, files that are read again and again included. */
const TEXT_LIMIT_CHARS = 1 << 23;
/** What each text costs besides its length, a file's opening above all. */
const TEXT_COST_CHARS = 1 << 10;
const DOUBT_LIMIT = 24;
const RUN_DEPTH_LIMIT = 24;
const POSITIONAL_LIMIT = 256;

export function together(...sets: readonly Doubts[]): Doubts {
  const some = sets.filter((set) => set.size > 0);
  if (some.length <= 1) return some[0] ?? SURE;
  const all = new Set<BootDoubt>();
  for (const set of some) for (const doubt of set) if (all.size < DOUBT_LIMIT) all.add(doubt);
  return all;
}

/** Of files, as GRUB's module regexp puts them in. */
function isPattern(segment: Word['segments'][number]): boolean {
  return segment.kind === 'text' && !segment.isQuoted && segment.text.includes('*');
}

export abstract class ShellMachine {
  protected readonly variables = new Map<string, Value>();
  /** What everything depends on that is set now: the conditions around it. */
  #control: Doubts = SURE;
  /** What the whole outcome depends on. */
  #overall: Doubts = SURE;
  #hasEnded = false;
  /** The text, or the function, that is run now is left. */
  #hasLeft = false;
  /** Loops that `break` and `continue` still have to leave. */
  #loops = 0;
  #leaving: { levels: number; readonly goesOn: boolean } | undefined;
  #stepCount = 0;
  #expandedChars = 0;
  #leftChars = TEXT_LIMIT_CHARS;
  #depth = 0;
  #last: Status = DONE;
  protected file: string;
  readonly #dialect: ShellDialect;
  readonly #doubts = new Map<string, BootDoubt>();

  constructor(file: string, dialect: ShellDialect) {
    this.file = file;
    this.#dialect = dialect;
  }

  protected abstract command(call: Call): Status;
  /** What a command that is not run would have set. */
  protected abstract taintCommand(call: Call, doubts: Doubts): void;
  /** Only GRUB's shell has functions. */
  protected defineFunction(_name: string, _body: readonly Statement[]): void {}
  /** A variable that nothing has set. */
  protected abstract unset(name: string, line: number | undefined): Value;

  protected get control(): Doubts {
    return this.#control;
  }

  protected get overall(): Doubts {
    return together(this.#overall, this.#control);
  }

  protected get hasEnded(): boolean {
    return this.#hasEnded || this.#hasLeft || this.#leaving !== undefined;
  }

  /** Nothing more is run: the script has booted, or has left. */
  protected end(): void {
    this.#hasEnded = true;
  }

  /** What has ended may be gone on with, as far as limits allow. */
  protected goOn(): void {
    this.#hasEnded = false;
  }

  /** Nothing more is run of the text, or of the function, in which this stands. */
  protected leave(): void {
    this.doubtOverall(this.#control);
    this.#hasLeft = true;
  }

  /** What `leave` leaves. */
  protected within<T>(work: () => T): T {
    const result = work();
    this.#hasLeft = false;
    return result;
  }

  /** `break`, and `continue` where it goes on with the last of these loops. */
  protected leaveLoops(levels: number, goesOn: boolean): void {
    if (this.#loops === 0) return;
    this.doubtOverall(this.#control);
    this.#leaving = { levels: Math.min(levels, this.#loops), goesOn };
  }

  /** One loop's body; whether the loop goes on behind it. */
  #round(work: () => Status): { readonly status: Status; readonly goesOn: boolean } {
    this.#loops += 1;
    const status = work();
    this.#loops -= 1;
    const leaving = this.#leaving;
    if (leaving === undefined) return { status, goesOn: true };
    leaving.levels -= 1;
    if (leaving.levels > 0) return { status, goesOn: false };
    this.#leaving = undefined;
    return { status: DONE, goesOn: leaving.goesOn };
  }

  /** The same doubt about the same place is one. */
  protected doubt(line: number | undefined, text: string, reason: string, kind: BootDoubt['kind']): Doubts {
    const key = `${this.file}:${line}:${text}:${reason}`;
    const known = this.#doubts.get(key) ?? { file: this.file, line, text: shortened(text), reason, kind };
    if (this.#doubts.size < 10_000) this.#doubts.set(key, known);
    return new Set([known]);
  }

  /** A command that nothing booted depends on, unless its status decides. */
  protected mayFail({ statement }: Call): Status {
    return { ok: true, doubts: this.doubt(statement.line, statement.text, 'may fail on the board', 'board') };
  }

  protected doubtOverall(doubts: Doubts): void {
    this.#overall = together(this.#overall, doubts);
  }

  /** Work whose doubts about the whole are its own. */
  protected apart(work: () => void): Doubts {
    const before = this.#overall;
    this.#overall = SURE;
    work();
    const own = this.#overall;
    this.#overall = before;
    return own;
  }

  protected set(name: string, value: Value): void {
    const text = value.text.slice(0, VALUE_LIMIT_CHARS);
    this.variables.set(name, { text, doubts: together(value.doubts, this.#control) });
  }

  protected get(name: string, line: number): Value {
    if (name === '?') return { text: this.#last.ok ? '0' : '1', doubts: this.#last.doubts };
    return this.variables.get(name) ?? this.unset(name, line);
  }

  /** Parses and runs a text: a script, a variable's value, a file that is sourced. */
  protected runText(text: string, file = this.file): Status {
    if (this.#depth >= RUN_DEPTH_LIMIT) {
      this.doubtOverall(this.doubt(undefined, text, 'calls itself without end', 'unread'));
      return FAILED;
    }
    if (!this.spend(text)) return FAILED;
    const before = this.file;
    this.#depth += 1;
    this.file = file;
    const status = this.within(() => this.runAll(parseShell(text, this.#dialect)));
    this.file = before;
    this.#depth -= 1;
    return status;
  }

  /** Counts a text that is about to be read; false where that was too much, and the script ends. */
  protected spend(text: string): boolean {
    this.#leftChars -= text.length + TEXT_COST_CHARS;
    if (this.#leftChars >= 0) return true;
    this.doubtOverall(this.doubt(undefined, 'this script', 'reads more than is followed', 'unread'));
    this.end();
    return false;
  }

  protected runAll(statements: readonly Statement[]): Status {
    let status = DONE;
    for (const statement of statements) {
      if (this.hasEnded) break;
      status = this.#run(statement);
      this.#last = status;
    }
    return status;
  }

  protected under<T>(doubts: Doubts, work: () => T): T {
    const before = this.#control;
    this.#control = together(before, doubts);
    const result = work();
    this.#control = before;
    return result;
  }

  #run(statement: Statement): Status {
    if (++this.#stepCount > STEP_LIMIT) {
      this.doubtOverall(this.doubt(statement.line, 'this script', 'does more than is followed', 'unread'));
      this.end();
      return FAILED;
    }
    switch (statement.kind) {
      case 'command':
        return this.#command(statement);
      case 'chain':
        return this.#chain(statement);
      case 'if':
        return this.#if(statement);
      case 'for':
        return this.#for(statement);
      case 'while':
        return this.#while(statement);
      case 'function':
        this.defineFunction(statement.name, statement.body);
        return DONE;
      case 'unread':
        this.doubtOverall(this.doubt(statement.line, statement.text, statement.reason, 'unread'));
        return FAILED;
    }
  }

  #chain({ first, rest }: Extract<Statement, { kind: 'chain' }>): Status {
    let status = this.#run(first);
    for (const { operator, statement } of rest) {
      if (this.hasEnded) break;
      this.#last = status;
      if ((operator === '&&') === status.ok) {
        const { doubts } = status;
        const next = this.under(doubts, () => this.#run(statement));
        status = { ok: next.ok, doubts: together(doubts, next.doubts) };
      } else this.taint([statement], status.doubts);
    }
    return status;
  }

  #if({ clauses, otherwise }: Extract<Statement, { kind: 'if' }>): Status {
    let doubts: Doubts = SURE;
    let status: Status | undefined;
    for (const { condition, body } of clauses) {
      if (status !== undefined) {
        this.taint([...condition, ...body], doubts);
        continue;
      }
      const found = this.under(doubts, () => this.runAll(condition));
      doubts = together(doubts, found.doubts);
      this.#last = found;
      if (this.hasEnded) return found;
      if (found.ok) status = this.under(doubts, () => this.runAll(body));
      else this.taint(body, doubts);
    }
    if (status === undefined) return this.under(doubts, () => this.runAll(otherwise));
    this.taint(otherwise, doubts);
    return status;
  }

  #for({ name, words, body, line }: Extract<Statement, { kind: 'for' }>): Status {
    const { values, lost } = this.#expandAll(words, line);
    let status = DONE;
    const doubts = together(this.listDoubts(lost), ...values.map((value) => value.doubts));
    for (const value of values) {
      if (this.hasEnded) break;
      this.set(name, value);
      const round = this.#round(() => this.under(doubts, () => this.runAll(body)));
      status = round.status;
      if (!round.goesOn) break;
    }
    // On the board there may be others, or some where here are none.
    this.taint(body, doubts);
    return status;
  }

  #while({ condition, body, isUntil, line }: Extract<Statement, { kind: 'while' }>): Status {
    let status = DONE;
    // Half of what is left, so that what comes behind a loop that waits for something is run too.
    const limit = this.#stepCount + (STEP_LIMIT - this.#stepCount) / 2;
    while (!this.hasEnded) {
      if (this.#stepCount > limit) {
        const word = isUntil ? 'until' : 'while';
        const doubts = this.doubt(line, word, 'goes round more often than is followed', 'unread');
        this.doubtOverall(doubts);
        return { ok: status.ok, doubts };
      }
      const found = this.runAll(condition);
      if (this.hasEnded || found.ok === isUntil) {
        this.taint(body, found.doubts);
        break;
      }
      const round = this.#round(() => this.under(found.doubts, () => this.runAll(body)));
      status = round.status;
      if (!round.goesOn) break;
      if (condition.length === 0 && body.length === 0) break;
    }
    return status;
  }

  #command(statement: CommandStatement): Status {
    const [name, ...args] = this.expand(statement.words, statement.line);
    if (name === undefined) return this.nothingLeft(statement);
    if (name.text === '!' && args.length > 0) {
      const inner = this.command({ name: args[0]?.text ?? '', args: args.slice(1), statement });
      return { ok: !inner.ok, doubts: inner.doubts };
    }
    const status = this.command({ name: name.text, args, statement });
    return name.doubts.size === 0 ? status : { ok: status.ok, doubts: together(status.doubts, name.doubts) };
  }

  /** What these statements would have set, had they been run, is as doubtful as why they were not. */
  protected taint(statements: readonly Statement[], doubts: Doubts): void {
    if (doubts.size === 0) return;
    const pending = [...statements];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (++this.#stepCount > STEP_LIMIT) {
        this.doubtOverall(doubts);
        return;
      }
      if (next.kind === 'command') {
        const [name, ...args] = this.expand(next.words, next.line);
        if (name !== undefined) this.taintCommand({ name: name.text, args, statement: next }, doubts);
      } else if (next.kind === 'chain')
        pending.push(next.first, ...next.rest.map(({ statement }) => statement));
      else if (next.kind === 'if') {
        pending.push(
          ...next.clauses.flatMap(({ condition, body }) => [...condition, ...body]),
          ...next.otherwise,
        );
      } else if (next.kind === 'for') {
        this.taintVariable(next.name, doubts);
        pending.push(...next.body);
      } else if (next.kind === 'while') pending.push(...next.condition, ...next.body);
      else if (next.kind === 'unread') this.doubtOverall(doubts);
    }
  }

  protected taintText(text: string, doubts: Doubts): void {
    if (this.#depth >= RUN_DEPTH_LIMIT || !this.spend(text)) return;
    this.#depth += 1;
    this.taint(parseShell(text, this.#dialect), doubts);
    this.#depth -= 1;
  }

  protected taintVariable(name: string, doubts: Doubts): void {
    const { text, doubts: before } = this.variables.get(name) ?? { text: '', doubts: SURE };
    this.variables.set(name, { text, doubts: together(before, doubts) });
  }

  /** Why there may be more to go through than there is here. */
  protected listDoubts(lost: Doubts): Doubts {
    return lost;
  }

  /** A command of which no word is left: its variables are empty, as far as is known. */
  protected nothingLeft(_statement: CommandStatement): Status {
    return DONE;
  }

  /**
   * Words with variables put in. A bare word that expands to nothing is no word; what is not quoted falls into words. Where a
   * word is gone, the others have moved, so that they are as doubtful as it was.
   */
  protected expand(words: readonly Word[], line: number): readonly Value[] {
    const { values, lost, lostAt } = this.#expandAll(words, line);
    if (lost.size === 0) return values;
    const from = Math.min(lostAt, values.length - 1);
    return values.map((value, index) =>
      index < from ? value : { ...value, doubts: together(value.doubts, lost) },
    );
  }

  /** @returns also why words are gone that may be there on the board, and before which word the first would be */
  #expandAll(
    words: readonly Word[],
    line: number,
  ): { readonly values: readonly Value[]; readonly lost: Doubts; readonly lostAt: number } {
    let lost = SURE;
    let lostAt = 0;
    const values: Value[] = [];
    for (const word of words) {
      const { fields, doubts } = this.#expandWord(word, line);
      if (this.#dialect.hasBlocks && word.segments.some(isPattern)) {
        const unread = this.doubt(
          line,
          fields[0]?.text ?? '',
          'is a pattern, which is not followed',
          'unread',
        );
        values.push(...fields.map((field) => ({ ...field, doubts: together(field.doubts, unread) })));
        continue;
      }
      if (fields.length === 0 && doubts.size > 0) {
        if (lost.size === 0) lostAt = values.length;
        lost = together(lost, doubts);
      }
      values.push(...fields);
    }
    return { values, lost, lostAt };
  }

  /** What `"$@"` stands for, each a word of its own. */
  #positional(line: number): readonly Value[] {
    const count = Math.min(Number(this.variables.get('#')?.text ?? '0'), POSITIONAL_LIMIT);
    return Array.from({ length: count }, (_, index) => this.get(String(index + 1), line));
  }

  #expandWord(
    { segments }: Word,
    line: number,
  ): { readonly fields: readonly Value[]; readonly doubts: Doubts } {
    const fields: { text: string; isThere: boolean }[] = [{ text: '', isThere: false }];
    let doubts: Doubts = SURE;
    const add = (text: string, isThere: boolean): void => {
      const last = fields.at(-1);
      if (last === undefined) return;
      last.text += text;
      last.isThere ||= isThere || text !== '';
    };
    for (const segment of segments) {
      if (segment.kind === 'text') {
        add(segment.text, segment.isQuoted);
        continue;
      }
      if (segment.name === '@' && this.#dialect.hasBlocks) {
        for (const [index, word] of this.#positional(line).entries()) {
          if (index > 0) fields.push({ text: '', isThere: false });
          add(word.text, true);
          doubts = together(doubts, word.doubts);
        }
        continue;
      }
      const found = this.get(segment.name, line);
      doubts = together(doubts, found.doubts);
      const text = found.text === '' && segment.fallback !== undefined ? segment.fallback : found.text;
      this.#expandedChars += text.length;
      if (this.#expandedChars > EXPANSION_LIMIT_CHARS) {
        this.doubtOverall(this.doubt(line, 'this script', 'makes longer texts than are followed', 'unread'));
        this.end();
        return { fields: [], doubts };
      }
      if (segment.isQuoted) {
        add(text, true);
        continue;
      }
      const [first = '', ...others] = text.split(/[ \t\n]+/);
      add(first, false);
      for (const other of others) {
        fields.push({ text: '', isThere: false });
        add(other, false);
      }
    }
    const there = fields.filter(({ isThere }) => isThere).map(({ text }) => ({ text, doubts }));
    return { fields: there, doubts };
  }
}
