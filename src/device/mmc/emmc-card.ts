/**
 * An eMMC device after JEDEC JESD84-B51 (eMMC 5.1), over a store: identification, the state machine, transfers, SWITCH,
 * erase, sleep. Left out: boot partitions, RPMB, write protection and locking (their classes are not advertised), the
 * command queue, background operations, HPI, HS400 and the bus test commands.
 */
import { kept, type Saved, shape } from '../../base/index.ts';
import type { BlockStore } from '../block-store.ts';
import type { CardResponse, DataLines } from './card.ts';
import { CARD_STATUS, CardMedium } from './card-medium.ts';
import { cid, csd, EXT_CSD, extCsd, geometryFor, ocr } from './emmc-registers.ts';
import type { RegisterWords } from './packed-register.ts';
import { StoredCard } from './stored-card.ts';
import { tuningBlock } from './tuning.ts';

const [SWITCH_NS, FLUSH_NS] = [50e3, 500e3];
const SLEEP = 0x8000;

/** An eMMC device (JESD84-B51). */
export class EmmcCard extends StoredCard {
  #extCsd: Uint8Array;

  constructor(store: BlockStore) {
    super(new CardMedium(store, geometryFor(store.sizeBytes)));
    this.#extCsd = extCsd(this.medium.geometry);
  }

  override get lines(): DataLines {
    const mode = this.#extCsd[EXT_CSD.BUS_WIDTH] ?? 0;
    return { width: ([1, 4, 8, 1] as const)[mode & 3] ?? 1, dualRate: (mode & 4) !== 0 };
  }

  protected override get cid(): RegisterWords {
    return cid();
  }

  protected override get csd(): RegisterWords {
    return csd(this.medium.geometry, this.medium.readOnly);
  }

  override powerUp(): void {
    super.powerUp();
    this.#extCsd = extCsd(this.medium.geometry);
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      extCsd: kept(
        shape.bytesOf(this.#extCsd.length),
        () => this.#extCsd.slice(),
        (value) => {
          this.#extCsd = value.slice();
        },
      ),
    };
  }

  protected override contentOf(source: string): Uint8Array {
    return source === 'ext-csd' ? this.#extCsd : tuningBlock(this.lines.width);
  }

  protected override own(index: number, argument: number): CardResponse | undefined | 'common' {
    switch (index) {
      case 1: // SEND_OP_COND; with no voltages it only asks.
        if (!this.is('idle', 'ready')) return this.illegal();
        if (argument !== 0) this.current = 'ready';
        return { kind: 'short', word: ocr(this.medium.geometry) };
      case 3: // SET_RELATIVE_ADDR
        if (!this.is('ident')) return this.illegal();
        this.rca = argument >>> 16;
        return this.r1(() => {
          this.current = 'stby';
        });
      case 5: // SLEEP_AWAKE
        if (!this.is('stby', 'slp')) return this.illegal();
        if (argument >>> 16 !== this.rca) return undefined;
        return this.r1(() => {
          this.current = (argument & SLEEP) === 0 ? 'stby' : 'slp';
        });
      case 6: // SWITCH
        if (!this.is('tran')) return this.illegal();
        return this.r1(undefined, () => this.#switch(argument));
      case 8: // SEND_EXT_CSD
        return this.sendRegister('ext-csd');
      case 21: // SEND_TUNING_BLOCK
        return this.sendRegister('tuning');
      case 35: // ERASE_GROUP_START
        return this.eraseEdge('first', argument);
      case 36: // ERASE_GROUP_END
        return this.eraseEdge('last', argument);
      case 38: // ERASE
        return this.erase(argument);
      default:
        return 'common';
    }
  }

  /** B51 §6.6.1: access, index, value. Command set changes are refused, as there is one set. */
  #switch(argument: number): void {
    const [access, index, value] = [(argument >>> 24) & 3, (argument >>> 16) & 0xff, (argument >>> 8) & 0xff];
    const before = this.#extCsd[index] ?? 0;
    const after = [before, before | value, before & ~value, value][access] ?? before;
    this.busyNs = SWITCH_NS;
    if (access === 0 || SETTABLE.get(index)?.(after) !== true) {
      this.errors |= CARD_STATUS.SWITCH_ERROR;
      return;
    }
    if (index !== EXT_CSD.FLUSH_CACHE) {
      this.#extCsd[index] = after;
      return;
    }
    this.busyNs = FLUSH_NS;
    this.errors |= this.medium.flush();
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
