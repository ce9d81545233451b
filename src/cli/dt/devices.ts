/** `drivervm dt devices`: every device of a board, where its registers are, which interrupts it has, who shares its pages. */
import type { Command } from 'commander';
import { type DiagnosticSink, LARGE_PAGE_BYTES, matchesGlob, SMALL_PAGE_BYTES } from '../../base/index.ts';
import { type Board, type Device, isPlainBus, reportBoard } from '../../devicetree/index.ts';
import type { SourceOptions } from '../../workspace/index.ts';
import { type Answer, type CommandLine, EXIT_STATUS, type ExitStatus, runCommand } from '../cli.ts';
import { formatTable } from '../table.ts';
import { readBoard } from './board.ts';
import { addSourceOptions } from './source-options.ts';
import { deviceJson, interruptText, regText, statusText } from './texts.ts';

const STATUSES = ['okay', 'disabled', 'reserved', 'fail'] as const;
type StatusFilter = (typeof STATUSES)[number];

interface Options extends SourceOptions {
  readonly status?: string;
  readonly compatible?: string;
  readonly path?: string;
  readonly json?: boolean;
}

/** How many co-tenants are named before they are only counted. */
const CO_TENANTS_SHOWN = 4;

export function addDevicesCommand(
  parent: Command,
  cli: CommandLine,
  done: (status: ExitStatus) => void,
): void {
  const command = parent
    .command('devices')
    .description('List the devices of a board: registers, interrupts, and what shares a page with them.')
    .argument('<board>', 'the device tree: blob, source or directory; - for standard input')
    .option('--status <status>', `only these: ${STATUSES.join(', ')}`)
    .option('--compatible <glob>', 'only devices with a matching compatible: "amlogic,*"')
    .option('--path <glob>', 'only devices with a matching path: "*/serial@*"')
    .option('--json', 'answer in JSON');
  addSourceOptions(command).action(async (board: string, options: Options) => {
    const status = STATUSES.find((known) => known === options.status);
    if (options.status !== undefined && status === undefined) {
      command.error(`error: --status takes one of ${STATUSES.join(', ')}`, { exitCode: EXIT_STATUS.misuse });
    }
    done(await runCommand(cli, options, (sink) => listDevices(cli, board, status, options, sink)));
  });
}

function listDevices(
  cli: CommandLine,
  file: string,
  status: StatusFilter | undefined,
  options: Options,
  sink: DiagnosticSink,
): Answer | undefined {
  const board = readBoard(cli, file, options, sink);
  if (board === undefined) return undefined;
  reportBoard(board, sink);
  const devices = board.devices.filter((device) => isShown(device) && isWanted(device, status, options));
  return { text: table(board, devices), json: { devices: devices.map((device) => json(board, device)) } };
}

/** Ports, endpoints and such have numbers, but no registers and no drivers. */
function isShown({ compatible, regs, interrupts }: Device): boolean {
  return compatible.length > 0 || interrupts.length > 0 || regs.some(({ cpu }) => cpu !== undefined);
}

function isWanted(device: Device, status: StatusFilter | undefined, { compatible, path }: Options): boolean {
  const { own, enabled, disabledBy } = device.status;
  if (status === 'okay' && !enabled) return false;
  if (status === 'disabled' && own !== 'disabled' && disabledBy === undefined) return false;
  if ((status === 'reserved' || status === 'fail') && own !== status) return false;
  if (compatible !== undefined && !device.compatible.some((text) => matchesGlob(compatible, text)))
    return false;
  return path === undefined || matchesGlob(path, device.path);
}

function table(board: Board, devices: readonly Device[]): string {
  const rows = devices.map((device) => [
    device.path,
    device.compatible[0] ?? '',
    statusText(device),
    device.regs.map(regText),
    device.interrupts.map(interruptText),
    coTenantNames(board, device),
  ]);
  const heading = ['device', 'compatible', 'status', 'registers', 'interrupts (INTID)', 'shares a page with'];
  return `${formatTable(heading, rows)}${devices.length} devices\n`;
}

function coTenantNames(board: Board, device: Device): readonly string[] {
  if (!device.status.enabled || isPlainBus(device.compatible)) return [];
  const names = board.coTenants(device, SMALL_PAGE_BYTES).map(({ node }) => node.name);
  const more = names.length - CO_TENANTS_SHOWN;
  return more > 0 ? [...names.slice(0, CO_TENANTS_SHOWN), `and ${more} more`] : names;
}

function json(board: Board, device: Device): Readonly<Record<string, unknown>> {
  const sharing = (pageBytes: number) =>
    device.status.enabled ? board.coTenants(device, pageBytes).map(({ path }) => path) : [];
  return {
    ...deviceJson(device),
    coTenants4KiB: sharing(SMALL_PAGE_BYTES),
    coTenants2MiB: sharing(LARGE_PAGE_BYTES),
  };
}
