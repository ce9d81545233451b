/**
 * virtio over MMIO (VIRTIO 1.2 §4.2): the registers of one device, its queues, and the reset that a driver is asked for
 * when it breaks a rule. Registers of one state are refused in others as §4.2.3 says; what a driver does out of order is
 * logged once and has no effect.
 */
import { attempt, kept, type Saved, savedIfThere, shape } from '../../base/index.ts';
import { RegisterDevice } from '../../device/index.ts';
import type { GuestRam } from '../guest-ram.ts';
import type { MmioHandler } from '../mmio.ts';
import { VIRTIO_F, type VirtioDevice, type VirtioTransport, type VirtqueueUse } from './device.ts';
import { CONFIG_OFFSET, INTERRUPT, STATUS, VIRTIO_MMIO_REGISTERS } from './registers.ts';
import {
  type DescriptorChain,
  INDICES_SHAPE,
  sizeOf,
  Virtqueue,
  VirtqueueError,
  type VirtqueueFeatures,
} from './virtqueue.ts';

/** The device, guest RAM, and how the guest is interrupted. */
export interface VirtioMmioParts {
  readonly device: VirtioDevice;
  readonly ram: GuestRam;
  /** Raises the device's interrupt. */
  readonly interrupt: () => void;
  /** InterruptStatus, where the interrupt controller keeps it: a cell of its own where not. */
  readonly interruptStatus?: Uint32Array | undefined;
  readonly log: (text: string) => void;
  /** Who hears of each request that is given back, while there is somebody. */
  readonly listener?: () => ((use: VirtqueueUse) => void) | undefined;
}

/** What the driver has written of a queue, before and after it made it ready. */
const SETUP_SHAPE = shape.record({
  size: shape.u16,
  descriptorTable: shape.long,
  driverArea: shape.long,
  deviceArea: shape.long,
});

interface QueueSetup {
  size: number;
  descriptorTable: bigint;
  driverArea: bigint;
  deviceArea: bigint;
}

/** The register window that device trees give a virtio-mmio device. */
export const VIRTIO_MMIO_BYTES = 0x200;
const TRANSPORT_FEATURES = [VIRTIO_F.INDIRECT_DESC, VIRTIO_F.EVENT_IDX, VIRTIO_F.VERSION_1];
const FEATURE_WORDS = 2;
/** A driver that finds ever new mistakes to make, or makes them after ever new resets, doesn't fill the log. */
const SAID_ONCE_LIMIT = 20;

function featureMask(features: Iterable<number>): bigint {
  let mask = 0n;
  for (const feature of features) mask |= 1n << BigInt(feature);
  return mask;
}

/** The register window of virtio over MMIO (virtio 1.2 §4.2), version 2 only. */
export class VirtioMmio
  extends RegisterDevice<typeof VIRTIO_MMIO_REGISTERS>
  implements MmioHandler, VirtioTransport
{
  readonly model = 'virtio-mmio';
  readonly name: string;
  readonly #parts: VirtioMmioParts;
  #driverFeatures = 0n;
  #setups: QueueSetup[] = [];
  #queues: (Virtqueue | undefined)[] = [];
  /** Kept over resets, so that a driver can't have it said anew by resetting. */
  readonly #saidOnce = new Set<string>();
  #resetsLogged = 0;

  constructor(parts: VirtioMmioParts) {
    super(VIRTIO_MMIO_REGISTERS, VIRTIO_MMIO_BYTES);
    this.#parts = parts;
    this.name = parts.device.name;
    const status = parts.interruptStatus ?? new Uint32Array(1);
    Object.defineProperty(this.value, 'InterruptStatus', {
      enumerable: true,
      get: () => status[0],
      set: (bits: number) => status.fill(bits),
    });
    this.value.DeviceID = parts.device.deviceId;
    this.#forgetQueues();
    this.behave({
      DeviceFeatures: { read: () => this.#featureWord(this.#offered, this.value.DeviceFeaturesSel) },
      DriverFeatures: { write: (value) => this.#acceptFeatures(value) },
      QueueNumMax: { read: () => parts.device.queueSizes[this.value.QueueSel] ?? 0 },
      QueueNum: { write: (value) => this.#setUp((setup) => this.#setSize(setup, value)) },
      QueueReady: {
        read: () => (this.#queues[this.value.QueueSel] === undefined ? 0 : 1),
        write: (value) => this.#setReady(value !== 0),
      },
      QueueNotify: { write: (value) => this.#notify(value) },
      InterruptACK: {
        write: (value) => {
          this.value.InterruptStatus &= ~value;
        },
      },
      Status: { write: (value) => this.#setStatus(value) },
      QueueDescLow: { write: (value) => this.#setAddress('descriptorTable', value, 0) },
      QueueDescHigh: { write: (value) => this.#setAddress('descriptorTable', value, 1) },
      QueueDriverLow: { write: (value) => this.#setAddress('driverArea', value, 0) },
      QueueDriverHigh: { write: (value) => this.#setAddress('driverArea', value, 1) },
      QueueDeviceLow: { write: (value) => this.#setAddress('deviceArea', value, 0) },
      QueueDeviceHigh: { write: (value) => this.#setAddress('deviceArea', value, 1) },
    });
    parts.device.attach(this);
  }

  override read(offset: number, sizeBytes: 1 | 2 | 4): number {
    if (offset < CONFIG_OFFSET) return super.read(offset, sizeBytes);
    const config = this.#parts.device.config();
    let value = 0;
    for (let byte = sizeBytes - 1; byte >= 0; byte -= 1) {
      value = value * 256 + (config[offset - CONFIG_OFFSET + byte] ?? 0);
    }
    return value;
  }

  override write(offset: number, value: number, sizeBytes: 1 | 2 | 4): void {
    if (offset < CONFIG_OFFSET) super.write(offset, value, sizeBytes);
    else this.#parts.device.configWrite?.(offset - CONFIG_OFFSET, value, sizeBytes);
  }

  // ---- What the device asks for ----

  queue(index: number): Virtqueue | undefined {
    return this.#isRunning ? this.#queues[index] : undefined;
  }

  complete(queue: number, chain: DescriptorChain, writtenBytes: number): void {
    this.queue(queue)?.push(chain.head, writtenBytes);
    this.#parts.listener?.()?.({
      device: this.name,
      queue,
      readableBytes: sizeOf(chain.readable),
      writableBytes: sizeOf(chain.writable),
      writtenBytes,
    });
  }

  configChanged(): void {
    this.value.ConfigGeneration = (this.value.ConfigGeneration + 1) >>> 0;
    if (this.#isRunning) this.#interrupt(INTERRUPT.configChange);
  }

  log(text: string): void {
    this.#parts.log(`${this.name}: ${text}`);
  }

  turn(work: () => void): void {
    const done = attempt(() => {
      work();
      let isWanted = false;
      for (let index = 0; index < this.#queues.length; index += 1)
        if (this.#queues[index]?.takeInterruptWanted() === true) isWanted = true;
      if (isWanted) this.#interrupt(INTERRUPT.usedBuffer);
    }, VirtqueueError);
    if (done instanceof VirtqueueError) this.#needReset(done.message);
  }

  /** Whether the driver has yet to acknowledge an interrupt: the line's level. */
  get interruptPending(): boolean {
    return this.value.InterruptStatus !== 0;
  }

  // ---- What the driver does ----

  /** Asked each time: what a backend can do may be known late, but before the driver looks. */
  get #offered(): bigint {
    return featureMask([...TRANSPORT_FEATURES, ...this.#parts.device.features]);
  }

  get #isRunning(): boolean {
    const wanted = STATUS.DRIVER_OK | STATUS.DEVICE_NEEDS_RESET | STATUS.FAILED;
    return (this.value.Status & wanted) === STATUS.DRIVER_OK;
  }

  #featureWord(features: bigint, select: number): number {
    return select < FEATURE_WORDS ? Number((features >> BigInt(32 * select)) & 0xffff_ffffn) : 0;
  }

  #acceptFeatures(value: number): void {
    const select = this.value.DriverFeaturesSel;
    if ((this.value.Status & STATUS.FEATURES_OK) !== 0) {
      this.#ignored('features after FEATURES_OK');
      return;
    }
    if (select >= FEATURE_WORDS) return;
    const shift = BigInt(32 * select);
    this.#driverFeatures = (this.#driverFeatures & ~(0xffff_ffffn << shift)) | (BigInt(value) << shift);
  }

  #setStatus(value: number): void {
    if (value === 0) {
      this.reset();
      return;
    }
    const before = this.value.Status;
    // A driver only adds bits; DEVICE_NEEDS_RESET is the device's own.
    let status = before | (value & ~STATUS.DEVICE_NEEDS_RESET);
    if ((status & ~before & STATUS.FEATURES_OK) !== 0 && !this.#featuresAreGood()) {
      status &= ~STATUS.FEATURES_OK;
    }
    if ((status & ~before & STATUS.DRIVER_OK) !== 0 && (status & STATUS.FEATURES_OK) === 0) {
      this.#ignored('DRIVER_OK without FEATURES_OK');
      status &= ~STATUS.DRIVER_OK;
    }
    this.value.Status = status;
    if ((status & ~before & STATUS.DRIVER_OK) !== 0) {
      this.turn(() => this.#parts.device.start(this.#negotiated()));
    }
  }

  #featuresAreGood(): boolean {
    const beyond = this.#driverFeatures & ~this.#offered;
    return beyond === 0n && this.#negotiated().has(VIRTIO_F.VERSION_1);
  }

  #negotiated(): ReadonlySet<number> {
    const all = Array.from({ length: 32 * FEATURE_WORDS }, (_, feature) => feature);
    return new Set(all.filter((feature) => ((this.#driverFeatures >> BigInt(feature)) & 1n) === 1n));
  }

  /** Changes the selected queue's set-up, which is only allowed before it is ready. */
  #setUp(change: (setup: QueueSetup) => void): void {
    const index = this.value.QueueSel;
    const setup = this.#setups[index];
    if (setup === undefined) {
      this.#ignored(`queue ${index}, which there is not`);
      return;
    }
    if (this.#queues[index] !== undefined) {
      this.#ignored(`changes to queue ${index}, which is ready`);
      return;
    }
    change(setup);
  }

  #setSize(setup: QueueSetup, size: number): void {
    const most = this.#parts.device.queueSizes[this.value.QueueSel] ?? 0;
    const isPowerOfTwo = size > 0 && (size & (size - 1)) === 0;
    if (!isPowerOfTwo || size > most) {
      this.#ignored(`a queue of ${size} entries`);
      return;
    }
    setup.size = size;
  }

  #setAddress(part: 'descriptorTable' | 'driverArea' | 'deviceArea', value: number, word: 0 | 1): void {
    this.#setUp((setup) => {
      const shift = BigInt(32 * word);
      setup[part] = (setup[part] & ~(0xffff_ffffn << shift)) | (BigInt(value) << shift);
    });
  }

  #setReady(ready: boolean): void {
    const index = this.value.QueueSel;
    if (!ready) {
      // Only where there is such a queue: QueueSel holds whatever the driver wrote.
      if (index in this.#setups) this.#queues[index] = undefined;
      return;
    }
    // §3.1.1: queues are set up once the features are settled; what a queue may hold depends on them.
    if ((this.value.Status & STATUS.FEATURES_OK) === 0) {
      this.#ignored('a queue before FEATURES_OK');
      return;
    }
    this.#setUp((setup) => this.turn(() => this.#createQueue(index, setup)));
  }

  #createQueue(index: number, setup: QueueSetup): Virtqueue {
    const { size, descriptorTable, driverArea, deviceArea } = setup;
    const layout = {
      size,
      descriptorTable: Number(descriptorTable),
      driverArea: Number(driverArea),
      deviceArea: Number(deviceArea),
    };
    const queue = new Virtqueue(this.#parts.ram, layout, this.#queueFeatures());
    this.#queues[index] = queue;
    return queue;
  }

  #queueFeatures(): VirtqueueFeatures {
    const features = this.#negotiated();
    return {
      indirectDescriptors: features.has(VIRTIO_F.INDIRECT_DESC),
      eventIndex: features.has(VIRTIO_F.EVENT_IDX),
    };
  }

  #notify(index: number): void {
    if (this.queue(index) === undefined) {
      this.#ignored(`a notification of queue ${index}, which is not ready`);
      return;
    }
    this.turn(() => this.#parts.device.queueNotify(index));
  }

  #needReset(reason: string): void {
    if (this.#resetsLogged < SAID_ONCE_LIMIT) this.log(`${reason}; the device needs a reset`);
    this.#resetsLogged += 1;
    this.value.Status |= STATUS.DEVICE_NEEDS_RESET;
    // §2.1.2: a driver that got as far as DRIVER_OK is told.
    if ((this.value.Status & STATUS.DRIVER_OK) !== 0) this.#interrupt(INTERRUPT.configChange);
  }

  #interrupt(bits: number): void {
    this.value.InterruptStatus |= bits;
    this.#parts.interrupt();
  }

  #ignored(what: string): void {
    if (this.#saidOnce.has(what) || this.#saidOnce.size >= SAID_ONCE_LIMIT) return;
    this.#saidOnce.add(what);
    this.log(`ignored: ${what}`);
  }

  #forgetQueues(driverFeatures = 0n): void {
    this.#driverFeatures = driverFeatures;
    this.#setups = this.#parts.device.queueSizes.map((size) => ({
      size,
      descriptorTable: 0n,
      driverArea: 0n,
      deviceArea: 0n,
    }));
    this.#queues = this.#setups.map(() => undefined);
  }

  /** Status written with zero (§4.2.3.1.1), or the guest restarted. */
  override reset(): void {
    super.reset();
    this.value.DeviceID = this.#parts.device.deviceId;
    this.#forgetQueues();
    this.#parts.device.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    const count = this.#setups.length;
    return {
      ...super.savedMembers(),
      driverFeatures: kept(
        shape.long,
        () => this.#driverFeatures,
        (features) => {
          this.#driverFeatures = features;
          this.#forgetQueues(features);
        },
      ),
      setups: kept(
        shape.listOf(count, SETUP_SHAPE),
        () => this.#setups.map((setup) => ({ ...setup })),
        (setups) => {
          this.#setups = setups.map((setup) => ({ ...setup }));
        },
      ),
      queues: kept(
        shape.listOf(count, shape.optional(INDICES_SHAPE)),
        () => this.#queues.map((queue) => queue?.indices),
        (queues) => {
          for (const [index, indices] of queues.entries()) {
            const setup = this.#setups[index];
            if (indices === undefined || setup === undefined) continue;
            this.turn(() => {
              this.#createQueue(index, setup).indices = indices;
            });
          }
        },
      ),
      device: savedIfThere(this.#parts.device.saved),
    };
  }
}
