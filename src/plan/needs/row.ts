/** What is known of a driver's wants: rows, and the items that they speak of. */
import type { Dependency } from '../../devicetree/index.ts';

/**
 * One driver, and what its probe does where the guest's tree holds the property no more. An item is a property, or one entry
 * of it: `resets/phy`, `dmas/rx`, `reset-gpios`, `vmmc-supply`, `msi-parent`; `resets/*` is every entry.
 */
export interface NeedRow {
  /** The driver in Linux's sources, of the releases in `KNOWN_LINUX`. */
  readonly source: string;
  /** Globs are allowed. */
  readonly compatible: readonly string[];
  /** What it fails without. */
  readonly required: readonly string[];
  /** What it asks for and does without. */
  readonly optional: readonly string[];
  /** What happens without what it requires; its probe fails where nothing is said. The device is the subject. */
  readonly consequence?: string;
}

/** The properties whose entries have names by which drivers ask for them. */
const BY_NAME: ReadonlySet<string> = new Set(['resets', 'dmas', 'nvmem-cells', 'memory-region', 'mboxes']);

/** The item that a reference is. */
export function itemOf({ property, name }: Pick<Dependency, 'property' | 'name'>): string {
  if (BY_NAME.has(property)) return `${property}/${name ?? '*'}`;
  return property.endsWith('-gpio') ? `${property}s` : property;
}

/** Whether one of the items speaks of another: `resets/*` of `resets/phy`. */
export function speaksOf(items: readonly string[], item: string): boolean {
  const slash = item.indexOf('/');
  return items.includes(item) || (slash >= 0 && items.includes(`${item.slice(0, slash)}/*`));
}
