/**
 * Properties whose cells are numbers and never phandles. Without this list a number that happens to be some node's
 * phandle would be taken for a reference: phandles are small integers. The names are those that the boards of the
 * kernel's arm64 tree (release 6.1) use with such a number and that their bindings say to be numbers.
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
    '-(?:m|k)?hz$',
    '-(?:frequency|rate|rates|seconds?|secs?|m?sec|usec|[mnpu]s|(?:milli)?celsius|percent|degrees|bps)$',
    '-(?:width|widths|height|lanes|delays?|bits|bytes|sizes?|count|masks?|shift|offsets?|ranges?|cells|channels?)$',
    '-(?:states?|levels?|threshold|strength|gain|index|idx|num|names?)$',
    '-delay-',
    '(?:^|,)(?:nr|num)-',
  ].join('|'),
);

const PLAIN_NAMES: ReadonlySet<string> = new Set(
  `
  abracon,tc-resistor abs-flat abs-fuzz ai31xx-micbias-vg amd,serdes-blwc amd,serdes-dfe-tap-config
  amd,serdes-dfe-tap-enable amd,serdes-pq-skew amd,zlib-support amlogic,channel-interrupts ams,ext-control
  amstaos,proximity-diodes apio-wins apm,irq-start apm,nr-irqs apm,tx-eye-tuning arm,msi-num-spis
  arm,pl11x,tft-r0g0b0-pads arm,psci-suspend-param arm,trig-in-sigs arm,trig-in-types arm,trig-out-sigs
  arm,trig-out-types arm,vexpress,site arm,vexpress-sysreg,func awinic,f0-detection-play-time
  awinic,f0-detection-repeat awinic,f0-detection-trace awinic,f0-detection-wait-time bits block-number
  bosch,mram-cfg brcm,function brcm,pins brcm,pull bus_num button_num cdns,phy-type channel
  cirrus,asp-sdout-hiz cirrus,gpio2-src-select clk-phase-sd-hs clk-phase-uhs-ddr50 clk-phase-uhs-sdr25
  clock-div clock-indices clock-mult color cpu-release-addr d-cache-sets dai-tdm-slot-rx-mask-1
  dai-tdm-slot-tx-mask-0 dai-tdm-slot-tx-mask-1 dai-tdm-slot-tx-mask-2 dai-tdm-slot-tx-mask-3 data-active
  de-active debounce-interval direction distance-matrix dlg,a-d-btn-thr dlg,adc-1bit-rpt dlg,b-c-btn-thr
  dlg,btn-avg dlg,btn-cfg dlg,c-mic-btn-thr dlg,const-op-mode dlg,d-b-btn-thr dlg,jack-ins-deb
  dlg,jack-rem-deb dlg,mem-array dlg,periodic-op-mode dma-requests drive-open-drain drive-push-pull
  dsa,member dynamic-power-coefficient fcs,suspend-voltage-selector fixed-emmc-driver-type fixed-link
  focaltech,max-touch-number frame-number fsl,asrc-format fsl,dataline fsl,dma-queues fsl,max-link-speed
  fsl,num-irqs fsl,num-rx-queues fsl,num-tx-queues fsl,pins fsl,qe-num-riscs fsl,qe-num-snums
  fsl,refclk-pad-mode fsl,sec-era fsl,tmu-calibration fsl,tuning-start-tap fsl,tuning-step
  fsl,tx-deemph-gen1 fsl,tx-deemph-gen2 function-enumerator google,remote-bus google,usb-port-id gop-port-id
  gpio-cfg gpio-fan,speed-map gpmc,num-cs gpmc,num-waitpins gw,mode hard-wired hback-porch height-mm
  hfront-porch hid-descr-addr hisilicon,fixed-mode hsync-active hsync-len idt,mode initial-mode
  keypad,num-columns keypad,num-rows lane-polarities lanes-per-direction library-sel linux,code
  linux,input-type linux,keycode linux,keycodes linux,pci-domain marvell,odmi-frames marvell,reg-init
  marvell,wakeup-pin mask max-link-speed max-speed maxim,active-fps-power-down-slot
  maxim,active-fps-power-up-slot maxim,active-fps-source maxim,fps-event-source maxim,suspend-fps-source
  mclk-id memory-controller micrel,led-mode microchip,led-modes mode-bootloader mode-recovery ngpios num-cs
  num-domains num-ib-windows num-interpolated-steps num-ob-windows num-pins num-viewport numa-node-id
  nuvoton,jack-eject-debounce nuvoton,jack-insert-debounce nuvoton,jkdet-polarity nuvoton,micbias-voltage
  nuvoton,sar-hysteresis nuvoton,short-key-debounce nuvoton,vref-impedance nvidia,ahub-cif-ids nvidia,cf
  nvidia,cg nvidia,default-tap nvidia,default-trim nvidia,dqs-trim nvidia,drive-type nvidia,elastic-limit
  nvidia,enable-input nvidia,force-mode nvidia,head nvidia,high-speed-mode nvidia,io-hv nvidia,open-drain
  nvidia,pad-autocal-pull-down-offset-1v8 nvidia,pad-autocal-pull-down-offset-3v3
  nvidia,pad-autocal-pull-up-offset-1v8 nvidia,priority nvidia,pull nvidia,rcv-sel nvidia,slew-rate-falling
  nvidia,slew-rate-rising nvidia,term-range-adj nvidia,tristate nvidia,usb2-companion nvidia,xbar-cfg
  nvidia,xcvr-hsslew nvidia,xcvr-lsrslew nvidia,xcvr-setup ocv-capacity-table-0 offset opp-supported-hw
  pagesize pcie-reset-suspend pclk-sample pinctrl-single,bias-pulldown pinctrl-single,bias-pullup
  pinctrl-single,pins pins pmd-controller poll-interval port-id port-idx-in-ae ports-implemented
  power-source ppio-wins protected-clocks pwm-dutycycle-unit qca,smarteee-tw-us-1g qcom,amux-route
  qcom,bias-ctrl-value qcom,board-id qcom,charge-ctrl-value qcom,client-id qcom,din-ports qcom,domain
  qcom,dout-ports qcom,drv-id qcom,dtest qcom,ee qcom,enabled-strings qcom,hstx-trim-value
  qcom,hw-settle-time qcom,imp-res-offset-value qcom,intents qcom,iommu-secure-id qcom,mbhc-vthreshold-high
  qcom,mbhc-vthreshold-low qcom,msm-mbhc-gnd-swh qcom,msm-mbhc-hphl-swh qcom,nsessions qcom,num-ees
  qcom,num-strings qcom,playback-sd-lines qcom,power-source qcom,pre-scaling qcom,remote-pid
  qcom,rx-port-mapping qcom,sd-lines qcom,smd-edge qcom,smem qcom,tcs-config qcom,tx-port-mapping qcom,vmid
  realtek,dmic1-clk-pin realtek,dmic1-data-pin realtek,jd-src reg-spacing regulator-active-discharge
  regulator-allowed-modes regulator-initial-mode renesas,buswait renesas,id rockchip,default-sample-phase
  rockchip,hw-tshut-mode rockchip,hw-tshut-polarity rockchip,path-map rotation rx-burst-size-dword
  rx-fifo-depth rx_delay samsung,picophy-dc-vol-level-adjust samsung,picophy-pre-emp-curr-control
  semtech,combined-sensors semtech,ph0-pin semtech,ph1-pin semtech,ph2-pin semtech,ph3-pin
  semtech,startup-sensor serial-dir silead,max-fingers size snps,blen snps,incr-burst-type-adjustment
  snps,pbl snps,priority snps,quirk-frame-length-adjustment snps,rd_osr_lmt snps,rx-queues-to-use snps,rxpbl
  snps,tx-queues-to-use snps,tx_de_emphasis snps,txpbl snps,weight snps,wr_osr_lmt solomon,height
  solomon,prechargep1 solomon,prechargep2 speed spi-num-chipselects st,drdy-int-pin states syna,nosleep-mode
  syna,sensor-type tdm-slots temperature-stability ti,atcm-enable ti,btcm-enable ti,clkbuf-sel
  ti,cluster-mode ti,cpts-ext-ts-inputs ti,cpts-periodic-outputs ti,datarate ti,fifo-depth ti,gain
  ti,host-id ti,intr-trigger-type ti,itap-del-sel-ddr50 ti,itap-del-sel-ddr52 ti,itap-del-sel-legacy
  ti,itap-del-sel-mmc-hs ti,itap-del-sel-sd-hs ti,itap-del-sel-sdr12 ti,itap-del-sel-sdr25 ti,loczrama
  ti,mbox-num-fifos ti,mbox-num-users ti,mbox-rx ti,mbox-tx ti,ngpio ti,otap-del-sel-ddr50
  ti,otap-del-sel-ddr52 ti,otap-del-sel-hs200 ti,otap-del-sel-hs400 ti,otap-del-sel-legacy
  ti,otap-del-sel-mmc-hs ti,otap-del-sel-sd-hs ti,otap-del-sel-sdr104 ti,otap-del-sel-sdr12
  ti,otap-del-sel-sdr25 ti,otap-del-sel-sdr50 ti,sci-dev-id ti,sci-proc-ids ti,sci-rm-range-bchan
  ti,sci-rm-range-gp-rings ti,sci-rm-range-rchan ti,sci-rm-range-rflow ti,sci-rm-range-tchan
  ti,sci-rm-range-tflow ti,trm-icp touchscreen-average-samples touchscreen-x-mm touchscreen-y-mm
  tx-burst-size-dword tx-fifo-depth tx_delay type vback-porch vfront-porch vsync-active vsync-len
  wakeup-event-action xlnx,ipi-id xlnx,mio-bank
`
    .trim()
    .split(/\s+/),
);
