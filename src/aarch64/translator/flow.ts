/** Where an instruction goes on, as its meaning says it. */
import type { Shape } from '../definition.ts';
import type { Operand } from '../meaning/value.ts';
import { xOffset } from '../state.ts';

const LINK = xOffset(30);

/** `plain`: at the next one. `call`: it leaves its successor's address in X30. `system`: the interpreter does it. */
export type FlowKind = 'plain' | 'system' | 'branch' | 'conditional' | 'jump' | 'return' | 'call';

export interface Flow {
  readonly kind: FlowKind;
  /** By how many bytes of records, where that is known at decode. */
  readonly delta: Operand | undefined;
}

export function flowOf({ statements, definition }: Shape): Flow {
  if (statements.some(({ kind }) => kind === 'system')) return { kind: 'system', delta: undefined };
  const last = statements.at(-1);
  const links = statements.some(
    (statement) =>
      statement.kind === 'state-store' &&
      statement.place.register === undefined &&
      statement.place.offset === LINK,
  );
  if (last?.kind === 'jump') {
    return { kind: links ? 'call' : definition.name === 'RET' ? 'return' : 'jump', delta: undefined };
  }
  if (last?.kind === 'branch') return { kind: links ? 'call' : 'branch', delta: last.delta };
  if (last?.kind === 'if') {
    const taken = last.consequent.at(-1);
    if (taken?.kind === 'branch') return { kind: 'conditional', delta: taken.delta };
  }
  return { kind: 'plain', delta: undefined };
}
