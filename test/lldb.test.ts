/** The real lldb at a run: breakpoints, steps, frames, watchpoints by addresses, since it asks no stub for symbols. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { imageSymbols } from '../src/payload/index.ts';
import { drivervm, outcomeOf } from './support/command.ts';
import { debianBoards } from './support/debian.ts';
import { startOracle } from './support/oracles.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-lldb-'));
after(() => rmSync(directory, { recursive: true }));
const file = (name: string) => join(directory, name);

test('lldb breaks, steps, looks, watches and lets go', async () => {
  const board = (await debianBoards()).get('meson-sm1-odroid-c4.dtb') ?? '';
  await drivervm(['payload', 'debian', '-o', directory]);
  await drivervm([
    ...['plan', '--dtb', board, '--pass', 'serial0', '--ram', '256 MiB', '-o', file('project')],
    ...['--kernel', file('Image'), '--initrd', file('initrd.cpio')],
  ]);
  const symbols = imageSymbols(readFileSync(file('Image')));
  const addressOf = (name: string): string =>
    `0x${((symbols?.linkAddress ?? 0n) + BigInt(symbols?.offsetOf(name) ?? 0)).toString(16)}`;
  const socket = file('socket');
  const flags = [`--gdb=unix:${socket}`, '--wait-gdb', '--timeout', '600', '--until', 'the guest is up'];
  const run = outcomeOf(['run', file('project'), ...flags]);
  while (!existsSync(socket)) await setTimeout(100);
  const commands = [
    `process connect --plugin gdb-remote unix-connect://${socket}`,
    `breakpoint set --address ${addressOf('start_kernel')}`,
    'continue',
    'register read pc',
    'thread step-inst',
    'register read pc SCTLR_EL1',
    'breakpoint delete --force',
    `breakpoint set --hardware --address ${addressOf('meson_uart_startup')}`,
    'continue',
    'thread backtrace',
    'breakpoint delete --force',
    'watchpoint set expression -w write -- $sp-8',
    'continue',
    'watchpoint delete --force',
    'process detach',
    'quit',
  ];
  writeFileSync(file('script'), `${commands.join('\n')}\n`);
  const lldb = await startOracle('lldb', ['--no-lldbinit', '--batch', '--source', file('script')]);
  const said = `${lldb.stdout}`;
  const start = BigInt(addressOf('start_kernel'));
  const hex = (value: bigint) => `pc = 0x${value.toString(16).padStart(16, '0')}`;
  assert.ok(said.includes(hex(start)), said);
  assert.ok(said.includes(hex(start + 4n)), said);
  assert.match(said, /SCTLR_EL1 = 0x[0-9a-f]*[13579bdf]\n/, 'the MMU is on');
  assert.match(said, /stop reason = breakpoint 2\.1/);
  assert.ok([...said.matchAll(/frame #\d+: 0xffff8/g)].length > 10, 'frames by frame pointers');
  assert.match(said, /stop reason = watchpoint 1/);
  assert.match(said, /Process 1 detached/);
  const { status, out } = await run;
  assert.equal(status, 0, 'the run goes on to its end');
  assert.match(out, /the guest is up/);
});
