/** The C of a program's own part: the words that Microkit sets, under their names, and what the script may ask for by name. */
import type { EmbeddedLayout } from './layout.ts';
import { ENGINE_LIMITS } from './limits.ts';

/** What `runtime/sel4/domain.h` declares, for one program. */
export function symbolsCText(layouts: readonly EmbeddedLayout[]): string {
  const symbols = [...new Set(layouts.flatMap((layout) => layout.symbols))];
  const names = layouts.map(({ name }) => name.replaceAll('*/', '')).join(', ');
  const declared = symbols.map((symbol) => `volatile seL4_Word ${symbol} __attribute__((used));`);
  const { heapBytes, stackBytes, stackReserveBytes } = ENGINE_LIMITS;
  const rows = symbols.map((symbol) => `    { "${symbol}", &${symbol} },`);
  return `/* Made by "drivervm bundle": the symbols that the system description sets in the program of ${names}. */
#include "domain.h"

char domain_heap[${heapBytes}] __attribute__((aligned(16)));
const size_t domain_heap_bytes = sizeof(domain_heap);
char domain_stack[${stackBytes}] __attribute__((aligned(16)));
const size_t domain_stack_bytes = sizeof(domain_stack);
const size_t domain_stack_reserve_bytes = ${stackReserveBytes};

${declared.join('\n')}${declared.length === 0 ? '' : '\n\n'}const struct domain_symbol domain_symbols[] = {
${rows.join('\n')}${rows.length === 0 ? '' : '\n'}    { 0, 0 },
};
`;
}
