/** That checking stays cheap whatever the description: single rules are shown by the fixtures in `test/fixtures`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOARD_DTS, resolvedTree } from '../../../test/support/guest-trees.ts';
import { DiagnosticSink } from '../../base/index.ts';
import { MICROKIT_BOARDS } from '../boards/index.ts';
import { readDescription } from '../read/index.ts';
import { plainSource } from '../xml/index.ts';
import { checkDescription } from './index.ts';

function checkSeconds(text: string): number {
  const tree = resolvedTree('board.dts', BOARD_DTS);
  const sink = new DiagnosticSink();
  const start = performance.now();
  const read = readDescription(plainSource('a.system', text), sink);
  assert.ok(read);
  const guests = [{ file: 'guest.dts', tree }];
  checkDescription(read, { board: MICROKIT_BOARDS.get('odroidc4'), tree, guests }, sink);
  assert.ok(sink.count('error') > 0);
  return (performance.now() - start) / 1000;
}

const MANY = 20_000;
const numbered = (line: (index: number) => string): string =>
  Array.from({ length: MANY }, (_, index) => line(index)).join('');

test('twenty thousand regions, maps and interrupts on top of each other', () => {
  const regions = numbered(
    (index) => `<memory_region name="r${index}" size="0x2000" phys_addr="0xff803000"/>`,
  );
  const maps = numbered((index) => `<map mr="r${index}" vaddr="0xff803000"/>`);
  const irqs = numbered(() => '<irq irq="225" id="1"/>');
  const vm = `<virtual_machine name="v"><vcpu id="0"/>${maps}</virtual_machine>`;
  const pd = `<protection_domain name="p"><program_image path="p"/>${maps}${vm}${irqs}</protection_domain>`;
  const seconds = checkSeconds(`<system>${regions}${pd}</system>`);
  assert.ok(seconds < 20, `${seconds} s`);
});

test('twenty thousand protection domains and channels', () => {
  const pds = numbered(() => '<protection_domain name="p"><program_image path="p"/></protection_domain>');
  const channels = numbered(
    () => '<channel><end pd="p" id="0" setvar_id="s"/><end pd="q" id="0"/></channel>',
  );
  const seconds = checkSeconds(`<system>${pds}${channels}</system>`);
  assert.ok(seconds < 20, `${seconds} s`);
});
