/** Modules as WebAssembly text (2.0 §6), folded: what reviews and golden tests read. */
import type { ConstValue, Expr, FunctionBuilder, FunctionType, Hole, Label, Stmt } from './expression.ts';
import type { ModuleBuilder } from './module.ts';
import type { ValueType } from './opcodes.ts';

/** A module in the text format (WebAssembly 2.0 §6): for goldens and for people. */
export function printModule(module: ModuleBuilder): string {
  const { memory, table } = module;
  const lines = [
    '(module',
    ...module.imports.map(
      (entry) => `  (import "${entry.module}" "${entry.name}" (func $${entry.name}${signature(entry.type)}))`,
    ),
    ...(memory === undefined
      ? []
      : [`  (import "${memory.module}" "${memory.name}" (memory ${memory.minimum} ${memory.maximum}))`]),
    ...(table === undefined ? [] : [`  (table (export "${table.exportName}") ${table.minimum} funcref)`]),
    ...module.functions.map((func) => indent(printFunction(func))),
    ...module.exports.map(({ name, func }) => `  (export "${name}" (func $${func.name}))`),
  ];
  return `${lines.join('\n')})\n`;
}

/** One function likewise. */
export function printFunction(func: FunctionBuilder): string {
  const head = `(func $${func.name}${signature(func.type)}`;
  const locals = func.locals.length > 0 ? [`  (local ${func.locals.join(' ')})`] : [];
  return `${[head, ...locals, ...func.body.map((stmt) => indent(printStatement(stmt)))].join('\n')})`;
}

function signature(type: FunctionType): string {
  const list = (word: string, types: readonly ValueType[]): string =>
    types.length > 0 ? ` (${word} ${types.join(' ')})` : '';
  return list('param', type.params) + list('result', type.results);
}

const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');
const labelName = (label: Label): string => `$${label.name}`;

function printBody(statements: readonly Stmt[]): string {
  return statements.map((stmt) => `\n${indent(printStatement(stmt))}`).join('');
}

/** One statement likewise. */
export function printStatement(stmt: Stmt): string {
  switch (stmt.kind) {
    case 'set':
      return `(local.set ${stmt.local.index} ${printExpr(stmt.value)})`;
    case 'store':
      return `(${stmt.name}${offset(stmt.offset)} ${printExpr(stmt.address)} ${printExpr(stmt.value)})`;
    case 'drop':
      return `(drop ${printExpr(stmt.value)})`;
    case 'call-void':
      return folded(`call $${stmt.callee.name}`, stmt.args);
    case 'block':
    case 'loop':
      return `(${stmt.kind} ${labelName(stmt.label)}${printBody(stmt.body)})`;
    case 'if': {
      const otherwise = stmt.alternate.length > 0 ? `\n  (else${indent(printBody(stmt.alternate))})` : '';
      return `(if ${printExpr(stmt.condition)}\n  (then${indent(printBody(stmt.consequent))})${otherwise})`;
    }
    case 'br':
      return `(br ${labelName(stmt.label)})`;
    case 'br-if':
      return folded(`br_if ${labelName(stmt.label)}`, [stmt.condition]);
    case 'br-table':
      return folded(`br_table ${[...stmt.labels, stmt.otherwise].map(labelName).join(' ')}`, [stmt.index]);
    case 'return':
      return folded('return', stmt.value === undefined ? [] : [stmt.value]);
    case 'return-call':
      return folded(`return_call $${stmt.callee.name}`, stmt.args);
    case 'return-call-indirect':
      return folded(`return_call_indirect${signature(stmt.signature)}`, [...stmt.args, stmt.index]);
    case 'memory-fill':
      return folded('memory.fill', [stmt.address, stmt.value, stmt.size]);
    case 'memory-copy':
      return folded('memory.copy', [stmt.to, stmt.from, stmt.size]);
    case 'unreachable':
      return '(unreachable)';
    case 'hole':
    case 'written':
      return `(; ${stmt.kind} ;)`;
  }
}

/** One expression likewise, folded. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'const':
      return `(${expr.type}.const ${printConstant(expr.value)})`;
    case 'op':
      return folded([expr.name, ...expr.immediate].join(' '), expr.args);
    case 'get':
      return `(local.get ${expr.local.index})`;
    case 'tee':
      return folded(`local.tee ${expr.local.index}`, [expr.value]);
    case 'hole':
      return '(; hole ;)';
    case 'load':
      return folded(`${expr.name}${offset(expr.offset)}`, [expr.address]);
    case 'select':
      return folded('select', [expr.ifTrue, expr.ifFalse, expr.condition]);
    case 'if-value': {
      const arm = (word: string, body: readonly Stmt[], value: Expr): string =>
        `\n  (${word}${indent(printBody(body))} ${printExpr(value)})`;
      return `(if (result ${expr.type}) ${printExpr(expr.condition)}${arm('then', expr.consequent, expr.thenValue)}${arm('else', expr.alternate, expr.elseValue)})`;
    }
    case 'call':
      return folded(`call $${expr.callee.name}`, expr.args);
    case 'call-indirect':
      return folded(`call_indirect${signature(expr.signature)}`, [...expr.args, expr.index]);
  }
}

function folded(head: string, args: readonly Expr[]): string {
  return `(${[head, ...args.map(printExpr)].join(' ')})`;
}

function offset(value: number | Hole): string {
  return value === 0 ? '' : ` offset=${typeof value === 'number' ? value : '(; hole ;)'}`;
}

function printConstant(value: ConstValue): string {
  return value instanceof Uint8Array ? `i8x16 ${[...value].join(' ')}` : String(value);
}
