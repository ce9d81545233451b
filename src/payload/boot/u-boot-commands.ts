/** U-Boot's commands by what they mean to the question what is booted, and what a board's environment holds before a script. */

/** They print, wait, or set up hardware; what a kernel is given does not depend on them, and they succeed. */
export const HARMLESS: ReadonlySet<string> = new Set([
  ':',
  'bdinfo',
  'bmp',
  'bootstage',
  'clocks',
  'cls',
  'config',
  'coninfo',
  'dcache',
  'dmc',
  'echo',
  'fstypes',
  'help',
  'icache',
  'iminfo',
  'kaslrseed',
  'lcdputs',
  'led',
  'log',
  'ls',
  'ext2ls',
  'ext4ls',
  'fatls',
  'fatinfo',
  'fsinfo',
  'md',
  'pause',
  'panel',
  'saveenv',
  'showvar',
  'sleep',
  'splash',
  'true',
  'version',
  'video',
  'wdt',
]);

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
