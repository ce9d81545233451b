/**
 * Parameters of overlays, as the Raspberry Pi's firmware, `dtoverlay` and `dtmerge` have them: each property of
 * `/__overrides__` is a parameter, its value a list of targets. A target is a phandle and a string: `prop` is set to the
 * value, `prop.N`, `prop;N`, `prop:N` and `prop#N` change 1, 2, 4 or 8 bytes at N, `prop?` and `prop!` are there or not,
 * `prop[` takes bytes; `=LITERAL` and `{key=value,…}` put another value in the given one's place. Phandle 0 switches
 * fragments: `+N`, `-N`, `=N`, `!N` (Raspberry Pi documentation, "Device Trees, overlays, and parameters").
 */
import { attempt, type DiagnosticSink, formatSize, MIB, Refusal } from '../../base/index.ts';
import { nameForMessage } from '../names.ts';
import { phandleOf } from '../source/references.ts';
import { DtNode, nodesUnder } from '../tree.ts';
import { decodeLatin1, encodeStrings, stringOf } from '../value.ts';
import { overlayCodes } from './diagnostics.ts';
import { SYMBOLS } from './fixups.ts';
import { DORMANT, OVERLAY } from './is-overlay.ts';
import { bytesOf, integerOf, statusOf, unescaped } from './parameter-values.ts';

export const OVERRIDES = '__overrides__';

/** One `NAME=VALUE` for a tree's `__overrides__`. */
export interface OverlayParameter {
  readonly name: string;
  /** Where none is written, `true`. */
  readonly value: string;
}

/** `bus1,rate=5`: parameters as a line of config.txt has them. */
export function parseParameters(text: string): readonly OverlayParameter[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, name = '', value = 'true'] = /^([^=]*)(?:=(.*))?$/s.exec(part) ?? [];
      return { name, value };
    });
}

/** The names of the parameters that a tree takes. */
export function parameterNames(root: DtNode): readonly string[] {
  return [...(root.children.get(OVERRIDES)?.properties.keys() ?? [])].filter(
    (name) => name !== 'phandle' && name !== 'linux,phandle',
  );
}

/** Which parameters set a property of a node, by `phandle:property`, for messages about what is missing there. */
export function parametersByTarget(root: DtNode): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const name of parameterNames(root)) {
    const data = root.children.get(OVERRIDES)?.properties.get(name)?.value ?? new Uint8Array(0);
    // What is malformed is said of the parameter that is set; here it ends that parameter's targets.
    attempt(() => {
      for (const target of targetsOf(data, '')) {
        if (!('phandle' in target)) continue;
        const key = `${target.phandle}:${target.property}`;
        const known = found.get(key);
        if (known === undefined) found.set(key, [name]);
        else if (known.at(-1) !== name) known.push(name);
      }
    });
  }
  return found;
}

type Target =
  | { readonly kind: 'fragments'; readonly actions: string; readonly value: string }
  | {
      readonly kind: 'string' | 'bytes' | 'boolean' | 'inverse';
      readonly phandle: number;
      readonly property: string;
      readonly value: string;
    }
  | {
      readonly kind: 'integer';
      readonly phandle: number;
      readonly property: string;
      readonly value: string;
      readonly offsetBytes: number;
      readonly sizeBytes: number;
    };

const SEPARATORS = '.;:#?![{=';
const CELL_BYTES = 4;
/** What parameters may add to a tree; a short target can ask for an offset far behind a property's end. */
const GROWTH_LIMIT_BYTES = MIB;
/** What renaming may cost: each time, all siblings and symbols are gone through. */
const STEP_LIMIT = 1_000_000;
/** DTSpec 0.4 §2.2.1. */
const NODE_NAME = /^[\w,.+-]+(?:@[\w,.+-]+)?$/;

/** Reads one parameter's targets, with the value that each gets. Throws {@link Refusal} where the data is malformed. */
function* targetsOf(data: Uint8Array, given: string): Generator<Target> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const endOfString = (at: number): number => data.indexOf(0, at);
  for (let at = 0; at < data.length; ) {
    if (at + CELL_BYTES + 2 > data.length) throw new Refusal('is cut short');
    const phandle = view.getUint32(at);
    const end = endOfString(at + CELL_BYTES);
    if (end < 0) throw new Refusal('has a string without an end');
    const text = decodeLatin1(data, at + CELL_BYTES, end);
    at = end + 1;
    if (phandle === 0) {
      yield { kind: 'fragments', actions: text, value: given };
      continue;
    }
    const literalAt = text.search(/[={]/);
    const head = literalAt < 0 ? text : text.slice(0, literalAt);
    const nameEnd = head.search(/[.;:#?![]/);
    const property = nameEnd < 0 ? head : head.slice(0, nameEnd);
    const separator = nameEnd < 0 ? '' : (head[nameEnd] ?? '');
    let value = given;
    if (literalAt >= 0 && text[literalAt] === '=') {
      value = text.slice(literalAt + 1);
      if (value === '' && separator === '') {
        // An empty literal of a string: the next string, such as a label's path, is the literal.
        const literalEnd = endOfString(at);
        if (at < data.length) {
          if (literalEnd < 0) throw new Refusal('has a string without an end');
          value = decodeLatin1(data, at, literalEnd);
          at = literalEnd + 1;
        }
      } else if (value === '' && separator !== '[') {
        if (at + CELL_BYTES > data.length) throw new Refusal('is cut short');
        value = String(view.getUint32(at));
        at += CELL_BYTES;
      }
    } else if (literalAt >= 0) {
      const found = lookUp(data, at - (text.length - literalAt), given);
      if (found === undefined) throw new Refusal(`has no value for "${nameForMessage(given)}"`);
      ({ value, at } = found);
    }
    const place = { phandle, property };
    if (separator === '?') yield { kind: 'boolean', ...place, value };
    else if (separator === '!') yield { kind: 'inverse', ...place, value };
    else if (separator === '[') yield { kind: 'bytes', ...place, value };
    else if (separator === '') {
      yield { kind: 'string', ...place, value: property === 'status' ? statusOf(value) : value };
    } else {
      const offsetBytes = Number.parseInt(head.slice(nameEnd + 1), 10) || 0;
      yield { kind: 'integer', ...place, value, offsetBytes, sizeBytes: 1 << SEPARATORS.indexOf(separator) };
    }
  }
}

/** `{a=1,'b c'=x,=default}` at `at`; after an `=` that ends a string, a cell may stand for the value. */
function lookUp(data: Uint8Array, start: number, key: string): { value: string; at: number } | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const isAt = (at: number, ...characters: readonly string[]): boolean =>
    at < data.length && characters.includes(String.fromCharCode(data[at] ?? 0));
  let found: { readonly value: string; readonly isDefault: boolean } | undefined;
  let at = start;
  while (at < data.length && data[at] !== 0 && !isAt(at, '}')) {
    let end = at;
    while (end < data.length && data[end] !== 0 && !isAt(end, '=', ',', '}')) end++;
    const name = decodeLatin1(data, at, end);
    const takes =
      name === '' ? found === undefined && end < data.length : found?.isDefault !== false && name === key;
    at = end;
    let value = key;
    if (isAt(at, '=')) {
      at += 1;
      if (at + 1 < data.length && data[at] === 0) {
        if (at + 1 + CELL_BYTES > data.length) return undefined;
        value = String(view.getUint32(at + 1) | 0);
        at += 1 + CELL_BYTES;
      } else {
        const isQuoted = isAt(at, "'");
        const from = isQuoted ? at + 1 : at;
        let to = from;
        while (to < data.length && data[to] !== 0 && !(isQuoted ? isAt(to, "'") : isAt(to, ',', '}'))) to++;
        if (isQuoted && !isAt(to, "'")) return undefined;
        value = decodeLatin1(data, from, to);
        at = isQuoted ? to + 1 : to;
        if (isAt(at, ',')) at += 1;
      }
    } else if (isAt(at, ',')) at += 1;
    if (takes) found = { value, isDefault: name === '' };
  }
  if (found === undefined || (at < data.length && data[at] === 0)) return undefined;
  // The brace and the end of the string.
  return { value: found.value, at: at + 2 };
}

/** Sets parameters in an overlay whose references are resolved; what it does not have may be one of the base tree's own. */
export class ParameterSetter {
  readonly #sink: DiagnosticSink;
  readonly #byPhandle = new Map<DtNode, Map<number, DtNode>>();
  readonly #owned = new WeakSet<Uint8Array>();
  #leftBytes = GROWTH_LIMIT_BYTES;
  #leftSteps = STEP_LIMIT;

  constructor(sink: DiagnosticSink) {
    this.#sink = sink;
  }

  /** @param trees the overlay and the base, or the base alone: the first that knows the parameter is changed */
  set(trees: readonly DtNode[], { name, value }: OverlayParameter): void {
    const root = trees.find((tree) => parameterNames(tree).includes(name));
    const parameter = nameForMessage(name);
    if (root === undefined) {
      const known = trees.flatMap(parameterNames).map(nameForMessage);
      this.#sink.report(overlayCodes['unknown-parameter'].at(trees[0]?.position, { parameter, known }));
      return;
    }
    const property = root.children.get(OVERRIDES)?.properties.get(name);
    const done = attempt(() => {
      for (const target of targetsOf(property?.value ?? new Uint8Array(0), value)) this.#apply(root, target);
    });
    if (!(done instanceof Refusal)) return;
    const reason = done.message;
    this.#sink.report(overlayCodes['bad-parameter'].at(property?.position, { parameter, reason }));
  }

  /** Sets a target. Throws {@link Refusal} with the reason why it can't be set. */
  #apply(root: DtNode, target: Target): void {
    if (target.kind === 'fragments') {
      this.#switchFragments(root, target.actions, target.value);
      return;
    }
    const { phandle, property: name, value } = target;
    const node = this.#nodesOf(root).get(phandle);
    if (node === undefined) throw new Refusal(`is for phandle ${phandle}, which no node has`);
    if (name === '') throw new Refusal('names no property');
    switch (target.kind) {
      case 'string':
        this.#setString(root, node, name, value);
        return;
      case 'bytes': {
        const bytes = bytesOf(value);
        if (bytes === undefined)
          throw new Refusal(`takes bytes in hexadecimal, not "${nameForMessage(value)}"`);
        node.setProperty({ name, value: bytes });
        return;
      }
      case 'integer': {
        const number = integerOf(value);
        if (number === undefined) throw new Refusal(`takes a number, not "${nameForMessage(value)}"`);
        this.#setInteger(root, node, name, target, number);
        return;
      }
      default: {
        const number = integerOf(value);
        if (number === undefined) throw new Refusal(`takes a truth value, not "${nameForMessage(value)}"`);
        if ((number !== 0n) === (target.kind === 'boolean')) {
          node.setProperty({ name, value: new Uint8Array(0) });
        } else node.properties.delete(name);
      }
    }
  }

  #setString(root: DtNode, node: DtNode, name: string, text: string): void {
    const value = unescaped(text);
    if (value === undefined) throw new Refusal(`has an escape that is none, in "${nameForMessage(text)}"`);
    if (name === 'name') {
      if (!NODE_NAME.test(value)) throw new Refusal(`takes a node's name, not "${nameForMessage(value)}"`);
      this.#rename(root, node, value);
      return;
    }
    const before = node.properties.get(name)?.value;
    const isAppended = name === 'bootargs' && before !== undefined && before.length > 1;
    const kept = isAppended ? `${decodeLatin1(before, 0, before.length - 1)} ` : '';
    this.#grow(kept.length + value.length);
    node.setProperty({ name, value: encodeStrings([`${kept}${value}`]) });
  }

  #grow(sizeBytes: number): void {
    this.#leftBytes -= sizeBytes;
    if (this.#leftBytes < 0)
      throw new Refusal(`makes the tree larger by more than ${formatSize(GROWTH_LIMIT_BYTES)}`);
  }

  #setInteger(
    root: DtNode,
    node: DtNode,
    name: string,
    { offsetBytes, sizeBytes }: { readonly offsetBytes: number; readonly sizeBytes: number },
    number: bigint,
  ): void {
    const before = node.properties.get(name);
    const neededBytes = offsetBytes + sizeBytes;
    if (offsetBytes < 0) throw new Refusal('has an offset below 0');
    const length = before?.value.length ?? 0;
    // A reg that is not there stands for the unit address alone.
    if (name !== 'reg' || length >= neededBytes) {
      let value = before?.value;
      if (value === undefined || length < neededBytes || !this.#owned.has(value)) {
        this.#grow(Math.max(neededBytes, length));
        const copy = new Uint8Array(Math.max(neededBytes, length));
        if (value !== undefined) copy.set(value);
        this.#owned.add(copy);
        node.setProperty({ name, value: copy });
        value = copy;
      }
      for (let index = 0; index < sizeBytes; index++) {
        value[neededBytes - 1 - index] = Number((number >> BigInt(8 * index)) & 0xffn);
      }
    }
    if (name === 'reg' && offsetBytes === 0 && node.unitAddress !== undefined) {
      this.#rename(root, node, `${node.baseName}@${(number & 0xffff_ffffn).toString(16)}`);
    }
  }

  #switchFragments(root: DtNode, actions: string, value: string): void {
    const isOn = (integerOf(value) ?? (value === '' ? 0n : 1n)) !== 0n;
    let rest = actions;
    while (rest !== '') {
      const [all = '', sign = '', number = ''] = /^([-+=!])\s*(0x[0-9a-f]+|\d+)/i.exec(rest) ?? [];
      if (all === '')
        throw new Refusal(`switches fragments by "${nameForMessage(actions)}", which is not understood`);
      rest = rest.slice(all.length);
      const active = sign === '+' || (sign === '=' && isOn) || (sign === '!' && !isOn);
      const index = Number(number);
      const fragment = root.children.get(`fragment@${index}`) ?? root.children.get(`fragment-${index}`);
      if (fragment === undefined) throw new Refusal(`switches fragment ${index}, which is not there`);
      const content = fragment.children.get(active ? DORMANT : OVERLAY);
      if (content !== undefined) this.#rename(root, content, active ? OVERLAY : DORMANT);
    }
  }

  #nodesOf(root: DtNode): Map<number, DtNode> {
    const known = this.#byPhandle.get(root);
    if (known !== undefined) return known;
    const nodes = new Map<number, DtNode>();
    for (const node of nodesUnder(root)) {
      const phandle = phandleOf(node);
      if (phandle !== undefined && !nodes.has(phandle)) nodes.set(phandle, node);
    }
    this.#byPhandle.set(root, nodes);
    return nodes;
  }

  /** Gives a node another name, in its place among its siblings; symbols and references by phandle go with it. */
  #rename(root: DtNode, node: DtNode, name: string): void {
    const { parent } = node;
    if (parent === undefined || name === node.name || parent.children.has(name)) return;
    this.#leftSteps -= parent.children.size + (root.children.get(SYMBOLS)?.properties.size ?? 0);
    if (this.#leftSteps < 0) throw new Refusal('renames more nodes than any overlay has');
    const before = node.path;
    const made = new DtNode(name);
    made.position = node.position;
    made.labels = node.labels;
    for (const property of node.properties.values()) made.setProperty(property);
    for (const child of [...node.children.values()]) made.addChild(child);
    for (const sibling of [...parent.children.values()]) {
      parent.removeChild(sibling.name);
      parent.addChild(sibling === node ? made : sibling);
    }
    const phandle = phandleOf(made);
    if (phandle !== undefined) this.#nodesOf(root).set(phandle, made);
    this.#moveSymbols(root, before, made.path);
  }

  #moveSymbols(root: DtNode, before: string, after: string): void {
    const symbols = root.children.get(SYMBOLS);
    for (const property of symbols?.properties.values() ?? []) {
      const path = stringOf(property.value);
      if (path !== before && path?.startsWith(`${before}/`) !== true) continue;
      this.#grow(after.length);
      const value = encodeStrings([`${after}${path.slice(before.length)}`]);
      symbols?.setProperty({ ...property, value });
    }
  }
}
