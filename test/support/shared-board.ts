/** The board in small with devices that sDDF drives: a UART, an Ethernet controller, a virtio disk. */
import type { Plan } from '../../src/plan/index.ts';
import { goodPlan, type SmallBoard, smallBoard } from './small-board.ts';

export const SDDF_DRIVEN: SmallBoard = {
  more: `
    serial@5000 { compatible = "amlogic,meson-gx-uart"; reg = <0x5000 0x18>; interrupts = <0 20 1>; };
    virtio@6000 { compatible = "virtio,mmio"; reg = <0x6e00 0x200>; interrupts = <0 21 1>; };
    timer@9000 { compatible = "fsl,imx8mq-gpt"; reg = <0x9000 0x1000>; interrupts = <0 27 4>; };
    mmc@8000 { compatible = "fsl,imx8mq-usdhc"; reg = <0x8000 0x1000>; interrupts = <0 26 4>; };
    ethernet@10000 { compatible = "fsl,imx8mq-fec"; reg = <0x10000 0x10000>; interrupts = <0 22 4>, <0 23 4>, <0 24 4>; };`,
};

export const SDDF_DRIVERS_REQUEST = `drivers:
  - { name: uart, pass: [serial@5000] }
  - { name: disk, pass: [virtio@6000], class: block }
  - { name: ether, pass: [ethernet@10000] }
`;

/** The plan of a request for that board. */
export const sharedPlan = (request: string): Plan => goodPlan(smallBoard(SDDF_DRIVEN), request);
