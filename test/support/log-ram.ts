/** RAM with a kernel's log in it, written as printk_ringbuffer.c of Linux 6.1 writes it, and the VMCOREINFO that leads there. */

export interface LogRam {
  readonly base: number;
  readonly bytes: Uint8Array;
}

export interface LogRamOptions {
  readonly texts: readonly string[];
  /** Records that are not committed, by number. */
  readonly reserved?: readonly number[];
  readonly countBits?: number;
  readonly sizeBits?: number;
  readonly vaBits?: number;
  /** The ring's arrays lie in RAM that was allocated, not in the kernel's image. */
  readonly isAllocated?: boolean;
  /** A text of VMCOREINFO, and what stands in its place. */
  readonly edit?: readonly [from: string, to: string];
}

const BASE = 0x4000_0000;
const IMAGE_VADDR = 0xffff_ffc0_0800_0000n;
const [PRB, RING, DESCS, INFOS, DATA, INFO_PAGE] = [0x100, 0x200, 0x1000, 0x8000, 0x20000, 0x31000];
const [DESC_BYTES, INFO_BYTES] = [24, 88];
const NO_TEXT = 3n;

export function logRam({
  texts,
  reserved = [],
  countBits = 5,
  sizeBits = 12,
  vaBits = 48,
  isAllocated = false,
  edit,
}: LogRamOptions): LogRam {
  const bytes = new Uint8Array(0x32000);
  const view = new DataView(bytes.buffer);
  const inImage = (offset: number) => IMAGE_VADDR + BigInt(offset);
  const allocated = (offset: number) => BigInt.asUintN(64, (-1n << BigInt(vaBits)) + BigInt(offset));
  const array = isAllocated ? allocated : inImage;
  const u64 = (at: number, value: bigint) => view.setBigUint64(at, BigInt.asUintN(64, value), true);

  const count = 2 ** countBits;
  const size = 2n ** BigInt(sizeBits);
  // As _DEFINE_PRINTKRB sets them: one wrap before zero.
  const firstId = BigInt.asUintN(62, -(BigInt(count) + 1n)) + 1n;
  let head = -size;
  const places: { readonly begin: bigint; readonly next: bigint }[] = [];
  for (const [number, text] of texts.entries()) {
    const encoded = new TextEncoder().encode(text);
    const id = BigInt.asUintN(62, firstId + BigInt(number));
    const index = Number(BigInt.asUintN(countBits, id));
    const blockBytes = BigInt(Math.ceil((8 + encoded.length) / 8) * 8);
    const begin = head;
    let next = begin + blockBytes;
    const wraps = floorDiv(begin, size) !== floorDiv(next - 1n, size);
    if (wraps) next = floorDiv(next, size) * size + blockBytes;
    const at = wraps ? 0n : BigInt.asUintN(sizeBits, begin);
    u64(DATA + Number(at), id);
    bytes.set(encoded, DATA + Number(at) + 8);
    places.push({ begin, next });
    head = next;
    const state = reserved.includes(number) ? 0n : number === texts.length - 1 ? 1n : 2n;
    u64(DESCS + index * DESC_BYTES, (state << 62n) | id);
    u64(DESCS + index * DESC_BYTES + 8, encoded.length === 0 ? NO_TEXT : begin);
    u64(DESCS + index * DESC_BYTES + 16, encoded.length === 0 ? NO_TEXT : next);
    view.setUint16(INFOS + index * INFO_BYTES + 16, encoded.length, true);
  }
  // The tail moves on where descriptors or bytes run out.
  let tail = Math.max(0, texts.length - count);
  while (tail < texts.length && head - (places[tail]?.begin ?? 0n) > size) tail += 1;

  u64(PRB, inImage(RING));
  view.setUint32(RING, countBits, true);
  u64(RING + 8, array(DESCS));
  u64(RING + 16, array(INFOS));
  u64(RING + 24, BigInt.asUintN(62, firstId + BigInt(texts.length) - 1n));
  u64(RING + 32, BigInt.asUintN(62, firstId + BigInt(tail)));
  view.setUint32(RING + 40, sizeBits, true);
  u64(RING + 48, array(DATA));

  const info = [
    'OSRELEASE=6.1.0-test',
    'PAGESIZE=4096',
    `SYMBOL(prb)=${inImage(PRB).toString(16)}`,
    'OFFSET(printk_ringbuffer.desc_ring)=0',
    'OFFSET(printk_ringbuffer.text_data_ring)=40',
    'OFFSET(prb_desc_ring.count_bits)=0',
    'OFFSET(prb_desc_ring.descs)=8',
    'OFFSET(prb_desc_ring.infos)=16',
    'OFFSET(prb_desc_ring.head_id)=24',
    'OFFSET(prb_desc_ring.tail_id)=32',
    `SIZE(prb_desc)=${DESC_BYTES}`,
    'OFFSET(prb_desc.state_var)=0',
    'OFFSET(prb_desc.text_blk_lpos)=8',
    'OFFSET(prb_data_blk_lpos.begin)=0',
    'OFFSET(prb_data_blk_lpos.next)=8',
    `SIZE(printk_info)=${INFO_BYTES}`,
    'OFFSET(printk_info.text_len)=16',
    'OFFSET(prb_data_ring.size_bits)=0',
    'OFFSET(prb_data_ring.data)=8',
    `NUMBER(VA_BITS)=${vaBits}`,
    `NUMBER(kimage_voffset)=0x${(IMAGE_VADDR - BigInt(BASE)).toString(16)}`,
    `NUMBER(PHYS_OFFSET)=0x${BASE.toString(16)}`,
    'KERNELOFFSET=0',
  ].join('\n');
  const [from, to] = edit ?? ['', ''];
  bytes.set(new TextEncoder().encode(`${from === '' ? info : info.replace(from, to)}\n`), INFO_PAGE);
  return { base: BASE, bytes };
}

function floorDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
