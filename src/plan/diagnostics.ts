/** What a plan reports: each with what to change in the request. */

import {
  alignUp,
  declareDiagnostics,
  diagnostic,
  formatSize,
  hex,
  type Intid,
  LARGE_PAGE_BYTES,
} from '../base/index.ts';
import { CHANNEL_LIMIT } from '../microkit/index.ts';

export const list = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** Somebody who wants a device, and how it came to that. */
export interface Claim {
  readonly owner: string;
  /** `asked for as "serial0"`, `needed by /soc/… (clocks)`. */
  readonly because: string;
}

const claimsInWords = (claims: readonly Claim[]): string =>
  list(claims.map(({ owner, because }) => `${owner} (${because})`));

/** What the console waits for, and through whom. */
export interface ConsoleWait {
  readonly console: string;
  readonly consumer: string;
  readonly property: string;
  readonly provider: string;
  /** Devices whose clocks' rates nobody knows. */
  readonly clocks: readonly string[];
}

const waiter = (console: string, consumer: string): string => (consumer === console ? 'it' : consumer);

const rateLines = (devices: readonly string[]): string =>
  devices.length === 0
    ? ''
    : `, and its rate: clocks: { ${devices.map((path) => `"${path}": HZ`).join(', ')} }`;

/** More are not named in one message. */
export const NAMED = 16;

/** A device with interrupts that somebody insists on. */
export interface InterruptHolder {
  readonly path: string;
  readonly lines: number;
  readonly user: string;
  readonly property: string;
  readonly source: string;
}

/** A device that nothing drives; by which property another waits for it, or `parent` where it is a part of it. */
export interface Driverless {
  readonly path: string;
  readonly compatible: string;
  readonly property?: string;
}

export interface Undriven {
  readonly owner: string;
  readonly device: string;
  readonly devices: readonly Driverless[];
}

function undrivenText({ owner, device, devices }: Undriven): string {
  const texts = devices.map(({ path, compatible, property }) =>
    path === device ? compatible : `${compatible} (${path}${property === undefined ? '' : `, ${property}`})`,
  );
  const more = texts.length > NAMED ? ` and ${texts.length - NAMED} more` : '';
  const shown = `${list(texts.slice(0, NAMED))}${more}`;
  return devices.some(({ path }) => path === device)
    ? `${device} stays without a driver in ${owner}: neither its kernel nor its ramdisk has one for ${shown}`
    : `${device} waits in ${owner} for what neither its kernel nor its ramdisk has a driver for: ${shown}`;
}

/** What keeps a request from being planned, or is to be known of its plan (`plan/…`). */
export const planCodes = declareDiagnostics('plan', {
  'no-such-device': diagnostic<{
    selector: string;
    owner: string;
    meant: string | undefined;
    noLabels: boolean;
  }>({
    severity: 'error',
    message: ({ selector, owner }) => `${owner}: "${selector}" names no device of the board`,
    hint: ({ meant, noLabels }) =>
      noLabels
        ? 'the tree holds no labels (dtc -@ puts them in); name the device by its path, an alias, a compatible, or its name'
        : meant === undefined
          ? 'a selector is a path, an &label, an alias, a compatible, or a node name; globs are allowed'
          : `did you mean "${meant}"?`,
    explanation: 'A selector of `pass`, `except` or a driver matches no node of the tree.',
  }),
  'device-disabled': diagnostic<{ selector: string; owner: string; path: string }>({
    severity: 'error',
    message: ({ selector, owner, path }) =>
      `${owner}: "${selector}" names ${path}, which is not enabled on this board`,
    hint: () =>
      'if the board does have it, enable it in the tree, with its pins and supplies, and plan with that tree',
    explanation:
      "A node whose own or whose parent's status is not okay describes hardware that this board does not wire up.",
  }),
  'disk-for-several': diagnostic<{ selector: string; image: string; paths: readonly string[] }>({
    severity: 'error',
    message: ({ selector, image, paths }) =>
      `disks: ${image} is to be in one device, and "${selector}" names ${list(paths)}`,
    hint: ({ paths }) => `name one: "${paths[0] ?? ''}"`,
    explanation: 'A disk of the request is in one storage device of the board.',
  }),
  'no-image': diagnostic<{ owner: string; key: 'kernel' | 'initrd'; path: string }>({
    severity: 'warning',
    message: ({ owner, key, path }) => `${owner}: the ${key}, ${path}, is not there; 64 MiB are kept for it`,
    hint: ({ key }) => `put it there and plan again, so that its size is measured, or name another: "${key}"`,
    explanation:
      'Places in RAM follow from the sizes of the images. Without an image a plan can be looked at; before it is built, it is planned again.',
  }),
  'kernel-page-size': diagnostic<{ owner: string; pageSizeBytes: number; simulated: readonly number[] }>({
    severity: 'warning',
    message: ({ owner, pageSizeBytes, simulated }) =>
      `${owner}: this kernel is built for pages of ${formatSize(pageSizeBytes)}, and the CPU that "drivervm run" simulates has ${simulated.map(formatSize).join(', ')} alone: on the board it may boot, here it can't`,
    hint: () => 'to try the plan here, give a kernel with pages of 4 KiB: "kernel"',
    explanation:
      "An arm64 Image says in its header which size of pages it was built for. A kernel whose size the CPU lacks stops before its first word: what a board's CPU has is not in its device tree, so the plan can't know.",
  }),
  'cannot-pass': diagnostic<{ selector: string; owner: string; path: string; reason: string }>({
    severity: 'error',
    message: ({ selector, owner, path, reason }) =>
      `${owner}: ${path} (asked for as "${selector}") can't be passed: ${reason}`,
    hint: ({ selector }) => `take "${selector}" out of "pass"`,
    explanation:
      'The device is emulated, belongs to seL4 or to somebody else, or lies where no guest can be given it.',
  }),
  'shared-device': diagnostic<{ path: string; claims: readonly Claim[] }>({
    severity: 'error',
    message: ({ path, claims }) => `${path} can have one owner, and is wanted by ${claimsInWords(claims)}`,
    hint: ({ path, claims }) =>
      `give it to one: put "${path}" into "except" of ${list(claims.slice(1).map(({ owner }) => owner))}, where ` +
      'what depends on it is then cut, gets a fixed clock ("clocks"), or is left out',
    explanation:
      'Two owners of a clock, reset or pin controller would change it under each other. The plan never shares a device.',
  }),
  'shared-page': diagnostic<{ page: number; claims: readonly Claim[] }>({
    severity: 'error',
    message: ({ page, claims }) =>
      `the page at ${hex(page)} can have one owner, and is wanted by ${claimsInWords(claims)}`,
    hint: () => 'give both devices to one owner, or leave one of them out',
    explanation: 'Stage 2 maps whole pages: two devices in one page go together.',
  }),
  'shared-interrupt': diagnostic<{ intid: Intid; claims: readonly Claim[] }>({
    severity: 'error',
    message: ({ intid, claims }) =>
      `interrupt ${intid} can have one owner, and is wanted by ${claimsInWords(claims)}`,
    hint: () => 'give the devices that raise it to one owner, or leave them out of the other',
    explanation: 'An interrupt is registered once in a Microkit system.',
  }),
  'page-tenant': diagnostic<{ owner: string; path: string; region: number }>({
    severity: 'warning',
    message: ({ owner, path, region }) =>
      `${owner}: ${path} is to stay out, but shares a page with what is passed (at ${hex(region)})`,
    hint: () => 'its registers can be touched by the guest; leave out the devices of that page to prevent it',
    explanation: 'A page is the smallest thing that stage 2 can keep back.',
  }),
  'too-many-interrupts': diagnostic<{
    owner: string;
    count: number;
    limit: number;
    /** What is enough to leave out, where leaving out the dispensable is enough. */
    dropped: readonly string[] | undefined;
    console: string | undefined;
    /** Of what would be left out, what another can't do without. */
    holder?: InterruptHolder;
  }>({
    severity: 'error',
    message: ({ owner, count, limit }) =>
      `${owner} needs ${count} channels for interrupts, and a protection domain has ${limit}`,
    hint: ({ dropped, console, limit, holder }) =>
      holder !== undefined
        ? `${holder.lines} of them are ${holder.path}'s, and ${holder.user} can't do without (${holder.property}, ${holder.source}): no guest with ${limit} channels can have it; leave ${holder.user} and what is behind it out of "pass"`
        : dropped === undefined
          ? `name what the guest is for in place of "all", such as pass: ["${console ?? 'serial0'}"]`
          : `this would do: except: [${dropped.map((path) => `"${path}"`).join(', ')}]`,
    explanation: `Microkit gives a protection domain ${CHANNEL_LIMIT} ids for interrupts and channels together.`,
  }),
  'interrupt-too-high': diagnostic<{ owner: string; path: string; intid: Intid; highest: number }>({
    severity: 'error',
    message: ({ owner, path, intid, highest }) =>
      `${owner}: interrupt ${intid} of ${path} is above ${highest}, the highest that seL4 takes on this board`,
    hint: ({ path }) => `except: ["${path}"]`,
    explanation: 'Microkit builds such a system, and it dies when it boots.',
  }),
  'ram-unaligned': diagnostic<{ owner: string; what: string; value: number }>({
    severity: 'error',
    message: ({ owner, what, value }) => `${owner}: ${what} ${hex(value)} is no multiple of 2 MiB`,
    hint: ({ value }) => `the next one is ${hex(Math.ceil(value / 0x20_0000) * 0x20_0000)}`,
    explanation: 'Linux wants its image at a 2 MiB boundary, and RAM is mapped in pages of that size.',
  }),
  'ram-unknown': diagnostic<{
    owner: string;
    sizeBytes: number;
    likely: { readonly base: number; readonly why: string } | undefined;
  }>({
    severity: 'error',
    message: ({ owner }) =>
      `${owner}: the tree leaves RAM to the firmware, so there is no place to choose for the guest's`,
    hint: ({ sizeBytes, likely }) => {
      const place = likely === undefined ? '0x…' : hex(likely.base);
      const why = likely === undefined ? '' : ` (${likely.why})`;
      return `say where it is, such as ram: { size: ${formatSize(sizeBytes)}, base: ${place} }${why}, or plan with the tree of a running system (/proc/device-tree)`;
    },
    explanation: 'Many trees hold an empty memory node that U-Boot fills in.',
  }),
  'ram-conflict': diagnostic<{
    owner: string;
    base: number;
    sizeBytes: number;
    why: string;
    at: number;
    /** A place, where the plan finds none by itself. */
    elsewhere?: number | undefined;
  }>({
    severity: 'error',
    message: ({ owner, base, sizeBytes, why, at }) =>
      `${owner}: RAM of ${formatSize(sizeBytes)} at ${hex(base)} overlaps ${hex(at)}: ${why}`,
    hint: ({ sizeBytes, elsewhere }) =>
      elsewhere === undefined
        ? 'leave "base" out and the plan finds a place'
        : `elsewhere, if the board has RAM there: ram: { size: ${formatSize(sizeBytes)}, base: ${hex(elsewhere)} }`,
    explanation: 'The RAM that was asked for is in use.',
  }),
  'ram-at-kernel': diagnostic<{ owner: string; base: number; sizeBytes: number }>({
    severity: 'warning',
    message: ({ owner, base }) =>
      `${owner}: its kernel runs where RAM begins at ${hex(base)} alone, and the board has none for it there: Microkit chooses the physical pages, and devices that read or write RAM by themselves (DMA) will not work`,
    hint: ({ base, sizeBytes }) =>
      `if it has no such device, say so: ram: { base: ${hex(base)}, size: ${formatSize(sizeBytes)}, one-to-one: false }; else link the kernel for the board's RAM`,
    explanation:
      "An Image of an ELF file's code, or of a flat binary with a place, can run at that place only. Guest addresses need not be physical ones, but a device that is passed knows only these.",
  }),
  'kernel-elsewhere': diagnostic<{ owner: string; base: number; kernelBase: number }>({
    severity: 'warning',
    message: ({ owner, base, kernelBase }) =>
      `${owner}: its kernel runs where RAM begins at ${hex(kernelBase)}, and the request has it begin at ${hex(base)}`,
    hint: () => 'leave "base" out, unless the code runs from anywhere',
    explanation: "An Image of an ELF file's code says where that is to lie.",
  }),
  'ram-exhausted': diagnostic<{
    owners: readonly string[];
    ramBytes: number;
    domainsBytes: number;
    shortBytes: number;
    board: string;
  }>({
    severity: 'error',
    message: ({ owners, ramBytes, domainsBytes, shortBytes, board }) => {
      const ram = owners.length === 0 ? '' : `${formatSize(ramBytes)} of RAM for ${owners.join(', ')} and `;
      return `${ram}${formatSize(domainsBytes)} of programs with the images are ${formatSize(shortBytes)} more than ${board} has left`;
    },
    hint: ({ shortBytes }) =>
      `give guests less RAM, by ${formatSize(alignUp(shortBytes, LARGE_PAGE_BYTES))} in all, or smaller images`,
    explanation:
      "Microkit itself places RAM of guests that have no device, or that say one-to-one: false, and the programs of domains. A monitor's program has its guest's images in it, and they are in RAM twice: the initial task carries them, and makes pages of them.",
  }),
  'ram-does-not-fit': diagnostic<{
    owner: string;
    sizeBytes: number;
    base: number | undefined;
    largest: { readonly base: number; readonly size: number } | undefined;
    inOne: number;
    inBanks: number;
  }>({
    severity: 'error',
    message: ({ owner, sizeBytes, base }) =>
      base === undefined
        ? `${owner}: there is no place for ${formatSize(sizeBytes)} of RAM on this board`
        : `${owner}: ${formatSize(sizeBytes)} at ${hex(base)} are not all RAM of this board`,
    hint: ({ largest, base, sizeBytes, inOne, inBanks }) => {
      if (largest === undefined) return 'all of its RAM is taken';
      const place = `the largest place is ${formatSize(largest.size)} at ${hex(largest.base)}`;
      if (inBanks === inOne || sizeBytes <= inOne) return place;
      return base === undefined || inBanks < sizeBytes
        ? `${place}; what is free lies apart: ${formatSize(inBanks)} in three banks at most`
        : `${place}; without a base, it is had in banks`;
    },
    explanation:
      'Guest RAM is physical memory that nothing else uses: in one piece where there is one large enough, else in up to three banks, which is what libvmm knows of a guest. Where the request says a base, it is one piece.',
  }),
  'loader-overlap': diagnostic<{ board: string; loaderAddr: number; roomBytes: number; imageBytes: number }>({
    severity: 'warning',
    message: ({ board, loaderAddr, roomBytes, imageBytes }) =>
      `the images take ${formatSize(imageBytes)}, and Microkit's loader for ${board}, linked at ${hex(loaderAddr)}, leaves ${formatSize(roomBytes)} for them and seL4: the tool will panic ("Overlapping regions")`,
    hint: ({ board }) =>
      `take a smaller kernel, or build the SDK with another loader_link_address for ${board} in build_sdk.py, and start the image there`,
    explanation:
      "Microkit's image has seL4 and the initial task, which carries every guest's images, put at the bottom of RAM. The loader is linked at a fixed address above and must not be overwritten.",
  }),
  'image-place': diagnostic<{ owner: string; image: 'kernel' | 'initrd' | 'dtb'; base: number; why: string }>(
    {
      severity: 'error',
      message: ({ owner, image, base, why }) =>
        `${owner}: load-at: { ${image}: ${hex(base)} } is no place for it: ${why}`,
      hint: ({ image }) => `leave "${image}" out of "load-at" and the plan finds a place`,
      explanation:
        'A request may say where kernel, ramdisk and device tree lie, for kernels that look for them at places of their own. They must lie in RAM, aligned, and none over another; a Linux Image says in its header where it lies.',
    },
  ),
  'images-do-not-fit': diagnostic<{ owner: string; neededBytes: number; ramBytes: number }>({
    severity: 'error',
    message: ({ owner, neededBytes, ramBytes }) =>
      `${owner}: kernel, initrd and device tree take ${formatSize(neededBytes)}, and the guest has ${formatSize(ramBytes)} of RAM`,
    hint: ({ neededBytes }) =>
      `ram: ${formatSize(Math.ceil((neededBytes * 2) / 2 ** 26) * 2 ** 26)} leaves room to run`,
    explanation: "The images, at their real sizes, must lie in the guest's RAM.",
  }),
  'too-many-vcpus': diagnostic<{ owner: string; vcpus: number; most: number; of: 'board' | 'gic' }>({
    severity: 'error',
    message: ({ owner, vcpus, most, of }) =>
      `${owner}: ${vcpus} vCPUs, and the ${of === 'board' ? `board has ${most} CPUs` : `board's GICv2 tells ${most} apart`}`,
    hint: ({ most }) => `vcpus: ${most}`,
    explanation:
      'A guest has no more virtual CPUs than there are physical ones, and no more than its interrupt controller can send interrupts to.',
  }),
  'no-console': diagnostic<{ owner: string; reason: string }>({
    severity: 'warning',
    message: ({ owner, reason }) => `${owner} has no console: ${reason}`,
    hint: () => 'pass its UART, name another with "stdout", add virtio: [console], or say stdout: none',
    explanation: 'A guest without a console boots in silence.',
  }),
  'console-without-driver': diagnostic<ConsoleWait & { why: string }>({
    severity: 'warning',
    message: ({ console, provider, property, consumer, why }) =>
      `${console} stays silent: ${waiter(console, consumer)} waits for ${provider} (${property}), and ${why}`,
    hint: ({ provider, clocks }) => `add to the request: except: ["${provider}"]${rateLines(clocks)}`,
    explanation:
      'A kernel waits in silence for a provider that it has no driver for. A kernel that has one, or a ramdisk with the module, is the other way out.',
  }),
  'no-driver': diagnostic<Undriven>({
    severity: 'warning',
    message: undrivenText,
    hint: () =>
      'give a ramdisk with the modules ("drivervm payload debian --modules for:TREE"), or a kernel that has them',
    explanation:
      'The kernel and the modules of its ramdisk hold the names of the devices that they drive, and these are not among them: the device is given to the guest, and nothing there will use it.',
  }),
  'driver-of-root': diagnostic<Undriven>({
    severity: 'note',
    message: (params) => `${undrivenText(params)}; it must come as a module of the root filesystem`,
    hint: () => 'what the root filesystem itself lies on must be driven by the kernel or by its ramdisk',
    explanation:
      'As with plan/no-driver; but the command line has a root filesystem, whose modules the plan does not see.',
  }),
  'console-asks-firmware': diagnostic<ConsoleWait & { firmware: string }>({
    severity: 'note',
    message: ({ console, provider, property, consumer, firmware }) =>
      `${console}: ${waiter(console, consumer)} needs ${provider} (${property}), whose driver asks ${firmware}; on the board it answers, under "drivervm run" nobody does`,
    hint: ({ clocks }) => `to run it here, add to the request: firmware: none${rateLines(clocks)}`,
    explanation:
      'Firmware behind secure monitor calls and co-processors behind mailboxes are not simulated. Without them a device keeps the state that the firmware left, and its clocks need known rates.',
  }),
  'stdout-not-passed': diagnostic<{ owner: string; stdout: string }>({
    severity: 'error',
    message: ({ owner, stdout }) => `${owner}: stdout "${stdout}" is no device that is passed to it`,
    hint: () => 'pass it, or name one that is passed',
    explanation: 'The console that was asked for is not in the guest.',
  }),
  'no-gic': diagnostic({
    severity: 'error',
    message: () =>
      'the tree has no GICv2 or GICv3, and there is no virtual interrupt controller for any other',
    hint: () => 'this board cannot run a guest under Microkit and libvmm',
    explanation: 'BCM2837 and Apple chips have interrupt controllers of their own.',
  }),
  'no-virtual-cpu-interface': diagnostic<{ path: string }>({
    severity: 'error',
    message: ({ path }) => `${path}: a GICv2 without a virtual CPU interface (GICV) in its reg`,
    hint: () =>
      'if the hardware has one, add its GICH and GICV frames to reg; without it there can be no guests',
    explanation:
      'A guest on a GICv2 is given GICV in place of its CPU interface; it is the fourth entry of reg.',
  }),
  'other-board': diagnostic<{ board: string; compatible: string; known: number; inTree: number }>({
    severity: 'warning',
    message: ({ board, compatible, known, inTree }) =>
      `the tree says "${compatible}", and is planned for Microkit's board ${board}, but has its interrupt controller at ${hex(inTree)}, where ${board} has it at ${hex(known)}: RAM and devices are taken from the tree alone, and a kernel that is built for ${board} does not run there`,
    hint: ({ board }) => `give the tree of ${board}, or, if this is another board, its name: --board NAME`,
    explanation:
      'The name in the tree, or the one that was given, is that of a board that Microkit supports, whose hardware seL4 knows; the tree describes other hardware.',
  }),
  'unknown-microkit-board': diagnostic<{ name: string; meant: string | undefined }>({
    severity: 'error',
    message: ({ name }) => `Microkit 2.3 has no AArch64 board "${name}" that runs virtual machines`,
    hint: ({ meant }) => (meant === undefined ? undefined : `did you mean "${meant}"?`),
    explanation: "The request's board.microkit is none of the SDK's boards.",
  }),
  'dependency-cycle': diagnostic<{ paths: readonly string[] }>({
    severity: 'note',
    message: ({ paths }) => `these need each other: ${list(paths)}`,
    hint: () =>
      'Linux breaks such cycles where a driver can; if none of them probes, cut one of the references',
    explanation: 'References that nothing can do without lead from a device back to itself.',
  }),
  'unused-clock': diagnostic<{ owner: string; selector: string }>({
    severity: 'warning',
    message: ({ owner, selector }) => `${owner}: the rate given for "${selector}" replaces no clock`,
    hint: () => 'rates are used for clocks whose controller is not passed',
    explanation: 'An entry of `clocks` names no device whose clock is missing.',
  }),
});
