/**
 * `vmm.ts`: the twin of `vmm.c` for `drivervm run`, in TypeScript and with the same entry points. It exports one function
 * `vmm(microkit, images)`, which gives the program; what it imports are types and the monitor library.
 */
import { hex, intidToSpi } from '../base/index.ts';
import {
  type GuestPlan,
  type Plan,
  type ServedPlan,
  servedDevices,
  serverOf,
  type VirtioPlan,
} from '../plan/index.ts';
import { channelSymbol, classOfKind, type SharedClass, sharedClass } from '../sharing/index.ts';
import { blockComment, headerLines } from './header.ts';
import { ramSymbol } from './ram-symbol.ts';

/** A guest's monitor in TypeScript, for `drivervm run`. */
export function vmmTsText(plan: Plan, guest: GuestPlan): string {
  const { ram, dtb, initrd, interrupts } = guest;
  const header = headerLines(
    plan,
    `The monitor of the guest "${guest.name}": "drivervm run" runs it, and "make VMM=ts" builds it for seL4.`,
  );
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
  const served = servedSources(plan, guest);
  const start = `BOOT_VCPU, kernelPc, GUEST_DTB${initrd === undefined ? '' : ', GUEST_INITRD'}`;
  const waits = devices.some(({ isServed }) => isServed);
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
${devices.length === 0 ? '' : QUEUE}${served.length === 0 ? '' : CHANNEL}
export function vmm(microkit: Microkit, images: GuestImages): Program {
  const monitor = new Monitor(microkit, {
    gic: ${gicValue(plan, guest)},
    ram: [
      {
        gpaStart: GUEST_RAM_BASE,
        sizeBytes: GUEST_RAM_BYTES,
        vmmVaddr: microkit.setvar('${ramSymbol(0)}') ?? ${hex(ram.monitorVaddr)},
      },
${(ram.more ?? [])
  .map(
    ({ base, size, monitorVaddr }, index) => `      {
        gpaStart: ${hex(base)},
        sizeBytes: ${hex(size)},
        vmmVaddr: microkit.setvar('${ramSymbol(index + 1)}') ?? ${hex(monitorVaddr)},
      },
`,
  )
  .join('')}    ],
  });
${devices.length === 0 ? '' : virtioTable(devices)}${served.length === 0 ? '' : servedTable(served)}
  // It answers faults and passed-through interrupts itself: what is to be seen of them goes here, as fault(child, fault), or into a program
  // that is not its own.
  return monitor.program({
    init() {
      const kernelPc = monitor.linuxSetupImages(images, { ${placement} });
      if (kernelPc === undefined) return;
      if (!monitor.virqControllerInit()) return;
      for (const [channel, intid] of PASSTHROUGH_IRQS) {
        if (!monitor.virqRegisterPassthrough(BOOT_VCPU, intid, channel)) return;
      }
${devices.length === 0 ? '' : VIRTIO_INIT}${served.length === 0 ? '' : SERVED_INIT}${
  waits
    ? waitingStart(start)
    : `      monitor.guestStart(${start});
`
}    },

    notified(channel) {
${devices.length === 0 ? '' : virtioNotified(waits)}${served.length === 0 ? '' : SERVED_NOTIFIED}      monitor.log(\`unexpected channel \${channel}\`);
    },
  });
}
`;
}

interface VirtioSource {
  readonly device: VirtioPlan;
  /** What the monitor library has for it. */
  readonly library: SharedClass['virtio'];
  /** What this monitor calls its links, in the order of the class's connections. */
  readonly symbols: readonly string[];
  /** Whether another guest serves it, which must have come up first. */
  readonly isServed: boolean;
}

/** The guest's virtio devices that are served, in the plan's order. */
function virtioDevices(plan: Plan, guest: GuestPlan): readonly VirtioSource[] {
  const served = servedDevices({ guests: [guest], sharing: plan.sharing });
  return guest.virtio.flatMap((device) => {
    const symbols = served.flatMap((each) => (each.device === device ? [each.client.symbol] : []));
    const library = sharedClass(classOfKind(device.kind)).virtio;
    const isServed = device.kind === 'block' && serverOf(plan.guests, device.driver) !== undefined;
    return symbols.length === 0 ? [] : [{ device, library, symbols, isServed }];
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
  const made = ({ device, library, symbols }: VirtioSource): string => {
    // Of another guest's console nothing is to be lost.
    const options = device.consoleOf === undefined ? '' : ', { waits: true }';
    return `new ${library.device}(${library.backend}(microkit, ${symbols.map(camel).join(', ')})${options})`;
  };
  // What is waited for has a name.
  const waiting = devices
    .filter(({ isServed }) => isServed)
    .map((source, index) => ({ source, name: `disk${index}` }));
  const rows = devices.map((source) => {
    const { device, symbols } = source;
    const ends = symbols.map(camel);
    const name = waiting.find((each) => each.source === source)?.name;
    return `    {
      base: ${hex(device.guestAddr)},
      sizeBytes: ${hex(device.sizeBytes)},
      intid: ${device.intid},
      channels: [${ends.map((end) => `${end}.channel`).join(', ')}],
      device: ${name ?? made(source)},
    },`;
  });
  return `
  // The virtio devices: where the guest's tree has them, and the virtualisers behind them.
${[...queues, ...waiting.map(({ source, name }) => `  const ${name} = ${made(source)};`)].join('\n')}
  const virtio = [
${rows.join('\n')}
  ];
${waiting.length === 0 ? '' : `  const disks = [${waiting.map(({ name }) => name).join(', ')}];\n`}`;
}

function camel(symbol: string): string {
  return symbol.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const VIRTIO_INIT = `      for (const { base, sizeBytes, intid, device } of virtio) {
        if (!monitor.virtioMmioDeviceInit(base, sizeBytes, intid, device)) return;
      }
`;
const virtioNotified = (
  waits: boolean,
): string => `      const told = virtio.filter(({ channels }) => channels.includes(channel));
      for (const { device } of told) device.notified();
${waits ? '      monitor.guestStartIfServed();\n' : ''}      if (told.length > 0) return;
`;

const waitingStart = (
  start: string,
): string => `      // Other guests serve disks of this one: it starts when they have found them.
      monitor.guestStartWhenServed(disks, ${start});
`;

interface ServedSource {
  readonly served: ServedPlan;
  readonly symbol: string;
}

/** What the guest serves to others, and what this monitor calls the link to the virtualiser. */
function servedSources(plan: Plan, guest: GuestPlan): readonly ServedSource[] {
  return (guest.serves ?? []).flatMap((served) =>
    plan.sharing.links.flatMap(({ ends: [end] }) =>
      end.pd === guest.monitor.pd && end.served === served.path ? [{ served, symbol: end.symbol }] : [],
    ),
  );
}

function servedTable(all: readonly ServedSource[]): string {
  const rows = all.map(({ served: { device, intid, windows }, symbol }) => {
    const page = windows[0];
    return `    // ${device}
    {
      base: ${hex(page?.guestAddr ?? 0)},
      sizeBytes: ${hex(page?.sizeBytes ?? 0)},
      intid: ${intid},
      channel: channelOf(microkit, '${channelSymbol(symbol)}'),
    },`;
  });
  return `
  // What the guest serves to others: the page by which its program speaks, the interrupt by which it is told, and the virtualiser's channel.
  const served = [
${rows.join('\n')}
  ];
`;
}

const SERVED_INIT = `      for (const { base, sizeBytes, intid, channel } of served) {
        if (!monitor.servedDeviceInit(base, sizeBytes, intid, channel)) return;
      }
`;
const SERVED_NOTIFIED = `      const asked = served.find((each) => each.channel === channel);
      if (asked !== undefined) {
        monitor.vgicInjectIrq(BOOT_VCPU, asked.intid);
        return;
      }
`;

const CHANNEL = `
/** The channel that the system description gives a name. */
function channelOf(microkit: Microkit, name: string): number {
  const channel = microkit.setvar(name);
  if (channel === undefined) throw new Error(\`the system description sets no \${name}\`);
  return channel;
}
`;

const REDISTRIBUTOR_BYTES = 0x2_0000;

function gicValue(plan: Plan, guest: GuestPlan): string {
  const { version, distributor, redistributors, virtualCpuInterface } = plan.board.gic;
  if (version === 2) {
    const cpuInterface = hex(virtualCpuInterface?.guestAddr ?? 0);
    return `{ version: 2, distributor: ${hex(distributor.base)}, cpuInterface: ${cpuInterface} }`;
  }
  const size = hex(REDISTRIBUTOR_BYTES * guest.vm.vcpus);
  return `{
      version: 3,
      distributor: ${hex(distributor.base)},
      redistributors: [{ base: ${hex(redistributors ?? 0)}, size: ${size} }],
    }`;
}
