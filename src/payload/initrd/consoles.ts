/**
 * Consoles of other guests, in the guest that passes them on: each is a virtio console whose node says whose it is. What comes out of it is
 * shown line by line behind that guest's name, and `console NAME` is the console itself, by busybox's microcom.
 */

/** The command. */
export const CONSOLE_COMMAND = 'bin/console';

/**
 * With `drivervm.log` on the command line: what the kernel said before it had a virtio console. Linux 6.1 keeps its log for a console that comes late,
 * and gives it that one while it is made; virtio_console does not know its port by then and drops all of it (`find_port_by_vtermno`).
 */
export const LOG_SCRIPT = `for word in $(cat /proc/cmdline); do
  [ "$word" = drivervm.log ] && dmesg | sed '/console \\[hvc[0-9]*\\] enabled/q'
done
`;

/** hvc devices are counted as virtio consoles come (Linux 6.1, drivers/tty/hvc/hvc_console.c, hvc_alloc). */
export const CONSOLES_SCRIPT = `number=0 device=0
while [ "$device" -lt 64 ]; do
  node="/sys/bus/virtio/drivers/virtio_console/virtio$device"
  device=$((device + 1))
  [ -e "$node" ] || continue
  if [ -e "$node/../of_node/drivervm,console-of" ]; then
    name="$(tr -d '\\0' < "$node/../of_node/drivervm,console-of")"
    mkdir -p /run/consoles
    echo "/dev/hvc$number" > "/run/consoles/$name"
    /${CONSOLE_COMMAND} --pass "$name" &
    echo "drivervm: the console of $name is passed on; it is reached by: console $name"
  fi
  number=$((number + 1))
done
`;

/**
 * The command: without a name, which there are. While somebody is at a console, it is not shown beside. The device stays open from the
 * one to the other, for with its last close the terminal's settings go, and what it has said (TTY_DRIVER_RESET_TERMIOS): it would echo
 * to the guest what that says. XON (DC1) is a terminal's word for "go on": until the device was written to, its monitor keeps what the other
 * guest says, and to that guest's terminal XON is no input. `read` takes no character more than the line has, as sed would.
 */
export const CONSOLE_TEXT = `#!/bin/sh
usage() {
  echo "usage: console NAME    Ctrl-X leaves it; there are: $(ls /run/consoles 2>/dev/null | grep -v '[.]pid$' | xargs)" >&2
  exit 2
}
[ "$1" = --pass ] && passes=y && shift
[ "$#" = 1 ] && [ -f "/run/consoles/$1" ] || usage
tty="$(cat "/run/consoles/$1")"
pid="/run/consoles/$1.pid"
if [ -n "$passes" ]; then
  echo "$$" > "$pid"
  exec < "$tty" > /dev/console
  stty raw -echo
  printf '\\021' > "$tty"
  return="$(printf '\\r')"
  while IFS= read -r line; do
    printf '%s: %s\\n' "$1" "\${line%"$return"}"
  done
  exit
fi
mkdir -p /var/lock
exec 3<> "$tty"
kill "$(cat "$pid")"
echo "the console of $1; Ctrl-X leaves it"
microcom "$tty"
echo
/${CONSOLE_COMMAND} --pass "$1" &
`;
