/**
 * Which entry of a menu GRUB's `default` means (GRUB manual, "default"; grub-core/normal/menu.c, get_entry_number, menuentry_eq): a number
 * where it begins with one, in any of C's bases, else a title or an id; `>` leads into a submenu, `>>` is one of a title's own.
 */
export interface Named {
  readonly title: string;
  readonly id: string;
}

export interface Picked<T> {
  readonly item: T | undefined;
  /** What is behind the `>`. */
  readonly after?: string;
  readonly isFound: boolean;
  /** By GRUB's own rules it is one entry, by those of the distributions that look at ids first another. */
  readonly isDisputed?: boolean;
}

const NUMBER = /^\s*(?:0x([0-9a-f]+)|(0[0-7]*)|([1-9]\d*))/i;

/**
 * Of a menu that `blscfg` filled, as Fedora and its kin have it: ids and titles first, and a number only where it is all there is
 * (rhboot/grub2, grub-core/normal/menu.c, get_entry_number_helper). Ids begin with a machine's, so more often than not with a digit.
 */
export function pickLoaderEntry<T extends Named>(items: readonly T[], text: string): Picked<T> {
  const wanted = text.trim();
  const found = named(items, wanted);
  if (found !== undefined || wanted === '') return { item: found ?? items[0], isFound: true };
  const number = NUMBER.exec(wanted);
  const item = number === null || number[0].length < wanted.length ? undefined : items[numberOf(number)];
  return { item: item ?? items[0], isFound: item !== undefined };
}

export function pickEntry<T extends Named>(items: readonly T[], text: string): Picked<T> {
  if (text === '') return { item: items[0], isFound: true };
  const head = /^(?:[^>]|>>)*/.exec(text)?.[0] ?? '';
  const after = head.length < text.length ? { after: text.slice(head.length + 1) } : {};
  const number = NUMBER.exec(head);
  const byName = named(items, head.replaceAll('>>', '>'));
  const found = number === null ? byName : items[numberOf(number)];
  const isDisputed = byName !== undefined && byName !== found;
  if (found !== undefined) return { item: found, isFound: true, isDisputed, ...after };
  return number === null ? pickLongest(items, text) : { item: items[0], isFound: false };
}

/** Titles may hold `>` that nobody has doubled, so the longest part that fits is taken. */
function pickLongest<T extends Named>(items: readonly T[], text: string): Picked<T> {
  for (let end = text.length; end > 0; end = text.lastIndexOf('>', end - 1)) {
    const item = named(items, text.slice(0, end));
    if (item !== undefined)
      return { item, isFound: true, ...(end < text.length ? { after: text.slice(end + 1) } : {}) };
  }
  return { item: items[0], isFound: false };
}

function named<T extends Named>(items: readonly T[], name: string): T | undefined {
  return items.find(({ title, id }) => id === name || title === name);
}

function numberOf([, hexadecimal, octal, decimal]: RegExpExecArray): number {
  if (hexadecimal !== undefined) return Number.parseInt(hexadecimal, 16);
  return octal === undefined ? Number(decimal) : Number.parseInt(octal, 8);
}
