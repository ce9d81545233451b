/*
 * The monitor of the guest "linux": "drivervm run" runs it, and "make VMM=ts" builds it for seL4.
 * Written by "drivervm plan" for odroidc4 (Hardkernel ODROID-C4), from meson-sm1-odroid-c4.dtb and plan.json beside this file.
 * Edit it if you like: planning again keeps an edited file and writes the new one beside it.
 */
import type { Microkit, Program } from 'drivervm/sel4';
import { type GuestImages, Monitor } from 'drivervm/vmm';

// Guest physical addresses. The guest's device tree and the system description say the same.
const GUEST_RAM_BASE = 0x80000000;
const GUEST_RAM_BYTES = 0x40000000;
const GUEST_DTB = 0x88000000;
const GUEST_INITRD = 0x84000000;
const BOOT_VCPU = 0;

// The interrupts that are passed through: [channel, INTID].
const PASSTHROUGH_IRQS: readonly (readonly [number, number])[] = [
  [0, 35], // SPI 3, edge: /soc/vpu@ff900000
  [1, 40], // SPI 8, level: /soc/ethernet@ff3f0000
  [2, 41], // SPI 9, level: /soc/bus@ff600000/mdio-multiplexer@4c000/mdio@1/ethernet-phy@8
  [3, 48], // SPI 16, level: /soc/usb@ffe09000
  [4, 62], // SPI 30, level: /soc/usb@ffe09000/usb@ff500000
  [5, 63], // SPI 31, level: /soc/usb@ffe09000/usb@ff400000
  [6, 64], // SPI 32, edge: /soc/video-decoder@ff620000
  [7, 67], // SPI 35, edge: /soc/bus@ff600000/temperature-sensor@34800
  [8, 68], // SPI 36, edge: /soc/bus@ff600000/temperature-sensor@34c00
  [9, 76], // SPI 44, edge: /soc/video-decoder@ff620000
  [10, 89], // SPI 57, edge: /soc/bus@ff600000/hdmi-tx@0
  [11, 96], // SPI 64, edge: /soc/bus@ffd00000/interrupt-controller@f080
  [12, 97], // SPI 65, edge: /soc/bus@ffd00000/interrupt-controller@f080
  [13, 98], // SPI 66, edge: /soc/bus@ffd00000/interrupt-controller@f080
  [14, 99], // SPI 67, edge: /soc/bus@ffd00000/interrupt-controller@f080
  [15, 100], // SPI 68, edge: /soc/bus@ffd00000/interrupt-controller@f080
  [16, 101], // SPI 69, edge: /soc/bus@ffd00000/interrupt-controller@f080
  [17, 102], // SPI 70, edge: /soc/bus@ffd00000/interrupt-controller@f080
  [18, 103], // SPI 71, edge: /soc/bus@ffd00000/interrupt-controller@f080
  [19, 184], // SPI 152, edge: /soc/bus@ff600000/bus@60000/audio-controller@1c0
  [20, 185], // SPI 153, edge: /soc/bus@ff600000/bus@60000/audio-controller@200
  [21, 186], // SPI 154, edge: /soc/bus@ff600000/bus@60000/audio-controller@240
  [22, 192], // SPI 160, level: /soc/gpu@ffe40000
  [23, 193], // SPI 161, level: /soc/gpu@ffe40000
  [24, 194], // SPI 162, level: /soc/gpu@ffe40000
  [25, 222], // SPI 190, level: /soc/sd@ffe05000
  [26, 223], // SPI 191, level: /soc/mmc@ffe07000
  [27, 225], // SPI 193, edge: /soc/bus@ff800000/serial@3000
  [28, 228], // SPI 196, edge: /soc/bus@ff800000/ir@8000
  [29, 232], // SPI 200, edge: /soc/bus@ff800000/adc@9000
  [30, 235], // SPI 203, edge: /soc/bus@ff800000/cec@280
];

export function vmm(microkit: Microkit, images: GuestImages): Program {
  const monitor = new Monitor(microkit, {
    gic: { version: 2, distributor: 0xffc01000, cpuInterface: 0xffc02000 },
    ram: [
      {
        gpaStart: GUEST_RAM_BASE,
        sizeBytes: GUEST_RAM_BYTES,
        vmmVaddr: microkit.setvar('guest_ram_vaddr') ?? 0x80000000,
      },
    ],
  });

  // It answers faults and passed-through interrupts itself: what is to be seen of them goes here, as fault(child, fault), or into a program
  // that is not its own.
  return monitor.program({
    init() {
      const kernelPc = monitor.linuxSetupImages(images, { ramStart: GUEST_RAM_BASE, dtb: GUEST_DTB, initrd: GUEST_INITRD });
      if (kernelPc === undefined) return;
      if (!monitor.virqControllerInit()) return;
      for (const [channel, intid] of PASSTHROUGH_IRQS) {
        if (!monitor.virqRegisterPassthrough(BOOT_VCPU, intid, channel)) return;
      }
      monitor.guestStart(BOOT_VCPU, kernelPc, GUEST_DTB, GUEST_INITRD);
    },

    notified(channel) {
      monitor.log(`unexpected channel ${channel}`);
    },
  });
}
