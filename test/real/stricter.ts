/** Errors of `check` in descriptions that Microkit's tool builds, and why they are meant: this list shrinks. */
export const STRICTER: ReadonlyMap<string, string> = new Map([
  ['sdf/gicc-unmapped', 'the guest faults on its first access to the interrupt controller'],
  ['sdf/gicc-misplaced', 'the guest faults on its first access to the interrupt controller'],
  [
    'sdf/gicc-rights',
    'the guest faults on its first access to the interrupt controller, or its writes wait in a cache',
  ],
  ['sdf/irq-beyond-board', 'seL4 refuses the number when the system starts'],
  ['sdf/irq-kernel', 'seL4 refuses the number when the system starts'],
  [
    'sdf/duplicate-id',
    'both ends of a channel have one identifier of one domain: its capability is there twice when the system starts',
  ],
  ['sdf/too-many-domains', 'seL4 has no domain 16: it refuses the number when the system starts'],
  ['sdf/budget-small', 'seL4 refuses the budget when the system starts'],
  ['sdf/vm-without-time', 'the guest never runs'],
  [
    'sdf/number-too-large',
    'seL4 refuses budgets, addresses and interrupts of 2⁵³ and turns of 2⁵⁶ ticks when the system starts; of 24 MHz clocks it takes periods up to 3,000 years',
  ],
  ['sdf/size-zero', 'an empty region that nobody maps builds; one that is mapped makes the tool panic'],
  ['sdf/child-id-range', "the system stops when it starts where the slot is a vCPU's"],
]);
