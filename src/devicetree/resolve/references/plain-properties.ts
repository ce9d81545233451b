/**
 * Properties whose cells are numbers and never phandles. Without this list a number that happens to be some node's
 * phandle would be taken for a reference: phandles are small integers. The names are those that the boards of the
 * kernel's arm64 tree (releases 6.1 and 7.2) use with such a number and that their bindings say to be numbers.
 */

/** Whether a property's name alone says that it holds no phandle. */
export function isPlainProperty(name: string): boolean {
  return PLAIN_NAMES.has(name) || PLAIN_PATTERN.test(name);
}

/** The specification's own (DTSpec 0.4 §2.3), and names that end in a unit or in what is counted (dt-schema's property-units). */
const PLAIN_PATTERN = new RegExp(
  [
    '^#',
    '^(?:reg|ranges|dma-ranges|interrupt-map-mask|phandle|linux,phandle|linux,initrd-(?:start|end))$',
    '-(?:micro(?:volts?|amps?|watts?|henr(?:y|ies)|farads?)|milli(?:volts?|amps?|seconds)|femtofarads|(?:micro-)?ohms?)$',
    '-(?:nanoamp|picofarads|k?pascal|mm|db|kBps|(?:micro)?(?:watt|amp)-hours)$',
    '-(?:m|k)?hz$',
    '-(?:frequency|rate|rates|seconds?|secs?|m?sec|usec|[mnpu]s|(?:milli)?celsius|percent|degrees|bps)$',
    '-(?:width|widths|height|lanes|delays?|bits|bytes|sizes?|count|masks?|shift|offsets?|ranges?|cells|channels?)$',
    '-(?:sets|frequencies|timeout)$',
    '^(?:mode-(?!gpios?$)|bias-pull-|samsung,pin-|ocv-capacity-table-)',
    '-(?:states?|levels?|threshold|strength|gain|index|idx|num|names?)$',
    '-delay-',
    '(?:^|,)(?:nr|num)-',
  ].join('|'),
);

const PLAIN_NAMES: ReadonlySet<string> = new Set(
  `
  abracon,tc-resistor abs-flat abs-fuzz adi,input-depth adi,led-polarity adi,link-st-polarity
  adi,resistance-plate-x ai31xx-micbias-vg ai3x-micbias-vg alignment allwinner,pinmux amd,serdes-blwc
  amd,serdes-dfe-tap-config amd,serdes-dfe-tap-enable amd,serdes-pq-skew amd,zlib-support
  amlogic,channel-interrupts ams,ext-control amstaos,proximity-diodes apio-wins apm,irq-start apm,nr-irqs
  apm,tx-eye-tuning arm,msi-num-spis arm,pl11x,tft-r0g0b0-pads arm,psci-suspend-param arm,trig-in-sigs
  arm,trig-in-types arm,trig-out-sigs arm,trig-out-types arm,vexpress,site arm,vexpress-sysreg,func
  assigned-clock-rates-u64 audio-ports aux-voltage-chargeable awinic,f0-detection-play-time
  awinic,f0-detection-repeat awinic,f0-detection-trace awinic,f0-detection-wait-time awinic,mode bits
  block-number bosch,mram-cfg brcm,function brcm,pins brcm,pull bus-type bus_num button_num cdns,is-dma
  cdns,no-bar-match-nbits cdns,phy-type channel cirrus,asp-sdout-hiz cirrus,asp-sdout-hiz-ctrl
  cirrus,gpio2-src-select clk-phase-sd-hs clk-phase-uhs-ddr50 clk-phase-uhs-sdr25 clock-div clock-indices
  clock-mult color contribution cpu-release-addr current-num-sinks dai-tdm-slot-rx-mask-1
  dai-tdm-slot-tx-mask-0 dai-tdm-slot-tx-mask-1 dai-tdm-slot-tx-mask-2 dai-tdm-slot-tx-mask-3 data-active
  data-lines de-active debounce-interval device-id direction disabled-ports display-height-chars
  display-width-chars distance-matrix dlg,a-d-btn-thr dlg,adc-1bit-rpt dlg,b-c-btn-thr dlg,btn-avg
  dlg,btn-cfg dlg,c-mic-btn-thr dlg,const-op-mode dlg,d-b-btn-thr dlg,jack-ins-deb dlg,jack-rem-deb
  dlg,mem-array dlg,periodic-op-mode dma-requests dongwoon,sac-mode dongwoon,vcm-prescale
  drive-open-drain drive-push-pull dsa,member dynamic-power-coefficient exynos,saturation-ratio
  fcs,suspend-voltage-selector fifo-depth fixed-emmc-driver-type fixed-link focaltech,max-touch-number
  frame-number fsl,asrc-clk-map fsl,asrc-format fsl,channel fsl,dataline fsl,dma-queues
  fsl,max-link-speed fsl,num-irqs fsl,num-rx-queues fsl,num-tx-queues
  fsl,phy-pcs-tx-deemph-3p5db-attenuation-db fsl,pins fsl,qe-num-riscs fsl,qe-num-snums
  fsl,refclk-pad-mode fsl,sec-era fsl,tmu-calibration fsl,tuning-start-tap fsl,tuning-step fsl,tx-d-cal
  fsl,tx-deemph-gen1 fsl,tx-deemph-gen2 function-enumerator google,remote-bus google,usb-port-id
  gop-port-id gpio-cfg gpio-ctrl gpio-fan,speed-map gpmc,num-cs gpmc,num-waitpins gw,mode hard-wired
  hback-porch height-mm hfront-porch hid-descr-addr hisilicon,fixed-mode hsync-active hsync-len idt,mode
  idt,output-enable-active imon-slot-no initial-mode keypad,num-columns keypad,num-rows lane-polarities
  lanes-per-direction led-sources library-sel line-orders linux,autosuspend-period linux,code
  linux,input-type linux,input-value linux,keycode linux,keycodes linux,keymap linux,pci-domain
  marvell,odmi-frames marvell,reg-init marvell,spi-base marvell,wakeup-pin mask max-brightness
  max-link-speed max-speed maxim,active-fps-power-down-slot maxim,active-fps-power-up-slot
  maxim,active-fps-source maxim,fps-event-source maxim,gpio-poc maxim,suspend-fps-source mclk-fs mclk-id
  mediatek,discth mediatek,dmic-mode mediatek,etdm-in2-cowork-source mediatek,gce-events
  mediatek,hs400-ds-dly3 mediatek,ibias mediatek,ibias_up mediatek,keys-per-group mediatek,larb-id
  mediatek,latch-ck mediatek,long-press-mode mediatek,mclk mediatek,mic-type-0 mediatek,mic-type-1
  mediatek,mic-type-2 mediatek,pad-select mediatek,pull-down-adv mediatek,pull-up-adv
  mediatek,u3p-dis-msk mem-type memory-controller micrel,led-mode microchip,led-modes ngpios
  non-removable-ports num-cs num-domains num-ib-windows num-interpolated-steps num-ob-windows num-pins
  num-viewport numa-node-id nuvoton,jack-eject-debounce nuvoton,jack-insert-debounce
  nuvoton,jkdet-polarity nuvoton,micbias-voltage nuvoton,sar-hysteresis nuvoton,short-key-debounce
  nuvoton,vref-impedance nvidia,ahub-cif-ids nvidia,bpmp-bus-id nvidia,cf nvidia,cg nvidia,default-tap
  nvidia,default-trim nvidia,dqs-trim nvidia,drive-type nvidia,elastic-limit nvidia,enable-input
  nvidia,force-mode nvidia,head nvidia,high-speed-mode nvidia,host1x-class nvidia,interface nvidia,io-hv
  nvidia,open-drain nvidia,pad-autocal-pull-down-offset-1v8 nvidia,pad-autocal-pull-down-offset-3v3
  nvidia,pad-autocal-pull-down-offset-hs400 nvidia,pad-autocal-pull-down-offset-sdr104
  nvidia,pad-autocal-pull-up-offset-1v8 nvidia,pad-autocal-pull-up-offset-hs400
  nvidia,pad-autocal-pull-up-offset-sdr104 nvidia,priority nvidia,pull nvidia,rcv-sel
  nvidia,slew-rate-falling nvidia,slew-rate-rising nvidia,slices nvidia,term-range-adj nvidia,tristate
  nvidia,usb2-companion nvidia,xbar-cfg nvidia,xcvr-hsslew nvidia,xcvr-lsrslew nvidia,xcvr-setup
  nxp,ctrl-ids offset opp-supported-hw orientation oversampling-ratio pagesize pcie-reset-suspend
  pclk-sample phy-reset-duration phy-type pinctrl-single,bias-pulldown pinctrl-single,bias-pullup
  pinctrl-single,bits pinctrl-single,pins pinmux pins pixelclk-active pmd-controller poll-interval
  port-id port-idx-in-ae ports-implemented power-source ppio-wins priority protected-clocks
  pulses-per-revolution pwm-dutycycle-unit qca,smarteee-tw-us-1g qcom,amux-route qcom,avg-samples
  qcom,bias-ctrl-value qcom,board-id qcom,charge-ctrl-value qcom,client-id qcom,ctx-asid qcom,din-ports
  qcom,discharge-resistor-kohms qcom,domain qcom,dout-ports qcom,drv-id qcom,dtest qcom,ee
  qcom,enabled-strings qcom,hstx-trim-value qcom,hw-settle-time qcom,imp-res-offset-value qcom,intents
  qcom,iommu-secure-id qcom,mbhc-vthreshold-high qcom,mbhc-vthreshold-low qcom,mpm-pin-map
  qcom,msm-mbhc-gnd-swh qcom,msm-mbhc-hphl-swh qcom,nsessions qcom,num-ees qcom,num-strings
  qcom,playback-sd-lines qcom,pmic-id qcom,port-mapping qcom,ports-block-pack-mode qcom,ports-offset1
  qcom,ports-sinterval qcom,power-source qcom,pre-scaling qcom,remote-pid qcom,rx-port-mapping
  qcom,sd-lines qcom,smd-edge qcom,smem qcom,tcs-config qcom,tx-port-mapping qcom,vmid qcom,vmids
  realtek,dmic1-clk-pin realtek,dmic1-data-pin realtek,dmic2-data-pin realtek,jack-detect-source
  realtek,jd-mode realtek,jd-src reg-spacing regulator-active-discharge regulator-allowed-modes
  regulator-initial-mode renesas,average-samples renesas,buswait renesas,id renesas,miic-input
  renesas,output-impedance rockchip,default-sample-phase rockchip,dp-lane-mux rockchip,hw-tshut-mode
  rockchip,hw-tshut-polarity rockchip,i2s-rx-route rockchip,i2s-tx-route rockchip,max-outbound-regions
  rockchip,path-map rockchip,reset-mode rockchip,sai-rx-route rockchip,sai-tx-route rohm,ddr-backup-power
  rotation rx-burst-size-dword rx-fifo-depth rx_delay samsung,dw-mshc-ciu-div samsung,dw-mshc-ddr-timing
  samsung,dw-mshc-hs400-timing samsung,dw-mshc-sdr-timing samsung,ext-control samsung,mode
  samsung,picophy-dc-vol-level-adjust samsung,picophy-pre-emp-curr-control samsung,pwm-outputs
  samsung,uart-fifosize semtech,combined-sensors semtech,ph0-pin semtech,ph1-pin semtech,ph2-pin
  semtech,ph3-pin semtech,startup-sensor sense-gain-div sense-gain-mult serial-dir silead,max-fingers
  simple-audio-card,mclk-fs size slot-number snps,blen snps,burst-map snps,clk-csr
  snps,incr-burst-type-adjustment snps,pbl snps,perfect-filter-entries snps,priority
  snps,quirk-frame-length-adjustment snps,rd_osr_lmt snps,read-requests snps,rx-queues-to-use
  snps,rx-ts-max snps,rxpbl snps,tx-queues-to-use snps,tx-ts-max snps,tx_de_emphasis snps,txpbl
  snps,weight snps,wr_osr_lmt snps,write-requests solomon,height solomon,prechargep1 solomon,prechargep2
  speed spi-num-chipselects st,drdy-int-pin states syna,nosleep-mode syna,sensor-type tdm-slots
  temperature-lookup-table temperature-stability ti,atcm-enable ti,btcm-enable ti,clk-output-sel
  ti,clkbuf-sel ti,cluster-mode ti,cpts-ext-ts-inputs ti,cpts-periodic-outputs ti,datarate ti,esm-pins
  ti,fifo-depth ti,fuzzx ti,fuzzy ti,gain ti,host-id ti,intr-trigger-type ti,itap-del-sel-ddr50
  ti,itap-del-sel-ddr52 ti,itap-del-sel-legacy ti,itap-del-sel-mmc-hs ti,itap-del-sel-sd-hs
  ti,itap-del-sel-sdr12 ti,itap-del-sel-sdr25 ti,loczrama ti,mbox-num-fifos ti,mbox-num-users ti,mbox-rx
  ti,mbox-tx ti,ngpio ti,otap-del-sel-ddr50 ti,otap-del-sel-ddr52 ti,otap-del-sel-hs200
  ti,otap-del-sel-hs400 ti,otap-del-sel-legacy ti,otap-del-sel-mmc-hs ti,otap-del-sel-sd-hs
  ti,otap-del-sel-sdr104 ti,otap-del-sel-sdr12 ti,otap-del-sel-sdr25 ti,otap-del-sel-sdr50 ti,pps
  ti,pruss-gp-mux-sel ti,qsgmii-main-ports ti,sci-dev-id ti,sci-proc-ids ti,sci-rm-range-bchan
  ti,sci-rm-range-gp-rings ti,sci-rm-range-rchan ti,sci-rm-range-rflow ti,sci-rm-range-tchan
  ti,sci-rm-range-tflow ti,spi-num-cs ti,strobe-sel ti,sysc-sidle ti,trm-icp touchscreen-average-samples
  touchscreen-x-mm touchscreen-y-mm tx-burst-size-dword tx-fifo-depth tx_delay type value vback-porch
  vf50-ts-min-pressure vfront-porch vmon-slot-no voltage-table vsc8531,led-0-mode vsync-active vsync-len
  wakeup-event-action width-mm wlf,gpio-cfg wlf,gpsw wlf,hp-cfg wlf,inmode wlf,micd-bias-start-time
  wlf,micd-configs wlf,micd-dbtime xlnx,cluster-mode xlnx,ipi-id xlnx,mio-bank xlnx,tcm-mode
`
    .trim()
    .split(/\s+/),
);
