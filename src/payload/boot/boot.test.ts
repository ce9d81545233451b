/** Boot configurations: what each loader would boot. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootOf } from './entry.ts';
import { parseExtlinux } from './extlinux.ts';
import { parseGrub } from './grub.ts';
import { parseConfigTxt } from './raspberry-pi.ts';
import { runBootScript, type ScriptWorld } from './u-boot-script.ts';

function world(files: Readonly<Record<string, string>>): ScriptWorld {
  return { exists: (path) => path in files, readFile: (path) => files[path] };
}

test('extlinux: the default label, relative paths, initrd= in the append line', () => {
  const [first, second] = parseExtlinux(
    'DEFAULT b\nMENU TITLE x\nLABEL a\n\tLINUX /Image\n\tAPPEND root=/dev/sda1 initrd=/i.img\nlabel b\n  kernel ../fit.itb#conf-1\n  fdt /x.dtb\n',
    '/boot/extlinux/extlinux.conf',
    '/boot/extlinux',
  );
  assert.deepEqual([first?.isDefault, first?.initrd, first?.kernel], [false, '/i.img', '/Image']);
  assert.deepEqual(
    [second?.isDefault, second?.kernel, second?.dtb],
    [true, '/boot/extlinux/../fit.itb', '/x.dtb'],
  );
});

test('a U-Boot script: branches, imported environments, quoting, what booti names', () => {
  const script = `
if test -e mmc 0 \${prefix}uEnv.txt; then
  load mmc 0 \${load_addr} \${prefix}uEnv.txt; env import -t \${load_addr} \${filesize}
else
  setenv who nobody
fi
if test "\${who}" = "me" -a -n "\${fdtfile}"; then setenv extra a b; elif test 1 -eq 1; then setenv extra no; else setenv extra never; fi
setenv bootargs "root=\${root} \${extra} \${unknown}   quiet" # not a comment for hush
setenv literal '\${who}'
load mmc 0:1 \${kernel_addr_r} /missing || load mmc 0:1 \${kernel_addr_r} \${prefix}Image
load mmc 0:1 \${ramdisk_addr_r} \${prefix}uInitrd
load mmc 0:1 \${fdt_addr_r} \${prefix}\${fdtfile}
booti \${kernel_addr_r} \${ramdisk_addr_r}:0x100 \${fdt_addr_r}
setenv bootargs never
`;
  const files = {
    '/boot/uEnv.txt': 'who=me\r\nroot=/dev/mmcblk0p1\nfdtfile=a.dtb\n',
    '/boot/Image': '',
    '/boot/uInitrd': '',
    '/boot/a.dtb': '',
  };
  const entry = runBootScript(script, '/boot/boot.scr', '/boot/', world(files));
  assert.deepEqual([entry.kernel, entry.initrd, entry.dtb], ['/boot/Image', '/boot/uInitrd', '/boot/a.dtb']);
  assert.match(entry.bootargs, /^root=\/dev\/mmcblk0p1 a b quiet/);
  const again = 'setenv a "$a$a"\n';
  const doubling = `setenv a x\n${again.repeat(100)}setenv bootargs "\${a}"\n`;
  assert.equal(runBootScript(doubling, 'f', '/', world({})).bootargs.length, 1 << 16);
});

test('GRUB: the default by number and by title, variables, submenus', () => {
  const menu = `set x=1
menuentry "A" {
  linux /a root=/dev/\${disk}
}
submenu 'more' {
  menuentry 'A, old' {
    linux /old
  }
}
menuentry 'B' --id b {
  linux /b root="UUID=1" quiet # a comment
  initrd /b.img
  devicetree /b.dtb
}
`;
  const [a, old, b] = parseGrub(`set default="1"\n${menu}`, 'grub.cfg');
  assert.deepEqual([a?.isDefault, old?.isDefault, b?.isDefault], [false, false, true]);
  assert.deepEqual(
    [b?.kernel, b?.initrd, b?.dtb, b?.bootargs],
    ['/b', '/b.img', '/b.dtb', 'root=UUID=1 quiet'],
  );
  const byTitle = parseGrub(`set default='A'\nset default="\${saved_entry}"\n${menu}`, 'grub.cfg');
  assert.deepEqual(
    byTitle.map((entry) => entry.isDefault),
    [true, false, false],
  );
  const doubling = `set a=x\n${'set a="$a$a"\n'.repeat(100)}menuentry x {\nlinux /k $a\n}\n`;
  assert.equal(parseGrub(doubling, 'f')[0]?.bootargs.length, 1 << 16);
});

test('config.txt: sections for other boards are passed over', () => {
  const entry = parseConfigTxt(
    '[pi3]\nkernel=no\n[all]\nkernel=vmlinuz # mine\ninitramfs initrd.img followkernel\ndevice_tree=b.dtb\nos_prefix=new/\n',
    'config.txt',
    'root=PARTUUID=1-02 rootwait\n',
  );
  assert.deepEqual([entry.kernel, entry.initrd, entry.dtb], ['new/vmlinuz', 'new/initrd.img', 'new/b.dtb']);
  assert.equal(rootOf(entry.bootargs), 'PARTUUID=1-02');
  assert.equal(rootOf('root=/dev/a quiet root=/dev/b'), '/dev/b');
  assert.equal(rootOf('noroot=1'), undefined);
});
