/** Devices of a request that its kernel can't drive, told by name. */
import type { DiagnosticSink } from '../base/index.ts';
import type { ReferenceKind } from '../devicetree/index.ts';
import { planCodes as codes, type Driverless } from './diagnostics.ts';
import { whyDriverless } from './driverless.ts';
import { outcomeOf } from './outcome.ts';
import type { Scope } from './scope.ts';
import type { Unit } from './units.ts';
import type { World } from './world.ts';

/** Kinds of reference that a probe waits for until their provider has a driver. */
const WAITED_FOR: ReadonlySet<ReferenceKind> = new Set<ReferenceKind>([
  'clock',
  'power-domain',
  'reset',
  'pinctrl',
  'phy',
  'mailbox',
  'dma',
  'regulator',
  'gpio',
]);

/**
 * Names each device of the request that the kernel can't drive, or that waits for one that it can't. A root filesystem may
 * still bring the module; what the console waits for is told by itself (`console.ts`).
 */
export function reportDriverless(
  world: World,
  scope: Scope,
  compatibles: ReadonlySet<string> | undefined,
  sink: DiagnosticSink,
): void {
  const { request, given } = scope;
  if (compatibles === undefined || request.pass === 'all') return;
  const console = world.board.stdout?.node;
  const code = codes[/(?:^|\s)root=/.test(request.bootargs ?? '') ? 'driver-of-root' : 'no-driver'];
  for (const [unit, { selector }] of given) {
    if (selector === undefined) continue;
    const isConsole = console !== undefined && world.units.of(console) === unit;
    const missing = new Map<string, Driverless>();
    const own = [unit, ...world.units.below(unit)].filter((each) => given.has(each));
    const add = (found: Unit, property?: string) => {
      if (missing.has(found.path) || !isBoundByCompatible(found) || isPartOf(found, unit)) return;
      if (whyDriverless(found, compatibles) === undefined) return;
      const [compatible = ''] = found.compatible;
      missing.set(found.path, {
        path: found.path,
        compatible,
        ...(property === undefined ? {} : { property }),
      });
    };
    for (const each of own) add(each);
    const seen = new Set(own);
    for (const each of isConsole ? [] : seen) {
      if (each.parent !== undefined && given.has(each.parent) && !seen.has(each.parent)) {
        add(each.parent, 'parent');
        seen.add(each.parent);
      }
      for (const reference of world.references.from(each)) {
        const { kind, to, property } = reference;
        if (to === undefined || seen.has(to) || !WAITED_FOR.has(kind)) continue;
        if (outcomeOf(world, request, given, reference) !== 'given') continue;
        add(to, property);
        seen.add(to);
      }
    }
    const devices = [...missing.values()];
    if (devices.length > 0)
      sink.report(
        code.at(request.places?.get(selector), { owner: request.name, device: unit.path, devices }),
      );
  }
}

/** What stands below a device without registers is its driver's own business, as a multiplexer in an Ethernet controller is. */
function isPartOf(found: Unit, { path }: Unit): boolean {
  return found.path.startsWith(`${path}/`) && found.ranges.length === 0;
}

/** Names of devices that buses find by themselves, and whose drivers go by numbers. */
const BY_NUMBER = /^(?:pci|pciex|pciclass|usb|usbif|sdio)[0-9a-f]*,/;

/**
 * Linux takes a driver by `compatible` where a device is on the processor's bus. On I2C, SPI and MDIO, and for parts of what is there,
 * a name without its vendor will do (drivers/i2c/i2c-core-base.c), which is not looked for.
 */
function isBoundByCompatible(unit: Unit): boolean {
  if (unit.compatible.some((name) => BY_NUMBER.test(name))) return false;
  for (let at: Unit | undefined = unit; at !== undefined; at = at.parent) {
    if (at.ranges.length > 0 || at.busWindow.length > 0) return true;
    if (at.node.properties.has('reg')) return false;
  }
  return true;
}
