/**
 * What an eMMC device or an SD card holds: its store, at the size that its registers tell, with addresses as hosts give them. What goes
 * wrong comes back as bits of the device status (JESD84-B51 §6.13).
 */
import { attempt, Refusal, type Saved, savedIfThere } from '../../base/index.ts';
import type { BlockStore } from '../block-store.ts';
import { CARD_BLOCK_BYTES } from './card.ts';
import { ERASE_GROUP_BYTES, type Geometry } from './emmc-registers.ts';

/** The bits of the device status. */
export const CARD_STATUS = {
  ADDRESS_OUT_OF_RANGE: 2 ** 31,
  ADDRESS_MISALIGN: 1 << 30,
  BLOCK_LEN_ERROR: 1 << 29,
  ERASE_SEQ_ERROR: 1 << 28,
  ERASE_PARAM: 1 << 27,
  ILLEGAL_COMMAND: 1 << 22,
  DEVICE_ECC_FAILED: 1 << 21,
  ERROR: 1 << 19,
  READY_FOR_DATA: 1 << 8,
  SWITCH_ERROR: 1 << 7,
} as const;

/** CMD38's argument (B51 §6.6.9). Secure erase is not advertised. */
export const ERASE_ARGUMENT = { erase: 0, trim: 1, discard: 3 } as const;
/** Erasing writes zeros, this much at a time. */
const ZEROS = new Uint8Array(64 * 1024);

/** The sectors behind a card: bounds, sizes of blocks, and errors as cards give them. */
export class CardMedium {
  readonly geometry: Geometry;
  readonly #store: BlockStore;

  constructor(store: BlockStore, geometry: Geometry) {
    this.#store = store;
    this.geometry = geometry;
  }

  get readOnly(): boolean {
    return this.#store.readOnly;
  }

  /** Where an argument points (B51 §6.6.8). */
  locate(argument: number): { readonly at: number } | { readonly errors: number } {
    const { capacityBytes, sectorAddresses } = this.geometry;
    const at = sectorAddresses ? argument * CARD_BLOCK_BYTES : argument;
    if (at % CARD_BLOCK_BYTES !== 0) return { errors: CARD_STATUS.ADDRESS_MISALIGN };
    return at < capacityBytes ? { at } : { errors: CARD_STATUS.ADDRESS_OUT_OF_RANGE };
  }

  /** Beyond the store, up to the device's end, lie zeros. */
  read(at: number, target: Uint8Array): number {
    const inStore = this.#inStore(at, target.length);
    target.fill(0, inStore);
    if (inStore === 0) return 0;
    return asked(CARD_STATUS.DEVICE_ECC_FAILED, () => this.#store.read(at, target.subarray(0, inStore)));
  }

  /** What is written beyond the store is lost. */
  write(at: number, content: Uint8Array): number {
    const inStore = this.#inStore(at, content.length);
    if (inStore === 0) return 0;
    return asked(CARD_STATUS.ERROR, () => this.#store.write(at, content.subarray(0, inStore)));
  }

  flush(): number {
    return asked(CARD_STATUS.ERROR, () => this.#store.flush());
  }

  /** From one block to another, both included: whole groups, or single blocks with trim. Discarded blocks keep what they hold. */
  erase(first: number, last: number, argument: number): { readonly errors: number; readonly groups: number } {
    if (last < first || !Object.values<number>(ERASE_ARGUMENT).includes(argument)) {
      return { errors: CARD_STATUS.ERASE_PARAM, groups: 0 };
    }
    const unit = argument === ERASE_ARGUMENT.erase ? ERASE_GROUP_BYTES : CARD_BLOCK_BYTES;
    const from = Math.floor(first / unit) * unit;
    const to = (Math.floor(last / unit) + 1) * unit;
    const groups = Math.ceil((to - from) / ERASE_GROUP_BYTES);
    let errors = 0;
    for (let at = from; argument !== ERASE_ARGUMENT.discard && at < to && errors === 0; at += ZEROS.length) {
      errors = this.write(at, ZEROS.subarray(0, Math.min(ZEROS.length, to - at)));
    }
    return { errors, groups };
  }

  get saved(): Saved {
    return savedIfThere(this.#store.saved);
  }

  #inStore(at: number, sizeBytes: number): number {
    return Math.min(sizeBytes, Math.max(0, this.#store.sizeBytes - at));
  }
}

function asked(error: number, act: () => void): number {
  return attempt(act) instanceof Refusal ? error : 0;
}
