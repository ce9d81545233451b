/** What can be wrong with virtual machines and I/O address spaces. */
import { declareDiagnostics, diagnostic, hex } from '../../../base/index.ts';
import { HIGHEST_PRIORITY } from '../limits.ts';

export const sdfMachineCodes = declareDiagnostics('sdf', {
  'no-hypervisor': diagnostic<{ vm: string; board: string }>({
    severity: 'error',
    message: ({ vm, board }) => `there can't be a virtual machine like ${vm} on ${board}`,
    hint: () => 'seL4 is not a hypervisor there; choose another board',
    explanation: 'Virtual machines need seL4 built as a hypervisor.',
  }),
  'vm-priority-range': diagnostic<{ vm: string; priority: number }>({
    severity: 'warning',
    message: ({ vm, priority }) =>
      `the priority of ${vm} is ${priority}, of which Microkit's tool makes ${priority % 256} without a word`,
    hint: () =>
      `priorities go from 0 to ${HIGHEST_PRIORITY}; a guest's is best below every protection domain's`,
    explanation:
      "Microkit's tool does not look at the priority of a virtual machine: it keeps the lowest eight bits.",
  }),
  'vcpu-other-core': diagnostic<{ vm: string; id: number; cpu: number; pd: string; pdCpu: number }>({
    severity: 'warning',
    message: ({ vm, id, cpu, pd, pdCpu }) =>
      `vCPU ${id} of ${vm} is on core ${cpu}, and its monitor ${pd} on core ${pdCpu}`,
    hint: () => 'leave cpu out: all vCPUs then share the core of their monitor',
    explanation:
      "With Microkit 2.3, seL4 16 and libvmm 0.2 guests come up where all vCPUs are on their monitor's core and run below it. Timer interrupts of a vCPU on another core come again faster than the monitor, which drops them while the guest has them disabled, can answer; seL4 has stopped with an assertion too.",
  }),
  'vcpus-one-core': diagnostic<{ vm: string; count: number }>({
    severity: 'warning',
    message: ({ vm, count }) => `${vm} has ${count} vCPUs, and seL4 is built for one core`,
    hint: () => 'build it for smp-debug or smp-release',
    explanation:
      'seL4 keeps VMPIDR_EL2, by which a vCPU knows which one it is, only where it is built for several cores: elsewhere Linux starts one CPU.',
  }),
  'vm-without-time': diagnostic<{ vm: string; domain: string }>({
    severity: 'error',
    message: ({ vm, domain }) =>
      `${vm} never runs: its monitor is in the domain ${domain}, a virtual machine is always in domain 0, and the schedule has no entry for that`,
    hint: () => 'give one domain the id 0 and time in the schedule, best the one of the monitor',
    explanation:
      "Microkit 2.3's tool puts a protection domain in its scheduling domain, and leaves the threads of virtual machines in domain 0, in which the system starts.",
  }),
  'vm-in-other-domain': diagnostic<{ vm: string; domain: string }>({
    severity: 'warning',
    message: ({ vm, domain }) => `${vm} runs in the time of domain 0, and its monitor in that of ${domain}`,
    hint: ({ domain }) => `give ${domain} the id 0`,
    explanation:
      "Microkit 2.3's tool leaves the threads of virtual machines in domain 0. A guest whose monitor is in another domain waits for that domain's time whenever it needs the monitor.",
  }),
  'vm-over-monitor': diagnostic<{ vm: string; priority: number; pd: string; pdPriority: number }>({
    severity: 'warning',
    message: ({ vm, priority, pd, pdPriority }) =>
      `${vm} runs at priority ${priority}, and its monitor ${pd} at ${pdPriority}, below it`,
    hint: ({ priority }) => `give the monitor a priority above ${priority}`,
    explanation:
      'A busy guest keeps its monitor from running: interrupts are not injected, and it can never be stopped.',
  }),
  'vm-starves': diagnostic<{ vm: string; priority: number; names: readonly string[] }>({
    severity: 'warning',
    message: ({ vm, priority, names }) =>
      `${names.join(', ')} will hardly run beside ${vm}, whose priority ${priority} is not below`,
    hint: () =>
      'give virtual machines one priority, below every domain on their core, or a budget of at most nine tenths of their period',
    explanation:
      "seL4 traps a guest's WFI and libvmm 0.2 resumes the guest at once: an idle guest is a busy loop, and what lies below it on its core never runs. A budget leaves others the rest of its period.",
  }),
  'duplicate-vcpu-id': diagnostic<{ vm: string; id: number; where: string }>({
    severity: 'error',
    message: ({ vm, id, where }) => `${vm} has another vCPU with id ${id}${where}`,
    hint: () => 'choose another id',
    explanation: 'A monitor knows its vCPUs by their ids.',
  }),
  'vcpu-setvar': diagnostic<{ symbol: string }>({
    severity: 'warning',
    message: ({ symbol }) => `Microkit 2.3 does not set ${symbol}: it overlooks setvar_id on <vcpu>`,
    hint: () => 'write the id into the program',
    explanation:
      "Microkit's tool looks for the attribute on <virtual_machine>, where it does not allow it. The symbol keeps what the program was compiled with.",
  }),
  'vm-x86': diagnostic<{ vm: string; problem: string }>({
    severity: 'error',
    message: ({ vm, problem }) => `on x86 ${vm} ${problem}`,
    explanation:
      'On x86 a virtual machine runs in place of its monitor: it has one vCPU, no scheduling of its own, and the monitor neither has children nor answers calls.',
  }),
  'gicc-unmapped': diagnostic<{ vm: string; physical: number; guest: number; board: string }>({
    severity: 'error',
    message: ({ vm, physical, guest, board }) =>
      `${vm} has no interrupt controller CPU interface: on ${board} the frame at ${hex(physical)} belongs at ${hex(guest)}`,
    hint: ({ physical, guest }) =>
      `add <memory_region name="gic_vcpu" size="0x1000" phys_addr="${hex(physical)}" /> and map it at ${hex(guest)} with perms="rw" cached="false"`,
    explanation:
      "On a GICv2 a guest acknowledges interrupts at GICC, for which the hardware has a frame, GICV. Without it the guest's first access faults.",
  }),
  'gicc-misplaced': diagnostic<{ vm: string; physical: number; guest: number; vaddr: number; board: string }>(
    {
      severity: 'error',
      message: ({ vm, physical, guest, vaddr, board }) =>
        `${vm} has the GICV frame ${hex(physical)} at ${hex(vaddr)}; on ${board} the guest looks for it at ${hex(guest)}`,
      hint: ({ guest }) => `map it at ${hex(guest)}`,
      explanation:
        "The guest's device tree says where the CPU interface is, and libvmm is built for that address.",
    },
  ),
  'gicc-rights': diagnostic<{ vm: string; perms: string; cached: boolean }>({
    severity: 'error',
    message: ({ vm, perms, cached }) =>
      `${vm} has the GICV frame mapped ${cached ? 'cached' : 'uncached'} and with perms="${perms}"`,
    hint: () => 'write perms="rw" cached="false"',
    explanation: 'The guest reads and writes the CPU interface, and each access must reach it.',
  }),
  'no-iommu': diagnostic<{ space: string; arch: string }>({
    severity: 'error',
    message: ({ space, arch }) => `there can't be an I/O address space like ${space} on ${arch}`,
    hint: () => 'I/O address spaces are for x86 so far',
    explanation: 'Microkit 2.3 drives the IOMMU of x86 only.',
  }),
  'no-iommu-domain': diagnostic<{ space: string }>({
    severity: 'error',
    message: ({ space }) => `the I/O address space ${space} has no domain_id`,
    hint: () => 'add domain_id="…", a number of its own',
    explanation: 'On x86 the IOMMU keeps address spaces apart by a number.',
  }),
  'duplicate-iommu-domain': diagnostic<{ space: string; other: string; domainId: number }>({
    severity: 'error',
    message: ({ space, other, domainId }) => `${space} and ${other} both have domain_id ${domainId}`,
    explanation: 'Each I/O address space has a domain of its own.',
  }),
  'duplicate-peripheral': diagnostic<{ space: string; other: string; peripheral: string }>({
    severity: 'error',
    message: ({ space, other, peripheral }) => `${space} and ${other} are both for the device ${peripheral}`,
    hint: () => 'put their maps into one <io_address_space>',
    explanation: 'A device sees one address space.',
  }),
  'iommu-large-pages': diagnostic<{ region: string }>({
    severity: 'error',
    message: ({ region }) => `${region} has pages of 2 MiB, which the IOMMU can't map`,
    hint: () => 'write page_size="0x1000"',
    explanation: 'seL4 maps 4 KiB pages only in I/O address spaces.',
  }),
  'iommu-permissions': diagnostic<{ region: string; perms: string }>({
    severity: 'error',
    message: ({ region, perms }) => `a device has ${region} mapped with perms="${perms}"`,
    hint: () => 'write "r", "w" or "rw"',
    explanation: 'Devices read and write; they do not execute.',
  }),
});
