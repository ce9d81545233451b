/** What one node wants of another: the kinds of reference that properties hold. */

/** The releases of Linux whose bindings, boards and drivers the tables here were read from, the last one being the newest. */
export const KNOWN_LINUX = ['6.1', '7.2'] as const;

/** Each kind with the words that a person reads. */
export const REFERENCE_KINDS = {
  clock: 'a clock',
  'clock-setup': 'a clock that is set up for it before it starts',
  regulator: 'a supply voltage',
  gpio: 'a GPIO',
  'gpio-range': 'the pins behind its GPIOs',
  nvmem: 'a value in non-volatile memory',
  pinctrl: 'a pin configuration',
  'power-domain': 'a power domain',
  reset: 'a reset line',
  phy: 'a PHY',
  mdio: 'an MDIO bus',
  dma: 'a DMA channel',
  iommu: 'an IOMMU',
  msi: 'an MSI controller',
  interconnect: 'an interconnect path',
  mailbox: 'a mailbox channel',
  'thermal-sensor': 'a thermal sensor',
  cooling: 'a cooling device',
  trip: 'a trip point',
  hwlock: 'a hardware lock',
  'io-channel': 'an ADC or DAC channel',
  pwm: 'a PWM channel',
  sound: 'a sound interface',
  graph: 'the other end of a link',
  memory: 'a reserved memory region',
  opp: 'a table of operating points',
  'idle-state': 'an idle state',
  cache: 'a cache',
  cpu: 'a CPU',
  interrupt: 'an interrupt controller',
  syscon: 'a block of shared registers',
  i2c: 'an I2C bus',
  mux: 'a multiplexer’s control',
  led: 'an LED',
  backlight: 'a backlight',
  power: 'a source of power',
  extcon: 'a connector’s state',
  firmware: 'a firmware service',
  device: 'another device',
  config: 'a node of settings',
} as const;

/** What a reference is for; {@link REFERENCE_KINDS} says it in words. */
export type ReferenceKind = keyof typeof REFERENCE_KINDS;

/**
 * Whether Linux holds a device back until the provider has a driver (fw_devlink, `of_supplier_bindings` in
 * drivers/of/property.c, releases 6.1 and 7.2 together): `required` for ever, `optional` only until late init; absent: it does not look.
 */
export type Waiting = 'required' | 'optional';

/** How a property's cells hold phandles. */
export type ReferenceForm =
  /** phandle and arguments, again and again; the provider says in `cells` how many arguments, else there are `absent`. */
  | { readonly form: 'list'; readonly cells?: string; readonly absent?: number }
  /** One phandle; all that follows are arguments. */
  | { readonly form: 'first' }
  /** Rows of an identifier, a phandle, as many cells as the provider says, and a length (`of_map_id`). */
  | { readonly form: 'id-map'; readonly cells: string }
  /** Rows of so many cells with a phandle at one place in each. */
  | { readonly form: 'rows'; readonly width: number; readonly at: number }
  /** Rows of an address, a phandle, an address there and a size, whose widths the node itself says. */
  | { readonly form: 'address-map' }
  /** The rows of an interrupt-map, whose widths the nexus and the controllers decide. */
  | { readonly form: 'interrupt-map' }
  /** Specifiers for a GICv3 with four cells, the last of which names the CPUs of a partitioned PPI. */
  | { readonly form: 'partitions' };

export type PropertyRule = ReferenceForm & {
  readonly kind: ReferenceKind;
  /** The property that names the entries. */
  readonly names?: string;
  readonly waits?: Waiting;
};
