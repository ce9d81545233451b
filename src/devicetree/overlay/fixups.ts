/** The places in an overlay that hold phandles: `__fixups__` (of the base tree) and `__local_fixups__` (of its own). */
import type { DiagnosticSink, SourcePosition } from '../../base/index.ts';
import { nameForMessage, pathForMessage } from '../names.ts';
import type { DtNode } from '../tree.ts';
import { cellsOf, stringsOf } from '../value.ts';
import { overlayCodes } from './diagnostics.ts';

export const FIXUPS = '__fixups__';
export const LOCAL_FIXUPS = '__local_fixups__';
export const SYMBOLS = '__symbols__';

const CELL_BYTES = 4;

/** A cell of an overlay's property. */
export interface CellPlace {
  readonly node: DtNode;
  readonly property: string;
  readonly offsetBytes: number;
}

/** A cell that needs the phandle of a node of the base tree. */
export interface Fixup {
  readonly symbol: string;
  readonly place: CellPlace;
  readonly position: SourcePosition | undefined;
}

/** The node at a path, every name written out: what dtc's fixups mean by a path. */
function nodeAtExactPath(root: DtNode, path: string): DtNode | undefined {
  let node: DtNode | undefined = root;
  for (const name of path.split('/')) {
    if (name !== '') node = node?.children.get(name);
  }
  return node;
}

/** `path:property:offset`, for a message. */
export function placeForMessage({ node, property, offsetBytes }: CellPlace): string {
  return `${pathForMessage(node)}:${nameForMessage(property)}:${offsetBytes}`;
}

/** All fixups of an overlay; what is malformed is reported and left out. */
export function readFixups(overlay: DtNode, sink: DiagnosticSink): readonly Fixup[] {
  const fixups: Fixup[] = [];
  for (const { name, value, position } of overlay.children.get(FIXUPS)?.properties.values() ?? []) {
    const symbol = nameForMessage(name);
    const entries = stringsOf(value);
    if (entries === undefined) {
      sink.report(overlayCodes['bad-fixup'].at(position, { symbol, entry: '' }));
      continue;
    }
    for (const entry of entries) {
      const match = /^([^:]+):([^:]+):([0-9]+)$/.exec(entry);
      if (match === null) {
        sink.report(overlayCodes['bad-fixup'].at(position, { symbol, entry: nameForMessage(entry) }));
        continue;
      }
      const [, path = '', property = '', offset = ''] = match;
      const node = nodeAtExactPath(overlay, path);
      const place = node && { node, property, offsetBytes: Number(offset) };
      if (place !== undefined && hasCell(place)) fixups.push({ symbol: name, place, position });
      else sink.report(overlayCodes['fixup-nowhere'].at(position, { symbol, place: nameForMessage(entry) }));
    }
  }
  return fixups;
}

/** The places that hold phandles of the overlay itself; what is malformed is reported and left out. */
export function readLocalFixups(overlay: DtNode, sink: DiagnosticSink): readonly CellPlace[] {
  const places: CellPlace[] = [];
  const top = overlay.children.get(LOCAL_FIXUPS);
  if (top === undefined) return places;
  const pending: { readonly fixups: DtNode; readonly node: DtNode }[] = [{ fixups: top, node: overlay }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { fixups, node } = next;
    for (const { name, value, position } of fixups.properties.values()) {
      const offsets = cellsOf(value);
      if (offsets === undefined) {
        const place = `${pathForMessage(node)}:${nameForMessage(name)}`;
        sink.report(overlayCodes['bad-local-fixup'].at(position, { place }));
      }
      for (const offsetBytes of offsets ?? []) {
        const place = { node, property: name, offsetBytes };
        if (hasCell(place)) places.push(place);
        else sink.report(overlayCodes['bad-local-fixup'].at(position, { place: placeForMessage(place) }));
      }
    }
    for (const child of fixups.children.values()) {
      const counterpart = node.children.get(child.name);
      if (counterpart !== undefined) pending.push({ fixups: child, node: counterpart });
      else {
        const place = `${pathForMessage(node)}/${nameForMessage(child.name)}`.replace('//', '/');
        sink.report(overlayCodes['bad-local-fixup'].at(child.position, { place }));
      }
    }
  }
  return places;
}

function hasCell({ node, property, offsetBytes }: CellPlace): boolean {
  const value = node.properties.get(property)?.value;
  return value !== undefined && offsetBytes + CELL_BYTES <= value.length;
}
