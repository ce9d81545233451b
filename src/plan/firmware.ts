/**
 * Firmware: devices whose Linux drivers (6.1 and 7.2) need an answer from outside the guest. By secure monitor call, which a
 * monitor must answer: libvmm 0.2 stops a guest at a call that it does not know; for calls of the SiP range it can forward
 * to the firmware (`smc_sip_forward`), for no others. The range is the owner field of the function number (SMCCC, Arm DEN
 * 0028 §2.5). Or from a co-processor, through a mailbox that a guest can be given, or by what it left in reserved memory.
 */

export type FirmwareOwner =
  | 'sip'
  | 'standard'
  | 'trusted-os'
  | 'unknown'
  | 'mailbox'
  | 'memory'
  | 'virtio'
  | 'transport';

export interface FirmwareCaller {
  readonly owner: FirmwareOwner;
  /** Who answers, in words. */
  readonly firmware: string;
}

const SIP = (firmware: string): FirmwareCaller => ({ owner: 'sip', firmware });
const MAILBOX = (firmware: string): FirmwareCaller => ({ owner: 'mailbox', firmware });
const MEMORY = (firmware: string): FirmwareCaller => ({ owner: 'memory', firmware });

const MEDIATEK = SIP("MediaTek's secure monitor");
const IMX_RPROC = SIP("NXP's service for co-processors");

function forAll(
  names: readonly string[],
  compatibleOf: (name: string) => string,
  caller: FirmwareCaller,
): Readonly<Record<string, FirmwareCaller>> {
  return Object.fromEntries(names.map((name) => [compatibleOf(name), caller]));
}

/** By `compatible`; read in the drivers named. */
const CALLERS: Readonly<Record<string, FirmwareCaller>> = {
  // drivers/firmware/meson, drivers/soc/amlogic/meson-secure-pwrc.c
  'amlogic,meson-gxbb-sm': SIP("Amlogic's secure monitor"),
  'amlogic,meson-a1-pwrc': SIP("Amlogic's secure monitor"),
  'amlogic,meson-s4-pwrc': SIP("Amlogic's secure monitor"),
  // drivers/firmware/xilinx/zynqmp.c, drivers/mailbox/zynqmp-ipi-mailbox.c
  'xlnx,zynqmp-firmware': SIP("Xilinx's platform management"),
  'xlnx,versal-firmware': SIP("Xilinx's platform management"),
  'xlnx,versal-net-firmware': SIP("Xilinx's platform management"),
  'xlnx,zynqmp-ipi-mailbox': SIP("Xilinx's platform management"),
  'xlnx,versal-ipi-mailbox': SIP("Xilinx's platform management"),
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
  // drivers/mfd/altera-sysmgr.c
  'altr,sys-mgr-s10': SIP("Intel's system manager registers"),
  // drivers/devfreq/rk3399_dmc.c
  'rockchip,rk3399-dmc': SIP("Rockchip's DRAM service"),
  // drivers/firmware/qcom_scm.c; every variant also says qcom,scm
  'qcom,scm': SIP("Qualcomm's secure channel manager"),
  // drivers/watchdog
  'arm,smc-wdt': SIP('a watchdog of the firmware'),
  'intel,keembay-wdt': SIP('a watchdog of the firmware'),
  // drivers/nvmem/stm32-romem.c
  'st,stm32mp15-bsec': SIP("ST's fuse service"),
  'st,stm32mp13-bsec': { owner: 'trusted-os', firmware: "OP-TEE's fuse service" },
  'st,stm32mp25-bsec': { owner: 'trusted-os', firmware: "OP-TEE's fuse service" },
  // drivers/memory/mtk-smi.c
  'mediatek,mt8188-smi-larb': SIP("MediaTek's IOMMU service"),
  'mediatek,mt8195-smi-larb': SIP("MediaTek's IOMMU service"),
  // drivers/soc/mediatek/mtk-dvfsrc.c, drivers/char/hw_random/mtk-rng.c
  ...forAll(['mt6893', 'mt8183', 'mt8195', 'mt8196'], (chip) => `mediatek,${chip}-dvfsrc`, MEDIATEK),
  ...forAll(['mt7981', 'mt7987', 'mt7988'], (chip) => `mediatek,${chip}-rng`, MEDIATEK),
  // drivers/char/hw_random/exynos-trng.c, drivers/ufs/host/ufs-exynos.c, ufs-sprd.c
  'samsung,exynos850-trng': SIP("Samsung's secure monitor"),
  'google,gs101-ufs': SIP("Samsung's secure monitor"),
  'sprd,ums9620-ufs': SIP("Unisoc's storage service"),
  // drivers/remoteproc/imx_rproc.c, by its table of methods
  ...forAll(['imx8mn-cm7', 'imx8mp-cm7', 'imx93-cm33'], (name) => `fsl,${name}`, IMX_RPROC),
  // drivers/firmware/arm_scmi/transports, arm_sdei.c, drivers/tee/optee, drivers/char/tpm/tpm_ftpm_tee.c, drivers/bus/stm32_dbg_bus.c
  'arm,scmi-smc': { owner: 'unknown', firmware: 'SCMI firmware' },
  'arm,scmi-smc-param': { owner: 'unknown', firmware: 'SCMI firmware' },
  'qcom,scmi-smc': { owner: 'unknown', firmware: 'SCMI firmware' },
  'arm,scmi-virtio': { owner: 'virtio', firmware: 'SCMI firmware' },
  'linaro,scmi-optee': { owner: 'trusted-os', firmware: 'SCMI firmware in OP-TEE' },
  'microsoft,ftpm': { owner: 'trusted-os', firmware: 'a TPM in OP-TEE' },
  'st,stm32mp131-dbg-bus': { owner: 'trusted-os', firmware: "OP-TEE's debug service" },
  'st,stm32mp151-dbg-bus': { owner: 'trusted-os', firmware: "OP-TEE's debug service" },
  'arm,sdei-1.0': { owner: 'standard', firmware: 'the SDEI dispatcher' },
  'linaro,optee-tz': { owner: 'trusted-os', firmware: 'OP-TEE' },
  // drivers/firmware/imx/imx-scu.c, ti_sci.c, raspberrypi.c, arm_scpi.c, tegra/bpmp.c
  'fsl,imx-scu': MAILBOX("NXP's system controller"),
  'ti,k2g-sci': MAILBOX("TI's system controller"),
  'ti,am654-sci': MAILBOX("TI's system controller"),
  'raspberrypi,bcm2835-firmware': MAILBOX("Raspberry Pi's firmware"),
  'arm,scpi': MAILBOX('the system control processor'),
  'arm,scpi-pre-1.0': MAILBOX('the system control processor'),
  'arm,scmi': MAILBOX('SCMI firmware'),
  'nvidia,tegra186-bpmp': MEMORY("NVIDIA's boot and power management processor"),
  // drivers/soc/qcom/rpmh-rsc.c reads the command database (cmd-db.c); smd.c and rpm go through shared memory (smem.c)
  'qcom,rpmh-rsc': MEMORY("Qualcomm's always-on processor"),
  'qcom,smd': MEMORY("Qualcomm's resource power manager"),
  'qcom,glink-rpm': MEMORY("Qualcomm's resource power manager"),
};

/** Ways to firmware that a guest can be given: calls that are forwarded, a mailbox that is passed. */
export const FIRMWARE_WAYS = ['sip', 'mailbox'] as const;
export type FirmwareWay = (typeof FIRMWARE_WAYS)[number];

/** Why a caller is left out of a guest that is given these ways to firmware; `undefined` where it is not. */
export function whyNoFirmware(caller: FirmwareCaller, ways: readonly FirmwareWay[]): string | undefined {
  const { owner, firmware } = caller;
  const unneeded = "and nothing that is passed can't do without";
  switch (owner) {
    case 'memory':
      return `its driver reads what ${firmware} left in reserved memory, which is no guest's`;
    case 'mailbox':
      return ways.includes(owner) ? undefined : `its driver talks to ${firmware} by mailbox, ${unneeded}`;
    case 'sip':
      return ways.includes(owner) ? undefined : `its driver calls ${firmware} by SMC, ${unneeded}`;
    case 'transport':
      return `its driver talks to ${firmware} in a way that is not known here`;
    case 'virtio':
      return `its driver talks to ${firmware} by a virtio device, which the monitor does not have`;
    default:
      return `its driver calls ${firmware} by SMC, which the monitor can't forward`;
  }
}

/** The firmware that a device's driver calls, if any. */
export function firmwareCallerOf(compatible: readonly string[]): FirmwareCaller | undefined {
  const known = compatible.find((name) => Object.hasOwn(CALLERS, name));
  if (known !== undefined) return CALLERS[known];
  const transport = compatible.find((name) => SCMI.test(name));
  return transport === undefined
    ? undefined
    : { owner: 'transport', firmware: `SCMI firmware ("${transport}")` };
}

/** SCMI by a transport that came later; the shared memory of one is none. */
const SCMI = /,(?:[\w-]+-)?scmi(?:-(?!shmem)[\w-]*)?$/;
