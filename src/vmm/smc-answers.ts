/**
 * Calls through SMC whose answer follows from the call alone: what there is of PSCI 1.2 (Arm DEN 0022E) and of the SMC Calling Convention 1.1
 * (Arm DEN 0028E). Compiled to C for seL4 (docs/compiled.md).
 */

const PSCI_VERSION = 0x8400_0000;
export const CPU_SUSPEND = 0x8400_0001;
export const CPU_OFF = 0x8400_0002;
export const CPU_ON = 0x8400_0003;
export const AFFINITY_INFO = 0x8400_0004;
const MIGRATE_INFO_TYPE = 0x8400_0006;
export const SYSTEM_OFF = 0x8400_0008;
export const SYSTEM_RESET = 0x8400_0009;
const PSCI_FEATURES = 0x8400_000a;
const SMCCC_VERSION = 0x8000_0000;
const SMCCC_ARCH_FEATURES = 0x8000_0001;

const SUCCESS = 0;
const NOT_SUPPORTED = -1;
/** It takes more than the call to answer this one. */
export const NO_ANSWER = -0x8000_0000;

/** Functions with a 64-bit form have it at the same number with bit 30 set. */
const BIT_64 = 0x4000_0000;
const PSCI_1_2 = 0x1_0002;
const SMCCC_1_1 = 0x1_0001;
/** MIGRATE_INFO_TYPE: no trusted OS that would need migration (§5.9). */
const NO_TRUSTED_OS = 2;

/** A function's number without its form. */
export function psciBase(functionId: number): number {
  return (functionId & ~BIT_64) >>> 0;
}

export function has64BitForm(base: number): boolean {
  return base === CPU_SUSPEND || base === CPU_ON || base === AFFINITY_INFO;
}

function isPsciFunction(base: number): boolean {
  return (
    has64BitForm(base) ||
    base === PSCI_VERSION ||
    base === CPU_OFF ||
    base === MIGRATE_INFO_TYPE ||
    base === SYSTEM_OFF ||
    base === SYSTEM_RESET ||
    base === PSCI_FEATURES
  );
}

/** PSCI_FEATURES, which may be asked about SMCCC_VERSION, too (Arm DEN 0028E §7.2). */
function psciFeatures(asked: number): number {
  const base = psciBase(asked);
  const isThere = isPsciFunction(base) && (asked === base || has64BitForm(base));
  return isThere || asked === SMCCC_VERSION ? SUCCESS : NOT_SUPPORTED;
}

function archFeatures(asked: number): number {
  return asked === SMCCC_VERSION || asked === SMCCC_ARCH_FEATURES ? SUCCESS : NOT_SUPPORTED;
}

/** The answer in X0 to a function, of which the argument is X1's lower half. */
export function smcAnswer(functionId: number, argument: number): number {
  if (functionId === PSCI_VERSION) return PSCI_1_2;
  if (functionId === MIGRATE_INFO_TYPE) return NO_TRUSTED_OS;
  if (functionId === PSCI_FEATURES) return psciFeatures(argument);
  if (functionId === SMCCC_VERSION) return SMCCC_1_1;
  if (functionId === SMCCC_ARCH_FEATURES) return archFeatures(argument);
  return NO_ANSWER;
}
