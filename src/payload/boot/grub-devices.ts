/**
 * GRUB's devices and files: `(hd0,gpt2)/boot/x`, `root`, `search`, and the variables that it keeps in a file (GRUB manual, "Device
 * syntax", "File name syntax", "search", "load_env").
 */
import { type BootFile, type BootWorld, textOf } from './entry.ts';
import {
  type Call,
  DONE,
  type Doubts,
  ShellMachine,
  type Status,
  SURE,
  together,
  type Value,
} from './shell-machine.ts';

/** GRUB's names of disks that are unlocked or put together; a source that is a directory may be one of them. */
const DEVICES_UNREAD = /^(?:crypto|cryptouuid|lvm|lvmid|md|mduuid|ldm|zfs)\b/;

export abstract class GrubDevices extends ShellMachine {
  protected readonly world: BootWorld;

  constructor(file: string, world: BootWorld) {
    super(file, { hasBlocks: true });
    this.world = world;
  }

  protected doubtsOf(args: readonly Value[]): Doubts {
    return together(...args.map((value) => value.doubts));
  }

  /** Whether a path leads to a device that is not read, of an image whose partitions are. */
  protected isUnread(path: string): boolean {
    return this.world.partitions.length > 0 && DEVICES_UNREAD.test(this.#deviceOf(path).device);
  }

  #deviceOf(path: string): { readonly device: string; readonly rest: string } {
    const [, device, rest = ''] = /^\(([^)]*)\)(.*)$/s.exec(path) ?? [undefined, undefined, path];
    // Parentheses around `root` are taken away (grub-core/kern/corecmd.c, grub_env_write_root).
    const root = this.variables.get('root')?.text.replace(/^\((.*)\)$/s, '$1');
    return { device: device ?? root ?? '', rest };
  }

  /** Whether a file is nowhere: a source may be the root, or the boot partition alone. */
  protected isMissing(path: string): boolean {
    return this.isMissingFile(this.fileAt(path));
  }

  protected isMissingFile(file: BootFile): boolean {
    return [file.path, file.path.replace(/^\/boot\//, '/'), `/boot${file.path}`].every(
      (each) => this.world.open({ ...file, path: each }) === undefined,
    );
  }

  /** What is in doubt about the device of a path: `root` is where one is that names none. */
  protected deviceDoubts(path: string, { statement }: Call): Doubts {
    const { device } = this.#deviceOf(path);
    const other = this.#isOther(device)
      ? this.doubt(statement.line, statement.text, 'asks for a device that need not be this image', 'board')
      : SURE;
    return path.startsWith('(') ? other : together(other, this.variables.get('root')?.doubts ?? SURE);
  }

  /** The first disk is the image; what is unlocked or put together has a doubt of its own (`isUnread`). */
  #isOther(device: string): boolean {
    if (device === '' || DEVICES_UNREAD.test(device)) return false;
    const [, partition] = /^hd0(?:,(?:gpt|msdos)?(\d+))?$/.exec(device) ?? [device, 'other'];
    if (partition === undefined) return false;
    return (
      partition === 'other' ||
      (this.world.partitions.length > 0 && this.world.partition(Number(partition)) === undefined)
    );
  }

  /** `(hd0,gpt2)/boot/x`, or a path on `root`, which `search` and `set root=` name. */
  protected fileAt(path: string): BootFile {
    const { device, rest } = this.#deviceOf(path);
    const partition = /,(?:gpt|msdos)?(\d+)$/.exec(device)?.[1];
    const number = partition === undefined ? undefined : Number(partition);
    const isElsewhere = number !== undefined && number !== this.world.ownPartition;
    return isElsewhere && this.world.partition(number) !== undefined
      ? { path: rest, partition: number }
      : { path: rest };
  }

  protected search(command: string, args: readonly Value[], line: number): Status {
    let variable = 'root';
    let kind: 'uuid' | 'label' | 'file' =
      command === 'search.fs_label' ? 'label' : command === 'search.file' ? 'file' : 'uuid';
    let value = '';
    const texts = args.map(({ text }) => text);
    for (let index = 0; index < texts.length; index++) {
      const text = texts[index] ?? '';
      if (text === '--fs-uuid' || text === '-u') kind = 'uuid';
      else if (text === '--label' || text === '--fs-label' || text === '-l') kind = 'label';
      else if (text === '--file' || text === '-f') kind = 'file';
      else if (text === '--set' || text === '-s') variable = texts[++index] ?? variable;
      else if (text.startsWith('--set=')) variable = text.slice('--set='.length);
      else if (text === '--hint') index += 1;
      else if (!text.startsWith('-')) value ||= text;
    }
    const number = this.world.search(kind, value);
    if (number !== undefined) {
      this.set(variable, { text: `hd0,gpt${number}`, doubts: this.doubtsOf(args) });
      return { ok: true, doubts: SURE };
    }
    // What is not in the source, of which a directory may be a filesystem, counts as where we are.
    if (this.world.partitions.length === 0) {
      if (this.#isOther(this.variables.get(variable)?.text ?? ''))
        this.set(variable, { text: 'hd0', doubts: SURE });
      return DONE;
    }
    const doubts = this.doubt(line, `${command} ${value}`, 'finds nothing in this image', 'board');
    this.taintVariable(variable, doubts);
    return { ok: false, doubts };
  }

  /** `name=value` lines behind a first line that says what it is; saved by grub-set-default and its like. */
  protected loadEnvironment(call: Call): Status {
    const texts = call.args.map(({ text }) => text);
    const at = texts.findIndex((text) => text === '-f' || text === '--file');
    const given = at < 0 ? undefined : texts[at + 1];
    const names = texts.filter((text, index) => !text.startsWith('-') && (at < 0 || index !== at + 1));
    const prefix = this.variables.get('prefix')?.text ?? '';
    const doubts = together(
      this.doubtsOf(call.args),
      given === undefined ? SURE : this.deviceDoubts(given, call),
    );
    if (doubts.size > 0) {
      // Whatever the file there sets, entries' conditions included.
      if (names.length === 0) this.doubtOverall(doubts);
      for (const name of names) this.taintVariable(name, doubts);
    }
    const content = textOf(this.world.open(this.fileAt(given ?? `${prefix}/grubenv`)));
    if (content === undefined || !this.spend(content)) return { ok: false, doubts };
    for (const line of content.split('\n')) {
      const [, name = '', value = ''] = /^([^=#\s][^=]*)=(.*)$/.exec(line) ?? [];
      if (name === '' || (names.length > 0 && !names.includes(name))) continue;
      this.set(name, { text: value.replace(/\\(.)/g, '$1'), doubts });
    }
    return { ok: true, doubts };
  }
}
