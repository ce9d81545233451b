/** A description as it stands in an editor: what is found in it, and what it says as far as it could be read. */
import { type Diagnostic, DiagnosticSink, type HostFiles } from '../../base/index.ts';
import {
  type Authority,
  authorityOf,
  type CheckOptions,
  checkDescription,
  type ReadDescription,
  readSystemBytes,
} from '../../microkit/index.ts';
import {
  type CheckGiven,
  descriptionReading,
  findSettings,
  type ReadBoard,
  readCheckOptions,
} from '../../workspace/index.ts';
import { Lines } from '../text/lines.ts';
import { type ScannedTag, scanTags } from './scan.ts';

/** What was made of one state of a description. */
export interface DescriptionAnalysis {
  readonly kind: 'description';
  readonly file: string;
  readonly lines: Lines;
  /** All that `check` finds, and what is wrong with the settings and the trees that it checks with. */
  readonly found: readonly Diagnostic[];
  /** The tags as they stand, whether or not they can be read. */
  readonly tags: readonly ScannedTag[];
  /** Absent where it can't be read. */
  readonly read: ReadDescription | undefined;
  /** Whether all of it could be read. */
  readonly isWhole: boolean;
  readonly checking: CheckOptions;
  readonly given: CheckGiven;
  /** What the description gives to whom; nothing where it can't be read. */
  readonly authority: Authority;
  /** The parts of the description whose element begins at a tag. */
  partsAt(tag: ScannedTag): readonly object[];
}

const NOTHING: Authority = { regions: [], irqs: [], channels: [], others: [] };

/** Checks a text as `drivervm check` would, with the settings that lie beside it or above it. */
export function analyseDescription(
  file: string,
  text: string,
  files: HostFiles,
  readBoard: ReadBoard,
  sink: DiagnosticSink = new DiagnosticSink(),
): DescriptionAnalysis {
  const given = findSettings(files, file, sink)?.given ?? {};
  const checking = readCheckOptions(files, given, sink, readBoard);
  const bytes = new TextEncoder().encode(text);
  const errors = sink.count('error');
  const read = readSystemBytes(file, bytes, files, sink, descriptionReading(given));
  const isWhole = read !== undefined && sink.count('error') === errors;
  if (read !== undefined) checkDescription(read, checking, sink);
  const lines = new Lines(text);
  let authority: Authority | undefined;
  let parts: ReadonlyMap<string, readonly object[]> | undefined;
  return {
    kind: 'description',
    file,
    lines,
    found: sink.sorted(),
    tags: scanTags(text),
    read,
    isWhole,
    checking,
    given,
    get authority() {
      authority ??= read === undefined ? NOTHING : authorityOf(read, checking);
      return authority;
    },
    partsAt: ({ span }) => {
      parts ??= read === undefined ? new Map() : partsByPlace(read, file);
      const { line, column } = lines.placeOf(span.start);
      return parts.get(`${line}:${column}`) ?? [];
    },
  };
}

function partsByPlace({ origins }: ReadDescription, file: string): ReadonlyMap<string, readonly object[]> {
  const parts = new Map<string, object[]>();
  for (const part of origins.parts()) {
    const place = origins.element(part);
    if (place === undefined || place.file !== file) continue;
    const key = `${place.line}:${place.column}`;
    const known = parts.get(key);
    if (known === undefined) parts.set(key, [part]);
    else known.push(part);
  }
  return parts;
}
