/** A page that holds the head of a device which its guest does not drive. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boardOfDts } from '../../../../test/support/trees.ts';
import { DiagnosticSink } from '../../../base/index.ts';
import { plainSource } from '../../index.ts';
import { readDescription } from '../../read/index.ts';
import { checkDescription } from '../index.ts';

const SYSTEM = `<system>
  <memory_region name="page" size="0x1000" phys_addr="0x10000" />
  <protection_domain name="VMM" priority="2">
    <program_image path="vmm.elf" />
    <virtual_machine name="linux"><vcpu id="0" /><map mr="page" vaddr="0x10000" perms="rw" cached="false" /></virtual_machine>
  </protection_domain>
</system>
`;

function findings(status: string): readonly string[] {
  const board = (bus: string) =>
    boardOfDts(`/ { #address-cells = <1>; #size-cells = <1>;
    log@10020 { compatible = "test,log"; reg = <0x10020 4>; };
    bus@10000 { compatible = "test,bus"; reg = <0x10000 0x20>, <0x11000 0x1000>; };
    mc@10800 { compatible = "test,mc"; reg = <0x10800 0x1800>; status = "${bus}"; }; };`);
  const sink = new DiagnosticSink();
  const read = readDescription(plainSource('a.system', SYSTEM), sink);
  assert.ok(read !== undefined);
  checkDescription(read, { tree: board('okay'), guests: [{ file: 'a.dtb', tree: board(status) }] }, sink);
  return sink.sorted().flatMap(({ code, message }) => (code === 'board/device-cut' ? [message] : []));
}

test('a device of which a guest has a part is cut where the guest drives it, and not where its tree says that it is off', () => {
  assert.equal(findings('okay').filter((message) => message.includes('mc@10800')).length, 1);
  assert.deepEqual(
    findings('disabled').filter((message) => message.includes('mc@10800')),
    [],
  );
});
