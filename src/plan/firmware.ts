/**
 * Firmware behind SMC: devices whose Linux drivers (6.1) make secure monitor calls that a monitor must answer. libvmm 0.2
 * stops a guest at a call that it does not know; for calls of the SiP range it can forward to the firmware
 * (`smc_sip_forward`), for no others. The range is the owner field of the function number (SMCCC, Arm DEN 0028 §2.5).
 */

export type SmcOwner = 'sip' | 'standard' | 'trusted-os' | 'unknown';

export interface FirmwareCaller {
  readonly owner: SmcOwner;
  /** Who answers, in words. */
  readonly firmware: string;
}

const SIP = (firmware: string): FirmwareCaller => ({ owner: 'sip', firmware });

/** By `compatible`; read in the drivers named. */
const CALLERS: Readonly<Record<string, FirmwareCaller>> = {
  // drivers/firmware/meson, drivers/soc/amlogic/meson-secure-pwrc.c
  'amlogic,meson-gxbb-sm': SIP("Amlogic's secure monitor"),
  'amlogic,meson-a1-pwrc': SIP("Amlogic's secure monitor"),
  'amlogic,meson-s4-pwrc': SIP("Amlogic's secure monitor"),
  // drivers/firmware/xilinx/zynqmp.c, drivers/mailbox/zynqmp-ipi-mailbox.c
  'xlnx,zynqmp-firmware': SIP("Xilinx's platform management"),
  'xlnx,versal-firmware': SIP("Xilinx's platform management"),
  'xlnx,zynqmp-ipi-mailbox': SIP("Xilinx's platform management"),
  // drivers/devfreq/imx8m-ddrc.c, drivers/rtc/rtc-imx-sc.c, drivers/watchdog/imx_sc_wdt.c
  'fsl,imx8m-ddrc': SIP("NXP's DDR frequency service"),
  'fsl,imx8qxp-sc-rtc': SIP("NXP's system controller"),
  'fsl,imx-sc-wdt': SIP("NXP's system controller"),
  // drivers/phy/marvell
  'marvell,comphy-cp110': SIP("Marvell's PHY service"),
  'marvell,comphy-a3700': SIP("Marvell's PHY service"),
  // drivers/firmware/stratix10-svc.c, drivers/edac/altera_edac.c
  'intel,stratix10-svc': SIP("Intel's FPGA service"),
  'intel,agilex-svc': SIP("Intel's FPGA service"),
  'altr,socfpga-s10-ecc-manager': SIP("Intel's ECC registers"),
  'altr,sdram-edac-s10': SIP("Intel's ECC registers"),
  // drivers/devfreq/rk3399_dmc.c
  'rockchip,rk3399-dmc': SIP("Rockchip's DRAM service"),
  // drivers/firmware/qcom_scm.c; every variant also says qcom,scm
  'qcom,scm': SIP("Qualcomm's secure channel manager"),
  // drivers/watchdog
  'arm,smc-wdt': SIP('a watchdog of the firmware'),
  'intel,keembay-wdt': SIP('a watchdog of the firmware'),
  // drivers/nvmem/stm32-romem.c
  'st,stm32mp15-bsec': SIP("ST's fuse service"),
  // drivers/memory/mtk-smi.c
  'mediatek,mt8188-smi-larb': SIP("MediaTek's IOMMU service"),
  'mediatek,mt8195-smi-larb': SIP("MediaTek's IOMMU service"),
  // drivers/firmware/arm_scmi, arm_sdei.c, drivers/tee/optee
  'arm,scmi-smc': { owner: 'unknown', firmware: 'SCMI firmware' },
  'arm,sdei-1.0': { owner: 'standard', firmware: 'the SDEI dispatcher' },
  'linaro,optee-tz': { owner: 'trusted-os', firmware: 'OP-TEE' },
};

/** The firmware that a device's driver calls, if any. */
export function firmwareCallerOf(compatible: readonly string[]): FirmwareCaller | undefined {
  const known = compatible.find((name) => Object.hasOwn(CALLERS, name));
  return known === undefined ? undefined : CALLERS[known];
}

/** An initcall of the kernel that calls firmware, or touches registers, on a board without asking its tree. */
export interface UnaskedInitcall {
  readonly initcall: string;
  readonly why: string;
}

const LAYERSCAPES = ['1012a', '1028a', '1043a', '1046a', '1088a', '2080a', '2088a']
  .map((chip) => `fsl,ls${chip}`)
  .concat('fsl,lx2160a');

/**
 * drivers/soc/imx/soc-imx8m.c maps the fuses' or the analogue block's registers even where their nodes are disabled, and
 * on the i.MX8MQ asks the firmware for the revision; it only names the chip.
 */
const UNASKED: Readonly<Record<string, UnaskedInitcall>> = {
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

function forEach(socs: readonly string[], call: UnaskedInitcall): Readonly<Record<string, UnaskedInitcall>> {
  return Object.fromEntries(socs.map((soc) => [soc, call]));
}

/** Initcalls to leave out on a board, by its root `compatible`. */
export function unaskedInitcalls(boardCompatible: readonly string[]): readonly UnaskedInitcall[] {
  return boardCompatible.flatMap((name) =>
    Object.hasOwn(UNASKED, name) ? [UNASKED[name] as UnaskedInitcall] : [],
  );
}
