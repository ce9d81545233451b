/**
 * Calls from a guest through SMC, sorted by the SMC Calling Convention (Arm DEN 0028E): which service is asked, and what
 * the general ones answer. Version 1.1, no workarounds, no SoC identity.
 */

import { NO_ANSWER, smcAnswer } from './smc-answers.ts';

/** Every unknown function's answer (§5.2). */
export const SMCCC_NOT_SUPPORTED = -1n;

/** Owning entities (§2.5, table 2-1), for naming calls that nobody answers. */
const OWNERS = [
  'Arm architecture',
  'CPU',
  'SiP',
  'OEM',
  'standard secure service',
  'standard hypervisor service',
  'vendor hypervisor service',
] as const;

/** `SiP function 0x82000010`: how an unknown call reads in a report. */
export function describeSmc(functionId: number): string {
  const owner = (functionId >>> 24) & 0x3f;
  const name =
    OWNERS[owner] ?? (owner >= 50 ? 'trusted OS' : owner >= 48 ? 'trusted application' : 'reserved');
  return `${name} function 0x${functionId.toString(16)}`;
}

/** Arm architecture calls (§7); `undefined` for anything else. */
export function smcccCall(functionId: number, argument: bigint): bigint | undefined {
  const answer = smcAnswer(functionId, Number(argument & 0xffff_ffffn));
  return answer === NO_ANSWER ? undefined : BigInt(answer);
}
