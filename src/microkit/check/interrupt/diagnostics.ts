/** What can be wrong with interrupts, channels and ports. */
import {
  type AddrRange,
  declareDiagnostics,
  diagnostic,
  type Intid,
  spiToIntid,
} from '../../../base/index.ts';
import { CHANNEL_LIMIT, HIGHEST_ID, X86_HIGHEST_VECTOR } from '../limits.ts';
import { formatRange } from '../text.ts';

export const sdfInterruptCodes = declareDiagnostics('sdf', {
  'id-range': diagnostic<{ what: string; id: number; notifies: boolean }>({
    severity: 'error',
    message: ({ what, id }) => `${what} has id ${id}; identifiers go from 0 to ${HIGHEST_ID}`,
    hint: ({ id, notifies }) =>
      notifies && id > HIGHEST_ID
        ? `a protection domain has ${CHANNEL_LIMIT} identifiers; give some of its interrupts to another`
        : undefined,
    explanation: `Each identifier of a protection domain is one bit of a 64-bit badge, two of which Microkit keeps. (Its manual speaks of 63 identifiers; its tool takes ${CHANNEL_LIMIT}.)`,
  }),
  'duplicate-id': diagnostic<{ what: string; id: number; pd: string; other: string; where: string }>({
    severity: 'error',
    message: ({ what, id, pd, other, where }) => `${what} has id ${id} in ${pd}, as has ${other}${where}`,
    hint: () => 'interrupts and channels of a protection domain share one set of identifiers; choose another',
    explanation: 'A notification tells its receiver the identifier only: it must mean one thing.',
  }),
  'duplicate-irq': diagnostic<{ irq: Intid; pd: string; where: string }>({
    severity: 'error',
    message: ({ irq, pd, where }) => `interrupt ${irq} also goes to ${pd}${where}`,
    hint: () => 'an interrupt has one receiver; let it tell others through a channel',
    explanation: 'seL4 gives out the capability to an interrupt once.',
  }),
  'duplicate-vector': diagnostic<{ vector: number; taker: string; pd: string; where: string; other: string }>(
    {
      severity: 'error',
      message: ({ vector, taker, pd, where }) => `vector ${vector} is taken by ${taker} of ${pd}${where}`,
      hint: ({ other }) => `give ${other} another vector`,
      explanation:
        'The vector is the number by which an x86 CPU knows an interrupt; seL4 gives out each once.',
    },
  ),
  'duplicate-pin': diagnostic<{
    pin: string;
    vector: number;
    earlier: { readonly vector: number; readonly id: number; readonly pd: string; readonly where: string };
  }>({
    severity: 'error',
    message: ({ pin, vector, earlier }) =>
      `${pin} has vector ${earlier.vector}${earlier.where}, and a pin has one: with ${vector} here, channel ${earlier.id} of ${earlier.pd} never fires`,
    hint: () => 'a pin has one receiver, which can tell others through a channel; remove one of the two',
    explanation:
      "An I/O APIC's pin has one entry in its redirection table, and so one vector (Intel 82093AA, 3.2.4). Microkit's tool builds the system all the same; seL4 writes the entry anew for the second.",
  }),
  'negative-number': diagnostic<{ attribute: string; value: number }>({
    severity: 'error',
    message: ({ attribute, value }) => `${attribute} is ${value}; it can't be negative`,
    explanation: 'Interrupts, pins and handles are counted from 0.',
  }),
  'irq-architecture': diagnostic<{ kind: string; arch: string }>({
    severity: 'error',
    message: ({ kind, arch }) => `this is ${kind}, and the board is ${arch}`,
    hint: ({ arch }) =>
      arch === 'x86_64'
        ? 'on x86 an interrupt has a pin of an I/O APIC, or a pcidev'
        : 'on Arm and RISC-V an interrupt has irq="…"',
    explanation: 'Interrupts are named in another way on each architecture.',
  }),
  'vector-range': diagnostic<{ vector: number }>({
    severity: 'error',
    message: ({ vector }) => `the vector is ${vector}; vectors go from 0 to ${X86_HIGHEST_VECTOR}`,
    explanation: 'x86 has that many vectors left for user interrupts.',
  }),
  'irq-beyond-board': diagnostic<{ irq: Intid; highest: number; board: string }>({
    severity: 'error',
    message: ({ irq, highest, board }) => `seL4 knows interrupts up to ${highest} on ${board}, not ${irq}`,
    hint: () => 'the number is that of the device tree plus 32 for an SPI, plus 16 for a PPI',
    explanation: "Microkit's tool builds the system all the same; it dies while it starts.",
  }),
  'irq-software': diagnostic<{ irq: Intid }>({
    severity: 'warning',
    message: ({ irq }) => `interrupt ${irq} is software-generated: no device can raise it`,
    hint: ({ irq }) =>
      `the SPI of number ${irq} in a device tree is interrupt ${spiToIntid(irq as number)} here, the PPI ${irq + 16}`,
    explanation:
      'On a GIC the interrupts 0 to 15 are those that CPUs send each other (SGIs). It is waited for without end; often 32 has not been added.',
  }),
  'irq-kernel': diagnostic<{ irq: Intid; what: string }>({
    severity: 'error',
    message: ({ irq, what }) => `interrupt ${irq} is seL4's own: ${what}`,
    hint: () => 'remove it',
    explanation:
      "Microkit's tool builds the system all the same; seL4 refuses the interrupt while it starts.",
  }),
  'two-way-call': diagnostic<{ a: string; b: string }>({
    severity: 'error',
    message: ({ a, b }) => `both ${a} and ${b} may call the other's protected procedure`,
    hint: () => 'remove pp="true" from the end of the higher priority',
    explanation: 'Calls go one way, so that no two protection domains ever wait for each other.',
  }),
  'call-priority': diagnostic<{
    caller: string;
    callerPriority: number;
    callee: string;
    calleePriority: number;
  }>({
    severity: 'error',
    message: ({ caller, callerPriority, callee, calleePriority }) =>
      `${caller} (priority ${callerPriority}) may call ${callee} (priority ${calleePriority}), whose priority is not higher`,
    hint: ({ callee, callerPriority }) => `give ${callee} a priority above ${callerPriority}`,
    explanation: 'Protected procedures are called upwards only.',
  }),
  'port-architecture': diagnostic<{ arch: string }>({
    severity: 'error',
    message: ({ arch }) => `there are no I/O ports on ${arch}`,
    hint: () => 'remove <ioport>',
    explanation: 'I/O ports are a thing of x86.',
  }),
  'port-size': diagnostic<{ sizeBytes: number }>({
    severity: 'error',
    message: ({ sizeBytes }) => `a range of I/O ports has ${sizeBytes} of them`,
    hint: () => 'size is at least 1',
    explanation: 'A range has at least one port.',
  }),
  'duplicate-port-id': diagnostic<{ id: number; pd: string; where: string }>({
    severity: 'error',
    message: ({ id, pd, where }) => `${pd} has another range of I/O ports with id ${id}${where}`,
    explanation: 'A program names its ports by the identifier.',
  }),
  'ports-overlap': diagnostic<{ range: AddrRange; pd: string; otherRange: AddrRange; where: string }>({
    severity: 'error',
    message: ({ range, pd, otherRange, where }) =>
      `the I/O ports ${formatRange(range)} of ${pd} overlap ${formatRange(otherRange)}${where}`,
    explanation: 'A port belongs to one protection domain.',
  }),
});
