/** The options of every command that reads a device tree which may be source. */
import type { Command } from 'commander';
import type { ReadDeviceTreeOptions } from '../../devicetree/index.ts';

export interface SourceOptions {
  readonly include?: readonly string[];
  readonly define?: readonly string[];
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Adds `-I` and `-D`, as compilers have them. */
export function addSourceOptions(command: Command): Command {
  return command
    .option(
      '-I, --include <dir>',
      'where source finds the files that it includes; may be given again',
      collect,
    )
    .option('-D, --define <name[=value]>', 'a macro for preprocessed source; may be given again', collect);
}

export function sourceReading({ include, define }: SourceOptions): ReadDeviceTreeOptions {
  return {
    ...(include === undefined ? {} : { includeDirectories: include }),
    ...(define === undefined ? {} : { defines: define }),
  };
}
