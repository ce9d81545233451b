/** Android's tables of trees and overlays (source.android.com, "DTB/DTBO partitions"): told from others, not read. */
import { startsWith } from '../bytes/source.ts';

const MAGIC = [0xd7, 0xb7, 0xab, 0x1e] as const;

export function isOverlayTable(head: Uint8Array): boolean {
  return startsWith(head, MAGIC);
}
