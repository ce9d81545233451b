/** UDP over IPv4 (RFC 768). */
import { concatBytes, setU16, u16At } from '../../base/index.ts';

const HEADER_BYTES = 8;

/** One datagram's ports and content. */
export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly content: Uint8Array;
}

/** `undefined` where it is too short. */
export function readUdp(bytes: Uint8Array): UdpDatagram | undefined {
  const sizeBytes = u16At(bytes, 4);
  if (sizeBytes < HEADER_BYTES || sizeBytes > bytes.length) return undefined;
  return {
    sourcePort: u16At(bytes, 0),
    destinationPort: u16At(bytes, 2),
    content: bytes.slice(HEADER_BYTES, sizeBytes),
  };
}

export function writeUdp({ sourcePort, destinationPort, content }: UdpDatagram): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  setU16(header, 0, sourcePort);
  setU16(header, 2, destinationPort);
  setU16(header, 4, HEADER_BYTES + content.length);
  return concatBytes([header, content]);
}
