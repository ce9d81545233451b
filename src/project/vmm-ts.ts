/**
 * `vmm.ts`: the twin of `vmm.c` for `drivervm run`, in TypeScript and with the same entry points. It exports one function
 * `vmm(microkit, images)`, which gives the program; what it imports are types and the monitor library.
 */
import { hex, intidToSpi } from '../base/index.ts';
import { type GuestPlan, type Plan, servedDevices, type VirtioPlan } from '../plan/index.ts';
import { classOfKind, type SharedClass, sharedClass } from '../sharing/index.ts';
import { blockComment, headerLines } from './header.ts';

/** A guest's monitor in TypeScript, for `drivervm run`. */
export function vmmTsText(plan: Plan, guest: GuestPlan): string {
  const { ram, dtb, initrd, interrupts } = guest;
  const header = headerLines(plan, `The monitor of the guest "${guest.name}" for "drivervm run".`);
  const table = interrupts.map(
    ({ channel, intid, trigger, devices }) =>
      `  [${channel}, ${intid}], // SPI ${intidToSpi(intid)}, ${trigger}: ${devices.join(', ')}`,
  );
  const placement = [
    'ramStart: GUEST_RAM_BASE',
    'dtb: GUEST_DTB',
    ...(initrd === undefined ? [] : ['initrd: GUEST_INITRD']),
  ].join(', ');
  const devices = virtioDevices(plan, guest);
  return `${blockComment(header)}
${imports(devices)}

// Guest physical addresses. The guest's device tree and the system description say the same.
const GUEST_RAM_BASE = ${hex(ram.base)};
const GUEST_RAM_BYTES = ${hex(ram.size)};
const GUEST_DTB = ${hex(dtb.base)};
${initrd === undefined ? '' : `const GUEST_INITRD = ${hex(initrd.base)};\n`}const BOOT_VCPU = 0;

// The interrupts that are passed through: [channel, INTID].
const PASSTHROUGH_IRQS: readonly (readonly [number, number])[] = [
${table.join('\n')}${table.length > 0 ? '\n' : ''}];
${devices.length === 0 ? '' : QUEUE}
export function vmm(microkit: Microkit, images: GuestImages): Program {
  const monitor = new Monitor(microkit, {
    gic: ${gicValue(plan, guest)},
    ram: [
      {
        gpaStart: GUEST_RAM_BASE,
        sizeBytes: GUEST_RAM_BYTES,
        vmmVaddr: microkit.setvar('guest_ram_vaddr') ?? ${hex(ram.monitorVaddr)},
      },
    ],
  });
${devices.length === 0 ? '' : virtioTable(devices)}
  return {
    init() {
      const kernelPc = monitor.linuxSetupImages(images, { ${placement} });
      if (kernelPc === undefined) return;
      if (!monitor.virqControllerInit()) return;
      for (const [channel, intid] of PASSTHROUGH_IRQS) {
        if (!monitor.virqRegisterPassthrough(BOOT_VCPU, intid, channel)) return;
      }
${devices.length === 0 ? '' : VIRTIO_INIT}      monitor.guestStart(BOOT_VCPU, kernelPc, GUEST_DTB${initrd === undefined ? '' : ', GUEST_INITRD'});
    },

    notified(channel) {
${devices.length === 0 ? '' : VIRTIO_NOTIFIED}      if (!monitor.virqHandlePassthrough(channel)) monitor.log(\`unexpected channel \${channel}\`);
    },

    fault: (child, fault) => monitor.faultHandle(child, fault),

    // For snapshots.
    get saved() {
      return monitor.saved;
    },
  };
}
`;
}

interface VirtioSource {
  readonly device: VirtioPlan;
  /** What the monitor library has for it. */
  readonly library: SharedClass['virtio'];
  /** What this monitor calls its links, in the order of the class's connections. */
  readonly symbols: readonly string[];
}

/** The guest's virtio devices that are served, in the plan's order. */
function virtioDevices(plan: Plan, guest: GuestPlan): readonly VirtioSource[] {
  const served = servedDevices({ guests: [guest], sharing: plan.sharing });
  return guest.virtio.flatMap((device) => {
    const symbols = served.flatMap((each) => (each.device === device ? [each.client.symbol] : []));
    const library = sharedClass(classOfKind(device.kind)).virtio;
    return symbols.length === 0 ? [] : [{ device, library, symbols }];
  });
}

function imports(devices: readonly VirtioSource[]): string {
  if (devices.length === 0) {
    return "import type { Microkit, Program } from 'drivervm/sel4';\nimport { type GuestImages, Monitor } from 'drivervm/vmm';";
  }
  const names = [
    'type GuestImages',
    'Monitor',
    ...new Set(devices.flatMap(({ library }) => [library.backend, library.device])),
  ];
  return [
    "import { peerOf } from 'drivervm/sddf';",
    "import type { Microkit, Program } from 'drivervm/sel4';",
    `import { ${names.join(', ')} } from 'drivervm/vmm';`,
  ].join('\n');
}

const QUEUE = `
/** This program's end of a queue that the system description shares with a virtualiser. */
function queue(microkit: Microkit, name: string) {
  const end = peerOf(microkit, name);
  if (end === undefined) throw new Error(\`the system description sets no \${name}_queue and \${name}_ch\`);
  return end;
}
`;

function virtioTable(devices: readonly VirtioSource[]): string {
  const queues = devices.flatMap(({ symbols }) =>
    symbols.map((symbol) => `  const ${camel(symbol)} = queue(microkit, '${symbol}');`),
  );
  const rows = devices.map(({ device, library, symbols }) => {
    const ends = symbols.map(camel);
    return `    {
      base: ${hex(device.guestAddr)},
      sizeBytes: ${hex(device.sizeBytes)},
      intid: ${device.intid},
      channels: [${ends.map((end) => `${end}.channel`).join(', ')}],
      device: new ${library.device}(${library.backend}(microkit, ${ends.join(', ')})),
    },`;
  });
  return `
  // The virtio devices: where the guest's tree has them, and the virtualisers behind them.
${queues.join('\n')}
  const virtio = [
${rows.join('\n')}
  ];
`;
}

function camel(symbol: string): string {
  return symbol.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const VIRTIO_INIT = `      for (const { base, sizeBytes, intid, device } of virtio) {
        if (!monitor.virtioMmioDeviceInit(base, sizeBytes, intid, device)) return;
      }
`;
const VIRTIO_NOTIFIED = `      const told = virtio.filter(({ channels }) => channels.includes(channel));
      for (const { device } of told) device.notified();
      if (told.length > 0) return;
`;

const REDISTRIBUTOR_BYTES = 0x2_0000;

function gicValue(plan: Plan, guest: GuestPlan): string {
  const { version, distributor, redistributors } = plan.board.gic;
  if (version === 2) return `{ version: 2, distributor: ${hex(distributor.base)} }`;
  const size = hex(REDISTRIBUTOR_BYTES * guest.vm.vcpus);
  return `{
      version: 3,
      distributor: ${hex(distributor.base)},
      redistributors: [{ base: ${hex(redistributors ?? 0)}, size: ${size} }],
    }`;
}
