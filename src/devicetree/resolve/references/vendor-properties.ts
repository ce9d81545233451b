/**
 * Vendors' own properties that hold phandles, as the boards of the kernel's arm64 tree use them; each stands in its
 * binding under Documentation/devicetree/bindings (release 6.1) or in the driver that reads it.
 */
import type { PropertyRule, ReferenceKind } from './kinds.ts';

const first = (kind: ReferenceKind): PropertyRule => ({ form: 'first', kind });
const nodes = (kind: ReferenceKind): PropertyRule => ({ form: 'list', kind });
const fixed = (kind: ReferenceKind, absent: number): PropertyRule => ({ form: 'list', kind, absent });
const list = (kind: ReferenceKind, cells: string, absent?: number): PropertyRule => ({
  form: 'list',
  kind,
  cells,
  ...(absent === undefined ? {} : { absent }),
});

export const VENDOR_PROPERTIES: Readonly<Record<string, PropertyRule>> = {
  // Allwinner
  'allwinner,sram': fixed('memory', 1),
  'allwinner,pipelines': nodes('device'),
  'allwinner,codec-analog-controls': nodes('sound'),
  // Altera
  'altr,ecc-parent': nodes('device'),
  // Amlogic
  'amlogic,ao-secure': nodes('syscon'),
  'amlogic,ao-sysctrl': nodes('syscon'),
  'amlogic,canvas': nodes('device'),
  // Apple
  'apple,sart': nodes('device'),
  // Applied Micro
  'regmap-csw': nodes('syscon'),
  'regmap-efuse': nodes('syscon'),
  'regmap-mcba': nodes('syscon'),
  'regmap-mcbb': nodes('syscon'),
  'regmap-rb': nodes('syscon'),
  // Arm
  'arm,cs-dev-assoc': nodes('device'),
  'arm,vexpress,config-bridge': nodes('device'),
  // Broadcom
  'brcm,sr-cdru': nodes('syscon'),
  'brcm,sr-mhb': nodes('syscon'),
  // HiSilicon
  'ae-handle': nodes('device'),
  'cpld-syscon': first('syscon'),
  'dsaf-handle': nodes('device'),
  'eth-handle': nodes('device'),
  'hisilicon,hi6220-clk-sram': nodes('syscon'),
  'subctrl-vbase': first('syscon'),
  // NVIDIA
  'nvidia,apbmisc': nodes('syscon'),
  'nvidia,axi2apb': nodes('device'),
  'nvidia,bpmp': first('firmware'),
  'nvidia,ddc-i2c-bus': nodes('i2c'),
  'nvidia,dpaux': nodes('device'),
  'nvidia,external-memory-controller': nodes('device'),
  'nvidia,memory-controller': nodes('device'),
  'nvidia,mipi-calibrate': list('device', '#nvidia,mipi-calibrate-cells'),
  'nvidia,outputs': nodes('device'),
  'nvidia,panel': nodes('device'),
  'nvidia,phy': nodes('phy'),
  'nvidia,pmc': first('syscon'),
  'nvidia,xusb-padctl': nodes('phy'),
  // NXP
  'fsl,ddrc': nodes('device'),
  'fsl,fman-ports': nodes('device'),
  'fsl,mipi-phy-gpr': first('syscon'),
  'fsl,pcie-scfg': first('syscon'),
  'fsl,rcpm-wakeup': list('device', '#fsl,rcpm-wakeup-cells'),
  'fsl,stop-mode': first('syscon'),
  'fsl,usbmisc': list('device', '#index-cells', 1),
  'fsl,usbphy': nodes('phy'),
  intf_mode: first('syscon'),
  'ptimer-handle': nodes('device'),
  // Marvell
  'marvell,system-controller': nodes('syscon'),
  'marvell,usb-misc-reg': nodes('syscon'),
  // MediaTek
  infracfg: nodes('syscon'),
  'mediatek,apmixedsys': nodes('syscon'),
  'mediatek,audio-codec': nodes('sound'),
  'mediatek,auxadc': nodes('device'),
  'mediatek,cci': nodes('device'),
  'mediatek,ethsys': nodes('syscon'),
  'mediatek,gce-client-reg': { form: 'rows', kind: 'mailbox', width: 4, at: 0 },
  'mediatek,headset-codec': nodes('sound'),
  'mediatek,hifsys': nodes('syscon'),
  'mediatek,infracfg': nodes('syscon'),
  'mediatek,larb': nodes('device'),
  'mediatek,larbs': nodes('device'),
  'mediatek,pctl-regmap': nodes('syscon'),
  'mediatek,pericfg': nodes('syscon'),
  'mediatek,pcie-mirror': nodes('syscon'),
  'mediatek,phy-mode': first('syscon'),
  'mediatek,platform': nodes('sound'),
  'mediatek,scp': nodes('device'),
  'mediatek,sgmiisys': nodes('syscon'),
  'mediatek,smi': nodes('device'),
  'mediatek,topckgen': nodes('syscon'),
  'mediatek,vpu': nodes('device'),
  'mediatek,wed': nodes('device'),
  'mediatek,wed-pcie': nodes('device'),
  // Nuvoton
  'nuvoton,sysgcr': nodes('syscon'),
  // Pin controllers
  'pinctrl-single,gpio-range': list('gpio-range', '#pinctrl-single,gpio-range-cells'),
  'rockchip,pins': { form: 'rows', kind: 'config', width: 4, at: 3 },
  // Qualcomm
  'acc-syscon': first('syscon'),
  'qcom,acc': nodes('device'),
  'qcom,bcm-voters': nodes('device'),
  'qcom,dload-mode': first('syscon'),
  'qcom,ext-regs': { form: 'rows', kind: 'syscon', width: 3, at: 0 },
  'qcom,freq-domain': list('device', '#freq-domain-cells', 1),
  'qcom,gmu': nodes('device'),
  'qcom,halt-regs': first('syscon'),
  'qcom,mmio': nodes('device'),
  'qcom,qaccept-regs': first('syscon'),
  'qcom,qmp': nodes('firmware'),
  'qcom,rpm-msg-ram': nodes('memory'),
  'qcom,rproc': nodes('device'),
  'qcom,rx-device': nodes('device'),
  'qcom,saw': nodes('device'),
  'qcom,saw-reg': nodes('syscon'),
  'qcom,smem-states': list('mailbox', '#qcom,smem-state-cells'),
  'qcom,spare-regs': first('syscon'),
  'qcom,tx-device': nodes('device'),
  'slim-ifc-dev': nodes('device'),
  // Renesas
  capture: nodes('sound'),
  playback: nodes('sound'),
  'renesas,bonding': nodes('device'),
  'renesas,cmms': nodes('device'),
  'renesas,companion': nodes('device'),
  'renesas,fcp': nodes('device'),
  'renesas,ipmmu-main': fixed('iommu', 1),
  'renesas,vsps': fixed('device', 1),
  // Rockchip
  'rockchip,codec': nodes('sound'),
  'rockchip,cpu': nodes('sound'),
  'rockchip,pmu': nodes('syscon'),
  // Synopsys
  'snps,axi-config': nodes('config'),
  'snps,mtl-rx-config': nodes('config'),
  'snps,mtl-tx-config': nodes('config'),
  // Texas Instruments
  'syscon-phy-power': first('syscon'),
  'ti,am65x-oldi-io-ctrl': first('syscon'),
  'ti,camerrx-control': first('syscon'),
  'ti,cpb-codec': nodes('sound'),
  'ti,cpb-mcasp': nodes('sound'),
  'ti,ringacc': nodes('device'),
  'ti,sci': nodes('firmware'),
  'ti,serdes-clk': nodes('clock'),
  'ti,unmapped-event-sources': nodes('device'),
  // Wolfson
  'wlf,ldoena': list('gpio', '#gpio-cells'),
  'wlf,reset': list('gpio', '#gpio-cells'),
};

/** Vendors' names follow fashions: a block of shared registers is told by its name on any board. */
export const VENDOR_PATTERNS: readonly (readonly [RegExp, PropertyRule])[] = [
  [/(?:^|[,-])(?:sysctrl|syscon|sysreg)(?:$|-)/, first('syscon')],
  [/(?:,|-|usb|phy|pipe)grf$/, first('syscon')],
  [/^qcom,ipc(?:-\d+)?$/, first('mailbox')],
  [/-phandle$/, nodes('device')],
];
