/** A trace in a file, written beside and renamed when the run is over; the form follows from its name. */
import { type Host, HostError } from '../base/index.ts';
import { formatOfFile, type TraceEvent, traceFormat } from '../run/index.ts';

/** A file of a trace that is being written. */
export interface TraceFile {
  add(event: TraceEvent): void;
  finish(): void;
}

/** So much is written at a time. */
const PIECE_CHARACTERS = 1 << 16;

/** Opens it. Throws `HostError`. */
export function openTraceFile({ files }: Pick<Host, 'files'>, path: string): TraceFile {
  // Else it would only be refused when the run is over.
  if (files.status(path)?.kind === 'directory') throw new HostError('EISDIR', path, 'is a directory');
  const beside = `${path}.part`;
  files.remove(beside);
  const writer = files.create(beside);
  const format = traceFormat(formatOfFile(path));
  const encoder = new TextEncoder();
  let sizeBytes = 0;
  let piece = format.head;
  const flush = (): void => {
    const content = encoder.encode(piece);
    piece = '';
    writer.write(sizeBytes, content);
    sizeBytes += content.length;
  };
  return {
    add: (event) => {
      piece += format.format(event);
      if (piece.length >= PIECE_CHARACTERS) flush();
    },
    finish: () => {
      piece += format.tail;
      flush();
      writer.finish(sizeBytes);
      files.rename(beside, path);
    },
  };
}
