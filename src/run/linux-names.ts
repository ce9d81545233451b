/**
 * The names by which Linux calls a tree's devices: `ff63a000.phy` (`of_device_make_bus_id`, drivers/of/platform.c of 6.1,
 * device.c of 7.2), and `mmc0` for slots, which take numbers from aliases (drivers/mmc/core/host.c). Devices on I2C, SPI and
 * MDIO, and those that drivers make, have other names and are not found.
 */
import type { Board, Device, DtNode } from '../devicetree/index.ts';

export class LinuxNames {
  readonly #byName = new Map<string, Device>();

  constructor(board: Board) {
    for (const device of board.devices) {
      if (!device.status.enabled) continue;
      const name = nameOf(board, device.node);
      if (name !== undefined && !this.#byName.has(name)) this.#byName.set(name, device);
    }
    this.#nameSlots(board);
  }

  deviceOf(name: string): Device | undefined {
    return this.#byName.get(name);
  }

  /** By alias; without one, where there is one slot, it is the first. */
  #nameSlots(board: Board): void {
    const slots = board.devices.filter(({ node, status }) => status.enabled && SLOT.test(node.baseName));
    const [only] = slots;
    if (slots.length === 1 && only !== undefined) this.#byName.set('mmc0', only);
    for (const [alias, node] of board.aliases) {
      const device = /^mmc\d+$/.test(alias) ? board.deviceOf(node) : undefined;
      if (device !== undefined) this.#byName.set(alias, device);
    }
  }
}

const SLOT = /^(mmc|mmci|sd|sdhci|sdmmc|emmc|dwmmc\d*)$/;

/** A tree deeper than this is none of a board. */
const MAX_DEPTH = 32;

function nameOf(board: Board, node: DtNode): string | undefined {
  let name: string | undefined;
  let at = node;
  for (let depth = 0; at.parent !== undefined && depth < MAX_DEPTH; depth += 1) {
    const base = board.deviceOf(at)?.regs[0]?.cpu?.base;
    const suffix = name === undefined ? '' : `:${name}`;
    if (base !== undefined) return `${base.toString(16)}.${at.baseName}${suffix}`;
    name = `${at.name}${suffix}`;
    at = at.parent;
  }
  return name;
}
