import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identify, memoryStore } from '../../../test/support/mmc-bench.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { copyOnWrite } from '../block-store.ts';
import { CARD_STATUS } from './card-medium.ts';
import { EmmcCard } from './emmc-card.ts';
import { CARD_STATE } from './stored-card.ts';
import { tuningBlock } from './tuning.ts';

const MIB = 2 ** 20;
const RCA = 0x1_0000;

function word(card: EmmcCard, index: number, argument = 0): number | undefined {
  const response = card.command(index, argument);
  return response?.kind === 'short' ? response.word : undefined;
}

/** CURRENT_STATE as CMD13 tells it. */
function stateOf(card: EmmcCard): number {
  return ((word(card, 13, RCA) ?? 0) >>> 9) & 0xf;
}

function readyCard(sizeBytes = MIB, readOnly = false) {
  const store = memoryStore(sizeBytes, readOnly);
  const card = new EmmcCard(store);
  identify(card);
  return { store, card };
}

test('identification, as hosts do it; what an SD card would answer is met with silence', () => {
  const card = new EmmcCard(memoryStore(MIB));
  for (const [index, argument] of [
    [52, 0x8000_0c00],
    [8, 0x1aa],
    [5, 0],
    [55, 0],
  ] as const) {
    assert.equal(card.command(index, argument), undefined, `CMD${index}`);
  }
  assert.equal(word(card, 1, 0), 0x80ff_8080, 'asked only: ready, addresses in bytes');
  assert.equal(card.command(2, 0), undefined, 'nobody has begun');
  assert.equal(word(card, 1, 0x40ff_8000), 0x80ff_8080);
  const cid = card.command(2, 0);
  assert.equal(cid?.kind, 'long');
  assert.equal((word(card, 3, RCA) ?? 0) & CARD_STATUS.ILLEGAL_COMMAND, CARD_STATUS.ILLEGAL_COMMAND);
  assert.equal(stateOf(card), CARD_STATE.stby);
  assert.deepEqual(card.command(10, RCA), cid);
  assert.equal(card.command(9, 2 * RCA), undefined, 'another card');
  assert.equal(card.command(9, RCA)?.kind, 'long');
  assert.equal(((word(card, 7, RCA) ?? 0) >>> 9) & 0xf, CARD_STATE.stby, 'the state in which it came');
  assert.equal(stateOf(card), CARD_STATE.tran);
});

test('single and multiple blocks, with a count, with a stop, and to the end of the card', () => {
  const { card, store } = readyCard();
  const block = new Uint8Array(512);
  card.command(17, 5 * 512);
  assert.deepEqual(card.phase, { direction: 'to-host', blockBytes: 512 });
  assert.ok(card.send(block));
  assert.equal(block[0], 5);
  assert.equal(stateOf(card), CARD_STATE.tran);

  const three = new Uint8Array(3 * 512);
  card.command(23, 3);
  card.command(18, 7 * 512);
  assert.ok(card.send(three));
  assert.deepEqual([three[0], three[512], three[1024]], [7, 8, 9]);
  assert.equal(stateOf(card), CARD_STATE.tran, 'the count was reached');

  card.command(25, 0);
  assert.ok(card.receive(new Uint8Array(1024).fill(0xaa)));
  assert.equal(stateOf(card), CARD_STATE.rcv);
  card.command(12, 0);
  assert.equal(stateOf(card), CARD_STATE.tran);
  assert.equal(store.bytes[1023], 0xaa);
  assert.equal(store.bytes[1024], 2);

  card.command(18, MIB - 512);
  assert.equal(card.send(new Uint8Array(1024)), false, 'one block is left');
  assert.equal(((word(card, 12) ?? 0) & ~0x1fff) >>> 0, CARD_STATUS.ADDRESS_OUT_OF_RANGE);
});

test('what is wrong with a command shows in its response, or in the next', () => {
  const { card, store } = readyCard();
  const errorsOf = (index: number, argument: number) => ((word(card, index, argument) ?? 0) & ~0x1fff) >>> 0;
  assert.equal(errorsOf(17, MIB), CARD_STATUS.ADDRESS_OUT_OF_RANGE);
  assert.equal(errorsOf(17, 100), CARD_STATUS.ADDRESS_MISALIGN);
  assert.equal(card.phase, undefined);
  assert.equal(errorsOf(16, 256), CARD_STATUS.BLOCK_LEN_ERROR);
  assert.equal(errorsOf(38, 0), CARD_STATUS.ERASE_SEQ_ERROR);
  assert.equal(errorsOf(13, RCA), 0, 'told once');
  assert.equal(card.command(42, 0), undefined);
  assert.equal(errorsOf(13, RCA), CARD_STATUS.ILLEGAL_COMMAND);
  store.failing = true;
  card.command(17, 0);
  assert.equal(card.send(new Uint8Array(512)), false);
  assert.equal(errorsOf(12, 0), CARD_STATUS.DEVICE_ECC_FAILED);
  card.command(24, 0);
  assert.equal(card.receive(new Uint8Array(512)), false);
  assert.equal(errorsOf(12, 0), CARD_STATUS.ERROR);
});

test('SWITCH: bus, cache, and what may not be set', () => {
  const { card, store } = readyCard();
  const extCsd = () => {
    const bytes = new Uint8Array(512);
    card.command(8, 0);
    assert.ok(card.send(bytes));
    return bytes;
  };
  assert.deepEqual([extCsd()[192], extCsd()[196]], [8, 0x17]);
  card.command(6, 0x03b7_0600);
  assert.deepEqual(card.lines, { width: 8, dualRate: true });
  card.command(6, 0x03b9_0200);
  assert.equal(extCsd()[185], 2);
  const switchError = () => (word(card, 13, RCA) ?? 0) & CARD_STATUS.SWITCH_ERROR;
  assert.equal(switchError(), 0);
  card.command(6, 0x03b9_0300);
  assert.notEqual(switchError(), 0, 'no HS400');
  card.command(6, 0x03b3_0100);
  assert.notEqual(switchError(), 0, 'no boot partition');
  card.command(6, 0x03c0_0000);
  assert.notEqual(switchError(), 0, 'EXT_CSD_REV is read only');
  card.command(6, 0x0320_0100);
  assert.equal(store.flushes, 1);
  card.command(21, 0);
  const tuning = new Uint8Array(128);
  assert.ok(card.send(tuning));
  assert.deepEqual(tuning, tuningBlock(8));
  card.command(0, 0);
  assert.deepEqual(card.lines, { width: 1, dualRate: false });
});

test('trim leaves zeros in its blocks, erase in whole groups, discard leaves all as it was', () => {
  const { card, store } = readyCard(2 * MIB);
  const erase = (first: number, last: number, argument: number) => {
    card.command(35, first * 512);
    card.command(36, last * 512);
    return ((word(card, 38, argument) ?? 0) & ~0x1fff) >>> 0;
  };
  const numbered = (sector: number) =>
    new DataView(store.bytes.buffer).getUint32(sector * 512, true) === sector;
  assert.equal(erase(10, 11, 3), 0);
  assert.ok(numbered(10));
  assert.equal(erase(10, 11, 1), 0);
  assert.deepEqual([9, 10, 11, 12].map(numbered), [true, false, false, true]);
  assert.equal(erase(1030, 1030, 0), 0);
  assert.deepEqual([1023, 1024, 2047, 2048].map(numbered), [true, false, false, true]);
  assert.ok(card.busyNs > 0);
  assert.equal(erase(12, 11, 1), CARD_STATUS.ERASE_PARAM);
  assert.equal(erase(11, 12, 0x8000_0000), CARD_STATUS.ERASE_PARAM, 'no secure erase');
});

test('a card that can’t be written has no commands for it', () => {
  const { card } = readyCard(MIB, true);
  for (const index of [24, 25, 35, 36, 38]) assert.equal(card.command(index, 0), undefined, `CMD${index}`);
});

test('beyond 2 GiB addresses count sectors, and EXT_CSD says how many there are', () => {
  const reads: number[] = [];
  const store = {
    ...memoryStore(512),
    sizeBytes: 3 * 2 ** 30,
    read: (offset: number) => void reads.push(offset),
  };
  const card = new EmmcCard(store);
  identify(card);
  const block = new Uint8Array(512);
  card.command(17, 5_000_000);
  assert.ok(card.send(block));
  assert.deepEqual(reads, [5_000_000 * 512]);
  assert.notEqual((word(card, 17, (3 * 2 ** 30) / 512) ?? 0) & CARD_STATUS.ADDRESS_OUT_OF_RANGE, 0);
  card.command(8, 0);
  assert.ok(card.send(block));
  assert.equal(new DataView(block.buffer).getUint32(212, true), (3 * 2 ** 30) / 512);
});

test('sleep and awake, deselected and inactive', () => {
  const { card } = readyCard();
  card.command(7, 0);
  assert.equal(stateOf(card), CARD_STATE.stby);
  card.command(5, RCA | 0x8000);
  assert.equal(card.command(13, RCA), undefined, 'asleep');
  card.command(5, RCA);
  assert.equal(stateOf(card), CARD_STATE.stby);
  card.command(15, RCA);
  card.command(0, 0);
  assert.equal(card.command(1, 0x40ff_8000), undefined, 'inactive until it is powered anew');
  card.powerUp();
  assert.notEqual(card.command(1, 0x40ff_8000), undefined);
});

test('a state taken in mid-transfer goes on in another card, with what was written to memory', () => {
  const file = memoryStore(MIB);
  const card = new EmmcCard(copyOnWrite(file));
  identify(card);
  card.command(24, 9 * 512);
  card.receive(new Uint8Array(512).fill(0x77));
  card.command(6, 0x03b7_0200);
  card.command(18, 3 * 512);
  card.send(new Uint8Array(512));
  const copy = new EmmcCard(copyOnWrite(file));
  loadSaved(copy.saved, savedCopy(card.saved));
  assert.deepEqual(copy.saved.save(), card.saved.save());
  const block = new Uint8Array(512);
  assert.ok(copy.send(block));
  assert.equal(block[0], 4);
  assert.deepEqual(copy.lines, { width: 8, dualRate: false });
  copy.command(12, 0);
  copy.command(17, 9 * 512);
  assert.ok(copy.send(block));
  assert.equal(block[0], 0x77);
});
