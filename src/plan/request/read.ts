/** Reads a request file: YAML, through the shapes, to a complete {@link PlanRequest}. */
import { isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import type { DiagnosticSink, SourcePosition } from '../../base/index.ts';
import { requestCodes as codes, type RequestReport } from './diagnostics.ts';
import { applyOverrides, type RequestOverrides } from './overrides.ts';
import { completeRequest, type PlanRequest, requestShape } from './request.ts';
import { isWritten, positionOf, readYaml, reportTo } from './yaml-file.ts';

/** What a request is called in diagnostics. */
const SUBJECT = 'the request';

/**
 * The request, or `undefined` where errors were reported. `file` is the name shown in diagnostics; `undefined` for a
 * request that no person wrote down, whose lines would mean nothing. What `overrides` say has no place in the file.
 */
export function readRequest(
  source: string,
  file: string | undefined,
  sink: DiagnosticSink,
  overrides: RequestOverrides = {},
): PlanRequest | undefined {
  const node = readYaml(source, { file, subject: SUBJECT }, sink, (document) =>
    applyOverrides(document, overrides),
  );
  if (node === undefined) return undefined;
  const errorsBefore = sink.count('error');
  const report = reportTo(node.lines, { file, subject: SUBJECT }, sink);
  const read = requestShape.read(node.root, '', report);
  if (read !== undefined) checkAcrossKeys(node.root, report);
  if (read === undefined || sink.count('error') > errorsBefore) return undefined;
  const request = completeRequest(read);
  const placesOf = (list: string, index: number) => {
    const owner = ownerAt(node.root, list, index);
    const places = owner === undefined ? new Map() : selectorPlaces(owner, node.lines, file);
    return places.size === 0 ? {} : { places };
  };
  return {
    ...request,
    guests: request.guests.map((guest, index) => ({ ...guest, ...placesOf('guests', index) })),
    drivers: request.drivers.map((driver, index) => ({ ...driver, ...placesOf('drivers', index) })),
    disks: request.disks.map((disk, index) => ({ ...disk, ...placesOf('disks', index) })),
  };
}

/** The mapping that holds a guest's, a driver's or a disk's keys: its entry in the list, or the whole request. */
function ownerAt(root: Node, list: string, index: number): Node | undefined {
  if (!isMap<Node, Node>(root)) return undefined;
  const entries = root.get(list, true) as Node | undefined;
  if (entries === undefined && list === 'guests') return root;
  return isSeq<Node>(entries) ? entries.items[index] : undefined;
}

/** Where a guest, a driver or a disk names its devices; the first place where one is named twice. */
function selectorPlaces(
  owner: Node,
  lines: LineCounter,
  file: string | undefined,
): ReadonlyMap<string, SourcePosition> {
  const places = new Map<string, SourcePosition>();
  if (!isMap<Node, Node>(owner)) return places;
  for (const key of ['pass', 'except', 'stdout', 'device', 'serves']) {
    const value = owner.get(key, true) as Node | undefined;
    for (const item of isSeq<Node>(value) ? value.items : [value]) {
      const each = isMap<Node, Node>(item) ? (item.get('device', true) as Node | undefined) : item;
      if (!isScalar(each) || !isWritten(each) || places.has(String(each.value))) continue;
      const position = positionOf(lines, file, each.range[0]);
      if (position !== undefined) places.set(String(each.value), position);
    }
  }
  return places;
}

/** What no single key shows: names used twice, and a guest's keys beside a list of guests. */
function checkAcrossKeys(root: Node, report: RequestReport): void {
  if (!isMap<Node, Node>(root)) return;
  const guests = root.get('guests', true) as Node | undefined;
  if (isSeq(guests) && guests.items.length === 0) report.at(guests, codes['no-guest'], undefined);
  const seen = new Map<string, string>();
  for (const list of ['guests', 'drivers']) {
    const entries = root.get(list, true) as Node | undefined;
    if (!isSeq<Node>(entries)) continue;
    for (const entry of entries.items) {
      const name = isMap<Node, Node>(entry) ? (entry.get('name', true) as Node | undefined) : undefined;
      if (!isScalar(name)) continue;
      const text = String(name.value);
      const first = seen.get(text);
      if (first !== undefined) report.at(name, codes['same-name'], { name: text, first });
      else seen.set(text, list === 'guests' ? 'a guest' : 'a driver');
    }
  }
  if (!root.has('guests')) return;
  const own = ['name', 'board', 'guests', 'drivers', 'disks'];
  for (const pair of root.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    if (!own.includes(key)) report.at(pair.key, codes['guest-keys-twice'], { key });
  }
}
