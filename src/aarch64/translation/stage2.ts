/**
 * Stage 2: what each guest physical page is. A tree of tables in the cluster's memory, read by the walk in WebAssembly and from here:
 * a root with an entry for each GiB, tables of 2 MiB blocks, and tables of pages where a block isn't of one kind.
 */
import type { MmioDevice, Permissions, Stage2 } from '../contract.ts';
import { add, and, geUnsigned, i32, i64, isZero, low32, shl, shr } from '../meaning/integer.ts';
import { helper } from '../meaning/meaning.ts';
import { STATE } from '../state.ts';

const PAGE_BYTES = 0x1000;
const BLOCK_BYTES = 0x20_0000;
const GIB_BYTES = 0x4000_0000;
const ENTRIES_PER_TABLE = 512;
const ENTRY_BYTES = 4;
const TABLE_BYTES = ENTRIES_PER_TABLE * ENTRY_BYTES;
/** IPAs have 40 bits (ID_AA64MMFR0_EL1.PARange). */
const IPA_BITS = 40n;
const ROOT_BYTES = 1024 * ENTRY_BYTES;

/** An entry's low bits. Above them: a page's place in memory, a device's number, or where a table lies. */
export const STAGE2_ENTRY = { read: 1, write: 2, execute: 4, ram: 8, device: 16, table: 32 } as const;
const PAYLOAD = ~0xfff;
const PAYLOAD_SHIFT = 12;
const TABLE_ADDRESS = ~0x7ff;

/** (IPA) → the entry of its page: 0 where nothing is. */
export const stage2Entry = helper('stage2Entry', ['i64'], 'i32', (c, ipa) => {
  const root = c.let(c.state32(STATE.STAGE2));
  c.if(isZero(root), () => c.return(i32(0)));
  c.if(geUnsigned(ipa, i64(1n << IPA_BITS)), () => c.return(i32(0)));
  const indexed = (shift: bigint, mask: number) => shl(and(low32(shr(ipa, i64(shift))), i32(mask)), i32(2));
  const gib = c.memory('i32.load', add(root, indexed(30n, 1023)));
  c.if(isZero(gib), () => c.return(i32(0)));
  const block = c.memory('i32.load', add(and(gib, i32(TABLE_ADDRESS)), indexed(21n, 511)));
  c.if(and(block, i32(STAGE2_ENTRY.table)), () =>
    c.return(c.memory('i32.load', add(and(block, i32(TABLE_ADDRESS)), indexed(12n, 511)))),
  );
  c.if(and(block, i32(STAGE2_ENTRY.ram)), () =>
    c.return(add(block, and(low32(ipa), i32(BLOCK_BYTES - PAGE_BYTES)))),
  );
  return block;
});

/** Where tables come from. */
export class Stage2Pool {
  readonly words: Uint32Array;
  readonly #end: number;
  #next: number;

  constructor(memory: ArrayBuffer, from: number, bytes: number) {
    this.words = new Uint32Array(memory);
    this.#next = from;
    this.#end = from + bytes;
  }

  /** Throws `RangeError` where there is no more. */
  take(bytes: number): number {
    const at = this.#next;
    if (at + bytes > this.#end) throw new RangeError('stage 2 maps too many single pages');
    this.#next += bytes;
    return at;
  }
}

export class Stage2Tables implements Stage2 {
  readonly root: number;
  readonly #pool: Stage2Pool;
  readonly #words: Uint32Array;
  readonly #onChange: () => void;
  readonly #devices: MmioDevice[] = [];

  constructor(pool: Stage2Pool, onChange: () => void) {
    this.#pool = pool;
    this.#words = pool.words;
    this.#onChange = onChange;
    this.root = pool.take(ROOT_BYTES);
  }

  mapRam(ipa: number, sizeBytes: number, ramOffset: number, permissions: Permissions): void {
    if (ramOffset % PAGE_BYTES !== 0) throw new RangeError(`RAM at ${ramOffset} is no page`);
    this.#fill(ipa, sizeBytes, (ramOffset | STAGE2_ENTRY.ram | permissionBits(permissions)) >>> 0);
  }

  mapDevice(ipa: number, sizeBytes: number, permissions: Permissions, device: MmioDevice): void {
    const known = this.#devices.indexOf(device);
    const number = known < 0 ? this.#devices.push(device) - 1 : known;
    const entry = (number << PAYLOAD_SHIFT) | STAGE2_ENTRY.device | permissionBits(permissions);
    this.#fill(ipa, sizeBytes, entry >>> 0);
  }

  unmap(ipa: number, sizeBytes: number): void {
    this.#fill(ipa, sizeBytes, 0);
  }

  ramOffsetOf(ipa: number): number | undefined {
    const offset = ramOffset(this.entry(ipa));
    return offset === undefined ? undefined : offset + (ipa % PAGE_BYTES);
  }

  /** The entry of the page that holds `ipa`, as {@link stage2Entry} gives it. */
  entry(ipa: number): number {
    const gib = this.#words[(this.root >> 2) + Math.floor(ipa / GIB_BYTES)] ?? 0;
    if (gib === 0) return 0;
    const within = ipa % GIB_BYTES;
    const block = this.#words[((gib & TABLE_ADDRESS) >>> 2) + Math.floor(within / BLOCK_BYTES)] ?? 0;
    const page = within % BLOCK_BYTES;
    if ((block & STAGE2_ENTRY.table) !== 0) {
      return this.#words[((block & TABLE_ADDRESS) >>> 2) + Math.floor(page / PAGE_BYTES)] ?? 0;
    }
    return (block & STAGE2_ENTRY.ram) !== 0 ? block + (page & PAYLOAD) : block;
  }

  /** The device that an entry means. */
  device(entry: number): MmioDevice | undefined {
    return (entry & STAGE2_ENTRY.device) === 0 ? undefined : this.#devices[entry >>> PAYLOAD_SHIFT];
  }

  /** Gives pages the same entry; of RAM, each its own page. */
  #fill(ipa: number, sizeBytes: number, entry: number): void {
    if (ipa % PAGE_BYTES !== 0 || sizeBytes % PAGE_BYTES !== 0) {
      throw new RangeError(`stage 2 maps whole pages, not 0x${ipa.toString(16)}+0x${sizeBytes.toString(16)}`);
    }
    const isRam = (entry & STAGE2_ENTRY.ram) !== 0;
    for (let offset = 0; offset < sizeBytes; ) {
      const at = ipa + offset;
      const value = isRam ? entry + offset : entry;
      const place = this.#blockPlace(at);
      if (at % BLOCK_BYTES === 0 && sizeBytes - offset >= BLOCK_BYTES) {
        this.#words[place] = value;
        offset += BLOCK_BYTES;
      } else {
        this.#words[this.#tableAt(place) + (Math.floor(at / PAGE_BYTES) % ENTRIES_PER_TABLE)] = value;
        offset += PAGE_BYTES;
      }
    }
    this.#onChange();
  }

  /** Where among the words a block's entry is. */
  #blockPlace(ipa: number): number {
    const gib = (this.root >> 2) + Math.floor(ipa / GIB_BYTES);
    if (this.#words[gib] === 0) this.#words[gib] = this.#pool.take(TABLE_BYTES) | STAGE2_ENTRY.table;
    const table = ((this.#words[gib] ?? 0) & TABLE_ADDRESS) >>> 2;
    return table + (Math.floor(ipa / BLOCK_BYTES) % ENTRIES_PER_TABLE);
  }

  /** The table of pages behind a block's entry, made of the block if it was one. */
  #tableAt(place: number): number {
    const block = this.#words[place] ?? 0;
    if ((block & STAGE2_ENTRY.table) !== 0) return (block & TABLE_ADDRESS) >>> 2;
    const table = this.#pool.take(TABLE_BYTES);
    const step = (block & STAGE2_ENTRY.ram) !== 0 ? PAGE_BYTES : 0;
    for (let page = 0; page < ENTRIES_PER_TABLE; page++)
      this.#words[(table >> 2) + page] = block + page * step;
    this.#words[place] = table | STAGE2_ENTRY.table;
    return table >> 2;
  }
}

function permissionBits({ read, write, execute }: Permissions): number {
  const { read: r, write: w, execute: x } = STAGE2_ENTRY;
  return (read ? r : 0) | (write ? w : 0) | (execute ? x : 0);
}

/** The place of an entry's page in memory; `undefined` where it isn't RAM. */
export function ramOffset(entry: number): number | undefined {
  return (entry & STAGE2_ENTRY.ram) === 0 ? undefined : (entry & PAYLOAD) >>> 0;
}
