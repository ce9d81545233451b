/** Rules on identifiers, channels and x86 ports (Microkit 2.3's tool: `ChannelEnd::from_xml`, `parse`). */
import { type ProtectionDomain, SDF_DEFAULTS } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { HIGHEST_ID } from '../limits.ts';
import { eachOverlap, eachRepeat } from '../repeats.ts';
import { sdfInterruptCodes as codes } from './diagnostics.ts';

interface Identified {
  readonly part: object;
  readonly pd: string;
  readonly id: number;
  readonly what: string;
}

/** Everything that takes an identifier for notifications. */
function notifiers(context: CheckContext): readonly Identified[] {
  return [
    ...context.pds.flatMap((pd) =>
      pd.irqs.map((irq) => {
        const what = `interrupt ${irq.kind === 'platform' ? irq.irq : `of vector ${irq.vector}`}`;
        return { part: irq, pd: pd.name, id: irq.id, what };
      }),
    ),
    ...context.description.channels.flatMap(({ ends: [a, b] }) => [
      { part: a, pd: a.pd, id: a.id, what: `the channel to ${b.pd}` },
      { part: b, pd: b.pd, id: b.id, what: `the channel to ${a.pd}` },
    ]),
  ];
}

function idIsInRange(context: CheckContext): void {
  const others = [
    ...context.pds.flatMap(({ ioports }) =>
      ioports.map((part) => ({ part, id: part.id, what: 'the range of I/O ports', notifies: false })),
    ),
    ...context.monitors.flatMap(({ vm }) =>
      vm.vcpus.map((part) => ({ part, id: part.id, what: `a vCPU of ${vm.name}`, notifies: false })),
    ),
  ];
  const all = [...notifiers(context).map((notifier) => ({ ...notifier, notifies: true })), ...others];
  for (const { part, id, what, notifies } of all) {
    if (id >= 0 && id <= HIGHEST_ID) continue;
    context.sink.report(codes['id-range'].at(context.value(part, 'id'), { what, id, notifies }));
  }
}

function idIsFree(context: CheckContext): void {
  let free: ReadonlyMap<string, number> | undefined;
  eachRepeat(
    notifiers(context),
    ({ pd, id }) => `${id} ${pd}`,
    ({ part, pd, id, what }, first) => {
      const params = { what, id, pd, other: first.what, where: context.onLine(first.part) };
      free ??= freeIds(context);
      const fix = context.fix(part, 'id', free.get(pd)?.toString());
      context.sink.report(codes['duplicate-id'].at(context.value(part, 'id'), params, undefined, fix));
    },
  );
}

/** By domain: the lowest id that nothing of it has. */
function freeIds(context: CheckContext): ReadonlyMap<string, number> {
  const taken = new Map<string, Set<number>>();
  for (const { pd, id } of notifiers(context)) {
    const ids = taken.get(pd);
    if (ids === undefined) taken.set(pd, new Set([id]));
    else ids.add(id);
  }
  const free = new Map<string, number>();
  for (const [pd, ids] of taken) {
    let id = 0;
    while (ids.has(id)) id += 1;
    if (id <= HIGHEST_ID) free.set(pd, id);
  }
  return free;
}

function callsGoOneWay(context: CheckContext): void {
  for (const channel of context.description.channels) {
    const [a, b] = channel.ends;
    if (a.pp !== true || b.pp !== true) continue;
    const params = { a: a.pd, b: b.pd };
    context.sink.report(codes['two-way-call'].at(context.origins.attribute(b, 'pp'), params));
  }
}

function callsGoUpwards(context: CheckContext): void {
  const byName = new Map<string, ProtectionDomain>(context.pds.map((pd) => [pd.name, pd]));
  for (const { ends } of context.description.channels) {
    const [a, b] = ends;
    const [caller, callee] = a.pp === true ? [a, b] : [b, a];
    const [from, to] = [byName.get(caller.pd), byName.get(callee.pd)];
    if (a.pp === b.pp || caller.pp !== true || from === undefined || to === undefined) continue;
    const callerPriority = from.priority ?? SDF_DEFAULTS.priority;
    const calleePriority = to.priority ?? SDF_DEFAULTS.priority;
    if (callerPriority < calleePriority) continue;
    const params = { caller: from.name, callerPriority, callee: to.name, calleePriority };
    context.sink.report(codes['call-priority'].at(context.origins.attribute(caller, 'pp'), params));
  }
}

function portsAreThere(context: CheckContext): void {
  if (context.arch === 'x86_64') return;
  for (const ioport of context.pds.flatMap((pd) => pd.ioports)) {
    context.sink.report(codes['port-architecture'].at(context.element(ioport), { arch: context.arch }));
  }
}

function portsDiffer(context: CheckContext): void {
  const all = context.pds.flatMap((pd) => pd.ioports.map((ioport) => ({ pd, ioport })));
  for (const { ioport } of all) {
    if (ioport.sizeBytes > 0) continue;
    const params = { sizeBytes: ioport.sizeBytes };
    context.sink.report(codes['port-size'].at(context.value(ioport, 'size'), params));
  }
  eachRepeat(
    all,
    ({ pd, ioport }) => `${ioport.id} ${pd.name}`,
    ({ pd, ioport }, first) => {
      const params = { id: ioport.id, pd: pd.name, where: context.onLine(first.ioport) };
      context.sink.report(codes['duplicate-port-id'].at(context.value(ioport, 'id'), params));
    },
  );
  const placed = all.map((item) => ({
    item,
    range: { base: item.ioport.addr, size: item.ioport.sizeBytes },
  }));
  eachOverlap(placed, ({ item: { pd, ioport }, range }, other) => {
    const params = {
      range,
      pd: pd.name,
      otherRange: other.range,
      where: context.onLine(other.item.ioport),
    };
    context.sink.report(codes['ports-overlap'].at(context.value(ioport, 'addr'), params));
  });
}

export const CHANNEL_RULES: readonly Rule[] = [
  idIsInRange,
  idIsFree,
  callsGoOneWay,
  callsGoUpwards,
  portsAreThere,
  portsDiffer,
];
