/** What a boot loader's configuration says is booted. Paths are as written; who finds the files resolves them. */
export interface BootEntry {
  readonly loader: 'extlinux' | 'u-boot-script' | 'grub' | 'raspberry-pi';
  /** The configuration file. */
  readonly file: string;
  readonly label: string;
  readonly isDefault: boolean;
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly dtb: string | undefined;
  readonly bootargs: string;
}

/** The value of `root=` on a kernel command line: the last one counts. */
export function rootOf(bootargs: string): string | undefined {
  return [...bootargs.matchAll(/(?:^|\s)root=(\S+)/g)].at(-1)?.[1];
}
