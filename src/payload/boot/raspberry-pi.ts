/** The Raspberry Pi firmware's `config.txt` and `cmdline.txt`; conditional sections other than `[all]` are passed over. */
import type { BootEntry } from './entry.ts';

export function parseConfigTxt(text: string, file: string, cmdline: string): BootEntry {
  const settings = new Map<string, string>();
  let applies = true;
  let initramfs: string | undefined;
  for (const line of text.split('\n').map((raw) => raw.replace(/#.*/, '').trim())) {
    const section = /^\[(.*)\]$/.exec(line)?.[1];
    if (section !== undefined) applies = section === 'all';
    if (!applies) continue;
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) settings.set(name, value.trim());
    initramfs = /^initramfs\s+(\S+)/.exec(line)?.[1] ?? initramfs;
  }
  const inPrefix = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : `${settings.get('os_prefix') ?? ''}${name}`;
  return {
    loader: 'raspberry-pi',
    file,
    label: 'config.txt',
    isDefault: true,
    kernel: inPrefix(settings.get('kernel') ?? 'kernel8.img'),
    initrd: inPrefix(initramfs),
    dtb: inPrefix(settings.get('device_tree')),
    bootargs: cmdline.trim(),
  };
}
