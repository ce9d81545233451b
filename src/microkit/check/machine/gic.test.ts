/** A board of one name that is started with either interrupt controller, as QEMU's virt is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallBoard } from '../../../../test/support/small-board.ts';
import { DiagnosticSink } from '../../../base/index.ts';
import { MICROKIT_BOARDS, plainSource } from '../../index.ts';
import { readDescription } from '../../read/index.ts';
import { checkDescription } from '../index.ts';

const SYSTEM = `<system>
  <protection_domain name="VMM" priority="2">
    <program_image path="vmm.elf" />
    <virtual_machine name="linux"><vcpu id="0" /></virtual_machine>
  </protection_domain>
</system>
`;
const GICV3 = { gic: 'reg = <0xff001000 0x10000>, <0xff100000 0x80000>;', gicCompatible: 'arm,gic-v3' };

function asksForGicv(tree: ReturnType<typeof smallBoard>): boolean {
  const sink = new DiagnosticSink();
  const read = readDescription(plainSource('a.system', SYSTEM), sink);
  assert.ok(read !== undefined);
  checkDescription(read, { board: MICROKIT_BOARDS.get('qemu_virt_aarch64'), tree }, sink);
  return sink.sorted().some(({ code }) => code === 'sdf/gicc-unmapped');
}

test('GICV is asked for where the tree has a GICv2, and not where it has a GICv3', () => {
  assert.ok(asksForGicv(smallBoard()));
  assert.ok(!asksForGicv(smallBoard(GICV3)));
});
