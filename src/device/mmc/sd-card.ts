/**
 * An SD card after the SD Physical Layer Simplified Specification 6.00, over a store: identification, transfers, four data
 * lines, high speed, erase. Left out: 1.8 V signalling and so UHS, write protection and locking (their classes are not
 * advertised), the count of written blocks, the command queue, the security area.
 */
import { kept, type Saved, shape } from '../../base/index.ts';
import type { BlockStore } from '../block-store.ts';
import type { CardResponse, DataLines } from './card.ts';
import { CardMedium, ERASE_ARGUMENT } from './card-medium.ts';
import type { RegisterWords } from './packed-register.ts';
import { SD_VOLTAGES, scr, sdCid, sdCsd, sdGeometryFor, sdStatus, switchStatus } from './sd-registers.ts';
import { StoredCard } from './stored-card.ts';

/** APP_CMD in the card status (§4.10.1). */
const APP_CMD = 1 << 5;
const [READY, HIGH_CAPACITY] = [2 ** 31, 1 << 30];
/** The address that the card gives itself. */
const RCA = 0x0001;
const [KEEP, NO_FUNCTION] = [0xf, 0xf];

/** An SD card, SDHC or SDXC by its size (SD Physical Layer Simplified Specification 6.00). */
export class SdCard extends StoredCard {
  #width: 1 | 4 = 1;
  #highSpeed = false;
  /** CMD55 came: the next command is one of the application's. */
  #application = false;
  /** What the CMD6 that is being answered asked for, by group. */
  #selected: readonly number[] = [];

  constructor(store: BlockStore) {
    super(new CardMedium(store, sdGeometryFor(store.sizeBytes)));
  }

  override get lines(): DataLines {
    return { width: this.#width, dualRate: false };
  }

  protected override get cid(): RegisterWords {
    return sdCid();
  }

  protected override get csd(): RegisterWords {
    return sdCsd(this.medium.geometry, this.medium.readOnly);
  }

  override powerUp(): void {
    super.powerUp();
    this.#width = 1;
    this.#highSpeed = false;
    this.#application = false;
    this.#selected = [];
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      width: kept(
        shape.oneOf(1, 4),
        () => this.#width,
        (value) => {
          this.#width = value;
        },
      ),
      highSpeed: kept(
        shape.flag,
        () => this.#highSpeed,
        (value) => {
          this.#highSpeed = value;
        },
      ),
      application: kept(
        shape.flag,
        () => this.#application,
        (value) => {
          this.#application = value;
        },
      ),
      selected: kept(
        shape.listUpTo(6, shape.u8),
        () => this.#selected,
        (value) => {
          this.#selected = value;
        },
      ),
    };
  }

  protected override contentOf(source: string): Uint8Array {
    if (source === 'scr') return scr();
    return source === 'sd-status' ? sdStatus(this.#width) : switchStatus(this.#selected);
  }

  protected override own(index: number, argument: number): CardResponse | undefined | 'common' {
    const application = this.#application;
    this.#application = false;
    const answer = application ? this.#applicationCommand(index, argument) : 'common';
    return answer === 'common' ? this.#plainCommand(index, argument) : answer;
  }

  #plainCommand(index: number, argument: number): CardResponse | undefined | 'common' {
    switch (index) {
      case 3: // SEND_RELATIVE_ADDR, answered by R6
        if (!this.is('ident', 'stby')) return this.illegal();
        return this.#r6();
      case 6: // SWITCH_FUNC
        return this.#switch(argument);
      case 8: // SEND_IF_COND, answered by R7: what was asked
        if (!this.is('idle')) return this.illegal();
        return { kind: 'short', word: argument & 0xfff };
      case 32: // ERASE_WR_BLK_START
        return this.eraseEdge('first', argument);
      case 33: // ERASE_WR_BLK_END
        return this.eraseEdge('last', argument);
      case 38: // ERASE
        return this.erase(argument === 0 ? ERASE_ARGUMENT.trim : argument);
      case 55: // APP_CMD
        return this.#announce(argument >>> 16);
      default:
        return 'common';
    }
  }

  /** What is no application command is the plain command of that number (§4.3.9.1). */
  #applicationCommand(index: number, argument: number): CardResponse | undefined | 'common' {
    switch (index) {
      case 6: // SET_BUS_WIDTH
        if (!this.is('tran')) return this.illegal();
        return this.#marked(() => {
          this.#width = (argument & 3) === 2 ? 4 : 1;
        });
      case 13: // SD_STATUS
        return this.sendRegister('sd-status');
      case 23: // SET_WR_BLK_ERASE_COUNT
      case 42: // SET_CLR_CARD_DETECT
        return this.is('tran') ? this.#marked() : this.illegal();
      case 41: // SD_SEND_OP_COND
        return this.#operatingConditions(argument);
      case 51: // SEND_SCR
        return this.sendRegister('scr');
      default:
        return 'common';
    }
  }

  #announce(rca: number): CardResponse | undefined {
    if (!this.is('idle', 'stby', 'tran', 'data', 'rcv')) return this.illegal();
    if (rca !== this.rca) return undefined;
    this.#application = true;
    return this.#marked();
  }

  /** R1 with APP_CMD set. */
  #marked(act?: () => void): CardResponse {
    const response = this.r1(act);
    return response.kind === 'short' ? { kind: 'short', word: (response.word | APP_CMD) >>> 0 } : response;
  }

  /** With no voltages it only asks; a card that counts blocks is never ready for a host that doesn't (§4.2.3.1). */
  #operatingConditions(argument: number): CardResponse | undefined {
    if (!this.is('idle', 'ready')) return this.illegal();
    const { sectorAddresses } = this.medium.geometry;
    const ready = !sectorAddresses || (argument & HIGH_CAPACITY) !== 0 || (argument & SD_VOLTAGES) === 0;
    if (ready && (argument & SD_VOLTAGES) !== 0) this.current = 'ready';
    const word = SD_VOLTAGES | (ready ? READY : 0) | (ready && sectorAddresses ? HIGH_CAPACITY : 0);
    return { kind: 'short', word: word >>> 0 };
  }

  /** The address, and the status' bits 23, 22, 19 and 12 to 0 (§4.9.5). */
  #r6(): CardResponse {
    const response = this.r1(() => {
      this.current = 'stby';
      this.rca = RCA;
    });
    const status = response.kind === 'short' ? response.word : 0;
    const errors = ((status >>> 8) & 0xc000) | ((status >>> 6) & 0x2000);
    return { kind: 'short', word: ((RCA << 16) | errors | (status & 0x1fff)) >>> 0 };
  }

  /** Six groups of functions; the mode says whether the first group's choice is only asked about (§4.3.10). */
  #switch(argument: number): CardResponse | undefined {
    if (!this.is('tran')) return this.illegal();
    this.#selected = [0, 1, 2, 3, 4, 5].map((group) => {
      const request = (argument >>> (4 * group)) & 0xf;
      const limit = group === 0 ? 1 : 0;
      if (request === KEEP) return group === 0 && this.#highSpeed ? 1 : 0;
      return request <= limit ? request : NO_FUNCTION;
    });
    const sets = argument >>> 31 === 1 && !this.#selected.includes(NO_FUNCTION);
    if (sets) this.#highSpeed = this.#selected[0] === 1;
    return this.sendRegister('switch-status');
  }
}
