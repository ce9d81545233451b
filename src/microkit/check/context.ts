/** What the rules look at: the description, what was given beside it, and views that several rules need. */
import {
  type AddrRange,
  attempt,
  DiagnosticSink,
  type Fix,
  isAligned,
  LARGE_PAGE_BYTES,
  Refusal,
  SMALL_PAGE_BYTES,
  type SourcePosition,
} from '../../base/index.ts';
import type { Board } from '../../devicetree/index.ts';
import { type Architecture, type MicrokitBoard, pageRowBytes } from '../boards/index.ts';
import {
  type MemoryMap,
  type MemoryRegion,
  type ProtectionDomain,
  protectionDomainsOf,
  type SystemDescription,
  type VirtualMachine,
} from '../description.ts';
import type { DescriptionOrigins } from '../origins.ts';
import type { ReadDescription } from '../read/index.ts';
import { readProgramImage } from './program/elf.ts';
import { Inventory } from './tree/inventory.ts';

/**
 * What a description is checked against beside Microkit's own rules: a board, its tree, guests' trees,
 * programs.
 */
export interface CheckOptions {
  readonly board?: MicrokitBoard | undefined;
  /** How many cores the configuration runs on; where it is not said, as many as the board's `smp-` configurations. */
  readonly cores?: number | undefined;
  /** Where it is not said, the board's; else AArch64. */
  readonly arch?: Architecture | undefined;
  /** The board's device tree, resolved. */
  readonly tree?: Board | undefined;
  /** The device trees that guests are given, resolved. */
  readonly guests?: readonly GuestTree[] | undefined;
  /** The size of a file that a region is filled with, or `undefined` where there is none of that name. */
  readonly prefillSizeBytes?: ((path: string) => number | undefined) | undefined;
  /** The content of a program, or `undefined` where there is no file of that name. */
  readonly programImage?: ((path: string) => Uint8Array | undefined) | undefined;
}

/** The device tree of a guest. */
export interface GuestTree {
  /** The virtual machine's name; absent where there is only one. */
  readonly vm?: string | undefined;
  /** The name under which the user gave the tree. */
  readonly file: string;
  readonly tree: Board;
}

/** A protection domain's or a virtual machine's view of memory. */
export interface AddressSpace {
  readonly kind: 'protection domain' | 'virtual machine';
  readonly name: string;
  readonly pd: ProtectionDomain;
  readonly maps: readonly MemoryMap[];
}

/** What is in the files of programs and of filled regions. */
export interface Carried {
  readonly bytes: number;
  /** Pages of 4 KiB that the initial task carries as they are; those of regions with a place or of large pages are compressed. */
  readonly pages: number;
  /** Pages of 4 KiB that the programs have in memory, each domain's own. */
  readonly programPages: number;
  /** What the initial task has to say of all pages, these and those of the regions. */
  readonly rowBytes: number;
}

/** A protection domain with a virtual machine. */
export interface Monitor {
  readonly pd: ProtectionDomain;
  readonly vm: VirtualMachine;
}

export class CheckContext {
  readonly description: SystemDescription;
  readonly origins: DescriptionOrigins;
  readonly options: CheckOptions;
  readonly sink: DiagnosticSink;
  readonly arch: Architecture;
  readonly pds: readonly ProtectionDomain[];
  readonly monitors: readonly Monitor[];
  readonly spaces: readonly AddressSpace[];
  readonly regions: ReadonlyMap<string, MemoryRegion>;
  readonly domainsAreLate: boolean;
  /** Who is where on the board, where its tree is given. */
  readonly inventory: Inventory | undefined;
  readonly #incomplete: ReadonlySet<string>;
  #carried: Carried | undefined;
  readonly #mapsOf = new Map<string, { readonly map: MemoryMap; readonly space: AddressSpace }[]>();

  constructor(read: ReadDescription, options: CheckOptions, sink: DiagnosticSink = new DiagnosticSink()) {
    this.description = read.description;
    this.origins = read.origins;
    this.options = options;
    this.sink = sink;
    this.arch = options.arch ?? options.board?.arch ?? 'aarch64';
    this.domainsAreLate = read.domainsAreLate;
    this.inventory = options.tree === undefined ? undefined : new Inventory(options.tree);
    this.#incomplete = read.incomplete;
    this.pds = [...protectionDomainsOf(read.description)];
    this.monitors = this.pds.flatMap((pd) => (pd.virtualMachine ? [{ pd, vm: pd.virtualMachine }] : []));
    this.spaces = this.pds.flatMap((pd): readonly AddressSpace[] => {
      const own: AddressSpace = { kind: 'protection domain', name: pd.name, pd, maps: pd.maps };
      const vm = pd.virtualMachine;
      return vm === undefined ? [own] : [own, { kind: 'virtual machine', name: vm.name, pd, maps: vm.maps }];
    });
    const regions = new Map<string, MemoryRegion>();
    for (const region of read.description.memoryRegions) {
      if (!regions.has(region.name)) regions.set(region.name, region);
    }
    this.regions = regions;
    for (const space of this.spaces) {
      for (const map of space.maps) {
        const known = this.#mapsOf.get(map.mr);
        if (known === undefined) this.#mapsOf.set(map.mr, [{ map, space }]);
        else known.push({ map, space });
      }
    }
  }

  /** Whether every element of that name could be read: else a rule that misses one says nothing. */
  isComplete(...elements: readonly string[]): boolean {
    return elements.every((element) => !this.#incomplete.has(element));
  }

  /** Where a region is mapped, over all address spaces. */
  mapsOf(region: MemoryRegion): readonly { readonly map: MemoryMap; readonly space: AddressSpace }[] {
    return this.#mapsOf.get(region.name) ?? [];
  }

  /** The region's size, where it is written or follows from what the region is filled with. */
  sizeOf(region: MemoryRegion): number | undefined {
    if (region.sizeBytes !== undefined) return region.sizeBytes;
    const pageBytes = region.pageSizeBytes ?? SMALL_PAGE_BYTES;
    if (region.prefillBootinfo !== undefined) return pageBytes;
    if (region.prefillPath === undefined) return undefined;
    const fileBytes = this.options.prefillSizeBytes?.(region.prefillPath);
    return fileBytes === undefined ? undefined : Math.ceil(fileBytes / pageBytes) * pageBytes;
  }

  /** What the initial task carries: programs and what regions are filled with, as far as the files are there. */
  get carried(): Carried {
    this.#carried ??= this.#countCarried();
    return this.#carried;
  }

  #countCarried(): Carried {
    const { programImage, prefillSizeBytes } = this.options;
    let [bytes, pages, programPages] = [0, 0, 0];
    for (const { programImage: image } of this.pds) {
      const content = image === undefined ? undefined : programImage?.(image.path);
      if (content === undefined) continue;
      bytes += content.length;
      const program = attempt(() => readProgramImage(content));
      // What is wrong with it is a finding of the rules on programs.
      if (program instanceof Refusal) continue;
      for (const { base, fileBytes, size } of program.segments) {
        const inPageBytes = base % SMALL_PAGE_BYTES;
        programPages += Math.ceil((inPageBytes + size) / SMALL_PAGE_BYTES);
        if (fileBytes > 0) pages += Math.ceil((inPageBytes + fileBytes) / SMALL_PAGE_BYTES);
      }
    }
    let rowBytes = pageRowBytes(programPages);
    for (const region of this.description.memoryRegions) {
      const regionPages = Math.ceil((this.sizeOf(region) ?? 0) / this.pageBytesOf(region));
      rowBytes += pageRowBytes(regionPages, this.mapsOf(region).length);
      if (region.prefillPath === undefined) continue;
      const fileBytes = prefillSizeBytes?.(region.prefillPath) ?? 0;
      bytes += fileBytes;
      const isPlaced = region.physAddr !== undefined || this.pageBytesOf(region) !== SMALL_PAGE_BYTES;
      if (isPlaced || this.mapsOf(region).length === 0) continue;
      pages += Math.ceil(Math.min(fileBytes, this.sizeOf(region) ?? 0) / SMALL_PAGE_BYTES);
    }
    return { bytes, pages, programPages, rowBytes };
  }

  /** The physical range of a region that has a place. */
  physicalRangeOf(region: MemoryRegion): AddrRange | undefined {
    const size = this.sizeOf(region);
    if (region.physAddr === undefined || size === undefined) return undefined;
    return { base: region.physAddr, size };
  }

  /** The range of addresses that a map takes, where the size of its region is known. */
  rangeOf(map: { readonly mr: string }, base: number): AddrRange | undefined {
    const region = this.regions.get(map.mr);
    const size = region === undefined ? undefined : this.sizeOf(region);
    return size === undefined ? undefined : { base, size };
  }

  /**
   * The size of the pages that the tool maps the region with: what is written, else 2 MiB where its size and every
   * address of it allow that, else 4 KiB.
   */
  pageBytesOf(region: MemoryRegion): number {
    if (region.pageSizeBytes !== undefined) return region.pageSizeBytes;
    const size = this.sizeOf(region);
    if (size === undefined || size === 0 || !isAligned(size, LARGE_PAGE_BYTES)) return SMALL_PAGE_BYTES;
    const inIoSpace = this.description.ioAddressSpaces.some(({ iomaps }) =>
      iomaps.some(({ mr }) => mr === region.name),
    );
    const addresses = [...this.mapsOf(region).map(({ map }) => map.vaddr), region.physAddr ?? 0];
    const aligned = addresses.every((address) => isAligned(address, LARGE_PAGE_BYTES));
    return aligned && !inIoSpace ? LARGE_PAGE_BYTES : SMALL_PAGE_BYTES;
  }

  element(part: object): SourcePosition | undefined {
    return this.origins.element(part);
  }

  value(part: object, attribute: string): SourcePosition | undefined {
    return this.origins.value(part, attribute);
  }

  /** Writes another value for an attribute; nothing where none is known. */
  fix(part: object, attribute: string, value: string | undefined): Fix | undefined {
    return value === undefined ? undefined : this.origins.fix(part, attribute, value);
  }

  /** ` on line 12`, for sentences that point to a second place. */
  onLine(part: object): string {
    const line = this.origins.element(part)?.line;
    return line === undefined ? '' : ` on line ${line}`;
  }
}

export type Rule = (context: CheckContext) => void;
