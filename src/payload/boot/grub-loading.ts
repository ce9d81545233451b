/**
 * What a GRUB entry loads: a kernel with its command line, ramdisks, a tree, or a program of the firmware's (GRUB manual, "linux",
 * "initrd", "devicetree", "chainloader"), and the positional parameters of what is run.
 */
import { readUki } from '../boot-image/uki.ts';
import type { BootEntry, BootFile, DoubtSubject } from './entry.ts';
import { GrubDevices } from './grub-devices.ts';
import { type Call, DONE, type Doubts, type Status, SURE, together, type Value } from './shell-machine.ts';

export abstract class GrubLoading extends GrubDevices {
  protected kernel: BootFile | undefined;
  protected initrds: readonly BootFile[] = [];
  protected dtb: BootFile | undefined;
  protected bootargs = '';
  /** An entry is run, not the configuration itself. */
  protected isInEntry = false;
  protected about: Record<DoubtSubject, Doubts> = noDoubts();

  protected clear(): void {
    [this.kernel, this.initrds, this.dtb, this.bootargs] = [undefined, [], undefined, ''];
    this.about = noDoubts();
  }

  /** Positional parameters: `$1` and on, `$#`, `$@`. */
  protected withWords<T>(words: readonly Value[], work: () => T): T {
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
  protected loaded(label: string, doubts: Doubts, isDefault: boolean): BootEntry {
    this.about.kernel = together(this.about.kernel, doubts);
    const about = Object.entries(this.about) as [DoubtSubject, Doubts][];
    const all = new Set(about.flatMap(([, each]) => [...each]));
    return {
      loader: 'grub',
      file: this.file,
      label,
      isDefault,
      kernel: this.kernel,
      initrds: this.initrds,
      dtb: this.dtb,
      treeSteps: [],
      bootargs: this.bootargs,
      doubts: [...all].map((doubt) => ({
        ...doubt,
        about: about.filter(([, each]) => each.has(doubt)).map(([subject]) => subject),
      })),
    };
  }

  protected shift(count: number): void {
    const words = Number(this.variables.get('#')?.text ?? '0');
    if (!(count > 0 && count <= words)) return;
    for (let index = 1; index <= words; index++) {
      const value = this.variables.get(String(index + count));
      if (index + count <= words && value !== undefined) this.variables.set(String(index), value);
      else this.variables.delete(String(index));
    }
    this.variables.set('#', { text: String(words - count), doubts: SURE });
  }

  protected linux(args: readonly Value[], call: Call): Status {
    const { statement } = call;
    const [kernel, ...rest] = args;
    const path = kernel?.text ?? '';
    const unread = this.isUnread(path)
      ? this.doubt(statement.line, statement.text, 'boots from a device that is not read here', 'unread')
      : SURE;
    this.kernel = this.fileAt(path);
    this.bootargs = rest.map(({ text }) => text).join(' ');
    this.about.kernel = together(kernel?.doubts ?? SURE, this.control, unread, this.deviceDoubts(path, call));
    this.about['command line'] = together(this.doubtsOf(rest), this.control);
    const isThere = unread.size > 0 || !this.isMissing(path);
    return { ok: isThere, doubts: together(kernel?.doubts ?? SURE, unread, this.deviceDoubts(path, call)) };
  }

  protected initrd(call: Call): Status {
    const { args, statement } = call;
    const { line, text } = statement;
    const texts = args.map(({ text: path }) => path);
    this.initrds = texts.map((path) => this.fileAt(path));
    this.about.initrd = together(
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
  }

  protected devicetree(call: Call): Status {
    const [path = { text: '', doubts: SURE }] = call.args;
    this.dtb = this.fileAt(path.text);
    this.about['device tree'] = together(path.doubts, this.control, this.deviceDoubts(path.text, call));
    return DONE;
  }

  /** What is in doubt to be run may take the place of all that is loaded. */
  protected taintLoaded(doubts: Doubts): void {
    for (const subject of Object.keys(this.about) as DoubtSubject[]) {
      this.about[subject] = together(this.about[subject], doubts);
    }
  }

  /** A program of the firmware's: a unified kernel image is one, and a kernel of its own. */
  protected chainload(args: readonly Value[], call: Call): Status {
    const { statement } = call;
    const path = args.find(({ text }) => !text.startsWith('-'));
    const file = this.fileAt(path?.text ?? '');
    const source = this.world.open(file);
    const uki = source && readUki(source);
    const other =
      uki !== undefined
        ? SURE
        : this.doubt(statement.line, statement.text, 'hands over to something else', 'unread');
    this.clear();
    this.kernel = file;
    this.bootargs = uki?.cmdline ?? '';
    this.about.kernel = together(
      path?.doubts ?? SURE,
      this.control,
      other,
      this.deviceDoubts(path?.text ?? '', call),
    );
    return DONE;
  }
}

function noDoubts(): Record<DoubtSubject, Doubts> {
  return { kernel: SURE, initrd: SURE, 'device tree': SURE, 'command line': SURE };
}
