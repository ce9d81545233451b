/** What a plan has to know of kernels and ramdisks, measured from their files. */
import { GRANULES_BYTES } from '../aarch64/index.ts';
import { attempt, type DiagnosticSink, type HostFiles, Refusal } from '../base/index.ts';
import {
  ARM64_IMAGE_HEADER_BYTES,
  BARE,
  compatiblesOf,
  payloadCodes,
  ramBaseOf,
  readArm64Image,
  readBareKernel,
} from '../payload/index.ts';
import { DEFAULT_KERNEL, type PayloadFacts, type PlanRequest, planCodes } from '../plan/index.ts';

/** The kernel's header and the sizes of the files. For a file that is not there room is kept, and that is said. */
export function measurePayloads(
  host: { readonly files: Pick<HostFiles, 'open' | 'status'> },
  request: PlanRequest,
  locate: (path: string) => string,
  sink: DiagnosticSink,
): ReadonlyMap<string, PayloadFacts> {
  const { files } = host;
  const measured = new Map<string, PayloadFacts>();
  for (const guest of request.guests) {
    const kernelPath = locate(guest.kernel);
    const hasKernel = files.status(kernelPath) !== undefined;
    if (!hasKernel && guest.kernel !== DEFAULT_KERNEL) {
      sink.report(
        planCodes['no-image'].at(undefined, { owner: guest.name, key: 'kernel', path: kernelPath }),
      );
    }
    const kernel = hasKernel ? measureKernel(host, kernelPath, guest.name, sink) : undefined;
    const initrdPath = guest.initrd === undefined ? undefined : locate(guest.initrd);
    const initrd = initrdPath === undefined ? undefined : files.status(initrdPath);
    if (initrdPath !== undefined && initrd === undefined) {
      sink.report(
        planCodes['no-image'].at(undefined, { owner: guest.name, key: 'initrd', path: initrdPath }),
      );
    }
    const ramdisk = initrd === undefined ? undefined : initrdPath;
    const compatibles = kernel === undefined ? undefined : findCompatibles(files, kernelPath, ramdisk);
    measured.set(guest.name, {
      ...(kernel === undefined ? {} : { kernel }),
      ...(initrd === undefined ? {} : { initrdBytes: initrd.sizeBytes }),
      ...(compatibles === undefined ? {} : { compatibles }),
    });
  }
  return measured;
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

function measureKernel(
  host: { readonly files: Pick<HostFiles, 'open' | 'status'> },
  path: string,
  owner: string,
  sink: DiagnosticSink,
): PayloadFacts['kernel'] {
  const file = host.files.open(path);
  try {
    const image = readArm64Image(file);
    if (image === undefined) {
      const found =
        attempt(() => readBareKernel(file.read(0, file.sizeBytes))) instanceof Refusal
          ? 'something else'
          : BARE;
      sink.report(payloadCodes['not-a-kernel'].at({ file: path }, { path, found }));
      return undefined;
    }
    const ramBase = ramBaseOf(file.read(0, ARM64_IMAGE_HEADER_BYTES));
    const { pageSizeBytes } = image;
    if (pageSizeBytes !== undefined && !GRANULES_BYTES.includes(pageSizeBytes)) {
      const params = { owner, pageSizeBytes, simulated: GRANULES_BYTES };
      sink.report(planCodes['kernel-page-size'].at({ file: path }, params));
    }
    return {
      textOffsetBytes: image.textOffsetBytes,
      imageSizeBytes: Math.max(image.imageSizeBytes, image.fileSizeBytes),
      fileBytes: image.fileSizeBytes,
      ...(ramBase === undefined ? {} : { ramBase }),
    };
  } finally {
    file.close();
  }
}
