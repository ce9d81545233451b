/** Self-hosted debug: hardware breakpoints, watchpoints and software step, on small guests (Arm ARM DDI 0487 D2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE, DATA, Guest, PTE, VECTOR_HVC, VECTORS } from './guest.ts';

const EC = { breakpoint: 0x30, step: 0x32, watchpoint: 0x34, svc: 0x15, dataAbort: 0x24 } as const;
const EL0 = 0x000;
/** EL1h with interrupts masked and debug exceptions not. */
const EL1H = 0x1c5;
const SS = 1 << 21;
const KDE = 1n << 13n;
const MDE = 1n << 15n;
/** DBGBCR and DBGWCR: enabled at EL1, EL0, or both. */
const AT = { el1: 0b011n, el0: 0b101n, both: 0b111n } as const;
const BAS_ALL = 0xfn << 5n;
const EL0_CODE = CODE + 0x100;

function debugged(mdscr: bigint): Guest {
  const guest = new Guest();
  guest.vcpu.setSystem('OSLAR_EL1', 0n);
  guest.vcpu.setSystem('MDSCR_EL1', mdscr);
  return guest;
}

/** The MMU on: code that both levels may run, data that both may write. */
function mapForEl0(guest: Guest): void {
  const { low } = guest.enableMmu();
  const shared = PTE.block | PTE.accessFlag | PTE.el0;
  guest.map(low, BigInt(CODE), CODE, shared | PTE.readOnly, 2);
  guest.map(low, BigInt(DATA), DATA, shared, 2);
}

/** Runs code at EL0 until something comes to EL1. */
function runAtEl0(guest: Guest, source: string, pstate = EL0): void {
  guest.put(EL0_CODE, source);
  guest.vcpu.pstate = pstate;
  guest.vcpu.pc = BigInt(EL0_CODE);
  const exit = guest.run();
  assert.ok(exit.kind === 'hvc' && exit.immediate === VECTOR_HVC.el0Synchronous, exit.kind);
}

test('a breakpoint at EL0: before the instruction, as often as it is come by, and nowhere else', () => {
  const guest = debugged(MDE);
  const { vcpu } = guest;
  vcpu.setSystem('DBGBVR1_EL1', BigInt(EL0_CODE + 8));
  vcpu.setSystem('DBGBCR1_EL1', AT.el0 | BAS_ALL);
  runAtEl0(guest, 'mov x1, #1\nmov x2, #2\nmov x3, #3\nsvc #0');
  assert.deepEqual([vcpu.x(1), vcpu.x(2), vcpu.x(3)], [1n, 2n, 0n]);
  assert.deepEqual(guest.fault(), { ec: EC.breakpoint, iss: 0x22, far: 0n, elr: BigInt(EL0_CODE + 8) });
  runAtEl0(guest, 'mov x1, #1\nmov x2, #2\nmov x3, #3\nsvc #0');
  assert.equal(guest.fault().ec, EC.breakpoint);
  vcpu.setSystem('DBGBCR1_EL1', 0n);
  runAtEl0(guest, 'mov x1, #1\nmov x2, #2\nmov x3, #3\nsvc #0');
  assert.deepEqual([guest.fault().ec, vcpu.x(3)], [EC.svc, 3n]);
});

test('a breakpoint at EL1 needs KDE and PSTATE.D clear; the lock and MDE turn all off', () => {
  const source = 'mov x1, #1\nmsr daifset, #8\nnop\nmsr daifclr, #8\nmov x2, #2\nhvc #0';
  for (const [mdscr, locked, expected] of [
    [MDE | KDE, false, EC.breakpoint + 1],
    [MDE, false, undefined],
    [KDE, false, undefined],
    [MDE | KDE, true, undefined],
  ] as const) {
    const guest = debugged(mdscr);
    const { vcpu } = guest;
    vcpu.setSystem('OSLAR_EL1', locked ? 1n : 0n);
    // One where debug exceptions are masked, one where they are not.
    vcpu.setSystem('DBGBVR0_EL1', BigInt(CODE + 8));
    vcpu.setSystem('DBGBCR0_EL1', AT.el1 | BAS_ALL);
    vcpu.setSystem('DBGBVR5_EL1', BigInt(CODE + 16));
    vcpu.setSystem('DBGBCR5_EL1', AT.both | BAS_ALL);
    vcpu.pstate = EL1H;
    const exit = guest.run(source);
    assert.ok(exit.kind === 'hvc');
    assert.equal(exit.immediate, expected === undefined ? 0 : VECTOR_HVC.spxSynchronous);
    if (expected !== undefined)
      assert.deepEqual([guest.fault().ec, guest.fault().elr], [expected, BigInt(CODE + 16)]);
    assert.equal(vcpu.x(1), 1n);
  }
});

test('a guest that sets its own breakpoint on code that it has run before', () => {
  const guest = debugged(0n);
  guest.vcpu.pstate = EL1H;
  const exit = guest.run(`
    mov x4, #0
  1: bl 2f
    cbnz x4, 3f
    adr x0, 2f
    msr dbgbvr0_el1, x0
    mov x0, #0x1e7
    msr dbgbcr0_el1, x0
    mov x0, #0xa000
    msr mdscr_el1, x0
    isb
    mov x4, #1
    b 1b
  2: add x5, x5, #1
    ret
  3: hvc #0`);
  assert.ok(exit.kind === 'hvc' && exit.immediate === VECTOR_HVC.spxSynchronous);
  assert.deepEqual([guest.fault().ec, guest.vcpu.x(5)], [EC.breakpoint + 1, 1n]);
});

test('breakpoints that are linked to a context, or are one', () => {
  const guest = debugged(MDE);
  const { vcpu } = guest;
  vcpu.setSystem('DBGBVR0_EL1', BigInt(EL0_CODE + 4));
  vcpu.setSystem('DBGBCR0_EL1', AT.el0 | BAS_ALL | (5n << 16n) | (1n << 20n));
  vcpu.setSystem('DBGBVR5_EL1', 77n);
  vcpu.setSystem('DBGBCR5_EL1', AT.el0 | BAS_ALL | (3n << 20n));
  const source = 'nop\nnop\nsvc #0';
  runAtEl0(guest, source);
  assert.equal(guest.fault().ec, EC.svc);
  vcpu.setSystem('CONTEXTIDR_EL1', 77n);
  runAtEl0(guest, source);
  assert.equal(guest.fault().elr, BigInt(EL0_CODE + 4));
  vcpu.setSystem('DBGBCR5_EL1', AT.el0 | BAS_ALL | (2n << 20n));
  runAtEl0(guest, source);
  assert.deepEqual([guest.fault().ec, guest.fault().elr], [EC.breakpoint, BigInt(EL0_CODE)]);
});

interface WatchCase {
  readonly source: string;
  readonly control: bigint;
  readonly address: number;
  /** FAR, or `undefined` where nothing is hit. */
  readonly far: number | undefined;
  readonly write?: boolean;
}

const [LOADS, STORES] = [1n << 3n, 2n << 3n];
const bytes = (select: bigint): bigint => select << 5n;
const WATCH_CASES: readonly WatchCase[] = [
  { source: 'ldr x1, [x0]', control: LOADS | bytes(0xffn), address: DATA, far: DATA },
  { source: 'str x1, [x0]', control: LOADS | bytes(0xffn), address: DATA, far: undefined },
  { source: 'str x1, [x0]', control: STORES | bytes(0xffn), address: DATA, far: DATA, write: true },
  { source: 'strb w1, [x0, #3]', control: STORES | bytes(0x08n), address: DATA, far: DATA + 3, write: true },
  { source: 'strb w1, [x0, #3]', control: STORES | bytes(0xf7n), address: DATA, far: undefined },
  { source: 'str x1, [x0]', control: STORES | bytes(0xc0n), address: DATA, far: DATA + 6, write: true },
  { source: 'ldr w1, [x0, #4]', control: LOADS | bytes(0x0fn), address: DATA + 4, far: DATA + 4 },
  { source: 'ldr x1, [x0, #-4]', control: LOADS | bytes(0xffn), address: DATA, far: DATA },
  { source: 'ldp x1, x2, [x0, #-8]', control: LOADS | bytes(0xffn), address: DATA, far: DATA },
  {
    source: 'ldr q1, [x0, #0x340]',
    control: LOADS | bytes(0xffn) | (10n << 24n),
    address: DATA,
    far: DATA + 0x340,
  },
  {
    source: 'ldr q1, [x0, #0x400]',
    control: LOADS | bytes(0xffn) | (10n << 24n),
    address: DATA,
    far: undefined,
  },
  { source: 'ldr x1, [x0, #0xff8]', control: LOADS | bytes(0xffn), address: DATA, far: undefined },
  {
    source: 'add x0, x0, #0xffc\nstr x1, [x0]',
    control: STORES | bytes(0x0fn),
    address: DATA + 0x1000,
    far: DATA + 0x1000,
    write: true,
  },
  {
    source: 'add x0, x0, #0xffc\nldr x1, [x0]',
    control: LOADS | bytes(0x0fn),
    address: DATA + 0x1000,
    far: DATA + 0x1000,
  },
];

test('watchpoints: loads, stores, single bytes, stretches, pairs, accesses across pages; before anything is done', () => {
  for (const { source, control, address, far, write = false } of WATCH_CASES) {
    for (const mmu of [false, true]) {
      const guest = debugged(MDE);
      const { vcpu } = guest;
      if (mmu) mapForEl0(guest);
      vcpu.setSystem('DBGWVR3_EL1', BigInt(address));
      vcpu.setSystem('DBGWCR3_EL1', AT.el0 | control);
      vcpu.setX(0, BigInt(DATA));
      vcpu.setX(1, 0x1111n);
      guest.setLong(DATA, 0x2222n);
      const before = guest.long(DATA);
      runAtEl0(guest, `${source}\nsvc #0`);
      const { ec, iss, far: said } = guest.fault();
      if (far === undefined) {
        assert.equal(ec, EC.svc, source);
        continue;
      }
      assert.deepEqual([ec, iss, said], [EC.watchpoint, 0x22 | (write ? 0x40 : 0), BigInt(far)], source);
      assert.equal(vcpu.x(1), 0x1111n);
      assert.equal(guest.long(DATA), before);
    }
  }
});

test('software step: an exception after each instruction, SVC and faults as they are, ERET back into the next', () => {
  const guest = debugged(1n);
  const { vcpu } = guest;
  // Counts steps, arms the next one, and stops at the first exception that is none.
  guest.put(
    VECTORS + 0x400,
    `mrs x10, esr_el1
    lsr x11, x10, #26
    cmp x11, #0x32
    b.ne 1f
    add x12, x12, #1
    mrs x13, spsr_el1
    orr x13, x13, #${SS}
    msr spsr_el1, x13
    eret
  1: mrs x13, spsr_el1
    hvc #0x40`,
  );
  guest.put(EL0_CODE, 'mov x1, #3\n1: subs x1, x1, #1\nb.ne 1b\nldxr x2, [x0]\nstxr w3, x2, [x0]\nsvc #5');
  vcpu.setX(0, BigInt(DATA));
  vcpu.setSystem('ELR_EL1', BigInt(EL0_CODE));
  vcpu.setSystem('SPSR_EL1', BigInt(EL0 | SS));
  const exit = guest.run('eret');
  assert.ok(exit.kind === 'hvc' && exit.immediate === 0x40);
  assert.equal(vcpu.x(12), 9n);
  assert.equal(vcpu.x(10), 0x5600_0005n);
  assert.equal(vcpu.x(13) & BigInt(SS), 0n, 'SVC was the step');

  // A fault leaves the step to be done when the instruction is run again.
  vcpu.setSystem('ELR_EL1', BigInt(EL0_CODE));
  vcpu.setSystem('SPSR_EL1', BigInt(EL0 | SS));
  guest.put(EL0_CODE, 'mov x0, #0\nldr x1, [x0]');
  vcpu.pstate = EL1H;
  vcpu.pc = BigInt(CODE);
  mapForEl0(guest);
  guest.run();
  assert.equal(Number(vcpu.x(10)) >>> 26, EC.dataAbort);
  assert.equal(vcpu.x(13) & BigInt(SS), BigInt(SS));
});

test('software step says whether an instruction was stepped, and a load-exclusive', () => {
  for (const [source, iss] of [
    ['nop\nnop', 0x100_0022],
    ['ldaxr x1, [x0]\nnop', 0x100_0062],
    ['ldar x1, [x0]\nnop', 0x100_0022],
  ] as const) {
    const guest = debugged(1n);
    guest.vcpu.setX(0, BigInt(DATA));
    runAtEl0(guest, source, EL0 | SS);
    assert.deepEqual([guest.fault().ec, guest.fault().iss], [EC.step, iss], source);
    assert.equal(guest.fault().elr, BigInt(EL0_CODE + 4));
  }
  // Returned to without PSTATE.SS, it comes before the first instruction and says nothing of it.
  const guest = debugged(1n);
  runAtEl0(guest, 'nop');
  assert.deepEqual(guest.fault(), { ec: EC.step, iss: 0x22, far: 0n, elr: BigInt(EL0_CODE) });
});

test('an interrupt between steps is taken first, and the step is still to come', () => {
  const guest = debugged(1n);
  const { vcpu } = guest;
  vcpu.setIrq(true);
  guest.put(EL0_CODE, 'nop');
  vcpu.pstate = EL0 | SS;
  vcpu.pc = BigInt(EL0_CODE);
  const exit = guest.run();
  assert.ok(exit.kind === 'hvc' && exit.immediate === VECTOR_HVC.el0Irq);
  assert.equal(vcpu.system('SPSR_EL1') & BigInt(SS), BigInt(SS));
  assert.equal(vcpu.system('ELR_EL1'), BigInt(EL0_CODE));
});

test('stepping in the kernel: KDE, and D clear only where it returns to', () => {
  const guest = debugged(1n | KDE);
  const { vcpu } = guest;
  vcpu.pstate = 0x3c5;
  vcpu.setSystem('ELR_EL1', BigInt(CODE + 0x100));
  vcpu.setSystem('SPSR_EL1', BigInt(EL1H | SS));
  guest.put(CODE + 0x100, 'mov x1, #1\nmov x2, #2');
  const exit = guest.run('eret');
  assert.ok(exit.kind === 'hvc' && exit.immediate === VECTOR_HVC.spxSynchronous);
  assert.deepEqual([guest.fault().ec, guest.fault().elr], [EC.step + 1, BigInt(CODE + 0x104)]);
  assert.deepEqual([vcpu.x(1), vcpu.x(2)], [1n, 0n]);
});
