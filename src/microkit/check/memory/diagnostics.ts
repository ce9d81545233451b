/** What can be wrong with memory regions and their maps. */
import {
  type AddrRange,
  declareDiagnostics,
  diagnostic,
  formatSize,
  hex,
  LARGE_PAGE_BYTES,
  SMALL_PAGE_BYTES,
} from '../../../base/index.ts';
import { formatRange } from '../text.ts';

const PAGES = `${hex(SMALL_PAGE_BYTES)} (4 KiB) and ${hex(LARGE_PAGE_BYTES)} (2 MiB)`;

/** Above the initial task with what its size is rounded down by: a fiftieth and a megabyte, on a large page. */
function clearOf({ base, size }: AddrRange): number {
  const end = base + Math.ceil(size * 1.02) + 0x10_0000;
  return Math.ceil(end / LARGE_PAGE_BYTES) * LARGE_PAGE_BYTES;
}

export const sdfMemoryCodes = declareDiagnostics('sdf', {
  'no-size': diagnostic<{ region: string }>({
    severity: 'error',
    message: ({ region }) => `the memory region ${region} has no size`,
    hint: () =>
      'add size="…"; only a region that is filled from a file or from boot information can do without',
    explanation: 'A region needs a size unless it takes that of what it is filled with.',
  }),
  'size-zero': diagnostic<{ region: string }>({
    severity: 'error',
    message: ({ region }) => `the memory region ${region} has size 0`,
    hint: () => 'a region has at least one page: 0x1000',
    explanation: "Microkit's tool panics on an empty region.",
  }),
  'page-size': diagnostic<{ pageSizeBytes: number }>({
    severity: 'error',
    message: ({ pageSizeBytes }) => `there are no pages of ${hex(pageSizeBytes)}`,
    hint: () => `pages are ${PAGES}`,
    explanation: 'seL4 maps pages of 4 KiB and 2 MiB.',
  }),
  'size-unaligned': diagnostic<{ region: string; sizeBytes: number; pageBytes: number }>({
    severity: 'error',
    message: ({ region, sizeBytes, pageBytes }) =>
      `the size of ${region}, ${hex(sizeBytes)}, is no multiple of its page size ${hex(pageBytes)}`,
    hint: ({ sizeBytes, pageBytes }) =>
      `the next multiple is ${hex(Math.ceil(sizeBytes / pageBytes) * pageBytes)}`,
    explanation: 'A region is made of whole pages.',
  }),
  'phys-addr-unaligned': diagnostic<{ region: string; physAddr: number; pageBytes: number }>({
    severity: 'error',
    message: ({ region, physAddr, pageBytes }) =>
      `the address of ${region}, ${hex(physAddr)}, is no multiple of its page size ${hex(pageBytes)}`,
    hint: ({ physAddr, pageBytes }) => `begin at ${hex(Math.floor(physAddr / pageBytes) * pageBytes)}`,
    explanation:
      'A page lies at a multiple of its size. A device that does not is reached through the page around it.',
  }),
  'regions-overlap': diagnostic<{
    region: string;
    range: AddrRange;
    other: string;
    otherRange: AddrRange;
    where: string;
  }>({
    severity: 'error',
    message: ({ region, range, other, otherRange, where }) =>
      `${region} (${formatRange(range)}) overlaps ${other} (${formatRange(otherRange)})${where}`,
    hint: () => 'a physical page belongs to one region; map one region twice, or split them',
    explanation: 'Two regions claim the same physical memory.',
  }),
  'unused-region': diagnostic<{ region: string }>({
    severity: 'warning',
    message: ({ region }) => `nobody maps the memory region ${region}`,
    hint: ({ region }) => `add <map mr="${region}" …>, or remove the region`,
    explanation: 'The region is made and then lies idle.',
  }),
  'prefilled-twice': diagnostic<{ region: string }>({
    severity: 'error',
    message: ({ region }) => `${region} is filled both from a file and from boot information`,
    hint: () => 'keep one of prefill_path and prefill_bootinfo',
    explanation: 'A region is filled from one source.',
  }),
  'prefill-file': diagnostic<{ region: string; path: string; problem: string }>({
    severity: 'error',
    message: ({ region, path, problem }) => `${region} is to be filled from ${path}, ${problem}`,
    hint: () => 'files are looked for in the directories of --search-path',
    explanation: 'The file that the region is filled with is not there, is empty, or does not fit.',
  }),
  'unknown-region': diagnostic<{ region: string; suggestion?: string | undefined }>({
    severity: 'error',
    message: ({ region }) => `there is no memory region ${region}`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : `did you mean ${suggestion}?`),
    explanation: 'A map names a region that the description does not have.',
  }),
  'map-unaligned': diagnostic<{ region: string; vaddr: number; pageBytes: number }>({
    severity: 'error',
    message: ({ region, vaddr, pageBytes }) =>
      `${region} is mapped at ${hex(vaddr)}, which is no multiple of its page size ${hex(pageBytes)}`,
    hint: ({ vaddr, pageBytes }) =>
      `map it at ${hex(Math.floor(vaddr / pageBytes) * pageBytes)}, or use smaller pages`,
    explanation: 'A page is mapped at a multiple of its size.',
  }),
  'map-beyond': diagnostic<{ region: string; range: AddrRange; space: string; limit: number }>({
    severity: 'error',
    message: ({ region, range, space, limit }) =>
      `${region} at ${formatRange(range)} reaches beyond ${hex(limit)}, where the addresses of ${space} end`,
    explanation:
      "A protection domain's stack and message buffer lie at the top of its addresses; a virtual machine's end where seL4's do.",
  }),
  'maps-overlap': diagnostic<{
    region: string;
    range: AddrRange;
    other: string;
    otherRange: AddrRange;
    space: string;
    where: string;
  }>({
    severity: 'error',
    message: ({ region, range, other, otherRange, space, where }) =>
      `in ${space}, ${region} at ${formatRange(range)} overlaps ${other} at ${formatRange(otherRange)}${where}`,
    hint: () => 'move one of them',
    explanation: 'An address leads to one page only.',
  }),
  'write-only': diagnostic<{ region: string }>({
    severity: 'error',
    message: ({ region }) => `${region} is mapped for writing only`,
    hint: () => 'write perms="rw"',
    explanation: 'seL4 has no mappings that can be written but not read.',
  }),
  'map-over-program': diagnostic<{ region: string; range: AddrRange; pd: string }>({
    severity: 'warning',
    message: ({ region, range, pd }) =>
      `${region} at ${formatRange(range)} lies over ${pd}'s own program, which begins at 0x200000`,
    hint: () => 'map it higher',
    explanation:
      "Programs are linked at 0x200000 unless they have a linker script of their own; Microkit's tool notices the overlap only when it has the program.",
  }),
  'not-prefilled': diagnostic<{ region: string }>({
    severity: 'error',
    message: ({ region }) =>
      `setvar_prefill_size asks for the size of what fills ${region}, which no file fills`,
    hint: () => 'give the region a prefill_path, or use setvar_size',
    explanation: 'Only regions with prefill_path have such a size.',
  }),
  'outside-memory': diagnostic<{ region: string; part: AddrRange; board: string }>({
    severity: 'error',
    message: ({ region, part, board }) =>
      `${region} claims ${formatRange(part)}, which seL4 does not hand out on ${board}`,
    explanation: 'A region with a physical address lies in RAM or device memory that seL4 gives away.',
  }),
  'kernel-memory': diagnostic<{ region: string; part: AddrRange; board: string; what: string }>({
    severity: 'error',
    message: ({ region, part, board, what }) =>
      `${region} claims ${formatRange(part)}: that is ${what} on ${board}, which seL4 keeps for itself`,
    hint: () => 'the interrupt controller is emulated for guests; only the GICV frame of a GICv2 is mapped',
    explanation: 'The frames that the kernel itself uses cannot be mapped by anybody.',
  }),
  'over-initial-task': diagnostic<{ region: string; task: AddrRange; board: string }>({
    severity: 'error',
    message: ({ region, task, board }) =>
      `${region} lies over the initial task with all programs, which takes at least ${formatSize(task.size)} from ${hex(task.base)} on ${board}`,
    hint: ({ task }) => `let it begin at ${hex(clearOf(task))} or above`,
    explanation:
      'Microkit puts the initial task, which carries every program, above the kernel. Its size is that of what the programs have in their files and a little more for each page; the tool refuses a region there.',
  }),
  'over-loader': diagnostic<{ task: AddrRange; loaderAddr: number; board: string }>({
    severity: 'error',
    message: ({ task, loaderAddr, board }) =>
      `the initial task with all programs takes at least ${formatSize(task.size)} from ${hex(task.base)}, and Microkit's loader for ${board} is linked at ${hex(loaderAddr)}: the tool will panic ("Overlapping regions")`,
    hint: ({ board }) =>
      `take smaller programs, or build the SDK with another loader_link_address for ${board} in build_sdk.py, and start the image there`,
    explanation:
      'The loader copies kernel and initial task to where they belong, and must not be overwritten by them.',
  }),
  'initial-task-room': diagnostic<{ sizeBytes: number; board: string }>({
    severity: 'error',
    message: ({ sizeBytes, board }) =>
      `no RAM of ${board} has room for the initial task: with all programs it takes at least ${formatSize(sizeBytes)}`,
    hint: () => 'take smaller programs',
    explanation: 'The initial task lies in one piece above the kernel, in RAM that seL4 knows of.',
  }),
  'over-root-objects': diagnostic<{ region: string; objects: AddrRange; board: string; base: number }>({
    severity: 'error',
    message: ({ region, objects, board }) =>
      `${region} lies over ${hex(objects.base)}–${hex(objects.base + objects.size)}, where seL4 makes the initial task's objects on ${board}`,
    hint: ({ objects }) => `let it end at ${hex(objects.base)}`,
    explanation:
      "The kernel puts the initial task's CNode (4 MiB) and its other objects at the end of its highest RAM; Microkit's tool refuses a region there.",
  }),
  'ram-exhausted': diagnostic<{
    region: string | undefined;
    wantedBytes: number;
    domainsBytes: number;
    shortBytes: number;
    board: string;
  }>({
    severity: 'error',
    message: ({ region, wantedBytes, domainsBytes, shortBytes, board }) => {
      const domains = `the domains with their programs ${formatSize(domainsBytes)}`;
      const what =
        region === undefined
          ? `${domains.replace('programs', 'programs take')},`
          : `with ${region} the regions without phys_addr take ${formatSize(wantedBytes)} and ${domains},`;
      return `${what} ${formatSize(shortBytes)} more than ${board} has places left for`;
    },
    hint: () => 'make regions smaller, or begin and end those with phys_addr at multiples of 2 MiB',
    explanation:
      'What has no place is taken from the RAM that no region with one has, the kernel, the initial task and its objects aside: regions, and for each domain the pages of its program, which the initial task carries besides, its stack and its tables. Pages of 2 MiB need aligned places, and behind a region that ends between two of them the tool gives up the rest of a block of RAM where it has too few small pages to get to the next. Microkit\'s tool says "ran out of untypeds".',
  }),
  'device-and-ram': diagnostic<{ region: string; ram: AddrRange; device: AddrRange; board: string }>({
    severity: 'warning',
    message: ({ region, ram, device, board }) =>
      `${region} is RAM at ${formatRange(ram)} and device memory at ${formatRange(device)} for seL4 on ${board}`,
    hint: () => 'make two regions of it, or move it',
    explanation:
      "seL4 clears RAM before it hands it out and leaves device memory as it was, and the kernel does not write to device memory for anybody. Guests whose RAM was both have hung; Microkit's tool does not look.",
  }),
  'over-kernel': diagnostic<{ region: string; kernelAddr: number; board: string }>({
    severity: 'error',
    message: ({ region, kernelAddr, board }) =>
      `${region} lies over seL4 itself, which is at ${hex(kernelAddr)} on ${board}`,
    hint: () => 'choose RAM further up',
    explanation:
      'The kernel takes the beginning of RAM, 2.4 MiB of it, and the initial task with all programs what follows; the tool refuses a region there.',
  }),
  'device-cached': diagnostic<{ region: string; space: string; sizeBytes: number }>({
    severity: 'warning',
    message: ({ region, space, sizeBytes }) =>
      `${region} (${formatSize(sizeBytes)} of device memory) is mapped cached in ${space}`,
    hint: () => 'add cached="false"',
    explanation:
      'Reads and writes of device registers must reach the device, each one and in order; a cached mapping does not promise that.',
  }),
});
