/** Bare-metal guests: why and where a vCPU leaves, budgets, snapshots, several vCPUs, the edges of RAM. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSaved, savedCopy, savedProblems } from '../support/saved.ts';
import { CODE, DATA, Guest, PTE, RAM } from './guest.ts';

test('exits say where and why', () => {
  const guest = new Guest({
    systemRegisters: {
      read: (_, { crn, crm, op2 }) => (crn === 12 && crm === 12 && op2 === 0 ? 0x21n : 'trap'),
      write: (_, { crm }) => (crm === 12 ? 'done' : 'trap'),
    },
  });
  const { vcpu } = guest;
  const smc = guest.run('ldr x0, =0x84000000\nsmc #3\nhvc #4');
  assert.deepEqual([smc, vcpu.pc], [{ kind: 'smc', immediate: 3, esr: 0x5e00_0003 }, BigInt(CODE + 4)]);
  vcpu.skipInstruction();
  const hvc = vcpu.run(10);
  assert.deepEqual([hvc, vcpu.pc], [{ kind: 'hvc', immediate: 4, esr: 0x5a00_0004 }, BigInt(CODE + 12)]);

  vcpu.pc = BigInt(CODE);
  const fault = guest.run('mov x1, #0x9000000\nldrsh x2, [x1, #6]\nmov w3, #0x1ff\nstrb w3, [x1]\nhvc #0');
  assert.ok(fault.kind === 'stage2');
  assert.deepEqual(
    {
      ipa: fault.ipa,
      access: fault.access,
      esr: fault.esr,
      permission: fault.permission,
      syndrome: fault.syndrome,
    },
    {
      ipa: 0x900_0006,
      access: 'read',
      esr: 0x9362_8007,
      permission: false,
      syndrome: { sizeBytes: 2, signExtend: true, srt: 2, sixtyFour: true },
    },
  );
  vcpu.completeRead(fault, 0x8001n);
  assert.equal(vcpu.x(2), 0xffff_ffff_ffff_8001n);
  const store = vcpu.run(10);
  assert.ok(store.kind === 'stage2' && store.access === 'write');
  assert.equal(store.value, 0xffn);
  vcpu.injectExternalAbort(store);
  assert.ok(vcpu.run(10).kind === 'hvc');
  assert.deepEqual([guest.fault().ec, guest.fault().iss, guest.fault().far], [0x25, 0x50, 0x900_0000n]);

  vcpu.pc = BigInt(CODE);
  vcpu.setX(4, 0x55n);
  const trap = guest.run('mrs x5, s3_0_c12_c12_0\nmsr s3_0_c12_c12_1, x4\nmsr s3_0_c12_c11_5, x4\nhvc #0');
  assert.ok(trap.kind === 'system-register');
  assert.equal(vcpu.x(5), 0x21n);
  assert.deepEqual([trap.direction, trap.rt, trap.value, trap.register.op2], ['write', 4, 0x55n, 5]);
  assert.equal(trap.esr >>> 26, 0x18);

  guest.stage2.mapRam(0x800_0000, 0x1000, guest.ram.offset, { read: true, write: false, execute: false });
  vcpu.pc = BigInt(CODE);
  const readOnly = guest.run('mov x1, #0x8000000\nldr w2, [x1]\nstr w2, [x1]');
  assert.ok(readOnly.kind === 'stage2' && readOnly.permission && readOnly.access === 'write');
  vcpu.pc = 0x800_0000n;
  const fetch = vcpu.run(10);
  assert.ok(fetch.kind === 'stage2' && fetch.access === 'execute' && fetch.permission);
  vcpu.pc = BigInt(CODE);
  const halt = guest.run('hlt #9');
  assert.deepEqual(halt, { kind: 'halt', immediate: 9 });
  vcpu.pc = BigInt(CODE);
  assert.equal(guest.run('yield\nhvc #0').kind, 'wfe');
  vcpu.pc = BigInt(CODE);
  assert.equal(guest.run('wfe\nhvc #0').kind, 'wfe');
  vcpu.pc = BigInt(CODE);
  assert.equal(guest.run('sev\nwfe\nhvc #0').kind, 'hvc');
  vcpu.pc = BigInt(CODE);
  assert.equal(guest.run('sevl\nwfe\nhvc #0').kind, 'hvc');
});

test('YIELD goes on where nobody wants the turn, unless the budget is used up', () => {
  const guest = new Guest();
  const { vcpu } = guest;
  vcpu.turnWanted = false;
  assert.equal(guest.run('nop\nhvc #0').kind, 'hvc');
  assert.equal(vcpu.yielded, false);
  vcpu.pc = BigInt(CODE);
  // As elsewhere, what was marked for exclusive access before the turn is not any more after it.
  assert.equal(guest.run('ldr x1, =0x40200000\nldxr x2, [x1]\nyield\nstxr w3, x2, [x1]\nhvc #0').kind, 'hvc');
  assert.equal(vcpu.yielded, true);
  assert.equal(vcpu.x(3), 1n);
  vcpu.pc = BigInt(CODE);
  assert.equal(guest.run('nop\nyield\nnop\nyield\nhvc #0', 4).kind, 'wfe');
  assert.equal(vcpu.pc, BigInt(CODE + 16));
  const [other, third] = new Guest({ vcpuCount: 2 }).cluster.vcpus;
  assert.deepEqual([other?.turnWanted, third?.turnWanted], [true, true]);
});

test('a budget stops at the same instruction every time, and a stop can be asked for', () => {
  const loop = 'mov x0, #0\n1: add x0, x0, #1\nadd x1, x0, #2\nb 1b';
  const states = [100, 100].map((budget) => {
    const guest = new Guest();
    assert.equal(guest.run(loop, budget).kind, 'budget');
    return [guest.vcpu.pc, guest.vcpu.x(0), guest.vcpu.retired];
  });
  assert.deepEqual(states[0], states[1]);
  assert.equal(states[0]?.[2], 100);
  const guest = new Guest();
  guest.stage2.mapDevice(
    0x900_0000,
    0x1000,
    { read: true, write: true, execute: false },
    {
      read: () => 0,
      write: (_ipa, _size, _value, vcpu) => vcpu.requestStop(),
    },
  );
  assert.equal(
    guest.run('mov x1, #0x9000000\nstr w0, [x1]\n1: add x2, x2, #1\nb 1b', 1_000_000).kind,
    'budget',
  );
  assert.ok(guest.vcpu.retired < 10);
  assert.equal(guest.vcpu.run(1000).kind, 'budget');
  assert.ok(guest.vcpu.retired >= 1000, 'the next run is not stopped by it');
});

test('a vector that is not mapped gives the host its thread back', () => {
  const guest = new Guest();
  guest.vcpu.setSystem('VBAR_EL1', 0xdead_0000n);
  guest.enableMmu();
  assert.equal(guest.run('svc #0', 1000).kind, 'budget');
});

test('a snapshot goes on as the run that it was taken from', () => {
  const source = `
    ldr x1, =${DATA}
    mov x0, #0
  1: add x0, x0, #1
    str x0, [x1, x0, lsl #3]
    eor x2, x2, x0, lsl #7
    fmov d1, x2
    adds x3, x3, x2
    b 1b`;
  const guest = new Guest();
  guest.run(source, 5000);
  const snapshot = savedCopy(guest.cluster.saved);
  guest.vcpu.run(5000);
  const first = savedCopy(guest.cluster.saved);
  loadSaved(guest.cluster.saved, snapshot);
  guest.vcpu.run(5000);
  assert.deepEqual(savedCopy(guest.cluster.saved), first);
  const other = new Guest();
  loadSaved(other.cluster.saved, snapshot);
  other.vcpu.run(5000);
  assert.deepEqual(savedCopy(other.cluster.saved), first);
  const two = new Guest({ vcpuCount: 2 });
  assert.deepEqual(savedProblems(two.cluster.saved, snapshot), ['vcpus: a list of 2, not a list of 1']);
});

test('vCPUs share memory and take turns', () => {
  const guest = new Guest({ vcpuCount: 2 });
  const [a, b] = guest.cluster.vcpus;
  assert.ok(a !== undefined && b !== undefined);
  guest.put(
    CODE,
    `
    ldr x1, =${DATA}
    mov x0, #1000
  1: ldaxr x2, [x1]
    add x2, x2, #1
    stlxr w3, x2, [x1]
    cbnz w3, 1b
    ldadd x0, x4, [x1, #0]
    neg x5, x0
    ldadd x5, x4, [x1]
    subs x0, x0, #1
    b.ne 1b
    mrs x6, mpidr_el1
    hvc #0`.replace('[x1, #0]', '[x1]'),
  );
  const done = new Set<number>();
  for (let turn = 0; done.size < 2 && turn < 10_000; turn++) {
    for (const vcpu of [a, b]) {
      if (!done.has(vcpu.index) && vcpu.run(7 + (turn % 5)).kind === 'hvc') done.add(vcpu.index);
    }
  }
  assert.equal(guest.long(DATA), 2000n);
  assert.deepEqual([a.x(6), b.x(6)], [0x8000_0000n, 0x8000_0001n]);
});

test('RAM ends where it says', () => {
  const guest = new Guest();
  const exit = guest.run(`ldr x1, =${RAM + 0x40_0000}\nldr x0, [x1, #-8]\nldr x0, [x1]`);
  assert.ok(exit.kind === 'stage2' && exit.ipa === RAM + 0x40_0000);
});

test('TLBI reaches the other vCPUs where it says so', () => {
  const guest = new Guest({ vcpuCount: 2 });
  const [a, b] = guest.cluster.vcpus;
  assert.ok(a !== undefined && b !== undefined);
  const { low } = guest.enableMmu();
  for (const name of ['TTBR0_EL1', 'TTBR1_EL1', 'TCR_EL1', 'SCTLR_EL1']) b.setSystem(name, a.system(name));
  const va = 0x7f_0000_0000n;
  const entry = guest.map(low, va, DATA, PTE.page | PTE.accessFlag);
  guest.setLong(DATA, 1n);
  guest.setLong(DATA + 0x1000, 2n);
  guest.put(CODE, 'ldr x2, [x1]\nhvc #0\nldr x3, [x1]\nhvc #0\nldr x4, [x1]\nhvc #0');
  guest.put(CODE + 0x1000, 'tlbi vae1, x4\nhvc #0\ntlbi vae1is, x4\nhvc #0');
  b.setX(1, va);
  a.setX(4, va >> 12n);
  a.pc = BigInt(CODE + 0x1000);
  b.run(10);
  guest.setLong(entry, BigInt(DATA + 0x1000) | PTE.page | PTE.accessFlag);
  a.run(10);
  b.run(10);
  a.run(10);
  b.run(10);
  assert.deepEqual([b.x(2), b.x(3), b.x(4)], [1n, 1n, 2n]);
});

test('RAM beyond 2 GiB', () => {
  const guest = new Guest({ ramSizesBytes: [0x40_0000, 0xb000_0000] });
  const [, large] = guest.cluster.ram;
  assert.ok(large !== undefined);
  guest.stage2.mapRam(0x1_0000_0000, large.sizeBytes, large.offset, {
    read: true,
    write: true,
    execute: true,
  });
  const top = 0x1_0000_0000 + large.sizeBytes - 8;
  const exit = guest.run(`
    ldr x1, =${top}
    ldr x2, =0x1122334455667788
    str x2, [x1]
    ldr x3, [x1]
    ldr w4, =0xd4000842
    str w4, [x1, #-4]
    sub x5, x1, #4
    br x5`);
  assert.ok(exit.kind === 'hvc' && exit.immediate === 0x42);
  assert.equal(guest.vcpu.x(3), 0x1122_3344_5566_7788n);
});

test('pages of code count how often they are entered', () => {
  const guest = new Guest();
  guest.put(CODE + 0x2000, 'ret');
  guest.put(CODE, `mov x9, #100\n1: ldr x1, =${CODE + 0x2000}\nblr x1\nsubs x9, x9, #1\nb.ne 1b\nhvc #0`);
  assert.equal(guest.vcpu.run(10_000).kind, 'hvc');
  assert.deepEqual(guest.cluster.hotPages(), [
    { ramOffset: guest.ram.offset, entries: 101 },
    { ramOffset: guest.ram.offset + 0x2000, entries: 100 },
  ]);
});
