/*
 * The mission's vmm.c in TypeScript, for "drivervm run": images to their places, the virtual interrupt controller, one channel
 * for each interrupt that is passed through, and the guest is started. What is notified goes to the guest.
 */
import type { Microkit, Program } from 'drivervm/sel4';
import { type GuestImages, Monitor } from 'drivervm/vmm';

// Guest RAM is where vmm_ram.h has it; the guest's tree says the same of the initrd.
const GUEST_RAM_ADDR = 0x80000000;
const GUEST_RAM_SIZE = 0x40000000;
const GUEST_INIT_RAM_DISK_ADDR = 0x8d700000;
const GUEST_DTB_ADDR = 0x8f000000;
const GUEST_VCPU_ID = 0;

// Indexed by channel: the interrupt that it stands for. Number 5 of the description is left out: no device can raise it.
const passthroughIrqMap: Readonly<Record<number, number>> = {
  7: 192, // panfrost-gpu
  8: 193, // panfrost-mmu
  9: 194, // panfrost-job
  10: 53, // i2c
  11: 225, // UART
  14: 89, // hdmi
  15: 35, // vpu
  18: 222, // eMMCB
  19: 223, // eMMCC
  21: 40, // Ethernet
  // GPIO
  23: 96,
  24: 97,
  25: 98,
  26: 99,
  27: 100,
  28: 101,
  29: 102,
  30: 103,
};

export function vmm(microkit: Microkit, images: GuestImages): Program {
  const monitor = new Monitor(microkit, {
    gic: { version: 2, distributor: 0xffc01000 },
    ram: [
      {
        gpaStart: GUEST_RAM_ADDR,
        sizeBytes: GUEST_RAM_SIZE,
        vmmVaddr: microkit.setvar('guest_ram_vaddr') ?? GUEST_RAM_ADDR,
      },
    ],
  });

  return monitor.program({
    init() {
      const kernelPc = monitor.linuxSetupImages(images, {
        ramStart: GUEST_RAM_ADDR,
        dtb: GUEST_DTB_ADDR,
        initrd: GUEST_INIT_RAM_DISK_ADDR,
      });
      if (kernelPc === undefined) return;
      if (!monitor.virqControllerInit()) return;
      for (const [ch, irq] of Object.entries(passthroughIrqMap)) {
        monitor.virqRegisterPassthrough(GUEST_VCPU_ID, irq, Number(ch));
      }
      monitor.guestStart(GUEST_VCPU_ID, kernelPc, GUEST_DTB_ADDR, GUEST_INIT_RAM_DISK_ADDR);
    },

    // Faults and passed-through interrupts are the monitor's own: no other channel of the description is anybody's.
    notified(ch) {
      monitor.log(`unexpected channel ${ch}`);
    },
  });
}
