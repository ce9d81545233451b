/** What a guest's kernel says of its devices, told with what their nodes lost. */
import { declareDiagnostics, diagnostic } from '../../base/index.ts';
import { changeOf, type Fixable } from '../diagnostics.ts';
import type { LostReference } from '../lost-references.ts';

/** What a kernel said of a device, and what the device's node lost. */
interface DeviceComplaint extends Fixable {
  readonly vm: string;
  /** The node's path; the kernel's own name where no node of the guest's tree is known by it. */
  readonly device: string | undefined;
  readonly line: string;
  readonly detail?: string;
  readonly lost: readonly LostReference[];
}

const deviceText = ({ device }: DeviceComplaint): string => device ?? 'a device';
const saidText = ({ detail }: DeviceComplaint): string => (detail === undefined ? '' : ` ("${detail}")`);

const LOST_SHOWN = 3;

function lostText({ lost }: DeviceComplaint): string {
  const shown = lost.slice(0, LOST_SHOWN).map(({ property, provider, how }) => {
    if (how === 'failed') return `${provider} (${property}) has no driver either`;
    return how === 'cut'
      ? `it has no ${property} any more, which was ${provider}'s`
      : `${provider} (${property}) is not passed`;
  });
  if (shown.length === 0) return '';
  const more = lost.length - shown.length;
  return `; ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

/** What the errnos of failed probes mean (include/uapi/asm-generic/errno-base.h, errno.h). */
const ERRORS: Readonly<Record<string, string>> = {
  '-2': 'ENOENT: something that it names is not there',
  '-5': 'EIO: input or output failed',
  '-6': 'ENXIO: an interrupt or a register range is not there',
  '-12': 'ENOMEM: no memory',
  '-16': 'EBUSY: something is in use',
  '-19': 'ENODEV: the device did not answer as it should',
  '-22': 'EINVAL: a value is not as it should be',
  '-61': 'ENODATA: nothing is stored where a value should be',
  '-95': 'EOPNOTSUPP: something is not supported',
  '-110': 'ETIMEDOUT: the device did not answer',
  '-524': 'ENOTSUPP: something is not supported',
};

const errorText = (error: string): string => {
  const known = ERRORS[error];
  return known === undefined ? error : `${error} (${known})`;
};

/** What is reported of a kernel's messages (`run/…`). */
export const kernelMessageCodes = declareDiagnostics('run', {
  'probe-failed': diagnostic<DeviceComplaint & { error: string }>({
    severity: 'warning',
    message: (params) =>
      `${deviceText(params)} has no driver in ${params.vm}: its probe failed with ${errorText(params.error)}${saidText(params)}${lostText(params)}`,
    hint: (params) =>
      params.fix?.text ?? 'what the driver looks for, its source says: the first error in its probe function',
    change: changeOf,
    explanation:
      'The kernel said so on its console or in its log, which is read in its RAM. The device stays without a driver; what its node lost on the way from the board is the first suspect.',
  }),
  'probe-failed-here': diagnostic<DeviceComplaint & { error: string }>({
    severity: 'note',
    message: (params) =>
      `${deviceText(params)} has no driver in ${params.vm}: its probe failed with ${errorText(params.error)}${saidText(params)}`,
    hint: () =>
      'there is no model of it, so its registers only remember what is written to them; on the board it may well start',
    change: changeOf,
    explanation: 'The kernel said so on its console. The device has lost nothing that its node names.',
  }),
  'probe-deferred': diagnostic<DeviceComplaint>({
    severity: 'warning',
    message: (params) =>
      `${deviceText(params)} has no driver in ${params.vm}: the kernel still waits for a provider of it${saidText(params)}${lostText(params)}`,
    hint: (params) =>
      params.fix?.text ??
      'a provider that its node names has no driver: one that the kernel lacks, whose module is not in the ramdisk, or that waits itself',
    change: changeOf,
    explanation:
      'Linux puts off the probe of a device until each provider that its node names has a driver, for ever if need be.',
  }),
  'kernel-complains': diagnostic<DeviceComplaint & { meaning: string }>({
    severity: 'warning',
    message: (params) =>
      `${params.vm}: ${params.device === undefined ? '' : `${params.device}: `}the kernel says "${params.line}": ${params.meaning}${lostText(params)}`,
    hint: ({ fix }) => fix?.text,
    change: changeOf,
    explanation: 'The guest goes on, and one of its devices does not do what it is there for.',
  }),
  'more-kernel-complaints': diagnostic<{ vm: string; devices: readonly string[] }>({
    severity: 'warning',
    message: ({ vm, devices }) =>
      `the kernel of ${vm} complains of ${devices.length} more: ${devices.slice(0, 24).join(', ')}${devices.length > 24 ? ', …' : ''}`,
    hint: () => 'its log (dmesg) has a line for each',
    explanation: 'Of many devices without a driver the first are told.',
  }),
});
