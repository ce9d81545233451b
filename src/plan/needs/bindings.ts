/**
 * What bindings require of the devices of arm64 boards, and no driver's row tells of, by `npm run needs` from Linux 6.1 and 7.2: the
 * binding, the properties, and the devices.
 */
export const BINDING_TABLE = `
bus/allwinner,sun50i-a64-de2.yaml | allwinner,sram | allwinner,sun50i-a64-de2 allwinner,sun50i-h6-de3
clock/gpio-mux-clock.yaml | select-gpios | gpio-mux-clock
connector/gocontroll,moduline-module-slot.yaml | reset-gpios sync-gpios | gocontroll,moduline-module-slot
display/msm/gmu.yaml | power-domains | qcom,adreno-gmu qcom,adreno-gmu-wrapper
display/msm/qcom,adreno-rgmu.yaml | power-domains | qcom,adreno-rgmu-612.0
display/panel/samsung,sofef01-m.yaml | reset-gpios | samsung,sofef01-m-ams597ut01
display/tegra/nvidia,tegra114-tsec.yaml | resets | nvidia,tegra210-tsec
display/tegra/nvidia,tegra20-dsi.yaml | resets | nvidia,tegra186-dsi
dsp/fsl,dsp.yaml | memory-region | fsl,imx8mp-dsp fsl,imx8mp-hifi4 fsl,imx8qm-hifi4 fsl,imx8qxp-dsp fsl,imx8qxp-hifi4
dsp/mediatek,mt8195-dsp.yaml | memory-region | mediatek,mt8195-dsp
gpu/host1x/nvidia,tegra210-nvenc.yaml | resets | nvidia,tegra186-nvenc nvidia,tegra194-nvenc nvidia,tegra210-nvenc
gpu/host1x/nvidia,tegra210-nvjpg.yaml | resets | nvidia,tegra186-nvjpg nvidia,tegra194-nvjpg
gpu/nvidia,gk20a.yaml | resets | nvidia,gv11b
i2c/i2c-gpio.yaml | scl-gpios sda-gpios | i2c-gpio
input/allwinner,sun4i-a10-lradc-keys.yaml | vref-supply | allwinner,sun50i-a64-lradc
input/touchscreen/toradex,vf50-touchscreen.yaml | xm-gpios xp-gpios ym-gpios yp-gpios | toradex,vf50-touchscreen
interrupt-controller/qcom,mpm.yaml | qcom,rpm-msg-ram | qcom,mpm
media/allwinner,sun4i-a10-video-engine.yaml | allwinner,sram | allwinner,sun50i-a64-video-engine allwinner,sun50i-h5-video-engine allwinner,sun50i-h6-video-engine
media/mediatek,mt8173-vpu.yaml | memory-region | mediatek,mt8173-vpu
media/qcom,msm8916-venus.yaml | memory-region | qcom,msm8916-venus
media/qcom,msm8996-venus.yaml | memory-region | qcom,msm8996-venus
media/qcom,qcs8300-camss.yaml | power-domains | qcom,qcs8300-camss
media/qcom,sa8775p-camss.yaml | power-domains | qcom,sa8775p-camss
media/qcom,sc7180-venus.yaml | memory-region power-domains | qcom,sc7180-venus
media/qcom,sc7280-camss.yaml | power-domains | qcom,sc7280-camss
media/qcom,sc7280-venus.yaml | memory-region power-domains | qcom,sc7280-venus
media/qcom,sc8280xp-camss.yaml | power-domains | qcom,sc8280xp-camss
media/qcom,sdm660-venus.yaml | memory-region | qcom,sdm660-venus
media/qcom,sdm670-camss.yaml | power-domains | qcom,sdm670-camss
media/qcom,sdm845-venus-v2.yaml | memory-region power-domains | qcom,sdm845-venus-v2
media/qcom,sm6150-camss.yaml | power-domains | qcom,sm6150-camss
media/qcom,sm8250-venus.yaml | memory-region power-domains | qcom,sm8250-venus
media/qcom,sm8550-camss.yaml | power-domains | qcom,sm8550-camss
media/qcom,sm8650-camss.yaml | power-domains | qcom,sm8650-camss
media/renesas,drif.yaml | dmas | renesas,r8a7795-drif renesas,r8a7796-drif renesas,r8a77965-drif renesas,r8a77990-drif
media/renesas,imr.yaml | resets | renesas,r8a7795-imr-lx4 renesas,r8a7796-imr-lx4
media/rockchip-isp1.yaml | power-domains | fsl,imx8mp-isp
net/rfkill-gpio.yaml | shutdown-gpios | rfkill-gpio
power/reset/nvmem-reboot-mode.yaml | nvmem-cells | nvmem-reboot-mode
remoteproc/qcom,adsp.yaml | memory-region | qcom,msm8996-slpi-pil
remoteproc/qcom,msm8996-mss-pil.yaml | power-domains | qcom,msm8996-mss-pil qcom,msm8998-mss-pil qcom,sdm660-mss-pil qcom,sdm845-mss-pil
remoteproc/qcom,sc7180-mss-pil.yaml | power-domains | qcom,sc7180-mss-pil
remoteproc/qcom,sc7280-mss-pil.yaml | power-domains | qcom,sc7280-mss-pil
remoteproc/qcom,sc7280-wpss-pil.yaml | power-domains | qcom,sc7280-wpss-pil
remoteproc/ti,hsm-m4fss.yaml | resets | ti,hsm-m4fss
slimbus/qcom,slim-ngd.yaml | dmas | qcom,slim-ngd-v1.5.0 qcom,slim-ngd-v2.1.0
soc/mediatek/mtk-svs.yaml | nvmem-cells | mediatek,mt8183-svs mediatek,mt8186-svs mediatek,mt8192-svs mediatek,mt8195-svs
sound/allwinner,sun4i-a10-codec.yaml | dmas | allwinner,sun50i-h616-codec allwinner,sun8i-h3-codec
sound/allwinner,sun4i-a10-i2s.yaml | dmas | allwinner,sun50i-a64-codec-i2s allwinner,sun50i-a64-i2s allwinner,sun50i-h6-i2s allwinner,sun55i-a523-i2s allwinner,sun8i-h3-i2s
sound/allwinner,sun4i-a10-spdif.yaml | dmas | allwinner,sun50i-a64-spdif allwinner,sun50i-h6-spdif allwinner,sun50i-h616-spdif allwinner,sun55i-a523-spdif allwinner,sun8i-h3-spdif
sound/brcm,bcm2835-i2s.yaml | dmas | brcm,bcm2835-i2s
sound/davinci-mcasp-audio.yaml | dmas | ti,am33xx-mcasp-audio
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
sound/rockchip,i2s-tdm.yaml | dmas | rockchip,px30-i2s-tdm rockchip,rk3308-i2s-tdm rockchip,rk3568-i2s-tdm rockchip,rk3588-i2s-tdm
sound/rockchip,pdm.yaml | dmas | rockchip,pdm rockchip,rk3568-pdm
sound/rockchip,rk3576-sai.yaml | dmas | rockchip,rk3576-sai
sound/rockchip-i2s.yaml | dmas | rockchip,px30-i2s rockchip,rk3308-i2s rockchip,rk3328-i2s rockchip,rk3368-i2s rockchip,rk3399-i2s rockchip,rk3588-i2s
sound/rockchip-spdif.yaml | dmas | rockchip,rk3308-spdif rockchip,rk3328-spdif rockchip,rk3368-spdif rockchip,rk3399-spdif rockchip,rk3568-spdif rockchip,rk3576-spdif rockchip,rk3588-spdif
sound/samsung-i2s.yaml | dmas | samsung,exynos5433-i2s
usb/nvidia,tegra-xudc.yaml | power-domains | nvidia,tegra186-xudc nvidia,tegra194-xudc nvidia,tegra210-xudc nvidia,tegra234-xudc
`;
