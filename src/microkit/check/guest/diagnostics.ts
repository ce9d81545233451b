/** What can be wrong between a description and the device tree that its guest is given. */
import { type AddrRange, declareDiagnostics, diagnostic, hex, type Intid } from '../../../base/index.ts';
import { formatList, formatRange } from '../text.ts';

export const guestCodes = declareDiagnostics('guest', {
  'device-unmapped': diagnostic<{ vm: string; device: string; missing: AddrRange }>({
    severity: 'warning',
    message: ({ vm, device, missing }) =>
      `the guest's tree enables ${device}, and ${vm} does not have its registers ${formatRange(missing)}`,
    hint: () => 'map them, or set status = "disabled" in the guest\'s tree',
    explanation:
      'A driver that binds to the device touches registers that are not there: the guest faults, and its monitor stops it.',
  }),
  'irq-unregistered': diagnostic<{ vm: string; device: string; intids: readonly Intid[]; trigger: string }>({
    severity: 'warning',
    message: ({ device, intids }) =>
      `nobody receives interrupt ${formatList(intids.map(String))} of ${device}, which the guest's tree enables`,
    hint: ({ vm, intids, trigger }) =>
      `add <irq irq="${intids[0]}" id="…" trigger="${trigger}" /> to the monitor of ${vm}, and register it there`,
    explanation: 'The driver waits for interrupts that never come.',
  }),
  'irq-trigger': diagnostic<{ irq: Intid; device: string; described: string; tree: string }>({
    severity: 'warning',
    message: ({ irq, device, described, tree }) =>
      `the guest's tree has interrupt ${irq} of ${device} ${tree}-triggered, and the description ${described}-triggered`,
    hint: ({ tree }) => `write trigger="${tree}"`,
    explanation: 'seL4 and the guest must take the line for the same kind.',
  }),
  'no-memory': diagnostic<{ vm: string }>({
    severity: 'error',
    message: ({ vm }) => `the guest's tree for ${vm} has no memory`,
    hint: () => 'add a memory node with the RAM that the description maps',
    explanation:
      'Boot loaders fill the memory node in; here there is none between the tree and the guest, so the tree must have it.',
  }),
  'memory-unmapped': diagnostic<{ vm: string; node: string; missing: AddrRange }>({
    severity: 'error',
    message: ({ vm, node, missing }) =>
      `the guest's tree says that ${formatRange(missing)} is RAM (${node}), and ${vm} does not have it`,
    hint: () => 'let the memory node and the maps say the same',
    explanation:
      'The guest faults when it first uses the missing RAM, which may be long after it has started.',
  }),
  'memory-rights': diagnostic<{ vm: string; region: string; perms: string }>({
    severity: 'error',
    message: ({ vm, region, perms }) => `the RAM ${region} of ${vm} is mapped with perms="${perms}"`,
    hint: () => 'write perms="rwx"',
    explanation: 'A kernel reads, writes and executes its RAM.',
  }),
  'initrd-window': diagnostic<{ start: number; end: number }>({
    severity: 'error',
    message: ({ start, end }) => `linux,initrd-start is ${hex(start)} and linux,initrd-end ${hex(end)}`,
    hint: () => 'the end is the start plus the size of the initial ramdisk',
    explanation: 'The initial ramdisk lies between the two addresses.',
  }),
  'initrd-unmapped': diagnostic<{ vm: string; missing: AddrRange }>({
    severity: 'error',
    message: ({ vm, missing }) =>
      `the guest's tree has the initial ramdisk at ${formatRange(missing)}, where ${vm} has no RAM`,
    hint: () => 'move linux,initrd-start and -end into the RAM that is mapped',
    explanation: 'The kernel unpacks the initial ramdisk from RAM that it does not have.',
  }),
  'dma-not-identity': diagnostic<{
    vm: string;
    region: string;
    devices: readonly string[];
    physAddr: number | undefined;
    vaddr: number;
  }>({
    severity: 'warning',
    message: ({ vm, region, devices, physAddr, vaddr }) =>
      `${formatList(devices)} of ${vm} can transfer data without the CPU, and its RAM ${region} is ${
        physAddr === undefined ? 'at no fixed place' : `at ${hex(physAddr)}, not ${hex(vaddr)}`
      }`,
    hint: ({ vaddr }) => `give the region phys_addr="${hex(vaddr)}", the address at which the guest has it`,
    explanation:
      'A device that transfers data is told guest addresses and uses them as physical ones: it reads and overwrites the memory of others.',
  }),
  'psci-method': diagnostic<{ method: string | undefined }>({
    severity: 'error',
    message: ({ method }) =>
      method === undefined
        ? "CPUs of the guest's tree are started through PSCI, and there is no psci node"
        : `the guest's tree calls PSCI by "${method}"`,
    hint: () => 'write psci { compatible = "arm,psci-1.0"; method = "smc"; }',
    explanation: 'libvmm answers PSCI calls made with SMC. HVC is a fault that it does not know.',
  }),
  'gic-missing': diagnostic<{ vm: string }>({
    severity: 'error',
    message: ({ vm }) => `the guest's tree for ${vm} has no interrupt controller`,
    hint: () => "keep the board's interrupt controller node: the monitor emulates it",
    explanation: 'Without an interrupt controller a kernel does not get far.',
  }),
  'gic-address': diagnostic<{ what: string; found: number; expected: number; where: string }>({
    severity: 'error',
    message: ({ what, found, expected, where }) =>
      `the guest's tree has ${what} at ${hex(found)}; ${where} ${hex(expected)}`,
    hint: ({ expected }) => `write ${hex(expected)}`,
    explanation:
      'The monitor emulates the interrupt controller where the board has it, and maps its CPU interface there.',
  }),
  'gic-mapped': diagnostic<{ vm: string; region: string; what: string; part: AddrRange }>({
    severity: 'error',
    message: ({ vm, region, what, part }) =>
      `${vm} has ${region} at ${formatRange(part)}, where its tree has ${what}, which the monitor emulates`,
    hint: () => 'leave these pages unmapped, so that the monitor sees each access',
    explanation: 'What is mapped does not fault, so that the monitor never learns of it.',
  }),
  'gicv-unmapped': diagnostic<{ vm: string; physical: number; guest: number }>({
    severity: 'error',
    message: ({ vm, physical, guest }) =>
      `${vm} has no interrupt controller CPU interface: its tree has it at ${hex(guest)}, where the board's frame ${hex(physical)} (GICV) must be`,
    hint: ({ physical, guest }) =>
      `add <memory_region name="gic_vcpu" size="0x1000" phys_addr="${hex(physical)}" /> and map it at ${hex(guest)} with perms="rw" cached="false"`,
    explanation:
      "On a GICv2 a guest acknowledges interrupts at GICC, for which the hardware has a frame, GICV. Without it the guest's first access faults.",
  }),
  'virtio-mapped': diagnostic<{ vm: string; device: string; region: string; part: AddrRange }>({
    severity: 'error',
    message: ({ vm, device, region, part }) =>
      `${vm} has ${region} at ${formatRange(part)}, where its tree has the virtio device ${device}`,
    hint: () => 'give the virtio device another address, or split the region',
    explanation: 'A virtio device is emulated: its page must fault. Here it leads to something real.',
  }),
  'served-page-mapped': diagnostic<{ vm: string; device: string; region: string; base: number }>({
    severity: 'error',
    message: ({ vm, device, region, base }) =>
      `${vm} has ${region} at ${hex(base)}, the page by which its ${device} speaks to the monitor`,
    hint: () => 'leave the page unmapped, so that the monitor sees each write',
    explanation:
      'A guest that serves a disk says that requests are answered by writing to the first page of its disk-server node, which must fault. Here it leads to something real, and nobody would hear of any answer.',
  }),
  'stale-phandle': diagnostic<{ device: string; property: string; phandle: number }>({
    severity: 'warning',
    message: ({ device, property, phandle }) =>
      `${property} of ${device} refers to ${hex(phandle)}, which no node of the guest's tree has`,
    hint: () => 'a node was removed and its users were not: remove the property, or disable the device',
    explanation: 'A driver that follows the reference fails, or waits for a provider that never comes.',
  }),
  'provider-disabled': diagnostic<{ device: string; property: string; provider: string }>({
    severity: 'warning',
    message: ({ device, property, provider }) =>
      `${device} waits for ${provider} (${property}), which the guest's tree disables`,
    hint: () => 'pass the provider too, or remove the property where its binding makes it optional',
    explanation: 'Linux holds a device back until its providers have drivers; a disabled one never has.',
  }),
  'too-many-cpus': diagnostic<{ vm: string; cpus: number; vcpus: number }>({
    severity: 'warning',
    message: ({ vm, cpus, vcpus }) =>
      `the guest's tree has ${cpus} CPUs, and ${vm} ${vcpus === 1 ? 'one vCPU' : `${vcpus} vCPUs`}`,
    hint: () => 'remove the other cpu nodes, or add <vcpu> elements',
    explanation: 'The kernel tries to start each CPU and waits for those that never come up.',
  }),
});
