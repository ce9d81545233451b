/**
 * PSCI 1.2 (Arm DEN 0022E): how a guest starts and stops its processors and the machine. Left out: SYSTEM_SUSPEND,
 * memory protection, statistics and everything optional besides; PSCI_FEATURES says so.
 */
import type { VcpuIndex } from '../base/index.ts';
import {
  AFFINITY_INFO,
  CPU_OFF,
  CPU_ON,
  CPU_SUSPEND,
  has64BitForm,
  NO_ANSWER,
  psciBase,
  SYSTEM_OFF,
  SYSTEM_RESET,
  smcAnswer,
} from './smc-answers.ts';

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

const [AFFINITY_ON, AFFINITY_OFF] = [0n, 1n];
/** The affinity fields of an MPIDR. */
export const AFFINITY_MASK = 0xff_00ff_ffffn;
/** CPU_SUSPEND's power_state in the original format: bit 16 asks for power-down (§5.4.2). */
const POWER_DOWN = 1n << 16n;
/** Its other fields: StateID and the affinity level. */
const POWER_STATE_ID = 0x0300_ffffn;

export function isPsci(functionId: number): boolean {
  const base = psciBase(functionId);
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
  const plain = smcAnswer(functionId, Number(x1 & 0xffff_ffffn));
  if (plain !== NO_ANSWER) return BigInt(plain);
  const base = psciBase(functionId);
  const is64 = functionId !== base;
  if (is64 && !has64BitForm(base)) return PSCI.NOT_SUPPORTED;
  const argument = (value: bigint) => BigInt.asUintN(is64 ? 64 : 32, value);
  switch (base) {
    case CPU_ON:
      return cpuOn(machine, argument(x1), argument(x2), argument(x3));
    case AFFINITY_INFO:
      return affinityInfo(machine, argument(x1), argument(x2));
    case CPU_SUSPEND:
      return cpuSuspend(machine, vcpu, argument(x1), argument(x2), argument(x3));
    case CPU_OFF:
      machine.turnOff(vcpu);
      return undefined;
    case SYSTEM_OFF:
      machine.systemOff();
      return undefined;
    case SYSTEM_RESET:
      machine.systemReset();
      return undefined;
    default:
      return PSCI.NOT_SUPPORTED;
  }
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
