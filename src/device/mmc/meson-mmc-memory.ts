/**
 * What Amlogic's SD/eMMC controller reads and writes by itself: RAM by physical address, and its own SRAM, which the guest
 * sees in the register window and which the bus shows there too (Linux's `amlogic,dram-access-quirk` names it so).
 */
import type { AccessSize, BusMaster } from '../contract.ts';
import { SRAM_BYTES, SRAM_OFFSET } from './meson-mmc-registers.ts';

/** In CMD_DAT and CMD_RSP: the place is in the SRAM. */
const SRAM_FLAG = 1;

export class MesonMmcMemory {
  readonly sram = new Uint8Array(SRAM_BYTES);
  readonly #master: BusMaster;
  readonly #sramAddr: number;

  /** @param baseAddr where the bus shows the controller */
  constructor(master: BusMaster, baseAddr: number) {
    this.#master = master;
    this.#sramAddr = baseAddr + SRAM_OFFSET;
  }

  /** The guest's accesses to the SRAM. */
  readSram(at: number, sizeBytes: AccessSize): number {
    let value = 0;
    for (let byte = sizeBytes - 1; byte >= 0; byte -= 1) value = value * 256 + (this.sram[at + byte] ?? 0);
    return value;
  }

  writeSram(at: number, value: number, sizeBytes: AccessSize): void {
    for (let byte = 0; byte < sizeBytes && at + byte < SRAM_BYTES; byte += 1) {
      this.sram[at + byte] = value >>> (8 * byte);
    }
  }

  /** The bus address of a place in the SRAM. */
  inSram(offset: number): number {
    return this.#sramAddr + (offset % SRAM_BYTES);
  }

  /** The bus address that CMD_DAT or CMD_RSP means; the two lowest bits are flags. */
  placeOf(word: number): number {
    const addr = (word & ~3) >>> 0;
    return (word & SRAM_FLAG) === 0 ? addr : this.inSram(addr);
  }

  /** What lies there: zeros where there is neither RAM nor SRAM. */
  load(addr: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    const content = new Uint8Array(sizeBytes);
    const at = addr - this.#sramAddr;
    if (at >= 0 && at < SRAM_BYTES) content.set(this.sram.subarray(at, at + sizeBytes));
    else this.#master.read(addr, content);
    return content;
  }

  /** What finds neither RAM nor SRAM is lost. */
  store(addr: number, content: Uint8Array): void {
    const at = addr - this.#sramAddr;
    if (at >= 0 && at < SRAM_BYTES) this.sram.set(content.subarray(0, SRAM_BYTES - at), at);
    else this.#master.write(addr, content);
  }

  loadWords(addr: number, count: number): readonly number[] {
    const view = new DataView(this.load(addr, 4 * count).buffer);
    return Array.from({ length: count }, (_, index) => view.getUint32(4 * index, true));
  }

  storeWords(addr: number, words: readonly number[]): void {
    const bytes = new Uint8Array(4 * words.length);
    const view = new DataView(bytes.buffer);
    for (const [index, word] of words.entries()) view.setUint32(4 * index, word, true);
    this.store(addr, bytes);
  }
}
