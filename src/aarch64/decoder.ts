/** From opcodes to definitions. */
import type { Definition } from './definition.ts';
import { type AnyFieldValues, extractFields } from './pattern.ts';

export interface Decoded {
  readonly definition: Definition;
  readonly fields: AnyFieldValues;
}

/** The opcode bits that pick a list of candidates: 31–21, which tell nearly all classes apart (Arm ARM C4.1). */
const KEY_SHIFT = 21;
const KEYS = 2048;

export class Decoder {
  readonly definitions: readonly Definition[];
  /** By key, each made when it is first asked for: a guest uses a fraction of them. */
  readonly #candidates: (readonly Definition[] | undefined)[] = new Array(KEYS).fill(undefined);

  constructor(definitions: readonly Definition[]) {
    this.definitions = definitions;
  }

  #candidatesFor(opcode: number): readonly Definition[] {
    const key = opcode >>> KEY_SHIFT;
    const known = this.#candidates[key];
    if (known !== undefined) return known;
    const made = this.definitions.filter(({ pattern }) => {
      const mask = pattern.mask & (-1 << KEY_SHIFT);
      return ((opcode ^ pattern.value) & mask) === 0;
    });
    this.#candidates[key] = made;
    return made;
  }

  /** `undefined` for an opcode that no definition has. */
  decode(opcode: number): Decoded | undefined {
    for (const definition of this.#candidatesFor(opcode)) {
      const { pattern, when } = definition;
      if (((opcode ^ pattern.value) & pattern.mask) !== 0) continue;
      const fields = extractFields(pattern, opcode);
      if (when === undefined || when(fields)) return { definition, fields };
    }
    return undefined;
  }

  /** What stands for an opcode that no definition has: UDF, which the opcode's page tells apart from others. */
  undefinedInstruction(): Decoded {
    const udf = this.decode(0);
    if (udf === undefined) throw new Error('UDF is not defined');
    return udf;
  }

  /** All definitions that claim an opcode: more than one is our mistake. */
  claims(opcode: number): readonly Definition[] {
    return this.#candidatesFor(opcode).filter(({ pattern, when }) => {
      if (((opcode ^ pattern.value) & pattern.mask) !== 0) return false;
      return when === undefined || when(extractFields(pattern, opcode));
    });
  }

  /** The assembly text of an opcode at an address, or `.inst` for one that isn't defined. */
  disassemble(opcode: number, pc: bigint): string {
    const decoded = this.decode(opcode);
    if (decoded === undefined) return `.inst\t0x${opcode.toString(16).padStart(8, '0')} ; undefined`;
    return decoded.definition.assembly(decoded.fields, pc);
  }
}
