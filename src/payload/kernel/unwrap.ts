/** Kernels as they are shipped: an Image inside compression, EFI zboot or U-Boot's wrapper. */
import type { ByteSource } from '../bytes/source.ts';
import { decompressed } from '../compression/index.ts';
import { isLegacyImage, LEGACY_HEADER_BYTES, readLegacyImage } from '../uboot/legacy-image.ts';
import { type Arm64Image, readArm64Image } from './image.ts';
import { readZboot } from './zboot.ts';

export interface UnwrappedKernel {
  readonly image: Arm64Image;
  /** The Image itself. */
  readonly content: ByteSource;
  /** What was around it, from the outside in: `gzip`, `zboot`. */
  readonly wrappers: readonly string[];
}

/** Takes wrappers off until there is an Image; three are as many as there are in one another. */
export async function unwrapKernel(source: ByteSource): Promise<UnwrappedKernel | undefined> {
  const wrappers: string[] = [];
  let content = source;
  for (let depth = 0; depth < 4; depth++) {
    const image = readArm64Image(content);
    if (image !== undefined) return { image, content, wrappers };
    const zboot = readZboot(content);
    const head = content.read(0, LEGACY_HEADER_BYTES);
    if (zboot !== undefined) {
      wrappers.push('zboot');
      content = zboot.payload;
    } else if (isLegacyImage(head)) {
      wrappers.push('uboot-image');
      content = readLegacyImage(content).parts[0] ?? content;
    } else {
      const { source: inner, format } = await decompressed(content);
      if (format === undefined) return undefined;
      wrappers.push(format);
      content = inner;
    }
  }
  return undefined;
}
