/**
 * U-Boot scripts (`boot.scr`, `boot.cmd`) with the environments that they import (`armbianEnv.txt`, `uEnv.txt`), run far
 * enough to know what they load and boot: variables, `if`, `test`, `load`, `env import`, `booti` and its like (U-Boot,
 * common/cli_hush.c, doc/usage/cmd/). What else a script does counts as done, and succeeds.
 */
import type { BootEntry } from './entry.ts';

export interface ScriptWorld {
  /** A file beside the script, as `load` and `test -e` name it; `undefined` where there is none. */
  readFile(path: string): string | undefined;
  exists(path: string): boolean;
}

/** A script is a page or two; anything longer is no boot script. */
const STATEMENT_LIMIT = 20_000;
/** A variable that doubles itself grows without bound; U-Boot's whole environment is at most this long on most boards. */
const VALUE_LIMIT_CHARS = 1 << 16;

/** What U-Boot itself would have set, as far as scripts rely on it. */
const INITIAL: Readonly<Record<string, string>> = {
  devtype: 'mmc',
  devnum: '0',
  distro_bootpart: '1',
  prefix: '/boot/',
  boot_scripts: 'boot.scr',
  kernel_addr_r: '0x1000000',
  ramdisk_addr_r: '0x2000000',
  fdt_addr_r: '0x3000000',
  scriptaddr: '0x4000000',
  load_addr: '0x5000000',
};

/** @param prefix where the script was found, with a final slash: U-Boot's `prefix` */
export function runBootScript(text: string, file: string, prefix: string, world: ScriptWorld): BootEntry {
  const machine = new ScriptMachine(prefix, world);
  machine.run(statementsOf(text));
  const { kernel, initrd, dtb } = machine.booted();
  return {
    loader: 'u-boot-script',
    file,
    label: file.slice(file.lastIndexOf('/') + 1),
    isDefault: true,
    kernel,
    initrd,
    dtb,
    bootargs: machine.variable('bootargs').replace(/\s+/g, ' ').trim(),
  };
}

/** Lines and `;`-separated parts, quotes respected, comments and continuation lines resolved. */
function statementsOf(text: string): readonly string[] {
  const joined = text.replaceAll('\r', '').replace(/\\\n/g, ' ');
  const parts = joined.split('\n').flatMap((line) => {
    const code = line.trimStart().startsWith('#') ? '' : line;
    return code.match(/(?:"[^"]*"|'[^']*'|[^;"'])+/g) ?? [];
  });
  return parts
    .flatMap((part) => part.trim().split(/^(then|else|do)\s+/))
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .slice(0, STATEMENT_LIMIT);
}

class ScriptMachine {
  readonly #variables = new Map<string, string>();
  readonly #world: ScriptWorld;
  /** What was loaded last at an address: kernels, ramdisks and trees are told by it. */
  readonly #loaded = new Map<string, string>();
  #booted: { kernel: string | undefined; initrd: string | undefined; dtb: string | undefined } | undefined;

  constructor(prefix: string, world: ScriptWorld) {
    for (const [name, value] of Object.entries(INITIAL)) this.#variables.set(name, value);
    this.#variables.set('prefix', prefix);
    this.#world = world;
  }

  variable(name: string): string {
    return this.#variables.get(name) ?? '';
  }

  /** What the first boot command named; where none ran, what was loaded under telling names. */
  booted(): { kernel: string | undefined; initrd: string | undefined; dtb: string | undefined } {
    const paths = [...this.#loaded.values()];
    return (
      this.#booted ?? {
        kernel: paths.find((path) => /(?:Image|vmlinuz)[^/]*$/.test(path)),
        initrd: paths.find((path) => /init(?:rd|ramfs)[^/]*$/i.test(path)),
        dtb: paths.find((path) => path.endsWith('.dtb')),
      }
    );
  }

  run(statements: readonly string[]): void {
    /** One for each open `if`: whether its current branch runs, and whether one has run already. */
    const branches: { runs: boolean; done: boolean }[] = [];
    for (const statement of statements) {
      const isRunning = branches.every((branch) => branch.runs);
      const top = branches.at(-1);
      const [, keyword = '', rest = ''] =
        /^(if|elif|then|else|fi|for|while|do|done)\b\s*(.*)$/.exec(statement) ?? [];
      if (keyword === 'if') {
        const holds = isRunning && this.#condition(rest);
        branches.push({ runs: holds, done: holds });
      } else if (keyword === 'elif' && top !== undefined) {
        top.runs = !top.done && branches.slice(0, -1).every((branch) => branch.runs) && this.#condition(rest);
        top.done ||= top.runs;
      } else if (keyword === 'else' && top !== undefined) {
        top.runs = !top.done;
        top.done = true;
      } else if (keyword === 'fi') branches.pop();
      else if (keyword === '' && isRunning && this.#booted === undefined) this.#condition(statement);
    }
  }

  /** `a && b || c`, from the left. */
  #condition(text: string): boolean {
    let result = true;
    let operator = '&&';
    for (const part of text.split(/(&&|\|\|)/)) {
      if (part === '&&' || part === '||') operator = part;
      else if (operator === '&&' ? result : !result) result = this.#command(part.trim());
    }
    return result;
  }

  /** Runs one command; true where it succeeds. */
  #command(text: string): boolean {
    const words = this.#words(text);
    const [command = '', ...args] = words;
    if (command === 'setenv' || (command === 'env' && args[0] === 'set')) {
      const [name = '', ...value] = command === 'setenv' ? args : args.slice(1);
      if (value.length === 0) this.#variables.delete(name);
      else this.#variables.set(name, value.join(' ').slice(0, VALUE_LIMIT_CHARS));
      return true;
    }
    if (command === 'test' || command === '[') return this.#test(args);
    if (/^(?:load|ext[24]load|fatload|fsload)$/.test(command)) return this.#load(args);
    if (command === 'env' && args[0] === 'import') return this.#import(args);
    if (/^boot[imz]$/.test(command)) {
      const at = (index: number): string | undefined =>
        this.#loaded.get((args[index] ?? '-').split(':')[0] ?? '');
      this.#booted = { kernel: at(0), initrd: at(1), dtb: at(2) };
    }
    return command !== 'false';
  }

  /** Words with variables put in: in double quotes and bare, not in single quotes. */
  #words(text: string): readonly string[] {
    const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
    return words.flatMap((word) => {
      const value = word.replace(
        /'([^']*)'|"([^"]*)"|([^"']+)/g,
        (_, single?: string, double?: string, bare?: string) => single ?? this.#expand(double ?? bare ?? ''),
      );
      // A bare word that expands to nothing is no word; a quoted one is an empty word.
      return value === '' && !/["']/.test(word) ? [] : [value];
    });
  }

  #expand(text: string): string {
    return text.replace(/\$\{(\w+)\}|\$(\w+)/g, (_, braced?: string, plain?: string) =>
      this.variable(braced ?? plain ?? ''),
    );
  }

  #load(args: readonly string[]): boolean {
    const [, , address = '', path = ''] = args;
    if (path === '' || !this.#world.exists(path)) return false;
    this.#loaded.set(address, path);
    this.#variables.set('filesize', '1');
    return true;
  }

  /** `env import -t ADDRESS SIZE`: `name=value` lines of what was loaded there. */
  #import(args: readonly string[]): boolean {
    const address = args.slice(1).find((word) => !word.startsWith('-')) ?? '';
    const text = this.#world.readFile(this.#loaded.get(address) ?? '') ?? '';
    for (const line of text.split('\n')) {
      const [, name, value] = /^(\w+)=(.*?)\r?$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) {
        this.#variables.set(name, value.slice(0, VALUE_LIMIT_CHARS));
      }
    }
    return true;
  }

  #test(args: readonly string[]): boolean {
    const words = args.filter((word) => word !== ']');
    const cut = words.findIndex((word) => word === '-o' || word === '-a');
    if (cut >= 0) {
      const [left, right] = [this.#test(words.slice(0, cut)), this.#test(words.slice(cut + 1))];
      return words[cut] === '-o' ? left || right : left && right;
    }
    const [a = '', b = '', c = ''] = words;
    if (a === '!') return !this.#test(words.slice(1));
    if (a === '-e') return this.#world.exists(words.at(-1) ?? '');
    if (a === '-n') return b !== '';
    if (a === '-z') return b === '';
    if (b === '=' || b === '==') return a === c;
    if (b === '!=') return a !== c;
    const [x, y] = [Number(a), Number(c)];
    if (b === '-eq') return x === y;
    if (b === '-ne') return x !== y;
    if (b === '-lt') return x < y;
    if (b === '-gt') return x > y;
    if (b === '-le') return x <= y;
    if (b === '-ge') return x >= y;
    return a !== '';
  }
}
