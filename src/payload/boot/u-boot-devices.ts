/**
 * Which of a board's devices a U-Boot script means. U-Boot sets `devtype`, `devnum` and their like to the device where it
 * found the script (boot/bootmeth_script.c, include/config_distro_bootcmd.h), so that a file on them is a file of the
 * image; what they say is another matter, known only on the board. A device by name is the image where a script names one
 * MMC device and not its own; else it may be another.
 */
import type { BootDoubt, BootWorld } from './entry.ts';
import { type Doubts, ShellMachine, type Status, SURE, together, type Value } from './shell-machine.ts';
import type { Statement } from './shell-parser.ts';

/** What holds the script's own device, by what that is on most boards. */
const OWN_DEVICE: Readonly<Record<string, string>> = {
  boot_interface: 'mmc',
  devno: '0',
  devnum: '0',
  devtype: 'mmc',
  interface: 'mmc',
  mmc_bootdev: '0',
  mmcbootdev: '0',
  mmcdev: '0',
};

/** Words that name a device and a partition: `load mmc 0:1`, `test -e usb 0:1`, `part uuid mmc 0:1`. */
const DEVICE_WORDS = /(?:\b(?:(?:ext[24]|fat|fs|sqfs)?load|size|part\s+[a-z]+)|-[efsd])\s+(\S+)\s+([^\s;]+)/g;

/** Whether there is such a device, and what is on it, only the board knows. */
const ELSEWHERE = 'asks for a device that need not be this image';

export abstract class UBootDevices extends ShellMachine {
  protected readonly world: BootWorld;
  /** Whether files on devices that need not be the image are looked for in it all the same. */
  readonly #isHereToo: boolean;
  /** Of doubts: those that say no more than that a variable is the script's own device. */
  readonly #ofOwnDevice = new Set<BootDoubt>();
  /** MMC devices that the script names by number. */
  readonly #named = new Set<string>();
  /** Variables that stand where a device does, and what the image is as far as they could tell. */
  readonly #deviceWords = new Map<string, string>();
  #usesOwn = false;
  #asksElsewhere = false;

  constructor(file: string, world: BootWorld, isHereToo: boolean) {
    super(file, { hasBlocks: false });
    this.world = world;
    this.#isHereToo = isHereToo;
  }

  /** Whether the script asked for files on devices that need not be the image. */
  get asksElsewhere(): boolean {
    return this.#asksElsewhere;
  }

  /** A variable of the script's own device, as U-Boot has set it. */
  protected ownDevice(name: string, line: number | undefined): Value | undefined {
    const text = this.ownDeviceText(name);
    if (text === undefined) return undefined;
    const doubts = this.doubt(line, `\${${name}}`, 'is where the board finds this script', 'board');
    for (const doubt of doubts) this.#ofOwnDevice.add(doubt);
    return { text, doubts };
  }

  protected ownDeviceText(name: string): string | undefined {
    if (Object.hasOwn(OWN_DEVICE, name)) return OWN_DEVICE[name];
    const own = String(this.world.ownPartition ?? 1);
    if (['distro_bootpart', 'mmcpart', 'bootpart'].includes(name)) return own;
    return name === 'distro_bootpart_uuid' ? this.world.partition(Number(own))?.uuid : undefined;
  }

  /** Whether a value is in no doubt but for being the script's own device, which is there. */
  protected isOwnDevice(value: Value): boolean {
    return value.doubts.size > 0 && [...value.doubts].every((doubt) => this.#ofOwnDevice.has(doubt));
  }

  /** What a branch depends on, it depends on: there the name of the script's own device is a question to the board. */
  #asQuestion(doubts: Doubts): Doubts {
    const sets = [...doubts].map((doubt) =>
      this.#ofOwnDevice.has(doubt)
        ? this.doubt(doubt.line, doubt.text, 'is known only on the board, and decides here', 'board')
        : new Set([doubt]),
    );
    return together(...sets);
  }

  protected override under<T>(doubts: Doubts, work: () => T): T {
    return super.under(this.#asQuestion(doubts), work);
  }

  protected override taint(statements: readonly Statement[], doubts: Doubts): void {
    super.taint(statements, this.#asQuestion(doubts));
  }

  protected override runText(text: string, file = this.file): Status {
    for (const [, kind = '', device = ''] of text.matchAll(DEVICE_WORDS)) {
      const words = `${kind} ${device}`.replace(/["'\\]/g, '');
      const names = [...words.matchAll(/\$\{?([\w#]+)/g)].map(([, name = '']) => name);
      this.#noteDeviceWords(kind, device);
      if (names.some((name) => this.ownDeviceText(name) !== undefined)) this.#usesOwn = true;
      else if (names.length === 0 && kind === 'mmc') this.#named.add(device.replace(/[:#].*/, ''));
    }
    return super.runText(text, file);
  }

  #noteDeviceWords(kind: string, device: string): void {
    const [number = '', partition = ''] = device.split(':');
    const own = String(this.world.ownPartition ?? 1);
    for (const [word, text] of [
      [kind, 'mmc'],
      [number, '0'],
      [partition, own],
    ] as const) {
      const name = /^"?\$\{?([\w#]+)\}?"?$/.exec(word)?.[1];
      if (name !== undefined && !this.#deviceWords.has(name)) this.#deviceWords.set(name, text);
    }
  }

  /** What a variable that nothing here sets most likely is, where it stands for a device. */
  protected deviceWordText(name: string): string | undefined {
    return this.#deviceWords.get(name);
  }

  /** Whether files on a device are looked for in the image, and what is in doubt about that. */
  protected deviceOf(
    kind: Value | undefined,
    device: Value | undefined,
    line: number,
  ): { readonly isHere: boolean; readonly doubts: Doubts } {
    const given = together(kind?.doubts ?? SURE, device?.doubts ?? SURE);
    const doubts = new Set([...given].filter((doubt) => !this.#ofOwnDevice.has(doubt)));
    if (doubts.size < given.size) return { isHere: true, doubts };
    const isMmc = kind?.text === 'mmc';
    if (isMmc) this.#named.add((device?.text ?? '').replace(/[:#].*/, ''));
    if (isMmc && !this.#usesOwn && this.#named.size === 1) return { isHere: true, doubts };
    const shown = `${kind?.text ?? ''} ${device?.text ?? ''}`;
    this.#asksElsewhere ||= !isMmc;
    return {
      isHere: isMmc || this.#isHereToo,
      doubts: together(doubts, this.doubt(line, shown, ELSEWHERE, 'board')),
    };
  }
}
