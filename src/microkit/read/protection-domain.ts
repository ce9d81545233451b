/** `<protection_domain>` and what stands in it. Children are read from the deepest up; nothing recurses. */
import type { CapMap, ProgramImage, ProtectionDomain, Setvar } from '../description.ts';
import { grammarOf } from '../grammar.ts';
import type { XmlElement } from '../xml/index.ts';
import { knownChildren, onlyChild, originated, readElement, written } from './context.ts';
import { sdfReadCodes as codes } from './diagnostics.ts';
import { readIoport, readIrq } from './interrupt.ts';
import { readMap } from './memory.ts';
import type { ReadContext } from './read-context.ts';
import { readVirtualMachine } from './virtual-machine.ts';

/** A protection domain of `<system>`, with all below it. The XML reader bounds how deep that is. */
export function readProtectionDomain(outermost: XmlElement, context: ReadContext): ProtectionDomain {
  const order: { readonly element: XmlElement; readonly isChild: boolean }[] = [];
  const pending = [{ element: outermost, isChild: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    order.push(next);
    for (const child of next.element.children) {
      if (child.name === 'protection_domain') pending.push({ element: child, isChild: true });
    }
  }
  const done = new Map<XmlElement, ProtectionDomain>();
  for (const { element, isChild } of order.reverse()) {
    done.set(element, readOne(element, isChild, done, context));
  }
  return done.get(outermost) as ProtectionDomain;
}

function readOne(
  element: XmlElement,
  isChild: boolean,
  done: ReadonlyMap<XmlElement, ProtectionDomain>,
  context: ReadContext,
): ProtectionDomain {
  const grammarName = isChild ? 'child_protection_domain' : 'protection_domain';
  const { attributes } = readElement(element, grammarName, context);
  const children = knownChildren(element, grammarOf(grammarName), context);
  const named = (name: string): readonly XmlElement[] => children.filter((child) => child.name === name);
  const name = attributes.text('name') ?? '';
  const programImage = readProgramImage(onlyChild(children, 'program_image', element, context), context);
  const virtualMachine = onlyChild(children, 'virtual_machine', element, context);
  const cspace = onlyChild(children, 'cspace', element, context);
  if (named('program_image').length === 0) {
    const params = {
      element: 'program_image',
      parent: 'protection_domain',
      of: name === '' ? '' : ` ${name}`,
    };
    context.sink.report(codes['missing-element'].at(context.source.positionAt(element.offset), params));
  }
  const pd = {
    name,
    ...written({
      id: attributes.number('id'),
      setvarId: attributes.text('setvar_id'),
      priority: attributes.number('priority'),
      budgetUs: attributes.number('budget'),
      periodUs: attributes.number('period'),
      passive: attributes.boolean('passive'),
      stackSizeBytes: attributes.number('stack_size'),
      smc: attributes.boolean('smc'),
      cpu: attributes.number('cpu'),
      domain: attributes.text('domain'),
      fpu: attributes.boolean('fpu'),
      programImage,
    }),
    maps: named('map').flatMap((child) => readMap(child, 'map', context) ?? []),
    irqs: named('irq').flatMap((child) => readIrq(child, context) ?? []),
    ioports: named('ioport').flatMap((child) => readIoport(child, context) ?? []),
    setvars: named('setvar').flatMap((child) => readSetvar(child, context) ?? []),
    capMaps: cspace === undefined ? [] : readCspace(cspace, context),
    ...(virtualMachine === undefined ? {} : { virtualMachine: readVirtualMachine(virtualMachine, context) }),
    children: named('protection_domain').map((child) => done.get(child) as ProtectionDomain),
  };
  return originated(pd, element, context);
}

function readProgramImage(element: XmlElement | undefined, context: ReadContext): ProgramImage | undefined {
  if (element === undefined) return undefined;
  const { attributes } = readElement(element, 'program_image', context);
  const path = attributes.text('path');
  if (path === undefined) return undefined;
  const image = { path, ...written({ pathForSymbols: attributes.text('path_for_symbols') }) };
  return originated(image, element, context);
}

function readSetvar(element: XmlElement, context: ReadContext): Setvar | undefined {
  const { attributes } = readElement(element, 'setvar', context);
  const [symbol, regionPaddr] = [attributes.text('symbol'), attributes.text('region_paddr')];
  if (symbol === undefined || regionPaddr === undefined) return undefined;
  return originated({ symbol, regionPaddr }, element, context);
}

function readCspace(element: XmlElement, context: ReadContext): readonly CapMap[] {
  readElement(element, 'cspace', context);
  const capMaps = knownChildren(element, grammarOf('cspace'), context).flatMap((child) => {
    const { attributes } = readElement(child, 'cap', context);
    const [slot, pd] = [attributes.number('slot'), attributes.text('pd')];
    if (slot === undefined || pd === undefined) return [];
    return originated({ kind: child.name as CapMap['kind'], slot, pd }, child, context);
  });
  return originated(capMaps, element, context);
}
