/** What a guest says on seL4 beside what it says here, line by line: times aside, and what is known to differ. */

const ESCAPES = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;]*[A-Za-z]`, 'g');

/**
 * Lines that are not the same for a reason: what the CPU is, how fast it counts, and how long things took. The real machine is QEMU's
 * Cortex-A53 with a counter of 62.5 MHz; ours says of itself what it has.
 */
const DIFFERENT: readonly RegExp[] = [
  /^Booting Linux on physical CPU/,
  /^(CPU features|alternatives): /,
  /^(arch_timer: cp15|clocksource: arch_sys_counter|clocksource: jiffies|sched_clock:)/,
  /^Calibrating delay loop/,
  /^node 0 deferred pages initialised/,
  /^audit: type=2000/,
  /^(NODE_DATA|NUMA: NODE_DATA)/,
  /^(Memory|percpu): /,
  /^(ASID allocator|hw-breakpoint|Spectre|Detected (PIPT|VIPT))/,
  /^(GIC|ARM_SMCCC|psci: SMC Calling Convention|smccc|random|KASLR|rng)\b/i,
  /^cacheinfo: /,
  /^(Loaded X\.509 cert|Freeing|Trying to unpack)/,
];

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
  readonly explained: number;
  readonly onlyReal: readonly string[];
  readonly onlyOurs: readonly string[];
}

export function compareConsoles(real: string, ours: string): ConsoleDifference {
  const [theirs, own] = [linuxLines(real), linuxLines(ours)];
  const [theirSet, ownSet] = [new Set(theirs), new Set(own)];
  const isKnown = (line: string): boolean => DIFFERENT.some((pattern) => pattern.test(line));
  const onlyReal = theirs.filter((line) => !ownSet.has(line));
  const onlyOurs = own.filter((line) => !theirSet.has(line));
  return {
    realLines: theirs.length,
    ourLines: own.length,
    explained: [...onlyReal, ...onlyOurs].filter(isKnown).length,
    onlyReal: onlyReal.filter((line) => !isKnown(line)),
    onlyOurs: onlyOurs.filter((line) => !isKnown(line)),
  };
}
