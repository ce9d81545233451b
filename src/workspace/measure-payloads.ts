/** What a plan has to know of kernels and ramdisks, measured from their files. */
import { GRANULES_BYTES } from '../aarch64/index.ts';
import {
  alignDown,
  attempt,
  type DiagnosticSink,
  type HostFiles,
  LARGE_PAGE_BYTES,
  Refusal,
} from '../base/index.ts';
import {
  ARM64_IMAGE_HEADER_BYTES,
  type Arm64Image,
  compatiblesOf,
  imageOf,
  payloadCodes,
  ramBaseOf,
  readArm64Image,
  readArm64ImageHeader,
  readBareKernel,
} from '../payload/index.ts';
import {
  DEFAULT_KERNEL,
  type GuestRequest,
  type PayloadFacts,
  type PlanRequest,
  planCodes,
} from '../plan/index.ts';

/** What was measured, by guest, and the Images that were made of kernels that are none. */
export interface MeasuredPayloads {
  readonly facts: ReadonlyMap<string, PayloadFacts>;
  readonly made: ReadonlyMap<string, Uint8Array>;
}

/** The kernel's header and the sizes of the files. For a file that is not there room is kept, and that is said. */
export function measurePayloads(
  host: { readonly files: Pick<HostFiles, 'open' | 'status'> },
  request: PlanRequest,
  locate: (path: string) => string,
  sink: DiagnosticSink,
): MeasuredPayloads {
  const { files } = host;
  const facts = new Map<string, PayloadFacts>();
  const made = new Map<string, Uint8Array>();
  for (const guest of request.guests) {
    const kernelPath = locate(guest.kernel);
    const hasKernel = files.status(kernelPath) !== undefined;
    if (!hasKernel && guest.kernel !== DEFAULT_KERNEL) {
      sink.report(
        planCodes['no-image'].at(undefined, { owner: guest.name, key: 'kernel', path: kernelPath }),
      );
    }
    const measured = hasKernel ? measureKernel(host, kernelPath, guest, sink) : undefined;
    const kernel = measured?.facts;
    if (measured?.made !== undefined) made.set(guest.name, measured.made);
    const initrdPath = guest.initrd === undefined ? undefined : locate(guest.initrd);
    const initrd = initrdPath === undefined ? undefined : files.status(initrdPath);
    if (initrdPath !== undefined && initrd === undefined) {
      sink.report(
        planCodes['no-image'].at(undefined, { owner: guest.name, key: 'initrd', path: initrdPath }),
      );
    }
    const ramdisk = initrd === undefined ? undefined : initrdPath;
    const compatibles = kernel === undefined ? undefined : findCompatibles(files, kernelPath, ramdisk);
    facts.set(guest.name, {
      ...(kernel === undefined ? {} : { kernel }),
      ...(initrd === undefined ? {} : { initrdBytes: initrd.sizeBytes }),
      ...(compatibles === undefined ? {} : { compatibles }),
    });
  }
  return { facts, made };
}

function findCompatibles(
  files: Pick<HostFiles, 'open'>,
  kernelPath: string,
  initrdPath: string | undefined,
): ReadonlySet<string> | undefined {
  const kernel = files.open(kernelPath);
  const initrd = initrdPath === undefined ? undefined : files.open(initrdPath);
  try {
    return compatiblesOf(kernel, initrd);
  } finally {
    kernel.close();
    initrd?.close();
  }
}

interface Measured {
  readonly facts: PayloadFacts['kernel'];
  /** Where the kernel is none: the Image that was made of it. */
  readonly made?: Uint8Array;
}

function measureKernel(
  { files }: { readonly files: Pick<HostFiles, 'open'> },
  path: string,
  guest: GuestRequest,
  sink: DiagnosticSink,
): Measured {
  const file = files.open(path);
  try {
    const ramBase = ramFrom(guest);
    const image = readArm64Image(file);
    if (image !== undefined) {
      const facts = factsOf(image, ramBaseOf(file.read(0, ARM64_IMAGE_HEADER_BYTES)) ?? ramBase);
      reportImage(path, image.pageSizeBytes, guest, sink);
      return { facts };
    }
    const bare = attempt(() => readBareKernel(file.read(0, file.sizeBytes)));
    if (bare instanceof Refusal) {
      sink.report(
        payloadCodes['not-a-kernel'].at({ file: path }, { path, found: `something else (${bare.message})` }),
      );
      return { facts: undefined };
    }
    const made = imageOf(bare, guest.loadAt?.kernel ?? bare.loadAddress, guest.ramBase ?? ramBase);
    const header = readArm64ImageHeader(made.image);
    if (header === undefined) throw new Error('what was made is an Image');
    const facts = factsOf({ ...header, fileSizeBytes: made.image.length }, made.ramBase ?? ramBase);
    return { facts: { ...facts, madeFrom: path }, made: made.image };
  } finally {
    file.close();
  }
}

/** Where RAM begins at the latest if what the request has chosen is to lie in it. */
function ramFrom({ loadAt = {} }: GuestRequest): number | undefined {
  const chosen = [loadAt.initrd, loadAt.dtb].filter((place) => place !== undefined);
  return chosen.length === 0 ? undefined : alignDown(Math.min(...chosen), LARGE_PAGE_BYTES);
}

function factsOf(
  image: Pick<Arm64Image, 'textOffsetBytes' | 'imageSizeBytes' | 'fileSizeBytes'>,
  ramBase: number | undefined,
): NonNullable<PayloadFacts['kernel']> {
  return {
    textOffsetBytes: image.textOffsetBytes,
    imageSizeBytes: Math.max(image.imageSizeBytes, image.fileSizeBytes),
    fileBytes: image.fileSizeBytes,
    ...(ramBase === undefined ? {} : { ramBase }),
  };
}

function reportImage(
  path: string,
  pageSizeBytes: number | undefined,
  { name: owner, loadAt = {} }: GuestRequest,
  sink: DiagnosticSink,
): void {
  if (pageSizeBytes !== undefined && !GRANULES_BYTES.includes(pageSizeBytes)) {
    const params = { owner, pageSizeBytes, simulated: GRANULES_BYTES };
    sink.report(planCodes['kernel-page-size'].at({ file: path }, params));
  }
  if (loadAt.kernel === undefined) return;
  const why = 'it is an arm64 Image, which says in its header where it lies';
  sink.report(
    planCodes['image-place'].at({ file: path }, { owner, image: 'kernel', base: loadAt.kernel, why }),
  );
}
