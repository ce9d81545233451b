/**
 * Entries of the Boot Loader Specification (uapi-group.org, type #1: `loader/entries/*.conf`; type #2: unified kernel
 * images in `EFI/Linux`) and the order in which systemd-boot takes them (`loader/loader.conf`, loader.conf(5)).
 */
import { matchesGlob } from '../../base/index.ts';
import { readUki, type Uki } from '../boot-image/uki.ts';
import { GPT_EFI_SYSTEM, GPT_EXTENDED_BOOT } from '../disk/partitions.ts';
import {
  type BootEntry,
  type BootFile,
  type BootWorld,
  type DoubtSubject,
  shortened,
  textOf,
} from './entry.ts';
import { compareVersions } from './version-order.ts';

interface Found {
  /** The file's name without `.conf`; with `.efi` for an image. */
  readonly id: string;
  readonly entry: BootEntry;
  readonly sortKey: string | undefined;
  readonly machineId: string;
  readonly version: string;
  /** Boot counting: no tries left puts an entry last. */
  readonly isSpent: boolean;
  /** For another architecture, with two programs to start, or an image without a name: it is passed over. */
  readonly isUnfit: boolean;
}

const ENTRY_LIMIT = 256;
/** Of one kind, in one entry. */
const FILE_LIMIT = 128;

/**
 * Hidden names, and those of entries that systemd-boot makes itself, are passed over (systemd, src/boot/boot.c,
 * valid_type1_filename, config_load_type2_entries).
 */
function isOffered(name: string, ending: string): boolean {
  return name.toLowerCase().endsWith(ending) && !/^(?:\.|auto-)/i.test(name);
}

/** All entries in a directory, the one that is taken first in front. */
export function readLoaderEntries(
  directory: BootFile,
  world: BootWorld,
  loader: 'grub' | 'systemd-boot',
  variable: (name: string) => string | undefined,
): readonly Found[] {
  return world
    .list(directory)
    .filter((name) => (loader === 'grub' ? name.endsWith('.conf') : isOffered(name, '.conf')))
    .slice(0, ENTRY_LIMIT)
    .flatMap((name) => {
      const file = { ...directory, path: `${directory.path}/${name}` };
      const text = textOf(world.open(file));
      return text === undefined ? [] : [readEntry(text, name, file, loader, variable, world)];
    })
    .sort(compareEntries);
}

function readEntry(
  text: string,
  name: string,
  file: BootFile,
  loader: 'grub' | 'systemd-boot',
  variable: (name: string) => string | undefined,
  world: BootWorld,
): Found {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\s*([a-z][\w-]*)[ \t]+(.*?)\s*$/i.exec(line) ?? [];
    if (key === '') continue;
    const put =
      loader === 'grub' ? value.replace(/\$\{?(\w+)\}?/g, (_, each: string) => variable(each) ?? '') : value;
    values.set(key, [...(values.get(key) ?? []), put]);
  }
  const one = (key: string): string | undefined => values.get(key)?.at(-1);
  const architecture = one('architecture');
  const at = (path: string): BootFile => ({ ...file, path });
  const files = (key: string): readonly BootFile[] =>
    (values.get(key) ?? [])
      .flatMap((value) => value.split(/\s+/))
      .filter(Boolean)
      .slice(0, FILE_LIMIT)
      .map(at);
  const lines = text.split('\n');
  const unfollowed = (key: string, reason: string, ...about: readonly DoubtSubject[]) =>
    (values.get(key) ?? []).map((value) => ({
      file: file.path,
      line: lines.findIndex((line) => line.trim().startsWith(key)) + 1,
      text: shortened(`${key} ${value}`),
      reason,
      kind: 'unread' as const,
      about,
    }));
  const kernel = one('linux') ?? one('efi') ?? one('uki');
  const [, base = '', tries] = /^(.*?)(?:\+(\d+)(?:-\d+)?)?\.conf$/i.exec(name) ?? [];
  const dtb = one('devicetree');
  const options = values.get('options')?.join(' ');
  // One of each makes it LOADER_BAD (boot_entry_add_type1).
  const types = ['linux', 'efi', 'uki', 'uki-url'].filter((key) => values.has(key));
  return {
    id: base,
    sortKey: one('sort-key'),
    machineId: one('machine-id') ?? '',
    version: one('version') ?? '',
    isSpent: tries !== undefined && Number(tries) === 0,
    isUnfit:
      loader === 'systemd-boot' &&
      (types.length > 1 || (architecture !== undefined && !isArm64(architecture))),
    entry: {
      loader,
      file: file.path,
      label: one('title') ?? base,
      isDefault: false,
      kernel: kernel === undefined ? undefined : at(kernel),
      initrds: files('initrd'),
      dtb: dtb === undefined ? undefined : at(dtb),
      // barebox applies them (since 2019.11); systemd-boot has been asked to, and does not (systemd issue 21742, open in 2026).
      treeSteps: [],
      // A unified image takes its own where it is given none (systemd-stub(7)).
      bootargs: options ?? ukiAt(kernel, at, world)?.cmdline ?? '',
      doubts: [
        ...unfollowed('devicetree-overlay', 'is applied by barebox alone, and not here', 'device tree'),
        ...unfollowed('extra', 'adds what is not followed here', 'command line', 'device tree'),
        ...unfollowed('profile', 'chooses a part of the image, which is not followed here', 'kernel'),
      ],
    },
  };
}

function ukiAt(path: string | undefined, at: (path: string) => BootFile, world: BootWorld): Uki | undefined {
  const source = path === undefined ? undefined : world.open(at(path));
  return source && readUki(source);
}

/** UEFI's name; systemd-boot takes no other (systemd, src/boot/boot.c, EFI_MACHINE_TYPE_NAME). */
function isArm64(architecture: string): boolean {
  return architecture.toLowerCase() === 'aa64';
}

function compareEntries(a: Found, b: Found): number {
  if (a.isSpent !== b.isSpent) return a.isSpent ? 1 : -1;
  if ((a.sortKey === undefined) !== (b.sortKey === undefined)) return a.sortKey === undefined ? 1 : -1;
  if (a.sortKey !== undefined && b.sortKey !== undefined) {
    const byKey = compareText(a.sortKey, b.sortKey) || compareText(a.machineId, b.machineId);
    if (byKey !== 0) return byKey;
    const byVersion = compareVersions(b.version, a.version);
    if (byVersion !== 0) return byVersion;
  }
  return compareVersions(b.id, a.id);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What systemd-boot on an EFI system partition, or on a boot partition beside one, takes. */
export function readSystemdBoot(top: string, world: BootWorld): readonly BootEntry[] {
  const places: readonly BootFile[] = [{ path: top }, ...(top === '' ? extendedBoot(world) : [])];
  const entries = places.flatMap((place) =>
    readLoaderEntries(
      { ...place, path: `${place.path}/loader/entries` },
      world,
      'systemd-boot',
      () => undefined,
    ),
  );
  const images = places.flatMap((place) => unifiedImages(place, world));
  const file = `${top}/loader/loader.conf`;
  const configuration = textOf(world.open({ path: file }));
  if (entries.length === 0 && images.length === 0) return [];
  // An entry whose kernel is not there is none (boot_entry_add_type1).
  const isListed = ({ entry: { kernel }, isUnfit }: Found): boolean =>
    !isUnfit &&
    kernel !== undefined &&
    [kernel, { ...kernel, path: `${top}${kernel.path}` }].some((each) => world.open(each) !== undefined);
  const listed = [...entries, ...images].filter(isListed);
  const rest = [...entries, ...images].filter((each) => !isListed(each));
  const all = listed.sort(compareEntries);
  const lines = (configuration ?? '').split('\n');
  const at = lines.findLastIndex((line) => /^\s*default\s/.test(line));
  const pattern = at < 0 ? undefined : (lines[at] ?? '').replace(/^\s*default\s+/, '').trim();
  const named =
    pattern === undefined ? undefined : all.find((each) => matchesGlob(pattern.toLowerCase(), idOf(each)));
  const chosen = named ?? all.find(({ isSpent }) => !isSpent) ?? all[0] ?? rest[0];
  const doubt = (text: string, reason: string, where: string, line: number | undefined) => {
    const about = ['kernel', 'initrd', 'command line'] as const;
    return { file: where, line, text, reason, kind: 'board' as const, about };
  };
  const preferred = lines.findLastIndex((line) => /^\s*preferred\s/.test(line));
  const doubts = [
    ...(preferred >= 0
      ? [doubt((lines[preferred] ?? '').trim(), 'is not followed here', file, preferred + 1)]
      : []),
    ...(pattern?.startsWith('@')
      ? [doubt(`default ${pattern}`, 'takes what the firmware has kept', file, at + 1)]
      : pattern !== undefined && named === undefined
        ? [doubt(`default ${pattern}`, 'names no entry', file, at + 1)]
        : []),
    ...(chosen !== undefined && !isListed(chosen)
      ? [doubt(chosen.id, NOT_LISTED, chosen.entry.file, undefined)]
      : []),
  ];
  return [...all, ...rest].map(({ entry }) =>
    entry === chosen?.entry
      ? { ...entry, isDefault: true, doubts: [...entry.doubts, ...doubts] }
      : { ...entry, isDefault: false },
  );
}

/** Whether systemd-boot has put itself below a directory. */
export function hasSystemdBoot(top: BootFile, { open, list }: BootWorld): boolean {
  const at = (path: string): BootFile => ({ ...top, path: `${top.path}${path}` });
  return open(at('/loader/loader.conf')) !== undefined || list(at('/EFI/systemd')).length > 0;
}

/** Whether a partition is the extended one whose entries are read with those of the EFI system partition, where their loader lies. */
export function isReadBesideLoader(world: BootWorld): boolean {
  const own = world.partitions.find(({ number }) => number === world.ownPartition);
  return (
    own?.type === GPT_EXTENDED_BOOT &&
    world.partitions.some(
      ({ type, number }) => type === GPT_EFI_SYSTEM && hasSystemdBoot({ path: '', partition: number }, world),
    )
  );
}

/** On an EFI system partition: the other one, whose entries stand in one list with its own (systemd, src/boot/boot.c, config_load_all_entries). */
function extendedBoot(world: BootWorld): readonly BootFile[] {
  const { partitions, ownPartition } = world;
  const own = partitions.find(({ number }) => number === ownPartition);
  if (own?.type !== GPT_EFI_SYSTEM || !hasSystemdBoot({ path: '' }, world)) return [];
  const other = partitions.find(({ type }) => type === GPT_EXTENDED_BOOT);
  return other === undefined ? [] : [{ path: '', partition: other.number }];
}

const NOT_LISTED =
  'is no entry that systemd-boot takes: its kernel is not there, its architecture is another, it names two programs, or as a unified image it has no `.osrel` with a name';

/** As systemd-boot has it: the file's name, in lower case, with what counts tries (systemd, src/boot/boot.c). */
function idOf({ entry: { file } }: Found): string {
  return file.slice(file.lastIndexOf('/') + 1).toLowerCase();
}

/** Add-ons of the image, and of all images, bring command lines and trees of their own (systemd-stub(7)). */
function addonDoubts(top: BootFile, name: string, world: BootWorld): BootEntry['doubts'] {
  const { path } = top;
  return [`${path}/EFI/Linux/${name}.extra.d`, `${path}/loader/addons`].flatMap((place) =>
    world
      .list({ ...top, path: place })
      .filter((each) => /\.(?:addon\.efi|cred|raw)$/i.test(each))
      .slice(0, FILE_LIMIT)
      .map((each) => ({
        file: `${place}/${each}`,
        line: undefined,
        text: each,
        reason: 'adds what is not followed here',
        kind: 'unread' as const,
        about: ['command line' as const, 'device tree' as const],
      })),
  );
}

function unifiedImages(top: BootFile, world: BootWorld): readonly Found[] {
  const directory = { ...top, path: `${top.path}/EFI/Linux` };
  return world
    .list(directory)
    .filter((name) => isOffered(name, '.efi'))
    .slice(0, ENTRY_LIMIT)
    .flatMap((name) => {
      const file = { ...directory, path: `${directory.path}/${name}` };
      const source = world.open(file);
      const uki = source && readUki(source);
      if (uki === undefined) return [];
      const entry: BootEntry = {
        loader: 'uki',
        file: file.path,
        label: uki.title ?? name,
        isDefault: false,
        kernel: file,
        initrds: [],
        dtb: undefined,
        treeSteps: [],
        bootargs: uki.cmdline,
        doubts: addonDoubts(top, name, world),
      };
      const [, , tries] = /^(.*?)(?:\+(\d+)(?:-\d+)?)?\.efi$/i.exec(name) ?? [];
      const sort = { sortKey: uki.imageId, machineId: '', version: uki.version ?? '' };
      const isSpent = tries !== undefined && Number(tries) === 0;
      // One that has no `.osrel` with a name is passed over (systemd, src/boot/boot.c, boot_entry_add_type2).
      const isUnfit = uki.title === undefined && uki.imageId === undefined;
      return [{ id: name, entry, ...sort, isSpent, isUnfit }];
    });
}
