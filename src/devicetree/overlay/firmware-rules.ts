/**
 * Where the Raspberry Pi's firmware (and `dtmerge`) lays overlays differently from libfdt: fragments whose target is in
 * the overlay itself come first, symbols stay private but those that `/__exports__` names, and the overlay's own
 * phandles for a target are not taken over.
 */
import { phandleOf } from '../source/references.ts';
import { type DtNode, nodesUnder } from '../tree.ts';
import { u32Property } from '../value.ts';
import { SYMBOLS } from './fixups.ts';
import { OVERLAY } from './is-overlay.ts';

const EXPORTS = '__exports__';
const PHANDLES: readonly string[] = ['phandle', 'linux,phandle'];
const KEEPS_PHANDLE = 'dtoverlay,preserve-phandle';

/** Changes an overlay, its references resolved, so that libfdt's rules do the rest. */
export function prepareAsFirmware(overlay: DtNode): void {
  mergeWithin(overlay);
  const exported = overlay.children.get(EXPORTS)?.properties;
  const symbols = overlay.children.get(SYMBOLS);
  for (const name of [...(symbols?.properties.keys() ?? [])]) {
    if (exported?.has(name) !== true) symbols?.properties.delete(name);
  }
  if (symbols?.properties.size === 0) overlay.removeChild(SYMBOLS);
  for (const fragment of overlay.children.values()) {
    const content = fragment.children.get(OVERLAY);
    if (content === undefined) continue;
    if (!content.properties.delete(KEEPS_PHANDLE))
      for (const name of PHANDLES) content.properties.delete(name);
  }
}

function mergeWithin(overlay: DtNode): void {
  const byPhandle = new Map<number, DtNode>();
  for (const node of nodesUnder(overlay)) {
    const phandle = phandleOf(node);
    if (phandle !== undefined) byPhandle.set(phandle, node);
  }
  for (const fragment of [...overlay.children.values()]) {
    const content = fragment.children.get(OVERLAY);
    const target = byPhandle.get(u32Property(fragment, 'target') ?? 0);
    // A fragment that is its own target, or lies in it, would be copied into its copy.
    if (content === undefined || target === undefined || isWithin(target, fragment)) continue;
    graft(target, content);
    overlay.removeChild(fragment.name);
  }
}

function isWithin(node: DtNode, top: DtNode): boolean {
  for (let each: DtNode | undefined = node; each !== undefined; each = each.parent)
    if (each === top) return true;
  return false;
}

/** What is new moves over, so that whoever refers to it finds it there; what is there already is merged. */
function graft(target: DtNode, content: DtNode): void {
  const pending = [{ into: target, from: content }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { into, from } = next;
    for (const property of from.properties.values()) {
      if (from !== content || !PHANDLES.includes(property.name)) into.setProperty(property);
    }
    for (const child of [...from.children.values()]) {
      const there = into.children.get(child.name);
      if (there === undefined) into.addChild(child);
      else pending.push({ into: there, from: child });
    }
  }
}
