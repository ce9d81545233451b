/** Bare-metal guests: the MMU's faults, permissions, TLB maintenance, address spaces. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE, DATA, Guest, PTE, RAM, VECTORS } from './guest.ts';

/** Far from the 1:1 mapping, in the lower half. */
const VA = 0x7f_1234_5000n;
const HIGH_VA = 0xffff_8000_1234_5000n;
const PAGE = PTE.page | PTE.accessFlag;
const EC = { instructionEl0: 0x20, instructionEl1: 0x21, dataEl0: 0x24, dataEl1: 0x25 } as const;
const WNR = 1 << 6;
const STATUS = { translation: 4, accessFlag: 8, permission: 12, addressSize: 0, alignment: 0x21 } as const;

interface Attempt {
  readonly source: string;
  readonly ec: number;
  readonly iss: number;
  readonly far?: bigint;
}

function faultOf(guest: Guest, source: string, el = 1): ReturnType<Guest['fault']> {
  const { vcpu } = guest;
  vcpu.pstate = el === 0 ? 0x3c0 : 0x3c5;
  vcpu.pc = BigInt(CODE);
  vcpu.setX(1, VA);
  const exit = guest.run(source);
  assert.equal(exit.kind, 'hvc', source);
  return guest.fault();
}

function check(guest: Guest, { source, ec, iss, far = VA }: Attempt, el = 1): void {
  const fault = faultOf(guest, source, el);
  assert.deepEqual({ ec: fault.ec, iss: fault.iss, far: fault.far }, { ec, iss, far }, source);
}

test('translation faults name their level', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  const { dataEl1 } = EC;
  check(guest, { source: 'ldr x0, [x1]', ec: dataEl1, iss: STATUS.translation | 1 });
  const level3 = guest.map(low, VA, DATA, PAGE);
  guest.setLong(level3, 0n);
  check(guest, { source: 'str x0, [x1]', ec: dataEl1, iss: STATUS.translation | 3 | WNR });
  const other = VA + 0x20_0000n;
  check(guest, {
    source: 'add x1, x1, #0x200, lsl #12\nldr x0, [x1]',
    ec: dataEl1,
    iss: STATUS.translation | 2,
    far: other,
  });
  check(guest, {
    source: 'mov x1, #1\nror x1, x1, #16\nldr x0, [x1]',
    ec: dataEl1,
    iss: STATUS.translation,
    far: 1n << 48n,
  });
  guest.setLong(level3, BigInt(DATA) | PAGE);
  assert.equal(guest.run('hvc #0').kind, 'hvc');
});

test('access flag, permission and address size', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  const entry = guest.map(low, VA, DATA, PAGE);
  const set = (bits: bigint): void => {
    guest.setLong(entry, BigInt(DATA) | bits);
    guest.put(CODE, 'tlbi vmalle1\nhvc #0');
    guest.vcpu.pstate = 0x3c5;
    guest.vcpu.pc = BigInt(CODE);
    assert.equal(guest.vcpu.run(10).kind, 'hvc');
  };
  set(PTE.page);
  check(guest, { source: 'ldr x0, [x1]', ec: EC.dataEl1, iss: STATUS.accessFlag | 3 });
  set(PAGE | PTE.readOnly);
  check(guest, {
    source: 'ldr x0, [x1]\nstr x0, [x1, #8]',
    ec: EC.dataEl1,
    iss: STATUS.permission | 3 | WNR,
    far: VA + 8n,
  });
  check(guest, { source: 'ldadd x0, x2, [x1]', ec: EC.dataEl1, iss: STATUS.permission | 3 | WNR });
  check(guest, { source: 'dc zva, x1', ec: EC.dataEl1, iss: STATUS.permission | 3 | WNR });
  guest.setLong(entry, (1n << 41n) | PAGE);
  guest.vcpu.setSystem('TTBR0_EL1', guest.vcpu.system('TTBR0_EL1') | (1n << 48n));
  check(guest, { source: 'ldr x0, [x1]', ec: EC.dataEl1, iss: STATUS.addressSize | 3 });
});

test('EL0, EL1 and execution keep to their pages', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  const codePage = VA + 0x1000n;
  guest.map(low, VA, DATA, PAGE | PTE.uxn | PTE.pxn);
  guest.map(low, VA + 0x2000n, DATA, PAGE | PTE.el0 | PTE.uxn);
  guest.map(low, codePage, DATA + 0x1000, PAGE | PTE.el0 | PTE.readOnly | PTE.pxn);
  guest.put(DATA + 0x1000, 'ldr x0, [x1]\nsvc #0');
  const { vcpu } = guest;
  const runUser = (pc: bigint, x1: bigint): ReturnType<Guest['fault']> => {
    vcpu.pstate = 0x3c0;
    vcpu.pc = pc;
    vcpu.setX(1, x1);
    assert.equal(vcpu.run(100).kind, 'hvc');
    return guest.fault();
  };
  assert.equal(runUser(codePage, VA + 0x2000n).ec, 0x15);
  const denied = runUser(codePage, VA);
  assert.deepEqual([denied.ec, denied.iss, denied.far], [EC.dataEl0, STATUS.permission | 3, VA]);
  const noExecute = runUser(VA + 0x2000n, 0n);
  assert.deepEqual(
    [noExecute.ec, noExecute.iss, noExecute.far],
    [EC.instructionEl0, STATUS.permission | 3, VA + 0x2000n],
  );
  const kernelFetch = faultOf(guest, 'add x2, x1, #1, lsl #12\nbr x2');
  assert.deepEqual(
    [kernelFetch.ec, kernelFetch.iss, kernelFetch.elr],
    [EC.instructionEl1, STATUS.permission | 3, codePage],
  );
});

test('PAN keeps EL1 from user pages, except for LDTR and STTR', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  guest.map(low, VA, DATA, PAGE | PTE.el0);
  guest.setLong(DATA, 0x1234n);
  check(guest, {
    source: 'msr pan, #0\nldr x2, [x1]\nmsr pan, #1\nldr x0, [x1]',
    ec: EC.dataEl1,
    iss: STATUS.permission | 3,
  });
  assert.equal(guest.vcpu.x(2), 0x1234n);
  assert.equal(faultOf(guest, 'msr pan, #1\nldtr x3, [x1]\nsttr x1, [x1, #8]\nmrs x4, pan\nbrk #0').ec, 0x3c);
  assert.deepEqual([guest.vcpu.x(3), guest.long(DATA + 8), guest.vcpu.x(4)], [0x1234n, VA, 1n << 22n]);
  guest.map(low, VA + 0x1000n, DATA, PAGE);
  check(guest, {
    source: 'add x1, x1, #1, lsl #12\nldtr x3, [x1]',
    ec: EC.dataEl1,
    iss: STATUS.permission | 3,
    far: VA + 0x1000n,
  });
});

test('unaligned and page-crossing accesses', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  guest.map(low, VA, DATA, PAGE);
  guest.map(low, VA + 0x1000n, DATA + 0x8000, PAGE);
  guest.setLong(DATA + 0xff8, 0x8877_6655_4433_2211n);
  guest.setLong(DATA + 0x8000, 0xffee_ddcc_bbaa_9900n);
  assert.equal(
    faultOf(
      guest,
      `
    mov x2, #0xffd
    ldr x3, [x1, x2]
    add x4, x1, #0xfff
    ldurh w5, [x4]
    str x3, [x4]
    ldr x6, [x4]
    brk #0`,
    ).ec,
    0x3c,
  );
  const { vcpu } = guest;
  // Bytes 5, 6 and 7 of the first page's last eight, then five of the second's.
  const crossing = 0xccbb_aa99_0088_7766n;
  assert.deepEqual(
    [3, 5, 6].map((n) => vcpu.x(n)),
    [crossing, 0x0088n, crossing],
  );
  const second = VA + 0x2000n;
  check(guest, {
    source: 'mov x2, #0x1ffd\nadd x1, x1, x2\nstr x0, [x1]',
    ec: EC.dataEl1,
    iss: STATUS.translation | 3 | WNR,
    far: second,
  });
  assert.equal(guest.long(DATA + 0x8ff8) >> 40n, 0n, 'nothing of it was written');
  check(guest, {
    source: 'add x1, x1, #2\nldar w0, [x1]',
    ec: EC.dataEl1,
    iss: STATUS.alignment,
    far: VA + 2n,
  });
  check(guest, {
    source: 'add x1, x1, #4\nstxr w3, x0, [x1]\nldxr x0, [x1]',
    ec: EC.dataEl1,
    iss: STATUS.alignment,
    far: VA + 4n,
  });
});

test('a changed entry is seen after TLBI by address, block or all, and kept until then', () => {
  const guest = new Guest();
  const { high } = guest.enableMmu();
  const entry = guest.map(high, HIGH_VA, DATA, PAGE);
  guest.setLong(DATA, 1n);
  guest.setLong(DATA + 0x1000, 2n);
  const { vcpu } = guest;
  vcpu.setX(10, BigInt(DATA + 0x1000) | PAGE);
  vcpu.setX(11, BigInt(entry));
  const exit = guest.run(`
    ldr x1, =${HIGH_VA}
    ldr x2, [x1]
    str x10, [x11]
    ldr x3, [x1]
    lsr x4, x1, #12
    tlbi vaae1is, x4
    dsb ish
    ldr x5, [x1]
    hvc #0`);
  assert.equal(exit.kind, 'hvc');
  assert.deepEqual(
    [2, 3, 5].map((n) => vcpu.x(n)),
    [1n, 1n, 2n],
  );

  // One page of a block is named; all that came from the block must go.
  const blockVa = 0xffff_8000_4000_0000n;
  const block = guest.map(high, blockVa, RAM + 0x20_0000, PTE.block | PTE.accessFlag, 2);
  vcpu.setX(10, BigInt(RAM) | PTE.block | PTE.accessFlag);
  vcpu.setX(11, BigInt(block));
  guest.setLong(RAM + 0x3000, 0x33n);
  guest.setLong(RAM + 0x20_3000, 0x44n);
  vcpu.pc = BigInt(CODE);
  assert.equal(
    guest.run(`
    ldr x1, =${blockVa}
    add x6, x1, #0x3000
    ldr x2, [x6]
    str x10, [x11]
    lsr x4, x1, #12
    tlbi vale1, x4
    ldr x5, [x6]
    hvc #0`).kind,
    'hvc',
  );
  assert.deepEqual([vcpu.x(2), vcpu.x(5)], [0x44n, 0x33n]);
});

test('TLBI of everything takes few pages and many, wherever in the TLB they are', () => {
  for (const [pages, stride] of [
    [1, 0x1000],
    [6, 0x4_1000],
    [7, 0x4_1000],
    [9, 0x1000],
    [70, 0x2_3000],
  ] as const) {
    const guest = new Guest();
    const { high } = guest.enableMmu();
    guest.setLong(DATA, 1n);
    guest.setLong(DATA + 0x1000, 0x10_0000n);
    const va = (page: number): bigint => HIGH_VA + BigInt(page * stride);
    const entries = Array.from({ length: pages }, (_, page) => guest.map(high, va(page), DATA, PAGE));
    const sum = (before: string): bigint => {
      guest.vcpu.pc = BigInt(CODE);
      const source = `
        ${before}
        ldr x1, =${HIGH_VA}
        mov x2, #${pages}
        mov x3, #${stride & 0xffff}
        movk x3, #${stride >>> 16}, lsl #16
        mov x5, #0
    1:  ldr x4, [x1]
        add x5, x5, x4
        add x1, x1, x3
        subs x2, x2, #1
        b.ne 1b
        hvc #0`;
      assert.equal(guest.run(source).kind, 'hvc');
      return guest.vcpu.x(5);
    };
    assert.equal(sum('nop'), BigInt(pages));
    for (const entry of entries) guest.setLong(entry, BigInt(DATA + 0x1000) | PAGE);
    assert.equal(sum('nop'), BigInt(pages), 'kept');
    assert.equal(sum('tlbi vmalle1'), BigInt(pages) << 20n, `${pages} pages`);
  }
});

test('address spaces', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  const { vcpu } = guest;
  const second = guest.newTable();
  for (let at = 0; at < 512; at++) guest.setLong(second + at * 8, guest.long(low + at * 8));
  guest.map(low, VA | (1n << 46n), DATA, PAGE | PTE.notGlobal);
  guest.map(second, VA | (1n << 46n), DATA + 0x1000, PAGE | PTE.notGlobal);
  guest.setLong(DATA, 0xaan);
  guest.setLong(DATA + 0x1000, 0xbbn);
  vcpu.setX(1, VA | (1n << 46n));
  vcpu.setX(2, BigInt(low) | (1n << 48n));
  vcpu.setX(3, BigInt(second) | (2n << 48n));
  assert.equal(
    guest.run(`
    msr ttbr0_el1, x2
    isb
    ldr x4, [x1]
    msr ttbr0_el1, x3
    isb
    ldr x5, [x1]
    msr ttbr0_el1, x2
    isb
    ldr x6, [x1]
    hvc #0`).kind,
    'hvc',
  );
  assert.deepEqual(
    [4, 5, 6].map((n) => vcpu.x(n)),
    [0xaan, 0xbbn, 0xaan],
  );
});

test('AT tells what a translation would give', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  guest.map(low, VA, DATA, PAGE | PTE.readOnly);
  guest.vcpu.setX(1, VA);
  assert.equal(
    guest.run(
      'at s1e1r, x1\nmrs x2, par_el1\nat s1e1w, x1\nmrs x3, par_el1\nat s1e0r, x1\nmrs x4, par_el1\nhvc #0',
    ).kind,
    'hvc',
  );
  const { vcpu } = guest;
  assert.equal(vcpu.x(2) & 0xf_ffff_f001n, BigInt(DATA));
  assert.deepEqual(
    [3, 4].map((n) => Number(vcpu.x(n) & 0x7fn)),
    [(15 << 1) | 1, (15 << 1) | 1],
  );
  assert.deepEqual(vcpu.translate(VA + 0x10n, 'read'), { ipa: DATA + 0x10 });
  assert.equal(vcpu.translate(VA, 'write'), undefined);
});

test('the top byte is ignored where TCR says so', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  guest.map(low, VA, DATA, PAGE);
  guest.setLong(DATA, 0x77n);
  const { vcpu } = guest;
  vcpu.setSystem('TCR_EL1', vcpu.system('TCR_EL1') | (1n << 37n));
  const tagged = VA | (0xa5n << 56n);
  vcpu.setX(1, tagged);
  assert.equal(guest.run('ldr x2, [x1]\nldr x3, [x1]\nhvc #0').kind, 'hvc');
  assert.deepEqual([vcpu.x(2), vcpu.x(3)], [0x77n, 0x77n]);
});

test('tables that stage 2 does not map are a stage 2 fault on the walk', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  guest.setLong(low + 8 * 5, 0x1_0000_0000n | PTE.table);
  guest.vcpu.setX(1, 5n << 39n);
  const exit = guest.run('ldr x0, [x1]');
  assert.ok(exit.kind === 'stage2' && exit.access === 'read');
  assert.equal(exit.ipa, 0x1_0000_0000);
  assert.equal((exit.esr >>> 7) & 1, 1, 'S1PTW');
  assert.equal(exit.syndrome, undefined);
});

test('code on two virtual pages of one physical page', () => {
  const guest = new Guest();
  const { low } = guest.enableMmu();
  guest.map(low, VA, DATA, PAGE | PTE.readOnly);
  guest.map(low, VA + 0x10_0000n, DATA, PAGE | PTE.readOnly);
  guest.put(DATA, 'adr x0, .\nadrp x2, .\nret');
  const { vcpu } = guest;
  vcpu.setX(1, VA);
  assert.equal(
    guest.run('blr x1\nmov x3, x0\nmov x4, x2\nadd x1, x1, #0x100, lsl #12\nblr x1\nhvc #0').kind,
    'hvc',
  );
  assert.deepEqual(
    [3, 4, 0, 2].map((n) => vcpu.x(n)),
    [VA, VA, VA + 0x10_0000n, VA + 0x10_0000n],
  );
  assert.equal(VECTORS % 0x800, 0);
});
