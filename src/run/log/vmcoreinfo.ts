/**
 * What a Linux kernel tells crash tools of itself (VMCOREINFO): where its variables are and how its structures are laid out, as
 * lines of text that fill a page of their own (kernel/crash_core.c of 6.1, kernel/vmcore_info.c of 7.2; arm64's part in
 * arch/arm64/kernel/). Nothing points to the page, so it is found by how it begins. It is there from the kernel's subsystem
 * initcalls on, where the kernel has CONFIG_CRASH_CORE or CONFIG_VMCORE_INFO, which /proc/kcore and kexec bring.
 */
import { SMALL_PAGE_BYTES } from '../../base/index.ts';
import type { GuestMemory } from './guest-memory.ts';

const START = 'OSRELEASE=';
/** `OSRE` as the first word of a page. */
const START_WORD = 0x4552_534f;
/** A guest can write such pages as many as it has; a reset leaves the one of the boot before. */
const PAGES_TRIED = 4;

const LINE = /^(SYMBOL|OFFSET|SIZE|LENGTH|NUMBER)\(([\w.]{1,64})\)=(0x)?([0-9a-f]{1,16}|-?\d{1,19})$/;

export class VmcoreInfo {
  readonly #values = new Map<string, bigint>();

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const [, kind = '', name = '', prefix, digits = ''] = LINE.exec(line) ?? [];
      if (kind === '') continue;
      const isHex = prefix !== undefined || kind === 'SYMBOL';
      if (!isHex && !/^-?\d+$/.test(digits)) continue;
      this.#values.set(`${kind}(${name})`, BigInt.asUintN(64, BigInt(isHex ? `0x${digits}` : digits)));
    }
  }

  /** `SYMBOL(prb)`, `OFFSET(prb_desc.state_var)`, as the lines have them. */
  get(key: string): bigint | undefined {
    return this.#values.get(key);
  }
}

/** Every page that may be one. */
export function* vmcoreInfosIn(memory: GuestMemory): Iterable<VmcoreInfo> {
  let left = PAGES_TRIED;
  for (const { bytes } of memory.pieces) {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at + SMALL_PAGE_BYTES <= bytes.length; at += SMALL_PAGE_BYTES) {
      if (words.getUint32(at, true) !== START_WORD) continue;
      const page = bytes.subarray(at, at + SMALL_PAGE_BYTES);
      const text = new TextDecoder('latin1').decode(page.slice(0, endOf(page)));
      if (!text.startsWith(START)) continue;
      yield new VmcoreInfo(text);
      left -= 1;
      if (left === 0) return;
    }
  }
}

function endOf(page: Uint8Array): number {
  const end = page.indexOf(0);
  return end < 0 ? page.length : end;
}
