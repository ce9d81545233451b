/** `drivervm dt …`: reading, writing and understanding device trees. */
import type { AddCommands } from '../cli.ts';
import { addConvertCommand } from './convert.ts';
import { addDevicesCommand } from './devices.ts';
import { addDiffCommand } from './diff.ts';
import { addMergeCommand } from './merge.ts';
import { addNeedsCommand } from './needs.ts';
import { addShowCommand } from './show.ts';

export const addDtCommands: AddCommands = (parent, cli, done) => {
  const dt = parent.command('dt').description('Read, write and understand device trees.');
  addShowCommand(dt, cli, done);
  addConvertCommand(dt, cli, done);
  addMergeCommand(dt, cli, done);
  addDevicesCommand(dt, cli, done);
  addNeedsCommand(dt, cli, done);
  addDiffCommand(dt, cli, done);
};
