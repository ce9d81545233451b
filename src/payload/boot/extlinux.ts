/**
 * `extlinux.conf` as U-Boot reads it (U-Boot, boot/pxe_utils.c, doc/README.pxe): labels, the default one, includes,
 * overlays, FIT configurations. Where a label's kernel, ramdisk or tree is not there, U-Boot goes on to the next label.
 */
import { DiagnosticSink } from '../../base/index.ts';
import { isDtb } from '../../devicetree/index.ts';
import type { ByteSource } from '../bytes/source.ts';
import { type BootEntry, type BootFile, type BootWorld, shortened, textOf } from './entry.ts';

interface Label {
  readonly name: string;
  readonly line: number;
  readonly file: string;
  readonly values: Map<string, string>;
}

interface Menu {
  readonly labels: Label[];
  readonly doubts: { file: string; line: number; text: string; reason: string }[];
  chosen: string | undefined;
  /** Where it was chosen. */
  chosenAt?: { readonly file: string; readonly line: number; readonly text: string };
}

/** As many as U-Boot follows. */
const INCLUDE_DEPTH = 16;
/** What all files of a menu may hold; one can include itself many times. */
const LINE_LIMIT = 20_000;
const LABEL_LIMIT = 256;
/** Of one label; each is laid over the whole tree. */
const OVERLAY_LIMIT = 128;
const DOUBT_LIMIT = 24;

/** In a label; `fit` is `kernel` under another name. The first of `initrd`, `fdt`, `fdtdir` and `fdtoverlays` counts. */
const OF_LABEL: Readonly<Record<string, string>> = {
  append: 'append',
  devicetree: 'fdt',
  'devicetree-overlay': 'fdtoverlays',
  devicetreedir: 'fdtdir',
  fdt: 'fdt',
  fdtdir: 'fdtdir',
  fdtoverlays: 'fdtoverlays',
  fit: 'kernel',
  initrd: 'initrd',
  ipappend: 'ipappend',
  kaslrseed: 'kaslrseed',
  kernel: 'kernel',
  linux: 'kernel',
  localboot: 'localboot',
  menu: 'menu',
};
const FIRST_COUNTS: readonly string[] = ['initrd', 'fdt', 'fdtdir', 'fdtoverlays'];
/** Names, of which white space at the end of the line is a part. */
const NAMES: readonly string[] = [
  'kernel',
  'initrd',
  'fdt',
  'fdtdir',
  'label',
  'default',
  'ontimeout',
  'include',
];
/** Without a value they are an error, after which nothing of the file counts. `prompt` and `kaslrseed` need none. */
const NEED_VALUES: readonly string[] = [
  ...NAMES,
  'append',
  'background',
  'fallback',
  'fdtoverlays',
  'ipappend',
  'localboot',
  'timeout',
];

/** @param directory where the file is; relative paths in it start there */
export function parseExtlinux(
  text: string,
  file: string,
  directory: string,
  world: BootWorld,
): readonly BootEntry[] {
  const menu: Menu = { labels: [], doubts: [], chosen: undefined };
  readMenu(text, file, directory, menu, world, 0, { lines: 0 });
  const isThere = menu.labels.some((label) => label.name === menu.chosen);
  // U-Boot goes on with the first label (boot/pxe_utils.c, pxe_menu_to_menu); syslinux, of which the format is, stops.
  if (menu.chosenAt !== undefined && !isThere) {
    menu.doubts.push({ ...menu.chosenAt, reason: 'names no label, so that U-Boot tries them in order' });
  }
  const absolute = (path: string): BootFile => ({
    path: path.startsWith('/') ? path : `${directory}/${path}`,
  });
  const entries = menu.labels.map((label) => entryOf(label, file, absolute, menu, world));
  // Of labels with one name the last is meant (boot/pxe_utils.c, pxe_menu_to_menu).
  const byName = entries.findLast((_, index) => menu.labels[index]?.name === menu.chosen);
  const order = [byName, ...entries].filter((entry) => entry !== undefined);
  const booting = order.find((entry) => boots(entry, world));
  if (booting !== undefined) return entries.map((entry) => ({ ...entry, isDefault: entry === booting }));
  const [first] = order;
  return entries.map((entry) => {
    if (entry !== first) return entry;
    const reason =
      'does not boot, for a file is missing or an overlay does not apply, and no other label does';
    const doubt = { file, line: undefined, text: `label ${entry.label}`, reason, kind: 'unread' as const };
    return { ...entry, isDefault: true, doubts: [...entry.doubts, { ...doubt, about: ['kernel' as const] }] };
  });
}

function readMenu(
  text: string,
  file: string,
  directory: string,
  menu: Menu,
  world: BootWorld,
  depth: number,
  count: { lines: number },
): void {
  let label: Label | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    if (++count.lines > LINE_LIMIT) return;
    const [, keyword = '', rest = ''] = /^[ \t]*([^\s#]\S*)[ \t]*(.*?)\s*$/.exec(raw) ?? [];
    const value = rest.startsWith('#') ? '' : rest;
    const name = keyword.toLowerCase();
    if (name === '') continue;
    const line = index + 1;
    const unread = (reason: string): void => {
      if (menu.doubts.length < DOUBT_LIMIT) menu.doubts.push({ file, line, text: shortened(raw), reason });
    };
    const ofLabel = Object.hasOwn(OF_LABEL, name) ? OF_LABEL[name] : undefined;
    const kind = ofLabel !== undefined && (label !== undefined || ofLabel !== 'menu') ? ofLabel : name;
    if (NEED_VALUES.includes(kind) && value === '')
      unread('has no value, for which U-Boot takes nothing of the file');
    else if (NAMES.includes(kind) && /\S\s+$/.test(raw))
      unread('ends in white space, which is a part of the name to U-Boot');
    if (name === 'label') {
      label = { name: value, line, file, values: new Map() };
      if (menu.labels.length < LABEL_LIMIT) menu.labels.push(label);
    } else if (label !== undefined && ofLabel !== undefined) {
      const { values } = label;
      if (ofLabel === 'menu') {
        if (/^default\b/i.test(value)) menu.chosen ??= label.name;
      } else if (FIRST_COUNTS.includes(ofLabel) && values.has(ofLabel)) {
        // Its value is then read as a keyword (boot/pxe_utils.c, parse_label).
        unread('is there for the second time, and ends the label');
        label = undefined;
      } else values.set(ofLabel, value);
      const inAppend = ofLabel === 'append' ? /initrd=(\S+)/.exec(value)?.[1] : undefined;
      if (inAppend !== undefined && !values.has('initrd')) values.set('initrd', inAppend);
    } else {
      // Anything else ends the label, and is read as a line of the menu.
      const [, inner = '', path = ''] = /^(?:(include)\s+)?(.*)$/i.exec(value) ?? [];
      const included = name === 'include' ? value : name === 'menu' && inner !== '' ? path : undefined;
      if (name === 'default' || name === 'ontimeout') {
        if (value !== '') {
          menu.chosen = value;
          menu.chosenAt = { file, line, text: shortened(raw) };
        }
      } else if (included !== undefined) {
        const where = included.startsWith('/') ? included : `${directory}/${included}`;
        const content = depth < INCLUDE_DEPTH ? textOf(world.open({ path: where })) : undefined;
        if (content === undefined) unread('includes what is not there');
        else readMenu(content, where, directory, menu, world, depth + 1, count);
      } else if (
        ![
          'menu',
          'timeout',
          'title',
          'background',
          'prompt',
          'fallback',
          'say',
          'ui',
          'serial',
          'totaltimeout',
        ].includes(name)
      ) {
        unread(
          label === undefined
            ? 'is no keyword that U-Boot knows'
            : 'is no keyword that U-Boot knows, and ends the label',
        );
      }
      label = undefined;
    }
  }
}

function entryOf(
  { name, values }: Label,
  file: string,
  absolute: (path: string) => BootFile,
  menu: Menu,
  world: BootWorld,
): BootEntry {
  const append = values.get('append') ?? '';
  const ipappend = Number.parseInt(values.get('ipappend') ?? '0', 10);
  const [, kernel, configuration] = /^([^#]*)(?:#(.*))?$/s.exec(values.get('kernel') ?? '') ?? [];
  const initrd = values.get('initrd');
  // The kernel's own FIT may be named again for its ramdisk and its tree; what is no FIT is no tree either.
  const isKernel = (path: string | undefined): boolean =>
    path !== undefined && path === values.get('kernel') && isTree(world.open(absolute(kernel ?? '')));
  const overlays = (values.get('fdtoverlays') ?? '').split(/\s+/).filter(Boolean).slice(0, OVERLAY_LIMIT);
  const doubts = menu.doubts.map((doubt) => ({
    ...doubt,
    kind: 'unread' as const,
    about: ['kernel' as const],
  }));
  const ofCommandLine = (text: string, reason: string) => ({
    file,
    line: undefined,
    text: shortened(text),
    reason,
    kind: 'board' as const,
    about: ['command line' as const],
  });
  const variables = [
    ...(/\$\{?\w+/.test(append) ? [ofCommandLine(append, "takes variables of the board's environment")] : []),
    ...((ipappend & 3) !== 0
      ? [ofCommandLine(`ipappend ${ipappend}`, "adds the addresses of the board's network")]
      : []),
    ...(!values.has('append') && (ipappend & 3) === 0
      ? [ofCommandLine(`label ${name}`, "has no `append`, so that it is the environment's `bootargs`")]
      : []),
  ];
  const localboot = values.has('localboot')
    ? [
        {
          file,
          line: undefined,
          text: `label ${name}`,
          reason: LOCAL,
          kind: 'board' as const,
          about: ['kernel' as const],
        },
      ]
    : [];
  const directory = values.get('fdtdir');
  const fdt = values.get('fdt');
  return {
    loader: 'extlinux',
    file,
    label: name,
    isDefault: false,
    kernel: kernel === undefined || kernel === '' ? undefined : absolute(kernel),
    configuration,
    initrds: initrd === undefined || initrd === '' || isKernel(initrd) ? [] : [absolute(initrd)],
    dtb: fdt === undefined || fdt === '' || fdt === '-' || isKernel(fdt) ? undefined : absolute(fdt),
    dtbDirectory: fdt === undefined && directory !== undefined ? absolute(directory || '.') : undefined,
    treeSteps: overlays.map((path) => ({ kind: 'overlay', file: absolute(path) })),
    bootargs: append,
    doubts: [...doubts, ...variables, ...localboot],
  };
}

/**
 * Whether U-Boot finds all that a label names; it passes over labels of which something is missing. So it does where an
 * overlay does not apply, after which there is no valid tree.
 */
function boots({ kernel, initrds, dtb, treeSteps, doubts }: BootEntry, world: BootWorld): boolean {
  if (doubts.some(({ reason }) => reason === LOCAL)) return true;
  const files = [...initrds, ...(dtb === undefined ? [] : [dtb])];
  if (kernel === undefined || ![kernel, ...files].every((each) => isHere(each, world))) return false;
  // What is no tree at all is passed over.
  const there = treeSteps.filter((step) => step.kind === 'overlay' && isTree(world.open(step.file)));
  const hasTree = dtb !== undefined && isTree(world.open(dtb));
  return !hasTree || there.length === 0 || world.accepts(dtb, there, new DiagnosticSink());
}

function isTree(source: ByteSource | undefined): boolean {
  return isDtb(source?.read(0, 4) ?? new Uint8Array(0));
}

/** A path may be that of the mounted root, or of the boot partition alone: a source is one or the other. */
function isHere(file: BootFile, world: BootWorld): boolean {
  const { path } = file;
  return [path, path.replace(/^\/boot\//, '/'), `/boot${path}`].some(
    (each) => world.open({ ...file, path: each }) !== undefined,
  );
}

const LOCAL = "runs the board's own localcmd";
