/** What instructions ask of the TypeScript around the run loop; `system/operations.ts` answers. */
export const SYSTEM_OPERATION = {
  /** An opcode that is not allocated, not advertised or forbidden here. */
  undefined: 0,
  svc: 1,
  hvc: 2,
  smc: 3,
  brk: 4,
  hlt: 5,
  /** The operand is the register's key, see `registers.ts`; the value passes through `STATE.DATA`. */
  mrs: 6,
  msr: 7,
  /** MSR (immediate): the operand is op1:CRm:op2. */
  msrImmediate: 8,
  eret: 9,
  wfi: 10,
  wfe: 11,
  /** The operand is 1 for SEVL. */
  sev: 12,
  yield: 13,
  /** SYS: cache, TLB and address translation operations; the operand is the key. */
  sys: 14,
  /** A floating-point instruction while CPACR_EL1.FPEN traps it. */
  floatingPointTrap: 15,
  /** Leave after this instruction, for an interrupt has become unmasked. */
  synchronise: 16,
} as const;
export type SystemOperation = (typeof SYSTEM_OPERATION)[keyof typeof SYSTEM_OPERATION];
