/** Files with debug information, by a host's paths. */
import { attempt, type DiagnosticSink, type HostFiles, Refusal } from '../base/index.ts';
import { type ByteSource, DebugFile, isElf } from '../payload/index.ts';
import { runCodes } from '../run/index.ts';

const MAGIC_BYTES = 4;

export function isElfFile(files: Pick<HostFiles, 'open'>, path: string): boolean {
  const file = files.open(path);
  try {
    return isElf(file.read(0, MAGIC_BYTES));
  } finally {
    file.close();
  }
}

/** `undefined` after a report where it can't be read. */
export function openDebugFile(
  files: Pick<HostFiles, 'open'>,
  path: string,
  sink: DiagnosticSink,
): DebugFile | undefined {
  const debug = attempt(() => new DebugFile(sourceOf(files, path)));
  if (!(debug instanceof Refusal)) return debug;
  sink.report(runCodes['debug-not-read'].at({ file: path }, { reason: debug.message }));
  return undefined;
}

/** Opened for each piece, of which there are few: nobody has to close it. */
function sourceOf(files: Pick<HostFiles, 'open'>, path: string): ByteSource {
  const withFile = <T>(work: (file: ByteSource) => T): T => {
    const file = files.open(path);
    try {
      return work(file);
    } finally {
      file.close();
    }
  };
  return {
    path,
    sizeBytes: withFile(({ sizeBytes }) => sizeBytes),
    read: (offsetBytes, sizeBytes) => withFile((file) => file.read(offsetBytes, sizeBytes)),
  };
}
