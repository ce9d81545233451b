/**
 * GICV: the CPU interface that a version 2 GIC gives a guest, mapped where its device tree says GICC is (IHI 0048B §5.5).
 * Which vCPU's interface an access reaches depends on which vCPU makes it, so the frame asks for it each time.
 */
import { RegisterDevice } from '../register-device.ts';
import { bit, bits, constant, reg, registerMap, status, WHOLE } from '../registers.ts';
import { SPURIOUS_INTID, type VirtualCpuInterface } from './virtual-interface.ts';

export const GICV_REGISTERS = registerMap({
  GICV_CTLR: reg(0x000, {
    EnableGrp0: bit(0),
    EnableGrp1: bit(1),
    AckCtl: bit(2),
    FIQEn: bit(3),
    CBPR: bit(4),
    EOImode: bit(9),
  }),
  GICV_PMR: reg(0x004, { Priority: bits(7, 0) }),
  GICV_BPR: reg(0x008, { BinaryPoint: bits(2, 0) }, { reset: 2 }),
  GICV_IAR: reg(0x00c, { InterruptId: status(9, 0), CPUID: status(12, 10) }, { access: 'ro' }),
  GICV_EOIR: reg(0x010, { EOIINTID: bits(9, 0), CPUID: bits(12, 10) }, { access: 'wo' }),
  GICV_RPR: reg(0x014, { Priority: status(7, 0) }, { access: 'ro', reset: 0xff }),
  GICV_HPPIR: reg(0x018, { PENDINTID: status(9, 0) }, { access: 'ro', reset: SPURIOUS_INTID }),
  GICV_ABPR: reg(0x01c, { BinaryPoint: bits(2, 0) }, { reset: 3 }),
  GICV_AIAR: reg(0x020, { InterruptId: status(9, 0) }, { access: 'ro' }),
  GICV_AEOIR: reg(0x024, { InterruptId: bits(9, 0) }, { access: 'wo' }),
  GICV_AHPPIR: reg(0x028, { PENDINTID: status(9, 0) }, { access: 'ro', reset: SPURIOUS_INTID }),
  GICV_APR0: reg(0x0d0, WHOLE),
  // As a GIC-400 r0p1 says (DDI 0471B §3.4).
  GICV_IIDR: constant(0x0fc, 0x0202_143b),
  GICV_DIR: reg(0x1000, { InterruptId: bits(9, 0) }, { access: 'wo' }),
});

const INTID_MASK = 0x3ff;

/** GICv2's virtual CPU interface, as the guest sees it where its tree has GICC (IHI 0048B §5.5). */
export class Gicv extends RegisterDevice<typeof GICV_REGISTERS> {
  readonly model = 'GICV';

  /** `current` gives the interface of the vCPU that makes the access. */
  constructor(current: () => VirtualCpuInterface) {
    super(GICV_REGISTERS, 0x2000);
    this.behave({
      GICV_CTLR: { read: () => readControl(current()), write: (value) => writeControl(current(), value) },
      GICV_PMR: { read: () => current().priorityMask, write: (value) => setPriorityMask(current(), value) },
      GICV_BPR: {
        read: () => current().binaryPoint(0),
        write: (value) => current().setBinaryPoint(0, value),
      },
      GICV_IAR: { read: () => current().acknowledge('any') },
      GICV_EOIR: { write: (value) => current().end(value & INTID_MASK, 'any') },
      GICV_RPR: { read: () => current().runningPriority },
      GICV_HPPIR: { read: () => current().highestPending('any') },
      GICV_ABPR: {
        read: () => current().binaryPoint(1),
        write: (value) => current().setBinaryPoint(1, value),
      },
      GICV_AIAR: { read: () => current().acknowledge(1) },
      GICV_AEOIR: { write: (value) => current().end(value & INTID_MASK, 1) },
      GICV_AHPPIR: { read: () => current().highestPending(1) },
      GICV_APR0: {
        read: () => current().activePriorities('any'),
        write: (value) => setActive(current(), value),
      },
      GICV_DIR: { write: (value) => current().deactivate(value & INTID_MASK) },
    });
  }
}

const CTLR = GICV_REGISTERS.GICV_CTLR.fields;

function readControl(cpu: VirtualCpuInterface): number {
  const flags: readonly [boolean, number][] = [
    [cpu.groupEnabled[0], CTLR.EnableGrp0.mask],
    [cpu.groupEnabled[1], CTLR.EnableGrp1.mask],
    [cpu.ackCtl, CTLR.AckCtl.mask],
    [cpu.fiqEnable, CTLR.FIQEn.mask],
    [cpu.commonBinaryPoint, CTLR.CBPR.mask],
    [cpu.splitEoi, CTLR.EOImode.mask],
  ];
  return flags.reduce((value, [on, mask]) => (on ? value | mask : value), 0);
}

function writeControl(cpu: VirtualCpuInterface, value: number): void {
  cpu.ackCtl = (value & CTLR.AckCtl.mask) !== 0;
  cpu.fiqEnable = (value & CTLR.FIQEn.mask) !== 0;
  cpu.commonBinaryPoint = (value & CTLR.CBPR.mask) !== 0;
  cpu.splitEoi = (value & CTLR.EOImode.mask) !== 0;
  cpu.enableGroup(0, (value & CTLR.EnableGrp0.mask) !== 0);
  cpu.enableGroup(1, (value & CTLR.EnableGrp1.mask) !== 0);
}

function setPriorityMask(cpu: VirtualCpuInterface, value: number): void {
  cpu.priorityMask = value;
}

function setActive(cpu: VirtualCpuInterface, levels: number): void {
  cpu.setActivePriorities(1, 0);
  cpu.setActivePriorities(0, levels);
}
