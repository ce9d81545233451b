import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStore } from '../../../test/support/mmc-bench.ts';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { CARD_STATUS } from './card-medium.ts';
import { SdCard } from './sd-card.ts';
import { CARD_STATE } from './stored-card.ts';

const [MIB, GIB] = [2 ** 20, 2 ** 30];
const APP_CMD = 1 << 5;

function word(card: SdCard, index: number, argument = 0): number {
  const response = card.command(index, argument);
  return response?.kind === 'short' ? response.word : -1;
}

/** An application command: CMD55, with the card's address, before it. */
function application(card: SdCard, index: number, argument = 0, rca = 1): number {
  assert.notEqual(word(card, 55, rca << 16) & APP_CMD, 0);
  return word(card, index, argument);
}

function sent(card: SdCard, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  assert.deepEqual(card.phase, { direction: 'to-host', blockBytes: sizeBytes });
  assert.ok(card.send(bytes));
  return bytes;
}

function readyCard(sizeBytes = MIB, readOnly = false) {
  const store = memoryStore(sizeBytes, readOnly);
  const card = new SdCard(store);
  application(card, 41, 0x40ff_8000, 0);
  card.command(2, 0);
  card.command(3, 0);
  card.command(7, 0x1_0000);
  return { card, store };
}

/** Bits `high` to `low` of the CSD. */
function csdField(card: SdCard, high: number, low: number): number {
  const response = card.command(9, 0x1_0000);
  assert.ok(response?.kind === 'long');
  const value = response.words.reduce((all, each, index) => all | (BigInt(each) << BigInt(32 * index)), 0n);
  return Number(BigInt.asUintN(high - low + 1, value >> BigInt(low)));
}

test('identification: the voltage is echoed, the card gives itself an address', () => {
  const card = new SdCard(memoryStore(MIB));
  assert.equal(word(card, 8, 0x1aa), 0x1aa);
  assert.equal(card.command(5, 0), undefined, 'no SDIO');
  assert.equal(card.command(1, 0), undefined, 'no MMC');
  assert.notEqual(word(card, 55) & CARD_STATUS.ILLEGAL_COMMAND, 0, 'told with the next status');
  assert.equal(word(card, 41, 0), 0x80ff_8000, 'asked only');
  assert.equal(card.command(2, 0), undefined);
  assert.equal(application(card, 41, 0x40ff_8000, 0), 0x80ff_8000, 'ready, addresses in bytes');
  assert.equal(card.command(2, 0)?.kind, 'long');
  assert.equal(word(card, 3) >>> 16, 1);
  assert.equal((word(card, 13, 0x1_0000) >>> 9) & 0xf, CARD_STATE.stby);
  assert.equal(word(card, 55, 0x7_0000), -1, 'another card');
});

test('sizes: a CSD of version 1 up to 2 GiB, of version 2 beyond; a host that counts bytes never gets the larger one', () => {
  const small = new SdCard({ ...memoryStore(512), sizeBytes: 34 * MIB });
  application(small, 41, 0x00ff_8000, 0);
  small.command(2, 0);
  small.command(3, 0);
  assert.equal(csdField(small, 127, 126), 0);
  const blocks = (csdField(small, 73, 62) + 1) * 2 ** (csdField(small, 49, 47) + 2);
  assert.equal(blocks * 2 ** csdField(small, 83, 80), 34 * MIB);
  const large = new SdCard({ ...memoryStore(512), sizeBytes: 7 * GIB + 1 });
  assert.equal(application(large, 41, 0x00ff_8000, 0) >>> 31, 0);
  assert.equal(application(large, 41, 0x40ff_8000, 0), 0xc0ff_8000);
  large.command(2, 0);
  large.command(3, 0);
  assert.deepEqual([csdField(large, 127, 126), csdField(large, 69, 48)], [1, (7 * GIB) / (512 * 1024)]);
});

test('SCR, status, width and high speed', () => {
  const { card } = readyCard();
  application(card, 51);
  assert.deepEqual([...sent(card, 8).subarray(0, 4)], [0x02, 0x05, 0x80, 0x02]);
  assert.equal(card.lines.width, 1);
  application(card, 6, 2);
  assert.deepEqual(card.lines, { width: 4, dualRate: false });
  application(card, 13);
  assert.equal((sent(card, 64)[0] ?? 0) >> 6, 2);
  const switched = (argument: number) => {
    word(card, 6, argument);
    const bytes = sent(card, 64);
    return [bytes[13], (bytes[16] ?? 0) & 0xf];
  };
  assert.deepEqual(switched(0x00ff_fff1), [3, 1], 'high speed is there');
  assert.deepEqual(switched(0x00ff_ffff), [3, 0], 'and was only asked about');
  assert.deepEqual(switched(0x80ff_fff1), [3, 1]);
  assert.deepEqual(switched(0x00ff_ffff), [3, 1]);
  assert.deepEqual(switched(0x80ff_fff3), [3, 0xf], 'SDR104 is not');
  card.command(0, 0);
  assert.equal(card.lines.width, 1);
});

test('blocks, erased blocks, and what can’t be written', () => {
  const { card, store } = readyCard();
  word(card, 17, 5 * 512);
  assert.equal(sent(card, 512)[0], 5);
  word(card, 24, 6 * 512);
  assert.ok(card.receive(new Uint8Array(512).fill(0x66)));
  assert.equal(store.bytes[6 * 512], 0x66);
  word(card, 32, 6 * 512);
  word(card, 33, 6 * 512);
  assert.equal(word(card, 38, 0) & ~0x1fff, 0);
  assert.deepEqual([store.bytes[5 * 512], store.bytes[6 * 512], store.bytes[7 * 512]], [5, 0, 7]);
  assert.notEqual(word(card, 17, MIB) & CARD_STATUS.ADDRESS_OUT_OF_RANGE, 0);
  const { card: fixed } = readyCard(MIB, true);
  for (const index of [24, 25, 32, 33, 38]) assert.equal(fixed.command(index, 0), undefined, `CMD${index}`);
});

test('a state goes on in another card, between CMD55 and its command too', () => {
  const { card, store } = readyCard();
  application(card, 6, 2);
  word(card, 55, 0x1_0000);
  const copy = new SdCard(store);
  loadSaved(copy.saved, savedCopy(card.saved));
  assert.deepEqual(copy.saved.save(), card.saved.save());
  word(copy, 51);
  assert.equal(sent(copy, 8)[1], 5);
});
