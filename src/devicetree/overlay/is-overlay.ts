/** What tells an overlay from a whole tree. */
import type { DeviceTree } from '../tree.ts';

/** What a fragment brings. */
export const OVERLAY = '__overlay__';
/** What a fragment that is switched off would bring (Raspberry Pi). */
export const DORMANT = '__dormant__';

/** Whether a tree is an overlay to be applied rather than a tree of its own. */
export function isOverlay(tree: DeviceTree): boolean {
  for (const { children } of tree.root.children.values()) {
    if (children.has(OVERLAY) || children.has(DORMANT)) return true;
  }
  return tree.root.children.has('__fixups__');
}
