/** `drivervm dt …`: reading, writing and understanding device trees. */
import type { AddCommands } from '../program.ts';

export const addDtCommands: AddCommands = (parent, _cli, _done) => {
  parent.command('dt').description('Read, write and understand device trees.');
};
