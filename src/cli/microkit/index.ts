/** `drivervm check`, `explain` and `diff`: system descriptions. */
import type { AddCommands } from '../program.ts';
import { addCheckCommand } from './check.ts';

export const addMicrokitCommands: AddCommands = (parent, cli, done) => {
  addCheckCommand(parent, cli, done);
};
