/** That checking comes to an end whatever the description (a step for each pair of twenty thousand would outlast the runner's patience): single rules are shown by the fixtures in `test/fixtures`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOARD_DTS, resolvedTree } from '../../../test/support/guest-trees.ts';
import { DiagnosticSink } from '../../base/index.ts';
import { MICROKIT_BOARDS } from '../boards/index.ts';
import { readDescription } from '../read/index.ts';
import { plainSource } from '../xml/index.ts';
import { checkDescription } from './index.ts';

function checkErrors(text: string): void {
  const tree = resolvedTree('board.dts', BOARD_DTS);
  const sink = new DiagnosticSink();
  const read = readDescription(plainSource('a.system', text), sink);
  assert.ok(read);
  const guests = [{ file: 'guest.dts', tree }];
  checkDescription(read, { board: MICROKIT_BOARDS.get('odroidc4'), tree, guests }, sink);
  assert.ok(sink.count('error') > 0);
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
  checkErrors(`<system>${regions}${pd}</system>`);
});

test('twenty thousand protection domains and channels', () => {
  const pds = numbered(() => '<protection_domain name="p"><program_image path="p"/></protection_domain>');
  const channels = numbered(
    () => '<channel><end pd="p" id="0" setvar_id="s"/><end pd="q" id="0"/></channel>',
  );
  checkErrors(`<system>${pds}${channels}</system>`);
});
