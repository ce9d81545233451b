/**
 * Applies compiled overlays to a tree: what libfdt's `fdt_overlay_apply` and Linux do (Linux,
 * Documentation/devicetree/overlay-notes.rst and dynamic-resolution-notes.rst), with every mistake named.
 *
 * - Fixups: places that refer to symbols of the base get those nodes' phandles. A node without one is given one.
 * - The overlay's own phandles are raised by the highest of the base, and local fixups with them.
 * - Fragments are merged in order. A node that is there keeps its phandle, and the overlay's references to it follow
 *   (as libfdt does since 1.7.1; before, references in the base were left dangling).
 * - The overlay's symbols become the tree's.
 *
 * Names match as in libfdt, which takes `serial` for the first `serial@3000`; where Linux, which takes them whole, would
 * do otherwise, that is said. What is new comes behind what was there; libfdt puts it in front.
 */
import { type DiagnosticSink, formatSize, hex, MIB } from '../../base/index.ts';
import { nameForMessage, pathForMessage } from '../names.ts';
import { phandleOf } from '../source/references.ts';
import { cloneTree, type DeviceTree, DtNode, type DtProperty, nodesUnder } from '../tree.ts';
import { encodeCells, encodeStrings, stringOf, stringProperty, u32Property } from '../value.ts';
import { overlayCodes } from './diagnostics.ts';
import { prepareAsFirmware } from './firmware-rules.ts';
import {
  type CellPlace,
  FIXUPS,
  type Fixup,
  LOCAL_FIXUPS,
  placeForMessage,
  readFixups,
  readLocalFixups,
  SYMBOLS,
} from './fixups.ts';
import { DORMANT, OVERLAY } from './is-overlay.ts';
import { LooseNames } from './loose-names.ts';
import {
  OVERRIDES,
  type OverlayParameter,
  ParameterSetter,
  parameterNames,
  parametersByTarget,
} from './parameters.ts';

const SPECIAL_NODES: ReadonlySet<string> = new Set([FIXUPS, LOCAL_FIXUPS, SYMBOLS, OVERRIDES, '__exports__']);
/** 0 and 0xffffffff are no phandles (DTSpec 0.4 §2.3.3; dtc writes the latter for what is not resolved yet). */
const PHANDLE_LIMIT = 0xffff_ffff;
/** Each symbol holds a whole path, so a small overlay on a deep tree could fill memory. */
const SYMBOLS_LIMIT_BYTES = 16 * MIB;
const EMPTY = new Uint8Array(0);
const PHANDLE_PROPERTIES = ['phandle', 'linux,phandle'] as const;

/**
 * The base with the overlay applied; the base itself is not changed. Reports every reason why it does not apply, and
 * then gives `undefined`.
 *
 * @param parameters values for what is in `/__overrides__` (`parameters.ts`); where they are given, even none, the rules
 * are those of the Raspberry Pi's firmware, which alone knows parameters (`firmware-rules.ts`)
 */
export function applyOverlay(
  base: DeviceTree,
  overlay: DeviceTree,
  sink: DiagnosticSink,
  parameters?: readonly OverlayParameter[],
): DeviceTree | undefined {
  const result = cloneTree(base);
  const application = new OverlayApplication(result.root, cloneTree(overlay).root, sink, parameters);
  return application.apply() ? result : undefined;
}

/** A tree with its own parameters set (the Raspberry Pi's `dtparam`); `undefined` where one can't be. */
export function applyParameters(
  base: DeviceTree,
  parameters: readonly OverlayParameter[],
  sink: DiagnosticSink,
): DeviceTree | undefined {
  const errors = sink.count('error');
  const result = cloneTree(base);
  const setter = new ParameterSetter(sink);
  for (const parameter of parameters) setter.set([result.root], parameter);
  return sink.count('error') === errors ? result : undefined;
}

interface Fragment {
  readonly node: DtNode;
  readonly content: DtNode;
  /** Once it is merged: the path of its target, without the slash of the root. */
  targetPath?: string;
}

/** One overlay on its way into one tree. Both are copies and are changed. */
class OverlayApplication {
  readonly #base: DtNode;
  readonly #overlay: DtNode;
  readonly #sink: DiagnosticSink;
  readonly #errorsBefore: number;
  readonly #parameters: readonly OverlayParameter[] | undefined;
  /** Of the base, with what has been merged into it. */
  readonly #byPhandle = new Map<number, DtNode>();
  /** Phandles of overlay nodes that were in the base already, under which the base knows them. */
  readonly #renamed = new Map<number, number>();
  readonly #names = new LooseNames();
  #parametersByTarget: ReadonlyMap<string, readonly string[]> | undefined;
  #maxPhandle = 0;

  constructor(
    base: DtNode,
    overlay: DtNode,
    sink: DiagnosticSink,
    parameters: readonly OverlayParameter[] | undefined,
  ) {
    this.#parameters = parameters;
    this.#base = base;
    this.#overlay = overlay;
    this.#sink = sink;
    this.#errorsBefore = sink.count('error');
  }

  apply(): boolean {
    const isOverlayAtAll = [...this.#overlay.children.values()].some(
      ({ children }) => children.has(OVERLAY) || children.has(DORMANT),
    );
    if (!isOverlayAtAll) {
      this.#sink.report(overlayCodes['not-an-overlay'].at(this.#overlay.position, undefined));
      return false;
    }
    for (const node of nodesUnder(this.#base)) this.#know(node);
    const local = readLocalFixups(this.#overlay, this.#sink);
    const fixups = readFixups(this.#overlay, this.#sink);
    const owned = this.#ownValues(local, fixups);
    this.#resolveFixups(fixups, owned);
    this.#raisePhandles(local, owned);
    if (!this.#isFine()) return false;
    this.#setParameters();
    if (!this.#isFine()) return false;

    const fragments = this.#fragments();
    for (const fragment of fragments) this.#merge(fragment);
    this.#followRenamed(local, owned);
    this.#mergeSymbols(fragments);
    return this.#isFine();
  }

  #isFine(): boolean {
    return this.#sink.count('error') === this.#errorsBefore;
  }

  #setParameters(): void {
    const names = parameterNames(this.#overlay);
    if (this.#parameters === undefined) {
      if (names.length === 0) return;
      const known = names.map(nameForMessage);
      this.#sink.report(overlayCodes['parameters-left'].at(this.#overlay.position, { known }));
      return;
    }
    const setter = new ParameterSetter(this.#sink);
    for (const parameter of this.#parameters) setter.set([this.#overlay, this.#base], parameter);
    prepareAsFirmware(this.#overlay);
  }

  #know(node: DtNode): void {
    const phandle = phandleOf(node);
    if (phandle === undefined) return;
    if (!this.#byPhandle.has(phandle)) this.#byPhandle.set(phandle, node);
    if (phandle < PHANDLE_LIMIT) this.#maxPhandle = Math.max(this.#maxPhandle, phandle);
  }

  #fragments(): readonly Fragment[] {
    const fragments: Fragment[] = [];
    const others: DtNode[] = [];
    for (const node of this.#overlay.children.values()) {
      const content = node.children.get(OVERLAY);
      if (content !== undefined) fragments.push({ node, content });
      else if (!SPECIAL_NODES.has(node.name) && !node.children.has(DORMANT)) others.push(node);
    }
    for (const node of others) {
      this.#sink.report(overlayCodes['ignored-node'].at(node.position, { node: pathForMessage(node) }));
    }
    return fragments;
  }

  /** Copies of the values that will be written to: one per property, shared by all places in it. */
  #ownValues(local: readonly CellPlace[], fixups: readonly Fixup[]): OwnedValues {
    const owned = new OwnedValues();
    for (const place of local) owned.take(place);
    for (const { place } of fixups) owned.take(place);
    return owned;
  }

  #resolveFixups(fixups: readonly Fixup[], owned: OwnedValues): void {
    const symbols = this.#base.children.get(SYMBOLS);
    for (const { symbol, place, position } of fixups) {
      const value = symbols?.properties.get(symbol)?.value;
      if (value === undefined) {
        const shown = { symbol: nameForMessage(symbol), place: placeForMessage(place) };
        const baseHasSymbols = symbols !== undefined;
        this.#sink.report(overlayCodes['unknown-symbol'].at(position, { ...shown, baseHasSymbols }));
        continue;
      }
      const path = stringOf(value);
      const node = path?.startsWith('/') === true ? this.#names.nodeAt(this.#base, path) : undefined;
      if (node === undefined) {
        const shown = { symbol: nameForMessage(symbol), place: placeForMessage(place) };
        const where = path?.startsWith('/') === true ? nameForMessage(path) : undefined;
        this.#sink.report(overlayCodes['stale-symbol'].at(position, { ...shown, path: where }));
        continue;
      }
      const phandle = this.#phandleForReference(node);
      if (phandle !== undefined) owned.write(place, phandle);
    }
  }

  /** The phandle of a node of the base; a node that nobody referred to until now is given one. */
  #phandleForReference(node: DtNode): number | undefined {
    const known = phandleOf(node);
    if (known !== undefined) return known;
    const phandle = this.#maxPhandle + 1;
    if (phandle >= PHANDLE_LIMIT) {
      const shown = { node: pathForMessage(node) };
      this.#sink.report(overlayCodes['no-phandles-left'].at(node.position, shown));
      return undefined;
    }
    node.setProperty({ name: 'phandle', value: encodeCells([phandle]) });
    this.#know(node);
    return phandle;
  }

  /** Raises the overlay's phandles, and the cells that refer to them, by the highest phandle of the base. */
  #raisePhandles(local: readonly CellPlace[], owned: OwnedValues): void {
    const delta = this.#maxPhandle;
    for (const node of nodesUnder(this.#overlay)) {
      for (const name of PHANDLE_PROPERTIES) {
        const property = node.properties.get(name);
        if (property === undefined) continue;
        const phandle = u32Property(node, name);
        if (phandle === undefined) {
          const shown = { node: pathForMessage(node), property: name };
          this.#sink.report(overlayCodes['bad-phandle'].at(property.position, shown));
        } else if (phandle + delta >= PHANDLE_LIMIT) {
          const shown = { node: pathForMessage(node) };
          this.#sink.report(overlayCodes['no-phandles-left'].at(property.position, shown));
        } else {
          node.setProperty({ ...property, value: encodeCells([phandle + delta]) });
        }
      }
    }
    for (const place of local) owned.write(place, (owned.read(place) + delta) >>> 0);
  }

  #merge(fragment: Fragment): void {
    const target = this.#target(fragment.node);
    if (target === undefined) return;
    fragment.targetPath = target === this.#base ? '' : target.path;
    if (this.#parameters !== undefined && fragment.targetPath === '/aliases') this.#rebaseAliases(fragment);
    const pending = [{ into: target, from: fragment.content }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { into, from } = next;
      this.#mergeProperties(into, from);
      for (const child of from.children.values()) {
        const there = this.#names.child(into, child.name);
        if (there !== undefined && there.name !== child.name) {
          const shown = { name: nameForMessage(child.name), node: pathForMessage(there) };
          this.#sink.report(overlayCodes['taken-for'].at(child.position, shown));
        }
        pending.push({ into: there ?? this.#addNode(into, child), from: child });
      }
    }
  }

  /** The firmware takes paths into the overlay, as values of aliases, for the nodes that they become. */
  #rebaseAliases({ content }: Fragment): void {
    for (const property of content.properties.values()) {
      const [, name = '', rest = ''] =
        /^\/([^/]+)\/__overlay__(\/.*)$/.exec(stringOf(property.value) ?? '') ?? [];
      const fragment = this.#overlay.children.get(name);
      const target = fragment && this.#findTarget(fragment)[0];
      if (target === undefined) continue;
      const value = encodeStrings([`${target === this.#base ? '' : target.path}${rest}`]);
      content.setProperty({ ...property, value });
    }
  }

  #addNode(parent: DtNode, like: DtNode): DtNode {
    const node = new DtNode(like.name);
    node.position = like.position;
    parent.addChild(node);
    this.#names.added(parent, node);
    return node;
  }

  #mergeProperties(into: DtNode, from: DtNode): void {
    const before = phandleOf(into);
    const brought = phandleOf(from);
    for (const property of from.properties.values()) {
      const isPhandle = (PHANDLE_PROPERTIES as readonly string[]).includes(property.name);
      if (!(isPhandle && before !== undefined)) into.setProperty(this.#appended(into, property));
    }
    const labels = from.labels.filter((label) => !into.labels.includes(label));
    if (labels.length > 0) into.labels = [...into.labels, ...labels];
    if (before !== undefined && brought !== undefined) this.#renamed.set(brought, before);
    this.#know(into);
  }

  /** The firmware puts bootargs behind those that are there. */
  #appended(into: DtNode, property: DtProperty): DtProperty {
    const there = into.properties.get(property.name)?.value;
    if (this.#parameters === undefined || property.name !== 'bootargs' || (there?.length ?? 0) < 2)
      return property;
    const value = encodeStrings([
      [there, property.value].map((each) => stringOf(each ?? EMPTY) ?? '').join(' '),
    ]);
    return { ...property, value };
  }

  /** The node of the base, as merged so far, that a fragment changes. */
  #target(fragment: DtNode): DtNode | undefined {
    const byPhandle = fragment.properties.get('target');
    const byPath = fragment.properties.get('target-path');
    if (byPhandle === undefined && byPath === undefined) {
      const shown = { fragment: pathForMessage(fragment) };
      this.#sink.report(overlayCodes['no-target'].at(fragment.position, shown));
      return undefined;
    }
    const [node, reason] = this.#findTarget(fragment);
    if (node === undefined) {
      const property = byPhandle === undefined ? 'target-path' : 'target';
      this.#parametersByTarget ??= parametersByTarget(this.#overlay);
      const known = this.#parametersByTarget.get(`${phandleOf(fragment)}:${property}`) ?? [];
      const parameters = known.map(nameForMessage);
      const shown = { fragment: pathForMessage(fragment), reason, parameters };
      this.#sink.report(overlayCodes['target-not-found'].at((byPhandle ?? byPath)?.position, shown));
    }
    return node;
  }

  /** The target, or why there is none. */
  #findTarget(fragment: DtNode): readonly [DtNode | undefined, string] {
    return fragment.properties.has('target') ? this.#targetByPhandle(fragment) : this.#targetByPath(fragment);
  }

  #targetByPhandle(fragment: DtNode): readonly [DtNode | undefined, string] {
    const phandle = u32Property(fragment, 'target');
    if (phandle === undefined) return [undefined, '"target" is not one cell'];
    const node = this.#byPhandle.get(this.#renamed.get(phandle) ?? phandle);
    return [node, `the base tree has no node with phandle ${hex(phandle)}`];
  }

  #targetByPath(fragment: DtNode): readonly [DtNode | undefined, string] {
    const path = stringProperty(fragment, 'target-path');
    if (path === undefined) return [undefined, '"target-path" is no string'];
    return [this.#nodeAt(path), `the base tree has no node "${nameForMessage(path)}"`];
  }

  /** A path of the base, which may begin with an alias (DTSpec 0.4 §3.3). */
  #nodeAt(path: string): DtNode | undefined {
    if (path.startsWith('/')) return this.#names.nodeAt(this.#base, path);
    const slash = path.indexOf('/');
    const alias = slash < 0 ? path : path.slice(0, slash);
    const value = this.#base.children.get('aliases')?.properties.get(alias)?.value;
    const start = value === undefined ? undefined : stringOf(value);
    if (start?.startsWith('/') !== true) return undefined;
    return this.#names.nodeAt(this.#base, `${start}${path.slice(alias.length)}`);
  }

  /** References to overlay nodes that were in the base already mean the base's node. */
  #followRenamed(local: readonly CellPlace[], owned: OwnedValues): void {
    if (this.#renamed.size === 0) return;
    for (const place of local) {
      const renamed = this.#renamed.get(owned.read(place));
      if (renamed !== undefined) owned.write(place, renamed);
    }
  }

  #mergeSymbols(fragments: readonly Fragment[]): void {
    const own = this.#overlay.children.get(SYMBOLS);
    if (own === undefined) return;
    const symbols = this.#base.children.get(SYMBOLS) ?? this.#base.addChild(new DtNode(SYMBOLS));
    let sizeBytes = 0;
    const byName = new Map(fragments.map((fragment) => [fragment.node.name, fragment]));
    for (const { name, value, position } of own.properties.values()) {
      const symbol = nameForMessage(name);
      const path = stringOf(value);
      if (path?.startsWith('/') !== true) {
        this.#sink.report(overlayCodes['bad-symbol'].at(position, { symbol, reason: 'is not a path' }));
        continue;
      }
      const [, fragmentName = '', overlayName, ...rest] = path.split('/');
      // A label on the fragment itself, or on what is not applied, names nothing in the merged tree.
      if (overlayName !== OVERLAY) continue;
      const fragment = byName.get(fragmentName);
      if (fragment === undefined) {
        const reason = `is in "${nameForMessage(fragmentName)}", which is no fragment`;
        this.#sink.report(overlayCodes['bad-symbol'].at(position, { symbol, reason }));
        continue;
      }
      // Without a target it was reported already.
      if (fragment.targetPath === undefined) continue;
      const after = [fragment.targetPath, ...rest].join('/') || '/';
      sizeBytes += after.length + 1;
      if (sizeBytes > SYMBOLS_LIMIT_BYTES) {
        const reason = `makes the paths of all symbols longer than ${formatSize(SYMBOLS_LIMIT_BYTES)}`;
        this.#sink.report(overlayCodes['bad-symbol'].at(position, { symbol, reason }));
        return;
      }
      const before = stringOf(symbols.properties.get(name)?.value ?? new Uint8Array(0));
      if (before !== undefined && before !== after) {
        const shown = { symbol, before: nameForMessage(before), after: nameForMessage(after) };
        this.#sink.report(overlayCodes['symbol-replaced'].at(position, shown));
      }
      symbols.setProperty({ name, value: encodeStrings([after]), ...(position && { position }) });
    }
  }
}

/**
 * Values that may be written to: copies of what the overlay's properties hold, put in their place. They stay writable
 * while the application lasts, also after a merge has taken them into the base.
 */
class OwnedValues {
  readonly #views = new Map<DtNode, Map<string, DataView>>();

  take({ node, property: name }: CellPlace): void {
    const property = node.properties.get(name);
    const ofNode = this.#views.get(node) ?? new Map<string, DataView>();
    if (property === undefined || ofNode.has(name)) return;
    const value = new Uint8Array(property.value);
    node.setProperty({ ...property, value });
    ofNode.set(name, new DataView(value.buffer));
    this.#views.set(node, ofNode);
  }

  read({ node, property, offsetBytes }: CellPlace): number {
    return this.#view(node, property).getUint32(offsetBytes);
  }

  write({ node, property, offsetBytes }: CellPlace, cell: number): void {
    this.#view(node, property).setUint32(offsetBytes, cell);
  }

  #view(node: DtNode, property: string): DataView {
    const view = this.#views.get(node)?.get(property);
    if (view === undefined) throw new Error(`no copy was taken of ${property} of ${node.path}`);
    return view;
  }
}
