/** Which handler runs an instruction: a case of the run loop, or a function made when it is first met. */

import type { Decoded, Decoder } from '../decoder.ts';
import { type Definition, makeShape, type Shape, shapeKeys } from '../definition.ts';
import { composeOpcode, shapeFields, shapeKey } from '../pattern.ts';
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

export class Handlers {
  readonly #cold: ColdCode;
  readonly #table: WebAssembly.Table;
  readonly #firstCold: number;
  readonly #known = new Map<Definition, Map<number, Handler>>();
  readonly #decoder: Decoder;

  constructor(
    decoder: Decoder,
    hot: readonly Shape[],
    firstHot: number,
    cold: ColdCode,
    table: WebAssembly.Table,
  ) {
    this.#decoder = decoder;
    this.#cold = cold;
    this.#table = table;
    this.#firstCold = firstHot + hot.length;
    for (const [index, shape] of hot.entries()) this.#add(shape, firstHot + index);
  }

  find({ definition }: Decoded, opcode: number): Handler {
    const key = shapeKey(definition.pattern, opcode);
    return this.#known.get(definition)?.get(key) ?? this.#compile(definition, key);
  }

  #compile(definition: Definition, wanted: number): Handler {
    const keys = shapeKeys(definition);
    const whole = keys.length <= WHOLE_LIMIT;
    const missing = (whole ? keys : [wanted]).filter(
      (key) => this.#known.get(definition)?.get(key) === undefined && this.#exists(definition, key),
    );
    const shapes = (missing.includes(wanted) ? missing : [...missing, wanted]).map((key) =>
      makeShape(definition, key),
    );
    const first = this.#table.grow(shapes.length);
    let found: Handler | undefined;
    for (const [index, func] of this.#cold.compile(shapes).entries()) {
      const shape = shapes[index];
      if (shape === undefined) continue;
      this.#table.set(first + index, func);
      const handler = this.#add(shape, this.#firstCold + first + index);
      if (shape.key === wanted) found = handler;
    }
    if (found === undefined) throw new Error(`${definition.name} has no shape ${wanted}`);
    return found;
  }

  /** Whether some opcode of this shape is this definition's; asked for small definitions only. */
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
