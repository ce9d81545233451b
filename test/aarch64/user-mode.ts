/** Cases that `npm test` runs of each definition at least; every shape has one or more. */
export const CASES_PER_DEFINITION = 10;

/** The definitions that QEMU's user mode can't judge, and what tests them instead. */
export const NOT_FOR_USER_MODE: ReadonlyMap<string, string> = new Map([
  ['ERET', 'guests'],
  ['SVC', 'guests'],
  ['HVC', 'guests'],
  ['SMC', 'guests'],
  ['BRK', 'guests'],
  ['HLT', 'guests'],
  ['UDF', 'guests'],
  ['YIELD', 'guests'],
  ['WFE', 'guests'],
  ['WFI', 'guests'],
  ['SEV, SEVL', 'guests'],
  ['MSR (DAIFSet, DAIFClr)', 'guests'],
  ['MSR (immediate)', 'guests'],
  ['SYS', 'guests'],
  ['MRS (cell)', 'guests'],
  ['MSR (cell)', 'guests'],
  ['MRS', 'guests'],
  ['MSR (register)', 'guests'],
  ['MRS DAIF', 'guests'],
  ['MSR DAIF', 'guests'],
  ['STXR, STLXR', 'guests'],
  ['STXP, STLXP', 'guests'],
]);
