/**
 * `grub.cfg` as `grub-mkconfig` writes it: its menu entries, nested ones included, and the one that is the default.
 * Left out: everything that GRUB's shell decides when it runs; `$` variables other than those set in the file.
 */
import type { BootEntry } from './entry.ts';

/** A variable that doubles itself grows without bound. */
const VALUE_LIMIT_CHARS = 1 << 16;

export function parseGrub(text: string, file: string): readonly BootEntry[] {
  const variables = new Map<string, string>();
  const entries: {
    title: string;
    kernel?: string;
    initrd?: string;
    dtb?: string;
    bootargs: string;
    nested: boolean;
  }[] = [];
  let submenus = 0;
  let isInEntry = false;
  for (const line of text.split('\n')) {
    const words = wordsOf(line, variables);
    const [command = '', ...rest] = words;
    if (command === 'set') {
      const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(rest.join(' ')) ?? [];
      // The first "set default" that is not computed counts; the others are GRUB's fallbacks.
      if (name !== 'default' || !variables.has('default')) {
        variables.set(name, value.slice(0, VALUE_LIMIT_CHARS));
      }
    } else if (command === 'submenu') submenus += 1;
    else if (command === 'menuentry') {
      entries.push({ title: rest[0] ?? '', bootargs: '', nested: submenus > 0 });
      isInEntry = true;
    } else if (command === '}') {
      if (isInEntry) isInEntry = false;
      else if (submenus > 0) submenus -= 1;
    }
    const entry = entries.at(-1);
    if (!isInEntry || entry === undefined) continue;
    if (/^linux(?:16|efi)?$/.test(command)) {
      entry.kernel = rest[0] ?? '';
      entry.bootargs = rest.slice(1).join(' ');
    } else if (/^initrd(?:16|efi)?$/.test(command)) entry.initrd = rest[0] ?? '';
    else if (command === 'devicetree') entry.dtb = rest[0] ?? '';
  }
  const wanted = variables.get('default') ?? '0';
  const top = entries.filter((entry) => !entry.nested);
  const chosen = top.find((entry) => entry.title === wanted) ?? top[Number(wanted) || 0] ?? entries[0];
  return entries
    .filter((entry) => entry.kernel !== undefined)
    .map((entry) => ({
      loader: 'grub',
      file,
      label: entry.title,
      isDefault: entry === chosen,
      kernel: entry.kernel,
      initrd: entry.initrd,
      dtb: entry.dtb,
      bootargs: entry.bootargs,
    }));
}

/** Words with quotes taken away and known variables put in; unknown ones give nothing. */
function wordsOf(line: string, variables: ReadonlyMap<string, string>): readonly string[] {
  const words = line.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'#])+|#.*/g) ?? [];
  return words
    .filter((word) => !word.startsWith('#'))
    .map((word) =>
      word
        .replace(
          /'([^']*)'|"((?:[^"\\]|\\.)*)"/g,
          (_, single?: string, double?: string) => single ?? double ?? '',
        )
        .replace(/\$\{?(\w+)\}?/g, (_, name: string) => variables.get(name) ?? ''),
    )
    .filter((word) => word !== '');
}
