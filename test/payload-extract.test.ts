/** `payload extract` over images made with Debian's own tools, sound ones and ones with a deliberate mistake. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { runCommandLine } from '../src/cli/program.ts';
import { firstTreeDifference, readDtb } from '../src/devicetree/index.ts';
import { nodeHost } from '../src/node/host.ts';
import {
  bytesSource,
  type ExtractReport,
  extractPayload,
  inspect,
  printInspection,
} from '../src/payload/index.ts';
import {
  ARMBIAN_RELEASE,
  ARMBIAN_ROOT_UUID,
  armbianLayout,
  compress,
  type Layout,
  smallInitrd,
  Workbench,
} from './support/board-image.ts';
import { androidBoot, sparseOf } from './support/boot-images.ts';
import { debianBoards } from './support/debian.ts';
import { textsOf } from './support/fixtures.ts';
import { smallImage } from './support/kernel-image.ts';
import { runOracle } from './support/oracles.ts';

const bench = new Workbench();
after(() => bench.remove());
const host = nodeHost();
const dtb = new Uint8Array(readFileSync((await debianBoards()).get('meson-sm1-odroid-c4.dtb') ?? ''));
const EXT_FLAGS = ['-L', 'armbi_root', '-U', ARMBIAN_ROOT_UUID];

let outputs = 0;
interface Extracted {
  readonly report: ExtractReport | undefined;
  readonly said: readonly string[];
  readonly read: (name: string) => Uint8Array;
  readonly directory: string;
}

async function extract(
  source: string,
  request: { kernel?: string; dtb?: string; limitBytes?: number } = {},
): Promise<Extracted> {
  const sink = new DiagnosticSink();
  const directory = bench.path(`out-${outputs++}`);
  const report = await extractPayload(host, { source, outputDirectory: directory, ...request }, sink);
  const said = textsOf(sink).map((text) => text.split('\n')[0]?.replaceAll(bench.directory, '<tmp>') ?? '');
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.startsWith('.')),
    [],
    'nothing temporary is left',
  );
  return { report, said, directory, read: (name) => new Uint8Array(readFileSync(`${directory}/${name}`)) };
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function armbian(
  changes: Record<string, Layout[string] | undefined> = {},
  flags: readonly string[] = EXT_FLAGS,
): string {
  const layout: Record<string, Layout[string] | undefined> = { ...armbianLayout(bench, dtb), ...changes };
  const kept = Object.entries(layout).filter(
    (entry): entry is [string, Layout[string]] => entry[1] !== undefined,
  );
  return bench.ext(bench.lay(Object.fromEntries(kept)), 16, flags);
}

const ARMBIAN_BOOTARGS = `root=UUID=${ARMBIAN_ROOT_UUID} rootwait rootfstype=ext4 console=ttyAML0,115200 console=tty1 loglevel=7 cma=256M`;

test('an Armbian-like image: the pair that boots, out of its wrappers, and where its root is', async () => {
  const image = bench.disk('dos', [armbian()]);
  const before = hashOf(image);
  const { report, said, read } = await extract(image);
  assert.deepEqual(said, []);
  assert.ok(report !== undefined);
  assert.equal(report.chosen.release, ARMBIAN_RELEASE);
  assert.equal(report.chosen.why, '/boot/boot.scr boots "boot.scr"');
  assert.equal(report.chosen.kernel, 'partition 1: /boot/vmlinuz-6.6.16-current-meson64');
  assert.equal(report.chosen.initrd, 'partition 1: /boot/uInitrd-6.6.16-current-meson64');
  assert.equal(
    report.chosen.dtb,
    'partition 1: /boot/dtb-6.6.16-current-meson64/amlogic/meson-sm1-odroid-c4.dtb',
  );
  assert.equal(report.chosen.bootargs, ARMBIAN_BOOTARGS);
  assert.equal(report.chosen.rootVolume, 'partition 1');
  assert.deepEqual(report.volumes, [
    { name: 'partition 1', kind: 'ext4', label: 'armbi_root', uuid: ARMBIAN_ROOT_UUID },
  ]);
  assert.deepEqual(read('Image'), smallImage(ARMBIAN_RELEASE, 100_000));
  assert.deepEqual(read('initrd'), new Uint8Array(compress('zstd', smallInitrd(ARMBIAN_RELEASE))));
  assert.deepEqual(read('meson-sm1-odroid-c4.dtb'), dtb);
  assert.equal(new TextDecoder().decode(read('config')), 'CONFIG_ARM64=y\n');
  assert.equal(hashOf(image), before, 'the source is not written to');
  const seen = printInspection(
    await inspect(bytesSource('image', new Uint8Array(readFileSync(image))), new DiagnosticSink()),
  );
  assert.match(
    seen,
    /^image: disk, 18 MiB\n {2}table: mbr\n {2}partition 1: ext4, 16 MiB\n {4}offset: 0x100000\n {4}type: 0x83\n {4}partuuid: 1234abcd-01\n {4}label: armbi_root\n/,
  );
});

test('the same image compressed in every way, and as a directory and a tar', async () => {
  const image = bench.disk('dos', [armbian()]);
  const sources = ['gzip', 'xz', 'zstd', 'bzip2'].map((program) => {
    const path = bench.path(`image.${program}`);
    writeFileSync(path, compress(program, new Uint8Array(readFileSync(image))));
    return path;
  });
  const root = bench.lay(armbianLayout(bench, dtb));
  for (const [name, flags] of [
    ['gnu.tar', '--format=gnu'],
    ['pax.tar', '--format=pax'],
    ['ustar.tar', '--format=ustar'],
  ] as const) {
    assert.equal(runOracle('tar', [flags, '-cf', bench.path(name), '-C', root, '.']).status, 0);
    sources.push(bench.path(name));
  }
  assert.equal(runOracle('tar', ['-czf', bench.path('root.tgz'), '-C', root, '.']).status, 0);
  for (const source of [...sources, bench.path('root.tgz'), root]) {
    const { report, said } = await extract(source);
    assert.deepEqual(said, [], source);
    assert.equal(report?.chosen.release, ARMBIAN_RELEASE, source);
    assert.equal(report?.chosen.bootargs, ARMBIAN_BOOTARGS, source);
  }
});

test('every kind of ext filesystem that mke2fs makes', async () => {
  for (const flags of [
    ['-b', '1024'],
    ['-t', 'ext2'],
    ['-t', 'ext3', '-b', '2048'],
    ['-O', '^extents,^64bit'],
    ['-O', 'inline_data', '-I', '512'],
    ['-O', 'meta_bg,^resize_inode'],
    ['-O', 'bigalloc'],
    ['-I', '128', '-O', '^metadata_csum'],
  ]) {
    const { report, said, read } = await extract(armbian({}, [...EXT_FLAGS, ...flags]));
    assert.deepEqual(said, [], flags.join(' '));
    assert.equal(report?.chosen.initrd, 'ext4: /boot/uInitrd-6.6.16-current-meson64', flags.join(' '));
    assert.deepEqual(read('Image'), smallImage(ARMBIAN_RELEASE, 100_000), flags.join(' '));
  }
});

test('GPT with a FAT boot partition and extlinux; root by PARTUUID; long names; FAT12, 16 and 32', async () => {
  const root = bench.lay({
    'etc/hostname': 'b',
    'usr/lib/modules/6.1.0-9-arm64/kernel/x.ko': 'x',
    lib: { link: 'usr/lib' },
  });
  const rootImage = bench.ext(root, 8);
  for (const [bits, sizeMib] of [
    ['12', 4],
    ['16', 16],
    ['32', 64],
  ] as const) {
    const boot = (partuuid: string): Layout => ({
      'extlinux/extlinux.conf': `default two\nlabel one\n kernel /Image.gz\n initrd /initrd.img-6.1.0-9-arm64\n fdt /dtbs/board.dtb\n append root=PARTUUID=${partuuid} ro\nlabel two\n kernel ../Image.gz\n initrd ../initrd.img-6.1.0-9-arm64\n fdt ../dtbs/a-board-with-a-long-name.dtb\n append root=PARTUUID=${partuuid} rw quiet\n`,
      'Image.gz': compress('gzip', smallImage('6.1.0-9-arm64', 70_000)),
      'initrd.img-6.1.0-9-arm64': compress('xz', smallInitrd('6.1.0-9-arm64')),
      'dtbs/board.dtb': dtb,
      'dtbs/a-board-with-a-long-name.dtb': dtb,
    });
    const first = bench.disk('gpt', [bench.fat(boot('x'), sizeMib, ['-F', bits]), rootImage]);
    const probe = runOracle('sfdisk', ['--part-uuid', first, '2']).stdout.toString().trim().toLowerCase();
    const image = bench.disk('gpt', [bench.fat(boot(probe), sizeMib, ['-F', bits]), rootImage]);
    assert.equal(runOracle('sfdisk', ['-q', '--part-uuid', image, '2', probe]).status, 0);
    const { report, said, read } = await extract(image);
    assert.deepEqual(said, [], `FAT${bits}`);
    assert.equal(report?.chosen.dtb, 'partition 1: /dtbs/a-board-with-a-long-name.dtb');
    assert.equal(report?.chosen.rootVolume, 'partition 2');
    assert.equal(report?.chosen.bootargs, `root=PARTUUID=${probe} rw quiet`);
    assert.deepEqual(read('Image'), smallImage('6.1.0-9-arm64', 70_000));
    if (bits !== '16') continue;
    const damaged = bench.copy(image, 'damaged-gpt');
    assert.equal(
      runOracle('dd', [
        'if=/dev/urandom',
        `of=${damaged}`,
        'bs=512',
        'seek=2',
        'count=1',
        'conv=notrunc',
        'status=none',
      ]).status,
      0,
    );
    const rescued = await extract(damaged);
    assert.equal(rescued.report?.chosen.release, '6.1.0-9-arm64');
    assert.deepEqual(rescued.said, [
      "<tmp>/damaged-gpt@0x200: warning[payload/gpt-backup]: the GUID partition table is damaged (its entries' CRC32 does not agree); its backup is used",
    ]);
  }
});

test('GRUB on a root with its own /boot partition', async () => {
  const grub = `set default="0"\nmenuentry 'Debian GNU/Linux' --class debian {\n\tlinux\t/vmlinuz-6.1.0-9-arm64 root=/dev/mmcblk0p2 ro  quiet\n\tinitrd\t/initrd.img-6.1.0-9-arm64\n}\nsubmenu 'Advanced' {\n\tmenuentry 'old' {\n\t\tlinux /vmlinuz-6.1.0-8-arm64 root=/dev/mmcblk0p2 single\n\t\tinitrd /initrd.img-6.1.0-8-arm64\n\t}\n}\n`;
  const boot = bench.ext(
    bench.lay({
      'grub/grub.cfg': grub,
      'vmlinuz-6.1.0-9-arm64': smallImage('6.1.0-9-arm64'),
      'initrd.img-6.1.0-9-arm64': smallInitrd('6.1.0-9-arm64'),
      'vmlinuz-6.1.0-8-arm64': smallImage('6.1.0-8-arm64'),
      'initrd.img-6.1.0-8-arm64': smallInitrd('6.1.0-8-arm64'),
    }),
    8,
  );
  const root = bench.ext(
    bench.lay({
      'etc/hostname': 'b',
      'usr/lib/modules/6.1.0-9-arm64/kernel/x.ko': 'x',
      'usr/lib/modules/6.1.0-8-arm64/kernel/x.ko': 'x',
      'usr/lib/linux-image-6.1.0-9-arm64/amlogic/board.dtb': dtb,
    }),
    8,
  );
  const image = bench.disk('gpt', [boot, root]);
  const { report, said } = await extract(image);
  assert.deepEqual(said, [
    'partition 1: /grub/grub.cfg: warning[payload/boot-doubt]: "Debian GNU/Linux" names no tree, so that the firmware\'s own is given; ' +
      '/usr/lib/linux-image-6.1.0-9-arm64/amlogic/board.dtb is the only one here; what is said of the device tree is a guess',
  ]);
  assert.equal(report?.chosen.certainty, 'guess');
  assert.equal(report?.chosen.why, '/grub/grub.cfg boots "Debian GNU/Linux"');
  assert.equal(report?.chosen.bootargs, 'root=/dev/mmcblk0p2 ro quiet');
  assert.equal(report?.chosen.rootVolume, 'partition 2');
  assert.equal(report?.chosen.dtb, 'partition 2: /usr/lib/linux-image-6.1.0-9-arm64/amlogic/board.dtb');
  const old = await extract(image, { kernel: '6.1.0-8-arm64' });
  assert.equal(old.report?.chosen.initrd, 'partition 1: /initrd.img-6.1.0-8-arm64');
  assert.equal(old.report?.chosen.bootargs, 'root=/dev/mmcblk0p2 single');
});

test('a root with a kernel where Debian has it since Linux 7: below /usr/lib/modules, with its trees', async () => {
  const release = '7.2.13+deb14-arm64';
  const own = `usr/lib/modules/${release}`;
  const layout = {
    'etc/hostname': 'b',
    [`${own}/vmlinuz`]: smallImage(release),
    [`${own}/config`]: 'CONFIG_ARM64=y\n',
    [`${own}/kernel/x.ko`]: 'x',
    [`${own}/dtb/amlogic/board.dtb`]: dtb,
  };
  const { report, said, read } = await extract(bench.ext(bench.lay(layout), 8));
  assert.deepEqual(said, []);
  assert.equal(report?.chosen.release, release);
  assert.match(report?.chosen.kernel ?? '', /\/usr\/lib\/modules\/\S+\/vmlinuz$/);
  assert.match(report?.chosen.dtb ?? '', /\/dtb\/amlogic\/board\.dtb$/);
  assert.equal(new TextDecoder().decode(read('config')), 'CONFIG_ARM64=y\n');
  const installed = bench.lay({ ...layout, [`boot/vmlinuz-${release}`]: smallImage(release) });
  const kernels = (await extract(bench.ext(installed, 8))).report?.kernels.map(({ path }) => path);
  assert.deepEqual(
    kernels,
    [`ext4: /boot/vmlinuz-${release}`],
    'the copy that is installed is the one that boots',
  );
});

test('one mismatch of each kind is found and named', async () => {
  const other = bench.uboot('ramdisk', smallInitrd('6.1.77-current-meson64'));
  const uInitrd = 'boot/uInitrd-6.6.16-current-meson64';
  const wrongInitrd = await extract(armbian({ [uInitrd]: other }));
  assert.deepEqual(wrongInitrd.said, [
    'ext4: /boot/uInitrd-6.6.16-current-meson64: error[payload/initrd-of-other-kernel]: ' +
      '/boot/uInitrd-6.6.16-current-meson64 has modules for 6.1.77-current-meson64, but the kernel is Linux 6.6.16-current-meson64',
  ]);
  const vmlinuz = 'boot/vmlinuz-6.6.16-current-meson64';
  const wrongKernel = await extract(armbian({ [vmlinuz]: smallImage('6.6.31-current-meson64') }));
  assert.deepEqual(wrongKernel.said, [
    'ext4: /boot/uInitrd-6.6.16-current-meson64: error[payload/initrd-of-other-kernel]: ' +
      '/boot/uInitrd-6.6.16-current-meson64 has modules for 6.6.16-current-meson64, but the kernel is Linux 6.6.31-current-meson64',
    'ext4: /boot/vmlinuz-6.6.16-current-meson64: warning[payload/kernel-misnamed]: ' +
      '/boot/vmlinuz-6.6.16-current-meson64 is called 6.6.16-current-meson64 but is Linux 6.6.31-current-meson64',
    'ext4: /boot/vmlinuz-6.6.16-current-meson64: warning[payload/kernel-without-modules]: ' +
      'Linux 6.6.31-current-meson64 has no modules here; there are modules for 6.6.16-current-meson64',
    'ext4: /lib/modules/6.6.16-current-meson64: note[payload/modules-without-kernel]: ' +
      'there are modules for 6.6.16-current-meson64, but no such kernel',
  ]);
  const extlinux = 'label a\n kernel /boot/Image-gone\n fdtdir /boot/dtb\n append root=UUID=0000-FFFF\n';
  const missing = await extract(armbian({ 'boot/extlinux/extlinux.conf': extlinux }));
  assert.deepEqual(missing.said, [
    'ext4: /boot/extlinux/extlinux.conf: warning[payload/boot-file-missing]: "a" boots the kernel /boot/Image-gone, which is not there',
    'ext4: /boot/extlinux/extlinux.conf: warning[payload/boot-doubt]: "label a" does not boot, for a file is missing or an overlay does not apply, and no other label does; what is said of the kernel is a guess',
  ]);
  const moved = await extract(armbian({}, ['-L', 'armbi_root']));
  assert.deepEqual(moved.said, [
    `/boot/boot.scr: warning[payload/root-not-found]: the kernel is told root=UUID=${ARMBIAN_ROOT_UUID}, which none of the filesystems here is`,
  ]);
  const noTree = await extract(armbian({ 'boot/armbianEnv.txt': 'verbosity=1\nfdtfile=none.dtb\n' }));
  assert.deepEqual(noTree.said, [
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's variables look so.
    'ext4: /boot/boot.scr:13: note[payload/known-on-board]: "${extraargs}" is set by nothing here, so that it is the board\'s or empty; the command line depends on it',
    'ext4: /boot/boot.scr:17: warning[payload/boot-doubt]: "booti ${kernel_addr_r} ${ramdisk_addr_r} ${fdt_addr_r}" is given the tree /boot/dtb/none.dtb, which is not there; what is said of the device tree is a guess',
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
    'warning[payload/dtb-not-chosen]: the boot configuration names none of the 2 device trees, so none is taken',
  ]);
  const bigEndian = smallImage(ARMBIAN_RELEASE);
  bigEndian[24] = (bigEndian[24] ?? 0) | 1;
  assert.deepEqual((await extract(armbian({ [vmlinuz]: bigEndian }))).said, [
    'ext4: /boot/vmlinuz-6.6.16-current-meson64: warning[payload/kernel-big-endian]: ' +
      '/boot/vmlinuz-6.6.16-current-meson64 is a big-endian kernel, which neither seL4 guests nor their monitors support',
  ]);
  assert.deepEqual((await extract(armbian({ [vmlinuz]: 'not a kernel' }))).said, [
    'error[payload/no-kernel]: no arm64 kernel was found in ext4',
  ]);
  assert.deepEqual((await extract(armbian(), { kernel: 'nosuch' })).said, [
    'error[payload/kernel-not-found]: no kernel is called nosuch; there are /boot/vmlinuz-6.6.16-current-meson64',
  ]);
  assert.deepEqual((await extract(armbian(), { dtb: 'nosuch.dtb' })).said, [
    'error[payload/dtb-not-found]: no device tree is called nosuch.dtb; 2 others are there',
  ]);
});

test('hostile images are refused: cut short, too large, of another kind, bombs', async () => {
  const image = bench.disk('dos', [armbian()]);
  const cut = bench.copy(image, 'cut');
  assert.equal(runOracle('truncate', ['-s', '4M', cut]).status, 0);
  const { said } = await extract(cut);
  assert.equal(
    said[0],
    '<tmp>/cut@0x100000: error[payload/partition-outside]: partition 1 ends 13 MiB behind the end of the image',
  );
  assert.match(
    said[1] ?? '',
    /^<tmp>\/cut: partition 1@0x400: error\[payload\/cut-short\]: the ext4 filesystem is cut short: 13 MiB more/,
  );
  const bomb = bench.path('bomb.xz');
  assert.equal(runOracle('sh', ['-c', 'head -c 300M /dev/zero | xz -0 > "$1"', 'sh', bomb]).status, 0);
  assert.deepEqual(
    (await extract(bomb, { limitBytes: 1 << 20 })).said.map((text) => text.replace(/@0x\w+/, '')),
    ['<tmp>/bomb.xz: error[payload/too-large]: the xz data holds more than 1 MiB, which is the limit here'],
  );
  const noise = bench.path('noise');
  writeFileSync(noise, new Uint8Array(5000).fill(7));
  assert.deepEqual((await extract(noise)).said, [
    '<tmp>/noise: error[payload/no-filesystem]: no filesystem that can be read here: 4.9 KiB of something else',
  ]);
});

test('overlays that the loader applies are in the tree, as fdtoverlay has them', async () => {
  const base = runOracle('dtc', ['-q', '-@', '-O', 'dtb'], Buffer.from(OVERLAY_BASE)).stdout;
  const overlays = OVERLAYS.map(
    (source) => runOracle('dtc', ['-q', '-@', '-O', 'dtb'], Buffer.from(source)).stdout,
  );
  const paths = [base, ...overlays].map((blob, index) => {
    const path = bench.path(`fdtoverlay-${index}`);
    writeFileSync(path, blob);
    return path;
  });
  const wanted = bench.path('fdtoverlay-out');
  const merged = runOracle('fdtoverlay', ['-i', paths[0] ?? '', '-o', wanted, ...paths.slice(1)]);
  assert.equal(merged.status, 0, merged.stderr);
  const layout: Layout = {
    'etc/hostname': 'b',
    'boot/Image': smallImage('6.1.0-9-arm64'),
    'boot/board.dtb': base,
    'boot/0.dtbo': overlays[0] ?? '',
    'boot/1.dtbo': overlays[1] ?? '',
    'boot/extlinux/extlinux.conf':
      'label a\n kernel /boot/Image\n fdt /boot/board.dtb\n fdtoverlays /boot/0.dtbo /boot/1.dtbo\n append x\n',
  };
  const { report, said, read } = await extract(bench.lay(layout));
  assert.deepEqual(said, []);
  assert.deepEqual(
    report?.chosen.treeChanges.map(({ what, isApplied }) => [what.split(': ')[1], isApplied]),
    [
      ['/boot/0.dtbo', true],
      ['/boot/1.dtbo', true],
    ],
  );
  const tree = (bytes: Uint8Array) => {
    const found = readDtb(bytes, 'tree', new DiagnosticSink());
    assert.ok(found);
    return found;
  };
  const [ours, theirs] = [tree(read('board.dtb')), tree(new Uint8Array(readFileSync(wanted)))];
  assert.equal(firstTreeDifference(ours, theirs, { ordered: false }), undefined);
  assert.equal(report?.chosen.certainty, 'boots');
});

test('sparse images, and boot images that are given by themselves', async () => {
  const image = bench.disk('gpt', [armbian()]);
  const sparse = bench.path('image.simg');
  writeFileSync(sparse, sparseOf(new Uint8Array(readFileSync(image))));
  assert.ok(statSync(sparse).size < statSync(image).size / 2);
  const { report, said } = await extract(sparse);
  assert.deepEqual(said, []);
  assert.equal(report?.chosen.bootargs, ARMBIAN_BOOTARGS);
  const android = bench.path('boot.img');
  writeFileSync(
    android,
    androidBoot({
      version: 2,
      kernel: smallImage('6.1.0-9-arm64'),
      ramdisk: smallInitrd('6.1.0-9-arm64'),
      dtb,
      cmdline: 'x',
    }),
  );
  const single = await extract(android);
  assert.deepEqual(single.said, []);
  assert.deepEqual(single.read('board.dtb'), dtb);
  assert.equal(single.report?.chosen.certainty, 'boots');
  const seen = printInspection(
    await inspect(bytesSource('boot.img', new Uint8Array(readFileSync(android))), new DiagnosticSink()),
  );
  assert.match(seen, /^boot.img: android-boot, .*\n {2}version: 2\n {2}cmdline: x\n {2}kernel: arm64-image/);
  const lzma = bench.path('kernel.lzma');
  writeFileSync(lzma, runOracle('xz', ['--format=lzma', '-c'], smallImage('6.1.0-9-arm64', 60_000)).stdout);
  assert.equal((await extract(lzma)).report?.chosen.release, '6.1.0-9-arm64');
});

test('several ramdisks are written as one, each from a multiple of four on', async () => {
  const early = new Uint8Array([...smallInitrd('6.1.0-9-arm64'), 0]);
  const late = smallInitrd('6.1.0-9-arm64');
  const { read, said } = await extract(
    bench.lay({
      'etc/hostname': 'b',
      'boot/Image': smallImage('6.1.0-9-arm64'),
      'boot/early.cpio': early,
      'boot/late.cpio': late,
      'boot/grub/grub.cfg':
        'menuentry x {\n linux /boot/Image\n initrd /boot/early.cpio /boot/late.cpio\n}\n',
    }),
  );
  assert.deepEqual(said, []);
  assert.deepEqual(read('initrd'), new Uint8Array([...early, 0, 0, 0, ...late]));
});

test('what is said on the command line, in text and in JSON, of a guess', async () => {
  const root = bench.lay({
    'etc/hostname': 'b',
    'boot/Image': smallImage('6.1.0-9-arm64'),
    'boot/boot.cmd':
      'frobnicate\nsetenv bootargs x\nload mmc 0 $kernel_addr_r /boot/Image\nbooti $kernel_addr_r\n',
  });
  const run = async (...args: readonly string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const status = await runCommandLine(['payload', 'extract', ...args], {
      host,
      stdout: { write: (text) => out.push(String(text)) },
      stderr: { write: (text) => err.push(String(text)) },
    });
    return { status, out: out.join(''), err: err.join('') };
  };
  const text = await run(root, '-o', bench.path('said'));
  assert.match(text.out, /^taken {4}a guess: \/boot\/boot.cmd boots "boot.cmd"$/m);
  assert.match(text.out, /^doubt {4}\/boot\/boot.cmd:1: frobnicate is a command that is not known here$/m);
  assert.match(text.err, /\/boot\/boot.cmd:1: warning\[payload\/boot-doubt\]: "frobnicate"/);
  const json = JSON.parse((await run(root, '-o', bench.path('said'), '--json')).out);
  assert.deepEqual(
    [json.chosen.certainty, json.chosen.doubts[0].line, json.chosen.doubts[0].about],
    ['guess', 1, ['kernel']],
  );
  const empty = bench.path('empty.img');
  const script = 'label: gpt\nstart=2048,size=2048\n';
  assert.equal(runOracle('truncate', ['-s', '4M', empty]).status, 0);
  assert.equal(runOracle('sfdisk', ['-q', empty], Buffer.from(script)).status, 0);
  const nothing = await run(empty, '-o', bench.path('said'));
  assert.equal(nothing.status, 1);
  assert.match(nothing.err, /no filesystem and no boot image that is known here in partition 1/);
});

test('a kernel in one partition beside a root that is not read: taken, with a warning and a good end', async () => {
  const configuration = 'label x\n kernel /Image\n append root=/dev/mmcblk0p2\n';
  const layout = { Image: smallImage('6.1.0-9-arm64'), 'extlinux/extlinux.conf': configuration };
  const boot = bench.fat(layout, 4, ['-F', '12']);
  const root = bench.path('root.squashfs');
  const superblock = new Uint8Array(1 << 20);
  superblock.set(new TextEncoder().encode('hsqs'));
  writeFileSync(root, superblock);
  const { report, said } = await extract(bench.disk('gpt', [boot, root]));
  assert.equal(report?.chosen.certainty, 'boots');
  assert.equal(said.length, 1, said.join());
  assert.match(said[0] ?? '', /partition 2: warning\[payload\/partition-unread\]: it holds squashfs/);
});

const OVERLAY_BASE = `/dts-v1/; / { #address-cells = <1>; #size-cells = <1>;
  clk: clock { #clock-cells = <0>; };
  port: serial@1000 { reg = <0x1000 0x100>; status = "disabled"; clocks = <&clk>; };
};`;
const OVERLAYS = [
  '/dts-v1/; /plugin/; &port { status = "okay"; chip: chip { clocks = <&clk>; }; };',
  '/dts-v1/; /plugin/; &chip { rate = <3>; parent = <&port>; };',
];

test('a 4 GiB image is not read into memory', async () => {
  const image = bench.path('large.img');
  const filesystem = armbian({}, EXT_FLAGS);
  assert.equal(runOracle('cp', [filesystem, image]).status, 0);
  assert.equal(runOracle('truncate', ['-s', '4G', image]).status, 0);
  const resized = runOracle('resize2fs', [image]);
  assert.equal(resized.status, 0, resized.stderr);
  const before = process.memoryUsage.rss();
  const { report, said } = await extract(image);
  assert.deepEqual(said, []);
  assert.equal(report?.chosen.release, ARMBIAN_RELEASE);
  assert.ok(process.memoryUsage.rss() - before < 256 << 20);
  assert.ok(existsSync(image));
});
