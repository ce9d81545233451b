/**
 * The reference evaluator: runs a meaning on `bigint`s, one instruction at a time, over a state laid out as
 * `state.ts` says. It is for tests and for reading; nothing at run time uses it. It has no MMU and no system operations:
 * whoever runs it gives it a memory.
 */

import type { Decoded } from '../../../src/aarch64/decoder.ts';
import { makeShape, type Shape } from '../../../src/aarch64/definition.ts';
import type { Helper, Statement, StatePlace, Value } from '../../../src/aarch64/meaning/value.ts';
import { type AnyFieldValues, shapeKey } from '../../../src/aarch64/pattern.ts';
import { type LoadName, MEMORY_OPCODES, type StoreName } from '../../../src/wasm/index.ts';
import { floatBits, pureOperation } from './pure-operations.ts';

/** Little-endian bytes at virtual addresses. */
export interface GuestMemory {
  load(address: bigint, sizeBytes: number): bigint;
  store(address: bigint, sizeBytes: number, value: bigint): void;
}

const INSTRUCTION_BYTES = 4n;
const PAGE_MASK = ~0xfffn;
/** A branch's operand counts sixteen bytes of record an instruction. */
const RECORD_TO_INSTRUCTION = 4n;
const STEPS_LIMIT = 100_000;
const NOT_AN_INSTRUCTION = "what works on the cluster's memory has no reference meaning";
const STOPPED = Symbol('the instruction has ended');

export class Evaluator {
  /** One vCPU's state, as `state.ts` lays it out. */
  readonly state: DataView;
  readonly #memory: GuestMemory;
  readonly #shapes = new Map<string, Shape>();
  pc = 0n;

  constructor(state: DataView, memory: GuestMemory) {
    this.state = state;
    this.#memory = memory;
  }

  /** Runs one instruction at `pc`, which then is where the next one is. */
  step({ definition, fields }: Decoded, opcode: number): void {
    const key = shapeKey(definition.pattern, opcode);
    const name = `${definition.name}:${key}`;
    let shape = this.#shapes.get(name);
    if (shape === undefined) {
      shape = makeShape(definition, key);
      this.#shapes.set(name, shape);
    }
    const run = new Run(this.state, this.#memory, fields, this.pc);
    this.pc = run.instruction(shape.statements) ?? BigInt.asUintN(64, this.pc + INSTRUCTION_BYTES);
  }
}

/** One instruction, or one call of a helper, under way. */
class Run {
  readonly #state: DataView;
  readonly #memory: GuestMemory;
  readonly #fields: AnyFieldValues;
  readonly #pc: bigint;
  readonly #temps = new Map<number, bigint>();
  #target: bigint | undefined;
  #steps = 0;

  constructor(state: DataView, memory: GuestMemory, fields: AnyFieldValues, pc: bigint) {
    this.#state = state;
    this.#memory = memory;
    this.#fields = fields;
    this.#pc = pc;
  }

  /** Where it goes on, if not at the next instruction. */
  instruction(statements: readonly Statement[]): bigint | undefined {
    this.#run(statements);
    return this.#target;
  }

  #run(statements: readonly Statement[]): typeof STOPPED | undefined {
    for (const statement of statements) {
      if (++this.#steps > STEPS_LIMIT) throw new Error('a meaning does not end');
      if (this.#statement(statement) === STOPPED) return STOPPED;
    }
    return undefined;
  }

  #statement(statement: Statement): typeof STOPPED | undefined {
    switch (statement.kind) {
      case 'set':
        this.#temps.set(statement.temp.id, this.#value(statement.value));
        return undefined;
      case 'state-store':
        this.#storeState(statement.name, statement.place, this.#value(statement.value));
        return undefined;
      case 'guest-load': {
        const { sizeBytes } = MEMORY_OPCODES[statement.name];
        const raw = this.#memory.load(this.#value(statement.address), sizeBytes);
        this.#temps.set(statement.temp.id, extend(statement.name, raw));
        return undefined;
      }
      case 'guest-store': {
        const { sizeBytes } = MEMORY_OPCODES[statement.name];
        const value = BigInt.asUintN(sizeBytes * 8, this.#value(statement.value));
        this.#memory.store(this.#value(statement.address), sizeBytes, value);
        return undefined;
      }
      case 'if':
        return this.#run(
          this.#value(statement.condition) !== 0n ? statement.consequent : statement.alternate,
        );
      case 'while':
        while (this.#value(statement.condition) !== 0n) {
          if (this.#run(statement.body) === STOPPED) return STOPPED;
        }
        return undefined;
      case 'compared':
        return undefined;
      case 'branch': {
        const delta = BigInt(statement.delta.derive(this.#fields)) / RECORD_TO_INSTRUCTION;
        this.#target = BigInt.asUintN(64, this.#pc + delta);
        return STOPPED;
      }
      case 'jump':
        this.#target = this.#value(statement.target);
        return STOPPED;
      case 'system':
        throw new Error(`system operation ${statement.operation} has no reference meaning`);
      case 'memory-store':
      case 'return':
        throw new Error(NOT_AN_INSTRUCTION);
    }
  }

  #value(value: Value): bigint {
    switch (value.kind) {
      case 'condition':
        return this.#value(value.value);
      case 'const':
        return constant(value.type, value.value);
      case 'op':
        return pureOperation(
          value.name,
          value.args.map((arg) => this.#value(arg)),
          value.immediate,
        );
      case 'select':
        return this.#value(this.#value(value.condition) !== 0n ? value.ifTrue : value.ifFalse);
      case 'operand':
        return BigInt.asUintN(value.type === 'i64' ? 64 : 32, BigInt(value.operand.derive(this.#fields)));
      case 'temp':
        return this.#temps.get(value.temp.id) ?? 0n;
      case 'state':
        return this.#loadState(value.name, value.place);
      case 'pc':
        return this.#pc;
      case 'page-address':
        return BigInt.asUintN(64, this.#pc & PAGE_MASK);
      case 'cpu':
      case 'memory':
        throw new Error(NOT_AN_INSTRUCTION);
      case 'call':
        return this.#call(
          value.helper,
          value.args.map((arg) => this.#value(arg)),
        );
    }
  }

  #call(helper: Helper, args: readonly bigint[]): bigint {
    if (helper.body === undefined) throw new Error(NOT_AN_INSTRUCTION);
    const { params, statements, result } = helper.body();
    const run = new Run(this.#state, this.#memory, this.#fields, this.#pc);
    for (const [index, param] of params.entries()) run.#temps.set(param.id, args[index] ?? 0n);
    run.#run(statements);
    return run.#value(result);
  }

  #offset(place: StatePlace): number {
    const register = place.register === undefined ? 0 : Number(place.register.derive(this.#fields));
    return register + place.offset;
  }

  #loadState(name: LoadName, place: StatePlace): bigint {
    const { sizeBytes } = MEMORY_OPCODES[name];
    const at = this.#offset(place);
    let raw = 0n;
    for (let index = sizeBytes - 1; index >= 0; index--) {
      raw = (raw << 8n) | BigInt(this.#state.getUint8(at + index));
    }
    return extend(name, raw);
  }

  #storeState(name: StoreName, place: StatePlace, value: bigint): void {
    const { sizeBytes } = MEMORY_OPCODES[name];
    const at = this.#offset(place);
    for (let index = 0; index < sizeBytes; index++) {
      this.#state.setUint8(at + index, Number((value >> BigInt(8 * index)) & 0xffn));
    }
  }
}

function constant(type: Value['type'], value: number | bigint | Uint8Array): bigint {
  if (value instanceof Uint8Array) return value.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (type === 'f32' || type === 'f64') return floatBits(type === 'f64' ? 64 : 32, Number(value));
  return BigInt.asUintN(type === 'i64' ? 64 : 32, BigInt(value));
}

/** What a load makes of the bytes that it read. */
function extend(name: LoadName, raw: bigint): bigint {
  const { sizeBytes, type } = MEMORY_OPCODES[name];
  if (name.endsWith('_s')) return BigInt.asUintN(type === 'i64' ? 64 : 32, BigInt.asIntN(sizeBytes * 8, raw));
  if (!name.endsWith('_splat')) return raw;
  let vector = 0n;
  for (let at = 0; at < 16; at += sizeBytes) vector |= raw << BigInt(8 * at);
  return vector;
}
