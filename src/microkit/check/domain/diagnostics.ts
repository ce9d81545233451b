/** What can be wrong with protection domains, their schedules, symbols and capabilities. */
import { declareDiagnostics, diagnostic, hex } from '../../../base/index.ts';
import {
  BUDGET_MIN_US,
  CAP_SLOT_LIMIT,
  HIGHEST_ID,
  HIGHEST_PRIORITY,
  NAME_LIMIT_BYTES,
  PROTECTION_DOMAIN_LIMIT,
  SCHEDULE_LIMIT,
  SCHEDULING_DOMAIN_LIMIT,
  STACK_MAX_BYTES,
  STACK_MIN_BYTES,
  VCPU_LIMIT,
} from '../limits.ts';

export const sdfDomainCodes = declareDiagnostics('sdf', {
  'no-protection-domain': diagnostic<void>({
    severity: 'error',
    message: () => 'the description has no protection domain',
    hint: () => 'add <protection_domain name="…"> with a <program_image>',
    explanation: 'A system needs at least one program.',
  }),
  'too-many-protection-domains': diagnostic<{ count: number }>({
    severity: 'error',
    message: ({ count }) =>
      `there are ${count} protection domains, and ${PROTECTION_DOMAIN_LIMIT} is the most`,
    explanation: 'The monitor knows each protection domain by one bit.',
  }),
  'duplicate-name': diagnostic<{ kind: string; name: string; where: string }>({
    severity: 'error',
    message: ({ kind, name, where }) => `there is another ${kind} called ${name}${where}`,
    hint: () => 'give one of them another name',
    explanation:
      'Memory regions, protection domains, virtual machines, I/O address spaces and scheduling domains are known by name.',
  }),
  'reserved-name': diagnostic<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `the name ${name} is taken`,
    hint: () => "Microkit's own monitor has it; choose another",
    explanation: "Microkit's monitor is itself a protection domain, called monitor.",
  }),
  'long-name': diagnostic<{ kind: string; name: string; sizeBytes: number }>({
    severity: 'warning',
    message: ({ kind, name, sizeBytes }) =>
      `the name of the ${kind} ${name} has ${sizeBytes} bytes; Microkit keeps ${NAME_LIMIT_BYTES}`,
    hint: () => 'choose a shorter one',
    explanation: 'Longer names are cut off without a word, and two of them can become the same in messages.',
  }),
  'priority-range': diagnostic<{ name: string; priority: number }>({
    severity: 'error',
    message: ({ name, priority }) =>
      `the priority of ${name} is ${priority}; priorities go from 0 to ${HIGHEST_PRIORITY}`,
    explanation: 'Priority 255 is that of the monitor.',
  }),
  'budget-over-period': diagnostic<{ name: string; budgetUs: number; periodUs: number }>({
    severity: 'error',
    message: ({ name, budgetUs, periodUs }) => `${name} may run ${budgetUs} µs in every ${periodUs} µs`,
    hint: () => 'the budget is at most the period; where only a period is given, the budget is 1000',
    explanation: 'The budget is the share of each period.',
  }),
  'stack-size': diagnostic<{ name: string; sizeBytes: number }>({
    severity: 'error',
    message: ({ name, sizeBytes }) =>
      `the stack of ${name} is ${hex(sizeBytes)}; stacks go from ${hex(STACK_MIN_BYTES)} to ${hex(STACK_MAX_BYTES)}, in whole pages of 0x1000`,
    explanation: 'The tool makes the stack of 4 KiB pages.',
  }),
  'cpu-range': diagnostic<{ name: string; cpu: number; cores: number; told: boolean }>({
    severity: 'error',
    message: ({ name, cpu, cores }) =>
      `${name} is to run on core ${cpu}, and there ${cores === 1 ? 'is one core, 0' : `are ${cores}: 0 to ${cores - 1}`}`,
    hint: ({ cores, told }) =>
      told && cores === 1 ? 'the other cores are used by the smp- configurations' : undefined,
    explanation:
      'A configuration of seL4 runs on as many cores as it was built for, and on one unless it is an smp- one.',
  }),
  'smc-unavailable': diagnostic<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `${name} asks for secure monitor calls, which only Arm has`,
    hint: () => 'remove smc',
    explanation: 'SMC is an instruction of Arm.',
  }),
  'child-id-range': diagnostic<{ name: string; id: number; slotOf?: string | undefined }>({
    severity: 'error',
    message: ({ name, id, slotOf }) =>
      `the child ${name} has id ${id}${slotOf === undefined ? `; identifiers go from 0 to ${HIGHEST_ID}` : `, which gives it the capability slot of ${slotOf}`}`,
    hint: () => `choose an id of at most ${HIGHEST_ID}`,
    explanation:
      "The id says where the parent's capability of its child lies: beyond 309 Microkit's tool panics, and in a slot that a vCPU has too the system stops when it starts.",
  }),
  'child-id-high': diagnostic<{ name: string; id: number }>({
    severity: 'warning',
    message: ({ name, id }) =>
      `the child ${name} has id ${id}; Microkit's identifiers go from 0 to ${HIGHEST_ID}`,
    hint: () => `choose an id of at most ${HIGHEST_ID}`,
    explanation:
      'The tool does not look at the id of a child. From 64 on its capability lies among those of vCPUs, and from 256 on its faults are those of another id.',
  }),
  'budget-small': diagnostic<{ name: string; budgetUs: number }>({
    severity: 'error',
    message: ({ name, budgetUs }) =>
      `${name} has a budget of ${budgetUs} µs; seL4 takes ${BUDGET_MIN_US} or more`,
    explanation:
      'A budget covers at least two entries of the kernel. The tool does not look, and the system stops when it starts.',
  }),
  'too-many-vcpus': diagnostic<{ count: number }>({
    severity: 'error',
    message: ({ count }) => `there are ${count} vCPUs, and ${VCPU_LIMIT} is the most`,
    explanation:
      "Microkit's monitor keeps one name a vCPU; the tool panics where there are more than it has room for.",
  }),
  'object-name': diagnostic<{ kind: string; name: string; object: string; other: string; where: string }>({
    severity: 'error',
    message: ({ kind, name, object, other, where }) =>
      `the ${kind} ${name} and ${other}${where} both make a kernel object called ${object}`,
    hint: () => 'give one of them another name',
    explanation:
      "Microkit's tool names kernel objects after protection domains, virtual machines with their vCPUs, and regions, and panics where two names are the same; its monitor is called monitor.",
  }),
  'empty-symbol': diagnostic<{ attribute: string; pd: string }>({
    severity: 'error',
    message: ({ attribute, pd }) => `${attribute} names no symbol of ${pd}'s program`,
    hint: () => "write the variable's name, or leave the attribute out",
    explanation: 'The tool looks for a symbol of that name, and none is called by nothing.',
  }),
  'duplicate-child-id': diagnostic<{ name: string; id: number; other: string; where: string }>({
    severity: 'error',
    message: ({ name, id, other, where }) => `the child ${name} has id ${id}, as has ${other}${where}`,
    hint: () => 'choose another id',
    explanation:
      "A fault tells its handler the child's id: children and vCPUs of one protection domain have different ones.",
  }),
  'domain-missing': diagnostic<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `${name} is in no scheduling domain`,
    hint: () => 'add domain="…": with <domains> every protection domain needs one',
    explanation: 'Where there is a domain schedule, every protection domain belongs to one of its domains.',
  }),
  'unknown-domain': diagnostic<{ domain: string; suggestion?: string | undefined }>({
    severity: 'error',
    message: ({ domain }) => `there is no scheduling domain ${domain}`,
    hint: ({ suggestion }) =>
      suggestion === undefined ? 'declare it in <domains>' : `did you mean ${suggestion}?`,
    explanation: 'Scheduling domains are declared in <domains>.',
  }),
  'domains-late': diagnostic<void>({
    severity: 'error',
    message: () => '<domains> stands after a protection domain',
    hint: () => 'move it to the top of <system>',
    explanation:
      "Microkit's tool reads from top to bottom and does not know the domains when it meets the protection domain.",
  }),
  'domains-on-cores': diagnostic<{ cores: number }>({
    severity: 'error',
    message: ({ cores }) => `there is a domain schedule, and the configuration runs on ${cores} cores`,
    hint: () => 'use a configuration without smp-',
    explanation: 'seL4 has the domain scheduler on one core only.',
  }),
  'domain-id': diagnostic<{ name: string; id: number }>({
    severity: 'error',
    message: ({ name, id }) =>
      `the scheduling domain ${name} has id ${id}; identifiers go from 0 to ${SCHEDULING_DOMAIN_LIMIT - 1}`,
    explanation: "The SDK's builds of seL4 have 16 domains.",
  }),
  'duplicate-domain-id': diagnostic<{ name: string; id: number; other: string }>({
    severity: 'error',
    message: ({ name, id, other }) => `the scheduling domains ${name} and ${other} both have id ${id}`,
    explanation: 'A domain has an id of its own.',
  }),
  'too-many-domains': diagnostic<{ count: number }>({
    severity: 'error',
    message: ({ count }) =>
      `there are ${count} scheduling domains, and ${SCHEDULING_DOMAIN_LIMIT} is the most`,
    explanation: "The SDK's builds of seL4 have 16 domains.",
  }),
  'schedule-length': diagnostic<{ count: number; shift: number }>({
    severity: 'error',
    message: ({ count, shift }) =>
      `the schedule has ${count === 1 ? 'one entry' : `${count} entries`}${shift === 0 ? '' : ` from index ${shift} on`}; fewer than ${SCHEDULE_LIMIT} are possible`,
    explanation: "The SDK's builds of seL4 have room for 100, the last of which ends the schedule.",
  }),
  'schedule-start': diagnostic<{ start: number; count: number }>({
    severity: 'error',
    message: ({ start, count }) =>
      `the schedule starts at entry ${start}, and it has ${count === 1 ? 'one entry' : `${count} entries`}`,
    hint: () => 'entries are counted from 0',
    explanation: 'start_index names the entry with which the schedule begins.',
  }),
  'duplicate-setvar': diagnostic<{ symbol: string; pd: string; where: string }>({
    severity: 'error',
    message: ({ symbol, pd, where }) => `the symbol ${symbol} of ${pd} is set twice${where}`,
    hint: () => 'keep one of them',
    explanation: 'Each symbol of a program is set once, by whichever element.',
  }),
  'setvar-region': diagnostic<{ region: string; suggestion?: string | undefined }>({
    severity: 'error',
    message: ({ region }) => `there is no memory region ${region} whose address could be set`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : `did you mean ${suggestion}?`),
    explanation: "Microkit's tool panics where region_paddr names no region.",
  }),
  'setvar-without-address': diagnostic<{ region: string }>({
    severity: 'error',
    message: ({ region }) => `region_paddr asks for the address of ${region}, which has no phys_addr`,
    hint: () => 'on x86 give the region a phys_addr',
    explanation: 'On x86 the tool does not know the memory map when it builds the image.',
  }),
  'cap-slot': diagnostic<{ slot: number }>({
    severity: 'error',
    message: ({ slot }) => `there is no slot ${slot}; slots go from 1 to ${CAP_SLOT_LIMIT - 1}`,
    explanation: "Slot 0 is Microkit's own.",
  }),
  'duplicate-cap-slot': diagnostic<{ slot: number; pd: string; where: string }>({
    severity: 'error',
    message: ({ slot, pd, where }) => `slot ${slot} of ${pd} is filled twice${where}`,
    hint: () => 'choose another slot',
    explanation: 'A slot holds one capability.',
  }),
  'unknown-pd': diagnostic<{ pd: string; suggestion?: string | undefined }>({
    severity: 'error',
    message: ({ pd }) => `there is no protection domain ${pd}`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : `did you mean ${suggestion}?`),
    explanation: 'Channels and capabilities name protection domains of the description.',
  }),
});
