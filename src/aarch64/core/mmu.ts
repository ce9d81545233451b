/**
 * What happens when a TLB misses and there is more to it than filling it (`translation/fill.ts`): the access is made here
 * (a device, two pages, a page with decoded code), or the guest gets its abort, or the vCPU leaves with a stage 2 fault.
 */
import type { AccessKind, MmioDevice } from '../contract.ts';
import { STATE } from '../state.ts';
import type { Debug } from '../system/debug.ts';
import { FAULT_STATUS, REQUESTER, TABLE_FAULT, type Va, WALK } from '../translation/stage1.ts';
import { ramOffset, type Stage2Tables } from '../translation/stage2.ts';
import { type AccessDescription, describeAccess } from './access.ts';
import type { Routines } from './core.ts';
import type { DecodedPages } from './decoded-pages.ts';
import { GUEST_PAGE_BYTES } from './memory-map.ts';
import type { VcpuState } from './vcpu-state.ts';

const PAGE_OFFSET = GUEST_PAGE_BYTES - 1;
const TWO_32 = 2 ** 32;
/** An access that stage 2 refuses. */
export interface Stage2Refusal {
  readonly kind: 'stage2';
  readonly access: AccessKind;
  readonly ipa: number;
  readonly va: Va;
  readonly permission: boolean;
  readonly onWalk: boolean;
}

export interface Stage1Abort {
  readonly kind: 'abort';
  readonly access: AccessKind;
  readonly va: Va;
  readonly status: number;
}

export type Refusal = Stage2Refusal | Stage1Abort;

/** What the MMU needs of the vCPU around it. */
export interface MmuOwner {
  readonly state: VcpuState;
  readonly debug: Debug;
  stage2Tables(): Stage2Tables;
  /** An access to bytes from `va` on is watched: the guest hears of it. */
  watchpoint(va: Va, write: boolean): void;
  /** The same by a debugger outside; `false` where it has gone on from there. */
  leaveAtWatchpoint(va: Va, write: boolean): boolean;
  /** Makes the guest or the machine hear of it. */
  refuse(refusal: Refusal, access: AccessDescription | undefined): void;
  readDevice(device: MmioDevice, ipa: number, sizeBytes: 1 | 2 | 4): number;
  writeDevice(device: MmioDevice, ipa: number, sizeBytes: 1 | 2 | 4, value: number): void;
}

/** Where both stages lead. */
interface Page {
  /** Of the page. */
  readonly ipa: number;
  /** Stage 2's entry: see `translation/stage2.ts`. */
  readonly entry: number;
}

export class Mmu {
  readonly #owner: MmuOwner;
  readonly #pages: DecodedPages;
  readonly #routines: Pick<Routines, 'walkHalves'>;
  readonly #bytes: Uint8Array;
  /** Those that came here. */
  misses = 0;
  deviceAccesses = 0;

  constructor(
    owner: MmuOwner,
    pages: DecodedPages,
    routines: Pick<Routines, 'walkHalves'>,
    memory: ArrayBuffer,
  ) {
    this.#owner = owner;
    this.#pages = pages;
    this.#routines = routines;
    this.#bytes = new Uint8Array(memory);
  }

  /** The slow path of a load: where in memory its bytes are, or 0 if it was refused. */
  read(descriptor: number): number {
    const access = describeAccess(descriptor);
    const va = this.#accessVa();
    const { state } = this.#owner;
    if (this.#misaligned(va, access)) return 0;
    const within = va.lo & PAGE_OFFSET;
    if (within + access.sizeBytes > GUEST_PAGE_BYTES) return this.#readAcross(va, access);
    const page = this.#resolve(va, 'read', access);
    if (page === undefined || this.#watched(va, access)) return 0;
    const device = this.#deviceOf(page);
    if (device === undefined) return (ramOffset(page.entry) ?? 0) + within;
    if (this.#deviceMisaligned(va, access)) return 0;
    this.#readDevice(device, page.ipa + within, access.sizeBytes);
    return state.base + STATE.DATA;
  }

  /** The slow path of a store, whose bytes are at `STATE.DATA`: 0 when done, 1 if it was refused. */
  write(descriptor: number): number {
    const access = describeAccess(descriptor);
    const va = this.#accessVa();
    if (this.#misaligned(va, access)) return 1;
    const within = va.lo & PAGE_OFFSET;
    const first = Math.min(access.sizeBytes, GUEST_PAGE_BYTES - within);
    const page = this.#resolve(va, 'write', access);
    if (page === undefined) return 1;
    if (first === access.sizeBytes && this.#watched(va, access)) return 1;
    if (first === access.sizeBytes) return this.#writePage(va, access, page, 0, first) ? 0 : 1;
    // Both pages must be writable before either changes.
    const next = addToVa(va, first);
    const second = this.#resolve(next, 'write', access);
    if (second === undefined || this.#watched(va, access)) return 1;
    if (this.#deviceOf(page) !== undefined || this.#deviceOf(second) !== undefined) {
      this.#abort(va, 'write', FAULT_STATUS.alignment, access);
      return 1;
    }
    this.#writePage(va, access, page, 0, first);
    this.#writePage(next, access, second, first, access.sizeBytes - first);
    return 0;
  }

  /** Finds the page of RAM that `pc` is in, for execution; `undefined` if that was refused. */
  fetch(pc: Va): number | undefined {
    const page = this.#resolve(pc, 'execute', undefined);
    if (page === undefined) return undefined;
    const host = ramOffset(page.entry);
    if (host === undefined) this.#abort(pc, 'execute', FAULT_STATUS.externalAbort, undefined);
    return host;
  }

  /** Both stages for a VA, without effects: for traces and for AT. `requester` is one of {@link REQUESTER}. */
  probe(va: Va, access: AccessKind, requester: number): Page | Refusal {
    const { state } = this.#owner;
    const walked = this.#routines.walkHalves(state.base, va.lo, va.hi, requester);
    const ipa = (state.get32(STATE.WALK_IPA + 4) & 0xff) * TWO_32 + (state.get32(STATE.WALK_IPA) >>> 0);
    if (walked === TABLE_FAULT) {
      return { kind: 'stage2', access: 'read', ipa, va, permission: false, onWalk: true };
    }
    if (walked < 0) return { kind: 'abort', access, va, status: ~walked };
    if ((walked & WALK[access]) === 0) {
      return { kind: 'abort', access, va, status: FAULT_STATUS.permission | (walked >> WALK.levelShift) };
    }
    const entry = this.#owner.stage2Tables().entry(ipa);
    if ((entry & WALK[access]) !== 0) return { ipa, entry };
    const permission = entry !== 0;
    return { kind: 'stage2', access, ipa: ipa + (va.lo & PAGE_OFFSET), va, permission, onWalk: false };
  }

  #resolve(va: Va, access: AccessKind, description: AccessDescription | undefined): Page | undefined {
    this.misses++;
    const found = this.probe(va, access, this.#requester(description));
    if ('entry' in found) return found;
    this.#owner.refuse(found, description);
    return undefined;
  }

  #deviceOf({ entry }: Page): MmioDevice | undefined {
    return this.#owner.stage2Tables().device(entry);
  }

  #requester(access: AccessDescription | undefined): number {
    const { state } = this.#owner;
    if (state.el === 0 || access?.unprivileged === true) return REQUESTER.el0;
    return access !== undefined && state.get32(STATE.PAN) !== 0 ? REQUESTER.el1Pan : REQUESTER.el1;
  }

  #readAcross(va: Va, access: AccessDescription): number {
    const { state } = this.#owner;
    const first = GUEST_PAGE_BYTES - (va.lo & PAGE_OFFSET);
    const next = addToVa(va, first);
    const pages = [this.#resolve(va, 'read', access), undefined] as [Page | undefined, Page | undefined];
    if (pages[0] === undefined) return 0;
    pages[1] = this.#resolve(next, 'read', access);
    if (pages[1] === undefined || this.#watched(va, access)) return 0;
    const from = ramOffset(pages[0].entry);
    const then = ramOffset(pages[1].entry);
    if (from === undefined || then === undefined) {
      this.#abort(va, 'read', FAULT_STATUS.alignment, access);
      return 0;
    }
    const to = state.base + STATE.DATA;
    this.#bytes.copyWithin(to, from + (va.lo & PAGE_OFFSET), from + GUEST_PAGE_BYTES);
    this.#bytes.copyWithin(to + first, then, then + access.sizeBytes - first);
    return to;
  }

  /** Stores `count` of the bytes at `STATE.DATA`, from the one at `from`. */
  #writePage(va: Va, access: AccessDescription, page: Page, from: number, count: number): boolean {
    const { state } = this.#owner;
    const within = va.lo & PAGE_OFFSET;
    const host = ramOffset(page.entry);
    if (host === undefined) {
      const device = this.#deviceOf(page);
      if (device === undefined || this.#deviceMisaligned(va, access)) return false;
      this.#writeDevice(device, page.ipa + within, count);
      return true;
    }
    const data = state.base + STATE.DATA + from;
    const to = host + within;
    // A loop: for so few bytes copyWithin takes several times as long.
    for (let byte = 0; byte < count; byte++) this.#bytes[to + byte] = this.#bytes[data + byte] ?? 0;
    this.#pages.written(host, within, count);
    return true;
  }

  #readDevice(device: MmioDevice, ipa: number, sizeBytes: number): void {
    const { state } = this.#owner;
    this.deviceAccesses++;
    if (sizeBytes < 4) {
      state.set32(STATE.DATA, this.#owner.readDevice(device, ipa, sizeBytes as 1 | 2));
      return;
    }
    for (let at = 0; at < sizeBytes; at += 4) {
      state.set32(STATE.DATA + at, this.#owner.readDevice(device, ipa + at, 4));
    }
  }

  #writeDevice(device: MmioDevice, ipa: number, sizeBytes: number): void {
    const { state } = this.#owner;
    this.deviceAccesses++;
    if (sizeBytes < 4) {
      const value = state.get32(STATE.DATA) & (sizeBytes === 1 ? 0xff : 0xffff);
      this.#owner.writeDevice(device, ipa, sizeBytes as 1 | 2, value);
      return;
    }
    // All words first: a device may use the vCPU, whose scratch bytes these are.
    const words = Array.from({ length: sizeBytes / 4 }, (_, index) => state.get32(STATE.DATA + 4 * index));
    for (const [index, word] of words.entries()) {
      this.#owner.writeDevice(device, ipa + 4 * index, 4, word >>> 0);
    }
  }

  #misaligned(va: Va, access: AccessDescription): boolean {
    if (!access.aligned || (va.lo & (access.sizeBytes - 1)) === 0) return false;
    this.#abort(va, access.write ? 'write' : 'read', FAULT_STATUS.alignment, access);
    return true;
  }

  /** Watchpoints come after everything that translation has to say (D1.3.5, priorities of synchronous exceptions). */
  #watched(va: Va, access: AccessDescription): boolean {
    const { external } = this.#owner.debug;
    const outside = external.watchedAt(va, access.sizeBytes, access.write);
    if (outside !== undefined && this.#owner.leaveAtWatchpoint(addToVa(va, outside), access.write))
      return true;
    const at = this.#owner.debug.watchedAt(va, access.sizeBytes, access.write, access.unprivileged);
    if (at === undefined) return false;
    this.#owner.watchpoint(addToVa(va, at), access.write);
    return true;
  }

  /** Device memory takes only aligned accesses (D8.6.2). Sixteen bytes are two registers' worth. */
  #deviceMisaligned(va: Va, access: AccessDescription): boolean {
    if ((va.lo & (Math.min(access.sizeBytes, 8) - 1)) === 0) return false;
    this.#abort(va, access.write ? 'write' : 'read', FAULT_STATUS.alignment, access);
    return true;
  }

  #abort(va: Va, access: AccessKind, status: number, description: AccessDescription | undefined): void {
    this.#owner.refuse({ kind: 'abort', access, va, status }, description);
  }

  #accessVa(): Va {
    const { state } = this.#owner;
    return { lo: state.get32(STATE.ACCESS_VA) >>> 0, hi: state.get32(STATE.ACCESS_VA + 4) };
  }
}

function addToVa(va: Va, bytes: number): Va {
  const sum = va.lo + bytes;
  return { lo: sum % TWO_32, hi: sum >= TWO_32 ? (va.hi + 1) | 0 : va.hi };
}

export function vaOf(value: bigint): Va {
  return { lo: Number(value & 0xffff_ffffn), hi: Number(BigInt.asIntN(32, value >> 32n)) };
}

export function vaAsBigint(va: Va): bigint {
  return (BigInt(va.hi >>> 0) << 32n) | BigInt(va.lo >>> 0);
}
