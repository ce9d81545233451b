/**
 * What a vCPU runs before it is entered anew: it ends the interrupts that its list registers still hold, and leaves its CPU interface as after
 * power-on. Nobody else can: seL4 16 keeps list registers, active priorities and GICV's settings over a reset of registers, gives no call
 * that writes them but `seL4_ARM_VCPU_InjectIRQ`, and refuses that one where it last saved the register as active (`decodeVCPUInjectIRQ`).
 * Left out: V0 to V31, FPCR and FPSR, which are UNKNOWN after a reset (Arm ARM D1.3).
 *
 * The code runs from the guest's RAM with the MMU off and all masked, and ends at an SMC that it repeats for as long as it is resumed. X0 is no
 * function's number there (Arm DEN 0028E §2.1: 0xffffffff). It needs no stack and no memory. Each opcode stands beside its assembly; a test holds the one to the other.
 */

/** In X1: the interrupts to be ended, {@link INTID_BITS} each. */
const INTID_BITS = 16n;

/** The code, and the assembly that a test makes it of again. */
export type ClearingCode = readonly (readonly [opcode: number, assembly: string])[];

/**
 * GICV (IHI 0048B §5.5), at the address in X0. Each interrupt's end is preceded by an active priority for it to drop: what is pending, and what an
 * end would not find active for its priority was dropped before, is dealt with alike; and QEMU before 9 takes note of changed priorities at an end alone.
 */
export const CLEARING_V2: ClearingCode = [
  [0x528000e2, 'mov w2, #7'], // GICV_CTLR: both groups, AckCtl; EOImode 0.
  [0xb9000002, 'str w2, [x0]'],
  [0x52801fe2, 'mov w2, #255'],
  [0xb9000402, 'str w2, [x0, #4]'], // GICV_PMR
  [0x52800083, 'mov w3, #4'],
  [0x52800022, 'mov w2, #1'],
  [0x92402424, 'and x4, x1, #0x3ff'],
  [0xd350fc21, 'lsr x1, x1, #16'],
  [0xb900d002, 'str w2, [x0, #0xd0]'], // GICV_APR0
  [0xb9001004, 'str w4, [x0, #0x10]'], // GICV_EOIR
  [0x51000463, 'sub w3, w3, #1'],
  [0x35ffff63, 'cbnz w3, . - 20'],
  [0xb900d01f, 'str wzr, [x0, #0xd0]'],
  [0xb9400c04, 'ldr w4, [x0, #0xc]'], // GICV_IAR: what is pending, until it gives a special number.
  [0x12002482, 'and w2, w4, #0x3ff'],
  [0x710ff05f, 'cmp w2, #1020'],
  [0x54000062, 'b.hs . + 12'],
  [0xb9001004, 'str w4, [x0, #0x10]'],
  [0x17fffffb, 'b . - 20'],
  [0xb900041f, 'str wzr, [x0, #4]'],
  [0xb900001f, 'str wzr, [x0]'],
  [0x12800000, 'mov w0, #-1'],
  [0xd5033f9f, 'dsb sy'],
  [0xd4000003, 'smc #0'],
];

/**
 * The ICC registers (IHI 0069H §12.2), by their encodings, which every assembler knows. With EOImode 1 ICC_DIR_EL1 ends an interrupt whatever the
 * priorities say; then what is pending is taken and ended, of each group by itself.
 */
export const CLEARING_V3: ClearingCode = [
  [0xd2801fe2, 'mov x2, #255'],
  [0xd5184602, 'msr S3_0_C4_C6_0, x2'], // ICC_PMR_EL1
  [0xd2800042, 'mov x2, #2'],
  [0xd518cc82, 'msr S3_0_C12_C12_4, x2'], // ICC_CTLR_EL1: EOImode
  [0xd5033fdf, 'isb'],
  [0x52800083, 'mov w3, #4'],
  [0x92402424, 'and x4, x1, #0x3ff'],
  [0xd350fc21, 'lsr x1, x1, #16'],
  [0xd518cb24, 'msr S3_0_C12_C11_1, x4'], // ICC_DIR_EL1
  [0x51000463, 'sub w3, w3, #1'],
  [0x35ffff83, 'cbnz w3, . - 16'],
  [0xd518c89f, 'msr S3_0_C12_C8_4, xzr'], // ICC_AP0R0_EL1
  [0xd518c91f, 'msr S3_0_C12_C9_0, xzr'], // ICC_AP1R0_EL1
  [0xd2800022, 'mov x2, #1'],
  [0xd518ccff, 'msr S3_0_C12_C12_7, xzr'], // ICC_IGRPEN1_EL1
  [0xd518ccc2, 'msr S3_0_C12_C12_6, x2'], // ICC_IGRPEN0_EL1
  [0xd5033fdf, 'isb'],
  [0xd538c804, 'mrs x4, S3_0_C12_C8_0'], // ICC_IAR0_EL1
  [0xf10ff09f, 'cmp x4, #1020'],
  [0x54000082, 'b.hs . + 16'],
  [0xd518c824, 'msr S3_0_C12_C8_1, x4'], // ICC_EOIR0_EL1
  [0xd518cb24, 'msr S3_0_C12_C11_1, x4'],
  [0x17fffffb, 'b . - 20'],
  [0xd518ccdf, 'msr S3_0_C12_C12_6, xzr'],
  [0xd518cce2, 'msr S3_0_C12_C12_7, x2'],
  [0xd5033fdf, 'isb'],
  [0xd538cc04, 'mrs x4, S3_0_C12_C12_0'], // ICC_IAR1_EL1
  [0xf10ff09f, 'cmp x4, #1020'],
  [0x54000082, 'b.hs . + 16'],
  [0xd518cc24, 'msr S3_0_C12_C12_1, x4'], // ICC_EOIR1_EL1
  [0xd518cb24, 'msr S3_0_C12_C11_1, x4'],
  [0x17fffffb, 'b . - 20'],
  [0xd518ccff, 'msr S3_0_C12_C12_7, xzr'],
  [0xd518cc9f, 'msr S3_0_C12_C12_4, xzr'],
  [0xd518461f, 'msr S3_0_C4_C6_0, xzr'],
  [0x12800000, 'mov w0, #-1'],
  [0xd5033fdf, 'isb'],
  [0xd4000003, 'smc #0'],
];

/** As bytes, to be put where the vCPU is entered. */
export function clearingCode(version: 2 | 3): Uint8Array {
  const code = version === 2 ? CLEARING_V2 : CLEARING_V3;
  const bytes = new Uint8Array(4 * code.length);
  const view = new DataView(bytes.buffer);
  for (const [index, [opcode]] of code.entries()) view.setUint32(4 * index, opcode, true);
  return bytes;
}

/** X1 for interrupts; places that are left over name interrupt 0, whose end changes nothing where it is not active. */
export function packedIntids(intids: readonly number[]): bigint {
  return intids.reduce((packed, intid) => (packed << INTID_BITS) | BigInt(intid), 0n);
}
