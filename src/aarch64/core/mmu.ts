/**
 * What happens when a TLB misses: both stages of translation, then either the TLB is filled, or the access is made here
 * (a device, two pages, a page with decoded code), or the guest gets its abort, or the vCPU leaves with a stage 2 fault.
 */
import type { AccessKind, MmioDevice } from '../contract.ts';
import { STATE, TLB_SET, TLB_TABLE } from '../state.ts';
import {
  allows,
  FAULT_STATUS,
  type Mapping,
  type Requester,
  type Stage1Fault,
  type TableFault,
  type TableReader,
  translateStage1,
  type Va,
} from '../translation/stage1.ts';
import type { Stage2Page, Stage2Tables } from '../translation/stage2.ts';
import type { Tlb } from '../translation/tlb.ts';
import { type AccessDescription, describeAccess } from './access.ts';
import type { DecodedPages } from './decoded-pages.ts';
import { GUEST_PAGE_BYTES } from './memory-map.ts';
import type { VcpuState } from './vcpu-state.ts';

const PAGE_OFFSET = GUEST_PAGE_BYTES - 1;
const TWO_32 = 2 ** 32;
const REQUESTER = {
  el0: { el: 0, pan: false },
  el1: { el: 1, pan: false },
  el1Pan: { el: 1, pan: true },
} as const satisfies Record<string, Requester>;

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
  readonly tlb: Tlb;
  stage2Tables(): Stage2Tables;
  /** Makes the guest or the machine hear of it. */
  refuse(refusal: Refusal, access: AccessDescription | undefined): void;
  readDevice(device: MmioDevice, ipa: number, sizeBytes: 1 | 2 | 4): number;
  writeDevice(device: MmioDevice, ipa: number, sizeBytes: 1 | 2 | 4, value: number): void;
}

interface Page {
  readonly mapping: Mapping;
  readonly stage2: Stage2Page;
}

export class Mmu implements TableReader {
  readonly #owner: MmuOwner;
  readonly #pages: DecodedPages;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  misses = 0;
  deviceAccesses = 0;

  constructor(owner: MmuOwner, pages: DecodedPages, memory: ArrayBuffer) {
    this.#owner = owner;
    this.#pages = pages;
    this.#bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
  }

  hostOffset(ipa: number): number | undefined {
    return this.#owner.stage2Tables().ramOffsetOf(ipa);
  }
  word(host: number): number {
    return this.#words[host >>> 2] ?? 0;
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
    if (page === undefined) return 0;
    const { ramOffset, device } = page.stage2;
    if (ramOffset !== undefined) {
      this.#fill(va, access, page, ramOffset);
      return ramOffset + within;
    }
    if (device === undefined || this.#deviceMisaligned(va, access)) return 0;
    this.#readDevice(device, page.mapping.ipa + within, access.sizeBytes);
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
    if (first === access.sizeBytes) return this.#writePage(va, access, page, 0, first) ? 0 : 1;
    // Both pages must be writable before either changes.
    const next = addToVa(va, first);
    const second = this.#resolve(next, 'write', access);
    if (second === undefined) return 1;
    if (page.stage2.device !== undefined || second.stage2.device !== undefined) {
      this.#abort(va, 'write', FAULT_STATUS.alignment, access);
      return 1;
    }
    this.#writePage(va, access, page, 0, first);
    this.#writePage(next, access, second, first, access.sizeBytes - first);
    return 0;
  }

  /** {@link read} where it is no more than filling the TLB, else 0. */
  plainRead(descriptor: number): number {
    const access = describeAccess(descriptor);
    const va = this.#accessVa();
    const page = this.#plainPage(va, access, 'read');
    if (page?.stage2.ramOffset === undefined) return 0;
    this.misses++;
    this.#fill(va, access, page, page.stage2.ramOffset);
    return page.stage2.ramOffset + (va.lo & PAGE_OFFSET);
  }

  /** {@link write} where it is no more than filling the TLB and storing, else 1. */
  plainWrite(descriptor: number): number {
    const access = describeAccess(descriptor);
    const va = this.#accessVa();
    const page = this.#plainPage(va, access, 'write');
    if (page?.stage2.ramOffset === undefined || this.#pages.isTracked(page.stage2.ramOffset)) return 1;
    this.misses++;
    return this.#writePage(va, access, page, 0, access.sizeBytes) ? 0 : 1;
  }

  #plainPage(va: Va, access: AccessDescription, kind: AccessKind): Page | undefined {
    if (access.aligned && (va.lo & (access.sizeBytes - 1)) !== 0) return undefined;
    if ((va.lo & PAGE_OFFSET) + access.sizeBytes > GUEST_PAGE_BYTES) return undefined;
    const found = this.probe(va, kind, this.#requester(access));
    return 'mapping' in found ? found : undefined;
  }

  /** Finds the page of RAM that `pc` is in, for execution; `undefined` if that was refused. */
  fetch(pc: Va): number | undefined {
    const page = this.#resolve(pc, 'execute', undefined);
    if (page === undefined) return undefined;
    if (page.stage2.ramOffset === undefined) {
      this.#abort(pc, 'execute', FAULT_STATUS.externalAbort, undefined);
      return undefined;
    }
    return page.stage2.ramOffset;
  }

  /** Both stages for a VA, without effects: for traces and for AT. */
  probe(va: Va, access: AccessKind, who: Requester): Page | Refusal {
    const stage1 = translateStage1(this.#owner.state, this, va, who);
    if (stage1.kind !== 'mapping') return this.#refusalOf(stage1, va, access);
    if (!allows(stage1, access)) {
      return { kind: 'abort', access, va, status: FAULT_STATUS.permission | stage1.level };
    }
    const stage2 = this.#owner.stage2Tables().page(stage1.ipa);
    const ipa = stage1.ipa + (va.lo & PAGE_OFFSET);
    if (stage2 === undefined) return { kind: 'stage2', access, ipa, va, permission: false, onWalk: false };
    if (!stage2.permissions[access]) {
      return { kind: 'stage2', access, ipa, va, permission: true, onWalk: false };
    }
    return { mapping: stage1, stage2 };
  }

  #refusalOf(result: Stage1Fault | TableFault, va: Va, access: AccessKind): Refusal {
    if (result.kind === 'fault') return { kind: 'abort', access, va, status: result.status };
    return { kind: 'stage2', access: 'read', ipa: result.ipa, va, permission: false, onWalk: true };
  }

  #resolve(va: Va, access: AccessKind, description: AccessDescription | undefined): Page | undefined {
    this.misses++;
    const found = this.probe(va, access, this.#requester(description));
    if ('mapping' in found) return found;
    this.#owner.refuse(found, description);
    return undefined;
  }

  #requester(access: AccessDescription | undefined): Requester {
    const { state } = this.#owner;
    if (state.el === 0 || access?.unprivileged === true) return REQUESTER.el0;
    return access !== undefined && state.get32(STATE.PAN) !== 0 ? REQUESTER.el1Pan : REQUESTER.el1;
  }

  #fill(va: Va, access: AccessDescription, page: Page, ramOffset: number): void {
    const { state, tlb } = this.#owner;
    const set =
      state.el === 0 || access.unprivileged
        ? TLB_SET.el0
        : state.get32(STATE.PAN) !== 0
          ? TLB_SET.el1
          : TLB_SET.el1WithUser;
    const addend = (ramOffset - (va.lo & ~PAGE_OFFSET)) | 0;
    const { permissions } = page.stage2;
    if (page.mapping.readable && permissions.read) tlb.fill(set, TLB_TABLE.read, va, addend);
    if (page.mapping.writable && permissions.write && !this.#pages.isTracked(ramOffset)) {
      tlb.fill(set, TLB_TABLE.write, va, addend);
    }
    if (page.mapping.level < 3) tlb.noteBlock(va);
  }

  #readAcross(va: Va, access: AccessDescription): number {
    const { state } = this.#owner;
    const first = GUEST_PAGE_BYTES - (va.lo & PAGE_OFFSET);
    const next = addToVa(va, first);
    const pages = [this.#resolve(va, 'read', access), undefined] as [Page | undefined, Page | undefined];
    if (pages[0] === undefined) return 0;
    pages[1] = this.#resolve(next, 'read', access);
    if (pages[1] === undefined) return 0;
    const from = pages[0].stage2.ramOffset;
    const then = pages[1].stage2.ramOffset;
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
    const { ramOffset, device } = page.stage2;
    const within = va.lo & PAGE_OFFSET;
    if (ramOffset === undefined) {
      if (device === undefined || this.#deviceMisaligned(va, access)) return false;
      this.#writeDevice(device, page.mapping.ipa + within, count);
      return true;
    }
    const data = state.base + STATE.DATA + from;
    const to = ramOffset + within;
    // A loop: for so few bytes copyWithin takes several times as long.
    for (let byte = 0; byte < count; byte++) this.#bytes[to + byte] = this.#bytes[data + byte] ?? 0;
    this.#pages.written(ramOffset, within, count);
    this.#fill(va, access, page, ramOffset);
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
