/** The options of every command that reads a system description. */
import { type Command, Option } from 'commander';
import type { Host } from '../../base/index.ts';
import { MICROKIT_BOARDS } from '../../microkit/index.ts';
import { addSourceOptions } from '../dt/source-options.ts';

export function addDescriptionOptions(command: Command): Command {
  return addSourceOptions(command)
    .addOption(
      new Option(
        '--dialect <name>',
        'current, or older (before Microkit 2.0); found out if not given',
      ).choices(['current', 'older']),
    )
    .option('--cpp', 'put the file through the C preprocessor, whatever it looks like')
    .option('--no-cpp', 'do not put it through the C preprocessor');
}

export const boardOption = (): Option =>
  new Option(
    '--board <name>',
    "a board by Microkit's name, whose memory and interrupts are checked against",
  ).choices([...MICROKIT_BOARDS.keys()]);

/** The content of the file in the first of the directories that has it. */
export function fileIn(directories: readonly string[], host: Host): (path: string) => Uint8Array | undefined {
  return (path) => {
    for (const directory of directories) {
      const file = host.files.join(directory, path);
      if (host.files.status(file)?.kind === 'file') return host.files.read(file);
    }
    return undefined;
  };
}

/** The size of the file in the first of the directories that has it. */
export function fileSizeIn(directories: readonly string[], host: Host): (path: string) => number | undefined {
  return (path) => {
    for (const directory of directories) {
      const status = host.files.status(host.files.join(directory, path));
      if (status?.kind === 'file') return status.sizeBytes;
    }
    return undefined;
  };
}
