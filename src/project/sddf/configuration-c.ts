/** The configurations as C files, one a program; what is compiled of them the Makefile puts into sDDF's program. */
import type { Plan } from '../../plan/index.ts';
import { blockComment, headerLines } from '../header.ts';
import { printCValue } from './c-value.ts';
import { configurationsOf, type SddfConfiguration } from './configurations.ts';

/** The file of a domain's configuration. */
export const configurationFile = (pd: string): string => `${pd}_config.c`;

/** A file with its text for each domain that runs a program of sDDF's. */
export function configurationFiles(
  plan: Plan,
): readonly { readonly path: string; readonly content: string }[] {
  if (plan.sddf === undefined) return [];
  return [...configurationsOf(plan.sddf)].map(([pd, configurations]) => ({
    path: configurationFile(pd),
    content: configurationText(plan, pd, configurations),
  }));
}

function configurationText(plan: Plan, pd: string, configurations: readonly SddfConfiguration[]): string {
  const program = plan.sddf?.domains.find(({ name }) => name === pd)?.program ?? pd;
  const headers = [...new Set(configurations.map(({ header }) => header))];
  const parts = [
    blockComment(headerLines(plan, `What sDDF's ${program} finds, in the protection domain ${pd}.`)),
    headers.map((header) => `#include <${header}>`).join('\n'),
    ...configurations.map(
      ({ section, type, value }) =>
        `__attribute__((__section__(".${section}"))) ${type} ${section} = ${printCValue(value)};`,
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}
