/** Bare-metal guests: exceptions, interrupts, timers, exclusives, code that changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE, DATA, Guest, VECTOR_HVC, VECTORS } from './guest.ts';

const EC = { unknown: 0, wfx: 1, fp: 7, svc: 0x15, msr: 0x18, pcAlignment: 0x22, brk: 0x3c } as const;
const EL0 = 0x3c0;
const EL1H = 0x3c5;

test('SVC from EL0 and back', () => {
  const guest = new Guest();
  guest.put(
    VECTORS + 0x400,
    `mrs x1, esr_el1
    mrs x2, elr_el1
    mrs x3, spsr_el1
    mrs x4, sp_el0
    add x0, x0, #1
    cmp x0, #7
    b.eq 1f
    eret
  1: hvc #0x40`,
  );
  const { vcpu } = guest;
  vcpu.setSystem('ELR_EL1', BigInt(CODE + 0x100));
  vcpu.setSystem('SPSR_EL1', 0x6000_0000n);
  vcpu.setSystem('SP_EL0', 0x1230n);
  vcpu.sp = 0x5670n;
  guest.put(CODE + 0x100, 'mov x0, #5\nmov x5, sp\nsub sp, sp, #16\nsvc #0x42\nmrs x6, nzcv\nsvc #1');
  const exit = guest.run('eret');
  assert.ok(exit.kind === 'hvc' && exit.immediate === 0x40);
  assert.equal(vcpu.x(0), 7n);
  assert.equal(vcpu.x(1), 0x5600_0001n);
  assert.equal(vcpu.x(2), BigInt(CODE + 0x118));
  assert.equal(vcpu.x(3), 0x6000_0000n);
  assert.equal(vcpu.x(4), 0x1220n);
  assert.equal(vcpu.x(5), 0x1230n);
  assert.equal(vcpu.x(6), 0x6000_0000n);
});

test('the stack pointers of the levels are apart', () => {
  const guest = new Guest();
  const { vcpu } = guest;
  vcpu.sp = 0x100n;
  const exit = guest.run(`
    mov x0, sp
    msr spsel, #0
    mov x1, #0x200
    mov sp, x1
    msr spsel, #1
    mov x2, sp
    mrs x3, sp_el0
    mrs x4, currentel
    mrs x5, spsel
    hvc #0`);
  assert.equal(exit.kind, 'hvc');
  assert.deepEqual(
    [0, 2, 3, 4, 5].map((n) => vcpu.x(n)),
    [0x100n, 0x100n, 0x200n, 4n, 1n],
  );
});

test('BRK, an undefined opcode and a misaligned PC are exceptions with their syndromes', () => {
  const guest = new Guest();
  guest.run('nop\nbrk #0x77');
  assert.deepEqual({ ec: guest.fault().ec, iss: guest.fault().iss }, { ec: EC.brk, iss: 0x77 });
  assert.equal(guest.fault().elr, BigInt(CODE + 4));
  guest.vcpu.pc = BigInt(CODE);
  guest.run('.inst 0xffffffff');
  assert.equal(guest.fault().ec, EC.unknown);
  guest.vcpu.pc = BigInt(CODE);
  guest.run('adr x0, .+6\nbr x0');
  assert.deepEqual(
    { ec: guest.fault().ec, far: guest.fault().far },
    { ec: EC.pcAlignment, far: BigInt(CODE + 6) },
  );
});

test('an undefined instruction is reported once for each place', () => {
  const seen: string[] = [];
  const guest = new Guest({
    onUndefined: ({ pc, opcode, assembly }) =>
      seen.push(`${pc.toString(16)} ${opcode.toString(16)} ${assembly}`),
  });
  guest.put(VECTORS + 0x200, 'mrs x1, elr_el1\nadd x1, x1, #4\nmsr elr_el1, x1\neret');
  const exit = guest.run(
    '.inst 0x00000007\nmrs x0, s3_6_c15_c1_1\nmov x9, #2\n1: .inst 0xffffffff\nsubs x9, x9, #1\nb.ne 1b\nhvc #0',
  );
  assert.equal(exit.kind, 'hvc');
  assert.deepEqual(seen, [
    '40000000 7 udf\t#7',
    '40000004 d53ef120 mrs\tx0, s3_6_c15_c1_1',
    '4000000c ffffffff undefined',
  ]);
});

test('what EL0 may not do is undefined, or traps by its control bit', () => {
  const guest = new Guest();
  const { vcpu } = guest;
  const at = (source: string): number => {
    vcpu.pstate = EL0;
    vcpu.pc = BigInt(CODE);
    const exit = guest.run(source);
    assert.ok(exit.kind === 'hvc' && exit.immediate === VECTOR_HVC.el0Synchronous, `${source}: ${exit.kind}`);
    vcpu.pstate = EL1H;
    return guest.fault().ec;
  };
  for (const source of [
    'mrs x0, midr_el1',
    'msr vbar_el1, x0',
    'eret',
    'hvc #0',
    'smc #0',
    'tlbi vmalle1',
    'ic iallu',
  ]) {
    assert.equal(at(source), EC.unknown, source);
  }
  for (const source of [
    'mrs x0, ctr_el0',
    'mrs x0, cntvct_el0',
    'msr daifset, #2',
    'dc cvau, x0',
    'mrs x0, daif',
  ]) {
    assert.equal(at(source), EC.msr, source);
  }
  vcpu.setSystem('SCTLR_EL1', 0x30c0_0838n);
  assert.equal(at('wfi'), EC.wfx);
  assert.equal(at('wfe'), EC.wfx);
  vcpu.setSystem('CPACR_EL1', 1n << 20n);
  assert.equal(at('fmov d0, #1.0'), EC.fp);
  vcpu.setSystem('CPACR_EL1', 3n << 20n);
  assert.equal(
    at('mrs x0, tpidr_el0\nmsr tpidr_el0, x0\nmrs x0, tpidrro_el0\nmrs x0, dczid_el0\nfmov d0, #1.0\nsvc #0'),
    EC.svc,
  );
});

test('an interrupt waits for its mask, and wakes WFI though masked', () => {
  const guest = new Guest();
  const { vcpu } = guest;
  assert.equal(guest.run('wfi\nmov x0, #1\nmsr daifclr, #2\nmov x0, #2\nhvc #0').kind, 'wfi');
  assert.equal(vcpu.pc, BigInt(CODE + 4));
  vcpu.setIrq(true);
  const exit = vcpu.run(100);
  assert.ok(exit.kind === 'hvc' && exit.immediate === VECTOR_HVC.spxIrq);
  assert.equal(vcpu.x(0), 1n);
  assert.equal(vcpu.system('ELR_EL1'), BigInt(CODE + 12));
  assert.equal(vcpu.system('ISR_EL1'), 0x80n);
  vcpu.setIrq(false);
  vcpu.setFiq(true);
  vcpu.pc = BigInt(CODE);
  const second = guest.run('msr daifclr, #1\nhvc #0');
  assert.ok(second.kind === 'hvc' && second.immediate === VECTOR_HVC.spxFiq);
  vcpu.setFiq(false);
  vcpu.setSError(true);
  vcpu.pc = BigInt(CODE);
  const third = guest.run('msr daifclr, #4\nhvc #0');
  assert.ok(third.kind === 'hvc' && third.immediate === VECTOR_HVC.spxSError);
  vcpu.pc = BigInt(CODE);
  const fourth = guest.run('msr daifclr, #4\nhvc #0');
  assert.ok(fourth.kind === 'hvc' && fourth.immediate === 0, 'an SError is taken once');
});

test('a device that raises its line is heard before the next block', () => {
  const guest = new Guest();
  const { vcpu } = guest;
  const seen: string[] = [];
  guest.stage2.mapDevice(
    0x900_0000,
    0x1000,
    { read: true, write: true, execute: false },
    {
      read: (ipa, sizeBytes) => {
        seen.push(`read ${ipa.toString(16)} ${sizeBytes}`);
        return 0x8000_0000 + (ipa & 0xff);
      },
      write: (ipa, sizeBytes, value, by) => {
        seen.push(`write ${ipa.toString(16)} ${sizeBytes} ${value.toString(16)}`);
        if ((ipa & 0xfff) === 0x100) by.setIrq(true);
      },
    },
  );
  const exit = guest.run(`
    msr daifclr, #2
    mov x1, #0x9000000
    ldr w2, [x1, #4]
    ldrsw x3, [x1, #8]
    ldr x4, [x1, #16]
    ldrb w5, [x1, #1]
    strb w4, [x1, #3]
    movn x6, #0
    str x6, [x1, #0x18]
    stp w2, w3, [x1, #0x20]
    str w2, [x1, #0x100]
    mov x7, #1
    b 1f
  1: mov x7, #2
    hvc #0`);
  assert.ok(exit.kind === 'hvc' && exit.immediate === VECTOR_HVC.spxIrq);
  assert.equal(vcpu.x(7), 1n);
  assert.deepEqual(
    [2, 3, 4, 5].map((n) => vcpu.x(n)),
    [0x8000_0004n, 0xffff_ffff_8000_0008n, 0x8000_0014_8000_0010n, 1n],
  );
  assert.deepEqual(seen, [
    'read 9000004 4',
    'read 9000008 4',
    'read 9000010 4',
    'read 9000014 4',
    'read 9000001 1',
    'write 9000003 1 10',
    'write 9000018 4 ffffffff',
    'write 900001c 4 ffffffff',
    'write 9000020 4 80000004',
    'write 9000024 4 80000008',
    'write 9000100 4 80000004',
  ]);
});

test('the virtual timer compares with the counter', () => {
  const guest = new Guest();
  const { vcpu } = guest;
  const written: bigint[] = [];
  vcpu.onTimerWritten = (by) => written.push(by.virtualTimer.compare);
  const exit = guest.run(`
    mov x0, #50
    msr cntv_tval_el0, x0
    mov x0, #1
    msr cntv_ctl_el0, x0
    mrs x1, cntv_ctl_el0
    mrs x2, cntvct_el0
    mrs x3, cntv_cval_el0
  1: mrs x4, cntv_ctl_el0
    tbz x4, #2, 1b
    mrs x5, cntvct_el0
    mrs x6, cntfrq_el0
    mrs x7, cntv_tval_el0
    hvc #0`);
  assert.equal(exit.kind, 'hvc');
  assert.equal(vcpu.x(1), 1n);
  assert.equal(vcpu.x(2), 6n, 'the count is of the instructions so far');
  assert.equal(vcpu.x(3), 52n);
  assert.equal(vcpu.x(4), 5n);
  assert.ok(vcpu.x(5) >= 52n && vcpu.x(5) < 60n);
  assert.equal(vcpu.x(6), 62_500_000n);
  assert.ok(BigInt.asIntN(32, vcpu.x(7)) <= 0n);
  assert.deepEqual(vcpu.virtualTimer, { enabled: true, masked: false, compare: 52n, offset: 0n });
  assert.equal(written.length, 2);
});

test('exclusives succeed once, and not after CLREX, another address or another turn', () => {
  const guest = new Guest();
  const { vcpu } = guest;
  const exit = guest.run(`
    ldr x1, =${DATA}
    mov x9, #7
    ldxr x2, [x1]
    stxr w3, x9, [x1]
    stxr w4, x9, [x1]
    ldxr x2, [x1]
    clrex
    stxr w5, x9, [x1]
    ldaxr w2, [x1]
    add x10, x1, #8
    stlxr w6, w9, [x10]
    ldxp x11, x12, [x1]
    stxp w7, x12, x11, [x1]
    ldxr x2, [x1]
    hvc #1
    stxr w8, x9, [x1]
    hvc #2`);
  assert.ok(exit.kind === 'hvc' && exit.immediate === 1);
  assert.equal(vcpu.run(100).kind, 'hvc');
  assert.deepEqual(
    [3, 4, 5, 6, 7, 8].map((n) => vcpu.x(n)),
    [0n, 1n, 1n, 1n, 0n, 1n],
  );
  assert.deepEqual([guest.long(DATA), guest.long(DATA + 8)], [0n, 7n]);
});

test('code that changes itself runs as it was written', () => {
  const guest = new Guest();
  const { vcpu } = guest;
  // 100 times: writes "mov x2, #n" over the instruction at `here`, runs it, adds.
  const exit = guest.run(`
    mov x0, #100
    mov x3, #0
    ldr w4, =0xd2800002
    adr x5, here
  1: orr w6, w4, w0, lsl #5
    str w6, [x5]
    b 2f
  2: nop
  here: nop
    add x3, x3, x2
    subs x0, x0, #1
    b.ne 1b
    hvc #0`);
  assert.equal(exit.kind, 'hvc');
  assert.equal(vcpu.x(3), 5050n);
  // The same in a straight line: the store is right before what it changes, and that is decoded already.
  vcpu.pc = BigInt(CODE);
  assert.equal(
    guest.run('adr x5, 1f\nldr w6, =0xd2800549\nmov x9, #1\nstr w6, [x5]\n1: mov x9, #2\nhvc #0').kind,
    'hvc',
  );
  assert.equal(vcpu.x(9), 42n);
});

test('the host changes code', () => {
  const guest = new Guest();
  guest.run('mov x0, #1\nhvc #0');
  guest.vcpu.pc = BigInt(CODE);
  guest.run('mov x0, #2\nhvc #0');
  assert.equal(guest.vcpu.x(0), 2n);
});
