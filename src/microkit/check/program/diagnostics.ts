/** What can be wrong between a description and the programs that it names. */
import { type AddrRange, declareDiagnostics, diagnostic } from '../../../base/index.ts';
import { formatRange } from '../text.ts';

export const sdfProgramCodes = declareDiagnostics('sdf', {
  'program-file': diagnostic<{ pd: string; path: string; problem: string }>({
    severity: 'error',
    message: ({ pd, path, problem }) => `the program of ${pd}, ${path}, ${problem}`,
    hint: () =>
      'a program is an ELF file linked with libmicrokit; programs are looked for in the directories of --search-path',
    explanation:
      "Microkit's tool refuses files that are no programs, and panics at some of them. Programs that are missing are reported where others of the description are there.",
  }),
  'program-unnamed': diagnostic<{ pd: string; attribute: string }>({
    severity: 'error',
    message: ({ pd, attribute }) => `the program of ${pd} has an empty ${attribute}`,
    hint: () => 'write the name of an ELF file; programs are looked for in the directories of --search-path',
    explanation: 'An empty path leads to a directory, which no tool reads as a program.',
  }),
  'program-symbol': diagnostic<{ pd: string; path: string; symbol: string; problem: string }>({
    severity: 'error',
    message: ({ pd, path, symbol, problem }) => `${path}, the program of ${pd}, ${problem}: ${symbol}`,
    hint: ({ symbol }) => `it is set as a word: uintptr_t ${symbol};`,
    explanation: 'What the tool sets is a variable of eight bytes, once in the program, in what is loaded.',
  }),
  'program-pages': diagnostic<{ pd: string; path: string; range: AddrRange; other: AddrRange }>({
    severity: 'error',
    message: ({ pd, path, range, other }) =>
      `in ${path}, the program of ${pd}, the segments ${formatRange(other)} and ${formatRange(range)} share a page`,
    hint: () => "link it with the SDK's microkit.ld",
    explanation: 'The tool maps each segment with pages of its own, and panics where two need the same one.',
  }),
  'map-over-segment': diagnostic<{ region: string; range: AddrRange; pd: string; segment: AddrRange }>({
    severity: 'error',
    message: ({ region, range, pd, segment }) =>
      `${region} at ${formatRange(range)} lies over ${pd}'s own program, which has ${formatRange(segment)}`,
    hint: () => 'map it elsewhere',
    explanation: 'An address leads to one page only.',
  }),
});
