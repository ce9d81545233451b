/** A guest's RAM as its kernel knows it, by the addresses of the guest. What is read is whatever the guest left there. */
import type { SystemDescription } from '../../microkit/index.ts';
import { protectionDomainsOf } from '../../microkit/index.ts';
import type { Kernel } from '../../sel4/index.ts';

export interface RamPiece {
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** A guest's RAM by the kernel's own addresses, read from outside. */
export class GuestMemory {
  readonly pieces: readonly RamPiece[];

  constructor(pieces: readonly RamPiece[]) {
    this.pieces = pieces;
  }

  /** `undefined` where it is not all RAM of one piece. */
  view(addr: bigint, sizeBytes: number): DataView | undefined {
    for (const { base, bytes } of this.pieces) {
      const offset = addr - BigInt(base);
      if (offset < 0n || offset + BigInt(sizeBytes) > BigInt(bytes.length)) continue;
      return new DataView(bytes.buffer, bytes.byteOffset + Number(offset), sizeBytes);
    }
    return undefined;
  }
}

/** The RAM that a virtual machine has mapped. */
export function guestMemoryOf(
  kernel: Pick<Kernel, 'regionOf'>,
  description: SystemDescription,
  vm: string,
): GuestMemory {
  const machine = [...protectionDomainsOf(description)]
    .map(({ virtualMachine }) => virtualMachine)
    .find((each) => each?.name === vm);
  const pieces = (machine?.maps ?? []).flatMap(({ mr, vaddr }) => {
    const { ram } = kernel.regionOf(mr);
    return ram === undefined ? [] : [{ base: vaddr, bytes: ram.bytes }];
  });
  return new GuestMemory(pieces);
}
