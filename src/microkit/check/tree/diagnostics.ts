/** What can be wrong with a description when it is checked against the board's device tree. */
import {
  type AddrRange,
  declareDiagnostics,
  diagnostic,
  FIRST_SPI,
  formatSize,
  type Intid,
} from '../../../base/index.ts';
import { formatList, formatRange } from '../text.ts';

/** Longer lists of devices are cut. */
const NAMES_SHOWN = 6;

function someOf(names: readonly string[]): string {
  if (names.length <= NAMES_SHOWN) return formatList(names);
  return `${names.slice(0, NAMES_SHOWN).join(', ')} and ${names.length - NAMES_SHOWN} more`;
}

/** What is wrong with a description beside its board's tree (`board/…`). */
export const boardCodes = declareDiagnostics('board', {
  'other-board': diagnostic<{
    board: string;
    tree: string;
    named: string | undefined;
    gic: string | undefined;
  }>({
    severity: 'error',
    message: ({ board, tree, gic }) =>
      `wrong board: the tree is of ${tree}, and --board says ${board}${gic === undefined ? '' : `, whose interrupt controller is ${gic}`}`,
    hint: ({ named }) =>
      named === undefined
        ? 'give the tree of the board that --board names'
        : `give --board ${named}, or the other board's tree`,
    explanation:
      'Addresses and interrupts of one board say nothing about another: what the tree would show is not looked at.',
  }),
  'region-of-nothing': diagnostic<{ region: string; range: AddrRange; disabled: readonly string[] }>({
    severity: 'warning',
    message: ({ region, range, disabled }) =>
      disabled.length === 0
        ? `${region} (${formatRange(range)}) is neither RAM nor any device of the tree`
        : `${region} (${formatRange(range)}) holds only what the tree disables: ${someOf(disabled)}`,
    hint: ({ disabled }) =>
      disabled.length === 0
        ? 'is the address right?'
        : 'remove the region, or enable the device for the guest',
    explanation: "Nothing in the board's tree has registers there.",
  }),
  'region-over-ram': diagnostic<{ region: string; part: AddrRange; space: string }>({
    severity: 'warning',
    message: ({ region, part, space }) =>
      `${region} is mapped like a device in ${space}, and ${formatRange(part)} of it is RAM`,
    hint: () => 'is the address right? RAM is mapped cached',
    explanation: 'Uncached RAM is slow, and a guest that maps the same RAM cached sees other contents.',
  }),
  'region-over-gic': diagnostic<{ region: string; part: AddrRange; what: string }>({
    severity: 'error',
    message: ({ region, part, what }) => `${region} claims ${formatRange(part)}, which is ${what}`,
    hint: () => 'the interrupt controller is emulated for guests; only the GICV frame of a GICv2 is mapped',
    explanation: 'seL4 keeps the interrupt controller for itself.',
  }),
  'co-tenants': diagnostic<{ region: string; own: string; others: readonly string[] }>({
    severity: 'warning',
    message: ({ region, own, others }) => `${region} gives away not only ${own}, but also ${someOf(others)}`,
    hint: () => 'pages are the smallest thing that is mapped: give them all to one owner, or none',
    explanation: 'Who is given one device is given every other one whose registers lie in the same pages.',
  }),
  'device-cut': diagnostic<{ device: string; range: AddrRange; missing: AddrRange; region: string }>({
    severity: 'warning',
    message: ({ device, range, missing, region }) =>
      `${region} holds only a part of ${device} (${formatRange(range)}): ${formatRange(missing)} is in no region`,
    hint: ({ missing }) => `the region has to be larger by ${formatSize(missing.size)}, in whole pages`,
    explanation: 'The driver will touch registers that are not mapped, and fault.',
  }),
  'two-owners': diagnostic<{ what: string; first: string; second: string; where: string }>({
    severity: 'warning',
    message: ({ what, first, second, where }) => `both ${first}${where} and ${second} may touch ${what}`,
    hint: () => 'a device has one driver; give it to one of them',
    explanation: 'Two drivers of one device, or of devices on one page, do not know of each other.',
  }),
  'irq-elsewhere': diagnostic<{ irq: Intid; device: string; pd: string; owner: string }>({
    severity: 'warning',
    message: ({ irq, device, pd, owner }) =>
      `interrupt ${irq} of ${device} goes to ${pd}, and its registers to ${owner}`,
    hint: ({ owner }) => `move the <irq> to ${owner}`,
    explanation: 'Who is told of the interrupt cannot serve the device.',
  }),
  'irq-without-registers': diagnostic<{ irq: Intid; device: string; pd: string; range: AddrRange }>({
    severity: 'warning',
    message: ({ irq, device, pd, range }) =>
      `interrupt ${irq} of ${device} goes to ${pd}, and nobody has its registers (${formatRange(range)})`,
    hint: () => 'add a <memory_region> for them and map it, or remove the interrupt',
    explanation: 'Who is told of the interrupt cannot serve the device, which keeps asking.',
  }),
  'irq-of-nothing': diagnostic<{ irq: Intid; unshifted: readonly string[]; shifted: readonly string[] }>({
    severity: 'warning',
    message: ({ irq }) => `no device of the tree has interrupt ${irq}`,
    hint: ({ irq, unshifted, shifted }) =>
      unshifted.length > 0
        ? `SPI ${irq} is that of ${someOf(unshifted)}: write irq="${irq + FIRST_SPI}"`
        : shifted.length > 0
          ? `${irq - FIRST_SPI} is that of ${someOf(shifted)}: 32 was added twice`
          : 'the number of an SPI is that of the device tree plus 32, of a PPI plus 16',
    explanation:
      'The interrupt is waited for without end, or belongs to something that the tree does not tell of.',
  }),
  'irq-of-disabled': diagnostic<{ irq: Intid; devices: readonly string[] }>({
    severity: 'warning',
    message: ({ irq, devices }) => `interrupt ${irq} is that of ${someOf(devices)}, which the tree disables`,
    hint: () => 'remove the interrupt, or enable the device for the guest',
    explanation: 'A device that the tree disables is not there on this board, or not to be used.',
  }),
  trigger: diagnostic<{ irq: Intid; device: string; described: string; tree: string; written: boolean }>({
    severity: 'warning',
    message: ({ irq, device, described, tree, written }) =>
      `interrupt ${irq} of ${device} is ${tree}-triggered, and described as ${described}${written ? '' : ' (what it is where nothing is written)'}`,
    hint: ({ tree }) => `write trigger="${tree}"`,
    explanation:
      'An edge that is described as a level can be lost while it is masked; a level that is described as an edge comes once and never again.',
  }),
  'reserved-memory': diagnostic<{ region: string; part: AddrRange; reserved: string; noMap: boolean }>({
    severity: 'warning',
    message: ({ region, part, reserved, noMap }) =>
      `${region} takes ${formatRange(part)}, which the tree reserves for ${reserved}${noMap ? ' (no-map)' : ''}`,
    hint: () => 'choose other RAM: firmware or a co-processor uses this',
    explanation:
      'Reserved memory belongs to firmware or to another processor. Touching what the secure world keeps ends in an abort.',
  }),
  'ram-beyond': diagnostic<{ region: string; part: AddrRange }>({
    severity: 'warning',
    message: ({ region, part }) => `${region} takes ${formatRange(part)} as RAM, where the tree has none`,
    hint: () => "is it a board with more memory? the boot loader fills in the tree's memory node",
    explanation: 'The memory nodes of the tree do not cover the region.',
  }),
  'sdk-file': diagnostic<{ path: string; problem: string }>({
    severity: 'error',
    message: ({ path, problem }) => `${path} does not say what memory seL4 hands out: ${problem}`,
    hint: () => 'are --sdk, --board and --config those of an installed Microkit SDK?',
    explanation:
      "An SDK's board/NAME/CONFIG/platform_gen.json lists the memory that its build of seL4 hands out.",
  }),
  'guest-unknown': diagnostic<{ vm: string; known: readonly string[] }>({
    severity: 'error',
    message: ({ vm, known }) =>
      vm === ''
        ? `a guest's tree is given, and there ${known.length === 0 ? 'is no virtual machine' : `are ${known.length} virtual machines`}`
        : `there is no virtual machine ${vm}`,
    hint: ({ known }) =>
      known.length === 0 ? undefined : `say which: --guest-dtb NAME=FILE, with NAME of ${formatList(known)}`,
    explanation: 'The tree cannot be checked against a virtual machine that is not there.',
  }),
});
