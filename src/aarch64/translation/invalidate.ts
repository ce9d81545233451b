/** Taking pages out of the TLBs: by address, and whatever leads to a page of memory. */
import { add, and, eq, i32, i64, isZero, low32, ltUnsigned, sar, shl } from '../meaning/integer.ts';
import { helper, type Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import {
  STATE,
  TLB_ADDEND,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLB_SET_BYTES,
  TLB_SET_USED,
  TLB_SETS,
  TLB_TABLE,
  tlbSetOffset,
  VCPU_BYTES,
} from '../state.ts';
import { blockByte, entryOffset } from './fill.ts';

const INVALID = i64(-1n);
const ENTRIES_PER_BLOCK = 512;
const TABLES = Object.values(TLB_TABLE);

/** For each set of a vCPU that holds anything. */
function eachUsedSet(c: Meaning, cpu: Value<'i32'>, body: (set: Value<'i32'>) => void): void {
  const set = c.temporary(add(cpu, i32(tlbSetOffset(0))));
  const end = c.let(add(cpu, i32(tlbSetOffset(TLB_SETS))));
  c.while(ltUnsigned(set, end), () => {
    c.if(c.memory('i32.load', add(set, i32(TLB_SET_USED))), () => body(set));
    c.assign(set, add(set, i32(TLB_SET_BYTES)));
  });
}

/** (vCPU, VA): a page in all sets, whatever its tag, for an ignored top byte may differ; of a block, all its pages. */
const invalidatePageOf = helper('invalidatePageOf', ['i32', 'i64'], 'i32', (c, cpu, va) => {
  const offset = c.let(entryOffset(va));
  const ofBlock = c.memory('i32.load8_u', blockByte(c, cpu, va));
  const blockMask = i32(~(ENTRIES_PER_BLOCK * TLB_ENTRY_BYTES - 1));
  c.if(
    isZero(ofBlock),
    () =>
      eachUsedSet(c, cpu, (set) => {
        const at = c.let(add(set, offset));
        for (const table of TABLES) c.setMemory('i64.store', c.let(add(at, i32(table))), INVALID);
      }),
    () =>
      eachUsedSet(c, cpu, (set) => {
        const at = c.temporary(add(set, and(offset, blockMask)));
        const end = c.let(add(at, i32(ENTRIES_PER_BLOCK * TLB_ENTRY_BYTES)));
        c.while(ltUnsigned(at, end), () => {
          for (const table of TABLES) c.setMemory('i64.store', c.let(add(at, i32(table))), INVALID);
          c.assign(at, add(at, i32(TLB_ENTRY_BYTES)));
        });
      }),
  );
  return i32(0);
});

/** (the operand of TLBI by address, whether on all vCPUs): the ASID isn't looked at, so that more may go than has to. */
export const invalidatePage = helper('invalidatePage', ['i64', 'i32'], 'i32', (c, operand, everywhere) => {
  const va = c.let(sar(shl(operand, i64(20n)), i64(8n)));
  c.if(
    everywhere,
    () => {
      const cpu = c.temporary(c.state32(STATE.FIRST_VCPU));
      const end = c.let(c.state32(STATE.VCPUS_END));
      c.while(ltUnsigned(cpu, end), () => {
        c.perform(invalidatePageOf, cpu, va);
        c.assign(cpu, add(cpu, i32(VCPU_BYTES)));
      });
    },
    () => c.perform(invalidatePageOf, c.cpu, va),
  );
  return i32(0);
});

/** (a page of memory): makes stores to it miss. */
export const protectPage = helper('protectPage', ['i32'], 'i32', (c, host) => {
  eachUsedSet(c, c.cpu, (set) => {
    const at = c.temporary(add(set, i32(TLB_TABLE.write)));
    const end = c.let(add(at, i32(TLB_ENTRIES * TLB_ENTRY_BYTES)));
    c.while(ltUnsigned(at, end), () => {
      const tag = c.memory('i64.load', at);
      const addend = c.memory('i32.load', add(at, i32(TLB_ADDEND)));
      c.if(eq(add(low32(tag), addend), host), () => c.setMemory('i64.store', at, INVALID));
      c.assign(at, add(at, i32(TLB_ENTRY_BYTES)));
    });
  });
  return i32(0);
});
