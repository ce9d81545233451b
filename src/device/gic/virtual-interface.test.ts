import assert from 'node:assert/strict';
import { test } from 'node:test';
import { touchEveryOffset } from '../../../test/support/devices.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { Gicv } from './gicv.ts';
import { iccName, readIcc, writeIcc } from './icc.ts';
import { LR_STATE, SPURIOUS_INTID, VirtualCpuInterface } from './virtual-interface.ts';

const [CTLR, PMR, IAR, EOIR, RPR, HPPIR, DIR] = [0x00, 0x04, 0x0c, 0x10, 0x14, 0x18, 0x1000];

function guestReady() {
  const cpu = new VirtualCpuInterface();
  const gicv = new Gicv(() => cpu);
  gicv.write(PMR, 0xf0, 4);
  gicv.write(CTLR, 1, 4);
  return { cpu, gicv };
}

const spi = (virtualId: number, priority: number) => ({ virtualId, priority, group: 0, eoi: true }) as const;

test('one interrupt from list register to maintenance', () => {
  const { cpu, gicv } = guestReady();
  assert.equal(gicv.read(IAR, 4), SPURIOUS_INTID);
  cpu.load(0, spi(225, 0xa0));
  assert.equal(cpu.irq, true);
  assert.equal(gicv.read(HPPIR, 4), 225);
  assert.equal(gicv.read(IAR, 4), 225);
  assert.equal(cpu.irq, false);
  assert.equal(gicv.read(RPR, 4), 0xa0);
  assert.equal(cpu.maintenancePending, false);
  gicv.write(EOIR, 225, 4);
  assert.equal(gicv.read(RPR, 4), 0xff);
  assert.deepEqual(cpu.ended, [0]);
  cpu.clearEnded(0);
  assert.equal(cpu.maintenancePending, false);
});

test('priorities: mask, preemption by a more urgent one, none by an equal one', () => {
  const { cpu, gicv } = guestReady();
  gicv.write(PMR, 0x80, 4);
  cpu.load(0, spi(40, 0x80));
  assert.equal(cpu.irq, false, 'a priority equal to the mask is masked');
  gicv.write(PMR, 0xf0, 4);
  assert.equal(gicv.read(IAR, 4), 40);
  cpu.load(1, spi(41, 0x80));
  assert.equal(cpu.irq, false, 'equal does not preempt');
  cpu.load(2, spi(42, 0x40));
  assert.equal(cpu.irq, true);
  assert.equal(gicv.read(IAR, 4), 42);
  gicv.write(EOIR, 42, 4);
  assert.equal(gicv.read(RPR, 4), 0x80);
  gicv.write(EOIR, 40, 4);
  assert.equal(gicv.read(IAR, 4), 41);
});

test('EOImode splits priority drop from deactivation', () => {
  const { cpu, gicv } = guestReady();
  gicv.write(CTLR, 0x201, 4);
  cpu.load(0, spi(50, 0xa0));
  gicv.read(IAR, 4);
  gicv.write(EOIR, 50, 4);
  assert.equal(cpu.listRegisters[0]?.state, LR_STATE.ACTIVE);
  gicv.write(DIR, 50, 4);
  assert.deepEqual(cpu.ended, [0]);
});

test('a guest that ends what never was, or acknowledges without end, changes nothing', () => {
  const { cpu, gicv } = guestReady();
  cpu.load(0, spi(60, 0xa0));
  const before = savedCopy(cpu.saved);
  gicv.write(EOIR, 61, 4);
  gicv.write(EOIR, 1023, 4);
  gicv.write(DIR, 60, 4);
  assert.deepEqual(savedCopy(cpu.saved), before);
  assert.equal(gicv.read(IAR, 4), 60);
});

test('group 1 is not for GICV_IAR without AckCtl', () => {
  const { cpu, gicv } = guestReady();
  gicv.write(CTLR, 3, 4);
  cpu.load(0, { virtualId: 70, priority: 0xa0, group: 1, eoi: false });
  assert.equal(gicv.read(IAR, 4), 1022);
  gicv.write(CTLR, 7, 4);
  assert.equal(gicv.read(IAR, 4), 70);
});

test('every offset of GICV; state', () => {
  const { cpu, gicv } = guestReady();
  touchEveryOffset(gicv);
  const copy = new VirtualCpuInterface();
  loadSaved(copy.saved, savedCopy(cpu.saved));
  assert.deepEqual(copy.saved.save(), cpu.saved.save());
  copy.reset();
  assert.deepEqual(copy.saved.save(), new VirtualCpuInterface().saved.save());
});

test('the system registers are the same interface', () => {
  const at = (crn: number, crm: number, op2: number) => ({ op0: 3, op1: 0, crn, crm, op2 });
  const cpu = new VirtualCpuInterface();
  cpu.fiqEnable = true;
  assert.equal(writeIcc(cpu, at(4, 6, 0), 0xffn), 'done');
  assert.equal(readIcc(cpu, at(4, 6, 0)), 0xf8n, 'five bits of priority');
  assert.equal(writeIcc(cpu, at(12, 12, 7), 1n), 'done');
  cpu.load(3, { virtualId: 27, priority: 0xa0, group: 1, eoi: true });
  assert.deepEqual([cpu.irq, cpu.fiq], [true, false]);
  assert.equal(readIcc(cpu, at(12, 12, 0)), 27n);
  assert.equal(writeIcc(cpu, at(12, 12, 1), 27n), 'done');
  assert.deepEqual(cpu.ended, [3]);
  assert.equal(writeIcc(cpu, at(12, 11, 5), 0n), 'trap');
  assert.equal(iccName(at(12, 11, 5)), 'ICC_SGI1R_EL1');
  assert.equal(writeIcc(cpu, at(12, 12, 0), 0n), 'undefined', 'read-only');
  assert.equal(readIcc(cpu, at(12, 13, 0)), 'undefined');
});
