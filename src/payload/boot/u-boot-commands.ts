/** U-Boot's commands by what they mean to the question what is booted, and what a board's environment holds before a script. */

/** They print or wait, and cannot fail; what a kernel is given does not depend on them. */
export const HARMLESS: ReadonlySet<string> = new Set([
  ':',
  'bdinfo',
  'coninfo',
  'dcache',
  'echo',
  'icache',
  'md',
  'sleep',
  'true',
  'version',
]);

/** What a kernel is given does not depend on them either, but a status that is used does: they fail on some boards. */
export const MAY_FAIL: ReadonlySet<string> = new Set([
  'bmp',
  'bootstage',
  'clocks',
  'cls',
  'config',
  'dmc',
  'fatinfo',
  'fsinfo',
  'fstypes',
  'gzwrite',
  'help',
  'kaslrseed',
  'lcdputs',
  'led',
  'log',
  'panel',
  'pause',
  'saveenv',
  'showvar',
  'splash',
  'video',
  'wdt',
]);

/** They succeed where there is such a directory (U-Boot, fs/fs.c, do_ls). */
export const LISTS: ReadonlySet<string> = new Set(['ls', 'ext2ls', 'ext4ls', 'fatls']);

/** What `fdt` does, by words that U-Boot knows by their beginnings (cmd/fdt.c). */
const FDT_WORDS = [
  'addr',
  'apply',
  'boardsetup',
  'chosen',
  'checksign',
  'get',
  'header',
  'list',
  'memory',
  'mknode',
  'move',
  'print',
  'resize',
  'rm',
  'rsvmem',
  'set',
  'systemsetup',
];

export function fdtWord(text: string): string {
  return (text === '' ? undefined : FDT_WORDS.find((word) => word.startsWith(text))) ?? text;
}

/**
 * Devices that are found or chosen: `mmc dev 0`, `usb start`, `virtio scan`. Whether there is one is known only on the board; reading
 * their blocks is another matter.
 */
export const DEVICES: ReadonlySet<string> = new Set([
  'ahci',
  'fpga',
  'ide',
  'mii',
  'mmc',
  'nvme',
  'pci',
  'sata',
  'scsi',
  'usb',
  'ufs',
  'virtio',
]);

/** They ask the board something: whether they succeed is known only there. */
export const QUESTIONS: ReadonlySet<string> = new Set([
  'adc',
  'ask',
  'bcb',
  'cmp',
  'button',
  'efidebug',
  'fuse',
  'gpio',
  'i2c',
  'pmic',
  'ping',
  'regulator',
  'rtc',
  'sf',
  'temperature',
  'tpm',
  'tpm2',
]);

export const LOADS: ReadonlySet<string> = new Set([
  'load',
  'ext2load',
  'ext4load',
  'fatload',
  'fsload',
  'sqfsload',
  'ubifsload',
]);

/** Files from the network, which an image does not have. */
export const NETWORK: ReadonlySet<string> = new Set([
  'bootp',
  'dhcp',
  'dhcp6',
  'nfs',
  'pxe',
  'rarpboot',
  'tftp',
  'tftpboot',
  'tftpb',
  'wget',
]);

export const BOOTS: ReadonlySet<string> = new Set(['booti', 'bootm', 'bootz', 'bootefi', 'go']);

/** They leave the script to another loader, or to the board's own environment. */
export const HANDS_OVER: ReadonlySet<string> = new Set([
  'abootimg',
  'boot',
  'boota',
  'bootd',
  'bootdev',
  'bootflow',
  'bootmenu',
  'bootmeth',
  'bootstd',
  'bootvx',
  'eficonfig',
  'fastboot',
  'reset',
  'sysboot',
  'ums',
]);

/** What U-Boot itself would have set, as far as scripts rely on it; any board with this processor has these. */
export const INITIAL: Readonly<Record<string, string>> = {
  arch: 'arm',
  boot_scripts: 'boot.scr.uimg boot.scr',
  cpu: 'armv8',
};

/** Where addresses that only the board knows are put, far from each other and from those that scripts give. */
export const ADDRESS_BASE = 0x1_0000_0000n;
export const ADDRESS_STEP = 0x1_0000_0000n;

/** A variable that holds an address by its name: which, is the board's matter, but nothing that is booted depends on it. */
export function isAddress(name: string): boolean {
  return /addr/i.test(name) && !/^(?:eth\d*addr|ipaddr\d*|ipv6addr|.*macaddr)$/i.test(name);
}
