/**
 * The initial ramdisk that `payload debian` makes: a static busybox, kernel modules in the order to load them, and an
 * `/init` that mounts what Linux needs, says that it is up, and gives a shell on the console.
 */
import { type CpioFile, FILE_TYPE, writeCpio } from '../cpio/writer.ts';
import { CONSOLE_COMMAND, CONSOLE_TEXT, CONSOLES_SCRIPT, LOG_SCRIPT } from './consoles.ts';

/** The line that our `/init` prints once everything is mounted and the modules are loaded: what `run --until` awaits. */
export const INITRD_UP_LINE = 'drivervm: the guest is up';

export interface InitrdModule {
  /** Below `/lib/modules/RELEASE/`. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface InitrdParts {
  /** A static busybox for arm64. */
  readonly busybox: Uint8Array;
  readonly release: string;
  /** In the order to load them. */
  readonly modules: readonly InitrdModule[];
  /** In the order to load them too, where the machine has directories to mount. */
  readonly shareModules?: readonly InitrdModule[];
  /** Takes the place of our own `/init`. */
  readonly init?: Uint8Array;
  /** The program that serves disks to other guests. */
  readonly diskServer?: Uint8Array;
}

const MODULE_LIST = 'etc/modules';
const SHARE_MODULE_LIST = 'etc/modules-9p';
/** What they are, by name: the filesystem, its transport, and what that is behind. */
export const SHARE_MODULES = ['virtio_mmio', '9pnet_virtio', '9p'] as const;

/**
 * Directories of the host's (`run --share`) are mounted at /mnt/NAME, or there in the root filesystem. Nothing of them is cached, since
 * the host may change them at any time; only where the tree has such devices are the modules loaded.
 */
const SHARE_SCRIPT = `shares=
for node in /sys/firmware/devicetree/base/virtio-9p@*; do
  [ -d "$node" ] || continue
  while read -r module; do
    insmod "/lib/modules/$(uname -r)/$module" || echo "drivervm: $module was not loaded"
  done < /${SHARE_MODULE_LIST}
  for tag in /sys/bus/virtio/drivers/9pnet_virtio/virtio*/mount_tag; do
    name="$(tr -d '\\0' < "$tag")"
    mkdir -p "/mnt/$name"
    if mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none,access=client "$name" "/mnt/$name"; then
      shares="$shares $name"
    else
      echo "drivervm: $name was not mounted"
    fi
  done
  break
done
`;

/**
 * Where the command line names a root filesystem, as initramfs-tools and the kernel know it: its device is waited for, a
 * minute or, with rootwait, for ever, and its init takes over. Otherwise, or where it can't be had, the shell is left.
 * busybox's findfs knows UUID= and LABEL=.
 */
const ROOT_SCRIPT = `device= root= rootflags= rootfstype= rootwait= mode=ro init=/sbin/init
for word in $(cat /proc/cmdline); do
  case "$word" in
    root=*) root="\${word#root=}" ;;
    rootflags=*) rootflags="\${word#rootflags=}" ;;
    rootfstype=*) rootfstype="\${word#rootfstype=}" ;;
    rootwait) rootwait=y ;;
    init=*) init="\${word#init=}" ;;
    ro|rw) mode="$word" ;;
  esac
done
if [ -n "$root" ]; then
  tries=0
  while :; do
    case "$root" in
      UUID=*|LABEL=*) device="$(findfs "$root" 2>/dev/null)" ;;
      /dev/*) device="$root" ;;
      *) echo "drivervm: root= is known here as UUID=, LABEL= or a path below /dev"; break ;;
    esac
    [ -b "$device" ] && break
    tries=$((tries + 1))
    [ "$tries" = 20 ] && echo "drivervm: waiting for root=$root, which is not there yet"
    [ "$tries" -ge 600 ] && [ -z "$rootwait" ] && break
    sleep 0.1
  done
  mkdir -p /newroot
  if [ -b "$device" ] && mount -o "$mode\${rootflags:+,$rootflags}" \${rootfstype:+-t "$rootfstype"} "$device" /newroot && [ -x "/newroot/$init" -o -L "/newroot/$init" ]; then
    for name in $shares; do
      mkdir -p "/newroot/mnt/$name" 2>/dev/null
      mount --move "/mnt/$name" "/newroot/mnt/$name" || umount "/mnt/$name"
    done
    for mounted in dev proc sys run; do
      mount --move "/$mounted" "/newroot/$mounted" || umount "/$mounted"
    done
    exec switch_root -c /dev/console /newroot "$init"
  fi
  echo "drivervm: $init of root=$root can't be run"
fi
`;

/**
 * Where the command line says `drivervm.bridge`, everything that is Ethernet becomes one network, by the kernel's own bridge (its module is
 * `bridge`): a guest with a board's controller and a virtio device gives those behind the latter the way out. Interfaces of modules come a
 * moment after these.
 */
const BRIDGE_SCRIPT = `for word in $(cat /proc/cmdline); do
  [ "$word" = drivervm.bridge ] || continue
  tries=0
  while set -- /sys/class/net/e*; [ "$#" -lt 2 ] && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  if [ "$#" -lt 2 ]; then
    echo "drivervm: there is nothing to bridge: two interfaces are needed, and there is \${1##*/}"
  elif brctl addbr br0; then
    for interface; do
      ip link set "\${interface##*/}" up && brctl addif br0 "\${interface##*/}"
    done
    ip link set br0 up && echo "drivervm: br0 bridges $(ls /sys/class/net/br0/brif | xargs)"
  else
    echo "drivervm: there is no bridge: is the module bridge in the ramdisk?"
  fi
done
`;

const DISK_SERVER = 'bin/disk-server';

/**
 * Where the guest's tree says that it serves disks, the program for it: it comes back when they are served, or says why not. Before a root
 * filesystem is mounted, so that the disks may be those that it is on.
 */
const SERVER_SCRIPT = `set -- /proc/device-tree/disk-server@*
if [ -e "$1" ]; then
  if [ -x /${DISK_SERVER} ]; then
    /${DISK_SERVER}
  else
    echo "drivervm: this guest is to serve a disk, and there is no ${DISK_SERVER} in its ramdisk: payload debian --server makes one with it"
  fi
fi
`;

/**
 * What PID 1 runs first. The applets' links are made at boot by busybox itself, so that they are those that it has; then
 * busybox's own init takes over, which answers poweroff, reboot and halt. A console whose driver is a module, such as hvc0,
 * can be opened only once that is loaded: until then nothing is open. Modules get what the command line has for them (`NAME.PARAMETER=VALUE`),
 * as modprobe gives it to them.
 */
const INIT = `#!/bin/busybox sh
export PATH=/bin HOME=/root TERM="\${TERM:-linux}"
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /run
while read -r module; do
  name="\${module##*/}"
  name="$(echo "\${name%%.*}" | tr - _)"
  set --
  for word in $(cat /proc/cmdline); do
    case "$word" in
      "$name".*) set -- "$@" "\${word#*.}" ;;
    esac
  done
  insmod "/lib/modules/$(uname -r)/$module" "$@" || echo "drivervm: $module was not loaded"
done < /${MODULE_LIST}
(: <>/dev/console) 2>/dev/null && exec <>/dev/console >&0 2>&0
${LOG_SCRIPT}${CONSOLES_SCRIPT}${SHARE_SCRIPT}${BRIDGE_SCRIPT}${SERVER_SCRIPT}${ROOT_SCRIPT}echo "${INITRD_UP_LINE}"
cd /root
exec init
`;

/** cttyhack finds the terminal behind /dev/console, which can't itself be a controlling one: ^C and jobs need that. */
const INITTAB = `::respawn:/bin/cttyhack /bin/sh -l
::ctrlaltdel:/bin/reboot
`;

/** What busybox's udhcpc runs at each change, where it looks for it: so "udhcpc" alone brings eth0 up with its address, route and names. */
const DHCP_SCRIPT = `#!/bin/sh
case "$1" in
  deconfig)
    ip addr flush dev "$interface"
    ip link set "$interface" up
    ;;
  bound|renew)
    ip addr flush dev "$interface"
    ip addr add "$ip/\${mask:-24}" dev "$interface"
    for address in $router; do
      ip route add default via "$address" dev "$interface"
    done
    : > /etc/resolv.conf
    for address in $dns; do
      echo "nameserver $address" >> /etc/resolv.conf
    done
    ;;
esac
`;

const PROFILE = `PS1='# '\n`;

/** The archive, uncompressed: unpacking it costs the guest less than decompressing would. The same parts, the same bytes. */
export function buildInitrd(parts: InitrdParts): Uint8Array {
  const modulePath = (module: InitrdModule): string => `lib/modules/${parts.release}/${module.path}`;
  const { modules, shareModules = [] } = parts;
  const listOf = (listed: readonly InitrdModule[]) => listed.map(({ path }) => `${path}\n`).join('');
  const all = new Map([...modules, ...shareModules].map((module) => [module.path, module]));
  return writeCpio([
    ...['dev', 'proc', 'sys', 'run', 'tmp', 'root', 'mnt'].map(directory),
    { path: 'dev/console', mode: FILE_TYPE.characterDevice | 0o600, device: { major: 5, minor: 1 } },
    { path: 'dev/null', mode: FILE_TYPE.characterDevice | 0o666, device: { major: 1, minor: 3 } },
    file('bin/busybox', parts.busybox, 0o755),
    symlink('bin/sh', 'busybox'),
    ...(parts.diskServer === undefined ? [] : [file(DISK_SERVER, parts.diskServer, 0o755)]),
    parts.init === undefined ? file('init', text(INIT), 0o755) : file('init', parts.init, 0o755),
    file(CONSOLE_COMMAND, text(CONSOLE_TEXT), 0o755),
    file('etc/profile', text(PROFILE)),
    file(MODULE_LIST, text(listOf(modules))),
    file(SHARE_MODULE_LIST, text(listOf(shareModules))),
    file('etc/inittab', text(INITTAB)),
    file('etc/udhcpc/default.script', text(DHCP_SCRIPT), 0o755),
    ...[...all.values()].map((module) => file(modulePath(module), module.content)),
  ]);
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function directory(path: string): CpioFile {
  return { path, mode: FILE_TYPE.directory | 0o755 };
}

function file(path: string, content: Uint8Array, permissions = 0o644): CpioFile {
  return { path, mode: FILE_TYPE.file | permissions, content };
}

function symlink(path: string, target: string): CpioFile {
  return { path, mode: FILE_TYPE.symlink | 0o777, content: text(target) };
}
