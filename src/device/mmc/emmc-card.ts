/**
 * An eMMC device after JEDEC JESD84-B51 (eMMC 5.1), over a store: identification, the state machine, transfers, SWITCH,
 * erase, sleep. Left out: boot partitions, RPMB, write protection and locking (their classes are not advertised), the
 * command queue, background operations, HPI, HS400 and the bus test commands.
 */
import type { BlockStore } from '../block-store.ts';
import type { DeviceState } from '../contract.ts';
import { CARD_BLOCK_BYTES, type CardResponse, type DataLines, type DataPhase, type MmcCard } from './card.ts';
import { EMMC_STATUS, EmmcMedium } from './emmc-medium.ts';
import { cid, csd, EXT_CSD, extCsd, ocr } from './emmc-registers.ts';
import { tuningBlock } from './tuning.ts';

/** CURRENT_STATE as R1 shows it (B51 §6.13, Table 68); an inactive device answers nothing, so it has no number. */
export const EMMC_STATE = {
  idle: 0,
  ready: 1,
  ident: 2,
  stby: 3,
  tran: 4,
  data: 5,
  rcv: 6,
  prg: 7,
  slp: 10,
  ina: -1,
} as const;

/** Times of a device of the middle sort; none is in the standard, which has only limits. */
const [READ_NS, PROGRAM_NS, SWITCH_NS, ERASE_GROUP_NS, FLUSH_NS] = [100e3, 250e3, 50e3, 20e3, 500e3];

type StateName = keyof typeof EMMC_STATE;

/** What is being sent or received. Blocks without an end are −1, as CMD18 and CMD25 go on until CMD12. */
interface Transfer {
  readonly source: 'medium' | 'ext-csd' | 'tuning';
  at: number;
  blocksLeft: number;
}

export class EmmcCard implements MmcCard {
  busyNs = 0;
  readonly #medium: EmmcMedium;
  #state: StateName = 'idle';
  #errors = 0;
  #rca = 0;
  /** CMD23's, for the command that follows. */
  #blockCount = 0;
  #transfer: Transfer | undefined;
  #eraseStart = -1;
  #eraseEnd = -1;
  #extCsd: Uint8Array;

  constructor(store: BlockStore) {
    this.#medium = new EmmcMedium(store);
    this.#extCsd = extCsd(this.#medium.geometry);
  }

  get lines(): DataLines {
    const mode = this.#extCsd[EXT_CSD.BUS_WIDTH] ?? 0;
    return { width: ([1, 4, 8, 1] as const)[mode & 3] ?? 1, dualRate: (mode & 4) !== 0 };
  }

  get phase(): DataPhase | undefined {
    const transfer = this.#transfer;
    if (transfer === undefined) return undefined;
    const direction = this.#state === 'rcv' ? 'to-card' : 'to-host';
    return { direction, blockBytes: this.#contentOf(transfer)?.length ?? CARD_BLOCK_BYTES };
  }

  powerUp(): void {
    this.#state = 'idle';
    this.#rca = 0;
    this.#errors = 0;
    this.#blockCount = 0;
    this.#transfer = undefined;
    this.#eraseStart = -1;
    this.#eraseEnd = -1;
    this.#extCsd = extCsd(this.#medium.geometry);
    this.busyNs = 0;
  }

  command(index: number, argument: number): CardResponse | undefined {
    this.busyNs = 0;
    const blockCount = this.#blockCount;
    this.#blockCount = 0;
    if (this.#state === 'ina') return undefined;
    switch (index) {
      case 0: // GO_IDLE_STATE
        this.powerUp();
        return undefined;
      case 1: // SEND_OP_COND; with no voltages it only asks.
        if (!this.#is('idle', 'ready')) return this.#illegal();
        if (argument !== 0) this.#state = 'ready';
        return { kind: 'short', word: ocr(this.#medium.geometry) };
      case 2: // ALL_SEND_CID
        if (!this.#is('ready')) return this.#illegal();
        this.#state = 'ident';
        return { kind: 'long', words: cid() };
      case 3: // SET_RELATIVE_ADDR
        if (!this.#is('ident')) return this.#illegal();
        this.#rca = argument >>> 16;
        return this.#r1(() => this.#goTo('stby'));
      case 5: // SLEEP_AWAKE
        if (!this.#is('stby', 'slp')) return this.#illegal();
        if (argument >>> 16 !== this.#rca) return undefined;
        return this.#r1(() => this.#goTo((argument & 0x8000) === 0 ? 'stby' : 'slp'));
      case 6: // SWITCH
        if (!this.#is('tran')) return this.#illegal();
        return this.#r1(undefined, () => this.#switch(argument));
      case 7: // SELECT/DESELECT_CARD
        return this.#select(argument >>> 16);
      case 8: // SEND_EXT_CSD
        if (!this.#is('tran')) return this.#illegal();
        return this.#r1(() => this.#begin('data', { source: 'ext-csd', at: 0, blocksLeft: 1 }));
      case 9: // SEND_CSD
        if (!this.#is('stby')) return this.#illegal();
        if (argument >>> 16 !== this.#rca) return undefined;
        return { kind: 'long', words: csd(this.#medium.geometry, this.#medium.readOnly) };
      case 10: // SEND_CID
        if (!this.#is('stby')) return this.#illegal();
        return argument >>> 16 === this.#rca ? { kind: 'long', words: cid() } : undefined;
      case 12: // STOP_TRANSMISSION
        if (!this.#is('data', 'rcv')) return this.#illegal();
        return this.#r1(() => this.#end());
      case 13: // SEND_STATUS
        if (!this.#is('stby', 'tran', 'data', 'rcv', 'prg')) return this.#illegal();
        return argument >>> 16 === this.#rca ? this.#r1() : undefined;
      case 15: // GO_INACTIVE_STATE
        if (argument >>> 16 === this.#rca) this.#state = 'ina';
        return undefined;
      case 16: // SET_BLOCKLEN: parts of blocks can't be read.
        if (!this.#is('tran')) return this.#illegal();
        return this.#r1(() => {
          if (argument !== CARD_BLOCK_BYTES) this.#errors |= EMMC_STATUS.BLOCK_LEN_ERROR;
        });
      case 17: // READ_SINGLE_BLOCK
        return this.#access('data', argument, 1);
      case 18: // READ_MULTIPLE_BLOCK
        return this.#access('data', argument, blockCount === 0 ? -1 : blockCount);
      case 21: // SEND_TUNING_BLOCK
        if (!this.#is('tran')) return this.#illegal();
        return this.#r1(() => this.#begin('data', { source: 'tuning', at: 0, blocksLeft: 1 }));
      case 23: // SET_BLOCK_COUNT
        if (!this.#is('tran')) return this.#illegal();
        this.#blockCount = argument & 0xffff;
        return this.#r1();
      case 24: // WRITE_BLOCK
        return this.#access('rcv', argument, 1);
      case 25: // WRITE_MULTIPLE_BLOCK
        return this.#access('rcv', argument, blockCount === 0 ? -1 : blockCount);
      case 35: // ERASE_GROUP_START
      case 36: // ERASE_GROUP_END
        if (!this.#is('tran') || this.#medium.readOnly) return this.#illegal();
        return this.#r1(() => {
          const at = this.#locate(argument) ?? -1;
          if (index === 35) this.#eraseStart = at;
          else if (this.#eraseStart < 0) this.#errors |= EMMC_STATUS.ERASE_SEQ_ERROR;
          else this.#eraseEnd = at;
        });
      case 38: // ERASE
        if (!this.#is('tran') || this.#medium.readOnly) return this.#illegal();
        return this.#r1(() => this.#erase(argument));
      default:
        return this.#illegal();
    }
  }

  send(target: Uint8Array): boolean {
    const transfer = this.#transfer;
    if (transfer === undefined || this.#state !== 'data') return false;
    const content = this.#contentOf(transfer);
    if (content !== undefined) {
      target.set(content.subarray(0, target.length));
      this.#end();
      return target.length === content.length;
    }
    return this.#move(transfer, target, (at, part) => this.#medium.read(at, part));
  }

  receive(content: Uint8Array): boolean {
    const transfer = this.#transfer;
    if (transfer === undefined || this.#state !== 'rcv') return false;
    return this.#move(transfer, content, (at, part) => this.#medium.write(at, part));
  }

  state(): DeviceState {
    return {
      state: this.#state,
      errors: this.#errors,
      rca: this.#rca,
      blockCount: this.#blockCount,
      transfer: this.#transfer === undefined ? null : { ...this.#transfer },
      erase: [this.#eraseStart, this.#eraseEnd],
      extCsd: [...this.#extCsd],
      busyNs: this.busyNs,
      medium: this.#medium.state(),
    };
  }

  fromState(state: DeviceState): void {
    this.#state = state['state'] as StateName;
    this.#errors = state['errors'] as number;
    this.#rca = state['rca'] as number;
    this.#blockCount = state['blockCount'] as number;
    const transfer = state['transfer'] as (DeviceState & Transfer) | null;
    this.#transfer = transfer === null ? undefined : { ...transfer };
    [this.#eraseStart = -1, this.#eraseEnd = -1] = state['erase'] as readonly number[];
    this.#extCsd = Uint8Array.from(state['extCsd'] as readonly number[]);
    this.busyNs = state['busyNs'] as number;
    this.#medium.fromState(state['medium'] as DeviceState);
  }

  #is(...states: readonly StateName[]): boolean {
    return states.includes(this.#state);
  }

  #goTo(state: StateName): void {
    this.#state = state;
  }

  /** No response; the next status tells of it (B51 §6.13, ILLEGAL_COMMAND). */
  #illegal(): undefined {
    this.#errors |= EMMC_STATUS.ILLEGAL_COMMAND;
    return undefined;
  }

  /** The status with the state in which the command came. What `later` finds amiss shows in the next one. */
  #r1(act?: () => void, later?: () => void): CardResponse {
    const before = EMMC_STATE[this.#state];
    act?.();
    const word = (this.#errors | (before << 9) | EMMC_STATUS.READY_FOR_DATA) >>> 0;
    this.#errors = 0;
    later?.();
    return { kind: 'short', word };
  }

  #select(rca: number): CardResponse | undefined {
    if (!this.#is('stby', 'tran', 'data')) return this.#illegal();
    const mine = rca === this.#rca && rca !== 0;
    if (this.#is('stby')) return mine ? this.#r1(() => this.#goTo('tran')) : undefined;
    if (mine) return this.#illegal();
    this.#transfer = undefined;
    this.#state = 'stby';
    return undefined;
  }

  #begin(state: 'data' | 'rcv', transfer: Transfer): void {
    this.#state = state;
    this.#transfer = transfer;
  }

  #end(): void {
    this.#state = 'tran';
    this.#transfer = undefined;
  }

  #contentOf({ source }: Transfer): Uint8Array | undefined {
    if (source === 'medium') return undefined;
    return source === 'ext-csd' ? this.#extCsd : tuningBlock(this.lines.width);
  }

  #locate(argument: number): number | undefined {
    const place = this.#medium.locate(argument);
    if ('at' in place) return place.at;
    this.#errors |= place.errors;
    return undefined;
  }

  #access(state: 'data' | 'rcv', argument: number, blocks: number): CardResponse | undefined {
    if (!this.#is('tran') || (state === 'rcv' && this.#medium.readOnly)) return this.#illegal();
    return this.#r1(() => {
      const at = this.#locate(argument);
      if (at === undefined) return;
      this.#begin(state, { source: 'medium', at, blocksLeft: blocks });
      this.busyNs = state === 'data' ? READ_NS : PROGRAM_NS;
    });
  }

  /** Moves as many of the bytes as the transfer and the device's end allow. */
  #move(transfer: Transfer, bytes: Uint8Array, act: (at: number, part: Uint8Array) => number): boolean {
    const allowed = transfer.blocksLeft < 0 ? bytes.length : transfer.blocksLeft * CARD_BLOCK_BYTES;
    const wanted = Math.min(bytes.length, allowed);
    const size = Math.min(wanted, this.#medium.geometry.capacityBytes - transfer.at);
    const failed = act(transfer.at, bytes.subarray(0, size));
    if (size < wanted) this.#errors |= EMMC_STATUS.ADDRESS_OUT_OF_RANGE;
    this.#errors |= failed;
    if (failed !== 0) return false;
    transfer.at += size;
    if (transfer.blocksLeft > 0) transfer.blocksLeft -= Math.floor(size / CARD_BLOCK_BYTES);
    if (transfer.blocksLeft === 0) this.#end();
    return size === bytes.length;
  }

  /** B51 §6.6.1: access, index, value. Command set changes are refused, as there is one set. */
  #switch(argument: number): void {
    const [access, index, value] = [(argument >>> 24) & 3, (argument >>> 16) & 0xff, (argument >>> 8) & 0xff];
    const before = this.#extCsd[index] ?? 0;
    const after = [before, before | value, before & ~value, value][access] ?? before;
    this.busyNs = SWITCH_NS;
    if (access === 0 || SETTABLE.get(index)?.(after) !== true) {
      this.#errors |= EMMC_STATUS.SWITCH_ERROR;
      return;
    }
    if (index !== EXT_CSD.FLUSH_CACHE) {
      this.#extCsd[index] = after;
      return;
    }
    this.busyNs = FLUSH_NS;
    this.#errors |= this.#medium.flush();
  }

  #erase(argument: number): void {
    const [first, last] = [this.#eraseStart, this.#eraseEnd];
    this.#eraseStart = -1;
    this.#eraseEnd = -1;
    if (first < 0 || last < 0) {
      this.#errors |= EMMC_STATUS.ERASE_SEQ_ERROR;
      return;
    }
    const { errors, groups } = this.#medium.erase(first, last, argument);
    this.#errors |= errors;
    this.busyNs = groups * ERASE_GROUP_NS;
  }
}

/** What SWITCH may write, and to which values (B51 §7.4): timings up to HS200, buses that are there, the user area only. */
const SETTABLE: ReadonlyMap<number, (value: number) => boolean> = new Map([
  [EXT_CSD.FLUSH_CACHE, (value) => value <= 1],
  [EXT_CSD.CACHE_CTRL, (value) => value <= 1],
  [EXT_CSD.POWER_OFF_NOTIFICATION, (value) => value <= 5],
  [EXT_CSD.RST_N_FUNCTION, (value) => value <= 2],
  [EXT_CSD.ERASE_GROUP_DEF, (value) => value <= 1],
  [EXT_CSD.PARTITION_CONFIG, (value) => value === 0],
  [EXT_CSD.BUS_WIDTH, (value) => [0, 1, 2, 5, 6].includes(value)],
  [EXT_CSD.HS_TIMING, (value) => (value & 0xf) <= 2],
  [EXT_CSD.POWER_CLASS, (value) => value <= 0xff],
]);
