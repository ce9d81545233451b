/** Boot configurations: what is left to say beside `test/boot-constructs.test.ts`: places, bounds, and the shell's own rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootWorld } from '../../../test/support/boot-world.ts';
import { rootOf } from './entry.ts';
import { parseExtlinux } from './extlinux.ts';
import { parseGrub } from './grub.ts';
import { parseConfigTxt } from './raspberry-pi.ts';
import { parseShell } from './shell-parser.ts';
import { runBootScript } from './u-boot-script.ts';

const NOTHING = bootWorld({});
/** As much of a device tree as U-Boot asks for. */
const TREE = Uint8Array.of(0xd0, 0x0d, 0xfe, 0xed);

test('extlinux: relative paths, initrd= in the append line, a FIT’s configuration', () => {
  const [first, second] = parseExtlinux(
    'DEFAULT b\nMENU TITLE x\nLABEL a\n\tLINUX /Image\n\tAPPEND root=/dev/sda1 initrd=/i.img\nlabel b\n  kernel ../fit.itb#conf-1\n  fdt /x.dtb\n',
    '/boot/extlinux/extlinux.conf',
    '/boot/extlinux',
    NOTHING,
  );
  assert.deepEqual(
    [first?.isDefault, first?.initrds, first?.kernel],
    [false, [{ path: '/i.img' }], { path: '/Image' }],
  );
  assert.deepEqual(
    [second?.isDefault, second?.kernel, second?.configuration, second?.dtb],
    [true, { path: '/boot/extlinux/../fit.itb' }, 'conf-1', { path: '/x.dtb' }],
  );
});

test('extlinux: an include of itself ends', () => {
  const text = 'include extlinux.conf\nlabel a\n kernel /k\n'.repeat(3);
  const world = bootWorld({ '/extlinux/extlinux.conf': text });
  const entries = parseExtlinux(text, '/extlinux/extlinux.conf', '/extlinux', world);
  assert.ok(entries.length > 0 && entries.length < 20_000);
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
test('a U-Boot script: branches, imported environments, quoting, what booti names', () => {
  const script = `
if test -e mmc 0 \${prefix}uEnv.txt; then
  load mmc 0 \${load_addr} \${prefix}uEnv.txt; env import -t -r \${load_addr} \${filesize}
else
  setenv who nobody
fi
if test "\${who}" = "me" -a -n "\${fdtfile}"; then setenv extra a b; elif test 1 -eq 1; then setenv extra no; else setenv extra never; fi
setenv bootargs "root=\${root} \${extra} \${unknown}   quiet" # a comment
setenv literal '\${who}'
load mmc 0:1 \${kernel_addr_r} /missing || load mmc 0:1 \${kernel_addr_r} \${prefix}Image
load mmc 0:1 \${ramdisk_addr_r} \${prefix}uInitrd
load mmc 0:1 \${fdt_addr_r} \${prefix}\${fdtfile}
booti \${kernel_addr_r} \${ramdisk_addr_r}:0x100 \${fdt_addr_r}
setenv bootargs never
`;
  const world = bootWorld({
    '/boot/uEnv.txt': '# a note=1\nwho=me\r\nroot=/dev/mmcblk0p1\nfdtfile=a.dtb\n',
    '/boot/Image': 'k',
    '/boot/uInitrd': 'r',
    '/boot/a.dtb': TREE,
  });
  const entry = runBootScript(script, '/boot/boot.scr', '/boot/', world);
  assert.deepEqual(
    [entry.kernel?.path, entry.initrds[0]?.path, entry.dtb?.path],
    ['/boot/Image', '/boot/uInitrd', '/boot/a.dtb'],
  );
  assert.equal(entry.bootargs, 'root=/dev/mmcblk0p1 a b quiet');
  assert.deepEqual(
    entry.doubts.map(({ line, text, about }) => [line, text, about]),
    [[8, '${unknown}', ['command line']]],
  );
});

test('doubt follows values: set anew it is gone, in a branch not taken it stays', () => {
  const doubts = (script: string): readonly string[] => {
    const world = bootWorld({ '/Image': 'k', '/a.dtb': TREE });
    const boot =
      'load mmc 0 ${kernel_addr_r} /Image; load mmc 0 ${fdt_addr_r} /${t}.dtb; booti ${kernel_addr_r} - ${fdt_addr_r}';
    const entry = runBootScript(`setenv bootargs x; ${script}\n${boot}\n`, 'boot.cmd', '/', world);
    return entry.doubts.map(({ line, about }) => `${line}: ${about.join()}`);
  };
  assert.deepEqual(doubts('setenv t a'), []);
  assert.deepEqual(doubts('setenv t a; if test "${board}" = x; then setenv t b; fi'), ['1: device tree']);
  assert.deepEqual(doubts('setenv t a; if test "${board}" = x; then setenv t b; fi; setenv t a'), []);
  assert.deepEqual(doubts('setenv t a; test "${board}" = x && echo yes'), []);
  assert.deepEqual(doubts('setenv t a; setenv f \'setenv t b\'; test -n "${board}" && run f'), [
    '1: device tree',
  ]);
  assert.deepEqual(doubts('setenv t a; if gpio input 1; then echo; else booti 1; fi'), ['1: kernel']);
  assert.deepEqual(doubts('setenv t a; test -n "${ethaddr}" && setenv bootargs mac=${ethaddr}'), [
    '1: command line',
  ]);
  assert.deepEqual(doubts('setenv t a\nif true; then\n\n'), ['undefined: kernel', '2: kernel']);
  assert.deepEqual(doubts('setenv t a; env default -a'), ['1: kernel']);
});

test('texts that double, calls of themselves, loops without end: all end', () => {
  const again = 'setenv a "$a$a"\n';
  const doubling = `setenv a x\n${again.repeat(100)}setenv bootargs "\${a}"\n`;
  assert.equal(runBootScript(doubling, 'f', '/', NOTHING).bootargs.length, 1 << 16);
  for (const script of [
    "setenv f 'run f'; run f",
    "setenv f 'run f; run f'; run f",
    'while true; do true; done',
    'while true; do for i in 1 2 3; do setenv a "${a}${a}x"; done; done',
    `for i in ${'1 '.repeat(30_000)}; do echo; done`,
    `${'if true; then '.repeat(5000)}`,
    `${'! '.repeat(5000)} true`,
    `setexpr a sub "(a*)*b" x "${'a'.repeat(400)}"`,
  ]) {
    const entry = runBootScript(script, 'f', '/', NOTHING);
    assert.ok(entry.doubts.length > 0, script.slice(0, 40));
  }
  const grub = `set a=x\n${'set a="$a$a"\n'.repeat(100)}menuentry x {\nlinux /k $a\n}\n`;
  assert.equal(parseGrub(grub, 'f', NOTHING)[0]?.bootargs.length, 1 << 16);
  const menus = `${'submenu x {\n'.repeat(60)}menuentry y {\nlinux /k\n}\n${'}\n'.repeat(60)}`;
  assert.ok(parseGrub(menus, 'f', NOTHING).length <= 1);
  const source = bootWorld({ '/grub.cfg': 'source /grub.cfg\nsource /grub.cfg\n' });
  assert.deepEqual(parseGrub('source /grub.cfg\n', '/grub.cfg', source), []);
  const include = bootWorld({ '/config.txt': 'include config.txt\ninclude config.txt\n' });
  assert.ok(
    parseConfigTxt('include config.txt\n', '/config.txt', include, undefined, () => undefined).doubts.length >
      0,
  );
});

test('the shell’s words: quotes, escapes, comments, continued lines, and the lines that statements stand on', () => {
  const [first, second, third] = parseShell(
    'echo a\\ b "c \\"d\\" $e" \'f $g\' "" # no\necho x \\\n y#z; echo "1\n2"\n',
    { hasBlocks: false },
  );
  assert.ok(first?.kind === 'command' && second?.kind === 'command' && third?.kind === 'command');
  assert.equal(first.words.length, 5);
  assert.deepEqual([first.line, second.line, third.line], [1, 2, 3]);
  assert.equal(second.words.length, 3);
  const unread = parseShell('fi; a | b', { hasBlocks: false });
  assert.deepEqual(
    unread.map((each) => (each.kind === 'unread' ? each.text : each.kind)),
    ['fi', '| b'],
  );
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.

test('GRUB: titles, ids and numbers of entries, nested ones included', () => {
  const menu =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GRUB's variable looks so.
    "menuentry 'A' {\n linux /a root=/dev/${disk}\n}\nsubmenu 'more' {\n menuentry 'A > old' {\n linux /old\n }\n}\nmenuentry 'B' --id b {\n linux /b\n}\n";
  const chosen = (value: string): string | undefined =>
    parseGrub(`set default='${value}'\n${menu}`, 'grub.cfg', NOTHING).find((entry) => entry.isDefault)?.label;
  assert.deepEqual(['0', '1', '2', 'B', 'b', 'more>A > old', '1>0', 'gone', '7'].map(chosen), [
    'A',
    'A > old',
    'B',
    'B',
    'B',
    'A > old',
    'A > old',
    'A',
    'A',
  ]);
});

test('root= on a command line', () => {
  assert.equal(rootOf('root=PARTUUID=1-02 rootwait'), 'PARTUUID=1-02');
  assert.equal(rootOf('root=/dev/a quiet root=/dev/b'), '/dev/b');
  assert.equal(rootOf('noroot=1'), undefined);
});
