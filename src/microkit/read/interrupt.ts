/** `<irq>` in its three kinds, and `<ioport>`. */
import type { Ioport, Irq, IrqTrigger } from '../description.ts';
import type { XmlElement } from '../xml/index.ts';
import type { Attributes } from './attributes.ts';
import { originated, readElement, written } from './context.ts';
import type { ReadContext } from './read-context.ts';

/** The kind shows in the attribute that only it has; without any it is taken for one of Arm or RISC-V. */
export function readIrq(element: XmlElement, context: ReadContext): Irq | undefined {
  const grammar = element.attributes.has('irq')
    ? 'irq'
    : element.attributes.has('pin')
      ? 'ioapic_irq'
      : element.attributes.has('pcidev')
        ? 'msi_irq'
        : 'irq';
  const { attributes } = readElement(element, grammar, context);
  if (!attributes.complete) return undefined;
  const build = { irq: platformIrq, ioapic_irq: ioapicIrq, msi_irq: msiIrq }[grammar];
  return originated(build(attributes), element, context);
}

function platformIrq(attributes: Attributes): Irq {
  return {
    kind: 'platform',
    irq: attributes.number('irq') ?? 0,
    id: attributes.number('id') ?? 0,
    ...written({
      trigger: attributes.choice<IrqTrigger>('trigger'),
      setvarId: attributes.text('setvar_id'),
    }),
  };
}

function ioapicIrq(attributes: Attributes): Irq {
  return {
    kind: 'ioapic',
    id: attributes.number('id') ?? 0,
    pin: attributes.number('pin') ?? 0,
    vector: attributes.number('vector') ?? 0,
    ...written({
      ioapic: attributes.number('ioapic'),
      trigger: attributes.choice<IrqTrigger>('trigger'),
      polarity: attributes.choice<'low' | 'high'>('polarity'),
      setvarId: attributes.text('setvar_id'),
    }),
  };
}

function msiIrq(attributes: Attributes): Irq {
  return {
    kind: 'msi',
    id: attributes.number('id') ?? 0,
    pcidev: attributes.pci('pcidev') ?? { bus: 0, device: 0, function: 0 },
    handle: attributes.number('handle') ?? 0,
    vector: attributes.number('vector') ?? 0,
    ...written({ setvarId: attributes.text('setvar_id') }),
  };
}

export function readIoport(element: XmlElement, context: ReadContext): Ioport | undefined {
  const { attributes } = readElement(element, 'ioport', context);
  if (!attributes.complete) return undefined;
  const ioport = {
    id: attributes.number('id') ?? 0,
    addr: attributes.number('addr') ?? 0,
    sizeBytes: attributes.number('size') ?? 0,
    ...written({ setvarId: attributes.text('setvar_id'), setvarAddr: attributes.text('setvar_addr') }),
  };
  return originated(ioport, element, context);
}
