/**
 * Bit patterns of instructions, as the Arm ARM prints encodings: `'SF 0 0 11010100 rm:5 cond:4 0 1 rn:5 rd:5'`.
 * Bits stand for themselves; `name:width` is a field, width 1 if not given. A field whose name begins with a capital is
 * *shape*: each of its values is an instruction of its own to the interpreter. The others are *operands*, read
 * from the opcode when it is decoded. A field may be written in two parts with the same name, high part first.
 */

/** The field names in a pattern, at the level of types. */
type FieldToken<T extends string> = T extends `${infer Name}:${number}` ? Name : T;
type FieldNames<P extends string> = P extends `${infer Head} ${infer Rest}`
  ? FieldNames<Head> | FieldNames<Rest>
  : P extends '' | `${'0' | '1'}${string}`
    ? never
    : FieldToken<P>;

/** The values of all a pattern's fields, as the decoder extracts them. */
export type FieldValues<P extends string> = { readonly [N in FieldNames<P>]: number };
/** The values of its shape fields. */
export type ShapeValues<P extends string> = {
  readonly [N in FieldNames<P> as N extends Capitalize<N> ? N : never]: number;
};
export type AnyFieldValues = Readonly<Record<string, number>>;

/** A field that is only known when an instruction is decoded. */
export interface OperandField {
  readonly field: string;
}

/** What a meaning is given: numbers for shape, {@link OperandField}s for operands. */
export type Fields<P extends string> = {
  readonly [N in FieldNames<P>]: N extends Capitalize<N> ? number : OperandField;
};

interface FieldPart {
  readonly shift: number;
  readonly width: number;
}
export interface PatternField {
  readonly name: string;
  readonly shape: boolean;
  readonly width: number;
  /** High part first. */
  readonly parts: readonly FieldPart[];
}

export interface Pattern {
  readonly text: string;
  /** The fixed bits and their values, as u32. */
  readonly mask: number;
  readonly value: number;
  readonly fields: readonly PatternField[];
}

const OPCODE_BITS = 32;
const WIDTH_OF_BIT = 1;

export function parsePattern(text: string): Pattern {
  let at = OPCODE_BITS;
  let mask = 0;
  let value = 0;
  const fields = new Map<string, FieldPart[]>();
  for (const token of text.split(' ').filter((word) => word !== '')) {
    if (/^[01]+$/.test(token)) {
      at -= token.length;
      mask |= lowBits(token.length) << at;
      value |= Number.parseInt(token, 2) << at;
      continue;
    }
    const match = /^([A-Za-z]\w*)(?::(\d+))?$/.exec(token);
    if (match?.[1] === undefined) throw new Error(`"${token}" in the pattern "${text}"`);
    const width = match[2] === undefined ? WIDTH_OF_BIT : Number(match[2]);
    at -= width;
    const parts = fields.get(match[1]) ?? [];
    parts.push({ shift: at, width });
    fields.set(match[1], parts);
  }
  if (at !== 0) throw new Error(`the pattern "${text}" has ${OPCODE_BITS - at} bits`);
  return {
    text,
    mask: mask >>> 0,
    value: value >>> 0,
    fields: [...fields].map(([name, parts]) => ({
      name,
      shape: /^[A-Z]/.test(name),
      width: parts.reduce((sum, part) => sum + part.width, 0),
      parts,
    })),
  };
}

function lowBits(width: number): number {
  return width === OPCODE_BITS ? -1 : (1 << width) - 1;
}

function extractField(field: PatternField, opcode: number): number {
  let value = 0;
  for (const part of field.parts) {
    value = (value << part.width) | ((opcode >>> part.shift) & lowBits(part.width));
  }
  return value;
}

/** All fields' values in an opcode. */
export function extractFields(pattern: Pattern, opcode: number): AnyFieldValues {
  const values: Record<string, number> = {};
  for (const field of pattern.fields) values[field.name] = extractField(field, opcode);
  return values;
}

/** The opcode with these fields; those not given are 0. */
export function composeOpcode(pattern: Pattern, values: AnyFieldValues): number {
  let opcode = pattern.value;
  for (const field of pattern.fields) {
    let rest = values[field.name] ?? 0;
    for (const part of [...field.parts].reverse()) {
      opcode |= (rest & lowBits(part.width)) << part.shift;
      rest >>>= part.width;
    }
  }
  return opcode >>> 0;
}

/** The shape fields' values as one number: the first field in the highest bits. */
export function shapeKey(pattern: Pattern, opcode: number): number {
  let key = 0;
  for (const field of pattern.fields) {
    if (field.shape) key = (key << field.width) | extractField(field, opcode);
  }
  return key;
}

/** Bits in a shape key. */
export function shapeWidth(pattern: Pattern): number {
  return pattern.fields.reduce((sum, field) => sum + (field.shape ? field.width : 0), 0);
}

/** The shape fields' values in a key. */
export function shapeFields(pattern: Pattern, key: number): AnyFieldValues {
  const values: Record<string, number> = {};
  let rest = key;
  for (const field of pattern.fields.filter(({ shape }) => shape).reverse()) {
    values[field.name] = rest & lowBits(field.width);
    rest >>>= field.width;
  }
  return values;
}
