/** `drivervm dt diff`: what differs between two trees in meaning. */
import type { Command } from 'commander';
import { type DiagnosticSink, hex } from '../../base/index.ts';
import { diffTrees, readDeviceTree, type TreeChange } from '../../devicetree/index.ts';
import { type SourceOptions, sourceReading } from '../../workspace/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { addSourceOptions } from './source-options.ts';

interface Options extends SourceOptions {
  readonly json?: boolean;
}

export function addDiffCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  const command = parent
    .command('diff')
    .description('Show what differs between two device trees in meaning, not in order or phandle numbers.')
    .argument('<a>', 'a device tree: blob, source or directory')
    .argument('<b>', 'the one to compare it with')
    .option('--json', 'answer in JSON');
  addSourceOptions(command).action(async (a: string, b: string, options: Options) => {
    done(await runCommand(cli, options, (sink) => compare(cli, [a, b], options, sink)));
  });
}

function compare(
  cli: CommandLine,
  files: readonly [string, string],
  options: Options,
  sink: DiagnosticSink,
): Answer | undefined {
  const [before, after] = files.map((file) =>
    readDeviceTree(cli.host.files, file, sourceReading(options), sink),
  );
  if (before === undefined || after === undefined) return undefined;
  const changes = diffTrees(before.tree, after.tree);
  return {
    text: changes.map(changeText).join(''),
    json: { changes: changes.map(changeJson) },
    differs: changes.length > 0,
  };
}

function changeText(change: TreeChange): string {
  switch (change.kind) {
    case 'node-added':
    case 'node-removed': {
      const more = change.nodeCount > 1 ? ` and ${change.nodeCount - 1} below it` : '';
      return `${change.kind === 'node-added' ? '+' : '-'} ${change.path}${more}\n`;
    }
    case 'property-added':
      return `+ ${change.path}: ${assignment(change.property, change.after)}\n`;
    case 'property-removed':
      return `- ${change.path}: ${assignment(change.property, change.before)}\n`;
    case 'property-changed': {
      const before = assignment(change.property, change.before);
      return `- ${change.path}: ${before}\n+ ${change.path}: ${assignment(change.property, change.after)}\n`;
    }
    case 'reservation-added':
    case 'reservation-removed': {
      const sign = change.kind === 'reservation-added' ? '+' : '-';
      return `${sign} /memreserve/ ${hex(change.address)} ${hex(change.sizeBytes)}\n`;
    }
    case 'boot-cpu-changed':
      return `- boot CPU ${change.before}\n+ boot CPU ${change.after}\n`;
  }
}

function assignment(property: string, value: string): string {
  return value === '' ? property : `${property} = ${value}`;
}

function changeJson(change: TreeChange): Readonly<Record<string, unknown>> {
  if (!('address' in change)) return { ...change };
  return { ...change, address: hex(change.address), sizeBytes: hex(change.sizeBytes) };
}
