/**
 * The native drivers that come with drivervm: which program drives what, by the `compatible` of the device's node. A new one is
 * a row here and a program in `sddf`, which the list there (`sddf/programs.ts`) then asks for.
 */
import { DEVICE_CLASSES, type DeviceClass, sharedClass } from './classes.ts';

/** A row of the table: which devices a program drives. */
export interface NativeDriver {
  readonly class: DeviceClass;
  /** The file name of its program. */
  readonly image: string;
  /** The most specific first; Linux's bindings have them. */
  readonly compatible: readonly string[];
}

/** The symbols that a description sets for what a driver has of its device: registers and interrupts, numbered from the second. */
const DRIVER_REGIONS_SYMBOL = 'regs';
const DRIVER_IRQ_SYMBOL = 'irq';

/** The native drivers there are; the compiler asks `sddf` for a program for each. */
export const NATIVE_DRIVERS = [
  // Linux 6.1, serial/pl011.yaml and serial/arm_sbsa_uart.txt.
  { class: 'serial', image: 'uart_pl011_driver.elf', compatible: ['arm,pl011', 'arm,sbsa-uart'] },
  // Linux 6.1, serial/amlogic,meson-uart.yaml.
  {
    class: 'serial',
    image: 'uart_meson_driver.elf',
    compatible: [
      'amlogic,meson-ao-uart',
      'amlogic,meson-uart',
      'amlogic,meson6-uart',
      'amlogic,meson8-uart',
      'amlogic,meson8b-uart',
      'amlogic,meson-gx-uart',
      'amlogic,meson-g12a-uart',
      'amlogic,meson-s4-uart',
      'amlogic,meson-a1-uart',
    ],
  },
  // Linux 6.1, serial/fsl-imx-uart.yaml; i.MX 1 has its registers elsewhere.
  {
    class: 'serial',
    image: 'uart_imx_driver.elf',
    compatible: ['fsl,imx6q-uart', 'fsl,imx53-uart', 'fsl,imx21-uart'],
  },
] as const satisfies readonly NativeDriver[];

/** The image's name of a native driver. */
export type NativeDriverImage = (typeof NATIVE_DRIVERS)[number]['image'];

/** The driver for the first of these that there is one for. */
export function nativeDriverFor(compatible: readonly string[]): NativeDriver | undefined {
  const rows: readonly NativeDriver[] = NATIVE_DRIVERS;
  for (const name of compatible) {
    const found = rows.find((row) => row.compatible.includes(name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The class that a node's name stands for: names are generic, and some are numbered (DTSpec 0.4 §2.2.2). */
export function classOfNodeName(baseName: string): DeviceClass | undefined {
  const generic = baseName.replace(/[-_]?\d+$/, '');
  return DEVICE_CLASSES.find((name) => {
    const { nodeNames } = sharedClass(name);
    return nodeNames.includes(baseName) || nodeNames.includes(generic);
  });
}

/** `regs`, then `regs1`. */
export function driverRegionSymbol(index: number): string {
  return `${DRIVER_REGIONS_SYMBOL}${index === 0 ? '' : index}`;
}

/** `irq_ch`, then `irq1_ch`. */
export function driverIrqSymbol(index: number): string {
  return `${DRIVER_IRQ_SYMBOL}${index === 0 ? '' : index}_ch`;
}
