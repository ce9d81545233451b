/** What the translator asks of a shape again and again, found in its meaning once. */
import type { Shape } from '../definition.ts';
import type { Statement, StatePlace, Value } from '../meaning/value.ts';
import { STATE } from '../state.ts';
import { type Flow, flowOf } from './flow.ts';

/** The flags, as locals of a region hold them. */
export const FLAG_TYPES: ReadonlyMap<number, 'i32' | 'i64'> = new Map([
  [STATE.N, 'i64'],
  [STATE.Z, 'i64'],
  [STATE.OVERFLOW, 'i64'],
  [STATE.CARRY, 'i32'],
]);

export interface Traits {
  readonly flow: Flow;
  /** Of general registers and everything else in the state. */
  readonly reads: readonly StatePlace[];
  readonly touchesFlags: boolean;
  /** Parts of it are done only under a condition, other than a branch. */
  readonly hasParts: boolean;
}

export function traitsOf(shape: Shape): Traits {
  const reads: StatePlace[] = [];
  const writes: StatePlace[] = [];
  visitReads(shape.statements, (place) => reads.push(place));
  visitWrites(shape.statements, (place) => writes.push(place));
  return {
    flow: flowOf(shape),
    reads,
    touchesFlags: [...reads, ...writes].some(
      ({ register, offset }) => register === undefined && FLAG_TYPES.has(offset),
    ),
    hasParts: hasParts(shape),
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

function visitReads(statements: readonly Statement[], visit: (place: StatePlace) => void): void {
  const value = (it: Value): void => {
    if (it.kind === 'state') visit(it.place);
    else if (it.kind === 'op' || it.kind === 'call') for (const arg of it.args) value(arg);
    else if (it.kind === 'select') for (const arg of [it.condition, it.ifTrue, it.ifFalse]) value(arg);
    else if (it.kind === 'condition') value(it.value);
    else if (it.kind === 'memory') value(it.address);
  };
  for (const statement of statements) {
    if ('value' in statement) value(statement.value);
    if ('address' in statement) value(statement.address);
    if ('condition' in statement) value(statement.condition);
    if (statement.kind === 'jump') value(statement.target);
    if (statement.kind === 'if') {
      visitReads(statement.consequent, visit);
      visitReads(statement.alternate, visit);
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
