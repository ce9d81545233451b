/** Captures in libpcap's file format with nanoseconds (draft-ietf-opsawg-pcap): a header, then frames as they come. */

const MAGIC_NANOSECONDS = 0xa1b2_3c4d;
const LINKTYPE_ETHERNET = 1;
const SNAPLEN = 0x4_0000;
const NS_PER_SECOND = 1e9;

/** The head of a capture file: pcap with nanoseconds, Ethernet (draft-ietf-opsawg-pcap-04 §4). */
export function pcapHeader(): Uint8Array {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, MAGIC_NANOSECONDS, true);
  header.setUint16(4, 2, true);
  header.setUint16(6, 4, true);
  header.setUint32(16, SNAPLEN, true);
  header.setUint32(20, LINKTYPE_ETHERNET, true);
  return new Uint8Array(header.buffer);
}

/** One frame's record; `timeNs` counts from power-on. */
export function pcapRecord(timeNs: number, frame: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + frame.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, Math.floor(timeNs / NS_PER_SECOND), true);
  view.setUint32(4, Math.floor(timeNs % NS_PER_SECOND), true);
  view.setUint32(8, frame.length, true);
  view.setUint32(12, frame.length, true);
  record.set(frame, 16);
  return record;
}
