/**
 * Selectors: how a request names devices. `/path/to/node`, `&label`, an alias (`serial0`), a compatible
 * (`amlogic,meson-gx-uart`), a node's name with or without its unit address (`ethernet@ff3f0000`, `ethernet`); `*` stands for
 * any text and `?` for one character.
 */
import { matchesGlob, nearest } from '../base/index.ts';
import type { Board, Device, DtNode } from '../devicetree/index.ts';

/** The devices that a selector names, or what may have been meant. */
export interface Selection {
  /** Every device that the selector names, enabled or not, in the tree's order. */
  readonly devices: readonly Device[];
  /** Where nothing was found: what may have been meant. */
  readonly meant?: string;
}

/** The devices that a selector names: a path, an alias, a label, or a `compatible` with `*`. */
export function select(board: Board, selector: string): Selection {
  const devices = matching(board, selector);
  if (devices.length > 0) return { devices };
  const meant = nearest(selector.replace(/^&/, ''), namesOf(board)) ?? sameEnd(board, selector);
  return meant === undefined ? { devices } : { devices, meant };
}

/** The one device whose path ends as a path does that skips the nodes between, or whose compatible lacks only its vendor. */
function sameEnd(board: Board, selector: string): string | undefined {
  const isPath = selector.startsWith('/');
  const end = isPath ? selector.slice(selector.lastIndexOf('/')) : `,${selector}`;
  const names = board.devices.flatMap(({ path, compatible }) => (isPath ? [path] : compatible));
  const [only, ...others] = new Set(end.length < 2 ? [] : names.filter((name) => name.endsWith(end)));
  return others.length === 0 ? only : undefined;
}

function matching(board: Board, selector: string): readonly Device[] {
  if (selector.startsWith('/')) return board.devices.filter(({ path }) => matchesGlob(selector, path));
  const globbed = /[*?]/.test(selector);
  const named = (names: ReadonlyMap<string, DtNode>, name: string): readonly Device[] => {
    const nodes = new Set([...names].filter(([key]) => matchesGlob(name, key)).map(([, node]) => node));
    return board.devices.filter((device) => nodes.has(device.node));
  };
  if (selector.startsWith('&')) return named(board.labels, selector.slice(1));
  if (selector.includes(',')) {
    return board.devices.filter(({ compatible }) => compatible.some((name) => matchesGlob(selector, name)));
  }
  const byAlias = named(board.aliases, selector);
  if (byAlias.length > 0 && !globbed) return byAlias;
  const byLabel = named(board.labels, selector);
  if (byLabel.length > 0 && !globbed) return byLabel;
  const byName = board.devices.filter(({ node }) =>
    matchesGlob(selector, selector.includes('@') ? node.name : node.baseName),
  );
  const found = new Set([...byAlias, ...byLabel, ...byName]);
  return board.devices.filter((device) => found.has(device));
}

function* namesOf(board: Board): Generator<string> {
  yield* board.aliases.keys();
  yield* board.labels.keys();
  for (const { node, path, compatible } of board.devices) {
    yield path;
    yield node.name;
    yield node.baseName;
    yield* compatible;
  }
}
