/**
 * What a kernel (Linux 6.1) does on a board without asking its tree's `status`: initcalls that are left out of a guest
 * where they only name the chip, nodes that a guest's tree must not hold where the device is not passed, and devices that a
 * driver looks for without a reference.
 */

/** An initcall of the kernel that calls firmware, or touches registers, on a board without asking its tree. */
export interface UnconditionalInitcall {
  readonly initcall: string;
  readonly why: string;
}

const LAYERSCAPES = ['1012a', '1028a', '1043a', '1046a', '1088a', '2080a', '2081a', '2088a']
  .map((chip) => `fsl,ls${chip}`)
  .concat('fsl,lx2160a');

/**
 * drivers/soc/imx/soc-imx8m.c maps the fuses' or the analogue block's registers even where their nodes are disabled, and
 * on the i.MX8MQ asks the firmware for the revision; it only names the chip.
 */
const UNCONDITIONAL: Readonly<Record<string, UnconditionalInitcall>> = {
  ...forEach(['fsl,imx8mq', 'fsl,imx8mm', 'fsl,imx8mn', 'fsl,imx8mp'], {
    initcall: 'imx8_soc_init',
    why: 'it reads registers and calls firmware without asking the tree, only to name the chip',
  }),
  // drivers/soc/fsl/guts.c
  ...forEach(LAYERSCAPES, {
    initcall: 'fsl_guts_init',
    why: 'it reads the device configuration registers even where their node is disabled, only to name the chip',
  }),
  // drivers/soc/renesas/renesas-soc.c, whose table has the register's address for chips without a node for it
  ...forEach(['renesas,r8a774a1', 'renesas,r8a774b1', 'renesas,r8a774c0', 'renesas,r8a774e1'], {
    initcall: 'renesas_soc_init',
    why: 'it reads the product register without asking whether it is enabled, only to name the chip',
  }),
};

function forEach(
  socs: readonly string[],
  call: UnconditionalInitcall,
): Readonly<Record<string, UnconditionalInitcall>> {
  return Object.fromEntries(socs.map((soc) => [soc, call]));
}

/** Initcalls to leave out on a board, by its root `compatible`. */
export function unconditionalInitcalls(boardCompatible: readonly string[]): readonly UnconditionalInitcall[] {
  return boardCompatible.flatMap((name) =>
    Object.hasOwn(UNCONDITIONAL, name) ? [UNCONDITIONAL[name] as UnconditionalInitcall] : [],
  );
}

const forAll = (compatibles: readonly string[], value: string): Readonly<Record<string, string>> =>
  Object.fromEntries(compatibles.map((name) => [name, value]));

const RENESAS_CHIPS = [
  'r8a774a1',
  'r8a774b1',
  'r8a774c0',
  'r8a774e1',
  'r8a7795',
  'r8a7796',
  'r8a77961',
].concat(['r8a77965', 'r8a77970', 'r8a77980', 'r8a77990', 'r8a77995', 'r8a779a0', 'r8a779f0', 'r8a779g0']);

/** Devices that early code finds by `compatible` alone and touches, with the function that does. */
const TOUCHED_UNCONDITIONALLY: Readonly<Record<string, string>> = {
  // drivers/soc/tegra/fuse/tegra-apbmisc.c, fuse-tegra.c; drivers/soc/tegra/pmc.c
  ...forAll(['nvidia,tegra20-apbmisc'], 'tegra_init_apbmisc'),
  ...forAll(['nvidia,tegra124-efuse', 'nvidia,tegra132-efuse', 'nvidia,tegra210-efuse'], 'tegra_init_fuse'),
  ...forAll(['nvidia,tegra124-pmc', 'nvidia,tegra132-pmc', 'nvidia,tegra210-pmc'], 'tegra_pmc_early_init'),
  // drivers/soc/renesas/rcar-rst.c
  ...forAll(
    RENESAS_CHIPS.map((chip) => `renesas,${chip}-rst`),
    'rcar_rst_init',
  ),
  // drivers/soc/rockchip/grf.c
  ...forAll(
    ['rk3328-grf', 'rk3368-grf', 'rk3399-grf', 'rk3566-pipe-grf'].map((name) => `rockchip,${name}`),
    'rockchip_grf_init',
  ),
};

/** The kernel's function that touches a device whether it is enabled or not; `undefined` for nearly all devices. */
export function touchedUnconditionally(compatible: readonly string[]): string | undefined {
  const known = compatible.find((name) => Object.hasOwn(TOUCHED_UNCONDITIONALLY, name));
  return known === undefined ? undefined : TOUCHED_UNCONDITIONALLY[known];
}

/** Devices that a driver finds by `compatible` alone, without a reference: from the driver's to theirs. */
const FOUND_BY_DRIVER: Readonly<Record<string, string>> = {
  // drivers/clk/imx/clk-imx8mq.c and its like
  'fsl,imx8mq-ccm': 'fsl,imx8mq-anatop',
  'fsl,imx8mm-ccm': 'fsl,imx8mm-anatop',
  'fsl,imx8mn-ccm': 'fsl,imx8mn-anatop',
  'fsl,imx8mp-ccm': 'fsl,imx8mp-anatop',
  // drivers/clk/tegra/clk-tegra210.c, clk-tegra124.c
  'nvidia,tegra210-car': 'nvidia,tegra210-pmc',
  'nvidia,tegra132-car': 'nvidia,tegra124-pmc',
  // drivers/clk/renesas/r8a774a1-cpg-mssr.c and its like, for the mode pins
  ...Object.fromEntries(
    RENESAS_CHIPS.map((chip) => [`renesas,${chip}-cpg-mssr`, `renesas,${chip}-rst`] as const),
  ),
};

/** The `compatible` of a device that this one's driver needs and its node does not name. */
export function foundByDriver(compatible: readonly string[]): string | undefined {
  const known = compatible.find((name) => Object.hasOwn(FOUND_BY_DRIVER, name));
  return known === undefined ? undefined : FOUND_BY_DRIVER[known];
}
