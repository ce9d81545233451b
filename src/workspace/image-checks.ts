/** Whether a kernel and a ramdisk are what a monitor can start, before anything runs: the guest itself would only be silent. */
import { GRANULES_BYTES } from '../aarch64/index.ts';
import { attempt, type DiagnosticSink, type Host, Refusal, rangeCovers } from '../base/index.ts';
import type { Board } from '../devicetree/index.ts';
import {
  ARM64_IMAGE_HEADER_BYTES,
  bytesSource,
  type Inspection,
  imageOf,
  inspect,
  readArm64ImageHeader,
  readBareKernel,
} from '../payload/index.ts';
import { initrdWindow, runCodes } from '../run/index.ts';

/** A kernel as a monitor starts it; of a flat binary or an ELF file an Image is made for the RAM that the guest's tree has. */
export async function readKernel(
  { files }: Pick<Host, 'files'>,
  path: string,
  tree: Board,
  sink: DiagnosticSink,
): Promise<Uint8Array> {
  const content = files.read(path);
  const isImage = readArm64ImageHeader(content.subarray(0, ARM64_IMAGE_HEADER_BYTES)) !== undefined;
  const bare = isImage ? undefined : attempt(() => readBareKernel(content));
  if (bare === undefined || bare instanceof Refusal) {
    await checkKernel(path, content, bare?.message, sink);
    return content;
  }
  const [ram] = tree.ram;
  const { image, ramBase } = imageOf(bare, bare.loadAddress, ram?.base);
  const place = { base: bare.loadAddress ?? 0, size: bare.sizeBytes };
  if (ram !== undefined && ramBase !== undefined && !rangeCovers(ram, place))
    sink.report(runCodes['kernel-outside-ram'].at({ file: path }, { place, ram }));
  return image;
}

async function checkKernel(
  path: string,
  content: Uint8Array,
  refusal: string | undefined,
  sink: DiagnosticSink,
): Promise<void> {
  const header = readArm64ImageHeader(content.subarray(0, ARM64_IMAGE_HEADER_BYTES));
  if (header !== undefined) {
    const { pageSizeBytes } = header;
    if (pageSizeBytes !== undefined && !GRANULES_BYTES.includes(pageSizeBytes)) {
      const params = { pageSizeBytes, simulated: GRANULES_BYTES };
      sink.report(runCodes['kernel-page-size'].at({ file: path }, params));
    }
    return;
  }
  const found = await inspect(bytesSource(path, content), sink);
  const what = notAnImage(found, content, refusal);
  sink.report(runCodes['not-an-image'].at({ file: path }, what));
}

function notAnImage(
  found: Inspection,
  content: Uint8Array,
  refusal: string | undefined,
): { readonly found: string; readonly hint?: string } {
  if (content.length > 0x206 && isAt(content, 0x202, 'HdrS')) return { found: 'a kernel for x86' };
  const inner = found.parts[0]?.kind;
  switch (found.kind) {
    case 'empty':
      return { found: 'empty' };
    case 'zboot':
      return { found: 'an EFI zboot image', hint: UNPACK };
    case 'uboot-image':
    case 'fit':
      return { found: "in U-Boot's wrapper", hint: UNPACK };
    case 'unknown':
      return { found: `no kernel that is known here${refusal === undefined ? '' : ` (${refusal})`}` };
    case 'text':
      return { found: 'no kernel that is known here' };
    default:
      return inner === 'arm64-image'
        ? { found: `compressed by ${found.kind}`, hint: UNPACK }
        : { found: `of another kind (${found.kind})` };
  }
}

const UNPACK =
  'unpack it, as "drivervm payload extract DIRECTORY -o payload" does with the one that a directory holds';

function isAt(content: Uint8Array, offset: number, text: string): boolean {
  return [...text].every((character, index) => content[offset + index] === character.charCodeAt(0));
}

/** What Linux can't unpack. A compressed filesystem image is rare and left alone. */
const NO_RAMDISK: Readonly<Partial<Record<Inspection['kind'], string>>> = {
  empty: 'empty',
  unknown: 'no archive that is known here',
  text: 'a text',
  dtb: 'a device tree',
  'arm64-image': 'a kernel',
  'uboot-image': "in U-Boot's wrapper",
  module: 'a kernel module',
};

/** A ramdisk that is damaged would only show as a panic of the guest, seconds later. */
export async function checkInitrd(
  path: string,
  content: Uint8Array,
  { vm, tree }: { readonly vm: string; readonly tree: Board },
  sink: DiagnosticSink,
): Promise<void> {
  const errors = sink.count('error');
  const { kind } = await inspect(bytesSource(path, content), sink);
  const found = NO_RAMDISK[kind];
  if (found !== undefined && sink.count('error') === errors) {
    const hint = kind === 'uboot-image' ? { hint: UNPACK } : {};
    sink.report(runCodes['not-a-ramdisk'].at({ file: path }, { found, ...hint }));
  }
  const windowBytes = initrdWindow(tree)?.size;
  if (windowBytes !== undefined && content.length > windowBytes) {
    const params = { vm, sizeBytes: content.length, windowBytes };
    sink.report(runCodes['initrd-beyond-window'].at({ file: path }, params));
  }
}
