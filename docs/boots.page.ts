/** `docs/boots.md`: how far boards boot from a plan alone, from what `npm run boots` last measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOARDS_TO_BOOT, type BootResult } from '../test/support/booted-boards.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';

export function render(): string {
  const results = JSON.parse(readFileSync(join(PROJECT_ROOT, 'docs', 'boots.json'), 'utf8')) as BootResult[];
  const byDtb = new Map(results.map((result) => [result.dtb, result]));
  const rows = BOARDS_TO_BOOT.map(({ dtb, family, wish }) => {
    const result = byDtb.get(dtb);
    const cells = [family, dtb, result ? gicName(result.gic) : '', `\`${wish.replaceAll('\n', '; ')}\``];
    return `| ${[...cells, ...outcome(result)].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const families = [...new Set(BOARDS_TO_BOOT.map(({ family }) => family))];
  const reached = new Set(
    BOARDS_TO_BOOT.filter(({ dtb }) => byDtb.get(dtb)?.reached).map(({ family }) => family),
  );
  const without = families.filter((family) => !reached.has(family));
  return `${HEAD}
${without.length === 0 ? 'Every family reaches the shell.' : `These families do not reach the shell yet: ${without.join(', ')}. The notes say where they stop.`}

| UART | board | GIC | request | result | million instructions | note |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function gicName(version: number): string {
  return version === 0 ? '' : `v${version}`;
}

function outcome(result: BootResult | undefined): readonly string[] {
  if (result === undefined) return ['not measured', '', ''];
  const { reached, console: name, instructions, note } = result;
  return [reached ? `shell on ${name}` : 'no shell', (instructions / 1e6).toFixed(0), note];
}

const HEAD = `# Boards that boot from a plan alone

Debian 12's arm64 kernel, unmodified, on simulated boards of each UART family; the description, the device tree and the
placement are what \`drivervm plan\` wrote, with nothing added. A run counts as a shell when the initrd speaks on the
board's own UART. The request below holds besides the lines for board, kernel and initrd; \`ram\` is given where a tree
leaves memory to the firmware, \`clocks\` where the clock's controller stays out. Examples for \`qemu_virt_aarch64\` and
\`maaxboard\` are in \`examples/\` and boot in \`test/plan-boot.test.ts\`.

    drivervm payload debian -o payload
    drivervm plan request.yaml -o DIR --bootargs "earlycon cryptomgr.notests"
    drivervm run DIR --until "drivervm: the guest is up"

\`npm run boots\` measures all of them again and writes \`docs/boots.json\`.
`;
