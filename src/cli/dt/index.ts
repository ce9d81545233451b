/** `drivervm dt …`: reading, writing and understanding device trees. */
import type { AddCommands } from '../program.ts';
import { addConvertCommand } from './convert.ts';
import { addDevicesCommand } from './devices.ts';
import { addDiffCommand } from './diff.ts';
import { addNeedsCommand } from './needs.ts';

export const addDtCommands: AddCommands = (parent, cli, done) => {
  const dt = parent.command('dt').description('Read, write and understand device trees.');
  addConvertCommand(dt, cli, done);
  addDevicesCommand(dt, cli, done);
  addNeedsCommand(dt, cli, done);
  addDiffCommand(dt, cli, done);
};
