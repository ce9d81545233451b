/** `drivervm dt …`: reading, writing and understanding device trees. */
import type { AddCommands } from '../program.ts';
import { addConvertCommand } from './convert.ts';

export const addDtCommands: AddCommands = (parent, cli, done) => {
  const dt = parent.command('dt').description('Read, write and understand device trees.');
  addConvertCommand(dt, cli, done);
};
