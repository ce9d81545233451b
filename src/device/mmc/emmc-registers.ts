/**
 * The registers of an eMMC device (JEDEC JESD84-B51, chapter 7), built from declared fields: OCR, CID, CSD and EXT_CSD.
 * Up to 2 GiB a device counts its addresses in bytes and tells its size in the CSD; a larger one counts sectors and tells
 * it in EXT_CSD (B51 §7.3, C_SIZE; §7.4, SEC_COUNT).
 */
import { CARD_BLOCK_BYTES } from './card.ts';
import { nameSlices, packRegister, type RegisterWords } from './packed-register.ts';

const BYTE_MODE_LIMIT = 2 ** 31;
/** READ_BL_LEN; devices between 1 and 2 GiB need 1024 bytes to say their size (B51 §7.3, READ_BL_LEN). */
const [BL_LEN, LARGE_BL_LEN, LARGE_FROM] = [9, 10, 2 ** 30];
const C_SIZE_LIMIT = 4096;
const C_SIZE_MULT_LIMIT = 7;

/** How a device of that size says it: what it holds, and the CSD's fields. */
export interface Geometry {
  /** At least what was asked for: the next size that the CSD can tell. */
  readonly capacityBytes: number;
  readonly sectorAddresses: boolean;
  readonly blockLength: number;
  readonly cSize: number;
  readonly cSizeMult: number;
}

export function geometryFor(sizeBytes: number): Geometry {
  if (sizeBytes > BYTE_MODE_LIMIT) {
    const capacityBytes = Math.ceil(sizeBytes / CARD_BLOCK_BYTES) * CARD_BLOCK_BYTES;
    return {
      capacityBytes,
      sectorAddresses: true,
      blockLength: BL_LEN,
      cSize: C_SIZE_LIMIT - 1,
      cSizeMult: C_SIZE_MULT_LIMIT,
    };
  }
  const blockLength = sizeBytes > LARGE_FROM ? LARGE_BL_LEN : BL_LEN;
  const unitOf = (mult: number): number => 2 ** (blockLength + mult + 2);
  let cSizeMult = 0;
  while (cSizeMult < C_SIZE_MULT_LIMIT && unitOf(cSizeMult) * C_SIZE_LIMIT < sizeBytes) cSizeMult += 1;
  const units = Math.max(1, Math.ceil(sizeBytes / unitOf(cSizeMult)));
  const capacityBytes = units * unitOf(cSizeMult);
  return { capacityBytes, sectorAddresses: false, blockLength, cSize: units - 1, cSizeMult };
}

/** The voltage windows 1.70–1.95 V and 2.7–3.6 V; sector mode; bit 31 says that power-up is over (B51 §7.1). */
export function ocr({ sectorAddresses }: Geometry): number {
  return (0x8000_0000 | (sectorAddresses ? 0x4000_0000 : 0) | 0x00ff_8080) >>> 0;
}

const MODEL_NAME = 'DRVRVM';

/** B51 §7.2. The manufacturer is 0, which is nobody's. */
export function cid(): RegisterWords {
  return packRegister([
    [127, 120, 0x00], // MID
    [113, 112, 1], // CBX: soldered
    [111, 104, 0x00], // OID
    ...nameSlices(MODEL_NAME, 103), // PNM
    [55, 48, 0x10], // PRV 1.0
    [47, 16, 0x0000_0001], // PSN
    [15, 8, 0x1c], // MDT: January 2025, which is year 12 from 2013 on
  ]);
}

/** Card command classes: basic, block read, block write, erase (B51 §6.10.1). */
const CLASSES = { basic: 1 << 0, blockRead: 1 << 2, blockWrite: 1 << 4, erase: 1 << 5 } as const;
/** ERASE_GRP_SIZE and ERASE_GRP_MULT, each one less than it means: groups of 1024 blocks, as HC_ERASE_GRP_SIZE has it. */
const ERASE_GROUP = 31;
export const ERASE_GROUP_BYTES = (ERASE_GROUP + 1) ** 2 * CARD_BLOCK_BYTES;

/** B51 §7.3. A device that can't be written has not the classes for it. */
export function csd({ blockLength, cSize, cSizeMult }: Geometry, readOnly: boolean): RegisterWords {
  const writing = readOnly ? 0 : CLASSES.blockWrite | CLASSES.erase;
  return packRegister([
    [127, 126, 3], // CSD_STRUCTURE: EXT_CSD says
    [125, 122, 4], // SPEC_VERS
    [119, 112, 0x27], // TAAC: 1.5 ms
    [111, 104, 0x01], // NSAC
    [103, 96, 0x32], // TRAN_SPEED: 26 MHz
    [95, 84, CLASSES.basic | CLASSES.blockRead | writing],
    [83, 80, blockLength],
    [73, 62, cSize],
    [49, 47, cSizeMult],
    [46, 42, ERASE_GROUP],
    [41, 37, ERASE_GROUP],
    [28, 26, 2], // R2W_FACTOR: programming takes four times as long as reading
    [25, 22, BL_LEN], // WRITE_BL_LEN
  ]);
}

/** The bytes of EXT_CSD that this device has, by index (B51 §7.4). */
export const EXT_CSD = {
  FLUSH_CACHE: 32,
  CACHE_CTRL: 33,
  POWER_OFF_NOTIFICATION: 34,
  RST_N_FUNCTION: 162,
  ERASE_GROUP_DEF: 175,
  PARTITION_CONFIG: 179,
  BUS_WIDTH: 183,
  HS_TIMING: 185,
  POWER_CLASS: 187,
  EXT_CSD_REV: 192,
  CSD_STRUCTURE: 194,
  DEVICE_TYPE: 196,
  DRIVER_STRENGTH: 197,
  OUT_OF_INTERRUPT_TIME: 198,
  PARTITION_SWITCH_TIME: 199,
  SEC_COUNT: 212,
  S_A_TIMEOUT: 217,
  HC_WP_GRP_SIZE: 221,
  REL_WR_SEC_C: 222,
  ERASE_TIMEOUT_MULT: 223,
  HC_ERASE_GRP_SIZE: 224,
  SEC_FEATURE_SUPPORT: 231,
  TRIM_MULT: 232,
  POWER_OFF_LONG_TIME: 247,
  GENERIC_CMD6_TIME: 248,
  CACHE_SIZE: 249,
  PRE_EOL_INFO: 267,
  DEVICE_LIFE_TIME_EST_A: 268,
  DEVICE_LIFE_TIME_EST_B: 269,
  S_CMD_SET: 504,
} as const;

/** 26, 52 and 52 DDR MHz, and HS200 at 1.8 V. No HS400 and no command queue. */
const DEVICE_TYPES = 0x01 | 0x02 | 0x04 | 0x10;
/** Trim is there, and it leaves zeros (ERASED_MEM_CONT is 0). */
const SEC_GB_CL_EN = 1 << 4;
const CACHE_KIBIBITS = 8 * 512;

/** As after power-up. No boot partitions and no RPMB: their sizes are zero. */
export function extCsd({ capacityBytes }: Geometry): Uint8Array {
  const bytes = new Uint8Array(CARD_BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  const put = (index: number, value: number): void => view.setUint8(index, value);
  put(EXT_CSD.EXT_CSD_REV, 8);
  put(EXT_CSD.CSD_STRUCTURE, 2);
  put(EXT_CSD.DEVICE_TYPE, DEVICE_TYPES);
  put(EXT_CSD.DRIVER_STRENGTH, 1);
  put(EXT_CSD.OUT_OF_INTERRUPT_TIME, 10);
  put(EXT_CSD.PARTITION_SWITCH_TIME, 10);
  put(EXT_CSD.S_A_TIMEOUT, 17);
  put(EXT_CSD.HC_WP_GRP_SIZE, 1);
  put(EXT_CSD.REL_WR_SEC_C, 1);
  put(EXT_CSD.ERASE_TIMEOUT_MULT, 1);
  put(EXT_CSD.HC_ERASE_GRP_SIZE, ERASE_GROUP_BYTES / 2 ** 19);
  put(EXT_CSD.SEC_FEATURE_SUPPORT, SEC_GB_CL_EN);
  put(EXT_CSD.TRIM_MULT, 1);
  put(EXT_CSD.POWER_OFF_LONG_TIME, 10);
  put(EXT_CSD.GENERIC_CMD6_TIME, 10);
  put(EXT_CSD.PRE_EOL_INFO, 1);
  put(EXT_CSD.DEVICE_LIFE_TIME_EST_A, 1);
  put(EXT_CSD.DEVICE_LIFE_TIME_EST_B, 1);
  put(EXT_CSD.S_CMD_SET, 1);
  view.setUint32(EXT_CSD.SEC_COUNT, Math.min(capacityBytes / CARD_BLOCK_BYTES, 0xffff_ffff), true);
  view.setUint32(EXT_CSD.CACHE_SIZE, CACHE_KIBIBITS, true);
  return bytes;
}
