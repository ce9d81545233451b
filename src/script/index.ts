/** Scripts: what is waited for, typed and asserted in a run, as TypeScript. */
export { messageOf, placeOf, readCases, SCRIPT_ENDING, type ScriptCase, scriptsOf } from './cases.ts';
export { scriptCodes } from './diagnostics.ts';
export type { CommandOptions, CommandOutcome, GuestConsole, WaitOptions } from './guest-console.ts';
export { type CaseResult, formatResults, junitOf } from './results.ts';
export { type CaseOptions, runCase } from './run-case.ts';
export { Script, type ScriptParts } from './script.ts';
