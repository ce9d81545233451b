/**
 * The receive DMA (Cyclone V TRM, "Reception"): frames from the FIFO into the buffers of descriptors that it owns. Where it
 * owns none, it is suspended, and frames are counted as missed or wait in the FIFO, as the driver has chosen; the FIFO's end
 * is an overflow. An interrupt that a descriptor disables comes by the watchdog, some time after the frame.
 */
import { ENTRIES_LIMIT, kept, keptList, type Saved, shape } from '../../base/index.ts';
import { type Alarm, type Clock, keptAlarm } from '../clock.ts';
import { RDES0, RDES1_DIC } from './dwmac-descriptors.ts';
import { BUS_ERROR, DmaProcess, type DmaSurroundings } from './dwmac-dma.ts';
import { FRAME_SHAPE } from './frame.ts';

export interface ReceiveSurroundings extends DmaSurroundings {
  readonly clock: Clock;
  readonly fifoBytes: number;
  /** DFF: frames for which there is no descriptor wait instead of being flushed. */
  readonly keepsFrames: () => boolean;
  /** How long the watchdog waits; 0 where it is off. */
  readonly watchdogNs: () => number;
}

interface Received {
  readonly bytes: Uint8Array;
  readonly status: number;
}

const RECEIVED_SHAPE = shape.record({ bytes: FRAME_SHAPE, status: shape.u32 });

const COUNTER = { missed: 0xffff, overflow: 0x7ff } as const;
/** Buffers of no size can't hold a frame: after so many the DMA gives it up. */
const DESCRIPTORS_PER_FRAME = 1024;

export class ReceiveDma extends DmaProcess {
  readonly #around: ReceiveSurroundings;
  readonly #watchdog: Alarm;
  readonly #fifo: Received[] = [];
  #missed = 0;
  #overflows = 0;

  constructor(around: ReceiveSurroundings) {
    super(around, 'RPS');
    this.#around = around;
    this.#watchdog = around.clock.alarm(() => around.raise('RI'));
  }

  /** A frame that the MAC has taken, as it goes to RAM, with what its last descriptor is to say of it. */
  receive(bytes: Uint8Array, status: number): void {
    const held = this.#fifo.reduce((sum, frame) => sum + frame.bytes.length, 0);
    if (this.state === 'failed' || held + bytes.length > this.#around.fifoBytes) {
      this.#overflows += 1;
      this.#around.raise('OVF');
    } else this.#fifo.push({ bytes, status });
    this.demand();
  }

  override run(): void {
    while (this.state === 'running') {
      const [frame] = this.#fifo;
      if (frame === undefined) return;
      const stored = this.#store(frame);
      if (stored === 'unavailable') {
        this.state = 'suspended';
        if (!this.#around.keepsFrames()) {
          this.#missed += this.#fifo.length;
          this.#fifo.length = 0;
        }
        this.#around.raise('RU');
        return;
      }
      this.#fifo.shift();
      if (stored === 'failed') return;
    }
  }

  /** The missed frame counter, which reading clears. */
  takeCounts(): number {
    const { missed, overflow } = COUNTER;
    const value =
      Math.min(this.#missed, missed) |
      (Number(this.#missed > missed) << 16) |
      (Math.min(this.#overflows, overflow) << 17) |
      (Number(this.#overflows > overflow) << 28);
    this.#missed = 0;
    this.#overflows = 0;
    return value >>> 0;
  }

  override reset(): void {
    super.reset();
    this.#watchdog.cancel();
    this.#fifo.length = 0;
    this.#missed = 0;
    this.#overflows = 0;
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      watchdogNs: keptAlarm(this.#watchdog),
      frames: keptList(this.#fifo, ENTRIES_LIMIT, RECEIVED_SHAPE),
      missed: kept(
        shape.upTo(COUNTER.missed),
        () => this.#missed,
        (value) => {
          this.#missed = value;
        },
      ),
      overflows: kept(
        shape.upTo(COUNTER.overflow),
        () => this.#overflows,
        (value) => {
          this.#overflows = value;
        },
      ),
    };
  }

  /** `unavailable`: not even the first descriptor is the DMA's. */
  #store({ bytes, status }: Received): 'stored' | 'unavailable' | 'failed' {
    let at = 0;
    for (let taken = 0; ; taken += 1) {
      const descriptor = this.list.fetch(this.#around.skipBytes());
      if (descriptor === undefined) return this.#fail(BUS_ERROR.read | BUS_ERROR.descriptor);
      if (!descriptor.owned) return 'unavailable';
      for (const { addr, sizeBytes } of descriptor.buffers) {
        const part = bytes.subarray(at, at + sizeBytes);
        if (part.length > 0 && !this.#around.master.write(addr, part)) return this.#fail(0);
        at += part.length;
      }
      const first = taken === 0 ? RDES0.FS : 0;
      const isWhole = at >= bytes.length;
      // A frame whose rest has no place ends here, with an error (RDES0's DE).
      const isCut = !isWhole && (taken + 1 >= DESCRIPTORS_PER_FRAME || !this.#owns(descriptor.next));
      const length = at * 2 ** RDES0.FL_SHIFT;
      const last = RDES0.LS | status | (isCut ? RDES0.DE | RDES0.ES : 0) | length;
      if (!this.list.close(descriptor, isWhole || isCut ? first | last : first))
        return this.#fail(BUS_ERROR.descriptor);
      if (!isWhole && !isCut) continue;
      if (descriptor.control >= RDES1_DIC) this.#wait();
      else {
        this.#watchdog.cancel();
        this.#around.raise('RI');
      }
      return 'stored';
    }
  }

  /** Whether the descriptor at an address is the DMA's. */
  #owns(addr: number): boolean {
    const word = new Uint8Array(4);
    return this.#around.master.read(addr, word) && (word[3] ?? 0) >= 0x80;
  }

  #wait(): void {
    const watchdogNs = this.#around.watchdogNs();
    if (watchdogNs > 0 && this.#watchdog.deadlineNs === undefined) {
      this.#watchdog.set(this.#around.clock.nowNs + watchdogNs);
    }
  }

  #fail(bits: number): 'failed' {
    this.fail(bits);
    return 'failed';
  }
}
