/** `drivervm check`, `explain`, `diff` and `format`: system descriptions. */
import type { AddCommands } from '../cli.ts';
import { addCheckCommand } from './check.ts';
import { addDiffCommand } from './diff.ts';
import { addExplainCommand } from './explain.ts';
import { addFormatCommand } from './format.ts';

export const addMicrokitCommands: AddCommands = (parent, cli, done) => {
  addCheckCommand(parent, cli, done);
  addExplainCommand(parent, cli, done);
  addDiffCommand(parent, cli, done);
  addFormatCommand(parent, cli, done);
};
