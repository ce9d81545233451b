import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkResetAndState, touchEveryOffset } from '../../../test/support/devices.ts';
import {
  cmdCfg,
  END_OF_CHAIN,
  identify,
  lastCfg,
  MMC_BASE,
  memoryStore,
  mmcBench,
  RAM_BASE,
  RAM_BYTES,
  ready,
} from '../../../test/support/mmc-bench.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { SteppedClock } from '../clock.ts';
import { UNCONNECTED_LINE } from '../contract.ts';
import { EmmcCard } from './emmc-card.ts';
import { MesonMmc, type MesonMmcLayout } from './meson-mmc.ts';

const MIB = 2 ** 20;
const DATA = RAM_BASE + 0x1000;
const [DESC_ERR, RESP_ERR, RESP_TIMEOUT, DESC_TIMEOUT, RXD_ERR] = [1 << 9, 1 << 10, 1 << 11, 1 << 12, 0xff];
const [DESC_BUSY, CORE_BUSY] = [2 ** 30, 2 ** 31];

function bare(layout: MesonMmcLayout, withCard = true): MesonMmc {
  const master = { read: () => false, write: () => false };
  const card = withCard ? new EmmcCard(memoryStore(MIB)) : undefined;
  return new MesonMmc(
    { irq: UNCONNECTED_LINE, master, clock: new SteppedClock(), baseAddr: MMC_BASE, card },
    layout,
  );
}

test('reset values, every offset, state, in both layouts', () => {
  for (const layout of ['gx', 'axg'] as const) {
    const mmc = bare(layout);
    for (const [name, { offset, reset }] of Object.entries(mmc.registers)) {
      const idle = name === 'SD_EMMC_STATUS' ? 0x01ff_0000 : reset;
      assert.equal(mmc.read(offset, 4), idle, name);
    }
    touchEveryOffset(mmc);
    checkResetAndState(() => bare(layout));
    checkResetAndState(() => bare(layout, false));
  }
  assert.equal(bare('gx').registerAt(0x08), 'SD_EMMC_ADJUST');
  assert.equal(bare('axg').registerAt(0x0c), 'SD_EMMC_ADJUST');
  assert.equal(bare('axg').registerAt(0x604), 'SRAM+0x404');
});

test('a command: its response, its interrupt, and the time that the bus takes', () => {
  const bench = mmcBench(memoryStore(MIB));
  bench.write('SD_EMMC_CMD_CFG', lastCfg(1, { RESP_NOCRC: 1 }));
  bench.write('SD_EMMC_CMD_ARG', 0x40ff_8000);
  assert.equal(bench.read('SD_EMMC_STATUS') >>> 31, 1, 'busy');
  assert.equal(bench.irq.level, false);
  // 48 bits out, 48 back, a gap each way, at 200 MHz.
  const dueNs = bench.clock.nextDeadlineNs ?? 0;
  assert.ok(dueNs > 480 && dueNs < 1000, `${dueNs}`);
  bench.clock.advanceTo(dueNs);
  assert.equal(bench.irq.level, true);
  assert.equal(bench.read('SD_EMMC_CMD_RSP'), 0x80ff_8080);
  assert.equal(bench.settle(), END_OF_CHAIN);
  assert.equal(bench.irq.level, false, 'acknowledged');

  bench.write('SD_EMMC_CLOCK', 0x1000_003c);
  bench.write('SD_EMMC_CMD_CFG', lastCfg(2, { RESP_128: 1 }));
  bench.write('SD_EMMC_CMD_ARG', 0);
  const slowNs = (bench.clock.nextDeadlineNs ?? 0) - bench.clock.nowNs;
  assert.ok(slowNs > 400e3 && slowNs < 600e3, `at 400 kHz: ${slowNs}`);
  bench.settle();
  assert.equal(bench.read('SD_EMMC_CMD_RSP3') & 0xff, 'D'.charCodeAt(0), 'the name begins in the first word');
});

test('no card and no answer: a time-out of as many clocks as CFG says', () => {
  const empty = mmcBench(undefined);
  empty.write('SD_EMMC_CMD_CFG', lastCfg(8));
  empty.write('SD_EMMC_CMD_ARG', 0x1aa);
  const ns = empty.clock.nextDeadlineNs ?? 0;
  assert.ok(ns >= 256 * 5 && ns < 400 * 5, `${ns}`);
  assert.equal(empty.settle(), RESP_TIMEOUT);
  empty.write('SD_EMMC_CMD_CFG', lastCfg(0, { NO_RESP: 1, RESP_NUM: 0 }));
  empty.write('SD_EMMC_CMD_ARG', 0);
  assert.equal(empty.settle(), END_OF_CHAIN, 'none was awaited');
  const bench = mmcBench(memoryStore(MIB));
  assert.equal(bench.command(55, 0), -1);
  bench.write('SD_EMMC_CMD_CFG', lastCfg(1, { RESP_128: 1 }));
  bench.write('SD_EMMC_CMD_ARG', 0);
  assert.equal(bench.settle(), RESP_ERR, 'a short response where a long one was due');
});

test('blocks from the registers, and by a chain that scatters them', () => {
  const store = memoryStore(MIB);
  const bench = mmcBench(store);
  ready(bench);
  bench.command(17, 3 * 512, { DATA_IO: 1 }, DATA);
  assert.equal(bench.ram[0x1000], 3);

  bench.command(23, 3);
  const block = { DATA_IO: 1, BLOCK_MODE: 1, OWNER: 1, RESP_NUM: 1, CMD_INDEX: 18 };
  bench.chain(
    [cmdCfg({ ...block, LENGTH: 1 }), 8 * 512, DATA],
    [cmdCfg({ ...block, LENGTH: 2, NO_CMD: 1, END_OF_CHAIN: 1 }), 8 * 512, DATA + 0x2000],
  );
  assert.notEqual(bench.read('SD_EMMC_STATUS') & (DESC_BUSY | CORE_BUSY), 0);
  assert.equal(bench.settle(), END_OF_CHAIN);
  assert.deepEqual([bench.ram[0x1000], bench.ram[0x3000], bench.ram[0x3200]], [8, 9, 10]);
  const words = new DataView(bench.ram.buffer);
  assert.equal(words.getUint32(0, true) >>> 31, 0, 'the descriptor is the driver’s again');
  assert.equal(bench.read('SD_EMMC_START') & 2, 0);

  bench.ram.fill(0x5a, 0x4000, 0x4400);
  bench.chain([
    lastCfg(25, { DATA_IO: 1, DATA_WR: 1, BLOCK_MODE: 1, LENGTH: 2 }),
    100 * 512,
    RAM_BASE + 0x4000,
  ]);
  assert.equal(bench.settle(), END_OF_CHAIN);
  bench.command(12, 0, { R1B: 1 });
  assert.deepEqual([store.bytes[100 * 512], store.bytes[102 * 512 - 1]], [0x5a, 0x5a]);
  assert.deepEqual(bench.missed, []);
});

test('the SRAM takes data and descriptors, by flag and by its bus address', () => {
  const bench = mmcBench(memoryStore(MIB));
  ready(bench);
  bench.command(17, 6 * 512, { DATA_IO: 1 }, 0x200 | 1);
  assert.equal(bench.mmc.read(0x400, 1), 6);
  bench.command(17, 7 * 512, { DATA_IO: 1 }, MMC_BASE + 0x200);
  assert.equal(bench.mmc.read(0x200, 2), 7);
  for (const [word, value] of [lastCfg(17, { DATA_IO: 1 }), 9 * 512, DATA, 0].entries())
    bench.mmc.write(0x200 + 4 * word, value, 4);
  bench.write('SD_EMMC_START', 3);
  assert.equal(bench.settle(), END_OF_CHAIN);
  assert.equal(bench.ram[0x1000], 9);
  bench.mmc.write(0x7fe, 0x1234_5678, 4);
  assert.equal(bench.mmc.read(0x7fe, 4), 0x5678, 'what lies beyond the end is lost');
});

test('lines that differ give CRC errors, data that never comes a time-out', () => {
  const bench = mmcBench(memoryStore(MIB));
  identify(bench.card);
  bench.write('SD_EMMC_CFG', (bench.read('SD_EMMC_CFG') & ~3) | 2);
  const read = (argument: number) => {
    bench.write('SD_EMMC_CMD_CFG', lastCfg(17, { DATA_IO: 1, TIMEOUT: 3 }));
    bench.write('SD_EMMC_CMD_ARG', argument);
    const startNs = bench.clock.nowNs;
    return { events: bench.settle(), ns: bench.clock.nowNs - startNs };
  };
  assert.equal(read(0).events, RXD_ERR, 'eight lines here, one there');
  bench.card.command(12, 0);
  bench.write('SD_EMMC_CFG', bench.read('SD_EMMC_CFG') & ~3);
  assert.equal(read(0).events, END_OF_CHAIN);
  const beyond = read(64 * MIB);
  assert.equal(beyond.events, DESC_TIMEOUT);
  assert.ok(beyond.ns >= 8e6, 'eight milliseconds');
});

test('chains of a hostile driver: not owned, without end, into nothing, over themselves', () => {
  const bench = mmcBench(memoryStore(MIB));
  ready(bench);
  bench.chain([lastCfg(13, { OWNER: 0 }), 0x1_0000, 0]);
  assert.equal(bench.settle(), DESC_ERR);
  // Every descriptor that fits in RAM, none the last: it runs off the end, where there is nothing to own.
  const endless = cmdCfg({ NO_CMD: 1, OWNER: 1 });
  bench.chain(...Array.from({ length: RAM_BYTES / 16 }, () => [endless, 0, 0] as const));
  assert.equal(bench.settle(), DESC_ERR);
  assert.deepEqual(bench.missed.at(-1), {
    path: '/mmc',
    kind: 'read',
    physAddr: RAM_BASE + RAM_BYTES,
    sizeBytes: 16,
  });
  bench.write('SD_EMMC_START', 0x1000_0000 | 2);
  assert.equal(bench.settle(), DESC_ERR);
  // Data that goes where no RAM is, is lost; the card has sent it all the same.
  bench.chain([lastCfg(17, { DATA_IO: 1 }), 512, MMC_BASE - 0x1000]);
  assert.equal(bench.settle(), END_OF_CHAIN);
  // Data over the chain that is being run.
  bench.chain(
    [cmdCfg({ CMD_INDEX: 17, OWNER: 1, RESP_NUM: 1, DATA_IO: 1 }), 0, RAM_BASE],
    [lastCfg(13), 0x1_0000, 0],
  );
  assert.equal(bench.settle(), DESC_ERR, 'sector 0 is no descriptor');
});

test('nothing starts while something runs; a stop in mid-flight leaves nothing behind', () => {
  const bench = mmcBench(memoryStore(MIB));
  ready(bench);
  bench.chain([lastCfg(17, { DATA_IO: 1 }), 512, DATA]);
  const dueNs = bench.clock.nextDeadlineNs;
  bench.write('SD_EMMC_CMD_CFG', lastCfg(13));
  bench.write('SD_EMMC_CMD_ARG', 0x1_0000);
  bench.write('SD_EMMC_START', DATA | 2);
  assert.equal(bench.clock.nextDeadlineNs, dueNs);
  bench.write('SD_EMMC_START', 0);
  assert.equal(bench.clock.nextDeadlineNs, undefined);
  assert.equal(bench.read('SD_EMMC_STATUS') & CORE_BUSY, 0);
  assert.equal(bench.ram[0x1000], 0);
  bench.command(12, 0);
  assert.equal(bench.command(13, 0x1_0000), 0x900, 'the card transfers again');
});

test('while the card’s clock stands nothing ends', () => {
  const bench = mmcBench(memoryStore(MIB));
  ready(bench);
  const cfg = bench.read('SD_EMMC_CFG');
  bench.write('SD_EMMC_CFG', cfg | (1 << 22));
  bench.write('SD_EMMC_CMD_CFG', lastCfg(13));
  bench.write('SD_EMMC_CMD_ARG', 0x1_0000);
  assert.equal(bench.clock.nextDeadlineNs, undefined);
  bench.write('SD_EMMC_CFG', cfg);
  assert.equal(bench.settle(), END_OF_CHAIN);
});

test('a state taken in mid-flight ends where it would have ended', () => {
  const store = memoryStore(MIB);
  const bench = mmcBench(store);
  ready(bench);
  bench.chain([lastCfg(17, { DATA_IO: 1 }), 11 * 512, DATA]);
  const kept = savedCopy(bench.mmc.saved);
  const other = mmcBench(store, bench.ram);
  loadSaved(other.mmc.saved, kept);
  assert.deepEqual(other.mmc.saved.save(), bench.mmc.saved.save());
  assert.equal(other.clock.nextDeadlineNs, bench.clock.nextDeadlineNs);
  assert.equal(other.settle(), END_OF_CHAIN);
  assert.equal(bench.ram[0x1000], 11);
});
