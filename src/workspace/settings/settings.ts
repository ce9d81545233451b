/**
 * What a directory of system descriptions says of itself, in `drivervm.yaml`: what `check` would be told by flags, so that editors and
 * people who check by hand see the same. The keys are the flags' names. Declared once: reader, type and schema follow.
 */
import type { DiagnosticSink } from '../../base/index.ts';
import { MICROKIT_BOARDS } from '../../microkit/index.ts';
import { readYaml, reportTo, shapes } from '../../plan/index.ts';

const { choice, either, field, flag, listOf, mapOf, object, path, text } = shapes;

/** The name of the file. */
export const SETTINGS_FILE = 'drivervm.yaml';

const settings = object({
  board: field(
    choice(...MICROKIT_BOARDS.keys()),
    "a board by Microkit's name, whose memory and interrupts descriptions are checked against",
  ),
  config: field(text, "the SDK's configuration, such as debug or smp-release: says how many cores there are"),
  sdk: field(path, 'a Microkit SDK, whose own list of memory is taken for the board'),
  dtb: field(path, "the board's device tree: a .dtb, a .dts, or a directory such as /proc/device-tree"),
  'guest-dtb': field(
    either(path, mapOf(path)),
    "the device tree that the guest is given; a mapping by virtual machine's name where there are several",
  ),
  'search-path': field(listOf(path), 'directories where programs and files that fill regions are found'),
  include: field(listOf(path), 'directories in which preprocessed source finds the files that it includes'),
  define: field(listOf(text), 'macros for preprocessed source: NAME or NAME=VALUE'),
  dialect: field(
    choice('current', 'older'),
    'older: as before Microkit 2.0; default: found out from the description',
  ),
  cpp: field(
    flag,
    'whether descriptions go through the C preprocessor; default: found out from the description',
  ),
});

/** The settings of a directory, paths as they are written: relative to the file. */
export type Settings = shapes.ValueOf<typeof settings>;

/** The JSON Schema of settings, which `docs/settings.schema.json` has. */
export function settingsSchema(): shapes.JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'drivervm settings',
    description: `What ${SETTINGS_FILE} says of the system descriptions beside it and below. Generated; the declaration is src/workspace/settings/settings.ts.`,
    ...settings.schema,
  };
}

/** The settings in a text; `undefined` where errors were reported. */
export function readSettings(source: string, file: string, sink: DiagnosticSink): Settings | undefined {
  const subject = { file, subject: 'the file of settings' };
  const errors = sink.count('error');
  const yaml = readYaml(source, subject, sink);
  if (yaml === undefined) return undefined;
  const read = settings.read(yaml.root, '', reportTo(yaml.lines, subject, sink));
  return sink.count('error') > errors ? undefined : read;
}
