/** Small stand-ins for kernels: a true arm64 Image header and banner, with nothing to run behind it. */

/** An arm64 Image of that release (Linux, Documentation/arm64/booting.rst). */
export function smallImage(release: string, sizeBytes = 4096): Uint8Array {
  // Nowhere zero past the header: mke2fs shortens sparse files in filesystems with inline data.
  const image = Uint8Array.from({ length: sizeBytes }, (_, at) => (at < 1024 ? 0 : 1 + (at % 251)));
  const view = new DataView(image.buffer);
  view.setUint16(0, 0x5a4d, true);
  view.setBigUint64(16, BigInt(sizeBytes), true);
  view.setBigUint64(24, 0b1010n, true);
  view.setUint32(56, 0x644d5241, true);
  image.set(new TextEncoder().encode(`Linux version ${release} (builder@host) (gcc) #1 SMP\n\0`), 512);
  return image;
}
