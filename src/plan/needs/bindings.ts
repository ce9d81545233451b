/**
 * What bindings require of the devices of arm64 boards, and no driver's row tells of, by `npm run needs` from Linux 6.1 and 7.2: the
 * binding, the properties, and the devices.
 */
export const BINDING_TABLE = `
bus/allwinner,sun50i-a64-de2.yaml | allwinner,sram | allwinner,sun50i-a64-de2 allwinner,sun50i-h6-de3
clock/gpio-mux-clock.yaml | select-gpios | gpio-mux-clock
clock/qcom,gcc-msm8976.yaml | vdd_gfx-supply | qcom,gcc-msm8976
connector/gocontroll,moduline-module-slot.yaml | reset-gpios sync-gpios | gocontroll,moduline-module-slot
connector/pcie-m2-m-connector.yaml | vpcie3v3-supply | pcie-m2-m-connector
display/bridge/adi,adv7511.yaml | avdd-supply bgvdd-supply dvdd-3v-supply dvdd-supply pvdd-supply | adi,adv7511w
display/bridge/thine,thc63lvd1024.yaml | vcc-supply | thine,thc63lvd1024
display/bridge/toshiba,tc358762.yaml | vddc-supply | toshiba,tc358762
display/bridge/waveshare,dsi2dpi.yaml | power-supply | waveshare,dsi2dpi
display/msm/dsi-phy-28nm.yaml | vddio-supply | qcom,dsi-phy-28nm-lp
display/msm/dsi-phy-7nm.yaml | vdds-supply | qcom,dsi-phy-7nm
display/msm/gmu.yaml | power-domains | qcom,adreno-gmu qcom,adreno-gmu-wrapper
display/msm/qcom,adreno-rgmu.yaml | power-domains | qcom,adreno-rgmu-612.0
display/panel/feiyang,fy07024di26a30d.yaml | avdd-supply dvdd-supply | feiyang,fy07024di26a30d
display/panel/innolux,p120zdg-bf1.yaml | power-supply | innolux,p120zdg-bf1
display/panel/panel-edp-legacy.yaml | power-supply | boe,nv133fhm-n61 friendlyarm,hd702e
display/panel/panel-simple-lvds-dual-ports.yaml | power-supply | koe,tx26d202vm0bwa
display/panel/panel-simple.yaml | power-supply | ampire,am-1280800n3tzqw-t00h boe,nv101wxmn51 chefree,ch101olhlwh-002 edt,etml1010g3dra innolux,n125hce-gn1 jutouch,jt101tm023 lg,lb070wv8 logictechno,lttd800480070-l6wh-rt multi-inno,mi1010ait-1cp neweast,wjfh116008a ontat,kd50g21-40nt-a1 powertip,ph128800t006-zhc01 powertip,ph800480t013-idf02 sharp,lq123p1jx31 tianma,tm070jdhg30 topland,tian-g07017-01 waveshare,13.3inch-panel yes-optoelectronics,ytc700tlag-05-201c
display/panel/samsung,sofef01-m.yaml | reset-gpios vddio-supply | samsung,sofef01-m-ams597ut01
display/panel/xinpeng,xpp055c272.yaml | iovcc-supply vci-supply | xinpeng,xpp055c272
display/tegra/nvidia,tegra114-tsec.yaml | resets | nvidia,tegra210-tsec
display/tegra/nvidia,tegra20-dsi.yaml | resets | nvidia,tegra186-dsi
dsp/fsl,dsp.yaml | memory-region | fsl,imx8mp-dsp fsl,imx8mp-hifi4 fsl,imx8qm-hifi4 fsl,imx8qxp-dsp fsl,imx8qxp-hifi4
dsp/mediatek,mt8195-dsp.yaml | memory-region | mediatek,mt8195-dsp
gnss/mediatek.yaml | vcc-supply | globaltop,pa6h
gpu/host1x/nvidia,tegra210-nvenc.yaml | resets | nvidia,tegra186-nvenc nvidia,tegra194-nvenc nvidia,tegra210-nvenc
gpu/host1x/nvidia,tegra210-nvjpg.yaml | resets | nvidia,tegra186-nvjpg nvidia,tegra194-nvjpg
gpu/nvidia,gk20a.yaml | resets | nvidia,gv11b
i2c/i2c-gpio.yaml | scl-gpios sda-gpios | i2c-gpio
iio/pressure/fsl,mpl3115.yaml | vdd-supply vddio-supply | fsl,mpl3115
input/allwinner,sun4i-a10-lradc-keys.yaml | vref-supply | allwinner,sun50i-a64-lradc
input/cypress-sf.yaml | avdd-supply vdd-supply | cypress,sf3155
input/touchscreen/samsung,s6sy761.yaml | avdd-supply vdd-supply | samsung,s6sy761
input/touchscreen/st,stmfts.yaml | avdd-supply vdd-supply | st,stmfts
input/touchscreen/toradex,vf50-touchscreen.yaml | xm-gpios xp-gpios ym-gpios yp-gpios | toradex,vf50-touchscreen
interconnect/mediatek,cci.yaml | proc-supply | mediatek,mt7988-cci mediatek,mt8183-cci mediatek,mt8186-cci
interrupt-controller/qcom,mpm.yaml | qcom,rpm-msg-ram | qcom,mpm
media/allwinner,sun4i-a10-video-engine.yaml | allwinner,sram | allwinner,sun50i-a64-video-engine allwinner,sun50i-h5-video-engine allwinner,sun50i-h6-video-engine
media/i2c/dongwoon,dw9719.yaml | vdd-supply | dongwoon,dw9800k
media/i2c/imx219.yaml | VANA-supply VDDL-supply VDIG-supply | sony,imx219
media/i2c/sony,imx290.yaml | vdda-supply vddd-supply vdddo-supply | sony,imx462lqr
media/mediatek,mt8173-vpu.yaml | memory-region | mediatek,mt8173-vpu
media/qcom,msm8916-camss.yaml | vdda-supply | qcom,msm8916-camss
media/qcom,msm8916-venus.yaml | memory-region | qcom,msm8916-venus
media/qcom,msm8939-camss.yaml | vdda-supply | qcom,msm8939-camss
media/qcom,msm8996-camss.yaml | vdda-supply | qcom,msm8996-camss
media/qcom,msm8996-venus.yaml | memory-region | qcom,msm8996-venus
media/qcom,qcm2290-camss.yaml | vdd-csiphy-1p2-supply vdd-csiphy-1p8-supply | qcom,qcm2290-camss
media/qcom,qcs8300-camss.yaml | power-domains vdda-phy-supply vdda-pll-supply | qcom,qcs8300-camss
media/qcom,sa8775p-camss.yaml | power-domains vdda-phy-supply vdda-pll-supply | qcom,sa8775p-camss
media/qcom,sc7180-venus.yaml | memory-region power-domains | qcom,sc7180-venus
media/qcom,sc7280-camss.yaml | power-domains vdda-phy-supply vdda-pll-supply | qcom,sc7280-camss
media/qcom,sc7280-venus.yaml | memory-region power-domains | qcom,sc7280-venus
media/qcom,sc8280xp-camss.yaml | power-domains vdda-phy-supply vdda-pll-supply | qcom,sc8280xp-camss
media/qcom,sdm660-venus.yaml | memory-region | qcom,sdm660-venus
media/qcom,sdm670-camss.yaml | power-domains vdda-phy-supply vdda-pll-supply | qcom,sdm670-camss
media/qcom,sdm845-camss.yaml | vdda-phy-supply vdda-pll-supply | qcom,sdm845-camss
media/qcom,sdm845-venus-v2.yaml | memory-region power-domains | qcom,sdm845-venus-v2
media/qcom,sm6150-camss.yaml | power-domains | qcom,sm6150-camss
media/qcom,sm8250-camss.yaml | vdda-phy-supply vdda-pll-supply | qcom,sm8250-camss
media/qcom,sm8250-venus.yaml | memory-region power-domains | qcom,sm8250-venus
media/qcom,sm8550-camss.yaml | power-domains vdda-phy-supply vdda-pll-supply | qcom,sm8550-camss
media/qcom,sm8650-camss.yaml | power-domains | qcom,sm8650-camss
media/renesas,drif.yaml | dmas | renesas,r8a7795-drif renesas,r8a7796-drif renesas,r8a77965-drif renesas,r8a77990-drif
media/renesas,imr.yaml | resets | renesas,r8a7795-imr-lx4 renesas,r8a7796-imr-lx4
media/rockchip-isp1.yaml | power-domains | fsl,imx8mp-isp
memory-controllers/rockchip,rk3399-dmc.yaml | center-supply | rockchip,rk3399-dmc
mmc/mtk-sd.yaml | vqmmc-supply | mediatek,mt6795-mmc mediatek,mt7986-mmc
net/bluetooth/qcom,qca6390-bt.yaml | vddaon-supply vddbtcmx-supply vddrfa0p8-supply vddrfa1p2-supply vddrfa1p7-supply vddrfacmn-supply | qcom,qca6390-bt
net/bluetooth/qcom,wcn3950-bt.yaml | vddch0-supply vddio-supply vddrf-supply vddxo-supply | qcom,wcn3950-bt
net/bluetooth/qcom,wcn3990-bt.yaml | vddch0-supply vddio-supply vddrf-supply vddxo-supply | qcom,wcn3990-bt qcom,wcn3991-bt qcom,wcn3998-bt
net/bluetooth/qcom,wcn7850-bt.yaml | vddaon-supply vddrfa0p8-supply vddrfa1p2-supply vddrfa1p8-supply vddrfacmn-supply vddwlcx-supply vddwlmx-supply | qcom,wcn7850-bt
net/rfkill-gpio.yaml | shutdown-gpios | rfkill-gpio
net/wireless/qcom,ath12k.yaml | vddaon-supply vddpcie0p9-supply vddpcie1p8-supply vddrfa0p8-supply vddrfa1p2-supply vddrfa1p8-supply vddrfacmn-supply vddwlcx-supply vddwlmx-supply | pci17cb,1107
pci/samsung,exynos-pcie.yaml | vdd10-supply vdd18-supply | samsung,exynos5433-pcie
phy/samsung,exynos2200-eusb2-phy.yaml | vdd-supply vdda12-supply | samsung,exynos2200-eusb2-phy
power/avs/qcom,cpr.yaml | vdd-apc-supply | qcom,qcs404-cpr
power/reset/nvmem-reboot-mode.yaml | nvmem-cells | nvmem-reboot-mode
regulator/regulator-output.yaml | vout-supply | regulator-output
remoteproc/qcom,adsp.yaml | memory-region | qcom,msm8996-slpi-pil
remoteproc/qcom,msm8996-mss-pil.yaml | power-domains | qcom,msm8996-mss-pil qcom,msm8998-mss-pil qcom,sdm660-mss-pil qcom,sdm845-mss-pil
remoteproc/qcom,sc7180-mss-pil.yaml | power-domains | qcom,sc7180-mss-pil
remoteproc/qcom,sc7280-mss-pil.yaml | power-domains | qcom,sc7280-mss-pil
remoteproc/qcom,sc7280-wpss-pil.yaml | power-domains | qcom,sc7280-wpss-pil
remoteproc/qcom,wcnss-pil.yaml | vddpx-supply | qcom,pronto-v2-pil qcom,pronto-v3-pil
remoteproc/ti,hsm-m4fss.yaml | resets | ti,hsm-m4fss
slimbus/qcom,slim-ngd.yaml | dmas | qcom,slim-ngd-v1.5.0 qcom,slim-ngd-v2.1.0
soc/mediatek/mtk-svs.yaml | nvmem-cells | mediatek,mt8183-svs mediatek,mt8186-svs mediatek,mt8192-svs mediatek,mt8195-svs
sound/allwinner,sun4i-a10-codec.yaml | dmas | allwinner,sun50i-h616-codec allwinner,sun8i-h3-codec
sound/allwinner,sun4i-a10-i2s.yaml | dmas | allwinner,sun50i-a64-codec-i2s allwinner,sun50i-a64-i2s allwinner,sun50i-h6-i2s allwinner,sun55i-a523-i2s allwinner,sun8i-h3-i2s
sound/allwinner,sun4i-a10-spdif.yaml | dmas | allwinner,sun50i-a64-spdif allwinner,sun50i-h6-spdif allwinner,sun50i-h616-spdif allwinner,sun55i-a523-spdif allwinner,sun8i-h3-spdif
sound/allwinner,sun50i-a64-codec-analog.yaml | cpvdd-supply | allwinner,sun50i-a64-codec-analog
sound/brcm,bcm2835-i2s.yaml | dmas | brcm,bcm2835-i2s
sound/davinci-mcasp-audio.yaml | dmas | ti,am33xx-mcasp-audio
sound/dialog,da7219.yaml | VDD-supply VDDIO-supply VDDMIC-supply | dlg,da7219
sound/everest,es71x4.yaml | VDD-supply | everest,es7154
sound/everest,es7241.yaml | VDDA-supply VDDD-supply VDDP-supply | everest,es7241
sound/everest,es8328.yaml | AVDD-supply DVDD-supply HPVDD-supply PVDD-supply | everest,es8388
sound/fsl,aud2htx.yaml | dmas | fsl,imx8mp-aud2htx
sound/fsl,easrc.yaml | dmas | fsl,imx8mn-easrc fsl,imx8mp-easrc
sound/fsl,esai.yaml | dmas | fsl,imx8qm-esai
sound/fsl,imx-asrc.yaml | dmas | fsl,imx8qm-asrc fsl,imx952-asrc
sound/fsl,imx95-cm7-sof.yaml | memory-region | fsl,imx95-cm7-sof
sound/fsl,micfil.yaml | dmas | fsl,imx8mm-micfil fsl,imx8mp-micfil fsl,imx93-micfil fsl,imx943-micfil fsl,imx95-micfil
sound/fsl,sai.yaml | dmas | fsl,imx8mm-sai fsl,imx8mn-sai fsl,imx8mp-sai fsl,imx8mq-sai fsl,imx8qm-sai fsl,imx8ulp-sai fsl,imx93-sai fsl,imx94-sai fsl,imx95-sai fsl,imx952-sai fsl,vf610-sai
sound/fsl,spdif.yaml | dmas | fsl,imx35-spdif fsl,imx8mm-spdif fsl,imx8qm-spdif fsl,imx8ulp-spdif
sound/fsl,xcvr.yaml | dmas | fsl,imx8mp-xcvr fsl,imx93-xcvr fsl,imx95-xcvr
sound/hisilicon,hi6210-i2s.yaml | dmas | hisilicon,hi6210-i2s
sound/mt8195-afe-pcm.yaml | memory-region | mediatek,mt8195-audio
sound/nvidia,tegra210-admaif.yaml | dmas | nvidia,tegra186-admaif nvidia,tegra194-admaif nvidia,tegra210-admaif nvidia,tegra234-admaif nvidia,tegra264-admaif
sound/qcom,wcd934x.yaml | reset-gpios | slim217,250
sound/qcom,wsa881x.yaml | powerdown-gpios | sdw10217201000
sound/qcom,wsa883x.yaml | vdd-supply | sdw10217020200
sound/qcom,wsa8840.yaml | vdd-1p8-supply vdd-io-supply | sdw20217020400
sound/realtek,rt5682.yaml | AVDD-supply DBVDD-supply LDO1-IN-supply MICVDD-supply VBAT-supply | realtek,rt5682i
sound/realtek,rt5682s.yaml | AVDD-supply DBVDD-supply LDO1-IN-supply MICVDD-supply | realtek,rt5682s
sound/rockchip,i2s-tdm.yaml | dmas | rockchip,px30-i2s-tdm rockchip,rk3308-i2s-tdm rockchip,rk3568-i2s-tdm rockchip,rk3588-i2s-tdm
sound/rockchip,pdm.yaml | dmas | rockchip,pdm rockchip,rk3568-pdm
sound/rockchip,rk3576-sai.yaml | dmas | rockchip,rk3576-sai
sound/rockchip-i2s.yaml | dmas | rockchip,px30-i2s rockchip,rk3308-i2s rockchip,rk3328-i2s rockchip,rk3368-i2s rockchip,rk3399-i2s rockchip,rk3588-i2s
sound/rockchip-spdif.yaml | dmas | rockchip,rk3308-spdif rockchip,rk3328-spdif rockchip,rk3368-spdif rockchip,rk3399-spdif rockchip,rk3568-spdif rockchip,rk3576-spdif rockchip,rk3588-spdif
sound/samsung-i2s.yaml | dmas | samsung,exynos5433-i2s
sound/sgtl5000.yaml | VDDA-supply VDDIO-supply | fsl,sgtl5000
sound/wlf,wm8904.yaml | AVDD-supply CPVDD-supply DBVDD-supply DCVDD-supply MICVDD-supply | wlf,wm8904
sound/wlf,wm8962.yaml | AVDD-supply CPVDD-supply DBVDD-supply DCVDD-supply MICVDD-supply PLLVDD-supply SPKVDD1-supply SPKVDD2-supply | wlf,wm8962
ufs/mediatek,ufs.yaml | vcc-supply | mediatek,mt8195-ufshci
usb/fcs,fusb302.yaml | vbus-supply | fcs,fusb302
usb/nvidia,tegra-xudc.yaml | power-domains | nvidia,tegra186-xudc nvidia,tegra194-xudc nvidia,tegra210-xudc nvidia,tegra234-xudc
usb/renesas,upd720201-pci.yaml | avdd33-supply vdd10-supply vdd33-supply | pci1912,0014
usb/samsung,exynos-dwc3.yaml | vdd33-supply | google,gs101-dwusb3 samsung,exynos2200-dwusb3 samsung,exynos5433-dwusb3 samsung,exynos7-dwusb3 samsung,exynos7870-dwusb3 samsung,exynos850-dwusb3 samsung,exynos990-dwusb3
`;
