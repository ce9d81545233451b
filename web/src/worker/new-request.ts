/** The request that a board begins with: everything that it has, and the payload that there is. */
import { stringify } from 'yaml';

/** What a new request names, by paths as the session has them. */
export interface NewRequest {
  readonly dtb: string;
  /** Microkit's name of the board. */
  readonly microkit?: string;
  readonly kernel?: string;
  readonly initrd?: string;
}

export function newRequest({ dtb, microkit, kernel, initrd }: NewRequest): string {
  const keys = {
    board: microkit === undefined ? dtb : { dtb, microkit },
    ...(kernel === undefined ? {} : { kernel }),
    ...(initrd === undefined ? {} : { initrd }),
    pass: 'all',
    ram: '512 MiB',
    // What the kernel's own tests of its ciphers take is half of a boot.
    bootargs: 'earlycon cryptomgr.notests',
  };
  return `# What the guest gets. Ctrl-Space shows what may stand here.\n${stringify(keys)}`;
}
