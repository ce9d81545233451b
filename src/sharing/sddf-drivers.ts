/**
 * The drivers that sDDF has, by what they drive: at the commit that libvmm 0.2.0 pins (a15355c), from `drivers/` there. Which nodes a
 * driver is for, which of their interrupts it takes and what memory it wants beside registers is what each directory's `config.json`
 * says; the program's name and its section of the Makefile are its `.mk` file's. x86 and RISC-V's are left out.
 */
import { KIB, MIB } from '../base/index.ts';
import type { DeviceClass } from './classes.ts';

/** Memory that a driver shares with its device, and so has at a physical address that it knows. */
export interface DmaRegion {
  readonly name: string;
  readonly sizeBytes: number;
  /** Virtio devices of QEMU see what is in the cache; others do not. */
  readonly cached: boolean;
}

/** A row of the table: one directory below sDDF's `drivers/`. */
export interface SddfDriver {
  readonly class: DeviceClass | 'timer';
  readonly directory: string;
  /** Its section of the Makefile, in that directory, and the program that comes of it. */
  readonly makefile: string;
  readonly image: string;
  readonly compatible: readonly string[];
  /** Which of the node's interrupts it takes. */
  readonly interrupt: number;
  /** In the order in which it expects them, after the registers. */
  readonly dma: readonly DmaRegion[];
  /** Whether it asks a timer driver for the time. */
  readonly needsTimer: boolean;
}

const ring = (name: string): DmaRegion => ({ name, sizeBytes: 32 * KIB, cached: false });
const RINGS = [ring('device_rx_ring'), ring('device_tx_ring')] as const;
const PLAIN = { interrupt: 0, dma: [], needsTimer: false } as const;

const uart = (name: string, compatible: readonly string[]): SddfDriver => ({
  ...PLAIN,
  class: 'serial',
  directory: `serial/${name}`,
  makefile: 'serial_driver.mk',
  image: 'serial_driver.elf',
  compatible,
});

const ethernet = (name: string, image: string, compatible: readonly string[]): SddfDriver => ({
  ...PLAIN,
  class: 'net',
  directory: `network/${name}`,
  makefile: 'eth_driver.mk',
  image: `eth_driver_${image}.elf`,
  compatible,
  dma: RINGS,
});

const disk = (name: string, compatible: readonly string[]): SddfDriver => ({
  ...PLAIN,
  class: 'block',
  directory: `blk/${name}`,
  makefile: 'blk_driver.mk',
  image: 'blk_driver.elf',
  compatible,
});

const timer = (name: string, interrupt: number, compatible: readonly string[]): SddfDriver => ({
  ...PLAIN,
  class: 'timer',
  directory: `timer/${name}`,
  makefile: 'timer_driver.mk',
  image: 'timer_driver.elf',
  compatible,
  interrupt,
});

/** What sDDF drives on AArch64. */
export const SDDF_DRIVERS: readonly SddfDriver[] = [
  uart('arm', ['arm,pl011']),
  uart('imx', ['fsl,imx8mq-uart', 'fsl,imx8mm-uart', 'fsl,imx8mp-uart']),
  uart('meson', ['amlogic,meson-gx-uart', 'amlogic,meson-ao-uart']),
  uart('ns16550a', ['ns16550a', 'snps,dw-apb-uart', 'brcm,bcm2835-aux-uart']),
  uart('zynqmp', ['xlnx,zynqmp-uart']),
  {
    ...ethernet('virtio/mmio', 'virtio', ['virtio,mmio']),
    dma: [{ name: 'hw_ring_buffer', sizeBytes: 64 * KIB, cached: true }],
  },
  // The third of four interrupts of the FEC's node is that of receive, transmit and errors.
  { ...ethernet('imx', 'imx', ['fsl,imx8mq-fec']), interrupt: 2 },
  ethernet('meson', 'meson', ['amlogic,meson-gxbb-dwmac', 'amlogic,meson-g12a-dwmac']),
  ethernet('dwmac-5.10a', 'dwmac-5.10a', [
    'nxp,imx8mp-dwmac-eqos',
    'snps,dwmac-5.10a',
    'snps,dwmac-5.20',
    'snps,dwmac-4.20a',
  ]),
  {
    ...ethernet('genet', 'genet', ['brcm,bcm2711-genet-v5']),
    dma: [...RINGS, ring('mbox_message')],
    needsTimer: true,
  },
  // The program's name is written so there.
  ethernet('zynqmp-gem', 'znyqmp_gem', ['xlnx,zynqmp-gem', 'cdns,gem']),
  {
    ...disk('virtio/mmio', ['virtio,mmio']),
    dma: [
      { name: 'virtio_headers', sizeBytes: 64 * KIB, cached: false },
      { name: 'virtio_metadata', sizeBytes: 2 * MIB, cached: false },
    ],
  },
  { ...disk('mmc/imx', ['fsl,imx8mq-usdhc']), needsTimer: true },
  timer('imx', 0, ['fsl,imx8mm-gpt', 'fsl,imx8mq-gpt', 'fsl,imx8mp-gpt']),
  timer('bcm2835', 1, ['brcm,bcm2835-system-timer']),
  timer('meson', 0, ['amlogic,meson-gxbb-wdt']),
];

/** sDDF's driver of a class for the first of these that there is one for. */
export function sddfDriverFor(
  name: DeviceClass | 'other' | 'timer',
  compatible: readonly string[],
): SddfDriver | undefined {
  for (const each of compatible) {
    const found = SDDF_DRIVERS.find((row) => row.class === name && row.compatible.includes(each));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** sDDF's driver in a directory that a plan names. */
export function sddfDriverIn(directory: string): SddfDriver {
  const found = SDDF_DRIVERS.find((row) => row.directory === directory);
  if (found === undefined) throw new Error(`no driver of sDDF's in ${directory}`);
  return found;
}

/** The devices of a class that sDDF drives, for whoever asked for another. */
export function sddfDriven(name: DeviceClass | 'timer'): readonly string[] {
  return SDDF_DRIVERS.filter((row) => row.class === name).flatMap(({ compatible }) => compatible);
}
