/**
 * Drivers whose wants can't be told from the getters that they call, each read in its source (Linux 6.1, 6.12 and 7.2, bindings
 * in `Documentation/devicetree/bindings`): interrupt messages, DMA channels, reserved memory, stored values, voltages, PHYs, mailboxes.
 */
import type { NeedRow } from './row.ts';

const row = (
  source: string,
  compatible: string,
  required: string,
  optional = '',
  consequence?: string,
): NeedRow => ({
  source,
  compatible: words(compatible),
  required: words(required),
  optional: words(optional),
  ...(consequence === undefined ? {} : { consequence }),
});

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');

const WAITS = 'waits for it without end';
const NO_WAY = 'has no way to its firmware';
const NO_CARD = 'knows no voltage for a card ("no support for card\'s volts"), and finds none';

/** `msi-parent`: what has no other interrupts. */
const MESSAGES: readonly NeedRow[] = [
  row('drivers/dma/ti/k3-udma.c', 'ti,*-navss-*-udmap ti,*-dmss-*dma*', 'msi-parent', '', WAITS),
  row('drivers/soc/ti/k3-ringacc.c', 'ti,am654-navss-ringacc', 'msi-parent', '', WAITS),
  row('drivers/dma/mv_xor_v2.c', 'marvell,armada-7k-xor', 'msi-parent'),
  row(
    'drivers/soc/fsl/dpio/dpio-driver.c',
    'fsl,qoriq-mc',
    'msi-parent msi-map',
    '',
    'has no interrupts for its I/O portals, and so no network',
  ),
  row(
    'drivers/misc/rp1/rp1_pci.c',
    'pci1de4,1',
    'msi-parent msi-map',
    '',
    'has no other interrupts than messages (MSI-X)',
  ),
  // Lines are in its `interrupts`.
  row('drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c', 'arm,smmu-v3', '', 'msi-parent'),
  // ufs_qcom_config_esi goes on with the line where messages can't be had.
  row('drivers/ufs/host/ufs-qcom.c', 'qcom,*ufshc', '', 'msi-parent'),
];

/** `dmas`: drivers that move data themselves where no channel is named, and those that never do. */
const CHANNELS: readonly NeedRow[] = [
  row('drivers/net/ethernet/ti/am65-cpsw-nuss.c', 'ti,*-cpsw-nuss ti,*-cpswxg-nuss', 'dmas/*'),
  row('drivers/net/ethernet/ti/icssg', 'ti,*-icssg-prueth', 'dmas/* sram'),
  row('drivers/crypto/sa2ul.c', 'ti,*-sa2ul ti,*-sa3ul', 'dmas/*'),
  row('drivers/crypto/qce/dma.c', 'qcom,crypto-v5.* qcom,*-qce', 'dmas/*'),
  row('drivers/mtd/nand/raw/gpmi-nand/gpmi-nand.c', 'fsl,*-gpmi-nand', 'dmas/*'),
  row('drivers/mtd/nand/raw/qcom_nandc.c', 'qcom,ipq*-nand qcom,sdx*-nand', 'dmas/*'),
  row('drivers/spi/spi-qpic-snand.c', 'qcom,*-snand', 'dmas/*'),
  row('drivers/spi/spi-tegra114.c', 'nvidia,tegra*-spi', 'dmas/*'),
  row('drivers/gpu/drm/xlnx/zynqmp_disp.c', 'xlnx,zynqmp-dpsub-1.7', 'dmas/*'),
  row('drivers/media/platform/ti/j721e-csi2rx', 'ti,j721e-csi2rx-shim', 'dmas/*'),
  row('drivers/net/wwan/qcom_bam_dmux.c', 'qcom,bam-dmux', 'dmas/*'),
  row(
    'drivers/tty/serial/8250/8250_dma.c',
    'snps,dw-apb-uart nvidia,tegra*-uart mediatek,mt*-uart ns16550a',
    '',
    'dmas/*',
  ),
  row('drivers/tty/serial/amba-pl011.c', 'arm,pl011', '', 'dmas/*'),
  row('drivers/tty/serial/imx.c', 'fsl,imx*-uart', '', 'dmas/*'),
  row('drivers/tty/serial/fsl_lpuart.c', 'fsl,*-lpuart', '', 'dmas/*'),
  row('drivers/tty/serial/msm_serial.c', 'qcom,msm-uartdm*', '', 'dmas/*'),
  row(
    'drivers/tty/serial/sh-sci.c',
    'renesas,scif* renesas,hscif* renesas,scifa* renesas,sci-*',
    '',
    'dmas/*',
  ),
  row('drivers/tty/serial/serial-tegra.c', 'nvidia,tegra*-hsuart', '', 'dmas/*'),
  row('drivers/i2c/busses/i2c-imx.c', 'fsl,*-i2c fsl,vf610-i2c', '', 'dmas/*'),
  row('drivers/i2c/busses/i2c-imx-lpi2c.c', 'fsl,*-lpi2c', '', 'dmas/*'),
  row('drivers/i2c/busses/i2c-mv64xxx.c', 'allwinner,*-i2c', '', 'dmas/*'),
  row('drivers/i2c/busses/i2c-rcar.c', 'renesas,i2c-* renesas,rcar-*-i2c', '', 'dmas/*'),
  row('drivers/i2c/busses/i2c-sh_mobile.c', 'renesas,iic-* renesas,rcar-*-iic', '', 'dmas/*'),
  row('drivers/i2c/busses/i2c-tegra.c', 'nvidia,tegra*-i2c', '', 'dmas/*'),
  row('drivers/i2c/busses/i2c-qup.c', 'qcom,i2c-qup-*', '', 'dmas/*'),
  row('drivers/spi/spi-fsl-dspi.c', 'fsl,ls1028a-dspi fsl,ls1021a-v1.0-dspi', '', 'dmas/*'),
  row('drivers/spi/spi-fsl-lpspi.c', 'fsl,imx*-spi', '', 'dmas/*'),
  row('drivers/spi/spi-imx.c', 'fsl,imx*-ecspi', '', 'dmas/*'),
  row('drivers/spi/spi-omap2-mcspi.c', 'ti,*-mcspi', '', 'dmas/*'),
  row('drivers/spi/spi-qup.c', 'qcom,spi-qup-*', '', 'dmas/*'),
  row('drivers/spi/spi-rockchip.c', 'rockchip,*-spi', '', 'dmas/*'),
  row('drivers/spi/spi-rspi.c', 'renesas,rspi* renesas,*-rspi', '', 'dmas/*'),
  row('drivers/spi/spi-s3c64xx.c', 'samsung,exynos*-spi', '', 'dmas/*'),
  row('drivers/spi/spi-sh-msiof.c', 'renesas,msiof-* renesas,*-msiof', '', 'dmas/*'),
  row('drivers/spi/spi-sun6i.c', 'allwinner,*-spi', '', 'dmas/*'),
  row('drivers/mmc/host/bcm2835.c', 'brcm,bcm2835-sdhost', '', 'dmas/*'),
  row('drivers/gpu/drm/vc4/vc4_hdmi.c', 'brcm,bcm2*-hdmi*', '', 'dmas/*'),
  row('drivers/usb/renesas_usbhs/fifo.c', 'renesas,usbhs-* renesas,rcar-*-usbhs', '', 'dmas/*'),
  row('drivers/iio/adc/ti_am335x_adc.c', 'ti,*-tscadc', '', 'dmas/*'),
];

/** `memory-region`, `shmem`, `sram`: memory that others know the place of, which ordinary RAM is no substitute for. */
const MEMORY: readonly NeedRow[] = [
  row('drivers/firmware/arm_scmi/shmem.c', '*,scmi*', 'shmem', '', NO_WAY),
  row('drivers/firmware/arm_scpi.c', 'arm,scpi* amlogic,meson-gxbb-scpi', 'shmem', '', NO_WAY),
  row('drivers/firmware/samsung/exynos-acpm.c', 'google,gs101-acpm-ipc', 'shmem', '', NO_WAY),
  row('drivers/firmware/tegra/bpmp.c', 'nvidia,tegra*-bpmp', 'shmem memory-region/*', '', NO_WAY),
  row('drivers/soc/qcom/smem.c', 'qcom,smem', 'memory-region/* qcom,rpm-msg-ram'),
  row('drivers/rpmsg/qcom_glink_rpm.c', 'qcom,glink-rpm', 'qcom,rpm-msg-ram'),
  row('drivers/soc/fsl/qbman/dpaa_sys.c', 'fsl,bman fsl,qman', 'memory-region/*'),
  row('drivers/remoteproc/qcom_q6v5_pas.c', 'qcom,*-pas', 'memory-region/*'),
  row('drivers/remoteproc/qcom_q6v5_mss.c', 'qcom,*-mss-pil', 'memory-region/*'),
  row(
    'drivers/remoteproc/qcom_q6v5_adsp.c',
    'qcom,*-adsp-pil qcom,*-cdsp-pil qcom,*-wpss-pil',
    'memory-region/*',
  ),
  row('drivers/remoteproc/qcom_wcnss.c', 'qcom,pronto-v*-pil', 'memory-region/*'),
  row('drivers/remoteproc/ti_k3_common.c', 'ti,*-dsp ti,*-r5f ti,*-m4fss', 'memory-region/*'),
  row('drivers/net/ipa', 'qcom,*-ipa', 'sram', 'memory-region/*'),
  row('drivers/net/ethernet/mediatek/mtk_eth_soc.c', 'mediatek,mt7988-eth', 'sram'),
  row('drivers/gpu/drm/pl111/pl111_drv.c', 'arm,pl111', '', 'memory-region/*'),
  row('drivers/gpu/drm/xlnx/zynqmp_dpsub.c', 'xlnx,zynqmp-dpsub-1.7', '', 'memory-region/*'),
  row('drivers/watchdog/rti_wdt.c', 'ti,j7-rti-wdt', '', 'memory-region/*'),
  row('drivers/misc/fastrpc.c', 'qcom,fastrpc', '', 'memory-region/*'),
  row('drivers/firmware/qcom/qcom_scm.c', 'qcom,scm*', '', 'memory-region/*'),
  row('drivers/media/platform/rockchip/rkvdec/rkvdec.c', 'rockchip,*-vdec', '', 'sram'),
];

/** `nvmem-cells`: calibration, versions. Addresses are optional everywhere (net/core/of_net.c). */
const VALUES: readonly NeedRow[] = [
  row('drivers/thermal/qcom/tsens.c', 'qcom,*-tsens', 'nvmem-cells/*'),
  row('drivers/thermal/mediatek/lvts_thermal.c', 'mediatek,*-lvts*', 'nvmem-cells/*'),
  row('drivers/phy/mediatek/phy-mtk-pcie.c', 'mediatek,mt8195-pcie-phy', 'nvmem-cells/*'),
  row('drivers/soc/qcom/cpr.c', 'qcom,*-cpr', 'nvmem-cells/*'),
  row('drivers/cpufreq/sun50i-cpufreq-nvmem.c', 'allwinner,*-operating-points', 'nvmem-cells/*'),
  row('drivers/thermal/sun8i_thermal.c', 'allwinner,*-ths', '', 'nvmem-cells/*'),
  row('drivers/thermal/mediatek/auxadc_thermal.c', 'mediatek,mt*-thermal', '', 'nvmem-cells/*'),
  row('drivers/phy/qualcomm/phy-qcom-qusb2.c', 'qcom,*qusb2-phy', '', 'nvmem-cells/*'),
  row('drivers/phy/rockchip/phy-rockchip-inno-hdmi.c', 'rockchip,*-hdmi-phy', '', 'nvmem-cells/*'),
];

/**
 * MMC hosts that take a card's voltages from its supply alone (`mmc_regulator_get_supply`, drivers/mmc/core/regulator.c),
 * where others have them in their registers or in the driver.
 */
const VOLTAGES: readonly NeedRow[] = [
  row(
    'drivers/mmc/host/meson-gx-mmc.c',
    'amlogic,meson-gx-mmc amlogic,meson-*-mmc',
    'vmmc-supply',
    '',
    NO_CARD,
  ),
  row('drivers/mmc/host/mtk-sd.c', 'mediatek,mt*-mmc', 'vmmc-supply', '', NO_CARD),
  row('drivers/mmc/host/sunxi-mmc.c', 'allwinner,*-mmc allwinner,*-emmc', 'vmmc-supply', '', NO_CARD),
  row(
    'drivers/mmc/host/mmci.c',
    'arm,pl18x arm,pl180 arm,pl181 st,stm32*-sdmmc2',
    'vmmc-supply',
    '',
    NO_CARD,
  ),
  // Theirs are in SDHCI's capabilities register.
  row(
    'drivers/mmc/host/sdhci.c',
    'brcm,bcm2711-emmc2 rockchip,*-dwcmshc marvell,armada-*-sdhci',
    '',
    'vmmc-supply vqmmc-supply',
  ),
];

/** Hubs on a board, whose supplies are asked for in the ordinary way, which makes up those that are not there. */
const HUBS: readonly NeedRow[] = [
  row('drivers/usb/misc/onboard_usb_dev.c', 'usb*,*', '', 'vdd-supply vdd2-supply'),
];

/** `power-domains` with names, which a driver attaches itself; a reference that is asked for its voltage. */
const POWER: readonly NeedRow[] = [
  row(
    'drivers/pmdomain/imx/imx8m-blk-ctrl.c',
    'fsl,imx8mm-*-blk-ctrl fsl,imx8mn-*-blk-ctrl fsl,imx8mq-*-blk-ctrl',
    'power-domains',
  ),
  row('drivers/pmdomain/imx/imx8mp-blk-ctrl.c', 'fsl,imx8mp-*-blk-ctrl', 'power-domains'),
  row('drivers/iio/adc/stm32-adc-core.c', 'st,stm32*-adc-core', 'vref-supply'),
];

/** A cage's lines, which its driver asks for by a table of names. */
const CAGES: readonly NeedRow[] = [
  row(
    'drivers/net/phy/sfp.c',
    'sff,sfp sff,sff',
    '',
    'mod-def0-gpios los-gpios tx-fault-gpios tx-disable-gpios rate-select0-gpios rate-select1-gpios',
  ),
];

/** `phys`: the framework tells a driver that there is none (-ENODEV, drivers/phy/phy-core.c), which some take. */
const PHYS: readonly NeedRow[] = [
  row('drivers/mmc/host/sdhci-of-arasan.c', 'arasan,sdhci-5.1', 'phys'),
  row('drivers/usb/musb/sunxi.c', 'allwinner,*-musb', 'phys'),
  row('drivers/pci/controller/dwc/pcie-dw-rockchip.c', 'rockchip,rk3568-pcie rockchip,rk3588-pcie', 'phys'),
  row('drivers/pci/controller/pcie-rockchip.c', 'rockchip,rk3399-pcie', 'phys'),
  row('drivers/pci/controller/dwc/pci-meson.c', 'amlogic,axg-pcie amlogic,g12a-pcie', 'phys'),
  row('drivers/pci/controller/dwc/pci-imx6.c', 'fsl,imx8mm-pcie fsl,imx8mp-pcie', 'phys'),
  row('drivers/pci/controller/dwc/pcie-tegra194.c', 'nvidia,tegra194-pcie nvidia,tegra234-pcie', 'phys'),
  row('drivers/ata/ahci_imx.c', 'fsl,imx8qm-ahci', 'phys'),
  row('drivers/ufs/host/ufs-qcom.c', 'qcom,*ufshc', 'phys'),
  row('drivers/ufs/host/ufs-exynos.c', 'samsung,exynos*-ufs google,gs101-ufs tesla,fsd-ufs', 'phys'),
  row('drivers/gpu/drm/bridge/nwl-dsi.c', 'fsl,imx8mq-nwl-dsi', 'phys'),
  row('drivers/usb/dwc3/core.c', 'snps,dwc3', '', 'phys usb-phy'),
  row('drivers/usb/dwc3/dwc3-meson-g12a.c', 'amlogic,meson-*-usb-ctrl', '', 'phys'),
  row('drivers/usb/core/phy.c', 'generic-ehci generic-ohci generic-xhci', '', 'phys'),
  row('drivers/usb/chipidea/core.c', 'chipidea,usb2 fsl,imx27-usb', '', 'phys'),
  row('drivers/usb/chipidea/ci_hdrc_imx.c', 'fsl,imx*-usb', '', 'fsl,usbphy phys'),
  row('drivers/usb/host/xhci-tegra.c', 'nvidia,tegra*-xusb', '', 'phys'),
  row('drivers/ata/libahci_platform.c', 'generic-ahci snps,dwc-ahci', '', 'phys'),
  row('drivers/net/ethernet/cadence/macb_main.c', 'cdns,*gem xlnx,*-gem', '', 'phys'),
  row('drivers/pci/controller/dwc/pcie-qcom.c', 'qcom,pcie-*', '', 'phys'),
  row('drivers/pci/controller/cadence/pcie-cadence.c', 'ti,j721e-pcie-host ti,am64-pcie-host', '', 'phys'),
  row('drivers/pci/controller/pcie-rcar-host.c', 'renesas,pcie-*', '', 'phys'),
  row('drivers/pci/controller/pcie-mediatek-gen3.c', 'mediatek,mt8192-pcie', '', 'phys'),
];

/** `extcon`, `leds`: what has no other purpose. */
const CABLES_AND_LIGHTS: readonly NeedRow[] = [
  row('drivers/usb/musb/sunxi.c', 'allwinner,*-musb', 'extcon'),
  row('drivers/gpu/drm/bridge/ite-it6505.c', 'ite,it6505', 'extcon'),
  row('drivers/video/backlight/led_bl.c', 'led-backlight', 'leds'),
  row('drivers/leds/rgb/leds-group-multicolor.c', 'leds-group-multicolor', 'leds'),
  row('drivers/usb/dwc3/drd.c', 'snps,dwc3', '', 'extcon'),
  row('drivers/usb/chipidea/core.c', 'chipidea,usb2 fsl,imx27-usb qcom,ci-hdrc', '', 'extcon'),
];

/** `mboxes`: a driver of firmware has no other way to it. */
const MAILBOXES: readonly NeedRow[] = [
  row('drivers/firmware/arm_scmi/mailbox.c', 'arm,scmi', 'mboxes/*', '', NO_WAY),
  row('drivers/firmware/arm_scpi.c', 'arm,scpi arm,scpi-pre-1.0', 'mboxes/*', '', NO_WAY),
  row('drivers/firmware/ti_sci.c', 'ti,k2g-sci ti,am654-sci', 'mboxes/*', '', NO_WAY),
  row('drivers/firmware/imx/imx-scu.c', 'fsl,imx-scu', 'mboxes/*', '', NO_WAY),
  row('drivers/firmware/raspberrypi.c', 'raspberrypi,bcm2835-firmware', 'mboxes/*', '', NO_WAY),
  row('drivers/firmware/tegra/bpmp.c', 'nvidia,tegra*-bpmp', 'mboxes/*', '', NO_WAY),
  row('drivers/remoteproc/imx_rproc.c', 'fsl,imx*-cm4 fsl,imx*-cm7 fsl,imx93-cm33', '', 'mboxes/*'),
];

/** Pins: the driver core sets the default state up where there is one; these look for states themselves. */
const PINS: readonly NeedRow[] = [
  row('drivers/mmc/host/mtk-sd.c', 'mediatek,mt*-mmc', 'pinctrl-0 pinctrl-1'),
  row('drivers/i2c/muxes/i2c-mux-pinctrl.c', 'i2c-mux-pinctrl', 'pinctrl-0 pinctrl-1 pinctrl-2'),
];

export const NEED_ROWS: readonly NeedRow[] = [
  ...MESSAGES,
  ...CHANNELS,
  ...MEMORY,
  ...VALUES,
  ...VOLTAGES,
  ...HUBS,
  ...POWER,
  ...CAGES,
  ...PHYS,
  ...CABLES_AND_LIGHTS,
  ...MAILBOXES,
  ...PINS,
];
