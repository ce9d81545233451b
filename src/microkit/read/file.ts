/** A `.system` file as it lies on disk: through the C preprocessor where it is meant to go through it. */
import type { DiagnosticSink, HostFiles } from '../../base/index.ts';
import { preprocess } from '../../cpp/index.ts';
import { needsPreprocessor } from '../dialect.ts';
import { decodeText, plainSource, XML_LIMIT_BYTES, type XmlSource, xmlCodes } from '../xml/index.ts';
import { type ReadDescription, type ReadDescriptionOptions, readDescription } from './description.ts';

/** How a file is read that goes through the C preprocessor first. */
export interface ReadSystemFileOptions extends ReadDescriptionOptions {
  /** Whether the text goes through the C preprocessor; found out from it where it is not said. */
  readonly preprocess?: boolean | undefined;
  /** As `-D`: `NAME=VALUE`, with the quotes that the XML needs. */
  readonly defines?: readonly string[] | undefined;
  readonly includeDirectories?: readonly string[] | undefined;
}

/** Reads a file; positions are those of the files that the user edits. */
export function readSystemFile(
  path: string,
  files: HostFiles,
  sink: DiagnosticSink,
  options: ReadSystemFileOptions = {},
): ReadDescription | undefined {
  const sizeBytes = files.status(path)?.sizeBytes ?? 0;
  if (sizeBytes > XML_LIMIT_BYTES) {
    sink.report(xmlCodes['too-large'].at({ file: path }, { sizeBytes }));
    return undefined;
  }
  return readSystemBytes(path, files.read(path), files, sink, options);
}

/** As {@link readSystemFile}, of bytes that the user knows as `file`. */
export function readSystemBytes(
  file: string,
  bytes: Uint8Array,
  files: Pick<HostFiles, 'read' | 'status' | 'join' | 'dirname'>,
  sink: DiagnosticSink,
  options: ReadSystemFileOptions = {},
): ReadDescription | undefined {
  const text = decodeText(file, bytes, sink);
  if (text === undefined) return undefined;
  const source =
    (options.preprocess ?? needsPreprocessor(text))
      ? preprocessed(file, bytes, files, sink, options)
      : plainSource(file, text);
  return source === undefined ? undefined : readDescription(source, sink, options);
}

/** Nothing where the preprocessor found errors: what is left is full of macros that it did not get to define. */
function preprocessed(
  file: string,
  bytes: Uint8Array,
  files: Pick<HostFiles, 'read' | 'status' | 'join' | 'dirname'>,
  sink: DiagnosticSink,
  options: ReadSystemFileOptions,
): XmlSource | undefined {
  const before = sink.count('error');
  const mapped = preprocess(
    file,
    bytes,
    {
      files,
      language: 'c',
      encoding: 'utf-8',
      includeDirectories: options.includeDirectories ?? [],
      defines: options.defines ?? [],
      limits: { outputChars: XML_LIMIT_BYTES },
    },
    sink,
  );
  if (sink.count('error') > before) return undefined;
  // What stands before the first line of text was directives; the XML declaration may only stand at the very start.
  const start = mapped.text.search(/\S/);
  const skipped = Math.max(start, 0);
  return {
    file,
    text: mapped.text.slice(skipped),
    positionAt: (offset) => mapped.positionAt(offset + skipped),
  };
}
