/** Rules on the programs of protection domains, where their files are (Microkit 2.3's tool: `elf.rs`, `symbols.rs`, `builder.rs`). */
import {
  type AddrRange,
  attempt,
  Refusal,
  rangeEnd,
  rangesOverlap,
  SMALL_PAGE_BYTES,
} from '../../../base/index.ts';
import type { ProtectionDomain } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { symbolUsesOf } from '../domain/symbols.ts';
import { sdfProgramCodes as codes } from './diagnostics.ts';
import { type ProgramImage, readProgramImage } from './elf.ts';

const WORD_BYTES = 8;
/** What libmicrokit has in every program, and the tool writes. */
const MICROKIT_SYMBOLS = [
  'microkit_name',
  'microkit_passive',
  'microkit_irqs',
  'microkit_notifications',
  'microkit_pps',
  'microkit_ioports',
];

interface Program {
  readonly pd: ProtectionDomain;
  readonly path: string;
  readonly image: ProgramImage;
}

function pathsAreNames(context: CheckContext): void {
  for (const { name, programImage } of context.pds) {
    if (programImage === undefined) continue;
    for (const [attribute, path] of [
      ['path', programImage.path],
      ['path_for_symbols', programImage.pathForSymbols],
    ] as const) {
      if (path !== '') continue;
      const position = context.value(programImage, attribute);
      context.sink.report(codes['program-unnamed'].at(position, { pd: name, attribute }));
    }
  }
}

/** The programs that could be read; what is wrong with the others is reported. */
function programsOf(context: CheckContext): readonly Program[] {
  const { programImage } = context.options;
  if (programImage === undefined) return [];
  const contents = context.pds.map((pd) => {
    const { path, pathForSymbols } = pd.programImage ?? { path: undefined, pathForSymbols: undefined };
    const [code, symbols] = [path, pathForSymbols ?? path].map((file) =>
      file === undefined ? undefined : programImage(file),
    );
    return { pd, path, symbolsPath: pathForSymbols ?? path, code, symbols };
  });
  const isBuilt = contents.some(({ code }) => code !== undefined);
  return contents.flatMap(({ pd, path, symbolsPath, code, symbols }): readonly Program[] => {
    if (!path || !symbolsPath || !isBuilt) return [];
    const report = (attribute: string, file: string, problem: string): readonly Program[] => {
      const position = context.value(pd.programImage ?? pd, attribute);
      context.sink.report(codes['program-file'].at(position, { pd: pd.name, path: file, problem }));
      return [];
    };
    if (code === undefined) return report('path', path, 'is not there');
    if (symbols === undefined) return report('path_for_symbols', symbolsPath, 'is not there');
    const image = attempt(() => readProgramImage(code));
    if (image instanceof Refusal) return report('path', path, image.message);
    const named = attempt(() => readProgramImage(symbols));
    if (named instanceof Refusal) return report('path_for_symbols', symbolsPath, named.message);
    return [{ pd, path: symbolsPath, image: { segments: image.segments, symbols: named.symbols } }];
  });
}

/** The pages of a segment. */
function pagesOf({ base, size }: AddrRange): AddrRange {
  const first = base - (base % SMALL_PAGE_BYTES);
  return { base: first, size: Math.ceil((base + size - first) / SMALL_PAGE_BYTES) * SMALL_PAGE_BYTES };
}

function symbolsAreWords({ pd, path, image }: Program, context: CheckContext): void {
  const loaded = (value: number, size: number): boolean =>
    image.segments.some((segment) => value >= segment.base && value + size <= rangeEnd(segment));
  const uses = [
    ...MICROKIT_SYMBOLS.map((symbol) => ({
      symbol,
      part: pd.programImage ?? pd,
      attribute: 'path',
      isOwn: false,
    })),
    ...symbolUsesOf(context, pd).map((use) => ({ ...use, isOwn: true })),
  ];
  for (const { symbol, part, attribute, isOwn } of uses) {
    if (symbol === '') continue;
    const found = image.symbols.get(symbol);
    const problem =
      found === undefined
        ? 'has no such symbol'
        : found.isRepeated
          ? 'has several symbols of that name'
          : isOwn && found.sizeBytes !== WORD_BYTES
            ? `has a variable of ${found.sizeBytes} bytes, not ${WORD_BYTES}, of that name`
            : !loaded(found.value, found.sizeBytes)
              ? 'has it outside of what is loaded'
              : undefined;
    if (problem === undefined) continue;
    context.sink.report(
      codes['program-symbol'].at(context.value(part, attribute), { pd: pd.name, path, symbol, problem }),
    );
    if (!isOwn) return;
  }
}

function segmentsAreApart({ pd, path, image }: Program, context: CheckContext): void {
  image.segments.forEach((range, index) => {
    const other = image.segments
      .slice(0, index)
      .find((earlier) => rangesOverlap(pagesOf(earlier), pagesOf(range)));
    if (other === undefined) return;
    const position = context.value(pd.programImage ?? pd, 'path');
    context.sink.report(codes['program-pages'].at(position, { pd: pd.name, path, range, other }));
  });
}

function mapsSpareSegments({ pd, image }: Program, context: CheckContext): void {
  for (const map of pd.maps) {
    const range = context.rangeOf(map, map.vaddr);
    const segment = range && image.segments.find((candidate) => rangesOverlap(pagesOf(candidate), range));
    if (range === undefined || segment === undefined) continue;
    const params = { region: map.mr, range, pd: pd.name, segment };
    context.sink.report(codes['map-over-segment'].at(context.value(map, 'vaddr'), params));
  }
}

function programsFit(context: CheckContext): void {
  for (const program of programsOf(context)) {
    symbolsAreWords(program, context);
    segmentsAreApart(program, context);
    mapsSpareSegments(program, context);
  }
}

export const PROGRAM_RULES: readonly Rule[] = [pathsAreNames, programsFit];
