/**
 * Whether a driver can do without what a property names. The answer is a fact from the driver's source (`rows.ts`,
 * `drivers.ts`), from the framework that all drivers ask through, or that nobody knows, which is not the same as that it can;
 * then what the device's binding requires is told (`bindings.ts`).
 */
import { matchesGlob } from '../../base/index.ts';
import { type DtNode, isPciBus, nodesUnder, stringsProperty } from '../../devicetree/index.ts';
import type { Reference } from '../references.ts';
import { bindingRows } from './binding-rows.ts';
import { DRIVER_TABLE } from './drivers.ts';
import { itemOf, type NeedRow, speaksOf } from './row.ts';
import { NEED_ROWS } from './rows.ts';

export interface RequiredNeed {
  readonly kind: 'required';
  readonly source: string;
  readonly consequence: string | undefined;
}

export type Need =
  | RequiredNeed
  | { readonly kind: 'optional'; readonly source: string }
  /** `binding`: one that requires the property of every tree, which is not to say that the driver does. */
  | { readonly kind: 'unknown'; readonly binding?: string };

const optional = (source: string): Need => ({ kind: 'optional', source });

/** What is looked at of a reference. */
export type AskedReference = Pick<Reference, 'kind' | 'property' | 'name' | 'node'> & {
  readonly from: Pick<Reference['from'], 'compatible'>;
};

export function needOf(reference: AskedReference): Need {
  const item = itemOf(reference);
  const { compatible } = reference.from;
  for (const name of compatible) {
    for (const row of rowsOf(name)) {
      const { source, consequence } = row;
      if (speaksOf(row.required, item)) return { kind: 'required', source, consequence };
      if (speaksOf(row.optional, item)) return optional(source);
    }
  }
  return byFramework(reference) ?? byTable(compatible, item, reference) ?? unknownBut(reference);
}

function unknownBut({ from, property }: AskedReference): Need {
  for (const name of from.compatible) {
    const row = bindingRows().get(name);
    if (row !== undefined)
      return row.properties.has(property) ? { kind: 'unknown', binding: row.file } : { kind: 'unknown' };
  }
  return { kind: 'unknown' };
}

/** What holds for all drivers, by the framework that reads the property. */
function byFramework(reference: AskedReference): Need | undefined {
  const { kind, property, node, name } = reference;
  switch (kind) {
    case 'pinctrl':
      return optional('drivers/base/pinctrl.c');
    case 'power-domain':
      // The framework attaches one domain by itself; those that have names are the driver's to ask for.
      return name === undefined ? optional('drivers/base/power/domain.c') : undefined;
    case 'interconnect':
      return optional('drivers/interconnect/core.c');
    case 'clock-setup':
      return optional('drivers/clk/clk-conf.c');
    case 'gpio-range':
      return optional('drivers/gpio/gpiolib-of.c');
    case 'phy':
      return property === 'sfp' ? optional('drivers/net/phy/sfp-bus.c') : undefined;
    case 'regulator':
      return supplyOf(reference);
    case 'power':
      return optional('drivers/power/supply/power_supply_core.c');
    case 'nvmem':
      return /^mac-address/.test(name ?? '') ? optional('net/core/of_net.c') : undefined;
    case 'gpio':
      if (/^(cd|wp)-gpios?$/.test(property)) return optional('drivers/mmc/core/slot-gpio.c');
      if (/^cs-gpios?$/.test(property))
        return { kind: 'required', source: 'drivers/spi/spi.c', consequence: 'selects none of its chips' };
      return isEthernetPhy(node) && property.startsWith('reset-gpio') ? optional(MDIO) : undefined;
    case 'reset':
      return isEthernetPhy(node) ? optional(MDIO) : undefined;
    case 'msi':
      return isPciBus(node) ? messagesBehind(reference) : undefined;
    default:
      return undefined;
  }
}

/** Supplies that are not the driver's to ask for: frameworks go on without them. */
function supplyOf({ node, property }: AskedReference): Need | undefined {
  if (property === 'cpu-supply') return optional('drivers/cpufreq/cpufreq-dt.c');
  if (property === 'phy-supply' && node.properties.has('#phy-cells'))
    return optional('drivers/phy/phy-core.c');
  // What feeds a regulator is looked up by its core, which takes the dummy for one that is not there.
  const hasRegulators = [node, ...nodesUnder(node)].some((each) => each.properties.has('regulator-name'));
  return hasRegulators ? optional(REGULATORS) : undefined;
}

const REGULATORS = 'drivers/regulator/core.c';
const MDIO = 'drivers/net/phy/mdio_bus.c';

/** A PHY on an MDIO bus. */
export function isEthernetPhy(node: DtNode): boolean {
  return node.baseName === 'ethernet-phy' || node.parent?.baseName === 'mdio';
}

/** Devices behind a PCI host have their own drivers: those that the tree names may insist, others have lines too. */
function messagesBehind({ node, property }: AskedReference): Need {
  for (const below of nodesUnder(node)) {
    for (const name of stringsProperty(below, 'compatible') ?? []) {
      const row = rowsOf(name).find(({ required }) => required.includes(property));
      if (row !== undefined) return { kind: 'required', source: row.source, consequence: row.consequence };
    }
  }
  return optional('drivers/pci/msi');
}

/**
 * From the getters of the driver that binds first, in the order of `compatible`. A driver with no getter for resets leaves
 * them alone; supplies that it asks for in the ordinary way are made up where there are none (drivers/regulator/core.c).
 */
function byTable(compatible: readonly string[], item: string, { kind }: AskedReference): Need | undefined {
  const row = compatible.flatMap((name) => tableRows().get(name) ?? [])[0];
  if (row !== undefined) {
    const { source } = row;
    if (row.required.includes(item)) return { kind: 'required', source, consequence: undefined };
    if (row.optional.includes(item)) return optional(source);
    if (speaksOf(row.required, item)) return { kind: 'required', source, consequence: undefined };
    if (speaksOf(row.optional, item) || kind === 'reset') return optional(source);
    // A reference is there for its voltage, which one that is made up does not have.
    if (kind === 'regulator' && !REFERENCE_VOLTAGE.test(item)) return optional(REGULATORS);
  }
  return undefined;
}

const REFERENCE_VOLTAGE = /^vref/;

const byName = new Map<string, readonly NeedRow[]>();

function rowsOf(compatible: string): readonly NeedRow[] {
  const known = byName.get(compatible);
  if (known !== undefined) return known;
  const rows = NEED_ROWS.filter((row) => row.compatible.some((glob) => matchesGlob(glob, compatible)));
  // Names come from trees, which may hold any number of them.
  if (byName.size < CACHED) byName.set(compatible, rows);
  return rows;
}

const CACHED = 20_000;

let table: ReadonlyMap<string, NeedRow> | undefined;

/** The rows of `drivers.ts`, by `compatible`. */
export function tableRows(): ReadonlyMap<string, NeedRow> {
  table ??= new Map(
    DRIVER_TABLE.trim()
      .split('\n')
      .flatMap((line) => {
        const [source = '', required = '', optionalItems = '', compatibles = ''] = line
          .split('|')
          .map((part) => part.trim());
        const items = (text: string) => text.split(' ').filter((word) => word !== '');
        const compatible = items(compatibles);
        const row: NeedRow = {
          source,
          compatible,
          required: items(required),
          optional: items(optionalItems),
        };
        return compatible.map((name) => [name, row] as const);
      }),
  );
  return table;
}
