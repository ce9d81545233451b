/** Rules on interrupts, checked against the board's tree. */
import { FIRST_SPI, type Intid } from '../../../base/index.ts';
import { type PlatformIrq, SDF_DEFAULTS } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { boardCodes as codes } from './diagnostics.ts';
import { deviceName, type Inventory } from './inventory.ts';

/** SGIs, and what the kernel keeps, are the business of other rules. */

function platformIrqs(context: CheckContext): readonly PlatformIrq[] {
  return context.pds.flatMap((pd) => pd.irqs.flatMap((irq) => (irq.kind === 'platform' ? [irq] : [])));
}

function enabledSources(inventory: Inventory, intid: Intid): readonly string[] {
  const sources = inventory.irqs.get(intid) ?? [];
  const enabled = sources.filter(
    ({ device, interrupt }) => device.status.enabled && interrupt.reach === 'direct',
  );
  return [...new Set(enabled.map(({ device }) => deviceName(device)))];
}

function someoneRaisesIt(context: CheckContext): void {
  const { inventory } = context;
  if (inventory === undefined) return;
  for (const irq of platformIrqs(context)) {
    if (irq.irq < FIRST_SPI) continue;
    const sources = inventory.irqs.get(irq.irq) ?? [];
    if (sources.length > 0) continue;
    const params = {
      irq: irq.irq,
      unshifted: enabledSources(inventory, irq.irq + FIRST_SPI),
      shifted: irq.irq >= 2 * FIRST_SPI ? enabledSources(inventory, irq.irq - FIRST_SPI) : [],
    };
    const meant =
      params.unshifted.length > 0
        ? irq.irq + FIRST_SPI
        : params.shifted.length > 0
          ? irq.irq - FIRST_SPI
          : undefined;
    const fix = context.fix(irq, 'irq', meant?.toString());
    context.sink.report(codes['irq-of-nothing'].at(context.value(irq, 'irq'), params, undefined, fix));
  }
}

function someoneEnabledRaisesIt(context: CheckContext): void {
  const { inventory } = context;
  if (inventory === undefined) return;
  for (const irq of platformIrqs(context)) {
    const sources = inventory.irqs.get(irq.irq) ?? [];
    if (irq.irq < FIRST_SPI || sources.length === 0) continue;
    if (sources.some(({ device }) => device.status.enabled)) continue;
    const devices = [...new Set(sources.map(({ device }) => deviceName(device)))];
    context.sink.report(codes['irq-of-disabled'].at(context.value(irq, 'irq'), { irq: irq.irq, devices }));
  }
}

/** What a multiplexer gives away follows its user's request, so only lines of the device's own are checked against the tree. */
function triggerIsTheTrees(context: CheckContext): void {
  const { inventory } = context;
  if (inventory === undefined) return;
  for (const irq of platformIrqs(context)) {
    const source = inventory.sourceOf(irq.irq);
    if (irq.irq < FIRST_SPI || source === undefined || source.interrupt.reach !== 'direct') continue;
    if (source.gic.sense === 'unspecified') continue;
    const described = irq.trigger ?? SDF_DEFAULTS.trigger;
    const tree = source.gic.trigger;
    if (described === tree) continue;
    const written = context.origins.hasAttribute(irq, 'trigger');
    const params = { irq: irq.irq, device: deviceName(source.device), described, tree, written };
    const fix = context.fix(irq, 'trigger', tree);
    context.sink.report(codes.trigger.at(context.value(irq, 'trigger'), params, undefined, fix));
  }
}

export const TREE_INTERRUPT_RULES: readonly Rule[] = [
  someoneRaisesIt,
  someoneEnabledRaisesIt,
  triggerIsTheTrees,
];
