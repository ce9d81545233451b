/**
 * Which model stands for which `compatible`. A row makes a device of a node; what it is given is all that it may know:
 * its interrupt lines, a serial line where it is a UART, the way to RAM, the time, and the node's own properties.
 */
import {
  Armada3700Uart,
  type BlockStore,
  type BusMaster,
  CadenceUart,
  type Clock,
  type Device,
  Dwmac,
  EmmcCard,
  type EthernetPort,
  GeniUart,
  ImxUart,
  type IrqLine,
  Lpuart,
  type MdioBus,
  MesonGpio,
  type MesonGpioLayout,
  MesonMdioMux,
  MesonMmc,
  type MesonMmcLayout,
  MesonUart,
  MsmUart,
  Pl011,
  Pl031,
  Pl061,
  Scif,
  SdCard,
  type SerialLine,
  Sun8iTimer,
  Uart8250,
  type Uart8250Variant,
  UNCONNECTED_LINE,
} from '../device/index.ts';
import { type DtNode, u32Property } from '../devicetree/index.ts';

export interface ModelParts {
  readonly node: DtNode;
  /** The n-th interrupt's wire; one that leads nowhere where the tree gives none. */
  readonly irq: (index: number) => IrqLine;
  /** How many interrupts the tree gives it. */
  readonly irqCount: number;
  /** For UARTs: the wire to the outside. */
  readonly line: SerialLine;
  /** For devices that move data themselves: RAM, by physical address. */
  readonly master: BusMaster;
  readonly clock: Clock;
  /** Where the bus shows its registers. */
  readonly baseAddr: number;
  /** For Ethernet controllers: a place on the machine's wire. */
  readonly connectWire: () => EthernetPort;
  /** For Ethernet controllers and what stands between them and their PHYs. */
  readonly mdio: () => MdioBus;
  /** For devices with a medium: what it holds. `undefined` where none is in. */
  readonly disk: BlockStore | undefined;
  /** For GPIO controllers: the pins that the board pulls low now. */
  readonly lowPins: () => readonly number[];
}

/** A row of the table of models: for which `compatible`, of which kind, how made of its node. */
export interface DeviceModel {
  readonly compatible: readonly string[];
  /** `disk`: it has a medium, which may be missing. */
  readonly kind: 'uart' | 'disk' | 'timer' | 'rtc' | 'ethernet' | 'gpio';
  readonly create: (parts: ModelParts) => Device;
}

function uart8250(variant: Uart8250Variant, defaultShift: number): DeviceModel['create'] {
  return ({ node, irq, line }) =>
    new Uart8250({ irq: irq(0), line, regShift: u32Property(node, 'reg-shift') ?? defaultShift }, variant);
}

/** After the `of_device_id` tables of Linux 6.1's drivers. */
export const DEVICE_MODELS: readonly DeviceModel[] = [
  {
    compatible: [
      'amlogic,meson-uart',
      'amlogic,meson6-uart',
      'amlogic,meson8-uart',
      'amlogic,meson8b-uart',
      'amlogic,meson-gx-uart',
      'amlogic,meson-s4-uart',
      'amlogic,meson-a1-uart',
      'amlogic,meson-ao-uart',
    ],
    kind: 'uart',
    create: ({ node, irq, line }) =>
      new MesonUart({ irq: irq(0), line, fifoDepth: u32Property(node, 'fifo-size') ?? 64 }),
  },
  { compatible: ['arm,pl011'], kind: 'uart', create: ({ irq, line }) => new Pl011({ irq: irq(0), line }) },
  {
    compatible: ['arm,sbsa-uart'],
    kind: 'uart',
    create: ({ irq, line }) => new Pl011({ irq: irq(0), line }, 'sbsa'),
  },
  {
    compatible: ['snps,dw-apb-uart', 'marvell,armada-38x-uart', 'renesas,rzn1-uart', 'starfive,jh7100-uart'],
    kind: 'uart',
    create: uart8250('designware', 0),
  },
  {
    compatible: ['ns8250', 'ns16450', 'ns16550', 'ns16550a', 'ns16750', 'ns16850', 'nuvoton,wpcm450-uart'],
    kind: 'uart',
    create: uart8250('ns16550', 0),
  },
  { compatible: ['mediatek,mt6577-uart'], kind: 'uart', create: uart8250('ns16550', 2) },
  { compatible: ['nvidia,tegra20-uart'], kind: 'uart', create: uart8250('tegra', 2) },
  { compatible: ['brcm,bcm2835-aux-uart'], kind: 'uart', create: uart8250('aux', 2) },
  {
    compatible: ['ti,am654-uart', 'ti,am64-uart', 'ti,am4372-uart', 'ti,am3352-uart'],
    kind: 'uart',
    create: uart8250('am65', 2),
  },
  {
    compatible: ['fsl,imx1-uart', 'fsl,imx21-uart', 'fsl,imx53-uart', 'fsl,imx6q-uart'],
    kind: 'uart',
    create: ({ irq, line }) => new ImxUart({ irq: irq(0), line }),
  },
  {
    compatible: ['cdns,uart-r1p8', 'cdns,uart-r1p12', 'xlnx,xuartps', 'xlnx,zynqmp-uart'],
    kind: 'uart',
    create: ({ irq, line }) => new CadenceUart({ irq: irq(0), line }),
  },
  {
    compatible: ['fsl,imx7ulp-lpuart', 'fsl,imx8qxp-lpuart', 'fsl,imx8ulp-lpuart', 'fsl,imxrt1050-lpuart'],
    kind: 'uart',
    create: ({ irq, line }) => new Lpuart({ irq: irq(0), line }, 'imx'),
  },
  {
    compatible: ['fsl,ls1028a-lpuart'],
    kind: 'uart',
    create: ({ irq, line }) => new Lpuart({ irq: irq(0), line }, 'layerscape'),
  },
  {
    compatible: ['marvell,armada-3700-uart'],
    kind: 'uart',
    create: ({ irq, line }) =>
      new Armada3700Uart({ line, sumIrq: irq(0), transmitIrq: irq(1), receiveIrq: irq(2) }, 'standard'),
  },
  {
    compatible: ['marvell,armada-3700-uart-ext'],
    kind: 'uart',
    create: ({ irq, line }) =>
      new Armada3700Uart(
        { line, sumIrq: UNCONNECTED_LINE, transmitIrq: irq(0), receiveIrq: irq(1) },
        'extended',
      ),
  },
  {
    compatible: ['qcom,msm-uartdm'],
    kind: 'uart',
    create: ({ irq, line }) => new MsmUart({ irq: irq(0), line }),
  },
  {
    compatible: ['qcom,geni-uart', 'qcom,geni-debug-uart'],
    kind: 'uart',
    create: ({ irq, line }) => new GeniUart({ irq: irq(0), line }),
  },
  {
    compatible: ['renesas,scif', 'renesas,scif-r9a07g044', 'renesas,scif-r7s72100'],
    kind: 'uart',
    create: scif(16),
  },
  { compatible: ['renesas,hscif'], kind: 'uart', create: scif(128) },
  {
    compatible: [
      'amlogic,meson-gx-mmc',
      'amlogic,meson-gxbb-mmc',
      'amlogic,meson-gxl-mmc',
      'amlogic,meson-gxm-mmc',
    ],
    kind: 'disk',
    create: mesonMmc('gx'),
  },
  {
    compatible: ['allwinner,sun4i-a10-timer', 'allwinner,sun8i-a23-timer'],
    kind: 'timer',
    create: ({ irq, clock }) => new Sun8iTimer({ clock, irqs: [irq(0), irq(1)] }),
  },
  { compatible: ['arm,pl031'], kind: 'rtc', create: ({ irq, clock }) => new Pl031({ clock, irq: irq(0) }) },
  { compatible: ['amlogic,meson-axg-mmc'], kind: 'disk', create: mesonMmc('axg') },
  { compatible: ['arm,pl061'], kind: 'gpio', create: ({ irq }) => new Pl061({ irq: irq(0) }) },
  { compatible: ['amlogic,meson-g12a-periphs-pinctrl'], kind: 'gpio', create: mesonGpio('g12a') },
  { compatible: ['amlogic,meson-gxbb-periphs-pinctrl'], kind: 'gpio', create: mesonGpio('gxbb') },
  { compatible: ['amlogic,meson-gxl-periphs-pinctrl'], kind: 'gpio', create: mesonGpio('gxl') },
  {
    compatible: ['amlogic,meson-g12a-dwmac', 'amlogic,meson-axg-dwmac', 'amlogic,meson-gxbb-dwmac'],
    kind: 'ethernet',
    create: ({ node, irq, master, clock, connectWire, mdio }) => {
      const receiveFifoBytes = u32Property(node, 'rx-fifo-depth');
      return new Dwmac({
        irq: irq(0),
        master,
        clock,
        port: connectWire(),
        mdio: mdio(),
        ...(receiveFifoBytes === undefined ? {} : { receiveFifoBytes }),
      });
    },
  },
  {
    compatible: ['amlogic,g12a-mdio-mux'],
    kind: 'ethernet',
    create: ({ mdio }) => new MesonMdioMux(mdio()),
  },
];

function mesonGpio(layout: MesonGpioLayout): DeviceModel['create'] {
  return ({ lowPins }) => new MesonGpio(layout, lowPins);
}

function mesonMmc(layout: MesonMmcLayout): DeviceModel['create'] {
  return ({ node, irq, master, clock, baseAddr, disk }) => {
    const card = disk === undefined ? undefined : isSdSlot(node) ? new SdCard(disk) : new EmmcCard(disk);
    return new MesonMmc({ irq: irq(0), master, clock, baseAddr, card }, layout);
  };
}

/** What a slot is for, by what its node says that it can (mmc-controller.yaml). */
function isSdSlot({ properties }: DtNode): boolean {
  const names = [...properties.keys()];
  const forMmc = names.some((name) => /^(?:cap-mmc-|mmc-|non-removable$)/.test(name));
  return !forMmc && names.some((name) => /^(?:cap-sd-|sd-uhs-)/.test(name));
}

function scif(fifoDepth: number): DeviceModel['create'] {
  return ({ irq, irqCount, line }) =>
    new Scif({ line, irqs: Array.from({ length: irqCount }, (_, index) => irq(index)), fifoDepth });
}

const byCompatible = new Map(
  DEVICE_MODELS.flatMap((model) => model.compatible.map((name) => [name, model] as const)),
);

/** The model of the first `compatible` string that has one: the most specific comes first (DTSpec 0.4 §2.3.1). */
export function modelFor(compatible: readonly string[]): DeviceModel | undefined {
  for (const name of compatible) {
    const model = byCompatible.get(name);
    if (model !== undefined) return model;
  }
  return undefined;
}
