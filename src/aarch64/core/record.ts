/**
 * A decoded instruction as the interpreter reads it: sixteen bytes, the first two the number of its handler, the others
 * its operands at places that depend only on the handler.
 */
import { type Expr, load, type ValueType } from '../../wasm/index.ts';
import type { Operand, OperandStorage } from '../meaning/value.ts';
import { RECORD_BYTES } from '../state.ts';

const STORAGE_BYTES: Record<OperandStorage, number> = { u16: 2, s16: 2, i32: 4, i64: 8 };
const HANDLER_BYTES = 2;

export interface PlacedOperand {
  readonly operand: Operand;
  readonly offset: number;
}

/** Places a shape's operands, the largest first, each at a multiple of its size. Throws if they don't fit. */
export function placeOperands(operands: readonly Operand[]): ReadonlyMap<string, PlacedOperand> {
  /** A bit for each byte of the record that is taken. */
  let used = (1 << HANDLER_BYTES) - 1;
  const places = new Map<string, PlacedOperand>();
  const bySize = [...operands].sort((a, b) => STORAGE_BYTES[b.storage] - STORAGE_BYTES[a.storage]);
  for (const operand of bySize) {
    const size = STORAGE_BYTES[operand.storage];
    // From the end, so that the small ones find the gap after the handler's number.
    const bytes = (1 << size) - 1;
    let offset = RECORD_BYTES - size;
    while (offset >= 0 && (used & (bytes << offset)) !== 0) offset -= size;
    if (offset < 0) throw new Error('the operands fill more than a record');
    used |= bytes << offset;
    places.set(operand.key, { operand, offset });
  }
  return places;
}

/** The operand in the record at this address, as a value of this type. */
export function loadOperand(placed: PlacedOperand, record: Expr<'i32'>, type: ValueType): Expr {
  const { operand, offset } = placed;
  const wide = type === 'i64';
  switch (operand.storage) {
    case 'u16':
      return load(wide ? 'i64.load16_u' : 'i32.load16_u', record, offset);
    case 's16':
      return load(wide ? 'i64.load16_s' : 'i32.load16_s', record, offset);
    case 'i32':
      return load(wide ? 'i64.load32_s' : 'i32.load', record, offset);
    case 'i64':
      return load('i64.load', record, offset);
  }
}

/** Writes a record: the handler's number and the operands of this opcode's fields. */
export function writeRecord(
  view: DataView,
  record: number,
  handler: number,
  places: Iterable<PlacedOperand>,
  fields: Readonly<Record<string, number>>,
): void {
  for (const { operand, offset } of places) {
    const value = operand.derive(fields);
    if (operand.storage === 'i64')
      view.setBigUint64(record + offset, BigInt.asUintN(64, BigInt(value)), true);
    else if (operand.storage === 'i32') view.setInt32(record + offset, Number(value), true);
    else view.setUint16(record + offset, Number(value), true);
  }
  view.setUint16(record, handler, true);
}
