/**
 * The transmit DMA (Cyclone V TRM, "Transmission"): takes descriptors that it owns, gathers a frame from their buffers, and
 * gives them back. It waits in suspension for a descriptor that it does not own, and for room on the wire. The data take no
 * time from RAM to the FIFO; the wire takes its own.
 */
import { kept, type Saved, shape } from '../../base/index.ts';
import { type Alarm, type Clock, keptAlarm } from '../clock.ts';
import { checksumInsertion, type Descriptor, TDES0, TDES1 } from './dwmac-descriptors.ts';
import { BUS_ERROR, DmaProcess, type DmaSurroundings } from './dwmac-dma.ts';
import { FRAME_SHAPE } from './frame.ts';

const UNFINISHED_SHAPE = shape.record({ control: shape.u32, bytes: FRAME_SHAPE });

/** A frame as the driver has laid it out. */
export interface OutgoingFrame {
  readonly bytes: Uint8Array;
  readonly insertion: number;
  /** The FCS is the driver's, and in the frame. */
  readonly ownFcs: boolean;
  readonly unpadded: boolean;
}

export interface TransmitSurroundings extends DmaSurroundings {
  readonly clock: Clock;
  /** Whether the MAC transmits, and the wire has room. */
  readonly canSend: () => boolean;
  /** The longest frame before the jabber timer cuts it off. */
  readonly frameBytesMax: () => number;
  /** Gives the status that the last descriptor is to have, beyond what the DMA knows. */
  readonly send: (frame: OutgoingFrame) => number;
}

/** What one turn does at most, so that a list without end takes the machine's time and not the host's. */
const DESCRIPTORS_PER_TURN = 256;
const NS_PER_TURN = 20_000;

export class TransmitDma extends DmaProcess {
  readonly #around: TransmitSurroundings;
  readonly #alarm: Alarm;
  /** The frame of which not all segments have been taken: its first descriptor's control, and what there is. */
  #frame: { readonly control: number; readonly bytes: Uint8Array } | undefined;

  constructor(around: TransmitSurroundings) {
    super(around, 'TPS');
    this.#around = around;
    this.#alarm = around.clock.alarm(() => this.run());
  }

  override run(): void {
    if (this.#alarm.deadlineNs !== undefined) this.#alarm.cancel();
    for (let taken = 0; this.state === 'running' && this.#around.canSend(); taken += 1) {
      if (taken >= DESCRIPTORS_PER_TURN) {
        this.#alarm.set(this.#around.clock.nowNs + NS_PER_TURN);
        return;
      }
      this.#takeOne();
    }
  }

  override reset(): void {
    super.reset();
    this.#alarm.cancel();
    this.#frame = undefined;
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      turnNs: keptAlarm(this.#alarm),
      frame: kept(
        shape.optional(UNFINISHED_SHAPE),
        () => this.#frame,
        (value) => {
          this.#frame = value;
        },
      ),
    };
  }

  #takeOne(): void {
    const descriptor = this.list.fetch(this.#around.skipBytes());
    if (descriptor === undefined) {
      this.fail(BUS_ERROR.transmit | BUS_ERROR.read | BUS_ERROR.descriptor);
      return;
    }
    if (!descriptor.owned) {
      this.state = 'suspended';
      this.#around.raise('TU');
      return;
    }
    const before = (descriptor.control & TDES1.FS) === 0 ? this.#frame : undefined;
    const bytes = this.#gather(before?.bytes, descriptor);
    if (bytes === undefined) {
      this.fail(BUS_ERROR.transmit | BUS_ERROR.read);
      return;
    }
    const frame = { control: before?.control ?? descriptor.control, bytes };
    const isLast = (descriptor.control & TDES1.LS) !== 0;
    if (bytes.length > this.#around.frameBytesMax()) {
      this.#frame = undefined;
      this.#close(descriptor, TDES0.JT | TDES0.ES);
      this.#around.raise('TJT');
      this.stop();
      return;
    }
    if (!isLast) {
      this.#frame = frame;
      this.#close(descriptor, 0);
      return;
    }
    this.#frame = undefined;
    const status = this.#around.send({
      bytes,
      insertion: checksumInsertion(frame.control),
      ownFcs: (frame.control & TDES1.DC) !== 0,
      unpadded: (frame.control & TDES1.DP) !== 0,
    });
    this.#close(descriptor, status);
    this.#around.raise('ETI');
    if (descriptor.control >= TDES1.IC) this.#around.raise('TI');
  }

  #gather(before: Uint8Array | undefined, { buffers }: Descriptor): Uint8Array | undefined {
    const start = before?.length ?? 0;
    const bytes = new Uint8Array(buffers.reduce((sum, { sizeBytes }) => sum + sizeBytes, start));
    if (before !== undefined) bytes.set(before);
    let at = start;
    for (const { addr, sizeBytes } of buffers) {
      if (!this.#around.master.read(addr, bytes.subarray(at, at + sizeBytes))) return undefined;
      at += sizeBytes;
    }
    return bytes;
  }

  #close(descriptor: Descriptor, status: number): void {
    if (!this.list.close(descriptor, status)) this.fail(BUS_ERROR.transmit | BUS_ERROR.descriptor);
  }
}
