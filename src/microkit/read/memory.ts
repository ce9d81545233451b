/** `<memory_region>` and `<map>`. */
import type { MemoryMap, MemoryRegion, PrefillBootinfo } from '../description.ts';
import type { XmlElement } from '../xml/index.ts';
import { originated, readElement, written } from './context.ts';
import type { ReadContext } from './read-context.ts';

export function readMemoryRegion(element: XmlElement, context: ReadContext): MemoryRegion | undefined {
  const { attributes } = readElement(element, 'memory_region', context);
  const name = attributes.text('name');
  if (name === undefined) return undefined;
  const region = {
    name,
    ...written({
      sizeBytes: attributes.number('size'),
      pageSizeBytes: attributes.number('page_size'),
      physAddr: attributes.number('phys_addr'),
      prefillPath: attributes.text('prefill_path'),
      prefillBootinfo: attributes.choice<PrefillBootinfo>('prefill_bootinfo'),
    }),
  };
  return originated(region, element, context);
}

/** A map of a protection domain or, without the symbols, of a virtual machine. */
export function readMap(
  element: XmlElement,
  grammar: 'map' | 'vm_map',
  context: ReadContext,
): MemoryMap | undefined {
  const { attributes } = readElement(element, grammar, context);
  const [mr, vaddr] = [attributes.text('mr'), attributes.number('vaddr')];
  if (mr === undefined || vaddr === undefined) return undefined;
  const map = {
    mr,
    vaddr,
    ...written({
      perms: attributes.permissions('perms'),
      cached: attributes.boolean('cached'),
      setvarVaddr: attributes.text('setvar_vaddr'),
      setvarSize: attributes.text('setvar_size'),
      setvarPrefillSize: attributes.text('setvar_prefill_size'),
    }),
  };
  return originated(map, element, context);
}
