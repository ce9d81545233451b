/**
 * `payload collect`: a shell script for a running board. It gathers what the board's firmware and kernel made of the
 * hardware into one archive, whose paths are those of the running system, for `payload extract`.
 * POSIX shell and busybox's programs are enough; without root it takes what it may read and says what it missed.
 */
import { COLLECT_MARKER } from '../extract/live.ts';

/** Files that are taken as they are; what is not there is passed over. */
const FILES = [
  '/proc/cmdline',
  '/proc/cpuinfo',
  '/proc/interrupts',
  '/proc/iomem',
  '/proc/meminfo',
  '/proc/modules',
  '/proc/mounts',
  '/proc/partitions',
  '/proc/version',
  '/proc/config.gz',
  '/sys/firmware/fdt',
  '/sys/kernel/debug/clk/clk_summary',
  '/sys/kernel/debug/devices_deferred',
  '/sys/kernel/debug/gpio',
  '/sys/kernel/debug/pm_genpd/pm_genpd_summary',
  '/sys/kernel/debug/regulator/regulator_summary',
];

/** The script; {@link COLLECT_MARKER} is the file by which its archive is known. */
export const COLLECT_SCRIPT = `#!/bin/sh
# Collects what this board's Linux knows of its hardware into one archive, for "drivervm payload extract".
#   sh collect.sh [-o FILE.tar.gz] [-b] [-R]
#     -o FILE  the archive to write (drivervm-collect.tar.gz)
#     -b       take /boot too: kernels, ramdisks, device trees, boot configuration
#     -R       leave out the register dumps: on rare hardware, reading a register changes it
# Run it as root for addresses and registers; without, it takes what it may read. It changes nothing on the board;
# as root it mounts debugfs for as long as it runs, where that is not mounted.
set -u
LC_ALL=C
export LC_ALL

out=drivervm-collect.tar.gz
boot=no
registers=yes
while getopts o:bR option; do
  case $option in
    o) out=$OPTARG ;;
    b) boot=yes ;;
    R) registers=no ;;
    *) echo "usage: sh collect.sh [-o FILE.tar.gz] [-b] [-R]" >&2; exit 2 ;;
  esac
done

umask 077
work=$(mktemp -d "\${TMPDIR:-/tmp}/drivervm-collect.XXXXXX") || exit 1
debug=/sys/kernel/debug
mounted=no
finish() {
  [ "$mounted" = no ] || umount "$debug"
  rm -rf "$work" "$out.part"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
missed=

# take FILE: its content at the same path in the archive. These files have no length before they are read.
take() {
  [ -e "$1" ] || return 0
  mkdir -p "$work$(dirname "$1")"
  if ! cat "$1" > "$work$1" 2>/dev/null; then
    rm -f "$work$1"
    missed="$missed $1"
  fi
}

# A directory is there wherever /sys is; what is in it, only with debugfs mounted.
if [ "$(id -u)" = 0 ] && [ -d "$debug" ] && [ -z "$(ls -A "$debug" 2>/dev/null)" ]; then
  mount -t debugfs debugfs "$debug" 2>/dev/null && mounted=yes
fi

for file in ${FILES.join(' \\\n  ')}; do
  take "$file"
done
if [ -d /proc/device-tree ]; then
  mkdir -p "$work/proc/device-tree"
  cp -R /proc/device-tree/. "$work/proc/device-tree" 2>/dev/null || missed="$missed /proc/device-tree(in-part)"
else
  missed="$missed /proc/device-tree"
fi
if [ "$registers" = yes ]; then
  for map in "$debug"/regmap/*; do
    [ -d "$map" ] || continue
    for file in name range registers; do
      take "$map/$file"
    done
  done
fi
for modules in /lib/modules/*; do
  [ -d "$modules/kernel" ] && mkdir -p "$work$modules/kernel"
done
if [ "$boot" = yes ] && [ -d /boot ]; then
  cp -R -P /boot "$work/boot" 2>/dev/null || missed="$missed /boot(in-part)"
fi

{
  echo "format=1"
  echo "release=$(uname -r)"
  echo "machine=$(uname -m)"
  echo "user=$(id -u)"
  echo "missed=$missed"
} > "$work/${COLLECT_MARKER}"

(cd "$work" && tar -cf - .) | gzip -c > "$out.part" && mv "$out.part" "$out" || exit 1
echo "wrote $out"
[ -z "$missed" ] || echo "not readable, and so not in it:$missed" >&2
if [ "$(id -u)" != 0 ]; then
  echo "as root there would be addresses in /proc/iomem, clocks and registers" >&2
fi
`;
