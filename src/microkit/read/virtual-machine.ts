/** `<virtual_machine>` in both dialects. */
import type { Vcpu, VirtualMachine } from '../description.ts';
import { grammarOf } from '../grammar.ts';
import type { XmlElement } from '../xml/index.ts';
import { knownChildren, originated, readElement, written } from './context.ts';
import { sdfReadCodes as codes } from './diagnostics.ts';
import { readMap } from './memory.ts';
import type { ReadContext } from './read-context.ts';

export function readVirtualMachine(element: XmlElement, context: ReadContext): VirtualMachine {
  const older = context.dialect === 'older';
  const { attributes } = readElement(element, older ? 'older_virtual_machine' : 'virtual_machine', context);
  const children = knownChildren(element, grammarOf('virtual_machine'), context);
  const name = attributes.text('name') ?? '';
  const maps = children
    .filter((child) => child.name === 'map')
    .flatMap((child) => readMap(child, 'vm_map', context) ?? []);
  const vcpuElements = children.filter((child) => child.name === 'vcpu');
  const vcpus = older
    ? olderVcpus(element, name, attributes.number('id') ?? 0, vcpuElements, context)
    : vcpuElements.flatMap((child) => readVcpu(child, context) ?? []);
  if (!older && vcpuElements.length === 0) {
    const params = { element: 'vcpu', parent: 'virtual_machine', of: name === '' ? '' : ` ${name}` };
    context.sink.report(codes['missing-element'].at(context.source.positionAt(element.offset), params));
  }
  const vm = {
    name,
    ...written({
      priority: attributes.number('priority'),
      budgetUs: attributes.number('budget'),
      periodUs: attributes.number('period'),
    }),
    vcpus,
    maps,
  };
  return originated(vm, element, context);
}

/** The older dialect's one vCPU is the virtual machine itself. */
function olderVcpus(
  element: XmlElement,
  vm: string,
  id: number,
  vcpuElements: readonly XmlElement[],
  context: ReadContext,
): readonly Vcpu[] {
  for (const vcpu of vcpuElements) {
    context.sink.report(codes['older-many-vcpus'].at(context.source.positionAt(vcpu.offset), { vm }));
  }
  const idOffset = element.attributes.get('id')?.nameOffset ?? element.offset;
  context.sink.report(codes['older-dialect'].at(context.source.positionAt(idOffset), { vm, id }));
  return [originated({ id }, element, context)];
}

function readVcpu(element: XmlElement, context: ReadContext): Vcpu | undefined {
  const { attributes } = readElement(element, 'vcpu', context);
  const id = attributes.number('id');
  if (id === undefined) return undefined;
  const vcpu = { id, ...written({ cpu: attributes.number('cpu'), setvarId: attributes.text('setvar_id') }) };
  return originated(vcpu, element, context);
}
