/**
 * What a Linux kernel says of devices that it can't drive, as text on a console: one row for each message, with where the
 * kernel prints it (releases 6.1 and 7.2, which differ in some). Patterns are tried on whole lines of bounded length, and none
 * has two ways to match a text.
 */

export type KernelMessageKind = 'probe-failed' | 'probe-deferred' | 'detail' | 'complaint';

interface MessageRow {
  readonly kind: KernelMessageKind;
  /** Groups: `device`, by its name in the kernel; `driver`; `error`, an errno; `reason`, more that the kernel says. */
  readonly pattern: RegExp;
  readonly source: string;
  /** A piece of the format there. */
  readonly format: string;
  /** Of a complaint: what it means. */
  readonly meaning?: string;
}

/** A message of a Linux kernel's that tells of a device. */
export interface KernelMessage {
  readonly kind: KernelMessageKind;
  readonly line: string;
  readonly device: string | undefined;
  readonly error: string | undefined;
  readonly reason: string | undefined;
  readonly meaning: string | undefined;
}

const ROWS: readonly MessageRow[] = [
  {
    kind: 'probe-failed',
    pattern: /^[\w.,-]+: probe of (?<device>\S+) failed with error (?<error>-\d+)$/,
    source: 'drivers/base/dd.c (6.1)',
    format: 'probe of %s failed with error %d',
  },
  {
    kind: 'probe-failed',
    pattern: /^[\w.,-]+ (?<device>\S+): probe with driver \S+ failed with error (?<error>-\d+)$/,
    source: 'drivers/base/dd.c (7.2)',
    format: 'probe with driver %s failed with error %d',
  },
  {
    kind: 'probe-deferred',
    pattern: /^[\w.,-]+ (?<device>\S+): deferred probe pending(?:: (?<reason>.*))?$/,
    source: 'drivers/base/dd.c',
    format: 'deferred probe pending',
  },
  {
    kind: 'detail',
    pattern: /^[\w.,-]+ (?<device>\S+): error (?<error>-\w+): (?<reason>.*)$/,
    source: 'drivers/base/core.c, dev_err_probe',
    format: 'error %pe: %pV',
  },
  {
    kind: 'complaint',
    pattern: /^[\w.,-]+ (?<device>\S+): (?:no support for|exceeding) card's volts$/,
    source: 'drivers/mmc/core/core.c',
    format: "no support for card's volts",
    meaning: 'it knows no voltage that its card can have',
  },
  {
    kind: 'complaint',
    pattern: /^(?<device>mmc\d+): error (?<error>-\d+) whilst initialising \w+ card$/,
    source: 'drivers/mmc/core/mmc.c, sd.c, sdio.c',
    format: 'error %d whilst initialising MMC card',
    meaning: 'the card in it could not be set up',
  },
  {
    kind: 'complaint',
    pattern: /^(?<device>mmc\d+): Timeout waiting for hardware (?:cmd )?interrupt\.$/,
    source: 'drivers/mmc/host/sdhci.c',
    format: 'Timeout waiting for hardware cmd interrupt',
    meaning: 'its interrupt does not come',
  },
  {
    kind: 'complaint',
    pattern:
      /^[\w.,-]+ (?<device>\S+?)(?: [\w()]+| \(unnamed net_device\) \(uninitialized\))?: Failed to reset the dma$/,
    source: 'drivers/net/ethernet/stmicro/stmmac/stmmac_main.c',
    format: 'Failed to reset the dma',
    meaning: 'its DMA engine stays in reset, which it does without a clock from the PHY',
  },
  {
    kind: 'complaint',
    pattern: /^(?:[\w.,-]+ (?<device>\S+) \S+: )?NETDEV WATCHDOG: .*transmit queue \d+ timed out/,
    source: 'net/sched/sch_generic.c',
    format: 'NETDEV WATCHDOG: ',
    meaning: 'what it sends is never done: its interrupt, or its way to RAM, is missing',
  },
  {
    kind: 'complaint',
    pattern: /^irq \d+: nobody cared/,
    source: 'kernel/irq/spurious.c',
    format: 'nobody cared',
    meaning:
      'an interrupt comes that no driver of the guest knows: its device, or one that shares the line, has none',
  },
  {
    kind: 'complaint',
    pattern: /^Internal error: .*\[#\d+\]/,
    source: 'arch/arm64/kernel/traps.c',
    format: 'Internal error: ',
    meaning: 'the kernel or one of its drivers made a mistake, or the hardware refused an access',
  },
];

/** Where the messages come from, for who compares them with the kernel's sources. */
export const KERNEL_MESSAGE_ROWS: readonly Pick<MessageRow, 'source' | 'format'>[] = ROWS;

/** The time, and the thread or CPU, that `printk` puts before a line; a shell's prompt may stand before that. */
const STAMP = /\[ {0,7}\d{1,9}\.\d{6}\](?:\[ {0,6}[TC]\d{1,7}\])? /g;
/** The level, where the console shows it and no time. */
const LEVEL = /^<\d{1,3}>/;

/** What a line of a console, or of the log, says of a device; `undefined` for nearly all lines. */
export function kernelMessageOf(line: string): KernelMessage | undefined {
  const stamp = [...line.matchAll(STAMP)].at(-1);
  const text = (
    stamp === undefined ? line.replace(LEVEL, '') : line.slice(stamp.index + stamp[0].length)
  ).trimEnd();
  for (const { kind, pattern, meaning } of ROWS) {
    const groups = pattern.exec(text);
    if (groups === null) continue;
    const { device, error, reason } = groups.groups ?? {};
    return { kind, line: text, device, error, reason, meaning };
  }
  return undefined;
}

/** Of one console, or log; a guest can say as much as it likes. */
export const MESSAGES_KEPT = 200;

/** Listens to consoles for what kernels say of their devices. */
export class KernelMessages {
  readonly #found = new Map<number, Map<string, KernelMessage>>();

  heard(source: number, line: string): void {
    const message = kernelMessageOf(line);
    const known = this.#found.get(source) ?? new Map<string, KernelMessage>();
    if (message === undefined || known.size >= MESSAGES_KEPT) return;
    known.set(message.line, message);
    this.#found.set(source, known);
  }

  /** What a console said, each line once. */
  of(source: number): readonly KernelMessage[] {
    return [...(this.#found.get(source)?.values() ?? [])];
  }
}
