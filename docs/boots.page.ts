/** `docs/boots.md`: how far boards boot from a plan alone, from what `npm run boots` last measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOARDS_TO_BOOT, type BootResult, type Boots } from '../test/support/booted-boards.ts';
import { PROJECT_ROOT } from '../test/support/files.ts';

const keyOf = ({ dtb, request }: { readonly dtb: string; readonly request: string }) => `${dtb}\n${request}`;

export function render(): string {
  const { kernel, boards, chips } = JSON.parse(
    readFileSync(join(PROJECT_ROOT, 'docs', 'boots.json'), 'utf8'),
  ) as Boots;
  const results = new Map(boards.map((result) => [keyOf(result), result]));
  const rows = BOARDS_TO_BOOT.map((board) => {
    const { dtb, family, request } = board;
    const result = results.get(keyOf(board));
    const shown = `\`${request.replaceAll('\n', '; ')}\``;
    return row([family, dtb, result ? gicName(result.gic) : '', shown, ...outcome(result)]);
  });
  const reached = BOARDS_TO_BOOT.filter((board) => results.get(keyOf(board))?.reached);
  const families = new Set(reached.map(({ family }) => family));
  const without = [...new Set(BOARDS_TO_BOOT.map(({ family }) => family))].filter(
    (family) => !families.has(family),
  );
  return `${HEAD.replace('KERNEL', kernel)}
${without.length === 0 ? 'Every family reaches the shell' : `These families do not reach the shell yet: ${without.join(', ')}`}; ${reached.length} of ${BOARDS_TO_BOOT.length} requests do.

| UART | board | GIC | request | \`result\` | million instructions | note |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## One board of each chip, the console alone

For each chip whose boards' trees name a console, the first board with \`pass: [CONSOLE]\`, and \`ram\` as \`plan\` proposes it;
nothing that \`plan\` asks for beyond that is given. ${chips.filter((chip) => chip.reached).length} of ${chips.length} speak on the console.

| chip | board | GIC | \`result\` | million instructions | what \`plan\` or \`run\` says |
| --- | --- | --- | --- | --- | --- |
${chips.map((chip) => row([chip.chip, chip.dtb, gicName(chip.gic), ...outcome(chip)])).join('\n')}
`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
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

Debian's arm64 kernel (KERNEL), unmodified, on simulated boards of each UART family; the description, the device tree and
the placement are what \`drivervm plan\` wrote, with nothing added. A run counts as a shell when the initrd speaks on the
board's own UART. The request below holds besides the lines for board, kernel and initrd; it asks for everything, or for
the console alone where a board has more interrupts than a monitor has channels. \`ram\` is what \`plan\` proposes where a tree
leaves memory to the firmware. The trees of \`qemu_virt_aarch64\` and \`maaxboard\` are made in \`examples/\`.

    drivervm payload debian -o payload
    drivervm plan request.yaml -o DIR --bootargs "earlycon cryptomgr.notests"
    drivervm run DIR --until "drivervm: the guest is up"

\`npm run boots\` measures all of them again and writes \`docs/boots.json\`. On hardware nothing of this was run: clock rates
that a plan takes from the tree or from what firmware is known to leave are in its report, since a wrong one garbles a
console there and not here.
`;
