/**
 * Controllers that have fewer lines to the GIC than inputs and give one away when a driver asks: which one is not in the
 * tree. What is in the tree is the set they choose from.
 * After the kernel's drivers/irqchip of release 6.1: irq-meson-gpio, irq-ti-sci-intr, irq-ti-sci-inta, irq-mvebu-icu,
 * irq-mvebu-gicp, irq-mbigen; of release 7.2: irq-bcm2712-mip.
 */
import { intidToSpi } from '../../../base/index.ts';
import type { DtNode } from '../../tree.ts';
import { cellsProperty, stringsProperty, u32Property } from '../../value.ts';
import type { Sense } from './interrupt.ts';
import { type ControllerRule, cellGroups, gicSpi, inverted, senseAtEnd } from './rule.ts';
import { interruptCells } from './specifiers.ts';

/** A property that lists thousands of lines is broken; no GIC has more SPIs than these. */
const MAX_OUTPUTS = 1024;

/**
 * Amlogic's GPIO interrupt multiplexer: `amlogic,channel-interrupts` lists SPIs. Its outputs follow the user's trigger;
 * as lines of its own they are given as rising edges, which is what a GPIO's user asks for nearly always.
 */
const mesonGpioIntc: ControllerRule = {
  resolve: ({ cells }) => ({ to: 'outputs', sense: inverted(senseAtEnd(cells)) }),
  outputs: (controller, parent) => {
    const property = 'amlogic,channel-interrupts';
    const spis = cellsProperty(controller, property) ?? [];
    return {
      property,
      specifiers: spis.slice(0, MAX_OUTPUTS).map((spi) => gicSpi(parent, spi, 'edge-rising')),
    };
  },
};

/** Numbers `first … first + count − 1`, for each group of a property; never more than a GIC has. */
function numbersOf(
  groups: readonly (readonly number[])[],
  firstAt: number,
  countAt: number,
): readonly number[] {
  const numbers: number[] = [];
  for (const group of groups) {
    const [first = 0, count = 0] = [group[firstAt], group[countAt]];
    for (let at = 0; at < count && numbers.length < MAX_OUTPUTS; at += 1) numbers.push(first + at);
  }
  return numbers;
}

/**
 * TI's interrupt router: `ti,interrupt-ranges` holds <first output, first input of the controller above, count>; a GIC
 * above counts in INTIDs, another router in its inputs. The firmware (TISCI) decides which outputs Linux may use.
 */
const tiSciRouter: ControllerRule = {
  resolve: ({ controller }) => ({ to: 'outputs', sense: triggerTypeOf(controller) }),
  outputs: (controller, parent) => {
    const property = 'ti,interrupt-ranges';
    const numbers = numbersOf(cellGroups(controller, property, 3), 1, 2);
    const sense = triggerTypeOf(controller);
    // A router above takes one cell, its input; a GIC takes three.
    const gic = parent !== undefined && (interruptCells(parent) ?? 0) >= 3;
    const specifiers = gic
      ? numbers.map((intid) => gicSpi(parent, intidToSpi(intid), sense))
      : numbers.map((input) => [input]);
    return { property, specifiers };
  },
};

/** `ti,intr-trigger-type` is an `IRQ_TYPE_…`: 1 rising edge, 4 level high. The aggregator's outputs are levels. */
function triggerTypeOf(controller: DtNode): Sense {
  return u32Property(controller, 'ti,intr-trigger-type') === 1 ? 'edge-rising' : 'level-high';
}

/**
 * Marvell's ICU turns wires of a CP110 into messages to a frame beside the GIC (GICP), which raises an SPI from
 * `marvell,spi-ranges` (<first INTID, count>), or to the SEI controller, which has one SPI for all.
 */
const marvellIcu: ControllerRule = {
  resolve: ({ controller, cells, nodeOf }) => {
    const target = nodeOf(u32Property(controller, 'msi-parent') ?? 0);
    if (target === undefined) return { to: 'nowhere', reason: 'message' };
    return { to: 'outputs-of', node: target, sense: inverted(senseAtEnd(cells)) };
  },
};

const marvellGicp: ControllerRule = {
  resolve: ({ cells }) => ({ to: 'outputs', sense: inverted(senseAtEnd(cells)) }),
  outputs: (controller, parent) => {
    const property = 'marvell,spi-ranges';
    const intids = numbersOf(cellGroups(controller, property, 2), 0, 1);
    const specifiers = intids.map((intid) => gicSpi(parent, intidToSpi(intid), 'edge-rising'));
    return { property, specifiers };
  },
};

/**
 * The message controller of Broadcom's BCM2712: `msi-ranges` holds <GIC, specifier, count>, and each message raises a line of
 * the GIC (irq-bcm2712-mip of release 7.2). The device that gets one names it nowhere.
 */
const bcm2712Mip: ControllerRule = {
  resolve: ({ cells }) => ({ to: 'outputs', sense: inverted(senseAtEnd(cells)) }),
  outputs: (controller, parent) => {
    const property = 'msi-ranges';
    const width = 2 + (parent === undefined ? 3 : (interruptCells(parent) ?? 3));
    const spis = numbersOf(cellGroups(controller, property, width), 2, width - 1);
    return { property, specifiers: spis.map((spi) => gicSpi(parent, spi, 'edge-rising')) };
  },
};

/** Marvell's GICP is no `interrupt-controller`: messages only. The ICU's rule finds it by `msi-parent`. */
export const ALLOCATING_RULES: Readonly<Record<string, ControllerRule>> = {
  'amlogic,meson-gpio-intc': mesonGpioIntc,
  'ti,sci-intr': tiSciRouter,
  'ti,sci-inta': tiSciRouter,
  'marvell,cp110-icu': marvellIcu,
  'marvell,cp110-icu-nsr': marvellIcu,
  'marvell,cp110-icu-sei': marvellIcu,
  'marvell,ap806-gicp': marvellGicp,
  'brcm,bcm2712-mip': bcm2712Mip,
};

/** Whether a controller without lines of its own raises messages: it names an MSI controller. */
export function raisesMessages(controller: DtNode): boolean {
  const above = controller.parent;
  return (
    controller.properties.has('msi-parent') ||
    (above !== undefined && (stringsProperty(above, 'compatible') ?? []).includes('hisilicon,mbigen-v2'))
  );
}
