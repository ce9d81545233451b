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
}

export function pickEntry<T extends Named>(items: readonly T[], text: string): Picked<T> {
  if (text === '') return { item: items[0], isFound: true };
  const head = /^(?:[^>]|>>)*/.exec(text)?.[0] ?? '';
  const after = head.length < text.length ? { after: text.slice(head.length + 1) } : {};
  const number = /^\s*(?:0x([0-9a-f]+)|(0[0-7]*)|([1-9]\d*))/i.exec(head);
  const found = number === null ? named(items, head.replaceAll('>>', '>')) : items[numberOf(number)];
  if (found !== undefined) return { item: found, isFound: true, ...after };
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
