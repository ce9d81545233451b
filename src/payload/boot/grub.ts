/**
 * `grub.cfg` (GRUB manual, "Simple configuration", "Multi-boot manual config", "Commands"; grub-core/normal/main.c and
 * menu.c): run far enough to know the menu, its default entry and what that boots. A submenu takes a number of its own;
 * `1>0`, titles and ids lead into it. What GRUB asks the firmware leaves a doubt.
 */
import { readUki } from '../boot-image/uki.ts';
import { type BootEntry, type BootFile, type BootWorld, type DoubtSubject, textOf } from './entry.ts';
import { HARMLESS, INITIAL, OF_THE_FIRMWARE, SUCCEEDS } from './grub-commands.ts';
import { GrubDevices } from './grub-devices.ts';
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

/** The entries of a `grub.cfg`; what is not understood is a doubt of the entry that it touches. */
export function parseGrub(text: string, file: string, world: BootWorld): readonly BootEntry[] {
  const machine = new GrubMachine(file, world);
  return machine.entries(text);
}

class GrubMachine extends GrubDevices {
  readonly #functions = new Map<string, readonly Statement[]>();
  #menu: MenuItem[] = [];
  #entryCount = 0;
  #listings = 0;
  #kernel: BootFile | undefined;
  #initrds: readonly BootFile[] = [];
  #dtb: BootFile | undefined;
  #bootargs = '';
  /** An entry is run, not the configuration itself. */
  #isInEntry = false;
  /** What `boot` outside of entries has booted. */
  #booted: BootEntry | undefined;
  #about: Record<DoubtSubject, Doubts> = noDoubts();

  constructor(file: string, world: BootWorld) {
    super(file, world);
    const prefix = file.slice(0, Math.max(0, file.lastIndexOf('/')));
    for (const [name, text] of Object.entries({ ...INITIAL, prefix })) {
      this.variables.set(name, { text, doubts: SURE });
    }
  }

  entries(text: string): readonly BootEntry[] {
    this.#clear();
    this.runText(text);
    if (this.#booted !== undefined) return [this.#booted];
    const menu = this.#menu;
    // Nothing is left to choose: GRUB waits for a command, with what is loaded.
    if (menu.length === 0 && this.#kernel !== undefined) {
      const doubts = this.doubt(undefined, this.file, 'loads a kernel and does not boot it', 'unread');
      return [this.#loaded('grub.cfg', together(doubts, this.overall), true)];
    }
    const before = { kernel: this.#kernel, about: this.#about };
    if (before.kernel !== undefined) {
      this.doubtOverall(
        this.doubt(undefined, this.file, 'loads a kernel outside of its menu entries', 'unread'),
      );
    }
    const wanted = this.variables.get('default') ?? { text: '0', doubts: SURE };
    const whole = together(this.overall, wanted.doubts);
    const found: BootEntry[] = [];
    const seen = new Map<MenuItem, BootEntry>();
    this.#collect(menu, found, seen, 0);
    const chosen = this.#choose(menu, wanted.text);
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

  /** `1>0`, `more>old-id`, a title; a submenu without more leads to its first entry. */
  #choose(menu: readonly MenuItem[], text: string): { item: MenuItem | undefined; isFound: boolean } {
    let items = menu;
    let rest = text.trim();
    for (let depth = 0; depth < MENU_DEPTH; depth++) {
      const { item, after, isFound } = this.#pick(items, rest);
      if (item === undefined || !item.isSubmenu) return { item, isFound };
      items = this.#submenu(item);
      rest = after ?? '0';
      if (!isFound) return { item: this.#choose(items, '0').item, isFound };
    }
    return { item: undefined, isFound: false };
  }

  /** Titles may hold `>` themselves, so the longest part that fits is taken. */
  #pick(
    items: readonly MenuItem[],
    text: string,
  ): { item: MenuItem | undefined; after?: string; isFound: boolean } {
    if (text === '') return { item: items[0], isFound: true };
    for (let end = text.length; end > 0; end = text.lastIndexOf('>', end - 1)) {
      const name = text.slice(0, end);
      const index = /^\d+$/.test(name) ? Number(name) : undefined;
      const item =
        index !== undefined && index < items.length
          ? items[index]
          : items.find(({ title, id }) => id === name || title === name);
      if (item !== undefined)
        return { item, isFound: true, ...(end < text.length ? { after: text.slice(end + 1) } : {}) };
    }
    return { item: items[0], isFound: false };
  }

  readonly #submenus = new Map<MenuItem, readonly MenuItem[]>();

  #submenu(item: MenuItem): readonly MenuItem[] {
    const known = this.#submenus.get(item);
    if (known !== undefined) return known;
    const before = this.#menu;
    const variables = new Map(this.variables);
    this.#menu = [];
    this.under(item.doubts, () => this.#withWords(item.words, () => this.runAll(item.block)));
    const items = this.#menu;
    this.#menu = before;
    this.#restore(variables);
    this.#submenus.set(item, items);
    return items;
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
        if (depth < MENU_DEPTH) this.#collect(this.#submenu(item), found, seen, depth + 1);
        continue;
      }
      const entry = item.ready ?? this.#entry(item);
      found.push(entry);
      seen.set(item, entry);
    }
  }

  #clear(): void {
    [this.#kernel, this.#initrds, this.#dtb, this.#bootargs] = [undefined, [], undefined, ''];
    this.#about = noDoubts();
  }

  #entry(item: MenuItem): BootEntry {
    const variables = new Map(this.variables);
    this.#clear();
    this.#isInEntry = true;
    const own = this.apart(() =>
      this.under(item.doubts, () => this.#withWords(item.words, () => this.runAll(item.block))),
    );
    this.#isInEntry = false;
    this.#restore(variables);
    const none =
      this.#kernel === undefined
        ? this.doubt(item.line, `menuentry ${item.title}`, 'boots no kernel', 'unread')
        : SURE;
    return this.#loaded(item.title, together(none, own), false);
  }

  /** Positional parameters: `$1` and on, `$#`, `$@`. */
  #withWords<T>(words: readonly Value[], work: () => T): T {
    const names = ['#', '@', '*', ...Array.from({ length: 10 }, (_, index) => String(index))];
    const before = names.map((name) => [name, this.variables.get(name)] as const);
    for (const name of names) this.variables.delete(name);
    const all = words.map(({ text }) => text).join(' ');
    const whole = { text: all, doubts: this.doubtsOf(words) };
    this.variables.set('#', { text: String(words.length), doubts: SURE });
    for (const name of ['@', '*']) this.variables.set(name, whole);
    for (const [index, word] of words.entries()) this.variables.set(String(index + 1), word);
    const result = work();
    for (const [name, value] of before) {
      if (value === undefined) this.variables.delete(name);
      else this.variables.set(name, value);
    }
    return result;
  }

  /** What has been loaded, as an entry. */
  #loaded(label: string, doubts: Doubts, isDefault: boolean): BootEntry {
    this.#about.kernel = together(this.#about.kernel, doubts);
    const about = Object.entries(this.#about) as [DoubtSubject, Doubts][];
    const all = new Set(about.flatMap(([, each]) => [...each]));
    return {
      loader: 'grub',
      file: this.file,
      label,
      isDefault,
      kernel: this.#kernel,
      initrds: this.#initrds,
      dtb: this.#dtb,
      treeSteps: [],
      bootargs: this.#bootargs,
      doubts: [...all].map((doubt) => ({
        ...doubt,
        about: about.filter(([, each]) => each.has(doubt)).map(([subject]) => subject),
      })),
    };
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
    if (body !== undefined) return this.#withWords(args, () => this.runAll(body));
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
      case 'source':
      case '.':
      case 'normal':
        return this.#source(texts[0] ?? '', call);
      case 'blscfg':
        return this.#loaderEntries();
      case 'linux':
      case 'linux16':
      case 'linuxefi':
        return this.#linux(args, call);
      case 'initrd':
      case 'initrd16':
      case 'initrdefi':
        this.#initrds = texts.map((path) => this.fileAt(path));
        this.#about.initrd = together(
          texts.some((path) => path.startsWith('newc:'))
            ? this.doubt(line, text, 'puts a file into a ramdisk of its own', 'unread')
            : SURE,
          texts.length > 1 && texts.some((path) => this.isMissing(path))
            ? this.doubt(line, text, 'names a ramdisk that is not there, and then none is loaded', 'unread')
            : SURE,
          this.doubtsOf(args),
          this.control,
          ...texts.map((path) => this.deviceDoubts(path, call)),
        );
        return DONE;
      case 'devicetree':
        this.#dtb = this.fileAt(texts[0] ?? '');
        this.#about['device tree'] = together(
          this.doubtsOf(args),
          this.control,
          this.deviceDoubts(texts[0] ?? '', call),
        );
        return DONE;
      case 'chainloader':
        return this.#chainload(args, call);
      case 'boot':
        return this.#boot();
      case 'setparams':
        for (const [index, word] of args.entries()) this.variables.set(String(index + 1), word);
        return DONE;
      case 'exit':
      case 'halt':
      case 'reboot':
      case 'return':
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
    else if (['menuentry', 'submenu', 'configfile', 'source', 'blscfg', 'load_env'].includes(name)) {
      this.doubtOverall(doubts);
    } else if (/^(?:linux|initrd|devicetree)/.test(name)) {
      for (const subject of Object.keys(this.#about) as DoubtSubject[]) {
        this.#about[subject] = together(this.#about[subject], doubts);
      }
    } else if (this.#functions.has(name)) this.taint(this.#functions.get(name) ?? [], doubts);
    else if (name === 'search') this.taintVariable('root', doubts);
    else if (!HARMLESS.has(name) && statement.block !== undefined) this.doubtOverall(doubts);
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

  /** A program of the firmware's: a unified kernel image is one, and a kernel of its own. */
  #chainload(args: readonly Value[], call: Call): Status {
    const { statement } = call;
    const path = args.find(({ text }) => !text.startsWith('-'));
    const file = this.fileAt(path?.text ?? '');
    const source = this.world.open(file);
    const uki = source && readUki(source);
    const other =
      uki !== undefined
        ? SURE
        : this.doubt(statement.line, statement.text, 'hands over to something else', 'unread');
    this.#clear();
    this.#kernel = file;
    this.#bootargs = uki?.cmdline ?? '';
    this.#about.kernel = together(
      path?.doubts ?? SURE,
      this.control,
      other,
      this.deviceDoubts(path?.text ?? '', call),
    );
    return DONE;
  }

  /** Outside of an entry it boots before there is a menu; in one it is what comes anyway. */
  #boot(): Status {
    if (this.#kernel === undefined) return FAILED;
    if (!this.#isInEntry) {
      this.#booted = this.#loaded('boot', this.overall, true);
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

  #linux(args: readonly Value[], call: Call): Status {
    const { statement } = call;
    const [kernel, ...rest] = args;
    const path = kernel?.text ?? '';
    const unread = this.isUnread(path)
      ? this.doubt(statement.line, statement.text, 'boots from a device that is not read here', 'unread')
      : SURE;
    this.#kernel = this.fileAt(path);
    this.#bootargs = rest.map(({ text }) => text).join(' ');
    this.#about.kernel = together(
      kernel?.doubts ?? SURE,
      this.control,
      unread,
      this.deviceDoubts(path, call),
    );
    this.#about['command line'] = together(this.doubtsOf(rest), this.control);
    return DONE;
  }
}

function noDoubts(): Record<DoubtSubject, Doubts> {
  return { kernel: SURE, initrd: SURE, 'device tree': SURE, 'command line': SURE };
}
