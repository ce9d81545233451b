/** The registers of virtio over MMIO, version 2 (VIRTIO 1.2 §4.2.2). */
import { bit, constant, reg, registerMap, WHOLE } from '../../device/index.ts';

/** "virt", little-endian (§4.2.2). */
const VIRTIO_MMIO_MAGIC = 0x7472_6976;
const VIRTIO_MMIO_VERSION = 2;
/** "seL4", little-endian: what libvmm's devices say. */
const VIRTIO_VENDOR_ID = 0x344c_6573;
/** Where a device's configuration space begins. */
export const CONFIG_OFFSET = 0x100;

const readOnly = { access: 'ro' } as const;
const writeOnly = { access: 'wo' } as const;

/** The registers of a virtio device's window, declared once. */
export const VIRTIO_MMIO_REGISTERS = registerMap({
  MagicValue: constant(0x000, VIRTIO_MMIO_MAGIC),
  Version: constant(0x004, VIRTIO_MMIO_VERSION),
  DeviceID: reg(0x008, WHOLE, readOnly),
  VendorID: constant(0x00c, VIRTIO_VENDOR_ID),
  DeviceFeatures: reg(0x010, WHOLE, readOnly),
  DeviceFeaturesSel: reg(0x014, WHOLE, writeOnly),
  DriverFeatures: reg(0x020, WHOLE, writeOnly),
  DriverFeaturesSel: reg(0x024, WHOLE, writeOnly),
  QueueSel: reg(0x030, WHOLE, writeOnly),
  QueueNumMax: reg(0x034, WHOLE, readOnly),
  QueueNum: reg(0x038, WHOLE, writeOnly),
  QueueReady: reg(0x044, { READY: bit(0) }),
  QueueNotify: reg(0x050, WHOLE, writeOnly),
  InterruptStatus: reg(0x060, { USED_BUFFER: bit(0), CONFIG_CHANGE: bit(1) }, readOnly),
  InterruptACK: reg(0x064, { USED_BUFFER: bit(0), CONFIG_CHANGE: bit(1) }, writeOnly),
  Status: reg(0x070, {
    ACKNOWLEDGE: bit(0),
    DRIVER: bit(1),
    DRIVER_OK: bit(2),
    FEATURES_OK: bit(3),
    DEVICE_NEEDS_RESET: bit(6),
    FAILED: bit(7),
  }),
  QueueDescLow: reg(0x080, WHOLE, writeOnly),
  QueueDescHigh: reg(0x084, WHOLE, writeOnly),
  QueueDriverLow: reg(0x090, WHOLE, writeOnly),
  QueueDriverHigh: reg(0x094, WHOLE, writeOnly),
  QueueDeviceLow: reg(0x0a0, WHOLE, writeOnly),
  QueueDeviceHigh: reg(0x0a4, WHOLE, writeOnly),
  SHMSel: reg(0x0ac, WHOLE, writeOnly),
  // No shared memory regions: their length reads as all ones (§4.2.2.1).
  SHMLenLow: constant(0x0b0, 0xffff_ffff),
  SHMLenHigh: constant(0x0b4, 0xffff_ffff),
  SHMBaseLow: constant(0x0b8, 0xffff_ffff),
  SHMBaseHigh: constant(0x0bc, 0xffff_ffff),
  ConfigGeneration: reg(0x0fc, WHOLE, readOnly),
});

/** Offsets, for who answers these two beside the rest. */
export const INTERRUPT_STATUS = VIRTIO_MMIO_REGISTERS.InterruptStatus.offset;
export const INTERRUPT_ACK = VIRTIO_MMIO_REGISTERS.InterruptACK.offset;

/** Bits of Status (§2.1). */
export const STATUS = {
  ACKNOWLEDGE: 1,
  DRIVER: 2,
  DRIVER_OK: 4,
  FEATURES_OK: 8,
  DEVICE_NEEDS_RESET: 64,
  FAILED: 128,
} as const;

/** Bits of InterruptStatus. */
export const INTERRUPT = { usedBuffer: 1, configChange: 2 } as const;
