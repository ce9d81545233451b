/**
 * `grub.cfg` (GRUB manual, "Simple configuration", "Multi-boot manual config", "Commands"; grub-core/normal/main.c and
 * menu.c): run far enough to know the menu, its default entry and what that boots. A submenu takes a number of its own;
 * `1>0`, titles and ids lead into it. What GRUB asks the firmware leaves a doubt.
 */
import { type BootEntry, type BootFile, type BootWorld, textOf } from './entry.ts';
import { pickEntry, pickLoaderEntry } from './grub-choice.ts';
import { HARMLESS, INITIAL, OF_THE_FIRMWARE, SUCCEEDS } from './grub-commands.ts';
import { GrubLoading } from './grub-loading.ts';
import { evaluateGrubTest } from './grub-test.ts';
import { readLoaderEntries } from './loader-spec.ts';
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
import type { Statement } from './shell-parser.ts';

const ENTRY_LIMIT = 256;
/** How often `blscfg` is followed. */
const LISTING_LIMIT = 4;
const MENU_DEPTH = 8;
/** Where it is in doubt whether they are run, so is all. */
const DECIDES: ReadonlySet<string> = new Set(
  'menuentry submenu configfile source . normal blscfg load_env exit halt reboot return break continue'.split(
    ' ',
  ),
);

interface MenuItem {
  readonly title: string;
  readonly id: string;
  readonly isSubmenu: boolean;
  readonly block: readonly Statement[];
  /** An entry of `blscfg`, which is no block. */
  readonly ready?: BootEntry;
  readonly doubts: Doubts;
  /** The title, and what else is there that is no option: `$1` and on. */
  readonly words: readonly Value[];
  readonly line: number;
}

interface Submenu {
  readonly items: readonly MenuItem[];
  /** `default`, where its own block sets it. */
  readonly wanted: Value | undefined;
}

/** The entries of a `grub.cfg`; what is not understood is a doubt of the entry that it touches. */
export function parseGrub(text: string, file: string, world: BootWorld): readonly BootEntry[] {
  const machine = new GrubMachine(file, world);
  return machine.entries(text);
}

const DISPUTED =
  'is a number to GRUB itself, and the name of another entry to the distributions that look at names first';

class GrubMachine extends GrubLoading {
  readonly #functions = new Map<string, readonly Statement[]>();
  /** What a new context begins with: `configfile`, submenus (grub-core/kern/env.c, normal/context.c). */
  readonly #exported = new Set([...Object.keys(INITIAL), 'root', 'prefix', 'cmdpath', 'lang', 'pager']);
  /** Of entries in submenus. */
  readonly #contexts = new Map<MenuItem, ReadonlyMap<string, Value>>();
  #contextDepth = 0;
  #menu: MenuItem[] = [];
  #entryCount = 0;
  #listings = 0;
  /** What `boot` outside of entries has booted. */
  #booted: BootEntry | undefined;

  constructor(file: string, world: BootWorld) {
    super(file, world);
    const prefix = file.slice(0, Math.max(0, file.lastIndexOf('/')));
    for (const [name, text] of Object.entries({ ...INITIAL, prefix })) {
      this.variables.set(name, { text, doubts: SURE });
    }
  }

  entries(text: string): readonly BootEntry[] {
    this.clear();
    this.runText(text);
    this.goOn();
    if (this.#booted !== undefined) return [this.#booted];
    const menu = this.#menu;
    // Nothing is left to choose: GRUB waits for a command, with what is loaded.
    if (menu.length === 0 && this.kernel !== undefined) {
      const doubts = this.doubt(undefined, this.file, 'loads a kernel and does not boot it', 'unread');
      return [this.loaded('grub.cfg', together(doubts, this.overall), true)];
    }
    const before = { kernel: this.kernel, about: this.about };
    if (before.kernel !== undefined) {
      this.doubtOverall(
        this.doubt(undefined, this.file, 'loads a kernel outside of its menu entries', 'unread'),
      );
    }
    const wanted = this.variables.get('default') ?? { text: '0', doubts: SURE };
    const found: BootEntry[] = [];
    const seen = new Map<MenuItem, BootEntry>();
    this.#collect(menu, found, seen, 0);
    const chosen = this.#chooseBooting(menu, wanted.text, seen);
    const whole = together(this.overall, wanted.doubts);
    const lost =
      chosen.isFound || menu.length === 0
        ? SURE
        : this.doubt(undefined, `default=${wanted.text}`, 'names no entry of the menu', 'unread');
    const doubts = together(whole, lost);
    return found.map((entry) => {
      const isDefault = chosen.item !== undefined && seen.get(chosen.item) === entry;
      const about = ['kernel', 'initrd', 'device tree', 'command line'] as const;
      const more = [...doubts].map((doubt) => ({ ...doubt, about }));
      const own = entry.doubts.filter(
        ({ line, text, reason }) =>
          !more.some((each) => each.line === line && each.text === text && each.reason === reason),
      );
      return { ...entry, isDefault, doubts: isDefault ? [...own, ...more] : entry.doubts };
    });
  }

  /** The default entry; where its kernel is not there, the first of `fallback` whose kernel is. */
  #chooseBooting(
    menu: readonly MenuItem[],
    text: string,
    seen: ReadonlyMap<MenuItem, BootEntry>,
  ): { item: MenuItem | undefined; isFound: boolean } {
    const chosen = this.#choose(menu, text);
    const { text: fallback, doubts } = this.variables.get('fallback') ?? { text: '', doubts: SURE };
    const boots = (item: MenuItem | undefined): boolean => {
      const kernel = item && seen.get(item)?.kernel;
      return kernel !== undefined && !this.isMissingFile(kernel);
    };
    if (fallback === '' || boots(chosen.item)) return chosen;
    this.doubtOverall(doubts);
    const others = fallback.split(/\s+/).map((each) => this.#choose(menu, each));
    return others.find(({ item, isFound }) => isFound && boots(item)) ?? chosen;
  }

  /** `1>0`, `more>old-id`, a title; a submenu without more leads to its first entry. */
  #choose(menu: readonly MenuItem[], text: string): { item: MenuItem | undefined; isFound: boolean } {
    let items = menu;
    let rest = text.trim();
    for (let depth = 0; depth < MENU_DEPTH; depth++) {
      const isOfLoaderEntries = items.some(({ ready }) => ready !== undefined);
      const picked = isOfLoaderEntries ? pickLoaderEntry(items, rest) : pickEntry(items, rest);
      const { item, after, isFound } = picked;
      if (picked.isDisputed === true)
        this.doubtOverall(this.doubt(undefined, `default=${rest}`, DISPUTED, 'board'));
      if (item === undefined || !item.isSubmenu) return { item, isFound };
      const submenu = this.#submenu(item);
      ({ items } = submenu);
      // What its own block sets comes last.
      rest = submenu.wanted?.text ?? after ?? '0';
      this.doubtOverall(submenu.wanted?.doubts ?? SURE);
      if (!isFound) return { item: this.#choose(items, '0').item, isFound };
    }
    return { item: undefined, isFound: false };
  }

  readonly #submenus = new Map<MenuItem, Submenu>();

  /** A submenu has variables of its own, beside those that are exported; its entries are run with them. */
  #submenu(item: MenuItem): Submenu {
    const known = this.#submenus.get(item);
    if (known !== undefined) return known;
    const before = this.#menu;
    const variables = new Map(this.variables);
    this.#menu = [];
    this.#restore(this.#contexts.get(item) ?? variables);
    this.#keepExported();
    this.within(() =>
      this.under(item.doubts, () => this.withWords(item.words, () => this.runAll(item.block))),
    );
    const submenu = { items: this.#menu, wanted: this.variables.get('default') };
    const context = new Map(this.variables);
    for (const each of this.#menu) this.#contexts.set(each, context);
    this.#menu = before;
    this.#restore(variables);
    this.#submenus.set(item, submenu);
    return submenu;
  }

  #keepExported(): void {
    for (const name of this.variables.keys()) if (!this.#exported.has(name)) this.variables.delete(name);
  }

  #restore(variables: ReadonlyMap<string, Value>): void {
    this.variables.clear();
    for (const [name, value] of variables) this.variables.set(name, value);
  }

  #collect(
    menu: readonly MenuItem[],
    found: BootEntry[],
    seen: Map<MenuItem, BootEntry>,
    depth: number,
  ): void {
    for (const item of menu) {
      if (item.isSubmenu) {
        if (depth < MENU_DEPTH) this.#collect(this.#submenu(item).items, found, seen, depth + 1);
        continue;
      }
      const entry = item.ready ?? this.#entry(item);
      found.push(entry);
      seen.set(item, entry);
    }
  }

  #entry(item: MenuItem): BootEntry {
    const variables = new Map(this.variables);
    this.clear();
    this.isInEntry = true;
    this.#restore(this.#contexts.get(item) ?? variables);
    const own = this.apart(() => this.#runEntry(item));
    this.isInEntry = false;
    this.#restore(variables);
    const none =
      this.kernel === undefined
        ? this.doubt(item.line, `menuentry ${item.title}`, 'boots no kernel', 'unread')
        : SURE;
    return this.loaded(item.title, together(none, own), false);
  }

  #runEntry({ doubts, words, block }: MenuItem): void {
    this.within(() => this.under(doubts, () => this.withWords(words, () => this.runAll(block))));
  }

  /** Nothing sets variables but the configuration, what it keeps, and GRUB itself, from what the firmware says. */
  protected unset(name: string, line: number | undefined): Value {
    if (!OF_THE_FIRMWARE.test(name)) return { text: '', doubts: SURE };
    const text = name === 'cmdpath' ? (this.variables.get('prefix')?.text ?? '') : '';
    return { text, doubts: this.doubt(line, `$${name}`, 'is known only on the board', 'board') };
  }

  protected command(call: Call): Status {
    const { name, args, statement } = call;
    const texts = args.map(({ text }) => text);
    const { line, text } = statement;
    if (/^\w+=/.test(name) && args.length === 0)
      return this.#set([{ text: name, doubts: this.#doubtsIn(call) }]);
    const body = this.#functions.get(name);
    if (body !== undefined) return this.within(() => this.withWords(args, () => this.runAll(body)));
    switch (name) {
      case 'set':
        return this.#set(args);
      case 'unset':
        for (const each of texts) this.set(each, { text: '', doubts: SURE });
        return DONE;
      case 'test':
      case '[': {
        const words = name === '[' && texts.at(-1) === ']' ? args.slice(0, -1) : args;
        return evaluateGrubTest(words, {
          ages: () => this.doubt(line, text, 'compares files in a way that is not followed', 'unread'),
          exists: (path, operator) => {
            const file = this.fileAt(path.text);
            const isFile = operator !== '-d' && this.world.open(file) !== undefined;
            const isDirectory = /^-[de]$/.test(operator) && this.world.isDirectory(file);
            return { ok: isFile || isDirectory, doubts: this.deviceDoubts(path.text, call) };
          },
        });
      }
      case 'false':
        return FAILED;
      case 'menuentry':
      case 'submenu':
        return this.#addItem(call);
      case 'load_env':
        return this.loadEnvironment(call);
      case 'search':
      case 'search.fs_uuid':
      case 'search.fs_label':
      case 'search.file':
        return this.search(name, args, line);
      case 'configfile':
        return this.#configure(texts[0] ?? '', call);
      case 'export':
        for (const each of texts) this.#exported.add(each);
        return DONE;
      case 'source':
      case '.':
      case 'normal':
        return this.#source(texts[0] ?? '', call);
      case 'blscfg':
        return this.#loaderEntries();
      case 'linux':
      case 'linux16':
      case 'linuxefi':
        return this.linux(args, call);
      case 'initrd':
      case 'initrd16':
      case 'initrdefi':
        return this.initrd(call);
      case 'devicetree':
        return this.devicetree(call);
      case 'chainloader':
        return this.chainload(args, call);
      case 'boot':
        return this.#boot();
      case 'setparams':
        for (const [index, word] of args.entries()) this.variables.set(String(index + 1), word);
        return DONE;
      case 'exit':
      case 'halt':
      case 'reboot':
        return this.#leaveGrub(call);
      case 'return':
        this.leave();
        return DONE;
      case 'break':
      case 'continue':
        this.leaveLoops(Math.max(1, Number(texts[0]) || 1), name === 'continue');
        return DONE;
      case 'shift':
        this.shift(Number(texts[0] ?? '1'));
        return DONE;
      case 'keystatus':
        // A key that is held down: nobody holds one.
        return FAILED;
      default:
        break;
    }
    if (SUCCEEDS.has(name)) return DONE;
    if (HARMLESS.has(name) || name.startsWith('gfx') || name.startsWith('terminal'))
      return this.mayFail(call);
    const doubts = this.doubt(line, text, 'is a command that is not followed here', 'unread');
    this.doubtOverall(doubts);
    return { ok: true, doubts };
  }

  protected taintCommand({ name, args, statement }: Call, doubts: Doubts): void {
    const [first = ''] = args.map(({ text }) => text);
    if (name === 'set') this.taintVariable(first.split('=')[0] ?? '', doubts);
    else if (/^\w+=/.test(name)) this.taintVariable(name.split('=')[0] ?? '', doubts);
    else if (DECIDES.has(name)) {
      this.doubtOverall(doubts);
    } else if (/^(?:linux|initrd|devicetree)/.test(name)) {
      this.taintLoaded(doubts);
    } else if (this.#functions.has(name)) this.taint(this.#functions.get(name) ?? [], doubts);
    else if (name === 'search') this.taintVariable('root', doubts);
    else if (!HARMLESS.has(name) && statement.block !== undefined) this.doubtOverall(doubts);
  }

  /** Before there is a menu nothing of it is booted, so that what is behind is a guess; in an entry it takes the place of booting. */
  #leaveGrub({ statement }: Call): Status {
    if (this.isInEntry) {
      this.clear();
      this.leave();
    } else {
      this.doubtOverall(this.doubt(statement.line, statement.text, 'leaves GRUB before its menu', 'unread'));
    }
    return DONE;
  }

  /**
   * `configfile`: a menu of its own, with the variables that are exported; where it has no entries, all is as before. In an entry the
   * default of its menu is what the entry boots.
   */
  #configure(path: string, call: Call): Status {
    const { line, text } = call.statement;
    if (this.#contextDepth >= MENU_DEPTH) {
      this.doubtOverall(this.doubt(line, text, 'leads into itself without end', 'unread'));
      return FAILED;
    }
    this.#contextDepth += 1;
    const status = this.#inContext(path, call);
    this.#contextDepth -= 1;
    return status;
  }

  #inContext(path: string, call: Call): Status {
    const [variables, menu] = [new Map(this.variables), this.#menu];
    this.#menu = [];
    this.#keepExported();
    const status = this.#source(path, call);
    const own = this.#menu;
    if (this.isInEntry && own.length > 0) {
      const wanted = this.variables.get('default') ?? { text: '0', doubts: SURE };
      const { item } = this.#choose(own, wanted.text);
      this.#menu = menu;
      if (item !== undefined) this.under(wanted.doubts, () => this.#runEntry(item));
      this.leave();
    } else if (own.length > 0 || this.#booted !== undefined) {
      this.doubtOverall(this.control);
      this.end();
    } else {
      this.#menu = menu;
      this.#restore(variables);
    }
    return status;
  }

  protected override defineFunction(name: string, body: readonly Statement[]): void {
    this.#functions.set(name, body);
  }

  #doubtsIn({ statement }: Call): Doubts {
    return this.doubtsOf(this.expand(statement.words, statement.line));
  }

  #set(args: readonly Value[]): Status {
    const [, name = '', text = ''] = /^([^=]+)=(.*)$/s.exec(args[0]?.text ?? '') ?? [];
    if (name !== '') this.set(name, { text, doubts: this.doubtsOf(args) });
    return DONE;
  }

  /** Outside of an entry it boots before there is a menu; in one it is what comes anyway. */
  #boot(): Status {
    if (this.kernel === undefined) return FAILED;
    if (!this.isInEntry) {
      this.#booted = this.loaded('boot', this.overall, true);
      this.end();
    }
    return DONE;
  }

  #addItem({ name, args, statement }: Call): Status {
    if (++this.#entryCount > ENTRY_LIMIT) return FAILED;
    let title: string | undefined;
    let id = '';
    const words: Value[] = [];
    const texts = args.map(({ text }) => text);
    for (let index = 0; index < texts.length; index++) {
      const text = texts[index] ?? '';
      const [, option = '', value] = /^--(\w[\w-]*)(?:=(.*))?$/.exec(text) ?? [];
      if (option === '') {
        title ??= text;
        words.push(args[index] as Value);
      } else if (option !== 'unrestricted') {
        const given = value ?? texts[++index] ?? '';
        if (option === 'id') id = given;
      }
    }
    const block = statement.block ?? [];
    const doubts = together(this.control, this.doubtsOf(args));
    const { line } = statement;
    const item = { title: title ?? '', id, isSubmenu: name === 'submenu', block, doubts, words, line };
    this.#menu.push(item);
    return DONE;
  }

  #source(path: string, call: Call): Status {
    const { name, statement } = call;
    this.doubtOverall(this.deviceDoubts(path, call));
    const file = this.fileAt(path);
    const text = textOf(this.world.open(file));
    if (text !== undefined) return this.runText(text, file.path);
    // A file that may be there or not is asked for first, so that this one is missed.
    this.doubtOverall(
      this.doubt(statement.line, `${name} ${path}`, 'reads a file that is not there', 'board'),
    );
    return FAILED;
  }

  /** Fedora's: the menu's entries are files of the Boot Loader Specification. */
  #loaderEntries(): Status {
    if (++this.#listings > LISTING_LIMIT) return FAILED;
    const places = ['/boot/loader/entries', '/loader/entries'];
    const partition = this.fileAt('/').partition;
    for (const path of places) {
      const directory: BootFile = partition === undefined ? { path } : { path, partition };
      const variable = (name: string): string | undefined => this.variables.get(name)?.text;
      for (const { entry, id } of readLoaderEntries(directory, this.world, 'grub', variable)) {
        const doubts = this.control;
        this.#menu.push({
          title: entry.label,
          id,
          isSubmenu: false,
          block: [],
          ready: entry,
          doubts,
          words: [],
          line: 1,
        });
      }
    }
    return DONE;
  }
}
