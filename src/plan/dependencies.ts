/**
 * Dependencies: what each kind of reference from a device to another means for a guest. Whether its provider is brought
 * in, and what becomes of it where the provider cannot be given. After Linux 6.1, by the framework that reads the
 * property: a provider that is named and never comes is waited for in silence (-EPROBE_DEFER); where the property is not
 * there at all, the frameworks marked `cut` go on without. Whether the driver goes on too is its own matter: `needs/`.
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

const WAITS = 'its driver waits for it without end';
const NOT_AWAITED = 'Linux does not wait for it';

const RULES: Readonly<Record<ReferenceKind, DependencyRule>> = {
  clock: { follow: true, without: 'fixed-clock', because: 'a fixed clock stands in for it' },
  'clock-setup': cut('its clocks keep the rates that the firmware set'),
  regulator: cut('Linux takes its supply as always on'),
  gpio: cut('the line stays as the firmware left it'),
  'gpio-range': ignore(NOT_AWAITED),
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
  hwlock: needed(WAITS),
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
  syscon: needed(WAITS),
  i2c: needed(WAITS),
  mux: needed(WAITS),
  led: ignore(NOT_AWAITED),
  backlight: needed(WAITS),
  power: ignore(NOT_AWAITED),
  extcon: ignore(NOT_AWAITED),
  firmware: needed(WAITS),
  device: needed(WAITS),
  config: ignore(NOT_AWAITED),
};

/** Bare `gpios` is what a device is made of (keys, LEDs, bit-banged buses); `reset-gpios` and its like are extras. */
const OWN_GPIOS = /^gpios?$/;

/** The interrupt controller that is awake while the GIC sleeps. */
export const WAKEUP_PARENT = 'wakeup-parent';

/** What a reference means. */
export function dependencyRule(reference: {
  readonly kind: ReferenceKind;
  readonly property: string;
}): DependencyRule {
  if (reference.kind === 'gpio' && OWN_GPIOS.test(reference.property)) return needed(WAITS);
  if (reference.property === WAKEUP_PARENT) return drop('it wakes the system from no sleep');
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
