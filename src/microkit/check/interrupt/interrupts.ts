/**
 * Rules on interrupts (Microkit 2.3's tool: `ProtectionDomain::from_xml`, `parse`), and those that the tool leaves to
 * seL4 (`Arch_checkIRQ`, `initIRQController`; GICv2 IHI 0048B §2.2.1).
 */
import { KERNEL_INTIDS } from '../../boards/index.ts';
import type { IoapicIrq, Irq, ProtectionDomain } from '../../description.ts';
import { formatPciAddress } from '../../read/values.ts';
import type { CheckContext, Rule } from '../context.ts';
import { X86_HIGHEST_VECTOR } from '../limits.ts';
import { eachRepeat } from '../repeats.ts';
import { sdfInterruptCodes as codes } from './diagnostics.ts';

interface OwnedIrq {
  readonly pd: ProtectionDomain;
  readonly irq: Irq;
}

const irqsOf = (context: CheckContext): readonly OwnedIrq[] =>
  context.pds.flatMap((pd) => pd.irqs.map((irq) => ({ pd, irq })));

/** The number that the tool takes for the interrupt: on x86 its vector. */
const numberOf = (irq: Irq): number => (irq.kind === 'platform' ? irq.irq : irq.vector);

/** Whose interrupt it is, as an x86 board names it. */
function sourceOf(irq: Irq): string {
  switch (irq.kind) {
    case 'platform':
      return `interrupt ${irq.irq}`;
    case 'ioapic':
      return pinName(irq);
    case 'msi':
      return `the message of PCI device ${formatPciAddress(irq.pcidev)}`;
  }
}

const pinName = ({ ioapic = 0, pin }: IoapicIrq): string =>
  ioapic === 0 ? `pin ${pin}` : `pin ${pin} of I/O APIC ${ioapic}`;

function irqHasOneOwner(context: CheckContext): void {
  eachRepeat(
    irqsOf(context),
    ({ irq }) => numberOf(irq),
    ({ irq }, first) => {
      const pd = first.pd.name;
      const where = context.onLine(first.irq);
      if (irq.kind === 'platform') {
        context.sink.report(
          codes['duplicate-irq'].at(context.value(irq, 'irq'), { irq: numberOf(irq), pd, where }),
        );
        return;
      }
      const params = { vector: irq.vector, taker: sourceOf(first.irq), pd, where, other: sourceOf(irq) };
      context.sink.report(codes['duplicate-vector'].at(context.value(irq, 'vector'), params));
    },
  );
}

/** One vector for a pin; what has one vector twice is told of that already. */
function pinHasOneVector(context: CheckContext): void {
  const pins = irqsOf(context).flatMap(({ pd, irq }) => (irq.kind === 'ioapic' ? [{ pd, irq }] : []));
  eachRepeat(
    pins,
    ({ irq: { ioapic = 0, pin } }) => `${ioapic} ${pin}`,
    ({ irq }, first) => {
      const { vector, id } = first.irq;
      if (vector === irq.vector) return;
      const earlier = { vector, id, pd: first.pd.name, where: context.onLine(first.irq) };
      const params = { pin: pinName(irq), vector: irq.vector, earlier };
      context.sink.report(codes['duplicate-pin'].at(context.value(irq, 'pin'), params));
    },
  );
}

function numbersAreNotNegative(context: CheckContext): void {
  for (const { irq } of irqsOf(context)) {
    const numbers: readonly (readonly [string, number])[] =
      irq.kind === 'platform'
        ? [['irq', irq.irq]]
        : irq.kind === 'ioapic'
          ? [
              ['ioapic', irq.ioapic ?? 0],
              ['pin', irq.pin],
            ]
          : [['handle', irq.handle]];
    for (const [attribute, value] of numbers) {
      if (value >= 0) continue;
      context.sink.report(codes['negative-number'].at(context.value(irq, attribute), { attribute, value }));
    }
  }
}

const KINDS = {
  platform: 'an interrupt of Arm or RISC-V',
  ioapic: 'an interrupt of an x86 I/O APIC',
  msi: 'an x86 message-signalled interrupt',
} as const;

function kindFitsArchitecture(context: CheckContext): void {
  for (const { irq } of irqsOf(context)) {
    if ((irq.kind === 'platform') === (context.arch !== 'x86_64')) continue;
    const attribute = { platform: 'irq', ioapic: 'pin', msi: 'pcidev' }[irq.kind];
    const params = { kind: KINDS[irq.kind], arch: context.arch };
    context.sink.report(codes['irq-architecture'].at(context.origins.attribute(irq, attribute), params));
  }
}

function vectorIsInRange(context: CheckContext): void {
  for (const { irq } of irqsOf(context)) {
    if (irq.kind === 'platform' || (irq.vector >= 0 && irq.vector <= X86_HIGHEST_VECTOR)) continue;
    context.sink.report(codes['vector-range'].at(context.value(irq, 'vector'), { vector: irq.vector }));
  }
}

function boardHasIt(context: CheckContext): void {
  const { board } = context.options;
  const highest = board?.highestIrq;
  if (board === undefined || highest === undefined) return;
  for (const { irq } of irqsOf(context)) {
    if (irq.kind !== 'platform' || irq.irq <= highest) continue;
    const params = { irq: irq.irq, highest, board: board.name };
    context.sink.report(codes['irq-beyond-board'].at(context.value(irq, 'irq'), params));
  }
}

const FIRST_PPI = 16;

function deviceCanRaiseIt(context: CheckContext): void {
  if (context.arch !== 'aarch64') return;
  for (const { irq } of irqsOf(context)) {
    if (irq.kind !== 'platform' || irq.irq >= FIRST_PPI || irq.irq < 0) continue;
    context.sink.report(codes['irq-software'].at(context.value(irq, 'irq'), { irq: irq.irq }));
  }
}

function kernelLeavesIt(context: CheckContext): void {
  if (context.arch !== 'aarch64' || context.options.board?.hypervisor === false) return;
  for (const { irq } of irqsOf(context)) {
    const what = irq.kind === 'platform' ? KERNEL_INTIDS.get(irq.irq) : undefined;
    if (irq.kind !== 'platform' || what === undefined) continue;
    context.sink.report(codes['irq-kernel'].at(context.value(irq, 'irq'), { irq: irq.irq, what }));
  }
}

export const INTERRUPT_RULES: readonly Rule[] = [
  irqHasOneOwner,
  pinHasOneVector,
  numbersAreNotNegative,
  kindFitsArchitecture,
  vectorIsInRange,
  boardHasIt,
  deviceCanRaiseIt,
  kernelLeavesIt,
];
