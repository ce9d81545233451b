/**
 * ICC_*: the version 3 GIC's CPU interface as system registers, in the virtual form that a guest at EL1 reaches under a
 * hypervisor (IHI 0069H §12.2). Writing ICC_SGI1R_EL1 and its like traps to the hypervisor (§6.3.5, ICH with IMO set), and so does all that is
 * done with ICC_SRE_EL1 where ICC_SRE_EL2.Enable is 0, as seL4 16 has it.
 */
import type { VirtualCpuInterface } from './virtual-interface.ts';

interface IccRegister {
  readonly name: string;
  readonly read?: (cpu: VirtualCpuInterface) => number;
  readonly write?: (cpu: VirtualCpuInterface, value: number) => void;
  readonly traps?: 'writes' | 'both';
}

/** ICC_CTLR_EL1: five priority bits (PRIbits 4), 16-bit identifiers not supported (IDbits 0). */
const CTLR_FIXED = 4 << 8;
const [CTLR_CBPR, CTLR_EOIMODE] = [1 << 0, 1 << 1];
const INTID_MASK = 0xff_ffff;

/** By CRn, CRm and op2 of op0 = 3, op1 = 0. */
const REGISTERS: ReadonlyMap<string, IccRegister> = new Map(
  Object.entries<IccRegister>({
    '4,6,0': {
      name: 'ICC_PMR_EL1',
      read: (cpu) => cpu.priorityMask,
      write: (cpu, value) => setMask(cpu, value),
    },
    '12,8,0': { name: 'ICC_IAR0_EL1', read: (cpu) => cpu.acknowledge(0) },
    '12,8,1': { name: 'ICC_EOIR0_EL1', write: (cpu, value) => cpu.end(value & INTID_MASK, 0) },
    '12,8,2': { name: 'ICC_HPPIR0_EL1', read: (cpu) => cpu.highestPending(0) },
    '12,8,3': {
      name: 'ICC_BPR0_EL1',
      read: (cpu) => cpu.binaryPoint(0),
      write: (cpu, value) => cpu.setBinaryPoint(0, value),
    },
    '12,8,4': {
      name: 'ICC_AP0R0_EL1',
      read: (cpu) => cpu.activePriorities(0),
      write: (cpu, value) => cpu.setActivePriorities(0, value),
    },
    '12,9,0': {
      name: 'ICC_AP1R0_EL1',
      read: (cpu) => cpu.activePriorities(1),
      write: (cpu, value) => cpu.setActivePriorities(1, value),
    },
    '12,11,1': { name: 'ICC_DIR_EL1', write: (cpu, value) => cpu.deactivate(value & INTID_MASK) },
    '12,11,3': { name: 'ICC_RPR_EL1', read: (cpu) => cpu.runningPriority },
    '12,11,5': { name: 'ICC_SGI1R_EL1', traps: 'writes' },
    '12,11,6': { name: 'ICC_ASGI1R_EL1', traps: 'writes' },
    '12,11,7': { name: 'ICC_SGI0R_EL1', traps: 'writes' },
    '12,12,0': { name: 'ICC_IAR1_EL1', read: (cpu) => cpu.acknowledge(1) },
    '12,12,1': { name: 'ICC_EOIR1_EL1', write: (cpu, value) => cpu.end(value & INTID_MASK, 1) },
    '12,12,2': { name: 'ICC_HPPIR1_EL1', read: (cpu) => cpu.highestPending(1) },
    '12,12,3': {
      name: 'ICC_BPR1_EL1',
      read: (cpu) => cpu.binaryPoint(1),
      write: (cpu, value) => cpu.setBinaryPoint(1, value),
    },
    '12,12,4': { name: 'ICC_CTLR_EL1', read: readControl, write: writeControl },
    '12,12,5': { name: 'ICC_SRE_EL1', traps: 'both' },
    '12,12,6': {
      name: 'ICC_IGRPEN0_EL1',
      read: (cpu) => Number(cpu.groupEnabled[0]),
      write: (cpu, value) => cpu.enableGroup(0, (value & 1) === 1),
    },
    '12,12,7': {
      name: 'ICC_IGRPEN1_EL1',
      read: (cpu) => Number(cpu.groupEnabled[1]),
      write: (cpu, value) => cpu.enableGroup(1, (value & 1) === 1),
    },
  }),
);

/** The parts of an encoding that tell these registers apart. */
export interface IccEncoding {
  readonly op0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
}

function registerAt({ op0, op1, crn, crm, op2 }: IccEncoding): IccRegister | undefined {
  return op0 === 3 && op1 === 0 ? REGISTERS.get(`${crn},${crm},${op2}`) : undefined;
}

export function iccName(encoding: IccEncoding): string | undefined {
  return registerAt(encoding)?.name;
}

/** `trap` where the hypervisor is to see it, `undefined` where there is no such register, or where it can't be read. */
export function readIcc(cpu: VirtualCpuInterface, encoding: IccEncoding): bigint | 'trap' | 'undefined' {
  const register = registerAt(encoding);
  if (register?.traps === 'both') return 'trap';
  const value = register?.read?.(cpu);
  return value === undefined ? 'undefined' : BigInt(value);
}

/**
 * Writes a register of GICv3's CPU interface (IHI 0069H §12.2): `trap` where the hypervisor is to see it,
 * `undefined` where there is none such.
 */
export function writeIcc(
  cpu: VirtualCpuInterface,
  encoding: IccEncoding,
  value: bigint,
): 'done' | 'trap' | 'undefined' {
  const register = registerAt(encoding);
  if (register?.traps !== undefined) return 'trap';
  if (register?.write === undefined) return 'undefined';
  register.write(cpu, Number(value & 0xffff_ffffn));
  return 'done';
}

function setMask(cpu: VirtualCpuInterface, value: number): void {
  cpu.priorityMask = value;
}

function readControl(cpu: VirtualCpuInterface): number {
  return CTLR_FIXED | (cpu.commonBinaryPoint ? CTLR_CBPR : 0) | (cpu.splitEoi ? CTLR_EOIMODE : 0);
}

function writeControl(cpu: VirtualCpuInterface, value: number): void {
  cpu.commonBinaryPoint = (value & CTLR_CBPR) !== 0;
  cpu.splitEoi = (value & CTLR_EOIMODE) !== 0;
  cpu.onChange();
}
