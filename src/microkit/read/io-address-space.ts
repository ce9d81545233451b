/** `<io_address_space>`: what a device behind an x86 IOMMU may reach. */
import type { IoAddressSpace, IoMap } from '../description.ts';
import { grammarOf } from '../grammar.ts';
import type { XmlElement } from '../xml/index.ts';
import { knownChildren, originated, readElement, written } from './context.ts';
import type { ReadContext } from './read-context.ts';

export function readIoAddressSpace(element: XmlElement, context: ReadContext): IoAddressSpace | undefined {
  const { attributes } = readElement(element, 'io_address_space', context);
  const iomaps = knownChildren(element, grammarOf('io_address_space'), context).flatMap(
    (child) => readIoMap(child, context) ?? [],
  );
  const [name, peripheralId] = [attributes.text('name'), attributes.pci('peripheral_id')];
  if (name === undefined || peripheralId === undefined) return undefined;
  const space = { name, peripheralId, ...written({ domainId: attributes.number('domain_id') }), iomaps };
  return originated(space, element, context);
}

function readIoMap(element: XmlElement, context: ReadContext): IoMap | undefined {
  const { attributes } = readElement(element, 'iomap', context);
  const [mr, iovaddr] = [attributes.text('mr'), attributes.number('iovaddr')];
  if (mr === undefined || iovaddr === undefined) return undefined;
  return originated(
    { mr, iovaddr, ...written({ perms: attributes.permissions('perms') }) },
    element,
    context,
  );
}
