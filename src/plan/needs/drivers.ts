/**
 * What drivers ask for by the getters of the reset, GPIO and regulator frameworks, by `npm run needs` from Linux 6.1 and 7.2: the
 * driver, what it fails without, what it does without, and the devices of the releases' arm64 boards that it drives.
 */
export const DRIVER_TABLE = `
drivers/accel/rocket/rocket_drv.c | resets/* | | rockchip,rk3588-rknn-core
drivers/ata/ahci_ceva.c | | resets/* | ceva,ahci-1v84
drivers/ata/ahci_mtk.c | | resets/* resets/axi resets/reg resets/sw | mediatek,mtk-ahci
drivers/ata/ahci_tegra.c | resets/sata resets/sata-cold resets/sata-oob | resets/* | nvidia,tegra124-ahci nvidia,tegra210-ahci
drivers/ata/ahci_tegra.c | resets/sata resets/sata-cold | resets/* | nvidia,tegra186-ahci
drivers/ata/sata_rcar.c | | | renesas,rcar-gen3-sata renesas,sata-r8a7795
drivers/auxdisplay/hd44780.c | data-gpios enable-gpios rs-gpios | rw-gpios | hit,hd44780
drivers/bluetooth/btnxpuart.c | | device-wakeup-gpios | nxp,88w8987-bt
drivers/bluetooth/hci_bcm.c | | device-wakeup-gpios reset-gpios shutdown-gpios | brcm,bcm43438-bt
drivers/bluetooth/hci_bcm.c | | device-wakeup-gpios shutdown-gpios | brcm,bcm4329-bt brcm,bcm4330-bt brcm,bcm43430a1-bt brcm,bcm4345c5 brcm,bcm4349-bt brcm,bcm43540-bt
drivers/bluetooth/hci_bcm.c | | shutdown-gpios | brcm,bcm4335a0 cypress,cyw4373a0-bt infineon,cyw55572-bt
drivers/bluetooth/hci_h5.c | | device-wake-gpios enable-gpios | realtek,rtl8723bs-bt realtek,rtl8723cs-bt realtek,rtl8723ds-bt realtek,rtl8822cs-bt
drivers/bluetooth/hci_ll.c | | enable-gpios | ti,wl1831-st ti,wl1835-st ti,wl1837-st
drivers/bluetooth/hci_qca.c | | enable-gpios | qcom,qca2066-bt qcom,qca6174-bt qcom,qca9377-bt
drivers/bluetooth/hci_qca.c | | enable-gpios swctrl-gpios | qcom,wcn3988-bt qcom,wcn6750-bt qcom,wcn6855-bt
drivers/bus/moxtet.c | | | cznic,moxtet
drivers/bus/sunxi-rsb.c | resets/* | | allwinner,sun8i-a23-rsb
drivers/char/hw_random/rockchip-rng.c | resets/* | | rockchip,rk3568-rng rockchip,rk3576-rng rockchip,rk3588-rng
drivers/char/tpm/tpm_tis_i2c.c | | | tcg,tpm-tis-i2c
drivers/char/tpm/tpm_tis_spi_main.c | | | infineon,slb9670 tcg,tpm_tis-spi
drivers/clk/clk-gpio.c | | | gpio-mux-clock
drivers/clk/clk-gpio.c | | enable-gpios | gated-fixed-clock gpio-gate-clock
drivers/clk/mediatek/clk-mt7988-xfipll.c | | | mediatek,mt7988-xfi-pll
drivers/clk/meson/axg-audio.c | resets/* | | amlogic,axg-audio-clkc amlogic,g12a-audio-clkc amlogic,sm1-audio-clkc
drivers/clk/renesas/clk-vbattb.c | resets/* | | renesas,r9a08g045-vbattb
drivers/clk/renesas/rcar-usb2-clock-sel.c | resets/* | | renesas,rcar-gen3-usb2-clock-sel
drivers/clk/sunxi-ng/ccu-sun8i-de2.c | resets/* | | allwinner,sun50i-a64-de2-clk allwinner,sun50i-h5-de2-clk allwinner,sun50i-h6-de3-clk
drivers/clk/tegra/clk-tegra124-dfll-fcpu.c | resets/dvco | resets/dfll | nvidia,tegra210-dfll
drivers/clocksource/renesas-ostm.c | | resets/* | renesas,ostm
drivers/clocksource/sh_cmt.c | | | renesas,rcar-gen3-cmt0 renesas,rcar-gen3-cmt1 renesas,rcar-gen4-cmt0 renesas,rcar-gen4-cmt1
drivers/clocksource/sh_tmu.c | | | renesas,tmu
drivers/clocksource/timer-sun5i.c | | resets/* | allwinner,sun20i-d1-hstimer
drivers/cpufreq/cpufreq-dt-platdev.c | | | fsl,imx8mp ti,am625
drivers/crypto/allwinner/sun8i-ce/sun8i-ce-core.c | resets/* | | allwinner,sun50i-a64-crypto allwinner,sun50i-h5-crypto allwinner,sun50i-h6-crypto allwinner,sun50i-h616-crypto
drivers/crypto/ccree/cc_driver.c | | | arm,cryptocell-630p-ree
drivers/crypto/rockchip/rk3288_crypto.c | resets/* | | rockchip,rk3328-crypto rockchip,rk3399-crypto
drivers/devfreq/tegra30-devfreq.c | resets/actmon | | nvidia,tegra124-actmon
drivers/dma/sh/rcar-dmac.c | | | renesas,dmac-r8a779a0 renesas,rcar-dmac renesas,rcar-gen4-dmac
drivers/dma/sh/rz-dmac.c | | resets/* | renesas,r9a09g057-dmac renesas,rz-dmac
drivers/dma/sh/usb-dmac.c | | | renesas,usb-dmac
drivers/dma/sun6i-dma.c | resets/* | | allwinner,sun50i-a100-dma allwinner,sun50i-a64-dma allwinner,sun50i-h6-dma allwinner,sun8i-h3-dma
drivers/dma/tegra186-gpc-dma.c | | resets/gpcdma | nvidia,tegra186-gpcdma nvidia,tegra194-gpcdma nvidia,tegra234-gpcdma
drivers/dma/tegra20-apb-dma.c | resets/dma | | nvidia,tegra148-apbdma
drivers/extcon/extcon-ptn5150.c | int-gpios | | nxp,ptn5150
drivers/extcon/extcon-usb-gpio.c | | id-gpios vbus-gpios | linux,extcon-usb-gpio
drivers/fpga/ice40-spi.c | cdone-gpios reset-gpios | | lattice,ice40-fpga-mgr
drivers/gnss/ubx.c | | reset-gpios | u-blox,neo-m8
drivers/gpio/gpio-aggregator.c | | | gpio-delay
drivers/gpio/gpio-pca953x.c | | reset-gpios | nxp,pca6408 nxp,pcal6408 nxp,pcal6524 ti,tca6408 ti,tca6416 ti,tca9539
drivers/gpio/gpio-pcf857x.c | | reset-gpios | nxp,pca9670
drivers/gpio/gpio-rcar.c | | | renesas,gpio-r8a779a0 renesas,rcar-gen3-gpio renesas,rcar-gen4-gpio
drivers/gpu/drm/bridge/adv7511/adv7511_drv.c | | pd-gpios | adi,adv7513 adi,adv7533 adi,adv7535
drivers/gpu/drm/bridge/analogix/analogix-anx6345.c | reset-gpios | | analogix,anx6345
drivers/gpu/drm/bridge/analogix/anx7625.c | | enable-gpios reset-gpios | analogix,anx7625
drivers/gpu/drm/bridge/display-connector.c | | ddc-en-gpios hpd-gpios | hdmi-connector
drivers/gpu/drm/bridge/display-connector.c | | hpd-gpios | dp-connector
drivers/gpu/drm/bridge/ite-it6263.c | | reset-gpios | ite,it6263
drivers/gpu/drm/bridge/ite-it6505.c | reset-gpios | | ite,it6505
drivers/gpu/drm/bridge/ite-it66121.c | reset-gpios | | ite,it66121
drivers/gpu/drm/bridge/lontium-lt8713sx.c | reset-gpios | | lontium,lt8713sx
drivers/gpu/drm/bridge/lontium-lt8912b.c | | reset-gpios | lontium,lt8912b
drivers/gpu/drm/bridge/lontium-lt9611.c | reset-gpios | | lontium,lt9611
drivers/gpu/drm/bridge/lontium-lt9611uxc.c | reset-gpios | | lontium,lt9611uxc
drivers/gpu/drm/bridge/lvds-codec.c | | powerdown-gpios | lvds-encoder
drivers/gpu/drm/bridge/nwl-dsi.c | resets/byte resets/dpi resets/esc resets/pclk | | fsl,imx8mq-nwl-dsi
drivers/gpu/drm/bridge/parade-ps8640.c | powerdown-gpios reset-gpios | | parade,ps8640
drivers/gpu/drm/bridge/sil-sii8620.c | reset-gpios | | sil,sii8620
drivers/gpu/drm/bridge/simple-bridge.c | | enable-gpios | realtek,rtd2171
drivers/gpu/drm/bridge/tc358767.c | | reset-gpios | toshiba,tc358767
drivers/gpu/drm/bridge/tc358768.c | | reset-gpios | toshiba,tc358778
drivers/gpu/drm/bridge/ti-sn65dsi83.c | | enable-gpios | ti,sn65dsi83 ti,sn65dsi84
drivers/gpu/drm/bridge/ti-sn65dsi86.c | | enable-gpios | ti,sn65dsi86
drivers/gpu/drm/bridge/ti-tfp410.c | | powerdown-gpios | ti,tfp410
drivers/gpu/drm/etnaviv/etnaviv_gpu.c | | resets/* | vivante,gc
drivers/gpu/drm/exynos/exynos_hdmi.c | hpd-gpios | | samsung,exynos5433-hdmi
drivers/gpu/drm/hisilicon/kirin/kirin_drm_drv.c | resets/* | | hisilicon,hi6220-ade
drivers/gpu/drm/imagination/pvr_drv.c | | resets/* | img,img-rogue
drivers/gpu/drm/lima/lima_drv.c | | resets/* | arm,mali-400 arm,mali-450
drivers/gpu/drm/mediatek/mtk_disp_merge.c | | resets/* | mediatek,mt8195-disp-merge
drivers/gpu/drm/mediatek/mtk_dpi.c | | resets/* | mediatek,mt8195-dpi
drivers/gpu/drm/mediatek/mtk_dsi.c | | resets/* | mediatek,mt8173-dsi mediatek,mt8183-dsi mediatek,mt8186-dsi mediatek,mt8188-dsi
drivers/gpu/drm/mediatek/mtk_ethdr.c | | resets/* | mediatek,mt8195-disp-ethdr
drivers/gpu/drm/meson/meson_dw_hdmi.c | resets/hdmitx resets/hdmitx_apb resets/hdmitx_phy | | amlogic,meson-g12a-dw-hdmi amlogic,meson-gxbb-dw-hdmi amlogic,meson-gxl-dw-hdmi amlogic,meson-gxm-dw-hdmi
drivers/gpu/drm/meson/meson_dw_mipi_dsi.c | resets/top | | amlogic,meson-g12a-dw-mipi-dsi
drivers/gpu/drm/msm/dsi/dsi.c | | | qcom,mdss-dsi-ctrl
drivers/gpu/drm/msm/msm_mdss.c | | resets/* | qcom,eliza-mdss qcom,glymur-mdss qcom,kaanapali-mdss qcom,mdss qcom,qcm2290-mdss qcom,qcs8300-mdss qcom,sa8775p-mdss qcom,sar2130p-mdss qcom,sc7280-mdss qcom,sc8180x-mdss qcom,sc8280xp-mdss qcom,sm6115-mdss qcom,sm6125-mdss qcom,sm6350-mdss qcom,sm8250-mdss qcom,sm8350-mdss qcom,sm8450-mdss qcom,sm8550-mdss qcom,sm8650-mdss qcom,sm8750-mdss qcom,x1e80100-mdss
drivers/gpu/drm/nouveau/nouveau_platform.c | | | nvidia,gk20a nvidia,gm20b nvidia,gp10b
drivers/gpu/drm/panel/panel-boe-bf060y8m-aj0.c | | reset-gpios | boe,bf060y8m-aj0
drivers/gpu/drm/panel/panel-boe-th101mb31ig002-28a.c | enable-gpios | reset-gpios | boe,th101mb31ig002-28a
drivers/gpu/drm/panel/panel-boe-tv101wum-ll2.c | reset-gpios | | boe,tv101wum-ll2
drivers/gpu/drm/panel/panel-boe-tv101wum-nl6.c | enable-gpios | | auo,b101uan08.3 auo,kd101n80-45na boe,tv101wum-n53 boe,tv101wum-nl6 boe,tv105wum-nw0 boe,tv110c9m-ll3 innolux,hj110iz-01a starry,2081101qfh032011-53g
drivers/gpu/drm/panel/panel-ebbg-ft8719.c | reset-gpios | | ebbg,ft8719
drivers/gpu/drm/panel/panel-edp.c | | enable-gpios | boe,nv140fhmn49 lg,lp079qx1-sp0v
drivers/gpu/drm/panel/panel-edp.c | | enable-gpios hpd-gpios | edp-panel
drivers/gpu/drm/panel/panel-edp.c | | hpd-gpios | auo,b116xa01 boe,nv110wtm-n61 boe,nv133fhm-n62 innolux,n116bca-ea1 innolux,n116bge kingdisplay,kd116n21-30nv-a010
drivers/gpu/drm/panel/panel-elida-kd35t133.c | | reset-gpios | elida,kd35t133
drivers/gpu/drm/panel/panel-feixin-k101-im2ba02.c | reset-gpios | | feixin,k101-im2ba02
drivers/gpu/drm/panel/panel-himax-hx8279.c | reset-gpios | enable-gpios | startek,kd070fhfid078
drivers/gpu/drm/panel/panel-himax-hx83102.c | enable-gpios | | boe,nv110wum-l60 ivo,t109nw41 starry,himax83102-j02
drivers/gpu/drm/panel/panel-himax-hx83112a.c | reset-gpios | | djn,9a-3r063-1102b
drivers/gpu/drm/panel/panel-himax-hx83112b.c | reset-gpios | | djn,98-03057-6598b-i
drivers/gpu/drm/panel/panel-himax-hx8394.c | | reset-gpios | hannstar,hsd060bhw4 huiling,hl055fhav028c powkiddy,x55-panel
drivers/gpu/drm/panel/panel-ilitek-ili9881c.c | | reset-gpios | feixin,k101-im2byl02 raspberrypi,dsi-5inch raspberrypi,dsi-7inch
drivers/gpu/drm/panel/panel-ilitek-ili9882t.c | enable-gpios | | starry,ili9882t
drivers/gpu/drm/panel/panel-innolux-p079zca.c | | enable-gpios | innolux,p097pfg
drivers/gpu/drm/panel/panel-jadard-jd9365da-h3.c | reset-gpios | | anbernic,rg-ds-display-bottom anbernic,rg-ds-display-top radxa,display-8hd-ad002
drivers/gpu/drm/panel/panel-jdi-fhd-r63452.c | reset-gpios | | jdi,fhd-r63452
drivers/gpu/drm/panel/panel-jdi-lpm102a188a.c | enable-gpios reset-gpios | | jdi,lpm102a188a
drivers/gpu/drm/panel/panel-khadas-ts050.c | enable-gpios reset-gpios | | khadas,ts050
drivers/gpu/drm/panel/panel-kingdisplay-kd097d04.c | | enable-gpios | kingdisplay,kd097d04
drivers/gpu/drm/panel/panel-leadtek-ltk050h3146w.c | | reset-gpios | leadtek,ltk050h3146w leadtek,ltk050h3146w-a2 leadtek,ltk050h3148w
drivers/gpu/drm/panel/panel-leadtek-ltk500hd1829.c | | reset-gpios | leadtek,ltk500hd1829
drivers/gpu/drm/panel/panel-lg-sw43408.c | reset-gpios | | lg,sw43408 lg,sw43408-lh546wf1-ed01
drivers/gpu/drm/panel/panel-lvds.c | | enable-gpios reset-gpios | panel-lvds
drivers/gpu/drm/panel/panel-magnachip-d53e6ea8966.c | reset-gpios | | samsung,ams495qa01
drivers/gpu/drm/panel/panel-mantix-mlaf057we51.c | mantix,tp-rstn-gpios reset-gpios | | mantix,mlaf057we51-x ys,ys57pss36bh5gq
drivers/gpu/drm/panel/panel-newvision-nv3051d.c | | reset-gpios | anbernic,rg351v-panel anbernic,rg353p-panel powkiddy,rk2023-panel
drivers/gpu/drm/panel/panel-novatek-nt36523.c | reset-gpios | | lenovo,j606f-boe-nt36523w xiaomi,elish-boe-nt36523 xiaomi,elish-csot-nt36523
drivers/gpu/drm/panel/panel-novatek-nt36672a.c | reset-gpios | | tianma,fhd-video
drivers/gpu/drm/panel/panel-novatek-nt36672e.c | reset-gpios | | novatek,nt36672e
drivers/gpu/drm/panel/panel-novatek-nt37700f.c | reset-gpios | | novatek,nt37700f
drivers/gpu/drm/panel/panel-novatek-nt37801.c | reset-gpios | | novatek,nt37801
drivers/gpu/drm/panel/panel-raydium-rm67191.c | | reset-gpios | raydium,rm67191
drivers/gpu/drm/panel/panel-raydium-rm67200.c | | reset-gpios | wanchanglong,w552793baa
drivers/gpu/drm/panel/panel-raydium-rm692e5.c | reset-gpios | | fairphone,fp5-rm692e5-boe
drivers/gpu/drm/panel/panel-ronbo-rb070d30.c | power-gpios reset-gpios shlr-gpios updn-gpios | | ronbo,rb070d30
drivers/gpu/drm/panel/panel-samsung-atna33xc20.c | enable-gpios | hpd-gpios | samsung,atna33xc20
drivers/gpu/drm/panel/panel-samsung-s6d7aa0.c | reset-gpios | | samsung,lsl080al03 samsung,ltl101at01
drivers/gpu/drm/panel/panel-samsung-s6e3fa7.c | reset-gpios | | samsung,s6e3fa7-ams559nk06
drivers/gpu/drm/panel/panel-samsung-s6e3fc2x01.c | reset-gpios | | samsung,s6e3fc2x01-ams641rw
drivers/gpu/drm/panel/panel-samsung-s6e3ha2.c | enable-gpios reset-gpios | | samsung,s6e3ha2 samsung,s6e3hf2
drivers/gpu/drm/panel/panel-samsung-s6e3ha8.c | reset-gpios | | samsung,s6e3ha8
drivers/gpu/drm/panel/panel-samsung-s6e88a0-ams427ap24.c | reset-gpios | | samsung,s6e88a0-ams427ap24
drivers/gpu/drm/panel/panel-samsung-s6e88a0-ams452ef01.c | reset-gpios | | samsung,s6e88a0-ams452ef01
drivers/gpu/drm/panel/panel-samsung-s6e8fc0-m1906f9.c | reset-gpios | | samsung,s6e8fc0-m1906f9
drivers/gpu/drm/panel/panel-samsung-sofef00.c | reset-gpios | | samsung,s6e3fc2x01 samsung,sofef00 samsung,sofef00-ams628nw01
drivers/gpu/drm/panel/panel-sharp-ls060t1sx01.c | reset-gpios | | sharp,ls060t1sx01
drivers/gpu/drm/panel/panel-simple.c | | enable-gpios | auo,b080uan01 auo,g133han01 boe,av101hdt-a10 boe,av123z7m-n17 cdtech,s070swv29hg-dc44 edt,etm0700g0edh6 powertip,ph800480t032-zhc19 rocktech,rk070er9427 rocktech,rk101ii01d-ct tianma,tm050rdh03 tianma,tm070jvhg33
drivers/gpu/drm/panel/panel-sitronix-st7701.c | reset-gpios | | anbernic,rg-arc-panel elida,kd50t048a
drivers/gpu/drm/panel/panel-sitronix-st7703.c | reset-gpios | | anbernic,rg353v-panel-v2 gameforce,chi-panel powkiddy,rgb10max3-panel powkiddy,rgb30-panel rocktech,jh057n00900 xingbangda,xbd599
drivers/gpu/drm/panel/panel-sitronix-st7789v.c | | reset-gpios | jasonic,jt240mhqs-hwt-ek-e3
drivers/gpu/drm/panel/panel-sony-td4353-jdi.c | panel-reset-gpios touch-reset-gpios | | sony,td4353-jdi-tama
drivers/gpu/drm/panel/panel-startek-kd070fhfid015.c | enable-gpios reset-gpios | | startek,kd070fhfid015
drivers/gpu/drm/panel/panel-synaptics-r63353.c | reset-gpios | | sharp,ls068b3sx02
drivers/gpu/drm/panel/panel-synaptics-tddi.c | | backlight-gpios | syna,td4101-panel syna,td4300-panel
drivers/gpu/drm/panel/panel-truly-nt35597.c | mode-gpios reset-gpios | | truly,nt35597-2K-display
drivers/gpu/drm/panel/panel-visionox-rm69299.c | reset-gpios | | visionox,rm69299-1080p-display visionox,rm69299-shift
drivers/gpu/drm/panel/panel-visionox-rm692e5.c | reset-gpios | | visionox,rm692e5
drivers/gpu/drm/panel/panel-visionox-vtdr6130.c | reset-gpios | | visionox,vtdr6130
drivers/gpu/drm/panfrost/panfrost_drv.c | | resets/* | allwinner,sun50i-h616-mali amlogic,meson-g12a-mali amlogic,meson-gxm-mali arm,mali-bifrost arm,mali-t720 arm,mali-t820 arm,mali-valhall-jm renesas,r9a09g047-mali
drivers/gpu/drm/rcar-du/rcar_du_drv.c | | | renesas,du-r8a774a1
drivers/gpu/drm/rcar-du/rcar_dw_hdmi.c | | | renesas,rcar-gen3-hdmi
drivers/gpu/drm/rcar-du/rcar_lvds.c | resets/* | | renesas,r8a774a1-lvds
drivers/gpu/drm/renesas/rcar-du/rcar_cmm.c | | | renesas,rcar-gen3-cmm
drivers/gpu/drm/renesas/rcar-du/rcar_du_drv.c | | | renesas,du-r8a774b1 renesas,du-r8a774c0 renesas,du-r8a774e1 renesas,du-r8a7795 renesas,du-r8a7796 renesas,du-r8a77961 renesas,du-r8a77965 renesas,du-r8a77970 renesas,du-r8a77980 renesas,du-r8a77990 renesas,du-r8a77995 renesas,du-r8a779a0 renesas,du-r8a779g0 renesas,du-r8a779h0
drivers/gpu/drm/renesas/rcar-du/rcar_lvds.c | resets/* | | renesas,r8a774b1-lvds renesas,r8a774c0-lvds renesas,r8a774e1-lvds renesas,r8a7795-lvds renesas,r8a7796-lvds renesas,r8a77961-lvds renesas,r8a77965-lvds renesas,r8a77970-lvds renesas,r8a77980-lvds renesas,r8a77990-lvds renesas,r8a77995-lvds
drivers/gpu/drm/renesas/rcar-du/rcar_mipi_dsi.c | resets/* | | renesas,r8a779a0-dsi-csi2-tx renesas,r8a779g0-dsi-csi2-tx renesas,r8a779h0-dsi-csi2-tx
drivers/gpu/drm/renesas/rz-du/rzg2l_du_drv.c | | | renesas,r9a07g043u-du renesas,r9a07g044-du renesas,r9a09g057-du
drivers/gpu/drm/renesas/rz-du/rzg2l_mipi_dsi.c | resets/arst resets/prst | | renesas,r9a09g057-mipi-dsi
drivers/gpu/drm/renesas/rz-du/rzg2l_mipi_dsi.c | resets/arst resets/prst | resets/rst | renesas,rzg2l-mipi-dsi
drivers/gpu/drm/rockchip/analogix_dp-rockchip.c | resets/dp | | rockchip,rk3399-edp
drivers/gpu/drm/rockchip/analogix_dp-rockchip.c | resets/dp | resets/apb | rockchip,rk3588-edp
drivers/gpu/drm/rockchip/cdn-dp-core.c | resets/apb resets/core resets/dptx resets/spdif | | rockchip,rk3399-cdn-dp
drivers/gpu/drm/rockchip/dw-mipi-dsi-rockchip.c | | | rockchip,px30-mipi-dsi rockchip,rk3368-mipi-dsi rockchip,rk3399-mipi-dsi rockchip,rk3568-mipi-dsi
drivers/gpu/drm/rockchip/dw-mipi-dsi2-rockchip.c | | | rockchip,rk3576-mipi-dsi2 rockchip,rk3588-mipi-dsi2
drivers/gpu/drm/rockchip/dw_dp-rockchip.c | | | rockchip,rk3576-dp rockchip,rk3588-dp
drivers/gpu/drm/rockchip/dw_hdmi_qp-rockchip.c | | frl-enable-gpios | rockchip,rk3576-dw-hdmi-qp rockchip,rk3588-dw-hdmi-qp
drivers/gpu/drm/rockchip/rockchip_vop_reg.c | resets/ahb resets/dclk | | rockchip,px30-vop-big rockchip,px30-vop-lit rockchip,rk3328-vop rockchip,rk3368-vop rockchip,rk3399-vop-big rockchip,rk3399-vop-lit
drivers/gpu/drm/sun4i/sun4i_tcon.c | resets/* resets/lcd | | allwinner,sun8i-a83t-tcon-tv allwinner,sun8i-r40-tcon-tv
drivers/gpu/drm/sun4i/sun4i_tcon.c | resets/* resets/lcd | resets/lvds | allwinner,sun8i-a83t-tcon-lcd
drivers/gpu/drm/sun4i/sun6i_mipi_dsi.c | resets/* | | allwinner,sun50i-a64-mipi-dsi
drivers/gpu/drm/sun4i/sun8i_dw_hdmi.c | resets/* resets/ctrl | | allwinner,sun50i-h6-dw-hdmi allwinner,sun8i-a83t-dw-hdmi
drivers/gpu/drm/sun4i/sun8i_hdmi_phy.c | resets/phy | | allwinner,sun50i-a64-hdmi-phy allwinner,sun50i-h6-hdmi-phy allwinner,sun8i-h3-hdmi-phy
drivers/gpu/drm/sun4i/sun8i_mixer.c | resets/* | | allwinner,sun50i-a64-de2-mixer-0 allwinner,sun50i-a64-de2-mixer-1 allwinner,sun50i-h6-de3-mixer-0 allwinner,sun8i-h3-de2-mixer-0
drivers/gpu/drm/sun4i/sun8i_tcon_top.c | resets/* | | allwinner,sun50i-h6-tcon-top
drivers/gpu/drm/tegra/dc.c | resets/* resets/dc | | nvidia,tegra124-dc nvidia,tegra186-dc nvidia,tegra194-dc nvidia,tegra210-dc
drivers/gpu/drm/tegra/dpaux.c | resets/dpaux | | nvidia,tegra124-dpaux nvidia,tegra186-dpaux nvidia,tegra194-dpaux nvidia,tegra210-dpaux
drivers/gpu/drm/tegra/drm.c | resets/* | | nvidia,tegra210-nvjpg
drivers/gpu/drm/tegra/dsi.c | resets/* resets/dsi | | nvidia,tegra210-dsi
drivers/gpu/drm/tegra/hdmi.c | nvidia,hpd-gpios resets/* resets/hdmi | | nvidia,tegra124-hdmi
drivers/gpu/drm/tegra/hub.c | resets/* resets/misc | | nvidia,tegra186-display nvidia,tegra194-display
drivers/gpu/drm/tegra/nvdec.c | resets/* resets/nvdec | | nvidia,tegra186-nvdec nvidia,tegra194-nvdec nvidia,tegra210-nvdec nvidia,tegra234-nvdec
drivers/gpu/drm/tegra/sor.c | nvidia,hpd-gpios resets/* resets/sor | | nvidia,tegra186-sor nvidia,tegra194-sor nvidia,tegra210-sor1
drivers/gpu/drm/tegra/sor.c | resets/* resets/sor | | nvidia,tegra124-sor nvidia,tegra210-sor
drivers/gpu/drm/tegra/vic.c | resets/* resets/vic | | nvidia,tegra186-vic nvidia,tegra194-vic nvidia,tegra210-vic nvidia,tegra234-vic
drivers/gpu/drm/tiny/pixpaper.c | busy-gpios dc-gpios reset-gpios | | mayqueen,pixpaper
drivers/gpu/drm/v3d/v3d_drv.c | | resets/* | brcm,2712-v3d
drivers/gpu/drm/v3d/v3d_drv.c | resets/* | | brcm,2711-v3d
drivers/gpu/drm/vc4/vc4_hdmi.c | | hpd-gpios | brcm,bcm2835-hdmi
drivers/gpu/drm/vc4/vc4_hdmi.c | resets/* | | brcm,bcm2711-hdmi0 brcm,bcm2711-hdmi1 brcm,bcm2712-hdmi0 brcm,bcm2712-hdmi1
drivers/gpu/drm/xlnx/zynqmp_dpsub.c | resets/* | | xlnx,zynqmp-dpsub-1.7
drivers/gpu/host1x/dev.c | | resets/* | nvidia,tegra124-host1x nvidia,tegra186-host1x nvidia,tegra194-host1x nvidia,tegra210-host1x
drivers/greybus/gb-beagleplay.c | bootloader-backdoor-gpios reset-gpios | | ti,cc1352p7
drivers/hid/i2c-hid/i2c-hid-of-elan.c | | reset-gpios | elan,ekth6915 elan,ekth6a12nay focaltech,ft8112 ilitek,ili2901 ilitek,ili9882t
drivers/hid/i2c-hid/i2c-hid-of-goodix.c | | reset-gpios | goodix,gt7375p
drivers/hwmon/gpio-fan.c | | | gpio-fan
drivers/i2c/busses/i2c-cadence.c | | | cdns,i2c-r1p14
drivers/i2c/busses/i2c-designware-platdrv.c | | resets/* | snps,designware-i2c
drivers/i2c/busses/i2c-gpio.c | | | i2c-gpio
drivers/i2c/busses/i2c-imx-lpi2c.c | | | fsl,imx7ulp-lpi2c fsl,imx8qm-lpi2c fsl,imx8qxp-lpi2c
drivers/i2c/busses/i2c-imx.c | scl-gpios sda-gpios | | fsl,imx21-i2c fsl,imx8mm-i2c fsl,imx8mn-i2c fsl,imx8mp-i2c fsl,imx8mq-i2c
drivers/i2c/busses/i2c-imx.c | scl-gpios | | fsl,vf610-i2c
drivers/i2c/busses/i2c-mv64xxx.c | | | marvell,mv78230-i2c
drivers/i2c/busses/i2c-mv64xxx.c | | resets/* | allwinner,sun6i-a31-i2c
drivers/i2c/busses/i2c-pxa.c | scl-gpios sda-gpios | | marvell,armada-3700-i2c
drivers/i2c/busses/i2c-rcar.c | resets/* | | renesas,i2c-r8a7795 renesas,i2c-r8a7796 renesas,i2c-r8a779f0 renesas,rcar-gen3-i2c renesas,rcar-gen4-i2c
drivers/i2c/busses/i2c-riic.c | | resets/* | renesas,riic-r9a09g057 renesas,riic-rz
drivers/i2c/busses/i2c-rzv2m.c | resets/* | | renesas,rzv2m-i2c
drivers/i2c/busses/i2c-sh_mobile.c | | | renesas,iic-r8a774c0 renesas,iic-r8a7795 renesas,iic-r8a77990 renesas,rcar-gen3-iic renesas,rmobile-iic
drivers/i2c/busses/i2c-tegra.c | resets/* | | nvidia,tegra124-i2c nvidia,tegra186-i2c nvidia,tegra194-i2c nvidia,tegra210-i2c nvidia,tegra210-i2c-vi nvidia,tegra264-i2c
drivers/i2c/muxes/i2c-mux-gpio.c | mux-gpios | | i2c-mux-gpio
drivers/i2c/muxes/i2c-mux-pca954x.c | | reset-gpios | nxp,pca9545 nxp,pca9546 nxp,pca9548
drivers/i3c/master/renesas-i3c.c | | resets/presetn resets/tresetn | renesas,r9a08g045-i3c renesas,r9a09g047-i3c
drivers/iio/adc/exynos_adc.c | vdd-supply | | samsung,exynos7-adc
drivers/iio/adc/imx8qxp-adc.c | vref-supply | | nxp,imx8qxp-adc
drivers/iio/adc/imx93_adc.c | vref-supply | | nxp,imx93-adc
drivers/iio/adc/mcp320x.c | vref-supply | | microchip,mcp3002 microchip,mcp3004 microchip,mcp3202
drivers/iio/adc/meson_saradc.c | vref-supply | | amlogic,meson-axg-saradc amlogic,meson-g12a-saradc amlogic,meson-gxbb-saradc amlogic,meson-gxl-saradc amlogic,meson-gxlx-saradc amlogic,meson-gxm-saradc amlogic,meson-s4-saradc
drivers/iio/adc/rockchip_saradc.c | resets/saradc-apb vref-supply | | rockchip,rk3399-saradc rockchip,rk3568-saradc rockchip,saradc
drivers/iio/adc/rockchip_saradc.c | vref-supply | resets/saradc-apb | rockchip,rk3528-saradc rockchip,rk3562-saradc rockchip,rk3588-saradc
drivers/iio/adc/rzg2l_adc.c | resets/adrst-n resets/presetn | | renesas,r9a08g045-adc renesas,rzg2l-adc
drivers/iio/adc/sun20i-gpadc-iio.c | resets/* | | allwinner,sun20i-d1-gpadc allwinner,sun55i-a523-gpadc
drivers/iio/adc/ti-ads1119.c | vref-supply | | ti,ads1119
drivers/iio/adc/ti-ads7924.c | vref-supply | reset-gpios | ti,ads7924
drivers/iio/magnetometer/af8133j.c | | reset-gpios | voltafield,af8133j
drivers/iio/magnetometer/ak8975.c | | | asahi-kasei,ak8963
drivers/iio/magnetometer/ak8975.c | | reset-gpios | asahi-kasei,ak09911
drivers/iio/proximity/vl53l0x-i2c.c | | reset-gpios | st,vl53l0x
drivers/input/keyboard/gpio_keys.c | | | gpio-keys
drivers/input/keyboard/gpio_keys_polled.c | | | gpio-keys-polled
drivers/input/keyboard/sun4i-lradc-keys.c | resets/* | | allwinner,sun50i-r329-lradc
drivers/input/misc/aw86927.c | reset-gpios | | awinic,aw86927
drivers/input/misc/drv260x.c | | enable-gpios | ti,drv2604
drivers/input/misc/gpio-beeper.c | | | gpio-beeper
drivers/input/misc/gpio-vibra.c | enable-gpios | | gpio-vibrator
drivers/input/misc/regulator-haptic.c | haptic-supply | | regulator-haptic
drivers/input/misc/rotary_encoder.c | | | rotary-encoder
drivers/input/rmi4/rmi_i2c.c | | | syna,rmi4-i2c
drivers/input/touchscreen/ads7846.c | pendown-gpios | | ti,ads7846 ti,tsc2046
drivers/input/touchscreen/atmel_mxt_ts.c | | reset-gpios | atmel,maxtouch
drivers/input/touchscreen/colibri-vf50-ts.c | | | toradex,vf50-touchscreen
drivers/input/touchscreen/cyttsp5.c | | reset-gpios | cypress,tt21000
drivers/input/touchscreen/edt-ft5x06.c | | reset-gpios | edt,edt-ft5206 edt,edt-ft5306 edt,edt-ft5406 edt,edt-ft5506 focaltech,ft3518 focaltech,ft5452 focaltech,ft8719
drivers/input/touchscreen/elants_i2c.c | reset-gpios | | elan,ekth3500
drivers/input/touchscreen/exc3000.c | | reset-gpios | eeti,exc80h84 eeti,exc81w32
drivers/input/touchscreen/goodix.c | | | goodix,gt1151 goodix,gt1158 goodix,gt5663 goodix,gt5688 goodix,gt911 goodix,gt917s goodix,gt927 goodix,gt9271 goodix,gt928 goodix,gt9286
drivers/input/touchscreen/goodix_berlin_i2c.c | | reset-gpios | goodix,gt9916
drivers/input/touchscreen/goodix_berlin_spi.c | | reset-gpios | goodix,gt9897
drivers/input/touchscreen/himax_hx83112b.c | reset-gpios | | himax,hx83112b
drivers/input/touchscreen/himax_hx852x.c | reset-gpios | | himax,hx852es
drivers/input/touchscreen/hynitron_cstxxx.c | reset-gpios | | hynitron,cst340
drivers/input/touchscreen/ili210x.c | | reset-gpios | ilitek,ili251x
drivers/input/touchscreen/ilitek_ts_i2c.c | | reset-gpios | ilitek,ili2130 ilitek,ili2132
drivers/input/touchscreen/melfas_mip4.c | | ce-gpios | melfas,mip4_ts
drivers/input/touchscreen/msg2638.c | reset-gpios | | mstar,msg2638
drivers/input/touchscreen/novatek-nvt-ts.c | reset-gpios | | novatek,nt36672a-ts
drivers/input/touchscreen/silead.c | | power-gpios | silead,gsl1680
drivers/input/touchscreen/st1232.c | | | sitronix,st1633
drivers/iommu/sun50i-iommu.c | resets/* | | allwinner,sun50i-h6-iommu allwinner,sun50i-h616-iommu
drivers/irqchip/irq-gic.c | | | arm,gic-400
drivers/irqchip/irq-renesas-irqc.c | | | renesas,irqc
drivers/irqchip/irq-renesas-rzg2l.c | resets/* | | renesas,r9a08g046-irqc renesas,rzg2l-irqc
drivers/irqchip/irq-renesas-rzv2h.c | resets/* | | renesas,r9a09g047-icu renesas,r9a09g056-icu renesas,r9a09g057-icu
drivers/leds/flash/leds-sgm3140.c | enable-gpios flash-gpios | | ocs,ocp8110 sgmicro,sgm3140
drivers/leds/flash/leds-sy7802.c | enable-gpios | | silergy,sy7802
drivers/leds/leds-aw200xx.c | | enable-gpios | awinic,aw20036
drivers/leds/leds-gpio.c | | | gpio-leds
drivers/leds/leds-is31fl319x.c | | shutdown-gpios | issi,is31fl3199 si-en,sn3190
drivers/leds/leds-lm3692x.c | | enable-gpios | ti,lm36922
drivers/leds/leds-lp5562.c | | enable-gpios | ti,lp5562
drivers/leds/leds-regulator.c | vled-supply | | regulator-led
drivers/leds/leds-sun50i-a100.c | resets/* | | allwinner,sun50i-a100-ledc
drivers/mailbox/sun6i-msgbox.c | resets/* | | allwinner,sun6i-a31-msgbox
drivers/media/i2c/hi846.c | | reset-gpios shutdown-gpios | hynix,hi846
drivers/media/i2c/imx258.c | | | sony,imx258-pdaf
drivers/media/i2c/imx290.c | | reset-gpios | sony,imx290
drivers/media/i2c/imx355.c | | reset-gpios | sony,imx355
drivers/media/i2c/imx412.c | | reset-gpios | sony,imx577
drivers/media/i2c/imx415.c | | reset-gpios | sony,imx415
drivers/media/i2c/max9286.c | | enable-gpios | maxim,max9286
drivers/media/i2c/ov2685.c | reset-gpios | | ovti,ov2685
drivers/media/i2c/ov5640.c | | powerdown-gpios reset-gpios | ovti,ov5640
drivers/media/i2c/ov5645.c | enable-gpios reset-gpios | | ovti,ov5645
drivers/media/i2c/ov5648.c | | powerdown-gpios reset-gpios | ovti,ov5648
drivers/media/i2c/ov5675.c | | reset-gpios | ovti,ov5675
drivers/media/i2c/ov5695.c | reset-gpios | | ovti,ov5695
drivers/media/i2c/ov7251.c | enable-gpios | | ovti,ov7251
drivers/media/i2c/ov8856.c | | reset-gpios | ovti,ov8856
drivers/media/i2c/ov8858.c | | powerdown-gpios reset-gpios | ovti,ov8858
drivers/media/i2c/ov9282.c | | reset-gpios | ovti,ov9282
drivers/media/i2c/s5k3m5.c | | reset-gpios | samsung,s5k3m5
drivers/media/i2c/s5kjn1.c | | reset-gpios | samsung,s5kjn1
drivers/media/platform/amlogic/meson-ge2d/ge2d.c | resets/* | | amlogic,axg-ge2d
drivers/media/platform/nxp/imx8mq-mipi-csi2.c | resets/* | | fsl,imx8qxp-mipi-csi2 fsl,imx8ulp-mipi-csi2
drivers/media/platform/qcom/iris/iris_probe.c | resets/* | | qcom,qcs8300-iris qcom,sm8550-iris qcom,sm8650-iris qcom,sm8750-iris
drivers/media/platform/qcom/venus/core.c | resets/* | | qcom,sm8250-venus
drivers/media/platform/renesas/rcar-csi2.c | resets/* | | renesas,r8a774b1-csi2 renesas,r8a774c0-csi2 renesas,r8a774e1-csi2 renesas,r8a7795-csi2 renesas,r8a7796-csi2 renesas,r8a77961-csi2 renesas,r8a77965-csi2 renesas,r8a77970-csi2 renesas,r8a77980-csi2 renesas,r8a77990-csi2 renesas,r8a779a0-csi2 renesas,r8a779g0-csi2 renesas,r8a779h0-csi2
drivers/media/platform/renesas/rcar-fcp.c | | | renesas,fcpf renesas,fcpv
drivers/media/platform/renesas/rcar-isp/csisp.c | resets/* | | renesas,r8a779a0-isp renesas,r8a779g0-isp renesas,rcar-gen4-isp
drivers/media/platform/renesas/rcar-vin/rcar-core.c | | | renesas,rcar-gen4-vin renesas,vin-r8a774a1 renesas,vin-r8a774b1 renesas,vin-r8a774c0 renesas,vin-r8a774e1 renesas,vin-r8a7795 renesas,vin-r8a7796 renesas,vin-r8a77961 renesas,vin-r8a77965 renesas,vin-r8a77970 renesas,vin-r8a77980 renesas,vin-r8a77990 renesas,vin-r8a77995 renesas,vin-r8a779a0 renesas,vin-r8a779g0
drivers/media/platform/renesas/rcar-vin/rcar-csi2.c | resets/* | | renesas,r8a774a1-csi2
drivers/media/platform/renesas/rcar_drif.c | | | renesas,rcar-gen3-drif
drivers/media/platform/renesas/rcar_fdp1.c | | | renesas,fdp1
drivers/media/platform/renesas/rzg2l-cru/rzg2l-core.c | resets/aresetn resets/presetn | | renesas,r9a09g047-cru renesas,rzg2l-cru
drivers/media/platform/renesas/rzg2l-cru/rzg2l-csi2.c | resets/cmn-rstb resets/presetn | | renesas,r9a09g057-csi2 renesas,rzg2l-csi2
drivers/media/platform/renesas/vsp1/vsp1_drv.c | resets/* | | renesas,r9a07g044-vsp2 renesas,vsp2
drivers/media/platform/rockchip/rga/rga.c | resets/ahb resets/axi resets/core | | rockchip,rk3288-rga rockchip,rk3399-rga rockchip,rk3588-rga3
drivers/media/platform/rockchip/rkcif/rkcif-dev.c | resets/* | | rockchip,px30-vip rockchip,rk3568-vicap rockchip,rk3588-vicap
drivers/media/platform/rockchip/rkvdec/rkvdec.c | | | rockchip,rk3576-vdec rockchip,rk3588-vdec
drivers/media/platform/sunxi/sun6i-csi/sun6i_csi.c | resets/* | | allwinner,sun50i-a64-csi allwinner,sun8i-h3-csi
drivers/media/platform/sunxi/sun8i-di/sun8i-di.c | resets/* | | allwinner,sun8i-h3-deinterlace
drivers/media/platform/sunxi/sun8i-rotate/sun8i_rotate.c | resets/* | | allwinner,sun8i-a83t-de2-rotate
drivers/media/platform/synopsys/dw-mipi-csi2rx.c | | resets/* | rockchip,rk3568-mipi-csi2
drivers/media/platform/synopsys/hdmirx/snps_hdmirx.c | resets/* | hpd-gpios | rockchip,rk3588-hdmirx-ctrler
drivers/media/platform/verisilicon/hantro_drv.c | | resets/* | allwinner,sun50i-h6-vpu-g2 rockchip,rk3588-av1-vpu
drivers/media/radio/si470x/radio-si470x-i2c.c | | reset-gpios | silabs,si470x
drivers/media/rc/gpio-ir-recv.c | | | gpio-ir-receiver
drivers/media/rc/gpio-ir-tx.c | | | gpio-ir-tx
drivers/media/rc/sunxi-cir.c | resets/* | | allwinner,sun6i-a31-ir
drivers/memory/renesas-rpc-if.c | resets/* | | renesas,r8a7796-rpc-if renesas,r9a09g047-xspi renesas,rcar-gen3-rpc-if renesas,rcar-gen4-rpc-if renesas,rzg2l-rpc-if
drivers/mfd/arizona-spi.c | | | wlf,wm5110
drivers/mfd/bq257xx.c | | | ti,bq25703a
drivers/mfd/hi6421-spmi-pmic.c | | | hisilicon,hi6421-spmi
drivers/mfd/hi655x-pmic.c | | pmic-gpios | hisilicon,hi655x-pmic
drivers/mfd/qcom-pm8008.c | | reset-gpios | qcom,pm8008
drivers/mfd/rk8xx-i2c.c | | | rockchip,rk806
drivers/mfd/rz-mtu3.c | | resets/* | renesas,rz-mtu3
drivers/mmc/core/pwrseq_emmc.c | reset-gpios | | mmc-pwrseq-emmc
drivers/mmc/core/pwrseq_simple.c | reset-gpios | | mmc-pwrseq-simple
drivers/mmc/host/dw_mmc-exynos.c | | | samsung,exynos7-dw-mshc-smu samsung,exynos7870-dw-mshc-smu
drivers/mmc/host/dw_mmc-hi3798cv200.c | | | hisilicon,hi3798cv200-dw-mshc
drivers/mmc/host/dw_mmc-k3.c | | resets/reset | hisilicon,hi3660-dw-mshc hisilicon,hi6220-dw-mshc
drivers/mmc/host/dw_mmc-pltfm.c | | resets/reset | snps,dw-mshc
drivers/mmc/host/dw_mmc-rockchip.c | | resets/reset | rockchip,rk3288-dw-mshc rockchip,rk3576-dw-mshc
drivers/mmc/host/meson-gx-mmc.c | | resets/* | amlogic,meson-axg-mmc amlogic,meson-gx-mmc amlogic,meson-gxbb-mmc
drivers/mmc/host/mtk-sd.c | | | mediatek,mt7988-mmc mediatek,mt8173-mmc mediatek,mt8183-mmc
drivers/mmc/host/mtk-sd.c | | resets/hrst | mediatek,mt7622-mmc
drivers/mmc/host/renesas_sdhi_internal_dmac.c | | resets/* | renesas,rcar-gen3-sdhi renesas,rcar-gen4-sdhi renesas,rzg2l-sdhi renesas,sdhi-r8a774b1 renesas,sdhi-r8a774c0 renesas,sdhi-r8a774e1 renesas,sdhi-r8a7795 renesas,sdhi-r8a77961 renesas,sdhi-r8a77965 renesas,sdhi-r8a77970 renesas,sdhi-r8a77990 renesas,sdhi-r8a77995 renesas,sdhi-r8a779md renesas,sdhi-r9a09g011 renesas,sdhi-r9a09g057
drivers/mmc/host/sdhci-brcmstb.c | | | brcm,bcm2712-sdhci
drivers/mmc/host/sdhci-esdhc-imx.c | | | fsl,imx7d-usdhc fsl,imx8mm-usdhc fsl,imx8qxp-usdhc fsl,imx94-usdhc fsl,imx95-usdhc
drivers/mmc/host/sdhci-iproc.c | | | brcm,bcm2835-sdhci
drivers/mmc/host/sdhci-msm.c | | | qcom,sc7180-sdhci qcom,sdm845-sdhci
drivers/mmc/host/sdhci-msm.c | | resets/* | qcom,sdhci-msm-v4 qcom,sdhci-msm-v5
drivers/mmc/host/sdhci-of-arasan.c | | resets/* | arasan,sdhci-8.9a xlnx,zynqmp-8.9a
drivers/mmc/host/sdhci-of-dwcmshc.c | | resets/* | rockchip,rk3576-dwcmshc rockchip,rk3588-dwcmshc
drivers/mmc/host/sdhci-of-esdhc.c | | | fsl,esdhc fsl,ls1043a-esdhc fsl,ls1046a-esdhc
drivers/mmc/host/sdhci-tegra.c | resets/sdhci | | nvidia,tegra186-sdhci nvidia,tegra194-sdhci nvidia,tegra234-sdhci
drivers/mmc/host/sdhci-tegra.c | resets/sdhci | power-gpios | nvidia,tegra124-sdhci nvidia,tegra210-sdhci
drivers/mmc/host/sdhci-xenon.c | | | marvell,armada-3700-sdhci marvell,armada-cp110-sdhci
drivers/mmc/host/sdhci_am654.c | | | ti,am62-sdhci ti,am64-sdhci-4bit ti,am64-sdhci-8bit ti,j721e-sdhci-4bit
drivers/mmc/host/sunxi-mmc.c | | resets/ahb | allwinner,sun20i-d1-mmc allwinner,sun50i-a100-emmc allwinner,sun50i-a100-mmc allwinner,sun50i-a64-emmc allwinner,sun50i-a64-mmc allwinner,sun50i-h616-mmc
drivers/mtd/nand/raw/sunxi_nand.c | | resets/ahb | allwinner,sun50i-h616-nand-controller
drivers/mtd/spi-nor/core.c | | reset-gpios | jedec,spi-nor
drivers/mux/gpio.c | mux-gpios | | gpio-mux
drivers/net/can/rcar/rcar_can.c | | | renesas,rcar-gen3-can
drivers/net/can/rcar/rcar_canfd.c | | | renesas,r8a779a0-canfd renesas,rcar-gen3-canfd renesas,rcar-gen4-canfd
drivers/net/can/rcar/rcar_canfd.c | | resets/rstc_n resets/rstp_n | renesas,r9a09g047-canfd renesas,rzg2l-canfd
drivers/net/can/rockchip/rockchip_canfd-core.c | resets/* | | rockchip,rk3568v2-canfd rockchip,rk3568v3-canfd
drivers/net/can/spi/mcp251xfd/mcp251xfd-core.c | | microchip,rx-int-gpios | microchip,mcp2518fd microchip,mcp251xfd
drivers/net/can/xilinx_can.c | | resets/* | xlnx,zynq-can-1.0
drivers/net/dsa/microchip/ksz9477_i2c.c | | reset-gpios | microchip,ksz9893 microchip,ksz9896 microchip,ksz9897
drivers/net/dsa/microchip/ksz_spi.c | | reset-gpios | microchip,ksz8794
drivers/net/dsa/mt7530-mdio.c | | reset-gpios | mediatek,mt7531
drivers/net/dsa/mt7530-mmio.c | resets/* | | mediatek,mt7988-switch
drivers/net/dsa/mv88e6xxx/chip.c | | reset-gpios | marvell,mv88e6085
drivers/net/dsa/sja1105/sja1105_main.c | | reset-gpios | nxp,sja1105q nxp,sja1110a
drivers/net/ethernet/apm/xgene/xgene_enet_main.c | rxlos-gpios | | apm,xgene1-xgenet
drivers/net/ethernet/cadence/macb_main.c | | | raspberrypi,rp1-gem
drivers/net/ethernet/cadence/macb_main.c | | resets/* | cdns,gem cdns,zynqmp-gem xlnx,zynqmp-gem
drivers/net/ethernet/freescale/fec_main.c | | phy-reset-gpios | fsl,imx6sx-fec fsl,imx8mq-fec
drivers/net/ethernet/hisilicon/hix5hd2_gmac.c | resets/mac_core resets/mac_ifc resets/phy | | hisilicon,hi3798cv200-gmac hisilicon,hisi-gmac-v2
drivers/net/ethernet/marvell/mvmdio.c | | | marvell,orion-mdio
drivers/net/ethernet/mediatek/mtk_eth_soc.c | | | mediatek,mt7986-eth
drivers/net/ethernet/renesas/ravb_main.c | resets/* | | renesas,etheravb-r8a7795 renesas,etheravb-rcar-gen3 renesas,etheravb-rcar-gen4 renesas,etheravb-rzv2m renesas,rzg2l-gbeth
drivers/net/ethernet/renesas/rswitch_main.c | | | renesas,r8a779f0-ether-switch
drivers/net/ethernet/renesas/rtsn.c | resets/* | | renesas,r8a779g0-ethertsn
drivers/net/ethernet/renesas/sh_eth.c | | | renesas,gether-r8a77980
drivers/net/ethernet/stmicro/stmmac/dwmac-dwc-qos-eth.c | phy-reset-gpios resets/eqos | resets/* | nvidia,tegra186-eqos snps,dwc-qos-ethernet-4.10
drivers/net/ethernet/stmicro/stmmac/dwmac-generic.c | | | snps,dwmac snps,dwmac-3.70a
drivers/net/ethernet/stmicro/stmmac/dwmac-mediatek.c | | | mediatek,mt2712-gmac mediatek,mt8195-gmac
drivers/net/ethernet/stmicro/stmmac/dwmac-meson8b.c | | | amlogic,meson-gxbb-dwmac
drivers/net/ethernet/stmicro/stmmac/dwmac-qcom-ethqos.c | | | qcom,qcs404-ethqos
drivers/net/ethernet/stmicro/stmmac/dwmac-qcom-ethqos.c | | resets/* | qcom,sm8150-ethqos
drivers/net/ethernet/stmicro/stmmac/dwmac-renesas-gbeth.c | resets/* | | renesas,r9a08g046-gbeth renesas,rzv2h-gbeth
drivers/net/ethernet/stmicro/stmmac/dwmac-renesas-gbeth.c | resets/* | resets/ahb | renesas,r9a09g077-gbeth
drivers/net/ethernet/stmicro/stmmac/dwmac-rk.c | | resets/* | rockchip,px30-gmac rockchip,rk3308-gmac rockchip,rk3328-gmac rockchip,rk3368-gmac rockchip,rk3399-gmac rockchip,rk3528-gmac rockchip,rk3568-gmac rockchip,rk3576-gmac rockchip,rk3588-gmac
drivers/net/ethernet/stmicro/stmmac/dwmac-sun55i.c | | resets/* | allwinner,sun55i-a523-gmac200
drivers/net/ethernet/stmicro/stmmac/dwmac-sun8i.c | | resets/* | allwinner,sun50i-a64-emac allwinner,sun50i-h6-emac allwinner,sun8i-h3-emac
drivers/net/ethernet/stmicro/stmmac/dwmac-tegra.c | resets/mac resets/pcs | resets/* | nvidia,tegra234-mgbe
drivers/net/ethernet/ti/davinci_mdio.c | | | ti,cpsw-mdio ti,davinci_mdio
drivers/net/mdio/mdio-gpio.c | | | virtual,mdio-gpio
drivers/net/mdio/mdio-mux-meson-g12a.c | | | amlogic,g12a-mdio-mux
drivers/net/mdio/mdio-mux-meson-gxl.c | | | amlogic,gxl-mdio-mux
drivers/net/mdio/mdio-mux-mmioreg.c | | | mdio-mux-mmioreg
drivers/net/pcs/pcs-rzn1-miic.c | resets/* | | renesas,r9a09g077-miic
drivers/net/phy/sfp.c | | | sff,sfp
drivers/net/wireless/mediatek/mt76/mt7915/soc.c | resets/consys | | mediatek,mt7981-wmac mediatek,mt7986-wmac
drivers/nfc/nxp-nci/i2c.c | enable-gpios | firmware-gpios | nxp,nxp-nci-i2c
drivers/nfc/pn544/i2c.c | enable-gpios firmware-gpios | | nxp,pn544-i2c
drivers/nfc/s3fwrn5/i2c.c | en-gpios wake-gpios | | samsung,s3fwrn5-i2c
drivers/nfc/st95hf/core.c | enable-gpios | | st,st95hf
drivers/nvmem/rcar-efuse.c | | | renesas,r8a779a0-efuse renesas,r8a779f0-efuse
drivers/nvmem/rockchip-otp.c | resets/* resets/phy | | rockchip,px30-otp
drivers/nvmem/rockchip-otp.c | resets/* | | rockchip,rk3308-otp rockchip,rk3528-otp rockchip,rk3562-otp rockchip,rk3568-otp rockchip,rk3576-otp rockchip,rk3588-otp
drivers/pci/controller/cadence/pci-j721e.c | | reset-gpios | ti,am64-pcie-host ti,j7200-pcie-host ti,j721e-pcie-host ti,j722s-pcie-host ti,j784s4-pcie-host
drivers/pci/controller/dwc/pci-imx6.c | | reset-gpios | fsl,imx8q-pcie fsl,imx95-pcie
drivers/pci/controller/dwc/pci-imx6.c | resets/apps resets/pciephy | reset-gpios resets/* resets/turnoff | fsl,imx8mq-pcie
drivers/pci/controller/dwc/pci-imx6.c | resets/apps resets/pciephy | resets/* | fsl,imx8mq-pcie-ep
drivers/pci/controller/dwc/pci-imx6.c | resets/apps | reset-gpios resets/* resets/turnoff | fsl,imx8mm-pcie fsl,imx8mp-pcie
drivers/pci/controller/dwc/pci-imx6.c | resets/apps | resets/* | fsl,imx8mm-pcie-ep fsl,imx8mp-pcie-ep
drivers/pci/controller/dwc/pci-keystone.c | | reset-gpios | ti,am654-pcie-rc
drivers/pci/controller/dwc/pci-meson.c | reset-gpios resets/* | | amlogic,axg-pcie amlogic,g12a-pcie
drivers/pci/controller/dwc/pcie-armada8k.c | | reset-gpios | marvell,armada8k-pcie
drivers/pci/controller/dwc/pcie-designware-plat.c | | | snps,dw-pcie
drivers/pci/controller/dwc/pcie-dw-rockchip.c | resets/* | | rockchip,rk3588-pcie-ep
drivers/pci/controller/dwc/pcie-dw-rockchip.c | resets/* | reset-gpios | rockchip,rk3568-pcie
drivers/pci/controller/dwc/pcie-histb.c | resets/bus resets/soft resets/sys | reset-gpios resets/* | hisilicon,hi3798cv200-pcie
drivers/pci/controller/dwc/pcie-kirin.c | reset-gpios | | hisilicon,kirin960-pcie
drivers/pci/controller/dwc/pcie-qcom-ep.c | resets/core | resets/* | qcom,sa8775p-pcie-ep qcom,sar2130p-pcie-ep qcom,sm8450-pcie-ep
drivers/pci/controller/dwc/pcie-qcom.c | | perst-gpios | qcom,pcie-msm8996
drivers/pci/controller/dwc/pcie-qcom.c | reset-gpios resets/* | | qcom,pcie-x1e80100
drivers/pci/controller/dwc/pcie-qcom.c | reset-gpios resets/* | perst-gpios | qcom,pcie-sa8775p qcom,pcie-sm8550
drivers/pci/controller/dwc/pcie-qcom.c | resets/* resets/ahb resets/axi_m resets/axi_m_sticky resets/axi_s resets/pipe | | qcom,pcie-ipq6018
drivers/pci/controller/dwc/pcie-qcom.c | resets/* resets/ahb resets/axi_m resets/axi_m_sticky resets/axi_s resets/pipe | perst-gpios | qcom,pcie-ipq8074
drivers/pci/controller/dwc/pcie-qcom.c | resets/* resets/ahb resets/axi_m resets/axi_m_sticky resets/axi_s resets/pipe_sticky resets/pwr | perst-gpios | qcom,pcie-qcs404
drivers/pci/controller/dwc/pcie-qcom.c | resets/* resets/pci | perst-gpios | qcom,pcie-sc7280 qcom,pcie-sdm845 qcom,pcie-sm8150 qcom,pcie-sm8250 qcom,pcie-sm8450-pcie0 qcom,pcie-sm8450-pcie1
drivers/pci/controller/dwc/pcie-qcom.c | resets/* | perst-gpios | qcom,pcie-ipq5018 qcom,pcie-ipq8074-gen3 qcom,pcie-ipq9574 qcom,pcie-sa8540p qcom,pcie-sc8180x qcom,pcie-sc8280xp qcom,pcie-sm8350
drivers/pci/controller/dwc/pcie-rcar-gen4.c | | | renesas,r8a779f0-pcie renesas,r8a779f0-pcie-ep renesas,rcar-gen4-pcie renesas,rcar-gen4-pcie-ep
drivers/pci/controller/dwc/pcie-tegra194.c | reset-gpios resets/apb resets/core | nvidia,refclk-select-gpios resets/* | nvidia,tegra194-pcie-ep nvidia,tegra234-pcie-ep
drivers/pci/controller/dwc/pcie-tegra194.c | resets/apb resets/core | resets/* | nvidia,tegra194-pcie nvidia,tegra234-pcie
drivers/pci/controller/pci-aardvark.c | | reset-gpios | marvell,armada-3700-pcie
drivers/pci/controller/pci-tegra.c | resets/afi resets/pcie_x resets/pex | | nvidia,tegra124-pcie nvidia,tegra186-pcie nvidia,tegra210-pcie
drivers/pci/controller/pcie-brcmstb.c | | | brcm,bcm2711-pcie
drivers/pci/controller/pcie-brcmstb.c | | resets/bridge resets/rescal | brcm,bcm2712-pcie
drivers/pci/controller/pcie-mediatek-gen3.c | | resets/* resets/mac | mediatek,mt8192-pcie
drivers/pci/controller/pcie-rcar-ep.c | | | renesas,r8a774c0-pcie-ep renesas,rcar-gen3-pcie-ep
drivers/pci/controller/pcie-rcar-host.c | | | renesas,pcie-r8a7795 renesas,pcie-rcar-gen3
drivers/pci/controller/pcie-rockchip-ep.c | resets/* | | rockchip,rk3399-pcie-ep
drivers/pci/controller/pcie-rockchip-host.c | resets/* resets/aclk resets/core resets/mgmt resets/mgmt-sticky resets/pclk resets/pipe resets/pm | ep-gpios | rockchip,rk3399-pcie
drivers/pci/controller/pcie-rzg3s-host.c | resets/* | | renesas,r9a08g045-pcie renesas,r9a09g047-pcie
drivers/pci/pwrctrl/generic.c | | | pciclass,0604
drivers/pci/pwrctrl/pci-pwrctrl-tc9563.c | resx-gpios | | pci1179,0623
drivers/phy/allwinner/phy-sun4i-usb.c | resets/* | usb0_id_det-gpios | allwinner,sun50i-a64-usb-phy allwinner,sun50i-h6-usb-phy allwinner,sun50i-h616-usb-phy allwinner,sun8i-h3-usb-phy
drivers/phy/allwinner/phy-sun4i-usb.c | resets/* | usb0_vbus_det-gpios | allwinner,sun20i-d1-usb-phy
drivers/phy/allwinner/phy-sun50i-usb3.c | resets/* | | allwinner,sun50i-h6-usb3-phy
drivers/phy/allwinner/phy-sun6i-mipi-dphy.c | resets/* | | allwinner,sun6i-a31-mipi-dphy
drivers/phy/amlogic/phy-meson-axg-mipi-dphy.c | resets/phy | | amlogic,axg-mipi-dphy
drivers/phy/amlogic/phy-meson-axg-pcie.c | resets/* | | amlogic,axg-pcie-phy
drivers/phy/amlogic/phy-meson-g12a-usb2.c | resets/phy | | amlogic,a1-usb2-phy amlogic,g12a-usb2-phy
drivers/phy/amlogic/phy-meson-g12a-usb3-pcie.c | resets/* | | amlogic,g12a-usb3-pcie-phy
drivers/phy/amlogic/phy-meson-gxl-usb2.c | | resets/phy | amlogic,meson-gxl-usb2-phy
drivers/phy/amlogic/phy-meson8b-usb2.c | | resets/* | amlogic,meson-gxbb-usb2-phy
drivers/phy/cadence/phy-cadence-sierra.c | resets/* resets/sierra_reset | | ti,sierra-phy-t0
drivers/phy/cadence/phy-cadence-torrent.c | resets/* | | ti,j721e-serdes-10g
drivers/phy/freescale/phy-fsl-imx8m-pcie.c | resets/pciephy resets/perst | | fsl,imx8mp-pcie-phy
drivers/phy/freescale/phy-fsl-imx8m-pcie.c | resets/pciephy | | fsl,imx8mm-pcie-phy
drivers/phy/hisilicon/phy-hisi-inno-usb2.c | resets/* | | hisilicon,hi3798cv200-usb2-phy
drivers/phy/hisilicon/phy-histb-combphy.c | resets/* | | hisilicon,hi3798cv200-combphy
drivers/phy/mediatek/phy-mtk-xfi-tphy.c | resets/* | | mediatek,mt7988-xfi-tphy
drivers/phy/phy-can-transceiver.c | | enable-gpios standby-gpios | nxp,tjr1443 ti,tcan1043
drivers/phy/phy-can-transceiver.c | | silent-gpios | nxp,tja1051 nxp,tja1057
drivers/phy/phy-can-transceiver.c | | standby-gpios | nxp,tja1048 ti,tcan1042
drivers/phy/phy-nxp-ptn3222.c | | reset-gpios | nxp,ptn3222
drivers/phy/phy-snps-eusb2.c | | resets/* | qcom,sm8550-snps-eusb2-phy
drivers/phy/qualcomm/phy-qcom-m31-eusb2.c | resets/* | | qcom,sm8750-m31-eusb2-phy
drivers/phy/qualcomm/phy-qcom-m31.c | resets/* | | qcom,ipq5018-usb-hsphy qcom,ipq5332-usb-hsphy
drivers/phy/qualcomm/phy-qcom-pcie2.c | resets/phy resets/pipe | | qcom,pcie2-phy
drivers/phy/qualcomm/phy-qcom-qmp-combo.c | resets/* | | qcom,glymur-qmp-usb3-dp-phy qcom,sar2130p-qmp-usb3-dp-phy qcom,sc7180-qmp-usb3-dp-phy qcom,sc7280-qmp-usb3-dp-phy qcom,sc8180x-qmp-usb3-dp-phy qcom,sc8280xp-qmp-usb43dp-phy qcom,sdm845-qmp-usb3-dp-phy qcom,sm6350-qmp-usb3-dp-phy qcom,sm8150-qmp-usb3-dp-phy qcom,sm8250-qmp-usb3-dp-phy qcom,sm8350-qmp-usb3-dp-phy qcom,sm8450-qmp-usb3-dp-phy qcom,sm8550-qmp-usb3-dp-phy qcom,sm8650-qmp-usb3-dp-phy qcom,sm8750-qmp-usb3-dp-phy qcom,x1e80100-qmp-usb3-dp-phy
drivers/phy/qualcomm/phy-qcom-qmp-pcie-msm8996.c | resets/* | | qcom,msm8996-qmp-pcie-phy
drivers/phy/qualcomm/phy-qcom-qmp-pcie.c | resets/* | | qcom,ipq6018-qmp-pcie-phy qcom,ipq8074-qmp-gen3-pcie-phy qcom,ipq8074-qmp-pcie-phy qcom,ipq9574-qmp-gen3x1-pcie-phy qcom,ipq9574-qmp-gen3x2-pcie-phy qcom,msm8998-qmp-pcie-phy qcom,qcs615-qmp-gen3x1-pcie-phy qcom,qcs8300-qmp-gen4x2-pcie-phy qcom,sa8775p-qmp-gen4x2-pcie-phy qcom,sa8775p-qmp-gen4x4-pcie-phy qcom,sar2130p-qmp-gen3x2-pcie-phy qcom,sc8180x-qmp-pcie-phy qcom,sc8280xp-qmp-gen3x1-pcie-phy qcom,sc8280xp-qmp-gen3x2-pcie-phy qcom,sc8280xp-qmp-gen3x4-pcie-phy qcom,sdm845-qhp-pcie-phy qcom,sdm845-qmp-pcie-phy qcom,sm8150-qmp-gen3x1-pcie-phy qcom,sm8150-qmp-gen3x2-pcie-phy qcom,sm8250-qmp-gen3x1-pcie-phy qcom,sm8250-qmp-gen3x2-pcie-phy qcom,sm8250-qmp-modem-pcie-phy qcom,sm8350-qmp-gen3x1-pcie-phy qcom,sm8350-qmp-gen3x2-pcie-phy qcom,sm8450-qmp-gen3x1-pcie-phy qcom,sm8450-qmp-gen4x2-pcie-phy qcom,sm8550-qmp-gen3x2-pcie-phy qcom,sm8650-qmp-gen3x2-pcie-phy qcom,sm8750-qmp-gen3x2-pcie-phy
drivers/phy/qualcomm/phy-qcom-qmp-pcie.c | resets/* | resets/phy_nocsr | qcom,glymur-qmp-gen4x2-pcie-phy qcom,glymur-qmp-gen5x4-pcie-phy qcom,kaanapali-qmp-gen3x2-pcie-phy qcom,sm8550-qmp-gen4x2-pcie-phy qcom,sm8650-qmp-gen4x2-pcie-phy qcom,x1e80100-qmp-gen3x2-pcie-phy qcom,x1e80100-qmp-gen4x4-pcie-phy qcom,x1e80100-qmp-gen4x8-pcie-phy qcom,x1p42100-qmp-gen4x4-pcie-phy
drivers/phy/qualcomm/phy-qcom-qmp-ufs.c | resets/ufsphy | | qcom,milos-qmp-ufs-phy qcom,msm8996-qmp-ufs-phy qcom,msm8998-qmp-ufs-phy qcom,sa8775p-qmp-ufs-phy qcom,sc7180-qmp-ufs-phy qcom,sc7280-qmp-ufs-phy qcom,sc8180x-qmp-ufs-phy qcom,sc8280xp-qmp-ufs-phy qcom,sdm845-qmp-ufs-phy qcom,sm6115-qmp-ufs-phy qcom,sm6125-qmp-ufs-phy qcom,sm6350-qmp-ufs-phy qcom,sm8150-qmp-ufs-phy qcom,sm8250-qmp-ufs-phy qcom,sm8350-qmp-ufs-phy qcom,sm8450-qmp-ufs-phy qcom,sm8550-qmp-ufs-phy qcom,sm8650-qmp-ufs-phy qcom,sm8750-qmp-ufs-phy
drivers/phy/qualcomm/phy-qcom-qmp-usb.c | resets/* | | qcom,glymur-qmp-usb3-uni-phy qcom,ipq5424-qmp-usb3-phy qcom,ipq6018-qmp-usb3-phy qcom,ipq8074-qmp-usb3-phy qcom,ipq9574-qmp-usb3-phy qcom,msm8996-qmp-usb3-phy qcom,msm8998-qmp-usb3-phy qcom,qcs8300-qmp-usb3-uni-phy qcom,qdu1000-qmp-usb3-uni-phy qcom,sa8775p-qmp-usb3-uni-phy qcom,sc8180x-qmp-usb3-uni-phy qcom,sc8280xp-qmp-usb3-uni-phy qcom,sdm845-qmp-usb3-phy qcom,sdm845-qmp-usb3-uni-phy qcom,sdx75-qmp-usb3-uni-phy qcom,sm8150-qmp-usb3-phy qcom,sm8150-qmp-usb3-uni-phy qcom,sm8250-qmp-usb3-uni-phy qcom,sm8350-qmp-usb3-phy qcom,sm8350-qmp-usb3-uni-phy qcom,sm8450-qmp-usb3-phy qcom,x1e80100-qmp-usb3-uni-phy
drivers/phy/qualcomm/phy-qcom-qmp-usbc.c | resets/* | | qcom,qcm2290-qmp-usb3-phy qcom,qcs615-qmp-usb3-dp-phy qcom,qcs615-qmp-usb3-phy qcom,sdm660-qmp-usb3-phy qcom,sm6115-qmp-usb3-phy
drivers/phy/qualcomm/phy-qcom-qusb2.c | resets/* | | qcom,ipq5424-qusb2-phy qcom,ipq6018-qusb2-phy qcom,ipq8074-qusb2-phy qcom,ipq9574-qusb2-phy qcom,msm8953-qusb2-phy qcom,msm8996-qusb2-phy qcom,msm8998-qusb2-phy qcom,qcm2290-qusb2-phy qcom,qcs615-qusb2-phy qcom,qusb2-v2-phy qcom,sdm660-qusb2-phy qcom,sdm845-qusb2-phy qcom,sm6115-qusb2-phy
drivers/phy/qualcomm/phy-qcom-snps-femto-v2.c | resets/* | | qcom,sm8150-usb-hs-phy qcom,usb-snps-hs-5nm-phy qcom,usb-snps-hs-7nm-phy
drivers/phy/qualcomm/phy-qcom-uniphy-pcie-28lp.c | resets/* | | qcom,ipq5018-uniphy-pcie-phy qcom,ipq5332-uniphy-pcie-phy
drivers/phy/qualcomm/phy-qcom-usb-hs-28nm.c | resets/phy resets/por | | qcom,usb-hs-28nm-femtophy
drivers/phy/qualcomm/phy-qcom-usb-hs.c | resets/por | | qcom,usb-hs-phy
drivers/phy/qualcomm/phy-qcom-usb-ss.c | resets/phy | resets/com | qcom,usb-ss-28nm-phy
drivers/phy/renesas/phy-rcar-gen3-pcie.c | | | renesas,r8a77980-pcie-phy
drivers/phy/renesas/phy-rcar-gen3-usb2.c | | resets/* | renesas,usb2-phy-r9a09g057
drivers/phy/renesas/phy-rcar-gen3-usb2.c | resets/* vbus-supply | | renesas,rcar-gen3-usb2-phy
drivers/phy/renesas/phy-rcar-gen3-usb2.c | vbus-supply | resets/* | renesas,rzg2l-usb2-phy renesas,usb2-phy-r8a7795 renesas,usb2-phy-r8a7796 renesas,usb2-phy-r8a77965 renesas,usb2-phy-r9a08g045
drivers/phy/renesas/phy-rcar-gen3-usb3.c | | | renesas,rcar-gen3-usb3-phy
drivers/phy/renesas/phy-rzg3e-usb3.c | resets/* | | renesas,r9a09g047-usb3-phy
drivers/phy/renesas/r8a779f0-ether-serdes.c | resets/* | | renesas,r8a779f0-ether-serdes
drivers/phy/rockchip/phy-rockchip-inno-csidphy.c | resets/* resets/apb | | rockchip,px30-csi-dphy rockchip,rk3568-csi-dphy
drivers/phy/rockchip/phy-rockchip-inno-csidphy.c | resets/* | | rockchip,rk3588-csi-dphy
drivers/phy/rockchip/phy-rockchip-inno-dsidphy.c | resets/apb | | rockchip,px30-dsi-dphy rockchip,rk3368-dsi-dphy rockchip,rk3568-dsi-dphy
drivers/phy/rockchip/phy-rockchip-inno-usb2.c | | resets/phy | rockchip,rk3576-usb2phy rockchip,rk3588-usb2phy
drivers/phy/rockchip/phy-rockchip-naneng-combphy.c | resets/* resets/phy | | rockchip,rk3528-naneng-combphy rockchip,rk3562-naneng-combphy rockchip,rk3568-naneng-combphy rockchip,rk3576-naneng-combphy rockchip,rk3588-naneng-combphy
drivers/phy/rockchip/phy-rockchip-pcie.c | resets/phy | | rockchip,rk3399-pcie-phy
drivers/phy/rockchip/phy-rockchip-samsung-dcphy.c | resets/apb resets/grf resets/m_phy resets/s_phy | | rockchip,rk3576-mipi-dcphy rockchip,rk3588-mipi-dcphy
drivers/phy/rockchip/phy-rockchip-samsung-hdptx.c | resets/* | | rockchip,rk3576-hdptx-phy rockchip,rk3588-hdptx-phy
drivers/phy/rockchip/phy-rockchip-snps-pcie3.c | | resets/phy | rockchip,rk3568-pcie3-phy rockchip,rk3588-pcie3-phy
drivers/phy/rockchip/phy-rockchip-typec.c | resets/uphy resets/uphy-pipe resets/uphy-tcphy | | rockchip,rk3399-typec-phy
drivers/phy/rockchip/phy-rockchip-usbdp.c | resets/* | sbu1-dc-gpios sbu2-dc-gpios | rockchip,rk3576-usbdp-phy rockchip,rk3588-usbdp-phy
drivers/phy/tegra/xusb.c | resets/* resets/phy | | nvidia,tegra210-xusb-padctl
drivers/phy/tegra/xusb.c | resets/* | | nvidia,tegra124-xusb-padctl nvidia,tegra186-xusb-padctl nvidia,tegra194-xusb-padctl nvidia,tegra234-xusb-padctl
drivers/phy/ti/phy-j721e-wiz.c | | typec-dir-gpios | ti,j721e-wiz-16g
drivers/pinctrl/pinctrl-mcp23s08_i2c.c | | reset-gpios | microchip,mcp23018
drivers/pinctrl/renesas/pinctrl-rzg2l.c | | | renesas,r9a07g043-pinctrl renesas,r9a07g044-pinctrl renesas,r9a08g045-pinctrl renesas,r9a08g046-pinctrl renesas,r9a09g047-pinctrl renesas,r9a09g056-pinctrl renesas,r9a09g057-pinctrl
drivers/pinctrl/renesas/pinctrl-rzv2m.c | | | renesas,r9a09g011-pinctrl
drivers/platform/chrome/cros_ec_spi.c | | | google,cros-ec-spi
drivers/pmdomain/sunxi/sun20i-ppu.c | resets/* | | allwinner,sun55i-a523-ppu
drivers/pmdomain/sunxi/sun55i-pck600.c | resets/* | | allwinner,sun55i-a523-pck-600
drivers/power/reset/gpio-poweroff.c | | | gpio-poweroff
drivers/power/reset/gpio-restart.c | | | gpio-restart
drivers/power/sequencing/pwrseq-qcom-wcn.c | | | qcom,wcn3950-pmu qcom,wcn3988-pmu qcom,wcn3990-pmu qcom,wcn3998-pmu
drivers/power/sequencing/pwrseq-qcom-wcn.c | | bt-enable-gpios | qcom,wcn6750-pmu
drivers/power/sequencing/pwrseq-qcom-wcn.c | | bt-enable-gpios wlan-enable-gpios | qcom,qca6390-pmu qcom,wcn7850-pmu
drivers/power/sequencing/pwrseq-qcom-wcn.c | | bt-enable-gpios wlan-enable-gpios xo-clk-gpios | qcom,wcn6855-pmu
drivers/power/supply/bq24735-charger.c | | ti,ac-detect-gpios | ti,bq24735
drivers/power/supply/gpio-charger.c | | | gpio-charger
drivers/pps/clients/pps-gpio.c | | | pps-gpio
drivers/pwm/pwm-gpio.c | | | pwm-gpio
drivers/pwm/pwm-rcar.c | | | renesas,pwm-rcar
drivers/pwm/pwm-renesas-tpu.c | | | renesas,tpu
drivers/pwm/pwm-rzg2l-gpt.c | resets/* | | renesas,rzg2l-gpt
drivers/pwm/pwm-sun4i.c | | resets/* | allwinner,sun50i-h6-pwm
drivers/pwm/pwm-tegra.c | resets/pwm | | nvidia,tegra186-pwm nvidia,tegra194-pwm nvidia,tegra20-pwm
drivers/regulator/fan53555.c | | | fcs,fan53555 silergy,syr827 silergy,syr828 tcs,tcs4525
drivers/regulator/fixed.c | | | regulator-fixed
drivers/regulator/gpio-regulator.c | | enable-gpios | regulator-gpio
drivers/regulator/max20411-regulator.c | enable-gpios | | maxim,max20411
drivers/regulator/max8973-regulator.c | | maxim,enable-gpios | maxim,max77621
drivers/regulator/mt6315-regulator.c | | | mediatek,mt6315-regulator
drivers/regulator/pca9450-regulator.c | | sd-vsel-gpios | nxp,pca9450c
drivers/regulator/pwm-regulator.c | | enable-gpios | pwm-regulator
drivers/regulator/tps65132-regulator.c | enable-gpios | | ti,tps65132
drivers/regulator/tps65185.c | pwr-good-gpios | enable-gpios vcom-ctrl-gpios wakeup-gpios | ti,tps65185
drivers/remoteproc/imx_dsp_rproc.c | resets/runstall | | fsl,imx8mp-hifi4
drivers/remoteproc/qcom_q6v5_adsp.c | | resets/pdc_sync resets/restart | qcom,sc7280-wpss-pil
drivers/remoteproc/qcom_q6v5_mss.c | resets/mss_restart resets/pdc_reset | | qcom,sc7180-mss-pil qcom,sc7280-mss-pil qcom,sdm845-mss-pil
drivers/remoteproc/qcom_q6v5_mss.c | resets/mss_restart | | qcom,msm8916-mss-pil qcom,msm8953-mss-pil qcom,msm8996-mss-pil qcom,msm8998-mss-pil qcom,sdm660-mss-pil
drivers/remoteproc/qcom_q6v5_pas.c | | | qcom,qcs404-cdsp-pas qcom,sc7280-mpss-pas
drivers/remoteproc/ti_k3_dsp_remoteproc.c | resets/* | | ti,am62a-c7xv-dsp ti,j721e-c66-dsp ti,j721e-c71-dsp ti,j721s2-c71-dsp
drivers/remoteproc/ti_k3_m4_remoteproc.c | resets/* | | ti,am64-m4fss
drivers/reset/reset-rzg2l-usbphy-ctrl.c | resets/* | | renesas,r9a08g045-usbphy-ctrl renesas,rzg2l-usbphy-ctrl
drivers/reset/reset-rzv2h-usb2phy.c | resets/* | | renesas,r9a09g057-usb2phy-reset
drivers/rtc/rtc-m41t80.c | | | st,m41t83
drivers/rtc/rtc-renesas-rtca3.c | resets/* | | renesas,rz-rtca3
drivers/soc/amlogic/meson-ee-pwrc.c | resets/* | | amlogic,meson-axg-pwrc amlogic,meson-g12a-pwrc amlogic,meson-gxbb-pwrc amlogic,meson-sm1-pwrc
drivers/soc/imx/gpcv2.c | | resets/* | fsl,imx8mm-gpc
drivers/soc/imx/soc-imx9.c | | | fsl,imx93
drivers/soc/mediatek/mtk-pmic-wrap.c | resets/pwrap | | mediatek,mt6795-pwrap mediatek,mt7622-pwrap mediatek,mt8173-pwrap
drivers/soc/mediatek/mtk-svs.c | | resets/svs_rst | mediatek,mt8186-svs mediatek,mt8192-svs mediatek,mt8195-svs
drivers/soc/qcom/pmic_glink.c | | | qcom,pmic-glink
drivers/soc/renesas/rz-sysc.c | | | renesas,r9a09g047-sys renesas,r9a09g056-sys renesas,r9a09g057-sys
drivers/soc/tegra/fuse/fuse-tegra.c | | resets/fuse | nvidia,tegra124-efuse nvidia,tegra210-efuse
drivers/soc/tegra/pmc.c | resets/* | | nvidia,tegra210-pmc
drivers/soundwire/qcom.c | | resets/swr_audio_cgcr | qcom,soundwire-v2.0.0
drivers/soundwire/qcom.c | resets/swr_audio_cgcr | | qcom,soundwire-v1.6.0
drivers/spi/spi-fsl-lpspi.c | | cs-gpios | fsl,imx7ulp-spi fsl,imx93-spi
drivers/spi/spi-geni-qcom.c | | cs-gpios | qcom,geni-spi
drivers/spi/spi-gpio.c | cs-gpios sck-gpios | miso-gpios mosi-gpios | spi-gpio
drivers/spi/spi-imx.c | | cs-gpios | fsl,imx51-ecspi fsl,imx6ul-ecspi
drivers/spi/spi-meson-spicc.c | | cs-gpios | amlogic,meson-g12a-spicc
drivers/spi/spi-meson-spicc.c | | resets/* | amlogic,meson-gx-spicc
drivers/spi/spi-meson-spifc.c | | cs-gpios | amlogic,meson-gxbb-spifc
drivers/spi/spi-mt65xx.c | | cs-gpios | mediatek,mt6765-spi mediatek,mt8183-spi mediatek,mt8192-spi
drivers/spi/spi-omap2-mcspi.c | | cs-gpios | ti,am654-mcspi ti,omap4-mcspi
drivers/spi/spi-qup.c | | cs-gpios | qcom,spi-qup-v2.2.1
drivers/spi/spi-rockchip.c | | cs-gpios | rockchip,px30-spi rockchip,rk3066-spi rockchip,rk3368-spi rockchip,rk3399-spi
drivers/spi/spi-rspi.c | | resets/* | renesas,rspi-rz
drivers/spi/spi-rzv2h-rspi.c | | resets/presetn resets/tresetn | renesas,r9a09g057-rspi
drivers/spi/spi-rzv2m-csi.c | resets/* | | renesas,rzv2m-csi
drivers/spi/spi-s3c64xx.c | | cs-gpios | samsung,exynos5433-spi
drivers/spi/spi-sh-msiof.c | | | renesas,msiof-r8a7795 renesas,msiof-r8a779a0 renesas,msiof-r8a779f0
drivers/spi/spi-sh-msiof.c | | cs-gpios | renesas,rcar-gen3-msiof
drivers/spi/spi-sun6i.c | resets/* | | allwinner,sun55i-a523-spi allwinner,sun8i-h3-spi
drivers/spi/spi-tegra114.c | resets/spi | | nvidia,tegra114-spi nvidia,tegra124-spi nvidia,tegra210-spi
drivers/spi/spi-tegra210-quad.c | resets/* | | nvidia,tegra194-qspi nvidia,tegra210-qspi nvidia,tegra234-qspi
drivers/spi/spidev.c | | | gocontroll,moduline-module-slot
drivers/staging/media/imx/imx8mq-mipi-csi2.c | resets/* | | fsl,imx8mq-mipi-csi2
drivers/staging/media/max96712/max96712.c | | enable-gpios | maxim,max96712 maxim,max96724
drivers/staging/media/meson/vdec/vdec.c | resets/esparser | | amlogic,g12a-vdec amlogic,gxbb-vdec amlogic,gxl-vdec amlogic,gxlx-vdec amlogic,gxm-vdec amlogic,sm1-vdec
drivers/staging/media/sunxi/cedrus/cedrus.c | resets/* | | allwinner,sun50i-a64-video-engine allwinner,sun50i-h5-video-engine allwinner,sun50i-h6-video-engine
drivers/staging/most/dim2/dim2.c | | | renesas,rcar-gen3-mlp
drivers/thermal/mediatek/auxadc_thermal.c | | resets/* | mediatek,mt7622-thermal mediatek,mt8173-thermal mediatek,mt8183-thermal
drivers/thermal/mediatek/lvts_thermal.c | resets/* | | mediatek,mt7988-lvts-ap mediatek,mt8186-lvts mediatek,mt8188-lvts-ap mediatek,mt8188-lvts-mcu mediatek,mt8192-lvts-ap mediatek,mt8192-lvts-mcu mediatek,mt8195-lvts-ap mediatek,mt8195-lvts-mcu
drivers/thermal/rcar_gen3_thermal.c | | | renesas,r8a774a1-thermal
drivers/thermal/renesas/rcar_gen3_thermal.c | | | renesas,r8a774b1-thermal renesas,r8a774e1-thermal renesas,r8a7795-thermal renesas,r8a7796-thermal renesas,r8a77961-thermal renesas,r8a77965-thermal renesas,r8a77980-thermal renesas,r8a779a0-thermal renesas,r8a779f0-thermal renesas,r8a779g0-thermal renesas,r8a779h0-thermal
drivers/thermal/renesas/rcar_thermal.c | | | renesas,thermal-r8a774c0 renesas,thermal-r8a77970 renesas,thermal-r8a77990 renesas,thermal-r8a77995
drivers/thermal/renesas/rzg2l_thermal.c | resets/* | | renesas,rzg2l-tsu
drivers/thermal/renesas/rzg3e_thermal.c | | resets/* | renesas,r9a09g047-tsu
drivers/thermal/renesas/rzg3s_thermal.c | resets/* | | renesas,r9a08g045-tsu
drivers/thermal/rockchip_thermal.c | resets/* | | rockchip,px30-tsadc rockchip,rk3328-tsadc rockchip,rk3368-tsadc rockchip,rk3399-tsadc rockchip,rk3568-tsadc rockchip,rk3576-tsadc rockchip,rk3588-tsadc
drivers/thermal/sun8i_thermal.c | resets/* | | allwinner,sun50i-a100-ths allwinner,sun50i-a64-ths allwinner,sun50i-h5-ths allwinner,sun50i-h6-ths allwinner,sun50i-h616-ths
drivers/thermal/tegra/soctherm.c | resets/soctherm | | nvidia,tegra132-soctherm nvidia,tegra210-soctherm
drivers/tty/serial/8250/8250_dw.c | | resets/* | snps,dw-apb-uart
drivers/tty/serial/8250/8250_tegra.c | | resets/* | nvidia,tegra20-uart
drivers/tty/serial/imx.c | | | fsl,imx6q-uart
drivers/tty/serial/serial-tegra.c | resets/serial | | nvidia,tegra194-hsuart nvidia,tegra30-hsuart
drivers/tty/serial/sh-sci.c | | resets/* | renesas,hscif renesas,r9a08g046-rsci renesas,r9a09g047-rsci renesas,rcar-gen3-scif renesas,rcar-gen4-scif renesas,sci renesas,scif renesas,scif-r9a07g044 renesas,scif-r9a09g057
drivers/tty/serial/xilinx_uartps.c | | resets/* rts-gpios | cdns,uart-r1p12 xlnx,zynqmp-uart
drivers/ufs/host/ufs-hisi.c | resets/rst | | hisilicon,hi3660-ufs hisilicon,hi3670-ufs
drivers/ufs/host/ufs-qcom.c | | reset-gpios resets/rst | qcom,sm8550-ufshc qcom,sm8650-ufshc qcom,ufshc
drivers/ufs/host/ufs-renesas.c | | | renesas,r8a779f0-ufs
drivers/ufs/host/ufs-rockchip.c | reset-gpios resets/* | | rockchip,rk3576-ufshc
drivers/usb/chipidea/ci_hdrc_msm.c | resets/core | | qcom,ci-hdrc
drivers/usb/chipidea/ci_hdrc_tegra.c | resets/usb | | nvidia,tegra30-ehci
drivers/usb/common/usb-conn-gpio.c | | id-gpios vbus-gpios | gpio-usb-b-connector
drivers/usb/dwc3/core.c | | resets/* | snps,dwc3
drivers/usb/dwc3/dwc3-meson-g12a.c | resets/* | | amlogic,meson-a1-usb-ctrl amlogic,meson-axg-usb-ctrl amlogic,meson-g12a-usb-ctrl amlogic,meson-gxl-usb-ctrl amlogic,meson-gxm-usb-ctrl
drivers/usb/dwc3/dwc3-of-simple.c | | resets/* | rockchip,rk3399-dwc3
drivers/usb/dwc3/dwc3-qcom.c | | resets/* | qcom,dwc3 qcom,snps-dwc3
drivers/usb/dwc3/dwc3-xilinx.c | resets/* resets/usb_apbrst resets/usb_crst resets/usb_hibrst | reset-gpios | xlnx,zynqmp-dwc3
drivers/usb/gadget/udc/renesas_usb3.c | | resets/* | renesas,r8a774c0-usb3-peri renesas,r8a7795-usb3-peri renesas,r8a77990-usb3-peri renesas,rcar-gen3-usb3-peri renesas,rzv2m-usb3-peri
drivers/usb/gadget/udc/rzv2m_usb3drd.c | resets/* | | renesas,rzv2m-usb3drd
drivers/usb/host/ehci-platform.c | | resets/* | generic-ehci
drivers/usb/host/ohci-platform.c | | resets/* | generic-ohci
drivers/usb/host/xhci-plat.c | | resets/* | renesas,rcar-gen3-xhci
drivers/usb/host/xhci-rcar.c | | resets/* | renesas,r9a09g047-xhci renesas,rzv2m-xhci renesas,xhci-r8a7795 renesas,xhci-r8a7796
drivers/usb/host/xhci-tegra.c | resets/xusb_host resets/xusb_ss | | nvidia,tegra124-xusb nvidia,tegra210-xusb
drivers/usb/misc/usb251xb.c | | reset-gpios | microchip,usb2513b microchip,usb2514b microchip,usb2514bi
drivers/usb/misc/usb3503.c | | bypass-gpios intn-gpios reset-gpios | smsc,usb3803
drivers/usb/misc/usb3503.c | | connect-gpios intn-gpios reset-gpios | smsc,usb3503a
drivers/usb/misc/usb3503.c | | reset-gpios | smsc,usb3503
drivers/usb/musb/sunxi.c | resets/* | | allwinner,sun8i-a33-musb allwinner,sun8i-h3-musb
drivers/usb/phy/phy-generic.c | vbus-supply | reset-gpios | usb-nop-xceiv
drivers/usb/phy/phy-tegra-usb.c | | resets/utmi-pads | nvidia,tegra30-usb-phy
drivers/usb/renesas_usbhs/common.c | | resets/* | renesas,rcar-gen3-usbhs renesas,rzg2l-usbhs renesas,usbhs-r8a774c0 renesas,usbhs-r8a7795 renesas,usbhs-r8a7796 renesas,usbhs-r8a77990 renesas,usbhs-r8a77995 renesas,usbhs-r9a07g043 renesas,usbhs-r9a07g044 renesas,usbhs-r9a07g054
drivers/usb/typec/hd3ss3220.c | | id-gpios | ti,hd3ss3220
drivers/usb/typec/mux/gpio-sbu-mux.c | select-gpios | enable-gpios | gpio-sbu-mux
drivers/usb/typec/mux/ps883x.c | reset-gpios | | parade,ps8830
drivers/usb/typec/mux/wcd939x-usbss.c | | reset-gpios | qcom,wcd9390-usbss
drivers/usb/typec/ucsi/ucsi_glink.c | | orientation-gpios | qcom,qcm6490-pmic-glink qcom,sc8180x-pmic-glink qcom,sc8280xp-pmic-glink qcom,sm8350-pmic-glink qcom,sm8450-pmic-glink qcom,sm8550-pmic-glink qcom,x1e80100-pmic-glink
drivers/video/backlight/gpio_backlight.c | | | gpio-backlight
drivers/video/backlight/ktz8866.c | | enable-gpios | kinetic,ktz8866
drivers/video/backlight/lm3630a_bl.c | | enable-gpios | ti,lm3630a
drivers/video/backlight/max25014.c | | enable-gpios | maxim,max25014
drivers/video/backlight/pwm_bl.c | | enable-gpios | pwm-backlight
drivers/video/fbdev/ssd1307fb.c | | reset-gpios | solomon,ssd1306fb-i2c
drivers/w1/masters/w1-gpio.c | | | w1-gpio
drivers/watchdog/gpio_wdt.c | | | linux,wdt-gpio
drivers/watchdog/renesas_wdt.c | | | renesas,rcar-gen3-wdt renesas,rcar-gen4-wdt
drivers/watchdog/renesas_wwdt.c | | | renesas,rcar-gen3-wwdt renesas,rcar-gen4-wwdt
drivers/watchdog/rzg2l_wdt.c | resets/* | | renesas,rzg2l-wdt renesas,rzv2m-wdt
drivers/watchdog/rzv2h_wdt.c | | resets/* | renesas,r9a09g057-wdt
sound/hda/controllers/tegra.c | resets/* | | nvidia,tegra194-hda nvidia,tegra234-hda nvidia,tegra264-hda
sound/pci/hda/hda_tegra.c | resets/* | | nvidia,tegra30-hda
sound/soc/codecs/ak4375.c | | pdn-gpios | asahi-kasei,ak4375
sound/soc/codecs/ak4458.c | | | asahi-kasei,ak4458
sound/soc/codecs/ak5558.c | | reset-gpios | asahi-kasei,ak5552 asahi-kasei,ak5558
sound/soc/codecs/aw8738.c | mode-gpios | | awinic,aw8738
sound/soc/codecs/cs35l41-i2c.c | | reset-gpios | cirrus,cs35l41
sound/soc/codecs/cs35l45-i2c.c | | reset-gpios | cirrus,cs35l45
sound/soc/codecs/cs42xx8-i2c.c | | reset-gpios | cirrus,cs42888
sound/soc/codecs/dmic.c | | dmicen-gpios | dmic-codec
sound/soc/codecs/max98357a.c | | sdmode-gpios | maxim,max98357a maxim,max98360a
sound/soc/codecs/max98390.c | | reset-gpios | maxim,max98390
sound/soc/codecs/max98927.c | | reset-gpios | maxim,max98927
sound/soc/codecs/pcm3168a-i2c.c | | reset-gpios | ti,pcm3168a
sound/soc/codecs/rk3308_codec.c | | resets/codec | rockchip,rk3308-codec
sound/soc/codecs/rk3328_codec.c | | mute-gpios | rockchip,rk3328-codec
sound/soc/codecs/rt1015p.c | | sdb-gpios | realtek,rt1015p realtek,rt1019p
sound/soc/codecs/rt5645.c | | cbj-sleeve-gpios | realtek,rt5650
sound/soc/codecs/rt5651.c | | | realtek,rt5651
sound/soc/codecs/rt5677.c | | realtek,reset-gpios | realtek,rt5677
sound/soc/codecs/simple-amplifier.c | | enable-gpios | simple-audio-amplifier
sound/soc/codecs/simple-mux.c | mux-gpios | | simple-audio-mux
sound/soc/codecs/tas2552.c | | enable-gpios | ti,tas2552
sound/soc/codecs/tas2562.c | | shutdown-gpios | ti,tas2562
sound/soc/codecs/tas2781-i2c.c | | reset-gpios | ti,tas2563 ti,tas2781
sound/soc/codecs/tas571x.c | | reset-gpios | ti,tas5707
sound/soc/codecs/tfa989x.c | | rcv-gpios | nxp,tfa9897
sound/soc/codecs/tlv320aic31xx.c | | reset-gpios | ti,tlv320dac3100 ti,tlv320dac3101
sound/soc/codecs/tlv320aic32x4-i2c.c | | reset-gpios | ti,tas2505 ti,tlv320aic32x4
sound/soc/codecs/tlv320aic3x-i2c.c | reset-gpios | | ti,tlv320aic3007
sound/soc/codecs/tpa6130a2.c | | power-gpios | ti,tpa6130a2
sound/soc/codecs/wcd937x.c | reset-gpios | | qcom,wcd9370-codec
sound/soc/codecs/wcd938x.c | reset-gpios | | qcom,wcd9380-codec
sound/soc/codecs/wcd938x.c | reset-gpios | us-euro-gpios | qcom,wcd9385-codec
sound/soc/codecs/wcd939x.c | reset-gpios | | qcom,wcd9390-codec qcom,wcd9395-codec
sound/soc/codecs/wm8524.c | wlf,mute-gpios | | wlf,wm8524
sound/soc/fsl/fsl-asoc-card.c | | | fsl,imx-audio-wm8960 fsl,imx-audio-wm8962
sound/soc/fsl/fsl_xcvr.c | | resets/* | fsl,imx8mp-xcvr
sound/soc/generic/audio-graph-card.c | | | audio-graph-card
sound/soc/generic/audio-graph-card2.c | | | audio-graph-card2
sound/soc/generic/simple-card.c | | | simple-audio-card
sound/soc/mediatek/mt8183/mt8183-afe-pcm.c | resets/audiosys | | mediatek,mt8183-audio
sound/soc/mediatek/mt8186/mt8186-afe-pcm.c | resets/audiosys | | mediatek,mt8186-sound
sound/soc/mediatek/mt8188/mt8188-afe-pcm.c | resets/audiosys | | mediatek,mt8188-afe
sound/soc/mediatek/mt8192/mt8192-afe-pcm.c | resets/audiosys | | mediatek,mt8192-audio
sound/soc/mediatek/mt8195/mt8195-afe-pcm.c | resets/audiosys | | mediatek,mt8195-audio
sound/soc/meson/aiu.c | resets/* | | amlogic,aiu-gxbb amlogic,aiu-gxl
sound/soc/meson/axg-frddr.c | resets/* | | amlogic,axg-frddr amlogic,g12a-frddr amlogic,sm1-frddr
sound/soc/meson/axg-pdm.c | | | amlogic,axg-pdm
sound/soc/meson/axg-spdifin.c | | | amlogic,axg-spdifin
sound/soc/meson/axg-spdifout.c | | | amlogic,axg-spdifout
sound/soc/meson/axg-tdmin.c | | resets/* | amlogic,axg-tdmin amlogic,g12a-tdmin amlogic,sm1-tdmin
sound/soc/meson/axg-tdmout.c | | resets/* | amlogic,g12a-tdmout amlogic,sm1-tdmout
sound/soc/meson/axg-toddr.c | resets/* | | amlogic,axg-toddr amlogic,g12a-toddr amlogic,sm1-toddr
sound/soc/meson/g12a-toacodec.c | resets/* | | amlogic,g12a-toacodec amlogic,sm1-toacodec
sound/soc/meson/g12a-tohdmitx.c | resets/* | | amlogic,g12a-tohdmitx
sound/soc/meson/t9015.c | resets/* | | amlogic,t9015
sound/soc/qcom/sc7180.c | dmic-gpios | | google,sc7180-trogdor
sound/soc/renesas/rcar/core.c | | resets/* | renesas,rcar_sound-gen4
sound/soc/renesas/rcar/core.c | | resets/* resets/ssi-all | renesas,rcar_sound-r8a77990
sound/soc/renesas/rcar/msiof.c | resets/* | | renesas,rcar-gen4-msiof
sound/soc/renesas/rz-ssi.c | resets/* | | renesas,rz-ssi
sound/soc/rockchip/rockchip_i2s.c | | | rockchip,rk3066-i2s rockchip,rk3308-i2s
sound/soc/rockchip/rockchip_i2s_tdm.c | | resets/rx-m resets/tx-m | rockchip,px30-i2s-tdm rockchip,rk3308-i2s-tdm rockchip,rk3568-i2s-tdm rockchip,rk3588-i2s-tdm
sound/soc/rockchip/rockchip_pdm.c | resets/pdm-m | | rockchip,rk3568-pdm
sound/soc/rockchip/rockchip_sai.c | | resets/h resets/m | rockchip,rk3576-sai
sound/soc/samsung/tm2_wm5110.c | mic-bias-gpios | | samsung,tm2-audio
sound/soc/sh/rcar/core.c | | resets/* resets/ssi-all | renesas,rcar_sound-gen3
sound/soc/sunxi/sun4i-codec.c | resets/* | | allwinner,sun8i-h3-codec
sound/soc/sunxi/sun4i-codec.c | resets/* | allwinner,pa-gpios hp-det-gpios | allwinner,sun50i-h616-codec
sound/soc/sunxi/sun4i-i2s.c | resets/* | | allwinner,sun50i-a64-codec-i2s allwinner,sun50i-h6-i2s allwinner,sun50i-r329-i2s allwinner,sun8i-h3-i2s
sound/soc/sunxi/sun4i-spdif.c | resets/* | | allwinner,sun50i-h6-spdif allwinner,sun50i-h616-spdif allwinner,sun55i-a523-spdif allwinner,sun8i-h3-spdif
sound/soc/tegra/tegra30_ahub.c | resets/* | | nvidia,tegra124-ahub
sound/soc/tegra/tegra30_i2s.c | resets/* | | nvidia,tegra124-i2s
`;
