/**
 * Settings of the Raspberry Pi firmware's `config.txt` by what they mean to the question what is booted (Raspberry Pi
 * documentation, "config.txt"). One that is in none of these lists is not known here, and leaves a doubt.
 */
import type { DoubtSubject } from './entry.ts';

/** What a setting could change, of those that are followed. */
export const ABOUT: Readonly<Record<string, readonly DoubtSubject[]>> = {
  arm_64bit: ['kernel'],
  auto_initramfs: ['initrd'],
  cmdline: ['command line'],
  device_tree: ['device tree'],
  dtoverlay: ['device tree'],
  dtparam: ['device tree'],
  initramfs: ['initrd'],
  kernel: ['kernel'],
  os_prefix: ['kernel', 'initrd', 'device tree', 'command line'],
  overlay_prefix: ['device tree'],
  ramfsfile: ['initrd'],
};

/** What they add to the tree depends on what is plugged in, or is the firmware's to know; the rest of the tree is as it is. */
export const BY_THE_FIRMWARE: Readonly<Record<string, string>> = {
  camera_auto_detect:
    'lets the firmware apply overlays for the cameras that it finds, which are not applied here',
  display_auto_detect:
    'lets the firmware apply overlays for the displays that it finds, which are not applied here',
  enable_uart: 'lets the firmware turn the console UART on or off in the tree, which is not done here',
  gpio: 'lets the firmware set pins up',
  otg_mode: 'lets the firmware turn another USB controller on in the tree, which is not done here',
  total_mem: 'lets the firmware give less memory in the tree, which is not done here',
};

/** Others take their place: nothing of what is read here is booted. */
export const ELSEWHERE: Readonly<
  Record<string, readonly [subject: readonly DoubtSubject[], reason: string]>
> = {
  boot_ramdisk: [
    ['kernel', 'initrd', 'device tree', 'command line'],
    'boots what is in boot.img, which is not followed',
  ],
  upstream_kernel: [
    ['device tree'],
    'takes trees and overlays by their names in Linux, which is not followed',
  ],
};

/** They are about clocks, voltages, screens and the like, where files are put, or what is printed. */
const HARMLESS: readonly RegExp[] = [
  /^(?:arm|gpu|core|h264|isp|v3d|hevc|sdram|over_voltage|temp|initial|force_turbo|avoid_pwm|current_limit)\w*$/,
  /^(?:hdmi|dpi|sdtv|display|lcd|overscan|framebuffer|max_framebuffer|composite|edid|config_hdmi|dispmanx)\w*$/,
  /^(?:disable|ignore|avoid|test|enable_tvout|enable_dpi|enable_gic|enable_jtag|enable_rp1|audio|pwm)\w*$/,
  /^(?:start|fixup|bootcode|boot_delay|boot_load|uart_2ndstage|uart|recovery|program|eeprom|force_eeprom|bootvar)\w*$/,
  /^(?:device_tree_address|device_tree_end|kernel_address|kernel_old|ramfsaddr|armstub|dtdebug|safe_mode_gpio)$/,
  /^(?:decode_|force_pwm|license|max_usb_current|usb_max|usb_|sha256|sd_|emmc_|dvfs|vpred|hvs|cec|dtb?_?debug|fan)\w*$/,
  /^(?:pciex4_reset|nvmem_\w+|power_\w+|psu_max_current|watchdog\w*|kernel_watchdog\w*|boot_watchdog\w*|os_check)$/,
];

export function isHarmless(name: string): boolean {
  return HARMLESS.some((pattern) => pattern.test(name));
}
