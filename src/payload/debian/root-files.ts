/**
 * What a root filesystem needs beyond what is in Debian's packages. Maintainer scripts do not run, for that takes the machine
 * itself; in their place is what those of base-files and base-passwd would copy, and for sysvinit an init table and scripts of our own that
 * start a shell on the console and take the machine down. systemd has all of that in its units.
 */

/** The programs that a root can begin with, and the packages that each takes. */
export const INITS = {
  sysvinit: ['sysvinit-core'],
  // udev tells it of the console's terminal, and dbus and PAM let people log in.
  systemd: ['systemd-sysv', 'udev', 'dbus', 'libpam-systemd'],
} as const;
export type Init = keyof typeof INITS;

/** Links that merge `/usr`, as Debian has had them since 12 (usr-is-merged). */
export const MERGED_DIRECTORIES = ['bin', 'sbin', 'lib'] as const;

/** What maintainer scripts copy: from where in the packages to where. */
export const COPIED_FILES: readonly (readonly [from: string, to: string])[] = [
  ['usr/share/base-passwd/group.master', 'etc/group'],
  ['usr/share/base-files/profile', 'etc/profile'],
  ['usr/share/base-files/motd', 'etc/motd'],
  ['usr/share/base-files/nsswitch.conf', 'etc/nsswitch.conf'],
  ['usr/share/base-files/dot.profile', 'root/.profile'],
  ['usr/share/base-files/dot.bashrc', 'root/.bashrc'],
];

export const EMPTY_DIRECTORIES = ['dev', 'proc', 'sys', 'run', 'mnt'] as const;

const INITTAB = `# The init of sysvinit-core, with scripts that drivervm brought.
id:2:initdefault:
si::sysinit:/etc/drivervm/start
co:2345:respawn:/etc/drivervm/console
l0:0:wait:/etc/drivervm/stop poweroff
l6:6:wait:/etc/drivervm/stop reboot
ca:12345:ctrlaltdel:/sbin/shutdown -r now
`;

const START = `#!/bin/sh
# What a ramdisk has mounted already stays.
mountpoint -q /proc || mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts
mountpoint -q /dev/pts || mount -t devpts devpts /dev/pts
mountpoint -q /run || mount -t tmpfs tmpfs /run
# Without a clock the kernel begins in 1970; no file is older than the packages.
[ "$(date +%s)" -gt NEWEST ] || date -s @NEWEST >/dev/null
mount -o remount,rw /
hostname -F /etc/hostname
`;

/** A terminal behind /dev/console can be a controlling one; /dev/console itself can't. */
const CONSOLE = `#!/bin/sh
tty=$(sed 's/.* //' /sys/class/tty/console/active)
cd /root
exec env HOME=/root TERM=linux setsid -cw /bin/bash -l <>"/dev/$tty" >&0 2>&0
`;

const STOP = `#!/bin/sh
sync
mount -o remount,ro / 2>/dev/null
exec /sbin/$1 -f
`;

/** Files of our own, by path; the scripts are those below etc/drivervm. `newestSeconds` is the time of the newest file. */
export function ownFiles(init: Init, uuid: string, newestSeconds: number): ReadonlyMap<string, string> {
  return new Map([
    ['etc/fstab', `UUID=${uuid} / ext4 defaults 0 1\n`],
    // Empty: systemd makes one at the first boot and writes it there (machine-id(5)), so that no two machines share one.
    ['etc/machine-id', ''],
    ['etc/hostname', 'drivervm\n'],
    ['etc/hosts', '127.0.0.1 localhost\n127.0.1.1 drivervm\n'],
    ...(init === 'sysvinit'
      ? ([
          ['etc/inittab', INITTAB],
          ['etc/drivervm/start', START.replaceAll('NEWEST', `${newestSeconds}`)],
          ['etc/drivervm/console', CONSOLE],
          ['etc/drivervm/stop', STOP],
        ] as const)
      : []),
  ]);
}
