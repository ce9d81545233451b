import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset } from '../../../test/support/devices.ts';
import {
  CONF,
  DwmacDriver,
  frameTo,
  MODE,
  OWN,
  OWN_ADDRESS,
  PEER_ADDRESS,
  R,
  RAM_BASE,
  RAM_BYTES,
  RX,
  STATUS,
  TX,
} from '../../../test/support/dwmac-driver.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { crc32 } from '../../base/index.ts';
import { CHECKSUM_INSERTION, insertChecksums } from './checksum.ts';

const [TRANSMIT, RECEIVE, BUFFER] = [RAM_BASE, RAM_BASE + 0x1000, RAM_BASE + 0x4000];
const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** A ring of receive descriptors with a buffer of so many bytes each. */
function receiveRing(driver: DwmacDriver, count: number, bufferBytes = 1536, control = 0): void {
  for (let index = 0; index < count; index += 1) {
    const end = index === count - 1 ? RX.END : 0;
    const addr = RECEIVE + 16 * index;
    driver.descriptor(addr, OWN, bufferBytes | end | control, BUFFER + 0x800 * index, 0);
  }
}

test('reset values, every offset, state', () => {
  const { mac } = new DwmacDriver();
  assert.equal(mac.read(0x20, 4), 0x1137);
  assert.equal(mac.read(R.Bus_Mode, 4), 0x0002_0100);
  assert.equal(mac.read(R.HW_Feature, 4), 0x100d_0113);
  assert.deepEqual([mac.read(0x40, 4), mac.read(0x44, 4)], [0x8000_ffff, 0xffff_ffff]);
  assert.equal(mac.read(R.Status, 4), 0);
  touchEveryOffset(mac);
  checkResetAndState(() => new DwmacDriver().mac);
});

test('the management interface reaches the PHY; a software reset is over at once and leaves it alone', () => {
  const driver = new DwmacDriver();
  assert.equal(driver.manage(2), 0x001c);
  driver.manage(0, 0x1940);
  assert.equal(driver.read(R.RGMII), 0, 'powered down');
  driver.write(R.Bus_Mode, 1);
  assert.equal(driver.read(R.Bus_Mode), 0x0002_0100);
  assert.equal(driver.manage(0), 0x1940);
  driver.manage(0, 0x1140);
  assert.equal(driver.read(R.RGMII), 0xd);
});

test('a frame in segments over two descriptors and both buffers; interrupt, ownership, suspension, the ring', () => {
  const driver = new DwmacDriver();
  const frame = frameTo(BROADCAST, 200);
  driver.place(BUFFER, frame.subarray(0, 50));
  driver.place(BUFFER + 0x100, frame.subarray(50, 70));
  driver.place(BUFFER + 0x200, frame.subarray(70));
  driver.start();
  assert.equal(driver.read(R.Status) & 0x0070_0004, 0x0060_0004, 'suspended: nothing is owned');
  driver.write(R.Status, STATUS.TU);
  driver.descriptor(TRANSMIT, OWN, TX.FS | 50 | (20 << 11), BUFFER, BUFFER + 0x100);
  driver.descriptor(TRANSMIT + 16, OWN, TX.LS | TX.IC | TX.END | 144, BUFFER + 0x200, 0);
  driver.write(R.Transmit_Poll_Demand, 1);
  assert.deepEqual([driver.word(TRANSMIT), driver.word(TRANSMIT + 16)], [0, 0]);
  assert.equal(driver.read(R.Current_Transmit), TRANSMIT, 'round the ring');
  assert.equal(driver.heard.length, 0);
  driver.settle();
  assert.deepEqual(driver.heard, [frame]);
  assert.ok(driver.irq.level);
  assert.equal(driver.read(R.Status) & 0x1_ffff, STATUS.NIS | STATUS.TI | STATUS.TU | 0x400);
  driver.write(R.Status, 0x1_ffff);
  assert.equal(driver.irq.level, false);
});

test('chained descriptors; short frames are padded unless that is disabled; an own FCS must be right', () => {
  const driver = new DwmacDriver();
  const short = frameTo(BROADCAST, 10);
  driver.place(BUFFER, short);
  const whole = frameTo(BROADCAST, 60);
  const fcs = new Uint8Array(4);
  new DataView(fcs.buffer).setUint32(0, crc32(whole), true);
  driver.place(BUFFER + 0x100, [...whole, ...fcs]);
  driver.place(BUFFER + 0x200, [...whole, 1, 2, 3, 4]);
  const chain = (at: number, next: number, control: number, buffer: number) =>
    driver.descriptor(at, OWN, TX.FS | TX.LS | TX.CHAIN | control, buffer, next);
  chain(TRANSMIT, TRANSMIT + 0x80, 24, BUFFER);
  chain(TRANSMIT + 0x80, TRANSMIT + 0x40, TX.DP | 24, BUFFER);
  chain(TRANSMIT + 0x40, TRANSMIT + 0x20, TX.DC | 78, BUFFER + 0x100);
  chain(TRANSMIT + 0x20, TRANSMIT, TX.DC | 78, BUFFER + 0x200);
  driver.start();
  driver.settle();
  assert.equal(driver.read(R.Current_Transmit), TRANSMIT);
  assert.deepEqual(
    driver.heard.map(({ length }) => length),
    [60, 74],
  );
  assert.deepEqual(driver.heard[0]?.subarray(0, 24), short);
  assert.ok(driver.heard[0]?.subarray(24).every((byte) => byte === 0));
});

test('more frames than the wire holds wait for room, and none is lost', () => {
  const driver = new DwmacDriver();
  driver.place(BUFFER, frameTo(BROADCAST, 1000));
  for (let index = 0; index < 200; index += 1) {
    const control = TX.FS | TX.LS | (index === 199 ? TX.END : 0);
    driver.descriptor(TRANSMIT + 16 * index, OWN, control | 1014, BUFFER, 0);
  }
  driver.start();
  assert.equal(driver.word(TRANSMIT + 16 * 199), OWN, 'not yet');
  driver.settle();
  assert.equal(driver.heard.length, 200);
  assert.equal(driver.word(TRANSMIT + 16 * 199), 0);
});

test('a received frame has its FCS behind it, over two descriptors, and their status says so', () => {
  const driver = new DwmacDriver();
  receiveRing(driver, 3, 100);
  driver.start();
  const frame = frameTo(OWN_ADDRESS, 130);
  driver.hear(frame);
  assert.equal(driver.irq.level, false);
  driver.settle();
  assert.ok(driver.irq.level);
  assert.equal(driver.word(RECEIVE), 0x200, 'first');
  assert.equal(driver.word(RECEIVE + 16), (148 << 16) | 0x100 | 0x20, 'last, length, typed');
  const stored = [...driver.bytes(BUFFER, 100), ...driver.bytes(BUFFER + 0x800, 48)];
  assert.deepEqual(stored.slice(0, 144), [...frame]);
  assert.equal(crc32(Uint8Array.from(stored)), 0x2144_df1c, 'the residue of a frame with a good FCS');
  assert.equal(driver.read(R.Current_Receive), RECEIVE + 32);
  assert.equal(driver.read(R.Status) & 0x000e_0000, 3 << 17, 'waiting for frames');
});

test('frames for which there is no descriptor are missed and counted, or wait in the FIFO, which overflows', () => {
  const driver = new DwmacDriver();
  receiveRing(driver, 1);
  driver.start();
  for (let count = 0; count < 4; count += 1) driver.hear(frameTo(OWN_ADDRESS, 100));
  driver.settle();
  assert.equal(driver.read(R.Missed), 3);
  assert.equal(driver.read(R.Missed), 0, 'reading clears it');
  assert.equal(driver.read(R.Status) & (0x000e_0000 | STATUS.RU), (4 << 17) | STATUS.RU);

  const patient = new DwmacDriver(2048);
  patient.start({ mode: MODE.DFF });
  for (let count = 0; count < 4; count += 1) patient.hear(frameTo(OWN_ADDRESS, 800));
  patient.settle();
  assert.equal(patient.read(R.Missed), 2 << 17, 'two find room in 2 KiB');
  assert.ok((patient.read(R.Status) & STATUS.OVF) !== 0);
  receiveRing(patient, 2);
  patient.write(R.Receive_Poll_Demand, 1);
  assert.deepEqual([patient.word(RECEIVE) & OWN, patient.word(RECEIVE + 16) & OWN], [0, 0]);
});

test('a frame whose rest has no place ends with a descriptor error', () => {
  const driver = new DwmacDriver();
  driver.descriptor(RECEIVE, OWN, 64, BUFFER, 0);
  driver.start();
  driver.hear(frameTo(OWN_ADDRESS, 100));
  driver.settle();
  assert.equal(driver.word(RECEIVE), (64 << 16) | 0x8000 | 0x4000 | 0x300 | 0x20);
});

test('a frame beyond the watchdog is dropped and told, or forwarded with its error; without the watchdog it is good', () => {
  const received = (configuration: number, mode: number) => {
    const driver = new DwmacDriver();
    receiveRing(driver, 4, 1536);
    driver.start({ configuration, mode });
    driver.hear(frameTo(OWN_ADDRESS, 2500));
    driver.settle();
    const watchdog = (driver.read(R.Status) & 0x200) !== 0;
    return [watchdog, driver.word(RECEIVE) >= OWN, driver.word(RECEIVE + 16) & 0x3fff_8010];
  };
  assert.deepEqual(received(0, 0), [true, true, 0]);
  assert.deepEqual(received(0, 1 << 7), [true, false, (2048 << 16) | 0x8010]);
  assert.deepEqual(received(1 << 23, 0), [false, false, 2518 << 16]);
  const driver = new DwmacDriver();
  receiveRing(driver, 1);
  driver.start();
  driver.hear(frameTo(OWN_ADDRESS, 60));
  driver.settle();
  assert.equal(driver.read(R.Current_Receive + 8), BUFFER);
});

test('an interrupt that descriptors disable comes by the watchdog', () => {
  const driver = new DwmacDriver();
  receiveRing(driver, 4, 1536, RX.DIC);
  driver.start();
  driver.write(R.Watchdog, 100);
  driver.hear(frameTo(OWN_ADDRESS, 100));
  driver.settle(100_000);
  assert.equal(driver.word(RECEIVE) & OWN, 0);
  assert.equal(driver.irq.level, false);
  driver.settle(100_000);
  assert.ok(driver.irq.level);
});

test('an interrupt that is masked shows when it is enabled', () => {
  const driver = new DwmacDriver();
  receiveRing(driver, 2);
  driver.start();
  driver.write(R.Interrupt_Enable, STATUS.NIS);
  driver.hear(frameTo(OWN_ADDRESS, 100));
  driver.settle();
  assert.equal(driver.irq.level, false);
  assert.equal(driver.read(R.Status) & (STATUS.RI | STATUS.NIS), STATUS.RI);
  driver.write(R.Interrupt_Enable, STATUS.NIS | STATUS.RI);
  assert.ok(driver.irq.level);
});

test('filters: own address, broadcast, hash of groups, all groups, everything, and what was filtered but is wanted', () => {
  const group = [0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb];
  const foreign = [0x02, 9, 9, 9, 9, 9];
  const pause = [0x01, 0x80, 0xc2, 0, 0, 1];
  const accepted = (filter: number, hash: readonly [number, number] = [0, 0]) => {
    const driver = new DwmacDriver();
    receiveRing(driver, 8);
    driver.start({ filter });
    driver.write(R.Hash_Table_High, hash[0]);
    driver.write(R.Hash_Table_Low, hash[1]);
    for (const address of [OWN_ADDRESS, BROADCAST, group, foreign]) driver.hear(frameTo(address, 100));
    driver.hear(frameTo(pause, 46, 0x8808));
    driver.settle();
    return Array.from({ length: 8 }, (_, index) => driver.word(RECEIVE + 16 * index))
      .map((status, index) => ({ status, to: [...driver.bytes(BUFFER + 0x800 * index, 6)] }))
      .filter(({ status }) => (status & OWN) === 0);
  };
  const names = (filter: number, hash?: readonly [number, number]) =>
    accepted(filter, hash).map(({ to }) => {
      const index = [OWN_ADDRESS, BROADCAST, group, foreign, pause].findIndex(
        (known) => `${known}` === `${to}`,
      );
      return ['own', 'broadcast', 'group', 'foreign', 'pause'][index];
    });
  assert.deepEqual(names(0), ['own', 'broadcast']);
  assert.deepEqual(names(1 << 5), ['own'], 'no broadcast');
  assert.deepEqual(names(1 << 4), ['own', 'broadcast', 'group']);
  // As Linux computes it, bitrev32(~crc32_le(~0, address, 6)) >> 26: 48 for 01:00:5e:00:00:fb.
  const table = [0x10000, 0] as const;
  assert.deepEqual(names((1 << 2) | (1 << 10), table), ['own', 'broadcast', 'group']);
  assert.deepEqual(names((1 << 2) | (1 << 10), [0, 0]), ['own', 'broadcast']);
  assert.deepEqual(names(1), ['own', 'broadcast', 'group', 'foreign']);
  assert.deepEqual(names(1 | (2 << 6)), ['own', 'broadcast', 'group', 'foreign', 'pause']);
  assert.deepEqual(names(1 << 3), ['broadcast', 'group', 'foreign'], 'inverse');
  const all = accepted(0x8000_0000);
  assert.equal(all.length, 5);
  assert.equal((all[3]?.status ?? 0) & 0x4000_0000, 0x4000_0000, 'the filter says no');
});

test('checksums: inserted as the descriptor asks, checked where the driver asks, bad ones dropped unless it wants them', () => {
  const ip = [0x45, 0, 0, 60, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
  const packet = Uint8Array.from([...OWN_ADDRESS, ...PEER_ADDRESS, 8, 0, ...ip, ...new Array(40).fill(0x5a)]);
  const good = packet.slice();
  insertChecksums(good, CHECKSUM_INSERTION.full);
  const sender = new DwmacDriver();
  sender.place(BUFFER, packet);
  sender.descriptor(TRANSMIT, OWN, TX.FS | TX.LS | TX.CIC | packet.length, BUFFER, 0);
  sender.start();
  sender.settle();
  assert.deepEqual(sender.heard, [good]);

  const statuses = (configuration: number, mode: number) => {
    const driver = new DwmacDriver();
    receiveRing(driver, 4);
    driver.start({ configuration, mode });
    const bad = good.slice();
    bad[60] = 0;
    for (const frame of [good, bad, frameTo(OWN_ADDRESS, 60)]) driver.hear(frame);
    driver.settle();
    const words = [0, 1, 2].map((index) => driver.word(RECEIVE + 16 * index));
    return words.filter((word) => (word & OWN) === 0).map((word) => word & 0x80a1);
  };
  assert.deepEqual(statuses(0, 0), [0x20, 0x20, 0x20], 'not asked for');
  assert.deepEqual(statuses(CONF.IPC, 0), [0x20, 0x81]);
  assert.deepEqual(statuses(CONF.IPC, MODE.DT), [0x20, 0x8021, 0x81]);
});

test('lengths beyond RAM and addresses in devices: a bus error, and nothing more until a reset', () => {
  for (const words of [
    [TX.FS | TX.LS | 2000, RAM_BASE + RAM_BYTES - 1000],
    [TX.FS | TX.LS | 100, 0xff80_3000],
  ] as const) {
    const driver = new DwmacDriver();
    driver.descriptor(TRANSMIT, OWN, ...words, 0);
    driver.start();
    assert.equal(driver.read(R.Status) & 0x03f0_a000, 0x0180_a000, 'transmit, read, data; stopped');
    assert.ok(driver.irq.level);
    driver.write(R.Transmit_Poll_Demand, 1);
    assert.equal(driver.missed, 1);
    driver.write(R.Bus_Mode, 1);
    assert.equal(driver.irq.level, false);
  }
  const lost = new DwmacDriver();
  lost.start({ receive: 0x100 });
  lost.hear(frameTo(OWN_ADDRESS, 60));
  lost.settle();
  assert.equal(lost.read(R.Status) & 0x038e_2000, 0x0300_2000, 'receive, read, descriptor; stopped');
  const target = new DwmacDriver();
  target.descriptor(RECEIVE, OWN, 1536, RAM_BASE + RAM_BYTES - 10, 0);
  target.start();
  target.hear(frameTo(OWN_ADDRESS, 60));
  target.settle();
  assert.equal(target.read(R.Status) & 0x0380_2000, 0x2000, 'receive, write, data');
  assert.ok(target.guardsHold);
});

test('loops: descriptors that lead to themselves, without buffers, over their own list', () => {
  const driver = new DwmacDriver();
  driver.descriptor(TRANSMIT, OWN, TX.FS | TX.CHAIN | 16, TRANSMIT, TRANSMIT);
  driver.descriptor(RECEIVE, OWN, RX.CHAIN, 0, RECEIVE);
  driver.start();
  driver.hear(frameTo(OWN_ADDRESS, 60));
  driver.settle();
  assert.deepEqual([driver.word(TRANSMIT), driver.word(RECEIVE) & OWN], [0, 0]);
  // A whole RAM of segments without an end is cut off by the jabber timer, and taken in turns.
  const endless = new DwmacDriver();
  for (let at = 0; at < RAM_BYTES; at += 16) endless.descriptor(RAM_BASE + at, OWN, TX.FS, 0, 0);
  endless.start({ receive: 0 });
  assert.equal(endless.word(RAM_BASE + RAM_BYTES - 16), OWN, 'more than one turn does');
  endless.settle();
  assert.equal(endless.word(RAM_BASE + RAM_BYTES - 16), 0);
  const jabber = new DwmacDriver();
  for (let index = 0; index < 9; index += 1)
    jabber.descriptor(
      TRANSMIT + 16 * index,
      OWN,
      (index === 0 ? TX.FS : 0) | 0x7ff | (0x7ff << 11),
      BUFFER,
      BUFFER,
    );
  jabber.start({ configuration: CONF.JD });
  assert.equal(jabber.read(R.Status) & 0x0070_000a, STATUS.TJT | STATUS.TPS);
  assert.equal(jabber.word(TRANSMIT + 16 * 4), 0xc000);
});

test('a reset while frames are under way, and a list changed under the DMA', () => {
  const driver = new DwmacDriver();
  receiveRing(driver, 2);
  driver.descriptor(TRANSMIT, OWN, TX.FS | 60, BUFFER, 0);
  driver.start();
  driver.hear(frameTo(OWN_ADDRESS, 60));
  driver.write(R.Bus_Mode, 1);
  driver.settle();
  assert.equal(driver.word(RECEIVE), OWN, 'the frame came while the receiver was off');
  driver.descriptor(TRANSMIT + 16, OWN, TX.LS | 60, BUFFER, 0);
  driver.start();
  driver.write(R.Transmit_List, TRANSMIT + 16);
  driver.write(R.Transmit_Poll_Demand, 1);
  driver.settle();
  assert.equal(driver.heard.length, 1, 'half a frame was forgotten');
  assert.equal(driver.heard[0]?.length, 60);
});

test('loopback; off without a link; a state in the middle of a frame carries over', () => {
  const driver = new DwmacDriver();
  receiveRing(driver, 4);
  driver.place(BUFFER + 0x3000, frameTo(OWN_ADDRESS, 60));
  driver.descriptor(TRANSMIT, OWN, TX.FS | TX.LS | TX.END | 74, BUFFER + 0x3000, 0);
  driver.start({ configuration: CONF.LM });
  driver.settle();
  assert.equal(driver.heard.length, 0);
  assert.equal(driver.word(RECEIVE) & OWN, 0);
  driver.write(R.MAC_Configuration, CONF.RE | CONF.TE);
  driver.manage(0, 0x1940);
  driver.descriptor(TRANSMIT, OWN, TX.FS | TX.LS | TX.END | 74, BUFFER + 0x3000, 0);
  driver.write(R.Transmit_Poll_Demand, 1);
  driver.settle();
  assert.deepEqual([driver.word(TRANSMIT), driver.heard.length], [0, 0], 'sent into nothing');

  const [half, rest] = [new DwmacDriver(), new DwmacDriver()];
  const frame = frameTo(BROADCAST, 100);
  for (const each of [half, rest]) each.place(BUFFER, frame);
  half.descriptor(TRANSMIT, OWN, TX.FS | 40, BUFFER, 0);
  half.start();
  loadSaved(rest.mac.saved, savedCopy(half.mac.saved));
  rest.descriptor(TRANSMIT + 16, OWN, TX.LS | 74, BUFFER + 40, 0);
  rest.write(R.Transmit_Poll_Demand, 1);
  rest.settle();
  assert.deepEqual(rest.heard, [frame]);
});
