/**
 * Which devices share a page: what stage 2 maps is whole pages, so whoever is given one device is given every other
 * whose registers lie in the same page.
 */
import { type AddrRange, alignDown, type Paddr, rangeEnd, rangesOverlap } from '../../base/index.ts';

/** Something with register ranges: a device of the resolved view. */
export interface PageTenant {
  readonly regs: readonly { readonly cpu?: AddrRange<Paddr> | undefined }[];
}

interface Placed<Tenant> {
  readonly tenant: Tenant;
  readonly range: AddrRange<Paddr>;
}

/** Answers who lies in a range of physical addresses. Build once, ask often. */
export class PageIndex<Tenant extends PageTenant> {
  /** By base address; with the highest end of all up to there, so that a search can stop. */
  readonly #placed: readonly Placed<Tenant>[];
  readonly #highestEnds: readonly number[];

  constructor(tenants: readonly Tenant[]) {
    this.#placed = tenants
      .flatMap((tenant) =>
        tenant.regs.flatMap(({ cpu }) => (cpu === undefined ? [] : [{ tenant, range: cpu }])),
      )
      .sort((a, b) => a.range.base - b.range.base);
    let highest = 0;
    this.#highestEnds = this.#placed.map(({ range }) => {
      highest = Math.max(highest, rangeEnd(range));
      return highest;
    });
  }

  /** The tenants with registers in `range`, in order of address. */
  in(range: AddrRange<Paddr>): readonly Tenant[] {
    const found = new Set<Tenant>();
    for (let at = this.#firstAtOrAfter(rangeEnd(range)) - 1; at >= 0; at -= 1) {
      if ((this.#highestEnds[at] ?? 0) <= range.base) break;
      const placed = this.#placed[at];
      if (placed !== undefined && rangesOverlap(placed.range, range)) found.add(placed.tenant);
    }
    return [...found].reverse();
  }

  /** The other tenants of the first and last page of each of a tenant's ranges, and of the pages between. */
  coTenants(tenant: Tenant, pageBytes: number): readonly Tenant[] {
    const found = new Set<Tenant>();
    for (const { cpu } of tenant.regs) {
      if (cpu === undefined) continue;
      const base = alignDown(cpu.base, pageBytes);
      const end = alignDown(rangeEnd(cpu) + pageBytes - 1, pageBytes);
      for (const other of this.in({ base, size: end - base })) if (other !== tenant) found.add(other);
    }
    return [...found];
  }

  #firstAtOrAfter(base: number): number {
    let [low, high] = [0, this.#placed.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#placed[middle]?.range.base ?? 0) < base) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
