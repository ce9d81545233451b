/** What a plan reports of virtio devices and of what other domains serve. */
import { declareDiagnostics, diagnostic, formatSize } from '../../base/index.ts';

/** Shared devices, in requests and on hardware. */
export const sharedDeviceCodes = declareDiagnostics('plan', {
  'unused-mac': diagnostic<{ owner: string; selector: string; devices: number }>({
    severity: 'warning',
    message: ({ owner, selector, devices }) =>
      devices === 0
        ? `${owner}: the MAC address given for "${selector}" is for no device that is passed`
        : `${owner}: the MAC address given for "${selector}" would be that of ${devices} devices`,
    hint: () =>
      'name one Ethernet controller that the guest has, such as mac: { ethernet0: "02:00:00:00:00:10" }',
    explanation:
      "An entry of `mac` must name one passed device, whose node in the guest's tree gets the address.",
  }),
  'mac-twice': diagnostic<{ mac: string; owners: readonly [string, string] }>({
    severity: 'error',
    message: ({ mac, owners: [first, second] }) =>
      first === second
        ? `two devices of ${first} have the MAC address ${mac}`
        : `${first} and ${second} have devices with the MAC address ${mac}`,
    hint: () => 'give each its own: addresses that begin with 02 are free for such use',
    explanation: "All stations are on one wire, where an address is one station's.",
  }),
  'unused-virtio-key': diagnostic<{ owner: string; kind: string; key: string }>({
    severity: 'warning',
    message: ({ owner, kind, key }) => `${owner}: "${key}" means nothing for a virtio ${kind} device`,
    hint: ({ key }) =>
      key === 'driver'
        ? 'native drivers have consoles, disks and networks behind them, and nothing else'
        : 'take it out',
    explanation:
      'A key of a virtio device in the request is for devices of another kind, so nothing comes of it.',
  }),
  'second-console': diagnostic<{ owner: string }>({
    severity: 'error',
    message: ({ owner }) => `${owner} has more than one virtio console`,
    hint: () => 'take all but one out',
    explanation: 'A monitor talks to the serial virtualisers by one pair of queues.',
  }),
  'console-cycle': diagnostic<{ guests: readonly string[] }>({
    severity: 'error',
    message: ({ guests }) =>
      `the consoles of ${guests.join(', ')} lead from one to the other and to no terminal`,
    hint: () => 'one of them needs the UART, or a driver that has it',
    explanation:
      "A guest passes the consoles of others on to its own terminal: it must have one that is no other guest's.",
  }),
  'virtio-without-driver': diagnostic<{ owner: string; kind: string; driver: string | undefined }>({
    severity: 'warning',
    message: ({ owner, kind, driver }) =>
      driver === undefined
        ? `${owner}: no driver of this request serves its virtio ${kind} device`
        : `${owner}: its virtio ${kind} device names the driver "${driver}", which the request does not have`,
    hint: ({ kind }) =>
      kind === 'block'
        ? 'name a driver of "drivers", or what a guest has in its "serves"'
        : 'add the UART to "drivers", such as drivers: [{ name: uart, pass: [serial0] }], or name the guest that passes it on',
    explanation:
      "A virtio device is the front of somebody's real one: a native driver has the UART behind a console; a disk may be what another guest serves.",
  }),
  'no-such-peer': diagnostic<{ owner: string; peer: string; meant: string | undefined }>({
    severity: 'error',
    message: ({ owner, peer }) => `${owner} is to reach "${peer}", and no guest is called so`,
    hint: ({ meant }) =>
      meant === undefined ? 'name a guest of the request, or "outside"' : `did you mean "${meant}"?`,
    explanation:
      'An entry of `reaches` names a guest of the request, or what is beyond them. What is not named there is not reached.',
  }),
  'two-ways-out': diagnostic<{ bridge: string; owners: readonly string[] }>({
    severity: 'warning',
    message: ({ bridge, owners }) =>
      `${bridge} bridges a network from which ${owners.join(' and ')} may send to the outside without it: frames would go round`,
    hint: () =>
      'say of each guest of that network whom it "reaches", without "outside": the bridge is the way there',
    explanation:
      "A guest with drivervm.bridge joins its virtio network with the board's wire. In `drivervm run` a network of which somebody reaches the outside is a station on that wire itself, so that a frame for all leaves by the one way and comes back by the other, again and again.",
  }),
  'partition-twice': diagnostic<{
    driver: string;
    partition: number;
    owners: readonly [string, string];
  }>({
    severity: 'error',
    message: ({ driver, partition, owners: [first, second] }) =>
      first === second
        ? `two disks of ${first} are partition ${partition} of ${driver}'s`
        : `${first} and ${second} have partition ${partition} of ${driver}'s disk`,
    hint: () => 'give each its own: neither would know what the other writes',
    explanation:
      'Filesystems keep what they know of a disk, and destroy it where somebody else writes to it.',
  }),
  'serves-not-one': diagnostic<{
    owner: string;
    selector: string;
    own: number;
    paths: readonly string[];
  }>({
    severity: 'error',
    message: ({ owner, selector, own, paths }) =>
      own === 0
        ? `${owner} serves "${selector}", and has not what that is: ${paths.join(', ')}`
        : `${owner} serves "${selector}", which is ${own} devices of its own: ${paths.join(', ')}`,
    hint: ({ own }) =>
      own === 0 ? 'pass it to the guest, or let the guest that has it serve it' : 'name one of them',
    explanation:
      'A guest lends out what its own Linux drives: an entry of `serves` names one device that is passed to it.',
  }),
  'serves-nobody': diagnostic<{ owner: string; name: string; selector: string }>({
    severity: 'warning',
    message: ({ owner, name, selector }) =>
      `${owner} serves ${selector} as "${name}", and no guest has a disk of it`,
    hint: ({ name }) =>
      `give one to another guest: virtio: [{ kind: block, driver: ${name}, partition: 1 }], or take the entry out`,
    explanation: 'Nothing is planned for a disk that nobody is served from.',
  }),
  'served-name-twice': diagnostic<{ owner: string; name: string }>({
    severity: 'error',
    message: ({ owner, name }) => `${owner} serves a disk as "${name}", and something else is called so`,
    hint: () => 'give each a name of its own, such as serves: [{ device: mmc1, name: card }]',
    explanation:
      'A virtio device names who serves it: a driver of the request or what a guest serves, by a name that only one has. Without a name, what a guest serves has the name of the guest.',
  }),
  'served-without-partition': diagnostic<{ owner: string; name: string }>({
    severity: 'error',
    message: ({ owner, name }) =>
      `${owner} is to have a part of the disk "${name}", and no partition is named`,
    hint: ({ name }) => `say which: { kind: block, driver: ${name}, partition: 2 }`,
    explanation:
      'What a guest serves is a disk of its own, of which it may use partitions itself: which one others get is for the request to say.',
  }),
  'served-image': diagnostic<{ owner: string; name: string }>({
    severity: 'warning',
    message: ({ owner, name }) =>
      `${owner}: "image" and "mode" mean nothing for a disk that another guest serves ("${name}"), unless it is "mode: read-only"`,
    hint: () => 'what "drivervm run" puts into the device itself is said by "disks"',
    explanation:
      "What is in a served disk is what its server's device holds, and what happens to writes there is said of that; but one that has a partition of it may be kept from writing.",
  }),
  'served-cycle': diagnostic<{ guests: readonly string[] }>({
    severity: 'error',
    message: ({ guests: [first = '', ...others] }) =>
      others.length === 0
        ? `${first} is served by itself`
        : `${first} waits for ${others.map((name) => `${name}, which waits for `).join('')}${first}`,
    hint: () => 'a guest that serves a disk must come up without those that have it',
    explanation:
      'A guest starts when the disks that others serve it are there, so guests that serve each other would all wait for ever.',
  }),
  'not-served-on-hardware': diagnostic<{ owner: string; device: string; reason: string }>({
    severity: 'note',
    message: ({ owner, device, reason }) => `${owner}: nobody serves ${device} on hardware: ${reason}`,
    hint: () =>
      '"drivervm run" serves it; on hardware name a driver with a device that sDDF drives, or pass the device to a guest whose Linux drives and serves it ("serves" for a disk, drivervm.bridge for a network, the guest as the driver of a console)',
    explanation:
      "The written project serves virtio devices by sDDF's own drivers, virtualisers and copiers. Where sDDF has no driver for the device, or the request names none, the guest finds nothing at the device's address.",
  }),
  'no-room-for-dma': diagnostic<{ sizeBytes: number }>({
    severity: 'warning',
    message: ({ sizeBytes }) =>
      `there is no place known in RAM for the ${formatSize(sizeBytes)} that shared devices read and write`,
    hint: () =>
      'give guests less RAM, or RAM at other places; until then the project serves no virtio device but consoles',
    explanation:
      'What a device reaches by DMA lies at fixed physical addresses, in RAM that seL4 hands out and nobody else has.',
  }),
});
