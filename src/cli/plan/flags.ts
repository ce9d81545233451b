/** Flags as a request: they stand for the keys of the file, whose values they replace. */
import { Document, isMap, parseDocument } from 'yaml';

/** The flags that say something of a request. */
export interface RequestFlags {
  readonly board?: string;
  readonly dtb?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly pass?: readonly string[];
  readonly except?: readonly string[];
  readonly ram?: string;
  readonly ramBase?: string;
  readonly vcpus?: string;
  readonly bootargs?: string;
  readonly virtio?: readonly string[];
  readonly name?: string;
}

/**
 * The text of the request: the file as it is where no flag is given, so that positions stay true; otherwise one made of
 * the flags, on top of the file's keys.
 */
export function requestText(source: string | undefined, flags: RequestFlags): string {
  const keys = keysOf(flags);
  if (source !== undefined && keys.length === 0 && flags.board === undefined) return source;
  const document = source === undefined ? new Document({}) : parseDocument(source);
  if (document.errors.length > 0 || !isMap(document.contents)) return source ?? '';
  for (const [key, value] of keys) document.set(key, value);
  if (flags.board !== undefined && flags.dtb === undefined) {
    const given = document.get('board');
    if (isMap(given)) given.set('microkit', flags.board);
    else document.set('board', { dtb: given, microkit: flags.board });
  }
  return document.toString({ lineWidth: 0 });
}

function keysOf(flags: RequestFlags): readonly (readonly [string, unknown])[] {
  const { board, dtb, ram, ramBase, pass, vcpus } = flags;
  const keys: (readonly [string, unknown])[] = [];
  if (dtb !== undefined) keys.push(['board', board === undefined ? dtb : { dtb, microkit: board }]);
  if (pass !== undefined) keys.push(['pass', passRequestOf(pass)]);
  if (ram !== undefined || ramBase !== undefined) keys.push(['ram', ramOf(ram, ramBase)]);
  if (vcpus !== undefined) keys.push(['vcpus', /^\d+$/.test(vcpus) ? Number(vcpus) : vcpus]);
  for (const key of ['name', 'kernel', 'initrd', 'except', 'bootargs', 'virtio'] as const) {
    if (flags[key] !== undefined) keys.push([key, flags[key]]);
  }
  return keys;
}

function passRequestOf(pass: readonly string[]): unknown {
  const only = pass.length === 1 ? pass[0] : undefined;
  return only === 'all' || only === 'none' ? only : pass;
}

const DEFAULT_SIZE = '512 MiB';

function ramOf(ram: string | undefined, base: string | undefined): unknown {
  return base === undefined ? ram : { size: ram ?? DEFAULT_SIZE, base };
}
