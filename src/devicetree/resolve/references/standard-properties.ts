/**
 * Properties that hold phandles: those of the Devicetree Specification (0.4 §2–4), of dt-schema's common bindings and of
 * the kernel's subsystems (Documentation/devicetree/bindings of release 6.1). Vendors' own are in
 * `vendor-properties.ts`. The one table from which dependencies, comparisons and the search for unknown references are made.
 */
import type { PropertyRule, ReferenceKind, Waiting } from './kinds.ts';

type Rest = { readonly names?: string; readonly waits?: Waiting; readonly absent?: number };

/** phandle + as many cells as the provider's `cells` property says. */
function list(kind: ReferenceKind, cells: string, rest: Rest = {}): PropertyRule {
  return { form: 'list', kind, cells, ...rest };
}

/** Phandles alone. */
function nodes(kind: ReferenceKind, rest: Rest = {}): PropertyRule {
  return { form: 'list', kind, ...rest };
}

const required = { waits: 'required' } as const;
const optional = { waits: 'optional' } as const;

export const STANDARD_PROPERTIES: Readonly<Record<string, PropertyRule>> = {
  clocks: list('clock', '#clock-cells', { names: 'clock-names', ...required }),
  'assigned-clocks': list('clock-setup', '#clock-cells'),
  'assigned-clock-parents': list('clock-setup', '#clock-cells'),
  'power-domains': list('power-domain', '#power-domain-cells', { names: 'power-domain-names', ...required }),
  resets: list('reset', '#reset-cells', { names: 'reset-names', ...required }),
  phys: list('phy', '#phy-cells', { names: 'phy-names', ...required }),
  dmas: list('dma', '#dma-cells', { names: 'dma-names', ...optional }),
  iommus: list('iommu', '#iommu-cells', optional),
  'iommu-map': { form: 'rows', kind: 'iommu', width: 4, at: 1, ...optional },
  'msi-parent': list('msi', '#msi-cells', { absent: 0 }),
  'msi-map': { form: 'rows', kind: 'msi', width: 4, at: 1 },
  interconnects: list('interconnect', '#interconnect-cells', { names: 'interconnect-names', ...required }),
  mboxes: list('mailbox', '#mbox-cells', { names: 'mbox-names', ...required }),
  'thermal-sensors': list('thermal-sensor', '#thermal-sensor-cells'),
  'cooling-device': list('cooling', '#cooling-cells'),
  trip: nodes('trip'),
  hwlocks: list('hwlock', '#hwlock-cells', { names: 'hwlock-names', ...required }),
  'io-channels': list('io-channel', '#io-channel-cells', { names: 'io-channel-names', ...required }),
  pwms: list('pwm', '#pwm-cells', { names: 'pwm-names', ...required }),
  'sound-dai': list('sound', '#sound-dai-cells'),
  dai: nodes('sound'),
  dais: nodes('sound'),
  'mux-controls': list('mux', '#mux-control-cells', { absent: 0 }),
  'mux-states': list('mux', '#mux-state-cells'),
  'trigger-sources': list('led', '#trigger-source-cells', { absent: 0 }),
  'nvmem-cells': list('nvmem', '#nvmem-cell-cells', { absent: 0, names: 'nvmem-cell-names', ...required }),
  nvmem: nodes('nvmem', { names: 'nvmem-names' }),
  gpio: list('gpio', '#gpio-cells', required),
  gpios: list('gpio', '#gpio-cells', required),
  'gpio-ranges': { form: 'rows', kind: 'gpio-range', width: 4, at: 0 },
  'remote-endpoint': nodes('graph', required),
  ports: nodes('graph'),
  'phy-handle': nodes('phy'),
  phy: nodes('phy'),
  'phy-device': nodes('phy'),
  'usb-phy': nodes('phy'),
  'pcs-handle': nodes('phy'),
  'pcsphy-handle': nodes('phy'),
  'mdio-parent-bus': nodes('mdio'),
  sfp: nodes('phy'),
  ethernet: nodes('device'),
  link: nodes('device'),
  'ptp-timer': nodes('device'),
  'memory-region': nodes('memory', { names: 'memory-region-names' }),
  'operating-points-v2': nodes('opp'),
  'required-opps': nodes('opp'),
  'opp-suspend': nodes('opp'),
  'cpu-idle-states': nodes('idle-state'),
  'domain-idle-states': nodes('idle-state'),
  'next-level-cache': nodes('cache'),
  'l2-cache': nodes('cache'),
  cpu: nodes('cpu'),
  cpus: nodes('cpu'),
  affinity: nodes('cpu'),
  'interrupt-affinity': nodes('cpu'),
  'interrupt-parent': nodes('interrupt'),
  'interrupts-extended': list('interrupt', '#interrupt-cells'),
  'interrupt-map': { form: 'interrupt-map', kind: 'interrupt' },
  interrupts: { form: 'partitions', kind: 'interrupt' },
  'msi-ranges': { form: 'first', kind: 'interrupt' },
  'wakeup-parent': nodes('interrupt', required),
  syscon: { form: 'first', kind: 'syscon' },
  regmap: nodes('syscon'),
  'i2c-bus': nodes('i2c'),
  'i2c-parent': nodes('i2c'),
  'ddc-i2c-bus': nodes('i2c'),
  ddc: nodes('i2c'),
  leds: nodes('led', required),
  backlight: nodes('backlight', required),
  panel: nodes('device'),
  extcon: nodes('extcon', required),
  'power-supplies': nodes('power'),
  'power-supply': nodes('regulator', required),
  'monitored-battery': nodes('config'),
  'mmc-pwrseq': nodes('reset'),
  shmem: nodes('memory'),
  sram: nodes('memory'),
  firmware: nodes('firmware'),
  'secure-monitor': nodes('firmware'),
  'fpga-mgr': nodes('device'),
  'fpga-bridges': nodes('device'),
  'devfreq-events': nodes('device'),
  devfreq: nodes('device'),
  companion: nodes('device'),
  companions: nodes('device'),
  'peer-hub': nodes('device'),
  pm_qos: nodes('device'),
  'cci-control-port': nodes('device'),
  'ecc-engine': nodes('device'),
  'nand-ecc-engine': nodes('device'),
  'performance-domains': list('device', '#performance-domain-cells'),
  links: nodes('sound'),
  'memory-controllers': nodes('device'),
  'audio-aux-devs': nodes('sound'),
  'audio-amplifier': nodes('sound'),
  'audio-codec': nodes('sound'),
  'i2s-controller': nodes('sound'),
  'audio-cpu': nodes('sound'),
  'audio-asrc': nodes('sound'),
  'ssi-controller': nodes('sound'),
  'spdif-controller': nodes('sound'),
  'frame-master': nodes('sound'),
  'bitclock-master': nodes('sound'),
  'simple-audio-card,aux-devs': nodes('sound'),
  'simple-audio-card,frame-master': nodes('sound'),
  'simple-audio-card,bitclock-master': nodes('sound'),
  'simple-audio-card,plat': nodes('sound'),
  'hdmi-phandle': nodes('device'),
  'regulator-coupled-with': nodes('regulator'),
  'access-controllers': list('firmware', '#access-controller-cells', { absent: 0 }),
};

/** Families of properties, by how their names end or begin. */
export const STANDARD_PATTERNS: readonly (readonly [RegExp, PropertyRule])[] = [
  [/-supply$/, nodes('regulator', required)],
  [/-gpios?$/, list('gpio', '#gpio-cells', required)],
  [/^pinctrl-\d+$/, nodes('pinctrl', required)],
  [/-supplies$/, nodes('regulator')],
];
