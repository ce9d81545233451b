/**
 * The registers of an SD card (SD Physical Layer Simplified Specification 6.00, chapter 5) and the block that CMD6 sends,
 * built from declared fields. Up to 2 GiB a card counts its addresses in bytes (SDSC), a larger one in blocks (SDHC, SDXC).
 */
import { CARD_BLOCK_BYTES } from './card.ts';
import { type Geometry, geometryFor } from './emmc-registers.ts';
import { nameSlices, packRegister, type RegisterWords } from './packed-register.ts';

const SDSC_LIMIT = 2 ** 31;
/** What C_SIZE counts in a CSD of version 2 (§5.3.3). */
const UNIT_BYTES = 512 * 1024;

export function sdGeometryFor(sizeBytes: number): Geometry {
  // A CSD of version 1 tells sizes as an eMMC device's does.
  if (sizeBytes <= SDSC_LIMIT) return geometryFor(sizeBytes);
  const units = Math.ceil(sizeBytes / UNIT_BYTES);
  return {
    capacityBytes: units * UNIT_BYTES,
    sectorAddresses: true,
    blockLength: Math.log2(CARD_BLOCK_BYTES),
    cSize: units - 1,
    cSizeMult: 0,
  };
}

/** 2.7–3.6 V; no 1.8 V signalling, and so no UHS (§5.1). */
export const SD_VOLTAGES = 0x00ff_8000;

/** §5.2. The manufacturer is 0, which is nobody's. */
export function sdCid(): RegisterWords {
  return packRegister([
    ...nameSlices('DV', 119), // OID
    ...nameSlices('DRVRV', 103), // PNM
    [63, 56, 0x10], // PRV 1.0
    [55, 24, 0x0000_0001], // PSN
    [19, 8, 0x191], // MDT: January 2025, counted from 2000
  ]);
}

/** Classes 0, 2, 8 and 10; with 4 and 5 for a card that can be written (§4.7.3). */
const [READING_CLASSES, WRITING_CLASSES] = [0x505, 0x030];

/** §5.3: version 2 for cards that count blocks, else version 1. */
export function sdCsd(geometry: Geometry, readOnly: boolean): RegisterWords {
  const { sectorAddresses, blockLength, cSize, cSizeMult } = geometry;
  return packRegister([
    [127, 126, sectorAddresses ? 1 : 0], // CSD_STRUCTURE
    [119, 112, 0x0e], // TAAC: 1 ms
    [103, 96, 0x32], // TRAN_SPEED: 25 MHz
    [95, 84, READING_CLASSES | (readOnly ? 0 : WRITING_CLASSES)], // CCC
    [83, 80, blockLength], // READ_BL_LEN
    ...(sectorAddresses
      ? ([[69, 48, cSize]] as const)
      : ([
          [73, 62, cSize],
          [49, 47, cSizeMult],
        ] as const)),
    [46, 46, 1], // ERASE_BLK_EN: single blocks can be erased
    [45, 39, 0x7f], // SECTOR_SIZE
    [28, 26, 2], // R2W_FACTOR
    [25, 22, 9], // WRITE_BL_LEN
  ]);
}

/** §5.6: specification 3.0, one and four data lines, CMD23; erased blocks are zeros. */
export function scr(): Uint8Array {
  return Uint8Array.of(0x02, 0x05, 0x80, 0x02, 0, 0, 0, 0);
}

/** §4.10.2: the width, speed class 10, allocation units of 4 MiB. */
export function sdStatus(width: 1 | 4): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes[0] = width === 4 ? 0x80 : 0;
  bytes[8] = 0x04;
  bytes[10] = 0x90;
  return bytes;
}

/** What CMD6 sends (§4.3.10.4): in the first group default and high speed, in the others the default alone. */
export function switchStatus(selected: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes[1] = 100; // mA
  const GROUPS = 6;
  for (let group = 0; group < GROUPS; group += 1) {
    const at = 12 - 2 * group;
    bytes[at] = 0x80;
    bytes[at + 1] = group === 0 ? 0x03 : 0x01;
    const nibble = selected[group] ?? 0;
    const place = 16 - (group >> 1);
    bytes[place] = (bytes[place] ?? 0) | (nibble << (4 * (group & 1)));
  }
  return bytes;
}
