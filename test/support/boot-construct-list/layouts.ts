/** What the constructs of several loaders have in common: places of configurations, and kernels `a` and `b` as a loader names them. */
import { writeDtb } from '../../../src/devicetree/index.ts';
import { FOREIGN, OVERLAY, ramdisk, tree } from '../boot-constructs.ts';
import { smallImage } from '../kernel-image.ts';
import { type NodeLiteral, treeOf } from '../tree-literal.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
export const FOLLOWED = { answer: 'followed', kernel: 'a', tree: 'a', codes: [] } as const;
export const extlinux = (text: string) => ({ 'boot/extlinux/extlinux.conf': text });
export const A = ' kernel /boot/Image-a\n fdt /boot/a.dtb\n append root=/dev/sda1\n';
export const B = ' kernel /boot/Image-b\n fdt /boot/b.dtb\n append x\n';

/** With a command line, in the first of its lines. */
export const script = (text: string, more = {}) => ({
  'boot/boot.cmd': `setenv bootargs x; ${text}`,
  ...more,
});
export const LOAD =
  'load mmc 0:1 ${kernel_addr_r} /boot/Image-${w}\nload mmc 0:1 ${fdt_addr_r} /boot/${w}.dtb\n';
export const BOOT = 'booti ${kernel_addr_r} - ${fdt_addr_r}\n';
export const LOAD_AND_BOOT = `${LOAD}${BOOT}`;

export const grub = (text: string, more = {}) => ({ 'boot/grub/grub.cfg': text, ...more });
export const ENTRY_B =
  "menuentry 'New' --class debian --id new {\n linux /boot/Image-b x\n devicetree /boot/b.dtb\n}\n";
export const ENTRY_A =
  "menuentry 'Old' --class debian $menuentry_id_option 'old' {\n linux /boot/Image-a root=\"UUID=1\" quiet # a comment\n initrd /boot/rd-b.cpio /boot/rd-a.cpio\n devicetree /boot/a.dtb\n}\n";
export const MENU = `${ENTRY_B}submenu 'More' --id more {\n${ENTRY_A}}\nmenuentry 'Rescue' {\n linux /boot/Image-b rescue\n}\n`;
export const HEAD =
  'if [ -s $prefix/grubenv ]; then\n  set have_grubenv=true\n  load_env\nfi\nif [ x"${feature_menuentry_id}" = xy ]; then\n menuentry_id_option="--id"\nelse\n menuentry_id_option=""\nfi; export menuentry_id_option\n';
export const OLD = { ...FOLLOWED, initrds: ['rd-b', 'rd-a'], bootargs: 'root=UUID=1 quiet' } as const;

/** What is particular about a FIT. */
export interface FitOptions {
  readonly default?: string;
  /** The one configuration that is in it. */
  readonly only?: string;
  /** Whether configurations say which boards they are for. */
  readonly isForBoards?: boolean;
}

/**
 * Two kernels, a ramdisk each, trees, and configurations that join them; `o` with an overlay, `f` with one that does not
 * apply, `l` with lzo, `e` encrypted, `x` an overlay alone.
 */
export function fit(options: FitOptions = {}): Uint8Array {
  const image = (type: string, data: Uint8Array, compression = 'none'): NodeLiteral => ({
    type,
    compression,
    data,
  });
  const kernel = (name: string, release: string) => ({ [name]: image('kernel', smallImage(release, 2048)) });
  const board = (name: string) => (options.isForBoards === true ? { compatible: `test,${name}` } : {});
  const configurations: Readonly<Record<string, NodeLiteral>> = {
    a: { kernel: 'ka', fdt: 'ta', ramdisk: 'ra', ...board('a') },
    b: { kernel: 'kb', fdt: 'tb', ...board('b') },
    o: { kernel: 'ka', fdt: new TextEncoder().encode('ta\0on\0') },
    f: { kernel: 'ka', fdt: new TextEncoder().encode('ta\0fo\0') },
    x: { fdt: 'on' },
    l: { kernel: 'kl', fdt: 'ta' },
    e: { kernel: 'ke', fdt: 'ta' },
  };
  const { only } = options;
  return writeDtb(
    treeOf({
      images: {
        ...kernel('ka', '6.1.0-1-arm64'),
        ...kernel('kb', '6.1.0-2-arm64'),
        kl: image('kernel', Uint8Array.from([0x89, 0x4c, 0x5a, 0x4f, 0, 1, 2, 3]), 'lzo'),
        ra: image('ramdisk', ramdisk('rd-a')),
        ta: image('flat_dt', tree('a')),
        tb: image('flat_dt', tree('b')),
        ke: { ...image('kernel', smallImage('6.1.0-1-arm64', 2048)), cipher: { algo: 'aes128' } },
        on: image('flat_dt', OVERLAY),
        fo: image('flat_dt', FOREIGN),
      },
      configurations: {
        default: options.default ?? 'b',
        ...(only === undefined ? configurations : { [only]: configurations[only] ?? {} }),
      },
    }),
  );
}
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
