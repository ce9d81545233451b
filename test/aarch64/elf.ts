/** A static AArch64 ELF executable with one segment, for QEMU's user mode (ELF-64 gABI, "Executable and Linkable Format"). */

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
/** Where the segment's contents begin in the file: congruent to its address modulo the page size. */
const CONTENT_OFFSET = 0x1_0000;
const EM_AARCH64 = 183;
const ET_EXEC = 2;
const PT_LOAD = 1;
const RWX = 7;

/** `content` at `address`, a multiple of 64 KiB, entered at `entry`. */
export function staticElf(content: Uint8Array, address: number, entry: number): Uint8Array {
  const file = new Uint8Array(CONTENT_OFFSET + content.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_AARCH64, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, BigInt(HEADER_BYTES), true);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(54, PROGRAM_HEADER_BYTES, true);
  view.setUint16(56, 1, true);
  view.setUint32(HEADER_BYTES, PT_LOAD, true);
  view.setUint32(HEADER_BYTES + 4, RWX, true);
  view.setBigUint64(HEADER_BYTES + 8, BigInt(CONTENT_OFFSET), true);
  view.setBigUint64(HEADER_BYTES + 16, BigInt(address), true);
  view.setBigUint64(HEADER_BYTES + 24, BigInt(address), true);
  view.setBigUint64(HEADER_BYTES + 32, BigInt(content.length), true);
  view.setBigUint64(HEADER_BYTES + 40, BigInt(content.length), true);
  view.setBigUint64(HEADER_BYTES + 48, BigInt(CONTENT_OFFSET), true);
  file.set(content, CONTENT_OFFSET);
  return file;
}
