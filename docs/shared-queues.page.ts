/**
 * `docs/shared-queues.md`: how the queues of shared devices lie in memory, drivervm's in `run` beside sDDF's on seL4. Offsets are what both sides'
 * programs use (`src/sddf`) and what `npm run real -- queues` compares with sDDF's headers; sizes are those of a plan. What is called the same is
 * compared here, number by number.
 */
import {
  BLOCK_CELL_BYTES,
  BLOCK_LAYOUT,
  NETWORK_LAYOUT,
  RING_COUNTERS,
  SddfBlockQueue,
  SERIAL_LAYOUT,
  TRANSFER_BYTES,
} from '../src/sddf/index.ts';
import { SDDF_QUEUES } from '../src/sharing/index.ts';
import { SDDF_DRIVERS_REQUEST, sharedPlan } from '../test/support/shared-board.ts';

type Cell = number | string | undefined;

interface Row {
  readonly what: string;
  readonly ours: Cell;
  readonly sddf: Cell;
}

interface Kind {
  readonly title: string;
  /** Between whom. */
  readonly between: string;
  readonly rows: readonly Row[];
  /** Why they differ, or why they don't. */
  readonly why: string;
}

const SHARED = sharedPlan(
  `guests: [{ name: left, pass: [], ram: { size: 128 MiB }, virtio: [console, block, net] }]\n${SDDF_DRIVERS_REQUEST}`,
);

const shown = (cell: Cell): string =>
  cell === undefined ? 'none' : typeof cell === 'number' ? `0x${cell.toString(16)}` : cell;

/** A region of a plan's, by the end of its name. */
const sizeOf = (name: string): Cell =>
  SHARED.sddf?.regions.find((region) => region.name.endsWith(name))?.sizeBytes;
const ourSize = (name: string): Cell =>
  SHARED.sharing.links.flatMap(({ regions }) => regions).find((region) => region.name.endsWith(name))
    ?.sizeBytes;
const entriesOf = (name: string): Cell => {
  const entries = SHARED.sddf?.links.find((link) => link.name.endsWith(name))?.entries;
  return entries === undefined ? undefined : `${entries}`;
};

const { serial, storageInfo, blockRequests, blockRequest, blockAnswers, blockAnswer, net, netBuffer } =
  SDDF_QUEUES;
const { requests, answers } = BLOCK_LAYOUT;

/** Members that lie alike in both. */
const alikeRows = (of: string, members: Readonly<Record<string, number>>): readonly Row[] =>
  Object.entries(members).map(([name, at]) => ({ what: `${of}: ${name}`, ours: at, sddf: at }));

const KINDS: readonly Kind[] = [
  {
    title: 'Characters',
    between:
      'driver and virtualisers, virtualisers and monitors; and between the two monitors of a console that a guest passes on',
    rows: [
      {
        what: 'head: how many were taken',
        ours: SERIAL_LAYOUT.counters + RING_COUNTERS.taken,
        sddf: serial.members.head,
      },
      {
        what: 'tail: how many were put',
        ours: SERIAL_LAYOUT.counters + RING_COUNTERS.put,
        sddf: serial.members.tail,
      },
      {
        what: 'whether the producer waits to be told',
        ours: undefined,
        sddf: serial.members.producer_signalled,
      },
      { what: 'the characters', ours: SERIAL_LAYOUT.data, sddf: 'in a region of their own' },
      {
        what: "a client's region, bytes",
        ours: ourSize('console_tx_queue'),
        sddf: `${shown(sizeOf('console_tx_queue'))}, and ${shown(sizeOf('console_tx_data'))} of characters`,
      },
      { what: 'counters are of', ours: '32 bits, which run on', sddf: '32 bits, which run on' },
    ],
    why: 'one region in place of two, and each side tells the other whenever it took or put something, so that there is no flag to be raced for',
  },
  {
    title: 'A disk, before its clients',
    between: 'virtualiser and monitors',
    rows: [
      { what: 'of the disk: ready', ours: BLOCK_LAYOUT.ready, sddf: storageInfo.members.ready },
      { what: 'of the disk: read-only', ours: BLOCK_LAYOUT.readOnly, sddf: storageInfo.members.read_only },
      {
        what: 'of the disk: its capacity',
        ours: `${shown(BLOCK_LAYOUT.capacity)}, in sectors of 512 bytes`,
        sddf: `${shown(storageInfo.members.capacity)}, in blocks of ${TRANSFER_BYTES}`,
      },
      {
        what: 'requests: head',
        ours: requests.counters + RING_COUNTERS.taken,
        sddf: blockRequests.members.head,
      },
      {
        what: 'requests: tail',
        ours: requests.counters + RING_COUNTERS.put,
        sddf: blockRequests.members.tail,
      },
      { what: 'requests: the first', ours: requests.slots, sddf: blockRequests.members.buffers },
      { what: 'a request, bytes', ours: requests.slotBytes, sddf: blockRequest.sizeBytes },
      { what: 'a request: what is asked', ours: requests.code, sddf: blockRequest.members.code },
      {
        what: 'a request: where on the disk',
        ours: `${shown(requests.sector)}, in sectors`,
        sddf: `${shown(blockRequest.members.block_number)}, in blocks`,
      },
      {
        what: 'a request: where its data is',
        ours: `${shown(requests.cell)}, a cell of ${shown(BLOCK_CELL_BYTES)}`,
        sddf: `${shown(blockRequest.members.io_or_offset)}, an offset in the data, or an address for the device`,
      },
      { what: 'a request: its number', ours: requests.id, sddf: blockRequest.members.id },
      { what: 'answers: the first', ours: answers.slots, sddf: blockAnswers.members.buffers },
      { what: 'an answer, bytes', ours: answers.slotBytes, sddf: blockAnswer.sizeBytes },
      { what: 'an answer: how much was done', ours: undefined, sddf: blockAnswer.members.success_count },
      { what: "a client's entries", ours: '64', sddf: entriesOf('left_block') },
      {
        what: 'the data',
        ours: BLOCK_LAYOUT.cells,
        sddf: 'in a region of its own, which the device reads and writes',
      },
    ],
    why: 'in `run` there is no driver before the virtualiser and no DMA, but a file of the host; requests of any sector go through, where sDDF has whole blocks of 4 KiB',
  },
  {
    title: 'A disk that a guest serves',
    between: "the guest's program (`disk-server`, or libvmm's) and the virtualiser",
    rows: [
      ...(['read_only', 'ready', 'capacity'] as const).map((name) => ({
        what: `of the disk: ${name}`,
        ours: storageInfo.members[name],
        sddf: storageInfo.members[name],
      })),
      ...alikeRows('requests', blockRequests.members),
      ...alikeRows('a request', blockRequest.members),
      ...alikeRows('answers', blockAnswers.members),
      ...alikeRows('an answer', blockAnswer.members),
    ],
    why: `the two halves are one: ${SddfBlockQueue.name} in \`run\`, \`runtime/linux/block-queue.h\` in the guest and sDDF's \`blk_virt\` on seL4 meet in the same memory, so the same guest, with the same ramdisk, serves in both. \`plugged\` is of use to neither`,
  },
  {
    title: 'Frames',
    between:
      'in `run` the network virtualiser and monitors; on seL4 driver, virtualisers, switch, copiers and monitors',
    rows: [
      { what: 'head', ours: RING_COUNTERS.taken, sddf: net.members.head },
      { what: 'tail', ours: RING_COUNTERS.put, sddf: net.members.tail },
      { what: 'counters are of', ours: '32 bits, which run on', sddf: '16 bits, which run on' },
      { what: 'queues, one way', ours: '1, of frames', sddf: '2, of free and of active buffers' },
      {
        what: 'whether the consumer waits to be told',
        ours: undefined,
        sddf: net.members.consumer_signalled,
      },
      { what: 'whether the client waits for room', ours: NETWORK_LAYOUT.wantsRoom, sddf: undefined },
      { what: 'the first entry', ours: NETWORK_LAYOUT.slots, sddf: net.members.buffers },
      { what: 'an entry, bytes', ours: NETWORK_LAYOUT.slotBytes, sddf: netBuffer.sizeBytes },
      {
        what: 'an entry: where the frame is',
        ours: 'in the entry',
        sddf: `${shown(netBuffer.members.io_or_offset)}, an offset in the data, or an address for the device`,
      },
      {
        what: 'an entry: its length',
        ours: `${shown(0)}, 16 bits`,
        sddf: `${shown(netBuffer.members.len)}, 16 bits`,
      },
      { what: "a client's MAC address", ours: NETWORK_LAYOUT.mac, sddf: "in its monitor's configuration" },
      {
        what: "a client's region, bytes",
        ours: ourSize('net0_queue'),
        sddf: `${shown(sizeOf('net_tx_free_queue'))} a queue, and ${shown(sizeOf('net_tx_data'))} of frames`,
      },
    ],
    why: 'sDDF passes buffers on without copying them, by addresses that the device has; in `run` one program stands for the two virtualisers, the switch and the copiers, and a frame is copied once',
  },
];

const HEAD = `# Queues of shared devices

Where guests share devices, the same request gives two systems: in \`drivervm run\` by programs of drivervm's, on seL4 by sDDF's. Domains, priorities and what each guest
sees are the same; memory between the domains is the same only where two halves meet in it that are not both of one side. Of each kind of queue, where its parts are:

Generated by \`npm run docs\` from \`src/sddf\` and \`src/sharing/sddf-queues.ts\`, which \`npm run real -- queues\` compares with sDDF's headers.
`;

const LAST = `## What has no queue

| | in \`run\` | on seL4 |
| --- | --- | --- |
| random bytes (\`rng\`) | a queue of characters, as above | sDDF shares none: the device is not served, and a plan says so |
| a disk's driver | none: what is in the disk is a file of the host's | sDDF's driver, with queues as a client has them |
| a network's driver | none: the virtualiser is on the machine's wire | sDDF's driver, with queues as a client has them |
| the time, for drivers that ask for it (i.MX's uSDHC, GENET) | none asks | a protected call of the timer's driver, without memory |
`;

export function render(): string {
  return [HEAD, ...KINDS.map(section), LAST].join('\n');
}

function section({ title, between, rows, why }: Kind): string {
  const same = rows.filter(({ ours, sddf }) => shown(ours) === shown(sddf)).length;
  const verdict = same === rows.length ? 'The same in all' : `The same in ${same} of ${rows.length}`;
  const lines = rows.map(
    ({ what, ours, sddf }) =>
      `| ${what} | ${shown(ours)} | ${shown(sddf)} | ${shown(ours) === shown(sddf) ? 'same' : ''} |`,
  );
  return `## ${title}

Between ${between}. ${verdict}: ${why}.

| | in \`run\` | on seL4 | |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}
