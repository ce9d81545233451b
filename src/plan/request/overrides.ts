/** What is said beside a request's file, such as by flags: it takes the place of the file's keys. */
import { type Document, isMap, isScalar, type Node, type YAMLMap } from 'yaml';

/** What flags say on top of a request's file, by the file's own keys. */
export interface RequestOverrides {
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

/** Sets keys of a document that was read; what it says elsewhere stays where it is, with its places. */
export function applyOverrides(document: Document, overrides: RequestOverrides): void {
  if (!isMap<Node, Node>(document.contents)) return;
  const root = document.contents;
  for (const [key, value] of keysOf(overrides)) setKey(document, root, key, value);
  const { board, dtb } = overrides;
  if (board === undefined || dtb !== undefined) return;
  const given = root.get('board', true) as Node | undefined;
  if (isMap<Node, Node>(given)) setKey(document, given, 'microkit', board);
  else setKey(document, root, 'board', { dtb: given, microkit: board });
}

/** Both become nodes of the document, as a reader finds them; nodes that are not in the file have no place. */
function setKey(document: Document, map: YAMLMap<Node, Node>, key: string, value: unknown): void {
  const pair = document.createPair<Node, Node>(key, value);
  const index = map.items.findIndex((other) => isScalar(other.key) && other.key.value === key);
  if (index < 0) map.items.push(pair);
  else map.items[index] = pair;
}

function keysOf(overrides: RequestOverrides): readonly (readonly [string, unknown])[] {
  const { board, dtb, ram, ramBase, pass, vcpus } = overrides;
  const keys: (readonly [string, unknown])[] = [];
  if (dtb !== undefined) keys.push(['board', board === undefined ? dtb : { dtb, microkit: board }]);
  if (pass !== undefined) keys.push(['pass', passRequestOf(pass)]);
  if (ram !== undefined || ramBase !== undefined) keys.push(['ram', ramOf(ram, ramBase)]);
  if (vcpus !== undefined) keys.push(['vcpus', /^\d+$/.test(vcpus) ? Number(vcpus) : vcpus]);
  for (const key of ['name', 'kernel', 'initrd', 'except', 'bootargs', 'virtio'] as const) {
    if (overrides[key] !== undefined) keys.push([key, overrides[key]]);
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
