/** `drivervm check`, `explain` and `diff`: system descriptions. */
import type { AddCommands } from '../cli.ts';
import { addCheckCommand } from './check.ts';
import { addDiffCommand } from './diff.ts';
import { addExplainCommand } from './explain.ts';

export const addMicrokitCommands: AddCommands = (parent, cli, done) => {
  addCheckCommand(parent, cli, done);
  addExplainCommand(parent, cli, done);
  addDiffCommand(parent, cli, done);
};
