/**
 * The serial virtualisers: one UART for several clients, after sDDF's `virt_tx` and `virt_rx`. Transmit: each client in turn
 * has what it wrote sent on; with several, each has a colour (ANSI SGR 31–36). Receive: one client gets what is typed;
 * Ctrl-\ (0x1c) or another key, a client's number and Enter choose another. Colours and key are {@link SerialOptions}.
 */
import { type ChannelId, kept, savedParts, shape } from '../base/index.ts';
import type { Microkit, Program, ProgramFactory } from '../sel4/index.ts';
import { SerialQueue } from './serial-queue.ts';
import { clientsOf, driverOf, lacking, type Peer } from './symbols.ts';

interface SerialPeer {
  readonly queue: SerialQueue;
  readonly channel: ChannelId;
}

/** What a request may say of a shared UART. */
export interface SerialOptions {
  /** Whether each client has a colour; where there are several, unless it is said. */
  readonly colours?: boolean;
  /** The byte after which a number chooses who is typed to; Ctrl-\, unless it is said. */
  readonly switchByte?: number;
}

const COLOURS = 6;
const SWITCH = 0x1c;
const ENTER = [0x0d, 0x0a];
const IDLE: Program = { init() {}, notified() {} };

function serialPeer({ memory, channel }: Peer): SerialPeer {
  return { queue: new SerialQueue(memory), channel };
}

interface SerialPeers {
  readonly driver: SerialPeer;
  readonly clients: readonly SerialPeer[];
}

function serialPeers(microkit: Microkit): SerialPeers | undefined {
  const driver = driverOf(microkit);
  const clients = clientsOf(microkit).map(serialPeer);
  if (driver === undefined || clients.length === 0) {
    return lacking(microkit, 'driver_queue, driver_ch, client0_queue and client0_ch');
  }
  return { driver: serialPeer(driver), clients };
}

/** Sees what each client sends, by its number, as it is passed on. */
export type SerialWatcher = (client: number, bytes: Uint8Array) => void;

/** `serial_virt_tx.elf` */
export function serialVirtualiserTx(
  watch: SerialWatcher = () => {},
  options: SerialOptions = {},
): ProgramFactory {
  return (microkit) => {
    const peers = serialPeers(microkit);
    return peers === undefined ? IDLE : transmitter(microkit, peers, watch, options);
  };
}

function transmitter(
  microkit: Microkit,
  { driver, clients }: SerialPeers,
  watch: SerialWatcher,
  { colours = clients.length > 1 }: SerialOptions,
): Program {
  /** Who has the line, so that colours change only where the speaker does. */
  let speaker = -1;
  let turn = 0;

  const pass = (index: number, client: SerialPeer): boolean => {
    if (client.queue.waiting === 0) return false;
    const colour = colours && speaker !== index ? `\x1b[${31 + (index % COLOURS)}m` : '';
    if (driver.queue.room <= colour.length) return false;
    driver.queue.write(Uint8Array.from(colour, (character) => character.charCodeAt(0)));
    speaker = index;
    const bytes = client.queue.read(driver.queue.room);
    driver.queue.write(bytes);
    watch(index, bytes);
    return true;
  };

  const serve = (): void => {
    let any = false;
    for (let count = 0; count < clients.length; count += 1) {
      const index = (turn + count) % clients.length;
      const client = clients[index];
      if (client === undefined || !pass(index, client)) continue;
      any = true;
      microkit.notify(client.channel);
    }
    turn = (turn + 1) % clients.length;
    if (any) microkit.notify(driver.channel);
  };
  return {
    init() {},
    notified: serve,
    saved: savedParts({
      speaker: kept(
        shape.between(-1, clients.length - 1),
        () => speaker,
        (value) => {
          speaker = value;
        },
      ),
      turn: kept(
        shape.upTo(Math.max(0, clients.length - 1)),
        () => turn,
        (value) => {
          turn = value;
        },
      ),
    }),
  };
}

/** `serial_virt_rx.elf` */
export function serialVirtualiserRx(options: SerialOptions = {}): ProgramFactory {
  return (microkit) => {
    const peers = serialPeers(microkit);
    return peers === undefined ? IDLE : receiver(microkit, peers, options);
  };
}

function receiver(
  microkit: Microkit,
  { driver, clients }: SerialPeers,
  { switchByte = SWITCH }: SerialOptions,
): Program {
  let current = 0;
  /** What was typed since Ctrl-\, or `undefined` where that is not under way. */
  let choice: string | undefined;

  const choose = (byte: number): void => {
    if (!ENTER.includes(byte)) {
      choice = `${choice ?? ''}${String.fromCharCode(byte)}`.slice(0, 3);
      return;
    }
    const wanted = Number(choice);
    if (choice !== '' && wanted in clients) current = wanted;
    choice = undefined;
  };

  const serve = (): void => {
    const told = new Set<number>();
    for (let byte = driver.queue.oldest; byte !== undefined; byte = driver.queue.oldest) {
      const client = clients[current];
      const isSwitch = choice !== undefined || (byte === switchByte && clients.length > 1);
      // What finds no room waits in the driver's queue; who has broken its own gets nothing, and holds up nobody.
      if (!isSwitch && client?.queue.room === 0 && !client.queue.isBroken) break;
      driver.queue.take();
      if (choice !== undefined) choose(byte);
      else if (isSwitch) choice = '';
      else if (client?.queue.write(Uint8Array.of(byte)) === 1) told.add(client.channel);
    }
    for (const channel of told) microkit.notify(channel);
    microkit.notify(driver.channel);
  };
  return {
    init() {},
    notified: serve,
    saved: savedParts({
      current: kept(
        shape.upTo(Math.max(0, clients.length - 1)),
        () => current,
        (value) => {
          current = value;
        },
      ),
      choice: kept(
        shape.optional(shape.text),
        () => choice,
        (value) => {
          choice = value;
        },
      ),
    }),
  };
}
