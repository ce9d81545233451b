/**
 * An instruction in a region as bytes with gaps, made once of its shape's meaning: so that an instruction that is met again costs no more than
 * copying. What is at the gaps (registers' locals, constants, branches) is `region-emitter.ts`'s to write.
 */
import {
  type Expr,
  encodeTemplate,
  type FunctionRef,
  get,
  type Hole,
  i32,
  i64,
  type Local,
  load,
  op,
  opWithImmediate,
  type Stmt,
  set,
  type Template,
  type ValueType,
} from '../../wasm/index.ts';
import { Emitter, type Surroundings } from '../core/emit.ts';
import { helperType } from '../core/helper-functions.ts';
import { RUNTIME_TYPES } from '../core/interpreter.ts';
import type { Shape } from '../definition.ts';
import { holds } from '../insns/flags.ts';
import { Meaning } from '../meaning/meaning.ts';
import type { Helper, Operand, Statement, StatePlace, Value } from '../meaning/value.ts';
import type { AnyFieldValues } from '../pattern.ts';
import { STATE, X_SLOT, xOffset } from '../state.ts';
import type { Traits } from './traits.ts';

/** The parameters and the first locals of every region. */
export const REGION_LOCALS = {
  cpu: 0,
  /** The record that it was entered at, then that entry's number. */
  entry: 1,
  /** Sixteen times the instructions left. */
  remaining: 2,
  tlb: 3,
  /** The address of the first page. */
  base: 4,
  /** The record (first as {@link outPlace} has it), or the address, where it goes on outside. */
  out: 5,
  pc: 6,
  depth: 7,
  result: 8,
  n: 9,
  z: 10,
  v: 11,
  carry: 12,
  /** What was compared last in the block at hand. */
  compared32: 13,
  compared64: 15,
  /** Stand for the zero register: one is never written, the other never read. */
  zero: 17,
  discard: 18,
  /** Where the flags are: one of {@link FLAGS_IN}. */
  flags: 19,
  /** Where the records of its pages are told. */
  pages: 20,
} as const;
export const REGION_LOCAL_TYPES: readonly ValueType[] = [
  ...(['i64', 'i32', 'i64', 'i32', 'i32'] as const),
  ...(['i64', 'i64', 'i64', 'i32'] as const),
  ...(['i32', 'i32', 'i64', 'i64'] as const),
  ...(['i64', 'i64', 'i32', 'i32'] as const),
];
/**
 * Where the flags are while a region runs: in their locals alone; nowhere yet, but they are those of what was compared last; in the state,
 * as at the beginning. Who asks for a condition after a comparison needs none of them.
 */
export const FLAGS_IN = { locals: 0, compared32: 1, compared64: 2, state: 3 } as const;

export const X_END = xOffset(X_SLOT.sp) + 8;
/** The flags, as locals hold them. */
const FLAG_LOCALS: ReadonlyMap<number, Local> = new Map<number, Local>([
  [STATE.N, { index: REGION_LOCALS.n, type: 'i64' }],
  [STATE.Z, { index: REGION_LOCALS.z, type: 'i64' }],
  [STATE.OVERFLOW, { index: REGION_LOCALS.v, type: 'i64' }],
  [STATE.CARRY, { index: REGION_LOCALS.carry, type: 'i32' }],
]);
export const FLAGS: readonly (readonly [number, Local])[] = [...FLAG_LOCALS];

/** What is at a gap. */
export const GAP = {
  /** The number of a register's local, and what writes it through to the state. `index`: among the template's places. */
  register: 0,
  through: 1,
  /** The offset of a place in the state. */
  offset: 2,
  /** An operand's value. */
  constant: 3,
  /** The number of a local for this instruction alone. `index`: which of its type. */
  temporary: 4,
  /** The instruction is left to the interpreter; the end of the block; addresses. */
  leave: 5,
  branch: 6,
  jump: 7,
  address: 8,
  pageAddress: 9,
  /** The number of a function. */
  callee: 10,
} as const;

class Gap implements Hole {
  readonly kind: number;
  readonly index: number;
  readonly type: ValueType;
  readonly operand: Operand | undefined;
  readonly callee: Callee | undefined;

  constructor(kind: number, index = 0, type: ValueType = 'i32', operand?: Operand, callee?: Callee) {
    this.kind = kind;
    this.index = index;
    this.type = type;
    this.operand = operand;
    this.callee = callee;
  }
}
export type Callee = 'read' | 'write' | Helper;

/** What was compared last, so that a condition needn't ask the flags. */
export const COMPARED = { nothing: 0, i32: 1, i64: 2 } as const;
export type Compared = (typeof COMPARED)[keyof typeof COMPARED];

export interface InstructionTemplate extends Template<Gap> {
  /** Registers and other places that an operand chooses. */
  readonly places: readonly StatePlace[];
  /** Of the places: registers that must be in their locals before, and those that are after. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** `undefined`: as before. */
  readonly compared: Compared | undefined;
  /** The flags' locals must hold them before; and they do after. */
  readonly needsFlags: boolean;
  readonly setsFlags: boolean;
}

export class Templates {
  readonly #made = new Map<Shape, Map<number, InstructionTemplate>>();

  get(shape: Shape, traits: Traits, fields: AnyFieldValues, compared: Compared): InstructionTemplate {
    let variant = 0;
    if (traits.asksConditions) {
      variant = compared;
      for (const condition of traits.conditions)
        variant = (variant << 4) | Number(condition.derive(fields)) | 64;
    }
    let ofShape = this.#made.get(shape);
    if (ofShape === undefined) {
      ofShape = new Map();
      this.#made.set(shape, ofShape);
    }
    let template = ofShape.get(variant);
    if (template === undefined) {
      template = new Maker(shape, traits, fields, compared).make();
      ofShape.set(variant, template);
    }
    return template;
  }
}

type Comparison = `${'ge' | 'lt' | 'gt' | 'le'}_${'u' | 's'}` | 'eq' | 'ne';
/** Conditions by number (Arm ARM C1.2.4), after a subtraction. */
const COMPARISONS: ReadonlyMap<number, Comparison> = new Map([
  [0, 'eq'],
  [1, 'ne'],
  [2, 'ge_u'],
  [3, 'lt_u'],
  [8, 'gt_u'],
  [9, 'le_u'],
  [10, 'ge_s'],
  [11, 'lt_s'],
  [12, 'gt_s'],
  [13, 'le_s'],
]);

/** Of the others, those that ask for the sign of the difference. */
const MINUS = 4;
const PLUS = 5;

const FLAGS_PLACE = { index: REGION_LOCALS.flags, type: 'i32' } as const;

function setsFlag(statement: Statement): boolean {
  return (
    statement.kind === 'state-store' &&
    statement.place.register === undefined &&
    FLAG_LOCALS.has(statement.place.offset)
  );
}

/** The flags that statements set whatever happens. */
function flagsSetBy(statements: readonly Statement[]): ReadonlySet<number> {
  const found = new Set<number>();
  for (const statement of statements) {
    if (statement.kind === 'state-store' && setsFlag(statement)) found.add(statement.place.offset);
    if (statement.kind !== 'if') continue;
    const others = flagsSetBy(statement.alternate);
    for (const flag of flagsSetBy(statement.consequent)) if (others.has(flag)) found.add(flag);
  }
  return found;
}

export function placeOffset(place: StatePlace, fields: AnyFieldValues): number {
  return place.offset + (place.register === undefined ? 0 : Number(place.register.derive(fields)));
}

class Maker {
  readonly #shape: Shape;
  readonly #traits: Traits;
  readonly #fields: AnyFieldValues;
  readonly #places: StatePlace[] = [];
  readonly #reads = new Set<number>();
  readonly #writes = new Set<number>();
  readonly #temporaries = new Map<ValueType, number>();
  readonly #emitter: Emitter;
  readonly #before: Compared;
  #compared: Compared | undefined;
  #readsFlags = false;

  constructor(shape: Shape, traits: Traits, fields: AnyFieldValues, compared: Compared) {
    this.#shape = shape;
    this.#traits = traits;
    this.#fields = fields;
    this.#before = compared;
    this.#emitter = new Emitter(this.#surroundings());
  }

  make(): InstructionTemplate {
    const { statements } = this.#shape;
    const isLazy = !this.#traits.hasParts && statements.some(({ kind }) => kind === 'compared');
    const made = [
      ...this.#emitter.statements(isLazy ? statements.filter((it) => !setsFlag(it)) : statements),
    ];
    const kept = flagsSetBy(statements);
    const setsFlags = !isLazy && this.#compared !== undefined;
    if (setsFlags) made.push(set(FLAGS_PLACE, i32(FLAGS_IN.locals)));
    const template = encodeTemplate<Gap>(made);
    return {
      needsFlags: this.#readsFlags || (setsFlags && kept.size < FLAG_LOCALS.size),
      setsFlags,
      ...template,
      places: this.#places,
      reads: [...this.#reads],
      writes: [...this.#writes],
      compared: this.#compared,
    };
  }

  #surroundings(): Surroundings {
    const gap = (kind: number): Stmt => ({ kind: 'hole', hole: new Gap(kind) });
    const value = <T extends ValueType>(type: T, hole: Gap): Expr<T> => ({ kind: 'hole', type, hole });
    const callee = (name: string, type: FunctionRef['type'], what: Callee): FunctionRef => ({
      name,
      type,
      hole: new Gap(GAP.callee, 0, 'i32', undefined, what),
    });
    const pc = { index: REGION_LOCALS.pc, type: 'i64' } as const;
    return {
      runtime: {
        slowRead: callee('plainRead', RUNTIME_TYPES.plainRead, 'read'),
        slowWrite: callee('plainWrite', RUNTIME_TYPES.plainWrite, 'write'),
        get system(): never {
          throw new Error('the system is left to the interpreter');
        },
        helper: (helper) => callee(helper.name, helperType(helper), helper),
      },
      cpu: get({ index: REGION_LOCALS.cpu, type: 'i32' }),
      tlb: get({ index: REGION_LOCALS.tlb, type: 'i32' }),
      operand: (operand, type) => value(type, new Gap(GAP.constant, 0, type, operand)),
      local: <T extends ValueType>(type: T): Local<T> => {
        const number = this.#temporaries.get(type) ?? 0;
        this.#temporaries.set(type, number + 1);
        return { index: -1, type, hole: new Gap(GAP.temporary, number, type) };
      },
      saveRecord: () => [],
      leavesToSystem: true,
      leave: () => [gap(GAP.leave)],
      branch: () => [gap(GAP.branch)],
      jump: (target) => [set(pc, target), gap(GAP.jump)],
      pc: () => value('i64', new Gap(GAP.address)),
      pageAddress: () => value('i64', new Gap(GAP.pageAddress)),
      compared: (a, b) => this.#compare(a, b),
      condition: (condition) => this.#condition(condition),
      readState: (name, place) => {
        const offset = placeOffset(place, this.#fields);
        const flag = FLAG_LOCALS.get(offset);
        if (flag !== undefined) {
          this.#readsFlags = true;
          return get(flag);
        }
        const cpu = get<'i32'>({ index: REGION_LOCALS.cpu, type: 'i32' });
        const narrow = name === 'i32.load';
        if (offset < X_END && (narrow || name === 'i64.load')) {
          const local = this.#register(place, this.#reads);
          return narrow ? op('i32.wrap_i64', get(local)) : get(local);
        }
        return load(name, cpu, this.#offset(place)) as Expr;
      },
      writeState: (name, place, written) => {
        const offset = placeOffset(place, this.#fields);
        const flag = FLAG_LOCALS.get(offset);
        if (flag !== undefined) {
          this.#compared = COMPARED.nothing;
          return [set(flag, written)];
        }
        if (offset < X_END) {
          if (name !== 'i64.store') throw new Error(`${name} to a register`);
          // What is written under a condition must be known without it.
          if (this.#traits.hasParts) this.#register(place, this.#reads);
          const local = this.#register(place, this.#writes);
          const through = new Gap(GAP.through, this.#placeIndex(place));
          return [set(local, written), { kind: 'hole', hole: through }];
        }
        const cpu = get<'i32'>({ index: REGION_LOCALS.cpu, type: 'i32' });
        return [{ kind: 'store', name, address: cpu, value: written, offset: this.#offset(place) }];
      },
    };
  }

  #placeIndex(place: StatePlace): number {
    const known = this.#places.findIndex(
      ({ register, offset }) => register?.key === place.register?.key && offset === place.offset,
    );
    return known < 0 ? this.#places.push(place) - 1 : known;
  }

  #register(place: StatePlace, uses: Set<number>): Local<'i64'> {
    const index = this.#placeIndex(place);
    uses.add(index);
    return { index: -1, type: 'i64', hole: new Gap(GAP.register, index) };
  }

  #offset(place: StatePlace): number | Gap {
    return place.register === undefined ? place.offset : new Gap(GAP.offset, this.#placeIndex(place));
  }

  #comparedLocals(type: ValueType): readonly [Local, Local] {
    const first = type === 'i32' ? REGION_LOCALS.compared32 : REGION_LOCALS.compared64;
    return [
      { index: first, type },
      { index: first + 1, type },
    ];
  }

  #compare(a: Expr, b: Expr): readonly Stmt[] {
    if (this.#traits.hasParts) return [];
    const [first, second] = this.#comparedLocals(a.type);
    this.#compared = a.type === 'i32' ? COMPARED.i32 : COMPARED.i64;
    const place = a.type === 'i32' ? FLAGS_IN.compared32 : FLAGS_IN.compared64;
    return [set(first, a), set(second, b), set(FLAGS_PLACE, i32(place))];
  }

  /** A comparison of what was compared, or what its number says of the flags. */
  #condition(condition: number | Operand): Expr<'i32'> | undefined {
    const number = typeof condition === 'number' ? condition : Number(condition.derive(this.#fields));
    const compared = this.#compared ?? this.#before;
    const name = COMPARISONS.get(number);
    if (compared !== COMPARED.nothing && (name !== undefined || number === MINUS || number === PLUS)) {
      const type = compared === COMPARED.i32 ? 'i32' : 'i64';
      const [a, b] = this.#comparedLocals(type).map(get) as [Expr, Expr];
      if (name !== undefined) return opWithImmediate(`${type}.${name}`, [], [a, b]) as Expr<'i32'>;
      const difference = opWithImmediate(`${type}.sub`, [], [a, b]);
      const zero = type === 'i32' ? i32(0) : i64(0n);
      return opWithImmediate(
        `${type}.${number === MINUS ? 'lt_s' : 'ge_s'}`,
        [],
        [difference, zero],
      ) as Expr<'i32'>;
    }
    if (typeof condition === 'number') return undefined;
    return this.#emitter.value(holds(new Meaning(), number) as Value<'i32'>);
  }
}
