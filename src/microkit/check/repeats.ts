/** Finding what is there twice. */

/** Calls `report` for each item whose key an earlier one has, with the earliest. Items without a key are passed over. */
export function eachRepeat<Item, Key>(
  items: Iterable<Item>,
  keyOf: (item: Item) => Key | undefined,
  report: (item: Item, first: Item) => void,
): void {
  const firsts = new Map<Key, Item>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, item);
    else report(item, first);
  }
}

export interface Placed<Item> {
  readonly item: Item;
  readonly range: { readonly base: number; readonly size: number };
}

/**
 * Calls `report` for each item whose range overlaps that of another, once: with the one that reaches furthest of those
 * that begin before it. Of the two, the one that stands later in `items` is the first argument.
 */
export function eachOverlap<Item>(
  items: readonly Placed<Item>[],
  report: (item: Placed<Item>, other: Placed<Item>) => void,
): void {
  const order = new Map(items.map((item, index) => [item, index]));
  const sorted = items.filter(({ range }) => range.size > 0).sort((a, b) => a.range.base - b.range.base);
  let furthest: Placed<Item> | undefined;
  for (const item of sorted) {
    if (furthest !== undefined && item.range.base < furthest.range.base + furthest.range.size) {
      const later = (order.get(item) ?? 0) > (order.get(furthest) ?? 0);
      if (later) report(item, furthest);
      else report(furthest, item);
    }
    if (
      furthest === undefined ||
      item.range.base + item.range.size > furthest.range.base + furthest.range.size
    ) {
      furthest = item;
    }
  }
}
