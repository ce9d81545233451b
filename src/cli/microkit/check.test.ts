/** What `check` says of itself: what it could not look at. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm } from '../../../test/support/command.ts';
import { programImage } from '../../../test/support/program-image.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-check-'));
after(() => rmSync(directory, { recursive: true }));
const system = join(directory, 'a.system');
writeFileSync(
  system,
  `<system>
  <protection_domain name="a"><program_image path="a.elf" /></protection_domain>
  <protection_domain name="b"><program_image path="b.elf" /></protection_domain>
</system>
`,
);
const build = join(directory, 'build');
mkdirSync(build);

test('programs of which none is built are said to be not checked; of those that are, a missing one is an error', async () => {
  const search = ['check', system, '--search-path', build];
  const { out } = await drivervm(search);
  assert.ok(
    out.includes(`not checked: programs: none of them is in ${build} (build the project first)`),
    out,
  );
  const nowhere = await drivervm(['check', system, '--search-path', join(build, 'none')]);
  assert.match(nowhere.out, /not checked: programs: none of them is in .*none /);
  writeFileSync(join(build, 'a.elf'), programImage([]));
  const half = await drivervm(search, { status: 1 });
  assert.match(half.err, /error\[sdf\/program-file\]: the program of b, b\.elf, is not there/);
  assert.ok(!half.out.includes('not checked: programs'), half.out);
  writeFileSync(join(build, 'b.elf'), programImage([]));
  const whole = await drivervm(search);
  assert.match(whole.out, /found: 0 errors, 0 warnings/);
  assert.ok(!whole.out.includes('not checked: programs'), whole.out);
});

const UART = `/dts-v1/;
/ {
  #address-cells = <1>;
  #size-cells = <1>;
  interrupt-parent = <&gic>;
  gic: interrupt-controller@8000000 {
    compatible = "arm,cortex-a15-gic";
    reg = <0x8000000 0x10000>, <0x8010000 0x10000>, <0x8030000 0x10000>, <0x8040000 0x10000>;
    #interrupt-cells = <3>;
    interrupt-controller;
  };
  pl011@9000000 { compatible = "arm,pl011"; reg = <0x9000000 0x1000>; interrupts = <0 1 4>; };
};
`;

test('what is not said by flags is taken from drivervm.yaml beside the description or above it', async () => {
  const place = join(directory, 'settled');
  mkdirSync(join(place, 'sub'), { recursive: true });
  writeFileSync(join(place, 'board.dts'), UART);
  const settings = join(place, 'drivervm.yaml');
  writeFileSync(settings, 'board: qemu_virt_aarch64\ndtb: board.dts\nconfig: debug\n');
  const path = join(place, 'sub', 'a.system');
  writeFileSync(
    path,
    `<system>
  <memory_region name="uart" size="0x1000" phys_addr="0x9000000" />
  <protection_domain name="a"><program_image path="a.elf" />
    <map mr="uatr" vaddr="0x2000000" cached="false" />
    <irq irq="0x21" id="1" trigger="edge" />
  </protection_domain>
</system>
`,
  );
  const { out, err } = await drivervm(['check', path], { status: 1 });
  assert.ok(out.includes(`board, trees and options by ${settings}`), out);
  assert.match(err, /error\[sdf\/not-decimal\]/);
  const fixed = await drivervm(['check', path, '--fix']);
  assert.match(fixed.out, /a\.system:5:15: fixed\[sdf\/not-decimal\]: write irq="33"/);
  assert.match(fixed.out, /a\.system:4:14: fixed\[sdf\/unknown-region\]: write mr="uart"/);
  // Hidden by the number that could not be read: found, and fixed, in the second round.
  assert.match(fixed.out, /fixed\[board\/trigger\]: write trigger="level"/);
  assert.match(fixed.out, /found: 0 errors, 0 warnings/);
  assert.match(readFileSync(path, 'utf8'), /<map mr="uart" .*\n {4}<irq irq="33" id="1" trigger="level" \/>/);
  const again = JSON.parse((await drivervm(['check', path, '--fix', '--json'])).out);
  assert.equal(again.fixes, 0);
  assert.equal(again.settings, settings);
  await drivervm(['check', '-', '--fix'], { status: 2 });

  writeFileSync(settings, 'bord: qemu_virt_aarch64\n');
  const wrong = await drivervm(['check', path], { status: 1 });
  assert.match(
    wrong.err,
    /drivervm\.yaml:1:1: error\[request\/unknown-key\]: the file of settings has no key "bord"/,
  );
});
