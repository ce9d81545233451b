/**
 * Broadcom's clock manager of the BCM2835 and its successors (Linux 6.1, clk/bcm/clk-bcm2835.c): its PLLs are always locked,
 * and the core's clock, from which the auxiliary UART's comes, runs from the oscillator.
 */
import type { ControllerTable } from './controller.ts';

const [CM_VPUCTL, CM_VPUDIV, CM_LOCK] = [0x008, 0x00c, 0x114];
/** CM_*CTL: running, with the oscillator (1) as its source. */
const RUNNING_FROM_OSCILLATOR = 0x91;
/** CM_*DIV: twelve bits of fraction. */
const DIVIDED_BY_ONE = 0x1000;
/** CM_LOCK: FLOCKA, B, C, D and H. */
const ALL_LOCKED = 0x1f00;

export const BROADCOM_CONTROLLERS: readonly ControllerTable[] = [
  {
    model: 'BCM2835 clock manager',
    compatible: ['brcm,bcm2835-cprman', 'brcm,bcm2711-cprman'],
    source: 'Linux 6.1 clk/bcm/clk-bcm2835.c polls CM_LOCK',
    seeds: [
      [CM_VPUCTL, RUNNING_FROM_OSCILLATOR],
      [CM_VPUDIV, DIVIDED_BY_ONE],
    ],
    statusRules: [{ offset: CM_LOCK, mask: ALL_LOCKED }],
  },
];
