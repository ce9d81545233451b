/** What is said of what drivers insist on, and of what their devices are not given. */
import { declareDiagnostics, diagnostic } from '../../base/index.ts';
import { WAITS } from '../dependencies.ts';
import { list, NAMED } from '../diagnostics.ts';

/** A device, and what it would have of another. */
interface Want {
  readonly device: string;
  readonly property: string;
  readonly provider: string;
}

/** One property that the request cuts, with all that it names. */
export interface UnknownCut extends Omit<Want, 'provider'> {
  readonly providers: readonly string[];
  readonly kind: string;
  /** One that requires the property. */
  readonly binding?: string;
}

interface Way {
  /** How the provider could be passed, as an order; none where it can't be. */
  readonly way: string | undefined;
}

/** That a driver needs it, as its source says. */
interface Insisted {
  readonly source: string;
  readonly consequence: string | undefined;
}

/** The codes of what drivers insist on, by name. */
export const needCodes = declareDiagnostics('plan', {
  'keeps-from-probing': diagnostic<
    Want & Way & { reason: string; clock: boolean; insisted: Insisted | undefined; because: string }
  >({
    severity: 'warning',
    message: ({ device, property, provider, reason, insisted, because, clock }) =>
      `${provider} is not passed (${reason}); ` +
      (insisted?.consequence !== undefined
        ? `without it ${device} ${insisted.consequence} (${property})`
        : insisted !== undefined || clock || because === WAITS
          ? `its absence keeps ${device} from probing (${property})`
          : `${device} names it (${property}), and ${because}`),
    hint: ({ device, property, clock, insisted, way }) => {
      if (clock)
        return `give its rate, if it is fixed: clocks: { "${device}": HZ }; or cut it: cut: ["${device} ${property}"]`;
      if (insisted !== undefined) {
        const why = `Linux's driver can't do without (${insisted.source})`;
        return way === undefined
          ? `it can't be passed, and ${why}: leave ${device} out of "pass"`
          : `${way}: ${why}`;
      }
      const cut = `cut the reference if the driver can do without: cut: ["${device} ${property}"]`;
      return way === undefined ? `it can't be passed; ${cut}` : `${way}, or ${cut}`;
    },
    explanation:
      "What Linux does for a provider that never comes is its framework's matter: most wait for it, in silence. The device is passed because it was asked for.",
  }),
  'cut-insisted': diagnostic<Want & { insisted: Insisted }>({
    severity: 'warning',
    message: ({ device, property, provider, insisted }) =>
      `the request cuts ${provider} from ${device} (${property}), which ${insisted.consequence ?? 'fails to probe'} without it`,
    hint: ({ device, property, insisted }) =>
      `take "${device} ${property}" out of "cut": Linux's driver can't do without (${insisted.source})`,
    explanation: 'An entry of `cut` takes from a device what its driver is known to need.',
  }),
  'cut-unknown': diagnostic<UnknownCut>({
    severity: 'warning',
    message: ({ device, property, providers, kind, binding }) =>
      `the request cuts ${list(providers)} from ${device}, which takes ${kind} from ${providers.length === 1 ? 'it' : 'each'} (${property}): its driver is told that there is none, and whether it can do without is not known` +
      (binding === undefined ? '' : `; its binding requires it (${binding})`),
    hint: () =>
      '"drivervm run" and the kernel\'s log tell: "probe of … failed with error" names a driver that can\'t',
    explanation:
      'An entry of `cut` takes from a device what Linux would wait for if it were named and not there. Drivers that ask for it in the ordinary way fail without; those that take it as an extra go on.',
  }),
  'may-insist': diagnostic<Want & Way & { reason: string; kind: string; binding?: string }>({
    severity: 'warning',
    message: ({ device, property, provider, reason, kind, binding }) =>
      `${provider} is not passed (${reason}), and ${device} takes ${kind} from it (${property}): whether its driver can do without is not known` +
      (binding === undefined ? '' : `, and its binding requires it (${binding})`),
    hint: ({ device, property, way }) =>
      `${way ?? `it can't be passed: leave ${device} out of "pass"`}; or, if the device works without, say so: cut: ["${device} ${property}"]`,
    explanation:
      "The reference is cut from the guest's tree. Some drivers go on without, others fail to probe, and for this one there is no fact that says which.",
  }),
  'may-be-unpowered': diagnostic<{ devices: readonly string[]; provider: string; reason: string }>({
    severity: 'warning',
    message: ({ devices, provider, reason }) =>
      `${provider} is not passed (${reason}), and Linux takes what it feeds for powered: ${devices.slice(0, NAMED).join(', ')}${devices.length > NAMED ? ', …' : ''} must be as the firmware left it (power-domains)`,
    hint: ({ devices: [device = ''] }) =>
      `see that the firmware has it on when seL4 starts, such as by using the device in U-Boot, for what is without power reads as zeros or stops the bus; where it is on, say so: cut: ["${device} power-domains"]`,
    explanation:
      "The reference is cut from the guest's tree, and with it goes what would turn the power on. Whether it is on already is known on the board alone.",
  }),
  'role-not-switched': diagnostic<{
    device: string;
    connector: string;
    reason: string;
    way: string | undefined;
  }>({
    severity: 'warning',
    message: ({ device, connector, reason }) =>
      `${connector} is not passed (${reason}), which tells ${device} whether it is host or device: it stays a device (usb-role-switch)`,
    hint: ({ connector, way }) =>
      `${way === 'pass it' ? `for a host, pass ${connector} too` : `for a host, ${way ?? `plan with another tree, for ${connector} can't be passed`}`}, or say role-switch-default-mode = "host", or dr_mode = "host", in the board's tree`,
    explanation:
      'Drivers of USB controllers with two roles begin as a device and wait for the driver of the connector, so that nothing that is plugged in is found.',
  }),
  'more-may-insist': diagnostic<{ owner: string; devices: readonly string[] }>({
    severity: 'warning',
    message: ({ owner, devices }) =>
      `${owner}: so with ${devices.length} more devices: ${devices.slice(0, NAMED).join(', ')}${devices.length > NAMED ? ', …' : ''}`,
    hint: () => 'the dependencies in plan.json say what each does without',
    explanation:
      'Of many devices of which it is not known whether they do without something, the first are told.',
  }),
});
