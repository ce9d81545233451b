/** A controller with a card behind it and RAM in front of it, and the little of a driver that tests need. */
import { Refusal } from '../../src/base/index.ts';
import {
  type BlockStore,
  EmmcCard,
  MESON_AXG_MMC_REGISTERS,
  MesonMmc,
  type MmcCard,
  type SdCard,
  SteppedClock,
} from '../../src/device/index.ts';
import { type MissedDma, PhysicalMemory } from '../../src/machine/index.ts';
import { RecordingLine } from './devices.ts';

export const RAM_BASE = 0x8000_0000;
export const MMC_BASE = 0xffe0_7000;

export interface MemoryStore extends BlockStore {
  readonly bytes: Uint8Array;
  failing: boolean;
  flushes: number;
}

/** Sectors in memory, each with its number in its first bytes. */
export function memoryStore(sizeBytes: number, readOnly = false): MemoryStore {
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= sizeBytes; at += 512) view.setUint32(at, at / 512, true);
  const store: MemoryStore = {
    sizeBytes,
    readOnly,
    bytes,
    failing: false,
    flushes: 0,
    read: (offset, target) => {
      if (store.failing) throw new Refusal('worn out');
      target.set(bytes.subarray(offset, offset + target.length));
    },
    write: (offset, content) => {
      if (store.failing) throw new Refusal('worn out');
      bytes.set(content, offset);
    },
    flush: () => {
      store.flushes += 1;
    },
  };
  return store;
}

/** Brings a card to where it transfers, as hosts do, whichever it is: each kind is silent to what is the other's. Its address is 1. */
export function identify(card: MmcCard): void {
  for (const [index, argument] of [
    [0, 0],
    [55, 0],
    [41, 0x40ff_8000],
    [1, 0x40ff_8000],
    [2, 0],
    [3, 0x1_0000],
    [7, 0x1_0000],
  ] as const) {
    card.command(index, argument);
  }
}

const REGISTERS = MESON_AXG_MMC_REGISTERS;
const CFG = REGISTERS.SD_EMMC_CMD_CFG.fields;
type CfgFields = Partial<Record<keyof typeof CFG, number>>;

/** A descriptor's first word, from its fields. */
export function cmdCfg(fields: CfgFields): number {
  let word = 0;
  for (const [name, content] of Object.entries(fields))
    word |= content << CFG[name as keyof typeof CFG].shift;
  return word >>> 0;
}

/** With a short response, as the last of its chain. */
export function lastCfg(index: number, more: CfgFields = {}): number {
  return cmdCfg({ CMD_INDEX: index, RESP_NUM: 1, OWNER: 1, END_OF_CHAIN: 1, ...more });
}

export interface MmcBench {
  readonly mmc: MesonMmc;
  readonly card: EmmcCard | SdCard;
  readonly irq: RecordingLine;
  readonly clock: SteppedClock;
  readonly ram: Uint8Array;
  readonly missed: MissedDma[];
  read(name: keyof typeof REGISTERS): number;
  write(name: keyof typeof REGISTERS, value: number): void;
  /** A command from the registers, run to its end; gives the response's first word. */
  command(index: number, argument: number, more?: CfgFields, data?: number): number;
  /** A chain of descriptors at the start of RAM, and its start. */
  chain(...descriptors: readonly (readonly [cfg: number, arg: number, dat: number])[]): void;
  /** Lets time go on until nothing is under way; gives what SD_EMMC_STATUS says of events, and clears them. */
  settle(): number;
}

export const RAM_BYTES = 0x10_0000;

/** As the driver leaves it: 8 data lines, 200 MHz, blocks of 512 bytes, interrupts for all that ends a command. */
export function mmcBench(
  store: BlockStore | undefined,
  ram: Uint8Array = new Uint8Array(RAM_BYTES),
  Card: typeof EmmcCard | typeof SdCard = EmmcCard,
): MmcBench {
  const irq = new RecordingLine();
  const clock = new SteppedClock();
  const memory = new PhysicalMemory();
  const missed: MissedDma[] = [];
  memory.onMissed = (miss) => missed.push(miss);
  memory.place([{ range: { base: RAM_BASE, size: ram.length }, bytes: ram, written: () => {} }]);
  const card = new Card(store ?? memoryStore(0x10_0000));
  const parts = { irq, clock, master: memory.masterFor('/mmc'), baseAddr: MMC_BASE };
  const mmc = new MesonMmc({ ...parts, card: store === undefined ? undefined : card }, 'axg');
  const bench: MmcBench = {
    mmc,
    card,
    irq,
    clock,
    ram,
    missed,
    read: (name) => mmc.read(REGISTERS[name].offset, 4),
    write: (name, value) => mmc.write(REGISTERS[name].offset, value, 4),
    command: (index, argument, more = {}, data = 0) => {
      bench.write('SD_EMMC_CMD_CFG', lastCfg(index, more));
      bench.write('SD_EMMC_CMD_DAT', data);
      bench.write('SD_EMMC_CMD_ARG', argument);
      return bench.settle() === END_OF_CHAIN ? bench.read('SD_EMMC_CMD_RSP') : -1;
    },
    chain: (...descriptors) => {
      const view = new DataView(ram.buffer, ram.byteOffset);
      for (const [index, [cfg, arg, dat]] of descriptors.entries()) {
        for (const [word, value] of [cfg, arg, dat, 0].entries())
          view.setUint32(16 * index + 4 * word, value, true);
      }
      bench.write('SD_EMMC_START', RAM_BASE | 2);
    },
    settle: () => {
      while (clock.nextDeadlineNs !== undefined) clock.advanceTo(clock.nextDeadlineNs);
      const events = bench.read('SD_EMMC_STATUS') & EVENTS;
      bench.write('SD_EMMC_STATUS', events);
      return events;
    },
  };
  bench.write('SD_EMMC_CLOCK', 0x1000_0245);
  bench.write('SD_EMMC_CFG', 0x0880_4890);
  bench.write('SD_EMMC_IRQ_EN', EVENTS);
  return bench;
}

const EVENTS = 0x3fff;
export const END_OF_CHAIN = 1 << 13;

/** Brings the bench's card to where it transfers, on eight data lines. */
export function ready(bench: MmcBench): void {
  identify(bench.card);
  bench.card.command(6, 0x03b7_0200);
  bench.write('SD_EMMC_CFG', (bench.read('SD_EMMC_CFG') & ~3) | 2);
}
