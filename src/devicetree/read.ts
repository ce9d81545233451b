/**
 * The one way in for every command: a device tree in whatever form the user has it. What it is shows in its content, not
 * in its name.
 */
import type { DiagnosticSink, HostFiles } from '../base/index.ts';
import { decodeSource, type MappedText, PlainText, preprocess } from '../cpp/index.ts';
import { isDtb, readDtb } from './blob/index.ts';
import { treeCodes } from './diagnostics.ts';
import { type LiveFiles, readLiveTree } from './live/index.ts';
import type { ReadableFiles } from './source/files.ts';
import { readDts } from './source/read.ts';
import type { DeviceTree } from './tree.ts';

/** What is needed of the host. */
export type DeviceTreeFiles = LiveFiles & ReadableFiles & Pick<HostFiles, 'read'>;

/**
 * How source is read: directories for `#include`, macros, whether dtc's `-@` is on. Blobs and directories
 * need nothing.
 */
export interface ReadDeviceTreeOptions {
  /** Where source looks for the files that it includes. */
  readonly includeDirectories?: readonly string[];
  /** Macros for preprocessed source, as `NAME` or `NAME=VALUE`. Linux's `__DTS__` is always there. */
  readonly defines?: readonly string[];
  /** Write `__symbols__` when reading source, so that overlays can be applied (dtc's -@). */
  readonly symbols?: boolean;
}

/** In which form a tree was given: a blob, source, or a directory as `/proc/device-tree` is. */
export type DeviceTreeForm = 'dtb' | 'dts' | 'directory';

/** A tree, and the form in which it was found. */
export interface ReadDeviceTree {
  readonly tree: DeviceTree;
  readonly form: DeviceTreeForm;
}

/** The path that stands for standard input. */
export const STDIN_PATH = '-';
const STDIN_NAME = '<stdin>';

/** Linux's build defines it for every device tree source (its scripts/Makefile.lib). */
const LINUX_DEFINES: readonly string[] = ['__DTS__'];

/** A line that only the preprocessor understands. A property may begin with `#` too, but not with these names. */
const DIRECTIVE =
  /^[ \t]*#[ \t]*(?:include|include_next|define|undef|if|ifdef|ifndef|error|warning|pragma)(?![\w,.+?*#@-])/m;

/** Whether source is written for the C preprocessor. */
export function needsPreprocessor(text: string): boolean {
  return DIRECTIVE.test(text);
}

/** A device tree before source is parsed: several sources may be meant as one. */
export type DeviceTreeInput =
  | { readonly form: 'dts'; readonly text: MappedText }
  | { readonly form: 'dtb' | 'directory'; readonly tree: DeviceTree };

/**
 * Reads the tree at `path`: a blob, source (preprocessed where it is written for that, or where macros are given), or a
 * directory; `-` is standard input. Reports what is wrong to `sink`; `undefined` where there were errors.
 * @throws HostError where the system refuses
 */
export function readDeviceTree(
  files: DeviceTreeFiles,
  path: string,
  options: ReadDeviceTreeOptions,
  sink: DiagnosticSink,
): ReadDeviceTree | undefined {
  const input = readDeviceTreeInput(files, path, options, sink);
  if (input?.form !== 'dts') return input;
  const tree = readDts([input.text], { files, ...options }, sink);
  return tree && { tree, form: 'dts' };
}

/** The same for what may be one source of several. */
export function readDeviceTreeInput(
  files: DeviceTreeFiles,
  path: string,
  options: ReadDeviceTreeOptions,
  sink: DiagnosticSink,
): DeviceTreeInput | undefined {
  const file = path === STDIN_PATH ? STDIN_NAME : path;
  const status = path === STDIN_PATH ? undefined : files.status(path);
  if (path !== STDIN_PATH && status === undefined) {
    sink.report(treeCodes['not-there'].at({ file }, undefined));
    return undefined;
  }
  if (status?.kind === 'directory') {
    const tree = readLiveTree(files, path, sink);
    return tree && { tree, form: 'directory' };
  }
  const content = files.read(path);
  if (isDtb(content)) {
    const tree = readDtb(content, file, sink);
    return tree && { tree, form: 'dtb' };
  }
  const text = readSourceText(files, file, content, options, sink);
  return text && { text, form: 'dts' };
}

/**
 * Source as {@link readDts} takes it, through the preprocessor where it is written for that. Several of them can be read
 * as one tree: that is how sources are laid over each other.
 */
export function readSourceText(
  files: ReadableFiles,
  file: string,
  content: Uint8Array,
  options: ReadDeviceTreeOptions,
  sink: DiagnosticSink,
): MappedText | undefined {
  if (content.includes(0)) {
    sink.report(treeCodes['unknown-form'].at({ file }, undefined));
    return undefined;
  }
  const { includeDirectories = [], defines = [] } = options;
  const text = decodeSource(content, 'bytes');
  if (defines.length === 0 && !needsPreprocessor(text))
    return new PlainText(file, text, { encoding: 'bytes' });
  const errors = sink.count('error');
  const preprocessed = preprocess(
    file,
    content,
    {
      files,
      includeDirectories,
      defines: [...LINUX_DEFINES, ...defines],
      language: 'assembler',
      encoding: 'bytes',
    },
    sink,
  );
  // What the preprocessor could not do would only come up again as mistakes that nobody made.
  return sink.count('error') > errors ? undefined : preprocessed;
}
