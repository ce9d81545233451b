/**
 * PSCI 1.2 (Arm DEN 0022E): how a guest starts and stops its processors and the machine. Left out: SYSTEM_SUSPEND,
 * memory protection, statistics and everything optional besides; PSCI_FEATURES says so.
 */
import type { VcpuIndex } from '../base/index.ts';

/** What PSCI needs of the monitor. */
export interface PsciMachine {
  readonly vcpuCount: number;
  /** The vCPU with this affinity (MPIDR_EL1 without its flags), if there is one. */
  vcpuByAffinity(affinity: bigint): number | undefined;
  isOn(vcpu: VcpuIndex): boolean;
  isInRam(gpa: bigint): boolean;
  turnOn(vcpu: VcpuIndex, entryPoint: bigint, contextId: bigint): void;
  turnOff(vcpu: VcpuIndex): void;
  /** Lets the caller wait for an interrupt, as CPU_SUSPEND to a standby state. */
  standBy(vcpu: VcpuIndex): void;
  /** Lets it wait for an interrupt and then come back at an entry point with its MMU off. */
  powerDown(vcpu: VcpuIndex, entryPoint: bigint, contextId: bigint): void;
  systemOff(): void;
  systemReset(): void;
}

/** Return codes (§5.2.2). */
export const PSCI = {
  SUCCESS: 0n,
  NOT_SUPPORTED: -1n,
  INVALID_PARAMETERS: -2n,
  DENIED: -3n,
  ALREADY_ON: -4n,
  INVALID_ADDRESS: -9n,
} as const;

const VERSION_1_2 = 0x1_0002n;
/** MIGRATE_INFO_TYPE: no trusted OS that would need migration (§5.9). */
const NO_TRUSTED_OS = 2n;
const [AFFINITY_ON, AFFINITY_OFF] = [0n, 1n];
/** The affinity fields of an MPIDR. */
export const AFFINITY_MASK = 0xff_00ff_ffffn;
/** CPU_SUSPEND's power_state in the original format: bit 16 asks for power-down (§5.4.2). */
const POWER_DOWN = 1n << 16n;
/** Its other fields: StateID and the affinity level. */
const POWER_STATE_ID = 0x0300_ffffn;

/** Functions with a 64-bit form have it at the same number with bit 30 set. */
const BIT_64 = 0x4000_0000;
const FUNCTION = {
  PSCI_VERSION: 0x8400_0000,
  CPU_SUSPEND: 0x8400_0001,
  CPU_OFF: 0x8400_0002,
  CPU_ON: 0x8400_0003,
  AFFINITY_INFO: 0x8400_0004,
  MIGRATE_INFO_TYPE: 0x8400_0006,
  SYSTEM_OFF: 0x8400_0008,
  SYSTEM_RESET: 0x8400_0009,
  PSCI_FEATURES: 0x8400_000a,
} as const;
const HAS_64_BIT_FORM: ReadonlySet<number> = new Set([
  FUNCTION.CPU_SUSPEND,
  FUNCTION.CPU_ON,
  FUNCTION.AFFINITY_INFO,
]);
/** PSCI_FEATURES may be asked about this one, too (Arm DEN 0028E §7.2). */
const SMCCC_VERSION = 0x8000_0000;

export function isPsci(functionId: number): boolean {
  const base = (functionId & ~BIT_64) >>> 0;
  return base >= 0x8400_0000 && base <= 0x8400_001f;
}

/** Answers a call from `vcpu`, in X0; arguments as X1, X2, X3 held them. `undefined`: the caller doesn't come back from this call. */
export function psciCall(
  machine: PsciMachine,
  vcpu: VcpuIndex,
  functionId: number,
  x1: bigint,
  x2: bigint,
  x3: bigint,
): bigint | undefined {
  const is64 = (functionId & BIT_64) !== 0;
  const base = (functionId & ~BIT_64) >>> 0;
  if (is64 && !HAS_64_BIT_FORM.has(base)) return PSCI.NOT_SUPPORTED;
  const argument = (value: bigint) => BigInt.asUintN(is64 ? 64 : 32, value);
  switch (base) {
    case FUNCTION.PSCI_VERSION:
      return VERSION_1_2;
    case FUNCTION.MIGRATE_INFO_TYPE:
      return NO_TRUSTED_OS;
    case FUNCTION.PSCI_FEATURES:
      return features(Number(argument(x1)));
    case FUNCTION.CPU_ON:
      return cpuOn(machine, argument(x1), argument(x2), argument(x3));
    case FUNCTION.AFFINITY_INFO:
      return affinityInfo(machine, argument(x1), argument(x2));
    case FUNCTION.CPU_SUSPEND:
      return cpuSuspend(machine, vcpu, argument(x1), argument(x2), argument(x3));
    case FUNCTION.CPU_OFF:
      machine.turnOff(vcpu);
      return undefined;
    case FUNCTION.SYSTEM_OFF:
      machine.systemOff();
      return undefined;
    case FUNCTION.SYSTEM_RESET:
      machine.systemReset();
      return undefined;
    default:
      return PSCI.NOT_SUPPORTED;
  }
}

function features(asked: number): bigint {
  if (asked === SMCCC_VERSION) return PSCI.SUCCESS;
  const base = (asked & ~BIT_64) >>> 0;
  const known = (Object.values(FUNCTION) as readonly number[]).includes(base);
  const form = asked === base || HAS_64_BIT_FORM.has(base);
  return known && form ? PSCI.SUCCESS : PSCI.NOT_SUPPORTED;
}

function cpuOn(machine: PsciMachine, target: bigint, entryPoint: bigint, contextId: bigint): bigint {
  const vcpu = target === (target & AFFINITY_MASK) ? machine.vcpuByAffinity(target) : undefined;
  if (vcpu === undefined) return PSCI.INVALID_PARAMETERS;
  if (machine.isOn(vcpu)) return PSCI.ALREADY_ON;
  if (!machine.isInRam(entryPoint)) return PSCI.INVALID_ADDRESS;
  machine.turnOn(vcpu, entryPoint, contextId);
  return PSCI.SUCCESS;
}

function affinityInfo(machine: PsciMachine, target: bigint, lowestLevel: bigint): bigint {
  const vcpu = lowestLevel === 0n ? machine.vcpuByAffinity(target & AFFINITY_MASK) : undefined;
  if (vcpu === undefined) return PSCI.INVALID_PARAMETERS;
  return machine.isOn(vcpu) ? AFFINITY_ON : AFFINITY_OFF;
}

function cpuSuspend(
  machine: PsciMachine,
  vcpu: VcpuIndex,
  powerState: bigint,
  entryPoint: bigint,
  contextId: bigint,
): bigint | undefined {
  if ((powerState & ~(POWER_DOWN | POWER_STATE_ID)) !== 0n) return PSCI.INVALID_PARAMETERS;
  if ((powerState & POWER_DOWN) === 0n) {
    machine.standBy(vcpu);
    return PSCI.SUCCESS;
  }
  if (!machine.isInRam(entryPoint)) return PSCI.INVALID_ADDRESS;
  machine.powerDown(vcpu, entryPoint, contextId);
  return undefined;
}
