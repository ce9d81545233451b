/** A guest's RAM by its own addresses, for who looks on from outside: devices are not touched. */
import type { CpuCluster, Vcpu } from '../aarch64/index.ts';
import { SMALL_PAGE_BYTES } from '../base/index.ts';

/** Where in the cluster's memory something is, by its distance from where it begins; `undefined` where there is no RAM. */
type PlaceOf = (offset: number) => number | undefined;

/** By virtual addresses, in the address space in use, whoever may read them. */
export function virtualPlaces(cpu: Vcpu, va: bigint): PlaceOf {
  return (offset) => {
    const ipa = cpu.locate(BigInt.asUintN(64, va + BigInt(offset)));
    return ipa === undefined ? undefined : placeInRam(cpu, ipa);
  };
}

/** By the guest's physical addresses. */
export function physicalPlaces(cpu: Vcpu, ipa: number): PlaceOf {
  return (offset) => placeInRam(cpu, ipa + offset);
}

function placeInRam(cpu: Vcpu, ipa: number): number | undefined {
  const page = ipa - (ipa % SMALL_PAGE_BYTES);
  const place = cpu.stage2?.ramOffsetOf(page);
  return place === undefined ? undefined : place + (ipa - page);
}

/** As many bytes as there are. */
export function gather({ memory }: CpuCluster, sizeBytes: number, place: PlaceOf): Uint8Array {
  const all = new Uint8Array(memory.buffer);
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; ) {
    const from = place(at);
    if (from === undefined) return bytes.subarray(0, at);
    const count = Math.min(sizeBytes - at, SMALL_PAGE_BYTES - (from % SMALL_PAGE_BYTES));
    bytes.set(all.subarray(from, from + count), at);
    at += count;
  }
  return bytes;
}

/** `false` where not all of it is RAM; nothing is written then. */
export function scatter(cluster: CpuCluster, content: Uint8Array, place: PlaceOf): boolean {
  const pieces: (readonly [number, Uint8Array])[] = [];
  for (let at = 0; at < content.length; ) {
    const to = place(at);
    if (to === undefined) return false;
    const count = Math.min(content.length - at, SMALL_PAGE_BYTES - (to % SMALL_PAGE_BYTES));
    pieces.push([to, content.subarray(at, at + count)]);
    at += count;
  }
  const all = new Uint8Array(cluster.memory.buffer);
  for (const [to, piece] of pieces) {
    all.set(piece, to);
    cluster.ramWritten(to, piece.length);
  }
  return true;
}
