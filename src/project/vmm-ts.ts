/**
 * `vmm.ts`: the twin of `vmm.c` for `drivervm run`, in TypeScript and with the same entry points. It exports one function
 * `vmm(microkit, images)`, which gives the program; what it imports are types and the monitor library.
 */
import { hex } from '../base/index.ts';
import type { GuestPlan, Plan } from '../plan/index.ts';
import { blockComment, headerLines } from './header.ts';

const FIRST_SPI = 32;

export function vmmTsText(plan: Plan, guest: GuestPlan): string {
  const { ram, dtb, initrd, interrupts } = guest;
  const header = headerLines(plan, `The monitor of the guest "${guest.name}" for "drivervm run".`);
  const table = interrupts.map(
    ({ channel, intid, trigger, devices }) =>
      `  [${channel}, ${intid}], // SPI ${intid - FIRST_SPI}, ${trigger}: ${devices.join(', ')}`,
  );
  const placement = [
    'ramStart: GUEST_RAM_BASE',
    'dtb: GUEST_DTB',
    ...(initrd === undefined ? [] : ['initrd: GUEST_INITRD']),
  ].join(', ');
  return `${blockComment(header)}
import type { Microkit, Program } from 'drivervm/sel4';
import { type GuestImages, Monitor } from 'drivervm/vmm';

// Guest physical addresses. The guest's device tree and the system description say the same.
const GUEST_RAM_BASE = ${hex(ram.base)};
const GUEST_RAM_BYTES = ${hex(ram.size)};
const GUEST_DTB = ${hex(dtb.base)};
${initrd === undefined ? '' : `const GUEST_INITRD = ${hex(initrd.base)};\n`}const BOOT_VCPU = 0;

// The interrupts that are passed through: [channel, INTID].
const PASSTHROUGH_IRQS: readonly (readonly [number, number])[] = [
${table.join('\n')}${table.length > 0 ? '\n' : ''}];

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

  return {
    init() {
      const kernelPc = monitor.linuxSetupImages(images, { ${placement} });
      if (kernelPc === undefined) return;
      if (!monitor.virqControllerInit()) return;
      for (const [channel, intid] of PASSTHROUGH_IRQS) {
        if (!monitor.virqRegisterPassthrough(BOOT_VCPU, intid, channel)) return;
      }
      monitor.guestStart(BOOT_VCPU, kernelPc, GUEST_DTB${initrd === undefined ? '' : ', GUEST_INITRD'});
    },

    notified(channel) {
      if (!monitor.virqHandlePassthrough(channel)) monitor.log(\`unexpected channel \${channel}\`);
    },

    fault: (child, fault) => monitor.faultHandle(child, fault),

    // For snapshots.
    state: () => monitor.state(),
    fromState: (state) => monitor.fromState(state),
  };
}
`;
}

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
