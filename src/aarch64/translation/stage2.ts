/** Stage 2: what each guest physical page is. A two-level table, so that lookups cost the same however many ranges there are. */
import type { MmioDevice, Permissions, Stage2 } from '../contract.ts';

const PAGE_BYTES = 0x1000;
const PAGES_PER_BLOCK = 512;
const BLOCK_BYTES = PAGE_BYTES * PAGES_PER_BLOCK;

/** What a page is; `ramOffset` is its place in the cluster's memory, or undefined for a device. */
export interface Stage2Page {
  readonly permissions: Permissions;
  readonly ramOffset: number | undefined;
  readonly device: MmioDevice | undefined;
}

export class Stage2Tables implements Stage2 {
  readonly #blocks = new Map<number, (Stage2Page | undefined)[]>();
  readonly #onChange: () => void;
  /** The block that was asked for last: neighbouring lookups are the rule. */
  #lastBlock = -1;
  #lastPages: readonly (Stage2Page | undefined)[] | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  mapRam(ipa: number, sizeBytes: number, ramOffset: number, permissions: Permissions): void {
    this.#fill(ipa, sizeBytes, (offset) => ({
      permissions,
      ramOffset: ramOffset + offset,
      device: undefined,
    }));
  }

  mapDevice(ipa: number, sizeBytes: number, permissions: Permissions, device: MmioDevice): void {
    const page: Stage2Page = { permissions, ramOffset: undefined, device };
    this.#fill(ipa, sizeBytes, () => page);
  }

  unmap(ipa: number, sizeBytes: number): void {
    this.#fill(ipa, sizeBytes, () => undefined);
  }

  ramOffsetOf(ipa: number): number | undefined {
    const offset = this.page(ipa)?.ramOffset;
    return offset === undefined ? undefined : offset + (ipa % PAGE_BYTES);
  }

  /** The page that holds `ipa`. */
  page(ipa: number): Stage2Page | undefined {
    const block = Math.floor(ipa / BLOCK_BYTES);
    if (block !== this.#lastBlock) {
      this.#lastBlock = block;
      this.#lastPages = this.#blocks.get(block);
    }
    return this.#lastPages?.[Math.floor(ipa / PAGE_BYTES) % PAGES_PER_BLOCK];
  }

  #fill(ipa: number, sizeBytes: number, page: (offset: number) => Stage2Page | undefined): void {
    if (ipa % PAGE_BYTES !== 0 || sizeBytes % PAGE_BYTES !== 0) {
      throw new RangeError(`stage 2 maps whole pages, not 0x${ipa.toString(16)}+0x${sizeBytes.toString(16)}`);
    }
    for (let offset = 0; offset < sizeBytes; offset += PAGE_BYTES) {
      const at = ipa + offset;
      const block = Math.floor(at / BLOCK_BYTES);
      let pages = this.#blocks.get(block);
      if (pages === undefined) {
        pages = new Array<Stage2Page | undefined>(PAGES_PER_BLOCK).fill(undefined);
        this.#blocks.set(block, pages);
      }
      pages[Math.floor(at / PAGE_BYTES) % PAGES_PER_BLOCK] = page(offset);
    }
    this.#lastBlock = -1;
    this.#onChange();
  }
}
