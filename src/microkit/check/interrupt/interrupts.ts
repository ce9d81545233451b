/**
 * Rules on interrupts (Microkit 2.3's tool: `ProtectionDomain::from_xml`, `parse`), and those that the tool leaves to
 * seL4 (`Arch_checkIRQ`, `initIRQController`; GICv2 IHI 0048B §2.2.1).
 */
import { KERNEL_INTIDS } from '../../boards/index.ts';
import type { Irq, ProtectionDomain } from '../../description.ts';
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
const numberAttribute = (irq: Irq): string => (irq.kind === 'platform' ? 'irq' : 'vector');

function irqHasOneOwner(context: CheckContext): void {
  eachRepeat(
    irqsOf(context),
    ({ irq }) => numberOf(irq),
    ({ irq }, first) => {
      const params = { irq: numberOf(irq), pd: first.pd.name, where: context.onLine(first.irq) };
      context.sink.report(codes['duplicate-irq'].at(context.value(irq, numberAttribute(irq)), params));
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
  numbersAreNotNegative,
  kindFitsArchitecture,
  vectorIsInRange,
  boardHasIt,
  deviceCanRaiseIt,
  kernelLeavesIt,
];
