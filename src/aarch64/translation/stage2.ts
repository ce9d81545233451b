/** Stage 2: what each guest physical page is. A three-level table, so that lookups cost the same however many ranges there are. */
import type { MmioDevice, Permissions, Stage2 } from '../contract.ts';

const PAGE_BYTES = 0x1000;
const PAGES_PER_BLOCK = 512;
const BLOCK_BYTES = PAGE_BYTES * PAGES_PER_BLOCK;
const BLOCKS_PER_GIB = 512;
const GIB_BYTES = BLOCK_BYTES * BLOCKS_PER_GIB;
/** IPAs have 40 bits (ID_AA64MMFR0_EL1.PARange). */
const GIBS = 1024;

type Block = (Stage2Page | undefined)[];

/** What a page is; `ramOffset` is its place in the cluster's memory, or undefined for a device. */
export interface Stage2Page {
  readonly permissions: Permissions;
  readonly ramOffset: number | undefined;
  readonly device: MmioDevice | undefined;
}

export class Stage2Tables implements Stage2 {
  readonly #gibs: ((Block | undefined)[] | undefined)[] = new Array(GIBS).fill(undefined);
  readonly #onChange: () => void;

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
    const block = this.#gibs[Math.floor(ipa / GIB_BYTES)]?.[Math.floor(ipa / BLOCK_BYTES) % BLOCKS_PER_GIB];
    return block?.[Math.floor(ipa / PAGE_BYTES) % PAGES_PER_BLOCK];
  }

  #fill(ipa: number, sizeBytes: number, page: (offset: number) => Stage2Page | undefined): void {
    if (ipa % PAGE_BYTES !== 0 || sizeBytes % PAGE_BYTES !== 0) {
      throw new RangeError(`stage 2 maps whole pages, not 0x${ipa.toString(16)}+0x${sizeBytes.toString(16)}`);
    }
    for (let offset = 0; offset < sizeBytes; offset += PAGE_BYTES) {
      const at = ipa + offset;
      this.#blockAt(at)[Math.floor(at / PAGE_BYTES) % PAGES_PER_BLOCK] = page(offset);
    }
    this.#onChange();
  }

  #blockAt(ipa: number): Block {
    const gib = Math.floor(ipa / GIB_BYTES);
    this.#gibs[gib] ??= new Array<Block | undefined>(BLOCKS_PER_GIB).fill(undefined);
    const blocks = this.#gibs[gib];
    const index = Math.floor(ipa / BLOCK_BYTES) % BLOCKS_PER_GIB;
    blocks[index] ??= new Array<Stage2Page | undefined>(PAGES_PER_BLOCK).fill(undefined);
    return blocks[index];
  }
}
