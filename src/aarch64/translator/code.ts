/** Parts of regions that are written without a tree. */
import type { CodeWriter, ValueType } from '../../wasm/index.ts';
import type { Operand } from '../meaning/value.ts';
import type { AnyFieldValues } from '../pattern.ts';
import { RECORD_BYTES } from '../state.ts';
import { REGION_LOCALS } from './template.ts';

/** WebAssembly's codes, for what is written without a tree (2.0 §5.4). */
export const CODE = {
  if: 0x04,
  end: 0x0b,
  br: 0x0c,
  localGet: 0x20,
  localSet: 0x21,
  i64Load: 0x29,
  i64Store: 0x37,
  i32Const: 0x41,
  i64Const: 0x42,
  emptyBlock: 0x40,
  i32LeS: 0x4c,
  i32Sub: 0x6b,
  i64Add: 0x7c,
} as const;

/** An operand's value. */
export function writeConstant(
  { out }: CodeWriter,
  operand: Operand,
  type: ValueType,
  fields: AnyFieldValues,
): void {
  const { storage, derive } = operand;
  const value = derive(fields);
  if (storage === 'i64' && typeof value === 'bigint') {
    out.u8(type === 'i64' ? CODE.i64Const : CODE.i32Const);
    if (type === 'i64') out.signed64(value);
    else out.signed32(Number(BigInt.asIntN(32, value)));
    return;
  }
  // What a record would hold of it.
  const word = Number(typeof value === 'bigint' ? BigInt.asIntN(32, value) : value);
  const held = storage === 'u16' ? word & 0xffff : storage === 's16' ? (word << 16) >> 16 : word | 0;
  out.u8(type === 'i64' ? CODE.i64Const : CODE.i32Const);
  if (storage === 'i64' && type === 'i64') out.signed64(BigInt(value));
  else out.signed32(held);
}

/** Counts instructions off the budget. */
export function writeSpend({ out }: CodeWriter, instructions: number): void {
  out.u8(CODE.localGet);
  out.u8(REGION_LOCALS.remaining);
  out.u8(CODE.i32Const);
  out.signed32(instructions * RECORD_BYTES);
  out.u8(CODE.i32Sub);
  out.u8(CODE.localSet);
  out.u8(REGION_LOCALS.remaining);
}
