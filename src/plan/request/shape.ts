/**
 * Shapes: one declaration of what a request, or a file of settings, may say. From it come the reader with its diagnostics, the TypeScript type
 * of what was read, and the JSON Schema (draft 2020-12) that editors complete with. YAML 1.2 is read by the `yaml`
 * library, whose nodes keep their place in the file.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { formatMacAddress, isPaddr, parseMacAddress, parseSize } from '../../base/index.ts';
import { requestCodes as codes, type RequestReport } from './diagnostics.ts';

/** A JSON Schema, as far as we use it: draft 2020-12. */
export type JsonSchema = { readonly [key: string]: unknown };

/** What may stand somewhere in a YAML file, and how it is read. */
export interface Shape<Value> {
  /** In words, for diagnostics: `a size such as 512 MiB`. */
  readonly expected: string;
  readonly schema: JsonSchema;
  /** Whether a node is of this kind at all, so that alternatives can be told apart without trial. */
  readonly accepts: (node: Node) => boolean;
  /** The value, or `undefined` after a report. `where` names it in words: `guests[0].ram`. */
  readonly read: (node: Node, where: string, report: RequestReport) => Value | undefined;
}

/** The type of what a shape reads. */
export type ValueOf<S> = S extends Shape<infer Value> ? Value : never;

interface Field<Value> {
  readonly shape: Shape<Value>;
  readonly about: string;
  readonly required: boolean;
}
type Fields = Readonly<Record<string, Field<unknown>>>;
type ObjectValue<F extends Fields> = {
  readonly [Name in keyof F]?: F[Name] extends Field<infer Value> ? Value : never;
};

/** A key that may be left out. `about` says what it means and what holds without it. */
export function field<Value>(shape: Shape<Value>, about: string): Field<Value> {
  return { shape, about, required: false };
}

/** A key that must be there. */
export function requiredField<Value>(shape: Shape<Value>, about: string): Field<Value> {
  return { shape, about, required: true };
}

function scalarShape<Value>(
  expected: string,
  schema: JsonSchema,
  kinds: readonly string[],
  convert: (raw: string | number | boolean | bigint) => Value | undefined,
): Shape<Value> {
  return {
    expected,
    schema,
    accepts: (node) => isScalar(node) && kinds.includes(typeof node.value),
    read: (node, where, report) => {
      const value = isScalar(node) && kinds.includes(typeof node.value) ? convert(raw(node)) : undefined;
      if (value === undefined)
        report.at(node, codes['wrong-value'], {
          where: placeName(where, report),
          expected,
          found: shown(node),
        });
      return value;
    },
  };
}

function raw(node: Scalar): string | number | boolean | bigint {
  return node.value as string | number | boolean | bigint;
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,30}$/;
/** A name becomes a protection domain's, a file's and a C identifier's, so it is kept plain. */
export const name: Shape<string> = scalarShape(
  'a name: a letter, then at most 30 letters, digits, "_" or "-"',
  { type: 'string', pattern: NAME.source },
  ['string'],
  (value) => (NAME.test(String(value)) ? String(value) : undefined),
);

const TEXT_LIMIT = 4096;
/** Text of one line: it ends in XML, C, make and device tree files. */
export const text: Shape<string> = scalarShape(
  `text of one line, at most ${TEXT_LIMIT} characters`,
  { type: 'string', maxLength: TEXT_LIMIT },
  ['string'],
  (value) => {
    const line = String(value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
    return line.length <= TEXT_LIMIT && !/[\u0000-\u001f\u007f]/.test(line) ? line : undefined;
  },
);

/** Text that names something: editors that know the format complete it. To a reader it is text. */
function named(format: string): Shape<string> {
  return { ...text, schema: { ...text.schema, format } };
}

/** A device of the board's tree, as `plan` selects them. */
export const deviceSelector: Shape<string> = named('drivervm-device');
/** A file or directory, relative to the file that names it. */
export const path: Shape<string> = named('drivervm-path');
/** A board by Microkit's name. */
export const microkitBoardName: Shape<string> = named('drivervm-board');

/** True or false, in YAML's words. */
export const flag: Shape<boolean> = scalarShape(
  'true or false',
  { type: 'boolean' },
  ['boolean'],
  (value) => value === true,
);

/** A whole number from `low` to `high`, both included. */
export function count(low: number, high: number): Shape<number> {
  return scalarShape(
    `a whole number from ${low} to ${high}`,
    { type: 'integer', minimum: low, maximum: high },
    ['number', 'bigint'],
    (value) => {
      const number = Number(value);
      return Number.isSafeInteger(number) && number >= low && number <= high ? number : undefined;
    },
  );
}

/** Bytes: `512 MiB`, `1GiB`, `0x4000_0000` or a plain number. */
export const size: Shape<number> = scalarShape(
  'a size such as 512 MiB or 0x2000_0000',
  { type: ['string', 'integer'], examples: ['512 MiB', '1 GiB'] },
  ['string', 'number', 'bigint'],
  (value) => parseSize(String(value)),
);

const ADDRESS = /^(0x[0-9a-fA-F_]{1,20}|[0-9]{1,16})$/;
export const address: Shape<number> = scalarShape(
  'an address such as 0x8000_0000',
  { type: ['string', 'integer'], examples: ['0x80000000'] },
  ['string', 'number', 'bigint'],
  (value) => {
    const match = ADDRESS.exec(String(value).trim());
    if (match === null) return undefined;
    const number = Number(String(value).trim().replaceAll('_', ''));
    return Number.isSafeInteger(number) && isPaddr(BigInt(number)) ? number : undefined;
  },
);

/** A station's address, in lower case. */
export const macAddress: Shape<string> = scalarShape(
  'a MAC address of one station, such as 02:00:00:00:00:01',
  { type: 'string', pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$' },
  ['string'],
  (value) => {
    const bytes = parseMacAddress(String(value).trim());
    return bytes === undefined ? undefined : formatMacAddress(bytes);
  },
);

const CONTROL_KEY = /^ctrl-([a-z[\\\]^_])$/i;
/** A control character as it is typed: the byte. */
export const controlKey: Shape<number> = scalarShape(
  'a key such as ctrl-a or ctrl-\\',
  { type: 'string', pattern: '^[cC][tT][rR][lL]-[a-zA-Z[\\\\\\]^_]$' },
  ['string'],
  (value) => {
    const key = CONTROL_KEY.exec(String(value))?.[1];
    return key === undefined ? undefined : key.toUpperCase().charCodeAt(0) - 0x40;
  },
);

/** One of a few words. */
export function choice<const Word extends string>(...words: readonly Word[]): Shape<Word> {
  return scalarShape(`one of ${words.join(', ')}`, { enum: words }, ['string'], (value) =>
    words.find((word) => word === value),
  );
}

const ITEMS_LIMIT = 4096;
/** A list whose entries are all of one shape. */
export function listOf<Value>(item: Shape<Value>): Shape<readonly Value[]> {
  const expected = `a list, each entry ${item.expected}`;
  return {
    expected,
    schema: { type: 'array', items: item.schema },
    accepts: isSeq,
    read: (node, where, report) => {
      if (!isSeq<Node>(node) || node.items.length > ITEMS_LIMIT) {
        report.at(node, codes['wrong-value'], {
          where: placeName(where, report),
          expected,
          found: shown(node),
        });
        return undefined;
      }
      const values: Value[] = [];
      for (const [index, entry] of node.items.entries()) {
        const value = item.read(entry, `${where}[${index}]`, report);
        if (value !== undefined) values.push(value);
      }
      return values;
    },
  };
}

/** A mapping from free keys to values of one shape. */
export function mapOf<Value>(value: Shape<Value>): Shape<ReadonlyMap<string, Value>> {
  const expected = `a mapping, each value ${value.expected}`;
  return {
    expected,
    schema: { type: 'object', additionalProperties: value.schema },
    accepts: isMap,
    read: (node, where, report) => {
      if (!isMap<Node, Node>(node) || node.items.length > ITEMS_LIMIT) {
        report.at(node, codes['wrong-value'], {
          where: placeName(where, report),
          expected,
          found: shown(node),
        });
        return undefined;
      }
      const values = new Map<string, Value>();
      for (const pair of node.items) {
        const key = keyOf(pair.key);
        const read = pair.value === null ? undefined : value.read(pair.value, `${where}.${key}`, report);
        if (read !== undefined) values.set(key, read);
      }
      return values;
    },
  };
}

/** The first shape that accepts the node reads it. */
export function either<Values extends readonly unknown[]>(
  ...shapes: { readonly [Index in keyof Values]: Shape<Values[Index]> }
): Shape<Values[number]> {
  const all = shapes as readonly Shape<Values[number]>[];
  const expected = all.map((shape) => shape.expected).join(', or ');
  return {
    expected,
    schema: { anyOf: all.map((shape) => shape.schema) },
    accepts: (node) => all.some((shape) => shape.accepts(node)),
    read: (node, where, report) => {
      const shape = all.find((candidate) => candidate.accepts(node));
      if (shape !== undefined) return shape.read(node, where, report);
      report.at(node, codes['wrong-value'], {
        where: placeName(where, report),
        expected,
        found: shown(node),
      });
      return undefined;
    },
  };
}

/** A mapping with known keys. */
export function object<F extends Fields>(fields: F): Shape<ObjectValue<F>> {
  const names = Object.keys(fields);
  const expected = `a mapping with the keys ${names.join(', ')}`;
  return {
    expected,
    schema: objectSchema(fields),
    accepts: isMap,
    read: (node, where, report) => {
      if (!isMap<Node, Node>(node)) {
        report.at(node, codes['wrong-value'], {
          where: placeName(where, report),
          expected,
          found: shown(node),
        });
        return undefined;
      }
      const values: Record<string, unknown> = {};
      for (const pair of node.items) {
        const key = keyOf(pair.key);
        const known = Object.hasOwn(fields, key) ? fields[key] : undefined;
        if (known === undefined) {
          report.at(pair.key, codes['unknown-key'], { where: placeName(where, report), key, names });
        } else if (pair.value !== null) {
          const value = known.shape.read(pair.value, where === '' ? key : `${where}.${key}`, report);
          if (value !== undefined) values[key] = value;
        }
      }
      for (const missing of names.filter((key) => fields[key]?.required === true && !node.has(key))) {
        report.at(node, codes['missing-key'], {
          where: placeName(where, report),
          key: missing,
          about: fields[missing]?.about ?? '',
        });
      }
      return values as ObjectValue<F>;
    },
  };
}

function objectSchema(fields: Fields): JsonSchema {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([key, { shape, about }]) => [key, { ...shape.schema, description: about }]),
  );
  const required = Object.keys(fields).filter((key) => fields[key]?.required === true);
  return {
    type: 'object',
    properties,
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
  };
}

/** The outermost value has no place in itself, and is called by what it is. */
function placeName(where: string, report: RequestReport): string {
  return where === '' ? report.subject : where;
}

function keyOf(key: Node): string {
  return isScalar(key) ? String(key.value) : '?';
}

const SHOWN_LENGTH = 40;
/** What stands there, in few words. */
function shown(node: Node): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return node.items.length > ITEMS_LIMIT ? `${node.items.length} entries` : 'a list';
  if (isAlias(node)) return 'an alias';
  if (!isScalar(node) || node.value === null) return 'nothing';
  const value = JSON.stringify(node.source ?? String(node.value));
  return value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value;
}
