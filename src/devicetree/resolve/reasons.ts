/**
 * Why a register range or an interrupt of the tree has no place on the CPU's side: closed sets, each with its sentence.
 * The tables in the documentation count boards by these names.
 */

/** Why a `reg` entry is no range of CPU physical addresses. */
export const REG_REASONS = {
  'other-bus': 'counts in the addresses of a bus that is not mapped into the CPU’s address space',
  'pci-device': 'names a device on a PCI bus; its registers lie where its BARs are set at run time',
  'no-ranges': 'a bus above has no ranges property: its addresses are not visible to the CPU',
  'outside-ranges': 'lies outside what the ranges of a bus above pass on',
  'partly-outside': 'begins in the ranges of a bus above and ends outside them',
  scattered: 'the ranges of a bus above send it to places that do not lie together',
  'no-size': 'has size 0',
  'bad-cells':
    'is no whole number of (address, size) entries for the parent’s #address-cells and #size-cells, or has more than 4096',
  'bad-cell-counts': 'the parent’s #address-cells or #size-cells is no number that an address can have',
  'bad-ranges': 'the ranges property of a bus above is no whole number of entries, or has more than 1024',
  'too-deep': 'more than 64 buses with ranges of their own lie above it',
  'too-high': 'ends beyond 2^52, the last address that Arm’s architecture has',
} as const;

/** Why an address on a bus is none of the CPU's; {@link REG_REASONS} says it in words. */
export type RegReason = keyof typeof REG_REASONS;

/** Why an interrupt ends at no INTID of the GIC. */
export const INTERRUPT_REASONS = {
  'no-parent': 'no interrupt-parent is found at the node or above it',
  'bad-parent': 'interrupt-parent names no node',
  'not-a-controller': 'the interrupt parent is neither a controller nor a nexus: it has no #interrupt-cells',
  'bad-cells':
    'is no whole number of specifiers for the controller’s #interrupt-cells, or has more than 2048',
  'no-gic': 'ends at a controller that is not a GIC and has none above it',
  'unknown-controller':
    'passes through a controller whose rule is not known and which names no interrupts of its own',
  'bad-specifier': 'the GIC has no such interrupt: type or number is out of bounds',
  'not-mapped': 'the interrupt-map of a nexus has no row for it, or its controller’s own table has none',
  'bad-map': 'the interrupt-map of a nexus cannot be read',
  'too-long': 'more than 32 controllers lie between it and the GIC',
  loop: 'its chain of controllers comes back to where it was',
  message: 'is delivered as a message (MSI) to an interrupt translation service: it has no line of its own',
  'gpio-line': 'its controller raises it through a GPIO that it names, not through an interrupt',
  'controller-disabled': 'a controller on its way to the GIC is not enabled',
  'no-host-line': 'comes through the firmware or another processor, which names no interrupt for it',
} as const;

/** Why an interrupt ends nowhere; {@link INTERRUPT_REASONS} says it in words. */
export type InterruptReason = keyof typeof INTERRUPT_REASONS;
