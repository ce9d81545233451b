/**
 * What eMMC devices and SD cards have in common over a medium: the states, the status, the commands that identify, select,
 * read and write (JESD84-B51 §6; SD Physical Layer Simplified Specification 6.00 §4). What they do differently is theirs.
 */
import { kept, type Saved, savedParts, shape } from '../../base/index.ts';
import { CARD_BLOCK_BYTES, type CardResponse, type DataLines, type DataPhase, type MmcCard } from './card.ts';
import { CARD_STATUS, type CardMedium } from './card-medium.ts';
import type { RegisterWords } from './packed-register.ts';

/** CURRENT_STATE as R1 shows it; `slp` is eMMC's. An inactive card answers nothing, so it has no number. */
export const CARD_STATE = {
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

/** A card's state by name. */
export type StateName = keyof typeof CARD_STATE;

/** Times of a card of the middle sort; none is in the standards, which have only limits. */
const [READ_NS, PROGRAM_NS, ERASE_GROUP_NS] = [100e3, 250e3, 20e3];

/** What is being sent or received: the medium, or a register of the card's by its name. Blocks without an end are −1. */
interface Transfer {
  readonly source: string;
  at: number;
  blocksLeft: number;
}

const STATE_NAMES = Object.keys(CARD_STATE) as readonly StateName[];
const ERASE_SHAPE = shape.between(-1, Number.MAX_SAFE_INTEGER);

/** What eMMC devices and SD cards have in common: states, selection, reading and writing blocks. */
export abstract class StoredCard implements MmcCard {
  busyNs = 0;
  protected readonly medium: CardMedium;
  protected current: StateName = 'idle';
  protected errors = 0;
  protected rca = 0;
  #transfer: Transfer | undefined;
  /** CMD23's, for the command that follows. */
  #blockCount = 0;
  #eraseStart = -1;
  #eraseEnd = -1;

  constructor(medium: CardMedium) {
    this.medium = medium;
  }

  abstract get lines(): DataLines;
  protected abstract get cid(): RegisterWords;
  protected abstract get csd(): RegisterWords;
  /** What a transfer that is not the medium's sends. */
  protected abstract contentOf(source: string): Uint8Array;
  /** The card's own commands; `'common'` where it has none of its own. */
  protected abstract own(index: number, argument: number): CardResponse | undefined | 'common';

  get phase(): DataPhase | undefined {
    if (this.#transfer === undefined) return undefined;
    const { source } = this.#transfer;
    const direction = this.current === 'rcv' ? 'to-card' : 'to-host';
    const blockBytes = source === 'medium' ? CARD_BLOCK_BYTES : this.contentOf(source).length;
    return { direction, blockBytes };
  }

  powerUp(): void {
    this.current = 'idle';
    this.rca = 0;
    this.errors = 0;
    this.busyNs = 0;
    this.#transfer = undefined;
    this.#blockCount = 0;
    this.#eraseStart = -1;
    this.#eraseEnd = -1;
  }

  command(index: number, argument: number): CardResponse | undefined {
    this.busyNs = 0;
    const blocks = this.#blockCount === 0 ? -1 : this.#blockCount;
    this.#blockCount = 0;
    if (this.current === 'ina') return undefined;
    const own = this.own(index, argument);
    if (own !== 'common') return own;
    const mine = argument >>> 16 === this.rca;
    switch (index) {
      case 0: // GO_IDLE_STATE
        this.powerUp();
        return undefined;
      case 2: // ALL_SEND_CID
        if (!this.is('ready')) return this.illegal();
        this.current = 'ident';
        return { kind: 'long', words: this.cid };
      case 7: // SELECT/DESELECT_CARD
        return this.#select(mine && this.rca !== 0);
      case 9: // SEND_CSD
        if (!this.is('stby')) return this.illegal();
        return mine ? { kind: 'long', words: this.csd } : undefined;
      case 10: // SEND_CID
        if (!this.is('stby')) return this.illegal();
        return mine ? { kind: 'long', words: this.cid } : undefined;
      case 12: // STOP_TRANSMISSION
        if (!this.is('data', 'rcv')) return this.illegal();
        return this.r1(() => this.#end());
      case 13: // SEND_STATUS
        if (!this.is('stby', 'tran', 'data', 'rcv', 'prg')) return this.illegal();
        return mine ? this.r1() : undefined;
      case 15: // GO_INACTIVE_STATE
        if (mine) this.current = 'ina';
        return undefined;
      case 16: // SET_BLOCKLEN: parts of blocks can't be read.
        if (!this.is('tran')) return this.illegal();
        return this.r1(() => {
          if (argument !== CARD_BLOCK_BYTES) this.errors |= CARD_STATUS.BLOCK_LEN_ERROR;
        });
      case 17: // READ_SINGLE_BLOCK
        return this.#access('data', argument, 1);
      case 18: // READ_MULTIPLE_BLOCK
        return this.#access('data', argument, blocks);
      case 23: // SET_BLOCK_COUNT
        if (!this.is('tran')) return this.illegal();
        this.#blockCount = argument & 0xffff;
        return this.r1();
      case 24: // WRITE_BLOCK
        return this.#access('rcv', argument, 1);
      case 25: // WRITE_MULTIPLE_BLOCK
        return this.#access('rcv', argument, blocks);
      default:
        return this.illegal();
    }
  }

  send(target: Uint8Array): boolean {
    const transfer = this.#transfer;
    if (transfer === undefined || this.current !== 'data') return false;
    if (transfer.source === 'medium') {
      return this.#move(transfer, target, (at, part) => this.medium.read(at, part));
    }
    const content = this.contentOf(transfer.source);
    target.set(content.subarray(0, target.length));
    this.#end();
    return target.length === content.length;
  }

  receive(content: Uint8Array): boolean {
    const transfer = this.#transfer;
    if (transfer === undefined || this.current !== 'rcv') return false;
    return this.#move(transfer, content, (at, part) => this.medium.write(at, part));
  }

  get saved(): Saved {
    return savedParts(this.savedMembers());
  }

  /** What a snapshot holds; a card adds its own. */
  protected savedMembers(): Readonly<Record<string, Saved>> {
    const transferShape = shape.record({
      source: shape.text,
      at: shape.upTo(this.medium.geometry.capacityBytes),
      blocksLeft: shape.between(-1, Number.MAX_SAFE_INTEGER),
    });
    return {
      state: kept(
        shape.oneOf(...STATE_NAMES),
        () => this.current,
        (value) => {
          this.current = value;
        },
      ),
      errors: kept(
        shape.u32,
        () => this.errors,
        (value) => {
          this.errors = value;
        },
      ),
      rca: kept(
        shape.u32,
        () => this.rca,
        (value) => {
          this.rca = value;
        },
      ),
      blockCount: kept(
        shape.u16,
        () => this.#blockCount,
        (value) => {
          this.#blockCount = value;
        },
      ),
      transfer: kept(
        shape.optional(transferShape),
        () => this.#transfer,
        (transfer) => {
          this.#transfer = transfer === undefined ? undefined : { ...transfer };
        },
      ),
      eraseStart: kept(
        ERASE_SHAPE,
        () => this.#eraseStart,
        (value) => {
          this.#eraseStart = value;
        },
      ),
      eraseEnd: kept(
        ERASE_SHAPE,
        () => this.#eraseEnd,
        (value) => {
          this.#eraseEnd = value;
        },
      ),
      busyNs: kept(
        shape.moment,
        () => this.busyNs,
        (value) => {
          this.busyNs = value;
        },
      ),
      medium: this.medium.saved,
    };
  }

  protected is(...states: readonly StateName[]): boolean {
    return states.includes(this.current);
  }

  /** No response; the next status tells of it. */
  protected illegal(): undefined {
    this.errors |= CARD_STATUS.ILLEGAL_COMMAND;
    return undefined;
  }

  /** The status with the state in which the command came. What `later` finds amiss shows in the next one. */
  protected r1(act?: () => void, later?: () => void): CardResponse {
    const before = CARD_STATE[this.current];
    act?.();
    const word = (this.errors | (before << 9) | CARD_STATUS.READY_FOR_DATA) >>> 0;
    this.errors = 0;
    later?.();
    return { kind: 'short', word };
  }

  /** R1, and then the content of a register on the data lines. */
  protected sendRegister(source: string): CardResponse | undefined {
    if (!this.is('tran')) return this.illegal();
    return this.r1(() => this.#begin('data', { source, at: 0, blocksLeft: 1 }));
  }

  /** The first or the last block that is to be erased. */
  protected eraseEdge(edge: 'first' | 'last', argument: number): CardResponse | undefined {
    if (!this.is('tran') || this.medium.readOnly) return this.illegal();
    return this.r1(() => {
      const at = this.#locate(argument) ?? -1;
      if (edge === 'first') this.#eraseStart = at;
      else if (this.#eraseStart < 0) this.errors |= CARD_STATUS.ERASE_SEQ_ERROR;
      else this.#eraseEnd = at;
    });
  }

  protected erase(argument: number): CardResponse | undefined {
    if (!this.is('tran') || this.medium.readOnly) return this.illegal();
    return this.r1(() => {
      const [first, last] = [this.#eraseStart, this.#eraseEnd];
      this.#eraseStart = -1;
      this.#eraseEnd = -1;
      if (first < 0 || last < 0) {
        this.errors |= CARD_STATUS.ERASE_SEQ_ERROR;
        return;
      }
      const { errors, groups } = this.medium.erase(first, last, argument);
      this.errors |= errors;
      this.busyNs = groups * ERASE_GROUP_NS;
    });
  }

  #select(mine: boolean): CardResponse | undefined {
    if (!this.is('stby', 'tran', 'data')) return this.illegal();
    if (this.is('stby')) {
      return mine
        ? this.r1(() => {
            this.current = 'tran';
          })
        : undefined;
    }
    if (mine) return this.illegal();
    this.#transfer = undefined;
    this.current = 'stby';
    return undefined;
  }

  #begin(state: 'data' | 'rcv', transfer: Transfer): void {
    this.current = state;
    this.#transfer = transfer;
  }

  #end(): void {
    this.current = 'tran';
    this.#transfer = undefined;
  }

  #locate(argument: number): number | undefined {
    const place = this.medium.locate(argument);
    if ('at' in place) return place.at;
    this.errors |= place.errors;
    return undefined;
  }

  #access(state: 'data' | 'rcv', argument: number, blocks: number): CardResponse | undefined {
    if (!this.is('tran') || (state === 'rcv' && this.medium.readOnly)) return this.illegal();
    return this.r1(() => {
      const at = this.#locate(argument);
      if (at === undefined) return;
      this.#begin(state, { source: 'medium', at, blocksLeft: blocks });
      this.busyNs = state === 'data' ? READ_NS : PROGRAM_NS;
    });
  }

  /** Moves as many of the bytes as the transfer and the card's end allow. */
  #move(transfer: Transfer, bytes: Uint8Array, act: (at: number, part: Uint8Array) => number): boolean {
    const allowed = transfer.blocksLeft < 0 ? bytes.length : transfer.blocksLeft * CARD_BLOCK_BYTES;
    const wanted = Math.min(bytes.length, allowed);
    const size = Math.min(wanted, this.medium.geometry.capacityBytes - transfer.at);
    const failed = act(transfer.at, bytes.subarray(0, size));
    if (size < wanted) this.errors |= CARD_STATUS.ADDRESS_OUT_OF_RANGE;
    this.errors |= failed;
    if (failed !== 0) return false;
    transfer.at += size;
    if (transfer.blocksLeft > 0) transfer.blocksLeft -= Math.floor(size / CARD_BLOCK_BYTES);
    if (transfer.blocksLeft === 0) this.#end();
    return size === bytes.length;
  }
}
