/** `drivervm payload …`: getting a kernel, an initial ramdisk and a device tree, and looking into them. */
import type { Command } from 'commander';
import type { AddCommands, CommandLine, ExitStatus } from '../cli.ts';
import { addCollectCommand } from './collect.ts';
import { addDebianCommand } from './debian.ts';
import { addExtractCommand } from './extract.ts';
import { addImageCommand } from './image.ts';
import { addInspectCommand } from './inspect.ts';

const COMMANDS: readonly ((parent: Command, cli: CommandLine, done: (status: ExitStatus) => void) => void)[] =
  [addDebianCommand, addInspectCommand, addExtractCommand, addCollectCommand, addImageCommand];

export const addPayloadCommands: AddCommands = (parent, cli, done) => {
  const group = parent.command('payload').description('Get kernels, initial ramdisks and device trees.');
  for (const add of COMMANDS) add(group, cli, done);
};
