/** The options of every command that reads a system description. */
import { type Command, Option } from 'commander';
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
