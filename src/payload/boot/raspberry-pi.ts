/**
 * The Raspberry Pi firmware's `config.txt` (Raspberry Pi documentation, "config.txt", "Conditional filters", "Device Trees,
 * overlays, and parameters"): filters, `include`, the kernel and its ramdisk, overlays with parameters. Which board it
 * is the image does not say: the tree's name does, where one is asked for; else what a filter decides leaves a doubt.
 */
import { type DeviceTree, nodeAtPath } from '../../devicetree/index.ts';
import {
  type BootDoubt,
  type BootEntry,
  type BootFile,
  type BootWorld,
  type DoubtSubject,
  shortened,
  type TreeStep,
  textOf,
} from './entry.ts';
import { ABOUT, BY_THE_FIRMWARE, ELSEWHERE, isHarmless } from './raspberry-pi-settings.ts';

/** What filters ask about a board. */
interface Board {
  readonly models: readonly string[];
  readonly platform: 'bcm2835' | 'bcm2711' | 'bcm2712';
}

/** By the name of the tree, as the kernel calls it; the more special first. */
const BOARDS: readonly (readonly [RegExp, Board])[] = [
  [/bcm2712.*rpi-500/, { models: ['pi500', 'pi5'], platform: 'bcm2712' }],
  [/bcm2712.*rpi-cm5/, { models: ['cm5', 'pi5'], platform: 'bcm2712' }],
  [/bcm2712/, { models: ['pi5'], platform: 'bcm2712' }],
  [/bcm2711-rpi-400/, { models: ['pi400', 'pi4'], platform: 'bcm2711' }],
  [/bcm2711-rpi-cm4s/, { models: ['cm4s', 'pi4'], platform: 'bcm2711' }],
  [/bcm2711-rpi-cm4/, { models: ['cm4', 'pi4'], platform: 'bcm2711' }],
  [/bcm2711/, { models: ['pi4'], platform: 'bcm2711' }],
  [/rpi-zero-2/, { models: ['pi02', 'pi0', 'pi0w'], platform: 'bcm2835' }],
  [/rpi-3-.-plus/, { models: ['pi3+', 'pi3'], platform: 'bcm2835' }],
  [/bcm(?:2837|2710)/, { models: ['pi3'], platform: 'bcm2835' }],
  [/bcm(?:2836|2709)/, { models: ['pi2'], platform: 'bcm2835' }],
];

const MODEL = /^(?:pi\d+\+?|pi0w|pi02|cm\d+s?(?:io)?|pi400|pi500)$/;
const INCLUDE_DEPTH = 8;
const LINE_LIMIT = 20_000;
/** What is behind them is not read (Raspberry Pi documentation, "config.txt", "File format"). */
const LINE_LIMIT_CHARS = 98;
const DOUBT_LIMIT = 24;
/** Overlays and parameters; each is laid over the whole tree. */
const STEP_LIMIT = 128;

interface Setting {
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

class Configuration {
  readonly settings: Setting[] = [];
  readonly doubts: (BootDoubt & { readonly about: readonly DoubtSubject[] })[] = [];
  readonly #world: BootWorld;
  readonly #board: Board | undefined;
  readonly #directory: string;
  #lines = 0;

  constructor(world: BootWorld, board: Board | undefined, directory: string) {
    this.#world = world;
    this.#board = board;
    this.#directory = directory;
  }

  read(text: string, file: string, depth: number): void {
    // Filters of one kind take the place of each other; [all] takes all away. A file begins without any.
    let filters = new Map<string, string>();
    for (const [index, raw] of text.split('\n').entries()) {
      if (++this.#lines > LINE_LIMIT) return;
      const line = raw.slice(0, LINE_LIMIT_CHARS).replace(/#.*/, '').trim();
      if (raw.replace(/#.*/, '').trimEnd().length > LINE_LIMIT_CHARS) {
        const about = ['kernel', 'initrd', 'device tree', 'command line'] as const;
        const reason = `has more than the ${LINE_LIMIT_CHARS} characters of a line that the firmware reads`;
        this.#doubt(file, index + 1, raw, reason, 'board', about);
      }
      const [, filter] = /^\[(.*)\]$/.exec(line) ?? [];
      if (filter !== undefined) {
        if (filter === 'all') filters = new Map();
        else filters.set(kindOf(filter), filter);
        continue;
      }
      const [, include] = /^include\s+(\S+)$/.exec(line) ?? [];
      const [, ramdisk] = /^initramfs\s+(.+)$/.exec(line) ?? [];
      // `hdmi_mode:1` is of the second screen.
      const [, name = ramdisk === undefined ? '' : 'initramfs', value = ramdisk ?? ''] =
        /^(\w+)(?::\d+)?\s*=\s*(.*)$/.exec(line) ?? [];
      if (line === '') continue;
      if (include === undefined && !isKnown(name)) {
        const about = ['kernel', 'initrd', 'device tree', 'command line'] as const;
        this.#doubt(file, index + 1, line, 'is no setting that is known here', 'unread', about);
        continue;
      }
      const verdict = this.#holds(filters);
      if (verdict === 'unknown') {
        const about = include === undefined ? ABOUT[name] : (['kernel', 'device tree'] as const);
        if (about !== undefined) {
          const shown = `[${[...filters.values()].join('] [')}] ${line}`;
          const reason = 'holds only on some boards, and was left out';
          this.#doubt(file, index + 1, shown, reason, 'board', about);
        }
      }
      if (verdict !== 'holds') continue;
      const byFirmware = Object.hasOwn(BY_THE_FIRMWARE, name) ? BY_THE_FIRMWARE[name] : undefined;
      if (byFirmware !== undefined && value !== '0' && value !== '') {
        this.#doubt(file, index + 1, line, byFirmware, 'setting', ['device tree']);
      }
      const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
      if (elsewhere !== undefined && value !== '0') {
        this.#doubt(file, index + 1, line, elsewhere[1], 'unread', elsewhere[0]);
      }
      if (include !== undefined) this.#include(include, file, index + 1, depth);
      else this.settings.push({ name, value: value.trim(), file, line: index + 1 });
    }
  }

  #include(path: string, file: string, line: number, depth: number): void {
    const where = `${this.#directory}/${path}`;
    const content = depth < INCLUDE_DEPTH ? textOf(this.#world.open({ path: where })) : undefined;
    if (content !== undefined) this.read(content, where, depth + 1);
    else {
      this.#doubt(file, line, `include ${path}`, 'is not there', 'unread', ['kernel', 'device tree']);
    }
  }

  #doubt(
    file: string,
    line: number,
    text: string,
    reason: string,
    kind: BootDoubt['kind'],
    about: readonly DoubtSubject[],
  ): void {
    if (this.doubts.length >= DOUBT_LIMIT) return;
    this.doubts.push({ file, line, text: shortened(text), reason, kind, about });
  }

  #holds(filters: ReadonlyMap<string, string>): 'holds' | 'fails' | 'unknown' {
    let verdict: 'holds' | 'unknown' = 'holds';
    for (const [kind, filter] of filters) {
      if (filter === 'none' || filter === 'tryboot') return 'fails';
      if (kind !== 'model' || this.#board === undefined) verdict = 'unknown';
      else if (!this.#board.models.includes(filter)) return 'fails';
    }
    return verdict;
  }

  last(name: string): string | undefined {
    return this.settings.findLast((setting) => setting.name === name)?.value;
  }
}

function kindOf(filter: string): string {
  return MODEL.test(filter) ? 'model' : (/^\w+/.exec(filter)?.[0] ?? filter);
}

/** @param boardTree the name of the tree that is asked for, if any: it says which board it is */
export function parseConfigTxt(
  text: string,
  file: string,
  world: BootWorld,
  boardTree: string | undefined,
  overlayMap: (file: BootFile) => DeviceTree | undefined,
): BootEntry {
  const directory = file.slice(0, Math.max(0, file.lastIndexOf('/')));
  const board =
    boardTree === undefined ? undefined : BOARDS.find(([pattern]) => pattern.test(boardTree))?.[1];
  const configuration = new Configuration(world, board, directory);
  configuration.read(text, file, 0);
  const { doubts } = configuration;
  const prefix = configuration.last('os_prefix') ?? '';
  const at = (name: string): BootFile => ({ path: `${directory}/${prefix}${name}` });
  const isThere = (name: string): boolean => world.open(at(name)) !== undefined;
  const doubt = (what: string, reason: string, ...about: readonly DoubtSubject[]): void => {
    doubts.push({ file, line: undefined, text: what, reason, kind: 'board', about });
  };

  const given = configuration.last('kernel');
  const isForPi5 = board === undefined ? isThere('kernel_2712.img') : board.platform === 'bcm2712';
  const usual =
    isForPi5 && isThere('kernel_2712.img') && board !== undefined ? 'kernel_2712.img' : 'kernel8.img';
  const kernel = given ?? usual;
  if (given === undefined && board === undefined && isForPi5) {
    doubt('kernel_2712.img', 'is what a Raspberry Pi 5 takes in place of kernel8.img', 'kernel', 'initrd');
  }
  if (configuration.last('arm_64bit') === '0')
    doubt('arm_64bit=0', 'makes the board run a 32-bit kernel', 'kernel');
  const cmdlineFile = at(configuration.last('cmdline') ?? 'cmdline.txt');
  const cmdline = textOf(world.open(cmdlineFile));
  if (cmdline === undefined || /\n\s*\S/.test(cmdline.trim())) {
    const reason =
      cmdline === undefined
        ? 'is not there'
        : 'has more than one line, of which the firmware may take the first';
    doubt(cmdlineFile.path.slice(cmdlineFile.path.lastIndexOf('/') + 1), reason, 'command line');
  }
  if (/(?:^|\s)console=serial[01]\b/.test(cmdline ?? '')) {
    const reason = 'becomes ttyAMA0, ttyAMA10 or ttyS0, as the firmware has its UARTs';
    const about = ['command line'] as const;
    const text = 'console=serial0';
    doubts.push({ file: cmdlineFile.path, line: 1, text, reason, kind: 'board', about });
  }
  const goesOn = otherPartition(autobootOf(directory, world), world, board, directory);
  if (goesOn !== undefined && world.partition(goesOn) === undefined) {
    doubt(
      `boot_partition=${goesOn}`,
      'makes the firmware boot a partition that is not here',
      'kernel',
      'initrd',
      'device tree',
    );
  }
  const dtb = configuration.settings.findLast(({ name }) => name === 'device_tree');
  // Without a name the firmware loads no tree, and there is none to lay overlays over.
  const hasNoTree = dtb?.value === '';
  if (hasNoTree) {
    const reason = 'turns the tree off, without which an arm64 kernel does not boot';
    const about = ['device tree'] as const;
    doubts.push({ file: dtb.file, line: dtb.line, text: 'device_tree=', reason, kind: 'board', about });
  }
  return {
    loader: 'raspberry-pi',
    file,
    label: 'config.txt',
    isDefault: goesOn === undefined || world.partition(goesOn) === undefined,
    kernel: at(kernel),
    initrds: ramdisksOf(configuration, kernel, isThere).map(at),
    dtb: dtb === undefined || hasNoTree ? undefined : at(dtb.value),
    hasNoTree,
    treeSteps: hasNoTree
      ? []
      : treeStepsOf(configuration, directory, prefix, board, world, overlayMap, doubt),
    bootargs: (cmdline ?? '').trim(),
    doubts,
  };
}

/** The one beside this `config.txt`, or that of an earlier partition, which need not have a `config.txt` of its own. */
function autobootOf(directory: string, { partitions, ownPartition, open }: BootWorld): BootFile {
  const own: BootFile = { path: `${directory}/autoboot.txt` };
  if (directory !== '' || ownPartition === undefined || open(own) !== undefined) return own;
  const earlier = partitions
    .filter(({ number }) => number < ownPartition)
    .find(({ number }) => open({ path: own.path, partition: number }) !== undefined);
  return earlier === undefined ? own : { ...own, partition: earlier.number };
}

/** `autoboot.txt` may name another partition whose `config.txt` counts. */
function otherPartition(
  autoboot: BootFile,
  world: BootWorld,
  board: Board | undefined,
  directory: string,
): number | undefined {
  const text = textOf(world.open(autoboot));
  if (text === undefined) return undefined;
  const configuration = new Configuration(world, board, directory);
  configuration.read(text, autoboot.path, INCLUDE_DEPTH);
  const partition = Number(configuration.last('boot_partition'));
  return Number.isSafeInteger(partition) && partition > 0 && partition !== world.ownPartition
    ? partition
    : undefined;
}

function isKnown(name: string): boolean {
  return (
    [ABOUT, BY_THE_FIRMWARE, ELSEWHERE].some((table) => Object.hasOwn(table, name)) ||
    isHarmless(name) ||
    ['boot_partition', 'tryboot_a_b'].includes(name)
  );
}

function ramdisksOf(
  configuration: Configuration,
  kernel: string,
  isThere: (name: string) => boolean,
): readonly string[] {
  // `initramfs A,B followkernel` loads several, one behind the other.
  const line = configuration.last('initramfs')?.split(/\s+/)[0] ?? configuration.last('ramfsfile');
  if (line !== undefined) return line.split(',').filter(Boolean);
  if (configuration.last('auto_initramfs') !== '1') return [];
  const name = kernel.replace(/^kernel/, 'initramfs').replace(/\.img$/, '');
  return name !== kernel && isThere(name) ? [name] : [];
}

function treeStepsOf(
  configuration: Configuration,
  directory: string,
  prefix: string,
  board: Board | undefined,
  world: BootWorld,
  overlayMap: (file: BootFile) => DeviceTree | undefined,
  doubt: (what: string, reason: string, ...about: readonly DoubtSubject[]) => void,
): readonly TreeStep[] {
  const overlays = configuration.last('overlay_prefix') ?? 'overlays/';
  // The OS's prefix counts for overlays only where it has a README among them.
  const hasOwn =
    prefix !== '' && world.open({ path: `${directory}/${prefix}${overlays}README` }) !== undefined;
  const top = `${directory}/${hasOwn ? prefix : ''}${overlays}`;
  const map = overlayMap({ path: `${top}overlay_map.dtb` });
  const steps: TreeStep[] = [];
  /** The overlay that parameters on lines of their own belong to. */
  let open: { readonly file: BootFile; readonly parameters: string[] } | undefined;
  const close = (): void => {
    if (open !== undefined)
      steps.push({ kind: 'overlay', file: open.file, parameters: open.parameters.join(',') });
    open = undefined;
  };
  for (const { name, value } of configuration.settings) {
    if (name === 'dtparam') {
      if (open !== undefined) open.parameters.push(value);
      else steps.push({ kind: 'parameters', parameters: value });
    }
    if (name !== 'dtoverlay') continue;
    close();
    const [, overlay = '', parameters = ''] = /^([^,:]*)[,:]?(.*)$/s.exec(value) ?? [];
    if (overlay === '') continue;
    const mapped = mappedName(map, overlay, board);
    if (mapped === 'depends') {
      doubt(`dtoverlay=${overlay}`, 'stands for another overlay on some boards', 'device tree');
    }
    if (mapped === 'not-here') {
      doubt(`dtoverlay=${overlay}`, 'is not for this board, by overlay_map.dtb', 'device tree');
      continue;
    }
    const file = mapped === 'depends' ? overlay : mapped;
    open = { file: { path: `${top}${file}.dtbo` }, parameters: parameters === '' ? [] : [parameters] };
  }
  close();
  if (steps.length > STEP_LIMIT)
    doubt('config.txt', 'changes the tree more often than is followed', 'device tree');
  return steps.slice(0, STEP_LIMIT);
}

/** `overlay_map.dtb`: a node for each name, with a property for each platform that has it, empty or another name. */
function mappedName(map: DeviceTree | undefined, name: string, board: Board | undefined): string {
  const node = map && nodeAtPath(map.root, `/${name}`);
  if (node === undefined) return name;
  const text = (property: string): string | undefined => {
    const value = node.properties.get(property)?.value;
    return value === undefined ? undefined : new TextDecoder().decode(value).replace(/\0.*$/s, '');
  };
  const renamed = text('renamed');
  if (renamed !== undefined) return renamed;
  const platforms = ['bcm2835', 'bcm2711', 'bcm2712'].map(text);
  if (board === undefined) {
    return platforms.every((other) => other === undefined || other === '' || other === name)
      ? name
      : 'depends';
  }
  const own = text(board.platform);
  if (own === undefined) return platforms.some((other) => other !== undefined) ? 'not-here' : name;
  return own === '' ? name : own;
}
