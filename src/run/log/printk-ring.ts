/**
 * `struct printk_ringbuffer` (Linux 5.10 and later, kernel/printk/printk_ringbuffer.c and .h): a ring of descriptors, each with its
 * state, the place of its text and an info, and a ring of texts. Read as it lies, without the locks that a running kernel has:
 * what it is writing at that moment is left out. Descriptors' numbers and texts' places only grow; where they are in their
 * ring, the low bits say.
 */
import type { KernelRead } from './kernel-memory.ts';
import type { VmcoreInfo } from './vmcoreinfo.ts';

/** CONFIG_LOG_BUF_SHIFT is at most 25, with a descriptor for 32 bytes; `log_buf_len=` may ask for more, and has no log here. */
const MOST_COUNT_BITS = 20;
const MOST_SIZE_BITS = 25;
/** More than `PRINTKRB_RECORD_MAX`. */
const TEXT_LIMIT_BYTES = 4096;

/** `enum desc_state`, in the two upper bits of `state_var`. */
const STATE_SHIFT = 62n;
const [COMMITTED, FINALIZED] = [1n, 2n];
const ID_MASK = (1n << STATE_SHIFT) - 1n;

const OFFSETS = [
  'OFFSET(printk_ringbuffer.desc_ring)',
  'OFFSET(printk_ringbuffer.text_data_ring)',
  'OFFSET(prb_desc_ring.count_bits)',
  'OFFSET(prb_desc_ring.descs)',
  'OFFSET(prb_desc_ring.infos)',
  'OFFSET(prb_desc_ring.head_id)',
  'OFFSET(prb_desc_ring.tail_id)',
  'OFFSET(prb_data_ring.size_bits)',
  'OFFSET(prb_data_ring.data)',
  'OFFSET(prb_desc.state_var)',
  'OFFSET(prb_desc.text_blk_lpos)',
  'OFFSET(prb_data_blk_lpos.begin)',
  'OFFSET(prb_data_blk_lpos.next)',
  'OFFSET(printk_info.text_len)',
  'SIZE(prb_desc)',
  'SIZE(printk_info)',
] as const;
type Offset = (typeof OFFSETS)[number];

/** No structure here is larger. */
const LARGEST_OFFSET = 4096n;

interface RingFields {
  readonly countBits: number;
  readonly descs: bigint;
  readonly infos: bigint;
  readonly tailId: bigint;
  readonly headId: bigint;
  readonly sizeBits: number;
  readonly data: bigint;
}

export class PrintkRing {
  readonly #read: KernelRead;
  readonly #at: Readonly<Record<Offset, bigint>>;
  readonly #ring: RingFields;

  private constructor(read: KernelRead, at: Readonly<Record<Offset, bigint>>, ring: RingFields) {
    this.#read = read;
    this.#at = at;
    this.#ring = ring;
  }

  /** The ring that `prb` points to; `undefined` where it is none. */
  static of(info: VmcoreInfo, read: KernelRead): PrintkRing | undefined {
    const known = OFFSETS.map((name) => [name, info.get(name)] as const);
    const prb = info.get('SYMBOL(prb)');
    if (prb === undefined || known.some(([, offset]) => offset === undefined || offset > LARGEST_OFFSET))
      return undefined;
    const at = Object.fromEntries(known) as Record<Offset, bigint>;
    const ring = u64(read, prb);
    if (ring === undefined) return undefined;
    const descRing = ring + at['OFFSET(printk_ringbuffer.desc_ring)'];
    const dataRing = ring + at['OFFSET(printk_ringbuffer.text_data_ring)'];
    const fields = {
      countBits: read(descRing + at['OFFSET(prb_desc_ring.count_bits)'], 4)?.getUint32(0, true),
      descs: u64(read, descRing + at['OFFSET(prb_desc_ring.descs)']),
      infos: u64(read, descRing + at['OFFSET(prb_desc_ring.infos)']),
      headId: u64(read, descRing + at['OFFSET(prb_desc_ring.head_id)']),
      tailId: u64(read, descRing + at['OFFSET(prb_desc_ring.tail_id)']),
      sizeBits: read(dataRing + at['OFFSET(prb_data_ring.size_bits)'], 4)?.getUint32(0, true),
      data: u64(read, dataRing + at['OFFSET(prb_data_ring.data)']),
    };
    if (Object.values(fields).includes(undefined)) return undefined;
    const all = fields as RingFields;
    const fits = all.countBits <= MOST_COUNT_BITS && all.sizeBits <= MOST_SIZE_BITS;
    return fits ? new PrintkRing(read, at, all) : undefined;
  }

  /** The records' texts, from the oldest on. */
  *texts(): Iterable<string> {
    const { countBits, headId, tailId } = this.#ring;
    const count = BigInt.asUintN(64, 1n << BigInt(countBits));
    const used = BigInt.asUintN(62, headId - tailId) + 1n;
    for (let at = 0n; at < used && at < count; at += 1n) {
      const text = this.#textOf((tailId + at) & ID_MASK);
      if (text !== undefined) yield text;
    }
  }

  #textOf(id: bigint): string | undefined {
    const { countBits, descs, infos } = this.#ring;
    const at = this.#at;
    const index = BigInt.asUintN(countBits, id);
    const desc = descs + index * at['SIZE(prb_desc)'];
    const state = u64(this.#read, desc + at['OFFSET(prb_desc.state_var)']);
    if (state === undefined || (state & ID_MASK) !== id) return undefined;
    if (state >> STATE_SHIFT !== COMMITTED && state >> STATE_SHIFT !== FINALIZED) return undefined;
    const place = desc + at['OFFSET(prb_desc.text_blk_lpos)'];
    const begin = u64(this.#read, place + at['OFFSET(prb_data_blk_lpos.begin)']);
    const next = u64(this.#read, place + at['OFFSET(prb_data_blk_lpos.next)']);
    const info = infos + index * at['SIZE(printk_info)'];
    const length = this.#read(info + at['OFFSET(printk_info.text_len)'], 2)?.getUint16(0, true);
    if (begin === undefined || next === undefined || length === undefined) return undefined;
    return this.#textAt(begin, next, length);
  }

  /** A block is its descriptor's number and the text; one that does not fit before the ring's end lies at its beginning. */
  #textAt(begin: bigint, next: bigint, lengthBytes: number): string | undefined {
    const { sizeBits, data } = this.#ring;
    // A record without a text has places that no block can have.
    if ((begin & 1n) === 1n) return undefined;
    const end = BigInt.asUintN(sizeBits, next);
    const isWrapped = begin >> BigInt(sizeBits) !== next >> BigInt(sizeBits) && end !== 0n;
    const start = isWrapped ? 0n : BigInt.asUintN(sizeBits, begin);
    const size = (end === 0n ? 1n << BigInt(sizeBits) : end) - start - ID_BYTES;
    const bytes = Math.min(lengthBytes, Number(size), TEXT_LIMIT_BYTES);
    if (bytes <= 0) return undefined;
    const view = this.#read(data + start + ID_BYTES, bytes);
    return view === undefined
      ? undefined
      : new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset, bytes).slice());
  }
}

const ID_BYTES = 8n;

function u64(read: KernelRead, addr: bigint): bigint | undefined {
  return read(BigInt.asUintN(64, addr), 8)?.getBigUint64(0, true);
}
