/** What a guest says on seL4 beside what it says here, line by line: times aside, and what is known to differ. */

const ESCAPES = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;]*[A-Za-z]`, 'g');

const COLOUR = new RegExp(`${String.fromCharCode(0x1b)}\\[3(\\d)m`);

/** Lines that are not the same for a reason, each found so on boots of seL4 16 with libvmm 0.2 under QEMU 7.2: this list shrinks. */
const REASONS: readonly { readonly why: string; readonly lines: readonly RegExp[] }[] = [
  {
    why: 'a monitor in TypeScript speaks on the debug console there, and to the account here',
    lines: [
      /^the guest called .*: not supported$/,
      /^\S+: the guest (asked for a restart|has turned itself off)$/,
    ],
  },
  {
    why: "the CPU is QEMU's Cortex-A53 there, and here one of Armv8.1 that says it is nobody's",
    lines: [
      /^Booting Linux on physical CPU 0x0+ \[0x[0-9a-f]{8}\]$/,
      /^CPU\d+: Booted secondary processor 0x[0-9a-f]{10} \[0x[0-9a-f]{8}\]$/,
      /^Detected (PIPT|VIPT) I-cache on CPU\d+$/,
      /^CPU features: detected: (ARM erratum \d+|32-bit EL[01] Support|Spectre-(v4|BHB)|LSE atomic instructions)$/,
      /^CPU features: detected: (Privileged Access Never|(Instruction|Data) cache .* not required for I\/D coherence)$/,
      /^(Registered setend emulation handler|setend instruction emulation is not supported on this system)$/,
    ],
  },
  {
    why: 'the counter runs at 62.5 MHz there and at 24 MHz here',
    lines: [
      /^arch_timer: cp15 timer\(s\) running at \d+\.\d+MHz \(virt\)\.$/,
      /^clocksource: arch_sys_counter: mask/,
      /^sched_clock: \d+ bits at \d+MHz/,
      /^Calibrating delay loop \(skipped\)/,
    ],
  },
  {
    why: 'things take other times, and the year is another',
    lines: [
      /^node 0 deferred pages initialised in \d+ms$/,
      /^audit: type=2000 audit\(\d+\.\d+:1\)/,
      /^hrtimer: interrupt took \d+ ns$/,
      /^rtc-pl031 [0-9a-f]+\.pl031: setting system clock to /,
    ],
  },
  {
    why: "QEMU's PL011 is of revision 1, ours of revision 3 (r1p5)",
    lines: [
      /^[0-9a-f]+\.pl011: ttyAMA\d at MMIO 0x[0-9a-f]+ \(irq = \d+, base_baud = 0\) is a PL011 rev[13]$/,
    ],
  },
  {
    why: 'what is behind the PCI host are registers here that remember what was written',
    lines: [/^pci 0000:00:00\.0: /],
  },
];

/** What one of those says that share a console: the virtualiser puts a colour before each turn, of which the first is the first's. */
export function saidBy(speaker: number, text: string): string {
  const [, ...turns] = text.split(COLOUR);
  return turns
    .map((turn, index) => (index % 2 === 1 && turns[index - 1] === `${1 + speaker}` ? turn : ''))
    .join('');
}

/** What the kernel starts beside its other initialisation says in any place: it is only looked for. */
const CONCURRENT: readonly RegExp[] = [
  /^kvm \[1\]: HYP mode not available$/,
  /^(Trying to unpack rootfs image as initramfs\.\.\.|Freeing initrd memory: \d+K)$/,
];
const isConcurrent = (line: string): boolean => CONCURRENT.some((pattern) => pattern.test(line));

/** What Linux said, without times, escapes and what is not its own. */
function linuxLines(text: string): readonly string[] {
  const start = text.indexOf('Booting Linux');
  return text
    .slice(Math.max(0, start))
    .split(/\r?\n/)
    .map((line) =>
      line
        .replaceAll(ESCAPES, '')
        .replace(/^\[ *\d+\.\d+\] /, '')
        .trim(),
    )
    .filter((line) => line !== '' && !/^(LDR|MON|VMM)\|/.test(line));
}

export interface ConsoleDifference {
  readonly realLines: number;
  readonly ourLines: number;
  /** Lines that only one of the two has, by why. */
  readonly explained: ReadonlyMap<string, readonly string[]>;
  readonly onlyReal: readonly string[];
  readonly onlyOurs: readonly string[];
}

/** Which lines of either are in both, in the same order: of the longest such sequence. */
function common(
  left: readonly string[],
  right: readonly string[],
): { left: Set<number>; right: Set<number> } {
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  const at = (row: number, column: number): number => lengths[row]?.[column] ?? 0;
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const same = left[row] === right[column];
      const length = same ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
      lengths[row]?.fill(length, column, column + 1);
    }
  }
  const both = { left: new Set<number>(), right: new Set<number>() };
  for (let [row, column] = [0, 0]; row < left.length && column < right.length; ) {
    if (left[row] === right[column]) {
      both.left.add(row++);
      both.right.add(column++);
    } else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return both;
}

const missing = (lines: readonly string[] = [], known: ReadonlySet<number>): readonly string[] =>
  lines.filter((_, index) => !known.has(index));

/** The lines of one that are not in the other, as often as they are there. */
function beyond(lines: readonly string[] = [], others: readonly string[] = []): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

export function compareConsoles(real: string, ours: string): ConsoleDifference {
  const [theirs, own] = [linuxLines(real), linuxLines(ours)];
  const [theirOrdered, ownOrdered] = [theirs, own].map((lines) =>
    lines.filter((line) => !isConcurrent(line)),
  );
  const [theirOthers, ownOthers] = [theirs, own].map((lines) => lines.filter(isConcurrent));
  const both = common(theirOrdered ?? [], ownOrdered ?? []);
  const explained = new Map<string, string[]>();
  const unexplained = (lines: readonly string[], sign: string): readonly string[] =>
    lines.filter((line) => {
      const why = REASONS.find(({ lines: patterns }) => patterns.some((pattern) => pattern.test(line)))?.why;
      if (why === undefined) return true;
      explained.set(why, [...(explained.get(why) ?? []), `${sign} ${line}`]);
      return false;
    });
  return {
    realLines: theirs.length,
    ourLines: own.length,
    onlyReal: unexplained([...missing(theirOrdered, both.left), ...beyond(theirOthers, ownOthers)], '-'),
    onlyOurs: unexplained([...missing(ownOrdered, both.right), ...beyond(ownOthers, theirOthers)], '+'),
    explained,
  };
}
