/** A capture of the machine's wire in libpcap's format, written beside and renamed when the run is over. */
import { type Host, HostError } from '../base/index.ts';
import { pcapHeader, pcapRecord } from '../device/index.ts';

/** A capture file that is being written. */
export interface Capture {
  add(timeNs: number, frame: Uint8Array): void;
  finish(): void;
}

/** Opens a capture: pcap, written as frames come. Throws `HostError`. */
export function openCapture({ files }: Host, path: string): Capture {
  // Else it would only be refused when the run is over.
  if (files.status(path)?.kind === 'directory') throw new HostError('EISDIR', path, 'is a directory');
  const beside = `${path}.part`;
  files.remove(beside);
  const writer = files.create(beside);
  let sizeBytes = 0;
  const add = (content: Uint8Array): void => {
    writer.write(sizeBytes, content);
    sizeBytes += content.length;
  };
  add(pcapHeader());
  return {
    add: (timeNs, frame) => add(pcapRecord(timeNs, frame)),
    finish: () => {
      writer.finish(sizeBytes);
      files.rename(beside, path);
    },
  };
}
