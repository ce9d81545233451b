/** `extlinux.conf` as U-Boot reads it (U-Boot, boot/pxe_utils.c). */
import type { BootEntry } from './entry.ts';

interface Label {
  readonly name: string;
  readonly values: Map<string, string>;
}

/** @param directory where the file is; relative paths in it start there */
export function parseExtlinux(text: string, file: string, directory: string): readonly BootEntry[] {
  const labels: Label[] = [];
  let chosen: string | undefined;
  for (const line of text.split('\n')) {
    const [, keyword = '', value = ''] = /^\s*([A-Za-z_-]+)\s*(.*?)\s*$/.exec(line) ?? [];
    const name = keyword.toLowerCase();
    if (name === 'label') labels.push({ name: value, values: new Map() });
    else if (name === 'default') chosen ??= value;
    else labels.at(-1)?.values.set(name, value);
  }
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined || path.startsWith('/') ? path : `${directory}/${path}`;
  const fallback = labels[0]?.name;
  return labels.map(({ name, values }) => {
    const append = values.get('append') ?? '';
    const inAppend = /(?:^|\s)initrd=(\S+)/.exec(append)?.[1];
    // U-Boot takes a FIT's configuration or further ramdisks after these.
    const kernel = (values.get('kernel') ?? values.get('linux') ?? values.get('fit'))?.split('#')[0];
    return {
      loader: 'extlinux',
      file,
      label: name,
      isDefault: name === (chosen ?? fallback),
      kernel: absolute(kernel),
      initrd: absolute((values.get('initrd') ?? inAppend)?.split(',')[0]),
      dtb: absolute(values.get('fdt') ?? values.get('devicetree')),
      bootargs: append,
    };
  });
}
