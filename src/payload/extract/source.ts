/** Opens what the user gives to `payload extract`: a directory, an image, a tar, compressed or not. Never writes to it. */
import {
  type AddrRange,
  type DiagnosticSink,
  formatSize,
  GIB,
  type Host,
  mergeRanges,
} from '../../base/index.ts';
import { isSparse, sparseSource } from '../boot-image/sparse.ts';
import { ByteCursor } from '../bytes/cursor.ts';
import type { ByteSource } from '../bytes/source.ts';
import {
  type CompressionFormat,
  decompressAll,
  detectCompression,
  MAGIC_BYTES,
} from '../compression/index.ts';
import { payloadCodes } from '../diagnostics.ts';
import { hostDirectory } from '../filesystem/host-directory.ts';
import { openVolumes, type Volume } from '../filesystem/volumes.ts';
import { refuse, reportingRefusals } from '../refusal.ts';

/** More than any board's card holds of payload; a file of a few megabytes can claim to hold it. */
export const DEFAULT_IMAGE_LIMIT_BYTES = 32 * GIB;

export interface OpenedSource {
  readonly volumes: readonly Volume[];
  close(): void;
}

/**
 * @param workplace a directory for the decompressed image, which is sparse and removed by `close`
 */
export async function openSource(
  host: Host,
  path: string,
  workplace: string,
  limitBytes: number,
  sink: DiagnosticSink,
): Promise<OpenedSource | undefined> {
  const { files } = host;
  if (files.status(path)?.kind === 'directory') {
    const system = hostDirectory(host, path);
    return { volumes: [{ name: path, partition: undefined, system }], close: () => {} };
  }
  const file = files.open(path);
  const closing: (() => void)[] = [() => file.close()];
  const close = (): void => {
    for (const end of closing.splice(0)) end();
  };
  try {
    let source: ByteSource = file;
    const format = detectCompression(file.read(0, MAGIC_BYTES));
    if (format !== undefined) {
      const image = files.join(workplace, 'image');
      closing.push(() => files.remove(image));
      const done = await reportingRefusals(sink, async () => {
        await decompressToFile(host, file, format, image, limitBytes);
        return true;
      });
      if (done !== true) {
        close();
        return undefined;
      }
      const opened = files.open(image);
      closing.push(() => opened.close());
      source = { path, sizeBytes: opened.sizeBytes, read: (offset, size) => opened.read(offset, size) };
    }
    if (isSparse(source.read(0, 4))) {
      const whole = await reportingRefusals(sink, () => sparseSource(source, limitBytes));
      if (whole === undefined) {
        close();
        return undefined;
      }
      source = whole;
    }
    const onProgress = (offsetBytes: number): void =>
      host.progress(`reading ${files.basename(path)}: ${percent(offsetBytes, source.sizeBytes)}`);
    const volumes = await openVolumes(source, sink, onProgress);
    return { volumes, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    host.progress('');
  }
}

const HOLE_BYTES = 4096;

/** Decompresses piece by piece; stretches of zeros become holes. */
async function decompressToFile(
  host: Host,
  source: ByteSource,
  format: CompressionFormat,
  target: string,
  limitBytes: number,
): Promise<void> {
  const cursor = new ByteCursor(source, `${format} data`);
  const writer = host.files.create(target);
  let at = 0;
  try {
    for await (const piece of decompressAll(format, cursor)) {
      if (at + piece.length > limitBytes) {
        const position = { file: source.path, offsetBytes: cursor.offsetBytes };
        refuse(payloadCodes['too-large'].at(position, { what: cursor.what, limitBytes }));
      }
      for (const { base, size } of writtenRanges(piece))
        writer.write(at + base, piece.subarray(base, base + size));
      at += piece.length;
      host.progress(
        `decompressing ${host.files.basename(source.path)}: ${percent(cursor.offsetBytes, source.sizeBytes)}, ${formatSize(at)}`,
      );
    }
  } finally {
    writer.finish(at);
  }
}

/** The stretches of a piece that are not zeros, in whole blocks; the rest need not be written. */
function writtenRanges(piece: Uint8Array): readonly AddrRange[] {
  const ranges: AddrRange[] = [];
  for (let base = 0; base < piece.length; base += HOLE_BYTES) {
    const size = Math.min(HOLE_BYTES, piece.length - base);
    if (!isZero(piece, base, base + size)) ranges.push({ base, size });
  }
  return mergeRanges(ranges);
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

function percent(part: number, whole: number): string {
  return `${Math.floor((100 * part) / Math.max(whole, 1))} %`;
}
