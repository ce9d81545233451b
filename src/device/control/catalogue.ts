/** All controllers known, by `compatible`. */
import { BROADCOM_CONTROLLERS } from './broadcom.ts';
import type { ControllerTable } from './controller.ts';
import { FIRMWARE_CONTROLLERS } from './firmware.ts';
import { IMX_CONTROLLERS } from './imx.ts';
import { MARVELL_CONTROLLERS } from './marvell.ts';
import { MESON_CONTROLLERS } from './meson.ts';
import { QORIQ_CONTROLLERS } from './qoriq.ts';
import { ROCKCHIP_CONTROLLERS } from './rockchip.ts';
import { TEGRA_CONTROLLERS } from './tegra.ts';

/** All tables of controllers: a new one is a row here. */
export const CONTROLLERS: readonly ControllerTable[] = [
  ...MARVELL_CONTROLLERS,
  ...MESON_CONTROLLERS,
  ...IMX_CONTROLLERS,
  ...FIRMWARE_CONTROLLERS,
  ...BROADCOM_CONTROLLERS,
  ...QORIQ_CONTROLLERS,
  ...ROCKCHIP_CONTROLLERS,
  ...TEGRA_CONTROLLERS,
];

const byCompatible = new Map(CONTROLLERS.flatMap((table) => table.compatible.map((name) => [name, table])));

/** The first of a node's `compatible` strings that names a controller we have. */
export function controllerFor(compatible: readonly string[]): ControllerTable | undefined {
  for (const name of compatible) {
    const table = byCompatible.get(name);
    if (table !== undefined) return table;
  }
  return undefined;
}
