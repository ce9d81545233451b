/** Which handler runs an instruction: a case of the run loop, or a function made when it is first met. */

import type { WasmTable } from '../../wasm/index.ts';
import type { Decoded, Decoder } from '../decoder.ts';
import { type Definition, makeShape, type Shape, shapeKeys } from '../definition.ts';
import { composeOpcode, shapeFields, shapeKey } from '../pattern.ts';
import type { ShapeKey } from './chosen-shapes.ts';
import type { ColdCode } from './cold.ts';
import { type PlacedOperand, placeOperands } from './record.ts';

export interface Handler {
  readonly number: number;
  readonly operands: readonly PlacedOperand[];
  /** Nothing follows it in a straight line. */
  readonly ends: boolean;
}

/** A definition with few shapes is compiled whole: a module costs more than the functions in it. */
const WHOLE_LIMIT = 8;

/** Numbers of handlers have sixteen bits, and rare instructions need some. */
const PLACES_OF_OTHERS = 0xc000;
const PLACES_AT_ONCE = 64;

export class Handlers {
  readonly #cold: ColdCode;
  readonly #table: WasmTable;
  readonly #firstCold: number;
  readonly #known = new Map<Definition, Map<number, Handler>>();
  readonly #decoder: Decoder;
  readonly #shapes = new Map<Definition, Map<number, Shape>>();
  /** Places for others that are free. */
  readonly #places: number[] = [];
  #pending: { readonly shape: Shape; readonly place: number }[] = [];

  constructor(decoder: Decoder, hot: readonly Shape[], firstHot: number, cold: ColdCode, table: WasmTable) {
    this.#decoder = decoder;
    this.#cold = cold;
    this.#table = table;
    this.#firstCold = firstHot + hot.length;
    for (const [index, shape] of hot.entries()) this.#add(shape, firstHot + index);
  }

  /** Compiles together what is likely to be wanted. */
  prepare(wanted: readonly ShapeKey[]): void {
    for (const { definition, key } of wanted) {
      if (!this.#isKnown(definition, key) && this.#exists(definition, key))
        this.#reserveShape(definition, key);
    }
    this.finish();
  }

  /** The handler of an opcode; {@link finish} must be called before it runs. */
  find({ definition }: Decoded, opcode: number): Handler {
    const key = shapeKey(definition.pattern, opcode);
    return this.#known.get(definition)?.get(key) ?? this.#reserve(definition, key);
  }

  /**
   * Compiles what {@link find} has given numbers to since the last time, as one module: before any of their records run.
   */
  finish(): void {
    if (this.#pending.length === 0) return;
    this.#cold.compile(this.#pending);
    this.#pending = [];
  }

  /** A shape that is a handler's, made or looked up. */
  shape({ definition }: Decoded, opcode: number): Shape {
    const key = shapeKey(definition.pattern, opcode);
    const made = this.#shapes.get(definition) ?? new Map<number, Shape>();
    this.#shapes.set(definition, made);
    const shape = made.get(key) ?? makeShape(definition, key);
    made.set(key, shape);
    return shape;
  }

  /** A place in the table for something that isn't an instruction's; `undefined` where those have enough. */
  reserve(): number | undefined {
    if (this.#places.length === 0 && this.#table.length < PLACES_OF_OTHERS) {
      const first = this.#table.grow(PLACES_AT_ONCE);
      for (let place = first + PLACES_AT_ONCE - 1; place >= first; place--) this.#places.push(place);
    }
    return this.#places.pop();
  }
  /** As many places in a row. */
  reserveRow(count: number): number | undefined {
    return this.#table.length + count > PLACES_OF_OTHERS ? undefined : this.#table.grow(count);
  }
  /** Gives a place back. */
  release(place: number): void {
    this.#places.push(place);
  }

  #reserve(definition: Definition, wanted: number): Handler {
    const keys = shapeKeys(definition);
    const others = keys.length <= WHOLE_LIMIT ? keys : [];
    const missing = others.filter(
      (key) => key !== wanted && !this.#isKnown(definition, key) && this.#exists(definition, key),
    );
    for (const key of missing) this.#reserveShape(definition, key);
    return this.#reserveShape(definition, wanted);
  }

  #reserveShape(definition: Definition, key: number): Handler {
    const shape = makeShape(definition, key);
    const place = this.#table.grow(1);
    this.#pending.push({ shape, place });
    return this.#add(shape, this.#firstCold + place);
  }

  #isKnown(definition: Definition, key: number): boolean {
    return this.#known.get(definition)?.has(key) === true;
  }

  /** Whether the plainest opcode of this shape is this definition's. */
  #exists(definition: Definition, key: number): boolean {
    const opcode = composeOpcode(definition.pattern, shapeFields(definition.pattern, key));
    return this.#decoder.decode(opcode)?.definition === definition;
  }

  #add(shape: Shape, number: number): Handler {
    const handler: Handler = {
      number,
      operands: [...placeOperands(shape.operands).values()],
      ends: ['branch', 'jump'].includes(shape.statements.at(-1)?.kind ?? ''),
    };
    const known = this.#known.get(shape.definition) ?? new Map<number, Handler>();
    known.set(shape.key, handler);
    this.#known.set(shape.definition, known);
    return handler;
  }
}
