/** GRUB's commands that change nothing of what is booted, and the variables that are not the configuration's. */

/** They cannot fail. */
export const SUCCEEDS: ReadonlySet<string> = new Set([':', 'clear', 'echo', 'sleep', 'true', 'unset']);

/** They print, set up the screen or load GRUB's own modules; whether they succeed is another matter. */
export const HARMLESS: ReadonlySet<string> = new Set([
  ':',
  'background_color',
  'background_image',
  'badram',
  'clear',
  'cutmem',
  'echo',
  'export',
  'fwsetup',
  'gettext',
  'gfxmode',
  'insmod',
  'loadfont',
  'ls',
  'password',
  'password_pbkdf2',
  'play',
  'rmmod',
  'save_env',
  'serial',
  'set_background_image',
  'sleep',
  'terminal_input',
  'terminal_output',
  'terminfo',
  'true',
  'unicode',
  'unset',
  'videoinfo',
]);

/** What GRUB has set before its configuration is read. */
export const INITIAL: Readonly<Record<string, string>> = {
  feature_chainloader_bpb: 'y',
  feature_default_font_path: 'y',
  feature_menuentry_id: 'y',
  feature_menuentry_options: 'y',
  feature_nativedisk_cmd: 'y',
  feature_ntldr: 'y',
  feature_platform_search_hint: 'y',
  feature_timeout_style: 'y',
  feature_200_final: 'y',
  feature_all_video_module: 'y',
  grub_cpu: 'arm64',
  grub_platform: 'efi',
};

/** GRUB sets them by where it was started, or by what it has of the network. */
export const OF_THE_FIRMWARE = /^(?:cmdpath|net_\w+|pxe_\w+|chosen|biosnum|efi_\w+|secureboot|lockdown)$/;
