/** What the translator asks of a shape again and again, found in its meaning once. */
import type { Shape } from '../definition.ts';
import type { Helper, Operand, Statement, StatePlace, Value } from '../meaning/value.ts';
import { STATE } from '../state.ts';
import { type Flow, flowOf } from './flow.ts';

const FLAGS: ReadonlySet<number> = new Set([STATE.N, STATE.Z, STATE.OVERFLOW, STATE.CARRY]);

export interface Traits {
  readonly flow: Flow;
  readonly touchesFlags: boolean;
  /** What of the state it reads and writes. */
  readonly reads: readonly StatePlace[];
  readonly writes: readonly StatePlace[];
  /** Parts of it are done only under a condition, other than a branch. */
  readonly hasParts: boolean;
  /** It asks whether a condition holds: one that its shape says, or those. */
  readonly asksConditions: boolean;
  readonly conditions: readonly Operand[];
  readonly helpers: readonly Helper[];
}

export function traitsOf(shape: Shape): Traits {
  const helpers = new Set<Helper>();
  const conditions: (number | Operand)[] = [];
  const reads: StatePlace[] = [];
  let touchesFlags = false;
  const touch = ({ register, offset }: StatePlace): void => {
    touchesFlags ||= register === undefined && FLAGS.has(offset);
  };
  visitValues(shape.statements, (value) => {
    if (value.kind === 'state') {
      touch(value.place);
      reads.push(value.place);
    }
    if (value.kind === 'call') helpers.add(value.helper);
    if (value.kind === 'condition') conditions.push(value.condition);
  });
  const writes: StatePlace[] = [];
  visitWrites(shape.statements, (place) => {
    touch(place);
    writes.push(place);
  });
  return {
    flow: flowOf(shape),
    touchesFlags,
    reads,
    writes,
    hasParts: hasParts(shape),
    asksConditions: conditions.length > 0,
    conditions: conditions.filter((condition) => typeof condition !== 'number'),
    helpers: [...helpers],
  };
}

function hasParts({ statements }: Shape): boolean {
  return statements.some(
    (statement) =>
      statement.kind === 'while' ||
      (statement.kind === 'if' &&
        !(statement.consequent.length === 1 && statement.consequent[0]?.kind === 'branch')),
  );
}

function visitValues(statements: readonly Statement[], visit: (value: Value) => void): void {
  const inside = (it: Value): void => {
    visit(it);
    if (it.kind === 'op' || it.kind === 'call') for (const arg of it.args) inside(arg);
    else if (it.kind === 'select') for (const arg of [it.condition, it.ifTrue, it.ifFalse]) inside(arg);
    else if (it.kind === 'condition') inside(it.value);
    else if (it.kind === 'memory') inside(it.address);
  };
  for (const statement of statements) {
    if ('value' in statement) inside(statement.value);
    if ('address' in statement) inside(statement.address);
    if ('condition' in statement) inside(statement.condition);
    if (statement.kind === 'jump') inside(statement.target);
    if (statement.kind === 'compared') for (const it of [statement.a, statement.b]) inside(it);
    if (statement.kind === 'while') visitValues(statement.body, visit);
    if (statement.kind === 'if') {
      visitValues(statement.consequent, visit);
      visitValues(statement.alternate, visit);
    }
  }
}

function visitWrites(statements: readonly Statement[], visit: (place: StatePlace) => void): void {
  for (const statement of statements) {
    if (statement.kind === 'state-store') visit(statement.place);
    if (statement.kind === 'while') visitWrites(statement.body, visit);
    if (statement.kind === 'if') {
      visitWrites(statement.consequent, visit);
      visitWrites(statement.alternate, visit);
    }
  }
}
