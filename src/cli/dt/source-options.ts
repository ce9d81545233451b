/** The options of every command that reads a device tree which may be source. */
import type { Command } from 'commander';
import { collect } from '../arguments.ts';

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
