/** Expressions and statements as instruction bytes (WebAssembly 2.0 §5.4). */
import { ByteWriter } from '../base/index.ts';
import type {
  CodeWriter,
  Expr,
  FunctionBuilder,
  FunctionRef,
  FunctionType,
  Hole,
  Label,
  Local,
  Stmt,
} from './expression.ts';
import { MEMORY_OPCODES, type MemoryOpName, OPCODES, type ValueType } from './opcodes.ts';

/** Where a module keeps what bodies refer to. */
export interface IndexSpaces {
  typeIndex(type: FunctionType): number;
  functionIndex(func: FunctionRef): number;
}

export function typeKey(type: FunctionType): string {
  return `${type.params.join()}>${type.results.join()}`;
}

export const VALUE_TYPE_CODES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
const CODE = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  emptyBlock: 0x40,
  memoryCopy: [0xfc, 10, 0, 0],
  memoryFill: [0xfc, 11, 0],
  v128Const: [0xfd, 12],
} as const;

export function encodeFunction(func: FunctionBuilder, spaces: IndexSpaces): Uint8Array {
  const encoder = new BodyEncoder(spaces);
  encoder.statements(func.body);
  // A body that ends in a branch or a return leaves no value; `unreachable` satisfies the validator there.
  if (func.type.results.length > 0) encoder.out.u8(CODE.unreachable);
  encoder.out.u8(CODE.end);
  // What is written may have asked for locals.
  const out = new ByteWriter();
  const runs: { type: ValueType; count: number }[] = [];
  for (const type of func.locals) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  out.unsigned(runs.length);
  for (const run of runs) {
    out.unsigned(run.count);
    out.u8(VALUE_TYPE_CODES[run.type]);
  }
  out.bytes(encoder.out.written());
  return out.finish();
}

/** Statements as bytes with gaps: what is at a gap is written by whoever uses the template. */
export interface Template<H extends Hole> {
  readonly bytes: Uint8Array;
  readonly gaps: readonly {
    readonly at: number;
    /** How many blocks of the template it is within. */
    readonly nesting: number;
    readonly hole: H;
  }[];
}

/** Statements as bytes with gaps, to be filled for each instruction that they are made for. */
export function encodeTemplate<H extends Hole>(statements: readonly Stmt[]): Template<H> {
  const gaps: { at: number; nesting: number; hole: Hole }[] = [];
  const refuse = (): never => {
    throw new Error('a template has no module');
  };
  const encoder = new BodyEncoder({ typeIndex: refuse, functionIndex: refuse }, (hole, at, nesting) => {
    gaps.push({ at, nesting, hole });
  });
  encoder.statements(statements);
  return { bytes: encoder.out.finish(), gaps: gaps as { at: number; nesting: number; hole: H }[] };
}

class BodyEncoder implements CodeWriter {
  readonly out = new ByteWriter();
  readonly #spaces: IndexSpaces;
  readonly #labels: (Label | undefined)[] = [];
  readonly #onHole: ((hole: Hole, at: number, nesting: number) => void) | undefined;

  constructor(spaces: IndexSpaces, onHole?: (hole: Hole, at: number, nesting: number) => void) {
    this.#spaces = spaces;
    this.#onHole = onHole;
  }

  nested(statements: readonly Stmt[], nesting: number): void {
    for (let level = 0; level < nesting; level++) this.#labels.push(undefined);
    this.statements(statements);
    this.#labels.length -= nesting;
  }

  functionIndex(func: FunctionRef): number {
    return this.#spaces.functionIndex(func);
  }

  #hole(hole: Hole): void {
    if (this.#onHole === undefined) throw new Error('a hole outside a template');
    this.#onHole(hole, this.out.length, this.#labels.length);
  }

  #local({ index, hole }: Local): void {
    if (hole === undefined) this.out.unsigned(index);
    else this.#hole(hole);
  }

  #callee(func: FunctionRef): void {
    if (func.hole === undefined) this.out.unsigned(this.#spaces.functionIndex(func));
    else this.#hole(func.hole);
  }

  statements(statements: readonly Stmt[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(stmt: Stmt): void {
    const { out } = this;
    switch (stmt.kind) {
      case 'set':
        this.#expr(stmt.value);
        out.u8(CODE.localSet);
        this.#local(stmt.local);
        return;
      case 'store':
        this.#expr(stmt.address);
        this.#expr(stmt.value);
        this.#memory(stmt.name, stmt.offset);
        return;
      case 'drop':
        this.#expr(stmt.value);
        out.u8(CODE.drop);
        return;
      case 'call-void':
        this.#exprs(stmt.args);
        out.u8(CODE.call);
        this.#callee(stmt.callee);
        return;
      case 'block':
      case 'loop':
        out.u8(CODE[stmt.kind]);
        out.u8(CODE.emptyBlock);
        this.#nested(stmt.label, stmt.body);
        out.u8(CODE.end);
        return;
      case 'if':
        this.#expr(stmt.condition);
        out.u8(CODE.if);
        out.u8(CODE.emptyBlock);
        this.#nested(undefined, stmt.consequent);
        if (stmt.alternate.length > 0) {
          out.u8(CODE.else);
          this.#nested(undefined, stmt.alternate);
        }
        out.u8(CODE.end);
        return;
      case 'br':
        out.u8(CODE.br);
        out.unsigned(this.depth(stmt.label));
        return;
      case 'br-if':
        this.#expr(stmt.condition);
        out.u8(CODE.brIf);
        out.unsigned(this.depth(stmt.label));
        return;
      case 'br-table':
        this.#expr(stmt.index);
        out.u8(CODE.brTable);
        out.unsigned(stmt.labels.length);
        for (const label of stmt.labels) out.unsigned(this.depth(label));
        out.unsigned(this.depth(stmt.otherwise));
        return;
      case 'return':
        if (stmt.value !== undefined) this.#expr(stmt.value);
        out.u8(CODE.return);
        return;
      case 'return-call':
        this.#exprs(stmt.args);
        out.u8(CODE.returnCall);
        this.#callee(stmt.callee);
        return;
      case 'return-call-indirect':
        this.#exprs(stmt.args);
        this.#expr(stmt.index);
        out.u8(CODE.returnCallIndirect);
        out.unsigned(this.#spaces.typeIndex(stmt.signature));
        out.u8(0);
        return;
      case 'memory-fill':
        this.#exprs([stmt.address, stmt.value, stmt.size]);
        out.bytes(CODE.memoryFill);
        return;
      case 'memory-copy':
        this.#exprs([stmt.to, stmt.from, stmt.size]);
        out.bytes(CODE.memoryCopy);
        return;
      case 'unreachable':
        out.u8(CODE.unreachable);
        return;
      case 'hole':
        this.#hole(stmt.hole);
        return;
      case 'written':
        stmt.write(this);
    }
  }

  #expr(expr: Expr): void {
    const { out } = this;
    switch (expr.kind) {
      case 'const':
        this.#constant(expr);
        return;
      case 'op': {
        this.#exprs(expr.args);
        this.#code(OPCODES[expr.name].code);
        out.bytes(expr.immediate);
        return;
      }
      case 'get':
        out.u8(CODE.localGet);
        this.#local(expr.local);
        return;
      case 'tee':
        this.#expr(expr.value);
        out.u8(CODE.localTee);
        this.#local(expr.local);
        return;
      case 'hole':
        this.#hole(expr.hole);
        return;
      case 'load':
        this.#expr(expr.address);
        this.#memory(expr.name, expr.offset);
        return;
      case 'select':
        this.#exprs([expr.ifTrue, expr.ifFalse, expr.condition]);
        out.u8(CODE.select);
        return;
      case 'if-value':
        this.#expr(expr.condition);
        out.u8(CODE.if);
        out.u8(VALUE_TYPE_CODES[expr.type]);
        this.#nested(undefined, expr.consequent, expr.thenValue);
        out.u8(CODE.else);
        this.#nested(undefined, expr.alternate, expr.elseValue);
        out.u8(CODE.end);
        return;
      case 'call':
        this.#exprs(expr.args);
        out.u8(CODE.call);
        this.#callee(expr.callee);
        return;
      case 'call-indirect':
        this.#exprs(expr.args);
        this.#expr(expr.index);
        out.u8(CODE.callIndirect);
        out.unsigned(this.#spaces.typeIndex(expr.signature));
        out.u8(0);
    }
  }

  #exprs(exprs: readonly Expr[]): void {
    for (const expr of exprs) this.#expr(expr);
  }

  #nested(label: Label | undefined, body: readonly Stmt[], value?: Expr): void {
    this.#labels.push(label);
    this.statements(body);
    if (value !== undefined) this.#expr(value);
    this.#labels.pop();
  }

  depth(label: Label): number {
    const at = this.#labels.lastIndexOf(label);
    if (at < 0) throw new Error(`branch to ${label.name}, which doesn't enclose it`);
    return this.#labels.length - 1 - at;
  }

  #memory(name: MemoryOpName, offset: number | Hole): void {
    const { code } = MEMORY_OPCODES[name];
    this.#code(code);
    // Alignment is only a hint, and guest addresses promise none.
    this.out.unsigned(0);
    if (typeof offset === 'number') this.out.unsigned(offset);
    else this.#hole(offset);
  }

  #code(code: number): void {
    if (code < 0x100) {
      this.out.u8(code);
    } else {
      this.out.u8(code >>> 16);
      this.out.unsigned(code & 0xffff);
    }
  }

  #constant(expr: Expr & { readonly kind: 'const' }): void {
    const { out } = this;
    const { value, type } = expr;
    if (type === 'v128') {
      out.bytes(CODE.v128Const);
      if (!(value instanceof Uint8Array) || value.length !== 16) throw new Error('a v128 has sixteen bytes');
      out.bytes(value);
    } else if (value instanceof Uint8Array) {
      throw new Error(`bytes are no ${type}`);
    } else if (type === 'i64') {
      out.u8(CODE.i64Const);
      out.signed64(BigInt(value));
    } else if (type === 'i32') {
      out.u8(CODE.i32Const);
      out.signed32(Number(value));
    } else if (type === 'f32') {
      out.u8(CODE.f32Const);
      out.f32(Number(value));
    } else {
      out.u8(CODE.f64Const);
      out.f64(Number(value));
    }
  }
}
