/** The constructs of every loader that is read (`boot-constructs.ts` says what they are made of). */
import type { Construct } from '../boot-constructs.ts';
import { EXTLINUX } from './extlinux.ts';
import { GRUB } from './grub.ts';
import { GRUB_CONTEXTS } from './grub-contexts.ts';
import { IMAGES } from './images.ts';
import { PLACES } from './places.ts';
import { RASPBERRY_PI } from './raspberry-pi.ts';
import { SYSTEMD_BOOT } from './systemd-boot.ts';
import { SCRIPT_BOARD } from './u-boot-board.ts';
import { SCRIPT_BOOTING } from './u-boot-booting.ts';
import { SCRIPT_COMPUTED } from './u-boot-computed.ts';
import { SCRIPT_PARTITIONS } from './u-boot-partitions.ts';
import { SCRIPT } from './u-boot-script.ts';
import { SCRIPT_STATUS } from './u-boot-status.ts';
import { SCRIPT_TREES } from './u-boot-trees.ts';
import { UNREAD_TREES } from './unread-trees.ts';

export const CONSTRUCTS: readonly Construct[] = [
  ...EXTLINUX.map((each) => ({ loader: 'extlinux', ...each })),
  ...[
    ...SCRIPT,
    ...SCRIPT_COMPUTED,
    ...SCRIPT_PARTITIONS,
    ...SCRIPT_BOOTING,
    ...SCRIPT_BOARD,
    ...SCRIPT_STATUS,
    ...SCRIPT_TREES,
  ].map((each) => ({
    loader: 'U-Boot script',
    ...each,
  })),
  ...[...GRUB, ...GRUB_CONTEXTS].map((each) => ({ loader: 'GRUB', ...each })),
  ...RASPBERRY_PI.map((each) => ({ loader: 'Raspberry Pi', ...each })),
  ...SYSTEMD_BOOT.map((each) => ({ loader: 'systemd-boot', ...each })),
  ...IMAGES.map((each) => ({ loader: 'boot images', ...each })),
  ...UNREAD_TREES,
  ...PLACES.map((each) => ({ loader: 'which counts', ...each })),
];
