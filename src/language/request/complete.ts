/** What may stand at a place of a request or of settings: keys and values by their schema, devices by the board's tree, files by the disk. */
import { HostError, type HostFiles, type TextPlace, type TextRange } from '../../base/index.ts';
import type { Board } from '../../devicetree/index.ts';
import { MICROKIT_BOARDS } from '../../microkit/index.ts';
import { type Completion, plainSnippet } from '../places.ts';
import type { YamlAnalysis } from './analysis.ts';
import { yamlCursorAt } from './cursor.ts';
import { scanYaml, type YamlEntry, type YamlPath } from './scan.ts';
import { alternativesAt, type Schema, schemaOf } from './schema.ts';

/** Keys or values, by what stands around the place. */
export function completeYaml(
  analysis: YamlAnalysis,
  files: HostFiles,
  place: TextPlace,
): readonly Completion[] {
  const { lines, kind } = analysis;
  const entries = scanYaml(lines.text);
  const cursor = yamlCursorAt(lines.text, entries, lines.offsetOf(place));
  const range = lines.rangeOf(cursor.span);
  const schema = schemaOf(kind);
  if (cursor.kind === 'key') {
    const hasColon = cursor.entry !== undefined;
    return [
      ...keysOf(schema, cursor.parent, entries, cursor.entry, { range, hasColon }),
      ...selectorKeys(kind, cursor.parent, analysis.board, { range, hasColon }),
    ];
  }
  if (cursor.entry === undefined) return [];
  const { key, column, value } = cursor.entry;
  const path = [...cursor.parent, key];
  // What follows a dash may be a value, or the first key of a mapping.
  const isFirstKey = typeof key === 'number' && column !== undefined;
  return [
    ...alternativesAt(schema, path).flatMap((each) => valuesOf(each, value, analysis, files, range)),
    ...(isFirstKey ? keysOf(schema, path, entries, undefined, { range, hasColon: false }) : []),
  ];
}

interface Target {
  readonly range: TextRange;
  readonly hasColon: boolean;
}

function keysOf(
  schema: Schema,
  parent: YamlPath,
  entries: readonly YamlEntry[],
  here: YamlEntry | undefined,
  { range, hasColon }: Target,
): readonly Completion[] {
  const where = JSON.stringify(parent);
  const there = new Set(
    entries.flatMap((entry) => (entry !== here && JSON.stringify(entry.parent) === where ? [entry.key] : [])),
  );
  return alternativesAt(schema, parent).flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties)
      .filter(([name]) => !there.has(name))
      .map(([name, { description }]) => ({
        label: name,
        kind: 'key' as const,
        ...(required.includes(name) ? { detail: 'needed' } : {}),
        ...(description === undefined ? {} : { documentation: description }),
        snippet: plainSnippet(hasColon ? name : `${name}: `),
        range,
      })),
  );
}

/** Keys that are selectors of devices: rates by device, MAC addresses by device. */
function selectorKeys(
  kind: YamlAnalysis['kind'],
  parent: YamlPath,
  board: Board | undefined,
  { range, hasColon }: Target,
): readonly Completion[] {
  if (kind !== 'request' || !['clocks', 'mac'].includes(String(parent.at(-1)))) return [];
  return selectorsOf(board).map(({ label, detail }) => ({
    label,
    kind: 'device',
    detail,
    snippet: plainSnippet(hasColon ? label : `${label}: `),
    range,
  }));
}

function valuesOf(
  { enum: words = [], type, format, examples = [] }: Schema,
  written: string,
  analysis: YamlAnalysis,
  files: HostFiles,
  range: TextRange,
): readonly Completion[] {
  const value = (label: string, kind: Completion['kind'] = 'value', detail?: string): Completion => ({
    label,
    kind,
    ...(detail === undefined ? {} : { detail }),
    snippet: plainSnippet(label),
    range,
  });
  const flags = type === 'boolean' ? ['true', 'false'] : [];
  return [
    ...[...words, ...flags, ...examples].map((word) => value(word)),
    ...(format === 'drivervm-board' ? [...MICROKIT_BOARDS.keys()].map((name) => value(name)) : []),
    ...(format === 'drivervm-device'
      ? selectorsOf(analysis.board).map(({ label, detail }) => value(label, 'device', detail))
      : []),
    ...(format === 'drivervm-path'
      ? pathsAt(analysis.file, written, files).map(({ path, kind }) => value(path, kind))
      : []),
  ];
}

/** Every enabled device, by the shortest name that selects it alone. */
function selectorsOf(
  board: Board | undefined,
): readonly { readonly label: string; readonly detail: string }[] {
  if (board === undefined) return [];
  const aliases = [...board.aliases].map(([name, node]) => ({ name, node }));
  return board.devices
    .filter(({ status }) => status.enabled)
    .flatMap(({ node, path, compatible }) => {
      const alias = aliases.filter((each) => each.node === node).map(({ name }) => name);
      const detail = compatible[0] ?? '';
      return [...alias, ...(node.labels[0] === undefined ? [] : [`&${node.labels[0]}`]), path].map(
        (label) => ({
          label,
          detail: label === path ? detail : `${path} ${detail}`,
        }),
      );
    });
}

const PATHS_MAX = 500;

/** What lies in the directory that is written so far. */
function pathsAt(
  file: string,
  written: string,
  files: HostFiles,
): readonly { readonly path: string; readonly kind: 'file' | 'directory' }[] {
  const directory = written.slice(0, written.lastIndexOf('/') + 1);
  const place = directory.startsWith('/') ? directory : files.join(files.dirname(file), directory);
  try {
    if (files.status(place)?.kind !== 'directory') return [];
    return files
      .list(place)
      .filter((name) => !name.startsWith('.'))
      .slice(0, PATHS_MAX)
      .map((name) => {
        const isDirectory = files.status(files.join(place, name))?.kind === 'directory';
        return { path: `${directory}${name}`, kind: isDirectory ? 'directory' : 'file' };
      });
  } catch (error) {
    if (error instanceof HostError) return [];
    throw error;
  }
}
