/**
 * An instruction, defined once: its name, bit pattern, assembly text and meaning. From it come the decoder, the
 * interpreter, the translator, the reference evaluator, the disassembler and the tests' random opcodes.
 */
import { Meaning } from './meaning/meaning.ts';
import type { Operand, Statement } from './meaning/value.ts';
import {
  type AnyFieldValues,
  type Fields,
  type FieldValues,
  type Pattern,
  parsePattern,
  type ShapeValues,
  shapeFields,
  shapeWidth,
} from './pattern.ts';

/** The address of the instruction, for labels in assembly text. */
export type Assembly<V> = (fields: V, pc: bigint) => string;

/** Some of a definition's shapes: all of them, or those with such shape fields. */
export type ShapeChoice<S> = true | ((shape: S) => boolean);

/** `V` has the values of all fields, `S` those of the shape fields. */
export interface DefinitionOptions<V, S> {
  /** Opcodes of the pattern for which this is false are not this instruction: another one's, or unallocated. */
  readonly when?: (fields: V) => boolean;
  /** Needs CPACR_EL1.FPEN: traps where floating point is off. */
  readonly floatingPoint?: boolean;
  /** Shapes that the run loop has cases for (`core/chosen-shapes.ts` says how many pay). */
  readonly hot?: ShapeChoice<S>;
  /** Rare shapes that every boot of Linux runs, or that compilers make: they are compiled together, at the start. */
  readonly warm?: ShapeChoice<S>;
}

export interface Definition {
  readonly name: string;
  readonly pattern: Pattern;
  readonly when: ((fields: AnyFieldValues) => boolean) | undefined;
  readonly floatingPoint: boolean;
  readonly hot: ShapeChoice<AnyFieldValues> | undefined;
  readonly warm: ShapeChoice<AnyFieldValues> | undefined;
  readonly assembly: Assembly<AnyFieldValues>;
  readonly meaning: (c: Meaning, fields: never) => void;
}

/** One definition with values for all its shape fields: a handler of the interpreter. */
export interface Shape {
  readonly definition: Definition;
  readonly key: number;
  readonly fields: AnyFieldValues;
  readonly statements: readonly Statement[];
  readonly operands: readonly Operand[];
}

/**
 * Declares an instruction. In the pattern, capital fields are shape and arrive as numbers, the others are operands to
 * be read through `c`.
 */
export function insn<P extends string>(
  name: string,
  pattern: P,
  assembly: Assembly<FieldValues<P>>,
  meaning: (c: Meaning<FieldValues<P>>, f: Fields<P>) => void,
  options: DefinitionOptions<FieldValues<P>, ShapeValues<P>> = {},
): Definition {
  return {
    name,
    pattern: parsePattern(pattern),
    when: options.when as Definition['when'],
    floatingPoint: options.floatingPoint ?? false,
    hot: options.hot as Definition['hot'],
    warm: options.warm as Definition['warm'],
    assembly: assembly as Assembly<AnyFieldValues>,
    meaning: meaning as unknown as Definition['meaning'],
  };
}

/** Runs a definition's meaning for one shape. */
export function makeShape(definition: Definition, key: number): Shape {
  const values = shapeFields(definition.pattern, key);
  const fields = Object.fromEntries(
    definition.pattern.fields.map((field) => [
      field.name,
      field.shape ? (values[field.name] ?? 0) : { field: field.name },
    ]),
  );
  const c = new Meaning();
  try {
    definition.meaning(c, fields as never);
  } catch (error) {
    throw new Error(`${shapeName(definition, key)}: ${error instanceof Error ? error.message : error}`);
  }
  return { definition, key, fields: values, statements: c.statements, operands: [...c.operands.values()] };
}

/** `CSINC SF=1`. */
export function shapeName(definition: Definition, key: number): string {
  const fields = Object.entries(shapeFields(definition.pattern, key));
  return [definition.name, ...fields.map(([name, value]) => `${name}=${value}`)].join(' ');
}

/** All keys that a definition's shape fields can make; some may be unallocated (`when`). */
export function shapeKeys(definition: Definition): readonly number[] {
  return Array.from({ length: 2 ** shapeWidth(definition.pattern) }, (_, key) => key);
}
