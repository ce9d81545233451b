/**
 * Dependencies: what each kind of reference from a device to another means for a guest. Whether its provider is brought
 * in, and what becomes of it where the provider cannot be given: it is disabled in the guest's tree, and the reference stays,
 * is cut or replaced. After Linux 6.1 and 6.12. Device links are made to no node that is disabled (drivers/of/property.c,
 * of_link_to_phandle), so that fw_devlink holds nobody back and each framework decides, at a driver's probe: most answer
 * -EPROBE_DEFER for a provider that has not registered, at each attempt, and the ten seconds of deferred_probe_timeout
 * change that only for power domains and for the interrupts of Ethernet PHYs (driver_deferred_probe_check_state). Where the
 * property is not there at all, the frameworks marked `cut` go on without. Whether the driver goes on too is its own
 * matter: `needs/`.
 */
import type { ReferenceKind } from '../devicetree/index.ts';

/** `left`: the reference stays as it is and does no harm. */
export const DEPENDENCY_OUTCOMES = ['given', 'cut', 'fixed-clock', 'missing', 'left'] as const;
export type DependencyOutcome = (typeof DEPENDENCY_OUTCOMES)[number];

export interface DependencyRule {
  /** Whether the closure brings the provider in. */
  readonly follow: boolean;
  readonly without: Exclude<DependencyOutcome, 'given'>;
  /** What holds for the guest then: the second half of a sentence. */
  readonly because: string;
}

const cut = (because: string): DependencyRule => ({ follow: true, without: 'cut', because });
/** Not the guest's to have: the reference goes, and the provider is not brought in. */
const drop = (because: string): DependencyRule => ({ follow: false, without: 'cut', because });
const ignore = (because: string): DependencyRule => ({ follow: false, without: 'left', because });
const needed = (because: string): DependencyRule => ({ follow: true, without: 'missing', because });

/** The framework says -EPROBE_DEFER. */
export const WAITS = 'its driver waits for it without end';
/** By the driver itself, which looks for the node in a way of its own. */
const OWN_WAY = 'its driver looks for it, and waits or fails';
const NOT_AWAITED = 'Linux does not wait for it';

const RULES: Readonly<Record<ReferenceKind, DependencyRule>> = {
  clock: { follow: true, without: 'fixed-clock', because: 'a fixed clock stands in for it' },
  'clock-setup': cut('its clocks keep the rates that the firmware set'),
  regulator: cut('Linux takes its supply as always on'),
  gpio: cut('the line stays as the firmware left it'),
  // drivers/gpio/gpiolib-of.c: -EPROBE_DEFER while the property is there.
  'gpio-range': cut('its lines are GPIOs where the firmware set their pins so'),
  nvmem: cut('it does without the stored value (a MAC address becomes random)'),
  pinctrl: cut('its pins stay as the firmware set them'),
  'power-domain': cut('it stays powered as the firmware left it'),
  reset: cut('it stays out of reset as the firmware left it'),
  phy: needed(WAITS),
  mdio: needed(WAITS),
  dma: cut('its driver moves the data itself'),
  iommu: drop(
    "its DMA addresses are physical, as the guest's RAM is 1:1 (an IOMMU that the firmware leaves on must be passed too)",
  ),
  msi: cut('it uses its line interrupts instead of messages'),
  interconnect: cut('its bus bandwidth stays as the firmware left it'),
  mailbox: needed(WAITS),
  'thermal-sensor': ignore('the zone has no sensor to read'),
  cooling: drop('there is nothing to cool by'),
  trip: ignore(NOT_AWAITED),
  // drivers/hwspinlock/hwspinlock_core.c: -ENOENT where the node is disabled.
  hwlock: needed('its driver is told that there is no such lock, and fails if it insists'),
  'io-channel': needed(WAITS),
  pwm: needed(WAITS),
  sound: needed(WAITS),
  graph: ignore(NOT_AWAITED),
  memory: cut('it takes its buffers from ordinary RAM'),
  opp: ignore(NOT_AWAITED),
  'idle-state': drop('the guest does not put physical CPUs to sleep'),
  cache: ignore(NOT_AWAITED),
  cpu: drop("the physical CPUs are not the guest's"),
  interrupt: needed(WAITS),
  // drivers/mfd/syscon.c maps the node's registers whether it is disabled or not.
  syscon: needed("its driver reaches into registers that are not the guest's, which stops the guest"),
  i2c: needed(WAITS),
  mux: needed(WAITS),
  led: cut('no light shows what it does'),
  backlight: needed(WAITS),
  // drivers/power/supply/power_supply_core.c, drivers/net/pse-pd/pse_core.c: as above.
  power: cut('it knows of nothing that feeds it'),
  // drivers/extcon/extcon.c: -EPROBE_DEFER while the property is there.
  extcon: cut('it is told of no cable'),
  firmware: needed(OWN_WAY),
  device: needed(OWN_WAY),
  config: ignore(NOT_AWAITED),
};

/** Bare `gpios` is what a device is made of (keys, LEDs, bit-banged buses); `reset-gpios` and its like are extras. */
const OWN_GPIOS = /^gpios?$/;

/** Of a MAC. */
const ETHERNET_PHYS = /^(?:phy-handle|phy|phy-device)$/;
/** With -ENODEV, when the interface is opened (drivers/net/mdio/of_mdio.c, drivers/net/phy/phylink.c). */
const NO_LINK = 'its network interface does not come up';

/** USB's own PHYs (drivers/usb/phy/phy.c, -ENODEV where the node is disabled), and cages (drivers/net/phy/sfp-bus.c). */
const DISABLED_IS_NONE = /^(?:usb-phy|fsl,usbphy|nvidia,phy|canaan,usb-phy|sfp)$/;

/** The interrupt controller that is awake while the GIC sleeps. */
export const WAKEUP_PARENT = 'wakeup-parent';

/** What a reference means. */
export function dependencyRule(reference: {
  readonly kind: ReferenceKind;
  readonly property: string;
}): DependencyRule {
  if (reference.kind === 'gpio' && OWN_GPIOS.test(reference.property)) return needed(WAITS);
  if (reference.property === WAKEUP_PARENT) return drop('it wakes the system from no sleep');
  if (ETHERNET_PHYS.test(reference.property)) return needed(NO_LINK);
  if (DISABLED_IS_NONE.test(reference.property)) return cut('Linux takes it for none');
  if (reference.kind === 'phy' && reference.property !== 'phys') return needed(OWN_WAY);
  return RULES[reference.kind];
}

/** The property that names the entries of another: `clock-names` for `clocks`; for pin states, one by number. */
export function namesProperty(property: string): string | undefined {
  return NAMES[property];
}

const NAMES: Readonly<Record<string, string>> = {
  clocks: 'clock-names',
  resets: 'reset-names',
  dmas: 'dma-names',
  'nvmem-cells': 'nvmem-cell-names',
  'power-domains': 'power-domain-names',
  interconnects: 'interconnect-names',
  phys: 'phy-names',
  'memory-region': 'memory-region-names',
};
