/**
 * The DMA's descriptors in the core's normal form (Cyclone V TRM, "Normal Descriptor"; Linux 6.1 names the bits the same):
 * four words, of which the first belongs to whoever OWN says, in a ring or a chain.
 */
import { keptMembers, type Saved, savedParts, shape } from '../../base/index.ts';
import type { BusMaster } from '../contract.ts';

const WORD_BYTES = 4;
const DESCRIPTOR_BYTES = 4 * WORD_BYTES;
const [BUFFER_SIZE_MASK, BUFFER2_SHIFT] = [0x7ff, 11];
const [CHAINED, END_RING] = [1 << 24, 1 << 25];

const OWN = 2 ** 31;
/** Of the first word of a descriptor that was received into. */
export const RDES0 = {
  AFM: 1 << 30,
  FL_SHIFT: 16,
  ES: 1 << 15,
  DE: 1 << 14,
  VLAN: 1 << 10,
  FS: 1 << 9,
  LS: 1 << 8,
  IPC: 1 << 7,
  FT: 1 << 5,
  RWT: 1 << 4,
  PCE: 1 << 0,
} as const;
export const RDES1_DIC = 2 ** 31;
/** Of the first word of a descriptor that was sent. */
export const TDES0 = { IHE: 1 << 16, ES: 1 << 15, JT: 1 << 14 } as const;
export const TDES1 = { IC: 2 ** 31, LS: 1 << 30, FS: 1 << 29, DC: 1 << 26, DP: 1 << 23 } as const;

export interface Descriptor {
  readonly addr: number;
  readonly owned: boolean;
  readonly control: number;
  /** What is to be read or filled, in order; buffers of no size are not among them. */
  readonly buffers: readonly { readonly addr: number; readonly sizeBytes: number }[];
  readonly next: number;
}

/** TDES1's CIC: how checksums are inserted. */
export function checksumInsertion(control: number): number {
  return (control >>> 27) & 3;
}

/** A list of descriptors in RAM, and where the DMA is in it. */
export class DescriptorList {
  /** Where the list begins, and where its end leads back to. */
  base = 0;
  current = 0;
  /** The first buffer of the descriptor that was fetched last. */
  buffer = 0;
  readonly #master: BusMaster;
  readonly #bytes = new Uint8Array(DESCRIPTOR_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor(master: BusMaster) {
    this.#master = master;
  }

  start(base: number): void {
    this.base = base;
    this.current = base;
    this.buffer = 0;
  }

  /** The descriptor that it is at; `undefined` where there is no RAM. `skipBytes` is the gap that a ring has between them. */
  fetch(skipBytes: number): Descriptor | undefined {
    if (!this.#master.read(this.current, this.#bytes)) return undefined;
    const word = (index: number) => this.#view.getUint32(index * WORD_BYTES, true);
    const control = word(1);
    const chained = (control & CHAINED) !== 0 && (control & END_RING) === 0;
    const first = { addr: word(2), sizeBytes: control & BUFFER_SIZE_MASK };
    const second = { addr: word(3), sizeBytes: (control >>> BUFFER2_SHIFT) & BUFFER_SIZE_MASK };
    this.buffer = word(2);
    const following = (this.current + DESCRIPTOR_BYTES + skipBytes) % 2 ** 32;
    const next = chained ? word(3) - (word(3) % WORD_BYTES) : following;
    return {
      addr: this.current,
      owned: word(0) >= OWN,
      control,
      buffers: (chained ? [first] : [first, second]).filter(({ sizeBytes }) => sizeBytes > 0),
      next: (control & END_RING) === 0 ? next : this.base,
    };
  }

  get saved(): Saved {
    return savedParts(keptMembers(this, { base: shape.u32, current: shape.u32, buffer: shape.u32 }));
  }

  /** Gives a descriptor back with its status, and goes on to the next; `false` where there is no RAM any more. */
  close(descriptor: Descriptor, status: number): boolean {
    const word = new Uint8Array(WORD_BYTES);
    new DataView(word.buffer).setUint32(0, status >>> 0, true);
    this.current = descriptor.next;
    return this.#master.write(descriptor.addr, word);
  }
}
