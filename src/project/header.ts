/** What every written file says of itself. */
import type { Plan } from '../plan/index.ts';

/** The lines at the top of a written file. */
export function headerLines(plan: Plan, what: string): readonly string[] {
  const board = plan.board.microkit ?? plan.board.dtb;
  return [
    what,
    `Written by "drivervm plan" for ${board} (${plan.board.model}), from ${plan.board.dtb} and plan.json beside this file.`,
    'Edit it if you like: planning again keeps an edited file and writes the new one beside it.',
  ];
}

/** As a C comment, which device tree sources have too. Nothing in it can end it early. */
export function blockComment(lines: readonly string[]): string {
  return ['/*', ...lines.map((line) => ` * ${line.replaceAll('*/', '* /')}`), ' */'].join('\n');
}

/** As lines that begin with `#`. */
export function hashComment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line}`).join('\n');
}
