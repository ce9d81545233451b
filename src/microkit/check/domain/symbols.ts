/** Rules on the symbols that the tool sets, and on capabilities given away (`checked_add_setvar`, `CapMap::from_xml`). */
import { nearest } from '../../../base/index.ts';
import type { ProtectionDomain } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { CAP_SLOT_LIMIT } from '../limits.ts';
import { eachRepeat } from '../repeats.ts';
import { sdfDomainCodes as codes } from './diagnostics.ts';

export interface SymbolUse {
  readonly symbol: string;
  readonly part: object;
  readonly attribute: string;
}

/**
 * Every symbol of a protection domain's program that some element sets. A vCPU's is not among them: the tool never
 * looks at it.
 */
function symbolsOf(
  pd: ProtectionDomain,
  endsOf: ReadonlyMap<string, readonly SymbolUse[]>,
): readonly SymbolUse[] {
  const uses: SymbolUse[] = [];
  const add = (symbol: string | undefined, part: object, attribute: string): void => {
    if (symbol !== undefined) uses.push({ symbol, part, attribute });
  };
  for (const map of pd.maps) {
    add(map.setvarVaddr, map, 'setvar_vaddr');
    add(map.setvarSize, map, 'setvar_size');
    add(map.setvarPrefillSize, map, 'setvar_prefill_size');
  }
  for (const irq of pd.irqs) add(irq.setvarId, irq, 'setvar_id');
  for (const ioport of pd.ioports) {
    add(ioport.setvarId, ioport, 'setvar_id');
    add(ioport.setvarAddr, ioport, 'setvar_addr');
  }
  for (const setvar of pd.setvars) add(setvar.symbol, setvar, 'symbol');
  for (const child of pd.children) add(child.setvarId, child, 'setvar_id');
  return [...uses, ...(endsOf.get(pd.name) ?? [])];
}

/** The symbols that the ends of channels set, by the protection domain that they name. */
function endUsesOf(context: CheckContext): ReadonlyMap<string, readonly SymbolUse[]> {
  const endsOf = new Map<string, SymbolUse[]>();
  for (const end of context.description.channels.flatMap(({ ends }) => ends)) {
    if (end.setvarId === undefined) continue;
    const use = { symbol: end.setvarId, part: end, attribute: 'setvar_id' };
    const known = endsOf.get(end.pd);
    if (known === undefined) endsOf.set(end.pd, [use]);
    else known.push(use);
  }
  return endsOf;
}

/** Every symbol that the tool sets in the program of a protection domain, those of its channels included. */
export const symbolUsesOf = (context: CheckContext, pd: ProtectionDomain): readonly SymbolUse[] =>
  symbolsOf(pd, endUsesOf(context));

function symbolsDiffer(context: CheckContext): void {
  const endsOf = endUsesOf(context);
  // Ends name protection domains: where several have one name, which is an error, the ends are the last one's.
  const byName = new Map(context.pds.map((pd) => [pd.name, pd]));
  for (const pd of context.pds) {
    eachRepeat(
      symbolsOf(pd, byName.get(pd.name) === pd ? endsOf : new Map()),
      ({ symbol }) => symbol,
      ({ symbol, part, attribute }, first) => {
        const line = context.value(first.part, first.attribute)?.line;
        const where = line === undefined ? '' : `, first on line ${line}`;
        const params = { symbol, pd: pd.name, where };
        context.sink.report(codes['duplicate-setvar'].at(context.value(part, attribute), params));
      },
    );
  }
}

function symbolsHaveNames(context: CheckContext): void {
  const endsOf = endUsesOf(context);
  for (const pd of context.pds) {
    for (const { symbol, part, attribute } of symbolsOf(pd, endsOf)) {
      if (symbol !== '') continue;
      const position = context.origins.attribute(part, attribute);
      context.sink.report(codes['empty-symbol'].at(position, { attribute, pd: pd.name }));
    }
  }
}

function setvarRegionExists(context: CheckContext): void {
  for (const setvar of context.pds.flatMap((pd) => pd.setvars)) {
    const region = context.regions.get(setvar.regionPaddr);
    const position = context.value(setvar, 'region_paddr');
    if (region !== undefined) {
      if (context.arch !== 'x86_64' || region.physAddr !== undefined) continue;
      context.sink.report(codes['setvar-without-address'].at(position, { region: region.name }));
    } else if (context.isComplete('memory_region')) {
      const suggestion = nearest(setvar.regionPaddr, context.regions.keys());
      const params = { region: setvar.regionPaddr, suggestion };
      const fix = context.fix(setvar, 'region_paddr', suggestion);
      context.sink.report(codes['setvar-region'].at(position, params, undefined, fix));
    }
  }
}

function capSlotsFit(context: CheckContext): void {
  for (const pd of context.pds) {
    for (const cap of pd.capMaps) {
      if (cap.slot > 0 && cap.slot < CAP_SLOT_LIMIT) continue;
      context.sink.report(codes['cap-slot'].at(context.value(cap, 'slot'), { slot: cap.slot }));
    }
    eachRepeat(
      pd.capMaps,
      ({ slot }) => slot,
      (cap, first) => {
        const params = { slot: cap.slot, pd: pd.name, where: context.onLine(first) };
        context.sink.report(codes['duplicate-cap-slot'].at(context.value(cap, 'slot'), params));
      },
    );
  }
}

function namedPdsExist(context: CheckContext): void {
  if (!context.isComplete('protection_domain')) return;
  const names = new Set(context.pds.map(({ name }) => name));
  const naming = [
    ...context.pds.flatMap((pd) => pd.capMaps),
    ...context.description.channels.flatMap(({ ends }) => ends),
  ];
  for (const part of naming) {
    if (names.has(part.pd)) continue;
    const params = { pd: part.pd, suggestion: nearest(part.pd, names) };
    const fix = context.fix(part, 'pd', params.suggestion);
    context.sink.report(codes['unknown-pd'].at(context.value(part, 'pd'), params, undefined, fix));
  }
}

export const SYMBOL_RULES: readonly Rule[] = [
  symbolsDiffer,
  symbolsHaveNames,
  setvarRegionExists,
  capSlotsFit,
  namedPdsExist,
];
