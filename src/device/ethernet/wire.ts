/**
 * An Ethernet segment: what one port sends, all others hear. A frame takes as long as its bits do at 1 Gbit/s, with preamble
 * and gap (IEEE 802.3-2018 §4.4.2), by the machine's clock; ports don't wait for each other, as behind a switch. What waits to
 * be sent, and what has come and was not taken, is bounded: senders see that there is no room, receivers lose frames.
 */
import { ENTRIES_LIMIT, keptList, type Saved, savedList, savedParts, shape } from '../../base/index.ts';
import type { Alarm, Clock } from '../clock.ts';
import { FCS_BYTES, FRAME_SHAPE, padded } from './frame.ts';

/** Sees each frame that any port sends, once. */
export type FrameWatcher = (frame: Uint8Array) => void;

/** A station on the wire: told of each frame that another sends. */
export interface EthernetPort {
  /** Whether another frame finds room among those that wait to be sent. */
  readonly ready: boolean;
  /** How many frames have come. */
  readonly waiting: number;
  /** Sends a frame, which the wire keeps; `false` where there is no room for it. */
  send(frame: Uint8Array): boolean;
  /** Takes the oldest frame that has come. */
  take(): Uint8Array | undefined;
  /** Whether its owner hears anything: what nobody listens to takes no time on the wire. */
  listening: boolean;
  /** Called when a frame has come; set by the port's owner. */
  onFrame: () => void;
  /** Called when there is room again after there was none. */
  onReady: () => void;
}

const NS_PER_BYTE = 8;
const PREAMBLE_AND_GAP_BYTES = 20;
const SENDING_LIMIT = 64;
const WAITING_LIMIT = 256;

const SENDING_SHAPE = shape.record({ frame: FRAME_SHAPE, arrivalNs: shape.moment });

interface Sending {
  readonly frame: Uint8Array;
  readonly arrivalNs: number;
}

class WirePort implements EthernetPort {
  onFrame: () => void = () => {};
  onReady: () => void = () => {};
  listening = true;
  /** In order of their arrival. */
  readonly sending: Sending[] = [];
  readonly come: Uint8Array[] = [];
  readonly #send: (port: WirePort, frame: Uint8Array) => void;

  constructor(send: (port: WirePort, frame: Uint8Array) => void) {
    this.#send = send;
  }

  get ready(): boolean {
    return this.sending.length < SENDING_LIMIT;
  }

  get waiting(): number {
    return this.come.length;
  }

  send(frame: Uint8Array): boolean {
    if (!this.ready) return false;
    this.#send(this, padded(frame));
    return true;
  }

  take(): Uint8Array | undefined {
    return this.come.shift();
  }
}

/** How much a wire has carried. */
export interface WireUse {
  readonly frames: number;
  readonly bytes: number;
  /** Frames that a station had no room for. */
  readonly lost: number;
}

/** One segment: what a port sends all others hear, after as long as its bits take. */
export class EthernetWire {
  watcher: FrameWatcher = () => {};
  readonly #use = { frames: 0, bytes: 0, lost: 0 };
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #ports: WirePort[] = [];
  /** Of the ports, those that a snapshot holds. */
  readonly #kept: WirePort[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#alarm = clock.alarm(() => this.#arrive());
  }

  get use(): WireUse {
    return { ...this.#use };
  }

  /** A new port. Ports are made in the same order each time, or a snapshot would not fit. */
  connect(): EthernetPort {
    const port = this.#connect();
    this.#kept.push(port);
    return port;
  }

  /** A port for somebody who is none of the machine's: no snapshot knows of it, and what is on its way from it is lost with one. */
  connectVisitor(): EthernetPort {
    return this.#connect();
  }

  #connect(): WirePort {
    const port = new WirePort((from, frame) => this.#send(from, frame));
    this.#ports.push(port);
    return port;
  }

  /** Ports are told apart by the order in which they were made. */
  get saved(): Saved {
    const ports = this.#kept.map(({ sending, come }) =>
      savedParts({
        sending: keptList(sending, ENTRIES_LIMIT, SENDING_SHAPE),
        come: keptList(come, ENTRIES_LIMIT, FRAME_SHAPE),
      }),
    );
    return savedParts({ ports: savedList(ports) }, () => this.#setAlarm());
  }

  #send(from: WirePort, frame: Uint8Array): void {
    this.watcher(frame);
    this.#use.frames += 1;
    this.#use.bytes += frame.length;
    if (!this.#ports.some((port) => port !== from && port.listening)) return;
    const idleNs = Math.max(this.#clock.nowNs, from.sending.at(-1)?.arrivalNs ?? 0);
    const arrivalNs = idleNs + (frame.length + FCS_BYTES + PREAMBLE_AND_GAP_BYTES) * NS_PER_BYTE;
    from.sending.push({ frame, arrivalNs });
    this.#setAlarm();
  }

  /** All that is due, in order of arrival; of two at the same instant the one of the first port. */
  #arrive(): void {
    for (let next = this.#earliest(); next !== undefined; next = this.#earliest()) {
      const { port } = next;
      const [due] = port.sending;
      if (due === undefined || due.arrivalNs > this.#clock.nowNs) break;
      const wasFull = !port.ready;
      port.sending.shift();
      for (const other of this.#ports) {
        if (other === port || !other.listening) continue;
        if (other.come.length >= WAITING_LIMIT) {
          this.#use.lost += 1;
          continue;
        }
        other.come.push(due.frame);
        other.onFrame();
      }
      if (wasFull) port.onReady();
    }
    this.#setAlarm();
  }

  #setAlarm(): void {
    const next = this.#earliest();
    if (next === undefined) this.#alarm.cancel();
    else this.#alarm.set(next.arrivalNs);
  }

  #earliest(): { readonly port: WirePort; readonly arrivalNs: number } | undefined {
    let earliest: { readonly port: WirePort; readonly arrivalNs: number } | undefined;
    for (const port of this.#ports) {
      const arrivalNs = port.sending[0]?.arrivalNs;
      if (arrivalNs === undefined) continue;
      if (earliest === undefined || arrivalNs < earliest.arrivalNs) earliest = { port, arrivalNs };
    }
    return earliest;
  }
}
