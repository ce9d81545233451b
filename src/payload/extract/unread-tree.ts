/** What a file is that is named as a device tree and is none, in words. */
import { isDtb } from '../../devicetree/index.ts';
import type { ByteSource } from '../bytes/source.ts';
import { detectCompression } from '../compression/index.ts';
import { isCpio } from '../cpio/reader.ts';
import { isArm64Image } from '../kernel/image.ts';
import { isOverlayTable } from './overlay-table.ts';
import { readTree } from './world.ts';

const HEAD_BYTES = 512;

/** `undefined` where it is a device tree. */
export function whatInsteadOfTree(content: ByteSource): string | undefined {
  if (readTree(content) !== undefined) return undefined;
  const head = content.read(0, HEAD_BYTES).slice();
  if (head.length === 0) return 'an empty file';
  if (isDtb(head)) return 'one that is damaged';
  if (isArm64Image(head)) return 'an arm64 kernel Image';
  if (isCpio(head)) return 'a cpio archive';
  if (isOverlayTable(head)) return "one of Android's tables of trees";
  const format = detectCompression(head);
  if (format !== undefined) return `${format} data`;
  const isText = head.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127));
  return isText ? 'text' : 'something else';
}
