/**
 * U-Boot's boot commands (cmd/booti.c, cmd/bootefi.c, boot/bootm.c, boot/image-board.c, boot/image-fdt.c): `booti`, `bootm`, `bootefi`,
 * `go`. One whose kernel, ramdisk or tree was not loaded fails.
 */
import { isAndroidBoot } from '../boot-image/android.ts';
import type { ByteSource } from '../bytes/source.ts';
import { isLegacyImage } from '../uboot/legacy-image.ts';
import { type Call, DONE, type Doubts, type Status, SURE, together } from './shell-machine.ts';
import { ADDRESS_BASE } from './u-boot-commands.ts';
import { UBootEnvironment } from './u-boot-environment.ts';
import { addressOf, type Loaded } from './u-boot-memory.ts';

export interface Booted {
  readonly kernel: Loaded | undefined;
  /** Of a FIT: its name, and behind `#` those of configurations whose overlays are laid over its tree. */
  readonly configuration: string | undefined;
  /** `-`: none, not even the FIT's. */
  readonly hasNoInitrd: boolean;
  readonly initrd: Loaded | undefined;
  readonly tree: Loaded | undefined;
  readonly doubts: Doubts;
  /** Why the ramdisk, or the tree, may be another or none. */
  readonly initrdDoubts: Doubts;
  readonly treeDoubts: Doubts;
}

/** Why something is in doubt, at the boot command. */
type Problem = (reason: string, kind?: 'board' | 'unread') => Doubts;

export abstract class UBootBooting extends UBootEnvironment {
  protected booted: Booted | undefined;
  /** The first boot command that would have failed; where none succeeds, it is the best guess. */
  protected failed: Booted | undefined;
  /** The first boot command whose kernel was missing. */
  protected gone: { readonly path: string; readonly doubts: Doubts } | undefined;

  protected boot({ name, args, statement }: Call): Status {
    const texts = args.map(({ text }) => text);
    const isEfi = name === 'bootefi' || name === 'go';
    // Without an address it is the one of the last image that was not given another (U-Boot, env/callback, loadaddr).
    const kernelAt = texts[0] ?? (isEfi ? '' : this.get('loadaddr', statement.line).text);
    const hasEfiRamdisk = isEfi && texts[1]?.includes(':') === true;
    const initrdText = isEfi && !hasEfiRamdisk ? '-' : (texts[1] ?? '-');
    const treeText = (isEfi && !hasEfiRamdisk ? texts[1] : texts[2]) ?? '-';
    const doubts = together(...args.map((value) => value.doubts));
    const problem: Problem = (reason, kind = 'board') =>
      this.doubt(statement.line, statement.text, reason, kind);
    const kernel = this.at(kernelAt);
    if (kernel === undefined) {
      const gone = this.missing.get(addressOf(kernelAt) ?? -1n);
      this.gone ??= gone && {
        ...gone,
        doubts: together(
          this.overall,
          gone.doubts,
          problem(`is given the kernel ${gone.path}, which is not there`),
        ),
      };
      return { ok: false, doubts };
    }
    const isArm32 =
      name === 'bootz' ? problem('starts the zImages of 32-bit processors alone', 'unread') : SURE;
    const initrd = this.#initrdOf(initrdText, kernel, kernelAt, problem);
    const tree =
      treeText === '-'
        ? withoutTree(kernel, isEfi, problem)
        : this.#treeOf(treeText, kernel, kernelAt, problem);
    const booted: Booted = {
      kernel,
      configuration: /#(.*)$/.exec(kernelAt)?.[1],
      hasNoInitrd: name === 'bootm' && texts[1] === '-',
      initrd: initrd.loaded,
      tree: tree.loaded,
      doubts: together(
        this.overall,
        doubts,
        isArm32,
        kernel.file === undefined ? problem('boots what is in no file here') : SURE,
        kernel.overwrittenBy === undefined
          ? SURE
          : problem(`boots ${kernel.file?.path ?? ''}, over which ${kernel.overwrittenBy} was loaded`),
        isTreeOrNone(kernel) && /:\D/.test(kernelAt)
          ? problem('takes parts of a FIT image by their names, which is not followed', 'unread')
          : SURE,
      ),
      initrdDoubts: initrd.doubts,
      treeDoubts: tree.doubts,
    };
    if (initrd.fails || tree.fails) {
      this.failed ??= booted;
      return { ok: false, doubts };
    }
    this.booted = booted;
    this.end();
    return DONE;
  }

  #initrdOf(text: string, kernel: Loaded, kernelAt: string, problem: Problem): Part {
    if (text === '-') return NO_PART;
    const loaded = this.at(text);
    if (loaded === undefined) {
      const path = this.missing.get(addressOf(text) ?? -1n)?.path ?? 'of an address where none was loaded';
      return {
        loaded,
        fails: true,
        doubts: problem(`is given the ramdisk ${path}, which is not there`),
      };
    }
    const doubts = overlap(loaded, text, 'ramdisk', kernel, kernelAt, problem);
    const { source } = loaded;
    if (source === undefined) return { loaded, fails: false, doubts };
    if (isTree(source)) return ofFit(text, loaded, kernel, kernelAt, together(doubts), problem);
    if (isLegacyImage(source.read(0, 4))) return { loaded, fails: false, doubts };
    const size = /:(?:0x)?([0-9a-f]+)$/i.exec(text)?.[1];
    const sizeBytes = size === undefined ? 0 : Number.parseInt(size, 16);
    const cut = !text.includes(':')
      ? problem('needs the size of a ramdisk without a header', 'unread')
      : sizeBytes < source.sizeBytes
        ? problem(
            `takes ${sizeBytes} bytes of the ramdisk ${loaded.file?.path ?? ''}, which has ${source.sizeBytes}`,
          )
        : SURE;
    return { loaded, fails: false, doubts: together(cut, doubts) };
  }

  #treeOf(text: string, kernel: Loaded, kernelAt: string, problem: Problem): Part {
    const there = this.at(text);
    const isNone = there?.source !== undefined && !hasHeader(there.source);
    const loaded = isNone ? undefined : there;
    const doubts = overlap(loaded, text, 'tree', kernel, kernelAt, problem);
    if (loaded === undefined) {
      // A tree that no load was for is the firmware's own.
      const path = this.missing.get(addressOf(text) ?? -1n)?.path;
      const other = isNone
        ? `finds ${there?.file?.path ?? 'something else'} where its tree should be`
        : "is given a tree that is in no file here, such as the firmware's";
      const reason = path === undefined ? other : `is given the tree ${path}, which is not there`;
      return { loaded, fails: path !== undefined || isNone, doubts: together(problem(reason), doubts) };
    }
    if (loaded.damagedBy !== undefined) {
      const reason = `is given a tree that ${loaded.damagedBy}, which does not apply, has made invalid`;
      return { loaded, fails: true, doubts: together(problem(reason), doubts) };
    }
    if (/[#:]/.test(text)) return ofFit(text, loaded, kernel, kernelAt, doubts, problem);
    return { loaded, fails: false, doubts };
  }
}

/** A ramdisk, or a tree, and whether the boot command fails for it. */
interface Part {
  readonly loaded: Loaded | undefined;
  readonly fails: boolean;
  readonly doubts: Doubts;
}

const NO_PART: Part = { loaded: undefined, fails: false, doubts: SURE };

/** A FIT and an image of several parts have one of their own, and programs of UEFI's get the firmware's. */
function withoutTree({ source }: Loaded, isEfi: boolean, problem: Problem): Part {
  if (source === undefined || hasHeader(source) || isAndroidBoot(source.read(0, 8))) return NO_PART;
  const reason = isEfi
    ? "is given no tree, so that it is the firmware's own"
    : 'is given no tree, without which an arm64 kernel does not start';
  return { ...NO_PART, doubts: problem(reason) };
}

/** Out of a FIT: what its configuration has, where it is the kernel's; others are not followed. */
function ofFit(
  text: string,
  loaded: Loaded,
  kernel: Loaded,
  kernelAt: string,
  doubts: Doubts,
  problem: Problem,
): Part {
  const nameIn = (address: string): string => /[#:].*$/.exec(address)?.[0] ?? '';
  if (loaded === kernel && nameIn(text) === nameIn(kernelAt)) return { ...NO_PART, doubts };
  const reason = 'takes parts of a FIT image by their names, which is not followed';
  return { ...NO_PART, doubts: together(doubts, problem(reason, 'unread')) };
}

/** What lies where the kernel unfolds, or was loaded over. */
function overlap(
  loaded: Loaded | undefined,
  at: string,
  role: string,
  kernel: Loaded,
  kernelAt: string,
  problem: Problem,
): Doubts {
  const room = kernelRoom(addressOf(kernelAt) ?? 0n, kernel);
  const [base, sizeBytes] = [addressOf(at) ?? 0n, loaded?.source?.sizeBytes ?? 0];
  const path = loaded?.file?.path ?? '';
  const isInside =
    room !== undefined && sizeBytes > 0 && base < room.end && base + BigInt(sizeBytes) > room.base;
  return together(
    isInside ? problem(`has the ${role} ${path} in memory that the kernel takes`) : SURE,
    loaded?.overwrittenBy === undefined
      ? SURE
      : problem(`is given the ${role} ${path}, over which ${loaded.overwrittenBy} was loaded`),
  );
}

/** What an Image takes from where it was loaded, by its header; an address of the board's own choice is in nobody's way. */
function kernelRoom(
  base: bigint,
  { source }: Loaded,
): { readonly base: bigint; readonly end: bigint } | undefined {
  if (source === undefined || base >= ADDRESS_BASE || source.sizeBytes < 64) return undefined;
  const header = source.read(0, 64);
  const isImage = new TextDecoder('latin1').decode(header.subarray(56, 60)) === 'ARM\x64';
  if (!isImage) return undefined;
  const size = new DataView(header.buffer, header.byteOffset, header.byteLength).getBigUint64(16, true);
  return { base, end: base + size };
}

function isTreeOrNone({ source }: Loaded): boolean {
  return source !== undefined && isTree(source);
}

/** A ramdisk or a tree that U-Boot knows by itself: its own wrapper, a FIT, a device tree. */
function hasHeader(source: ByteSource): boolean {
  return isLegacyImage(source.read(0, 4)) || isTree(source);
}

/** A device tree, or a FIT image, which is one. */
export function isTree(source: ByteSource): boolean {
  const head = source.read(0, 2);
  return head[0] === 0xd0 && head[1] === 0x0d;
}
