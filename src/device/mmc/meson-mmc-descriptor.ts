/** A descriptor of Amlogic's SD/eMMC controller, and what it takes on the bus: bytes and clock cycles. */
import { fieldOf } from '../registers.ts';
import { MESON_AXG_MMC_REGISTERS } from './meson-mmc-registers.ts';

/** Four words as the registers have them, and where they lie; −1 where they are the registers. */
export interface Descriptor {
  readonly cfg: number;
  readonly arg: number;
  readonly dat: number;
  readonly rsp: number;
  readonly addr: number;
}

export const DESCRIPTOR_BYTES = 16;
/** Where the driver finds a response that the controller leaves in the descriptor. */
export const DESCRIPTOR_RSP_OFFSET = 12;

const {
  SD_EMMC_CMD_CFG: { fields: CMD_CFG },
  SD_EMMC_CFG: { fields: CFG },
} = MESON_AXG_MMC_REGISTERS;

const DEFAULT_LENGTH = 512;
/** What BL_LEN can say at most. */
const BL_LEN_LIMIT = 9;
/** Clock cycles: a command or short response, a long response, the gap between them (N_CR), and what frames a block. */
const [COMMAND_CYCLES, LONG_RESPONSE_CYCLES, GAP_CYCLES, BLOCK_CYCLES] = [48, 136, 8, 20];

/** A field of CMD_CFG. */
export function commandField({ cfg }: Descriptor, name: keyof typeof CMD_CFG): number {
  return fieldOf(cfg, CMD_CFG[name]);
}

/** How many data lines SD_EMMC_CFG says there are. */
export function widthOf(config: number): 1 | 4 | 8 {
  return ([1, 4, 8] as const)[fieldOf(config, CFG.BUS_WIDTH)] ?? 8;
}

export function blockBytesOf(descriptor: Descriptor, config: number): number {
  if (commandField(descriptor, 'BLOCK_MODE') === 1)
    return 2 ** Math.min(BL_LEN_LIMIT, fieldOf(config, CFG.BL_LEN));
  return commandField(descriptor, 'LENGTH') || DEFAULT_LENGTH;
}

/** LENGTH counts blocks in block mode, else bytes; 0 stands for one more than it can say. */
export function dataBytesOf(descriptor: Descriptor, config: number): number {
  const block = blockBytesOf(descriptor, config);
  if (commandField(descriptor, 'BLOCK_MODE') === 0) return block;
  return block * (commandField(descriptor, 'LENGTH') || DEFAULT_LENGTH);
}

/** At double data rate the bus runs at half of the controller's clock and moves two bits a cycle: the same. */
export function dataCyclesOf(descriptor: Descriptor, config: number): number {
  const bytes = dataBytesOf(descriptor, config);
  return (bytes * 8) / widthOf(config) + (bytes / blockBytesOf(descriptor, config)) * BLOCK_CYCLES;
}

/** Of a command and its response; or of the wait for one that does not come. */
export function commandCyclesOf(descriptor: Descriptor, config: number, responseWords: number): number {
  const command = COMMAND_CYCLES + 2 ** fieldOf(config, CFG.RC_CC);
  if (commandField(descriptor, 'NO_RESP') === 1) return command;
  if (responseWords === 0) return command + 2 ** fieldOf(config, CFG.RESP_TIMEOUT);
  return command + GAP_CYCLES + (responseWords > 1 ? LONG_RESPONSE_CYCLES : COMMAND_CYCLES);
}
