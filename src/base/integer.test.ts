/** Numbers of different kinds are not assignable to each other: the compiler says so, or an expected error is missing here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ChannelId,
  type ClusterIndex,
  FIRST_SPI,
  type Intid,
  type Ipa,
  intidToSpi,
  oneToOne,
  type Paddr,
  type SpiNumber,
  spiToIntid,
  type VcpuId,
  type VcpuIndex,
} from './integer.ts';

const taking = {
  paddr: (_: Paddr) => undefined,
  ipa: (_: Ipa) => undefined,
  intid: (_: Intid) => undefined,
  spi: (_: SpiNumber) => undefined,
  channel: (_: ChannelId) => undefined,
  vcpu: (_: VcpuId) => undefined,
  index: (_: VcpuIndex) => undefined,
};

test('an INTID, an SPI and a channel are different numbers', () => {
  const [intid, spi, channel]: [Intid, SpiNumber, ChannelId] = [225, 193, 3];
  // @ts-expect-error an SPI's number is 32 less than its INTID
  taking.intid(spi);
  // @ts-expect-error and the other way round
  taking.spi(intid);
  // @ts-expect-error a channel stands for an interrupt, but has its own number
  taking.intid(channel);
  // @ts-expect-error what is acknowledged is the channel
  taking.channel(intid);
  assert.equal(spiToIntid(spi), intid);
  assert.equal(intidToSpi(intid), spi);
  assert.equal(spiToIntid(0), FIRST_SPI);
});

test('a guest’s addresses and the board’s are different numbers', () => {
  const [paddr, ipa]: [Paddr, Ipa] = [0xffc0_6000, 0xffc0_2000];
  // @ts-expect-error GICV lies elsewhere for the board
  taking.paddr(ipa);
  // @ts-expect-error than the guest sees it
  taking.ipa(paddr);
  assert.equal(oneToOne(paddr), paddr);
});

test('a vCPU’s id, its place in its guest and its place among all are different numbers', () => {
  const [id, index, place]: [VcpuId, VcpuIndex, ClusterIndex] = [5, 0, 2];
  // @ts-expect-error Microkit's calls take the id
  taking.vcpu(index);
  // @ts-expect-error the monitor counts from 0
  taking.index(id);
  // @ts-expect-error the processors of all guests are counted together
  taking.index(place);
  assert.equal(id + index + place, 7);
});
