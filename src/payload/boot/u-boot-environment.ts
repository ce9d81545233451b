/**
 * U-Boot's variables: the environment, those of its shell, addresses that only the board has, and the commands that set them
 * (U-Boot, cmd/nvedit.c, cmd/setexpr.c, common/cli_hush.c).
 */
import { textOf } from './entry.ts';
import { evaluateSetexpr } from './shell-expressions.ts';
import {
  type Call,
  DONE,
  type Doubts,
  FAILED,
  type Status,
  SURE,
  together,
  type Value,
} from './shell-machine.ts';
import type { CommandStatement } from './shell-parser.ts';
import { ADDRESS_BASE, ADDRESS_STEP, isAddress } from './u-boot-commands.ts';
import { UBootStorage } from './u-boot-storage.ts';

/** A variable that neither the script nor an environment that it imports sets. */
const UNSET = "is set by nothing here, so that it is the board's or empty";

export abstract class UBootEnvironment extends UBootStorage {
  /** Local to the shell (`name=value`); the environment's come first. */
  readonly #locals = new Map<string, Value>();
  #addresses = 0n;
  /** Whether all of a file has been imported that is there for settings. */
  #hasSettings = false;

  protected unset(name: string, line: number | undefined): Value {
    const local = this.#locals.get(name);
    if (local !== undefined) return local;
    const own = this.ownDevice(name, line);
    if (own !== undefined) return own;
    if (isAddress(name)) {
      this.#addresses += 1n;
      const text = `0x${(ADDRESS_BASE + this.#addresses * ADDRESS_STEP).toString(16)}`;
      const value = { text, doubts: SURE };
      this.variables.set(name, value);
      return value;
    }
    const unset = this.doubt(line, `\${${name}}`, UNSET, 'board');
    return { text: this.deviceWordText(name) ?? '', doubts: unset };
  }

  /** Where the image has a file for settings that does not set the list, it is as optional as what scripts add to `bootargs`. */
  protected override listDoubts(lost: Doubts): Doubts {
    if (!this.#hasSettings) return lost;
    const sets = [...lost].map((doubt) =>
      doubt.reason === UNSET
        ? this.doubt(doubt.line, doubt.text, 'is a list that nothing here sets', 'setting')
        : new Set([doubt]),
    );
    return together(...sets);
  }

  protected override taintVariable(name: string, doubts: Doubts): void {
    const local = this.#locals.get(name);
    if (local !== undefined && !this.variables.has(name)) {
      this.#locals.set(name, { ...local, doubts: together(local.doubts, doubts) });
      return;
    }
    const own = this.ownDeviceText(name);
    if (own !== undefined && !this.variables.has(name)) this.variables.set(name, { text: own, doubts: SURE });
    super.taintVariable(name, doubts);
  }

  /** `${cmd}`, where nothing here sets `cmd`. */
  protected override nothingLeft({ words, line, text }: CommandStatement): Status {
    const isUnset = words.some(({ segments }) =>
      segments.some((segment) => segment.kind === 'variable' && this.get(segment.name, line).doubts.size > 0),
    );
    if (!isUnset) return DONE;
    const doubts = this.doubt(line, text, "runs what only the board's environment has", 'board');
    this.doubtOverall(doubts);
    return { ok: true, doubts };
  }

  protected assign(words: readonly string[], args: readonly Value[], call: Call): Status {
    for (const [index, word] of words.entries()) {
      const [, name = '', text = ''] = /^([A-Za-z]\w*)=(.*)$/s.exec(word) ?? [];
      if (name === '') return DONE;
      const doubts = together(index === 0 ? SURE : (args[index - 1]?.doubts ?? SURE), this.control);
      this.#locals.set(name, { text, doubts: together(doubts, this.#doubtsIn(call)) });
    }
    return DONE;
  }

  /** An assignment's words come expanded; their doubts are those of the variables in them. */
  #doubtsIn({ statement }: Call): Doubts {
    return together(...this.expand(statement.words, statement.line).map(({ doubts }) => doubts));
  }

  protected setenv(args: readonly Value[]): Status {
    const words = args[0]?.text === '-f' ? args.slice(1) : args;
    const [name, ...values] = words;
    if (name === undefined) return FAILED;
    const doubts = together(...words.map((value) => value.doubts));
    const text = values.map((value) => value.text).join(' ');
    this.#locals.delete(name.text);
    // Taken away is set to nothing, so that the board's own is not asked for.
    this.set(name.text, { text, doubts });
    return DONE;
  }

  /** `env exists` and `printenv NAME`: what the script has not set may be in the board's environment. */
  protected isSet(name: string, line: number): Status {
    const known = this.variables.get(name);
    if (known !== undefined) return { ok: known.text !== '', doubts: known.doubts };
    return { ok: false, doubts: this.doubt(line, name, "may be in the board's environment", 'board') };
  }

  /** `printenv NAME…` fails where one is not set; without names, it prints what there is. */
  protected print(args: readonly Value[], call: Call): Status {
    if (args.some(({ text }) => text === '-e')) return this.mayFail(call);
    return this.#areSet(args, call.statement.line);
  }

  #areSet(args: readonly Value[], line: number): Status {
    const found = args.filter(({ text }) => !text.startsWith('-')).map(({ text }) => this.isSet(text, line));
    return {
      ok: found.every(({ ok }) => ok),
      doubts: together(...args.map(({ doubts }) => doubts), ...found.map(({ doubts }) => doubts)),
    };
  }

  protected env(what: string, args: readonly Value[], call: Call): Status {
    const { statement } = call;
    if (what === 'import') return this.#import(args, statement.line);
    if (what === 'exists') {
      return this.isSet(args[0]?.text ?? '', statement.line);
    }
    if (what === 'delete') {
      const status = this.#areSet(args, statement.line);
      for (const { text } of args) if (!text.startsWith('-')) this.set(text, { text: '', doubts: SURE });
      return status;
    }
    if (what === 'print') return this.print(args, call);
    if (['save', 'export', 'info', 'grep', 'flags'].includes(what)) return this.mayFail(call);
    const doubts = this.doubt(statement.line, statement.text, "takes the board's own environment", 'board');
    this.doubtOverall(doubts);
    return { ok: true, doubts };
  }

  /** `env import -t [-r] ADDRESS SIZE [NAME…]`: `name=value` lines of what was loaded there. */
  #import(args: readonly Value[], line: number): Status {
    const words = args.filter(({ text }) => !text.startsWith('-'));
    const isText = !args.some(({ text }) => /^-[bc]$/.test(text));
    const loaded = this.at(words[0]?.text ?? '');
    const text = textOf(loaded?.source);
    if (loaded === undefined || text === undefined || !isText) {
      if (loaded !== undefined)
        this.doubtOverall(this.doubt(line, 'env import', 'reads what is not known here', 'board'));
      return { ok: loaded !== undefined && isText, doubts: loaded?.doubts ?? SURE };
    }
    const only = words.slice(2).map((word) => word.text);
    this.#hasSettings ||= only.length === 0 && loaded.file !== undefined && loaded.doubts.size === 0;
    const dropsReturns = args.some((value) => value.text === '-r');
    this.importText(text, loaded.doubts, only.length === 0 ? undefined : only, dropsReturns);
    return { ok: true, doubts: loaded.doubts };
  }

  importText(text: string, doubts: Doubts, only: readonly string[] | undefined, dropsReturns: boolean): void {
    if (!this.spend(text)) return;
    const plain = dropsReturns ? text.replaceAll('\r\n', '\n') : text;
    // A backslash takes what follows it as it is, a line's end too (U-Boot, lib/hashtable.c, himport_r).
    const lines = plain.match(/[ \t]*#[^\n\0]*|(?:[^\n\0\\]|\\[^\0])+/g) ?? [];
    const imported = new Set<string>();
    for (const line of lines) {
      const [, name, value] = /^[ \t]*([^\s=#][^\s=]*)=(.*)$/s.exec(line) ?? [];
      if (name === undefined || value === undefined || only?.includes(name) === false) continue;
      imported.add(name);
      this.set(name, { text: value.replace(/\\(.)/gs, '$1'), doubts });
    }
    // Those that are asked for by name and are not in it are deleted.
    for (const name of only ?? []) if (!imported.has(name)) this.set(name, { text: '', doubts });
  }

  protected setexpr({ name, args, statement }: Call): Status {
    const target = args[0]?.text ?? '';
    const before = this.get(target, statement.line);
    const found = evaluateSetexpr(name, args, before, this.reader(statement.line));
    if (found.isUnread === true) {
      const doubts = this.doubt(statement.line, statement.text, 'is not computed here', 'unread');
      this.taintVariable(target, doubts);
      return { ok: true, doubts };
    }
    if (found.value !== undefined) this.set(target, found.value);
    return found.status;
  }
}
