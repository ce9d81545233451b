/**
 * Registers of Amlogic's SD/eMMC controller as the S905X3 and S922X datasheets name them (chapter "eMMC/SD controller"),
 * in both layouts that Linux 6.1's `meson-gx-mmc.c` knows: the first, of GXBB, GXL and GXM, and that of AXG and later.
 * The words of a descriptor in memory are CMD_CFG, CMD_ARG, CMD_DAT and CMD_RSP.
 */
import {
  bit,
  bits,
  type Field,
  REMEMBERED,
  type Register,
  reg,
  registerMap,
  status,
  unmodelled,
  WHOLE,
} from '../registers.ts';

export const MESON_MMC_WINDOW_BYTES = 0x800;
/** Descriptors, then the ping and pong buffers; to the driver one buffer. */
export const SRAM_OFFSET = 0x200;
export const SRAM_BYTES = MESON_MMC_WINDOW_BYTES - SRAM_OFFSET;

const SHARED = {
  SD_EMMC_START: reg(0x40, { DESC_INT: bit(0), DESC_BUSY: bit(1), DESC_ADDR: bits(31, 2) }),
  SD_EMMC_CFG: reg(0x44, {
    BUS_WIDTH: bits(1, 0),
    DDR: bit(2),
    DC_UGT: unmodelled(3),
    BL_LEN: bits(7, 4),
    RESP_TIMEOUT: bits(11, 8),
    RC_CC: bits(15, 12),
    OUT_FALL: unmodelled(16),
    BLK_GAP_IP: unmodelled(17),
    SDCLK_ALWAYS_ON: unmodelled(18),
    IGNORE_OWNER: bit(19),
    CHK_DS: unmodelled(20),
    CMD_LOW: unmodelled(21),
    STOP_CLK: bit(22),
    AUTO_CLK: unmodelled(23),
    TXD_ADD_ERR: unmodelled(24),
    TXD_RETRY: unmodelled(25),
    IRQ_DS: unmodelled(26),
    ERR_ABORT: unmodelled(27),
  }),
  SD_EMMC_STATUS: reg(0x48, {
    RXD_ERR: bits(7, 0),
    TXD_ERR: bit(8),
    DESC_ERR: bit(9),
    RESP_ERR: bit(10),
    RESP_TIMEOUT: bit(11),
    DESC_TIMEOUT: bit(12),
    END_OF_CHAIN: bit(13),
    RESP_STATUS: unmodelled(14),
    IRQ_SDIO: unmodelled(15),
    DAT_I: status(23, 16),
    CMD_I: status(24),
    DS: status(25),
    BUS_FSM: status(29, 26),
    DESC_BUSY: status(30),
    CORE_BUSY: status(31),
  }),
  SD_EMMC_IRQ_EN: reg(0x4c, { EVENTS: bits(15, 0), CFG_SECURE: unmodelled(16) }),
  SD_EMMC_CMD_CFG: reg(0x50, {
    LENGTH: bits(8, 0),
    BLOCK_MODE: bit(9),
    R1B: bit(10),
    END_OF_CHAIN: bit(11),
    TIMEOUT: bits(15, 12),
    NO_RESP: bit(16),
    NO_CMD: bit(17),
    DATA_IO: bit(18),
    DATA_WR: bit(19),
    RESP_NOCRC: unmodelled(20),
    RESP_128: bit(21),
    RESP_NUM: bit(22),
    DATA_NUM: unmodelled(23),
    CMD_INDEX: bits(29, 24),
    ERROR: bit(30),
    OWNER: bit(31),
  }),
  SD_EMMC_CMD_ARG: reg(0x54, WHOLE),
  SD_EMMC_CMD_DAT: reg(0x58, { SRAM: bit(0), BIG_ENDIAN: unmodelled(1), ADDR: bits(31, 2) }),
  SD_EMMC_CMD_RSP: reg(0x5c, WHOLE),
  SD_EMMC_CMD_RSP1: reg(0x60, WHOLE),
  SD_EMMC_CMD_RSP2: reg(0x64, WHOLE),
  SD_EMMC_CMD_RSP3: reg(0x68, WHOLE),
  SD_EMMC_CURR_CFG: reg(0x70, WHOLE, { access: 'ro' }),
  SD_EMMC_CURR_ARG: reg(0x74, WHOLE, { access: 'ro' }),
  SD_EMMC_CURR_DAT: reg(0x78, WHOLE, { access: 'ro' }),
  SD_EMMC_CURR_RSP: reg(0x7c, WHOLE, { access: 'ro' }),
  SD_EMMC_NEXT_CFG: reg(0x80, REMEMBERED, { access: 'ro' }),
  SD_EMMC_NEXT_ARG: reg(0x84, REMEMBERED, { access: 'ro' }),
  SD_EMMC_NEXT_DAT: reg(0x88, REMEMBERED, { access: 'ro' }),
  SD_EMMC_NEXT_RSP: reg(0x8c, REMEMBERED, { access: 'ro' }),
  SD_EMMC_RXD: reg(0x90, REMEMBERED, { access: 'ro' }),
  SD_EMMC_TXD: reg(0x94, REMEMBERED),
} as const;

/** What both layouts have of SD_EMMC_CLOCK. */
const CLOCK = { DIV: bits(5, 0), SRC: bits(7, 6), PHASES: unmodelled(13, 8) } as const;

/** The registers that the model looks at, whichever the layout. */
export type MesonMmcRegisters = typeof SHARED & {
  readonly SD_EMMC_CLOCK: Register<{ readonly DIV: Field; readonly SRC: Field }>;
};

export const MESON_GX_MMC_REGISTERS = registerMap({
  SD_EMMC_CLOCK: reg(0x00, {
    ...CLOCK,
    TX_DELAY: unmodelled(19, 16),
    RX_DELAY: unmodelled(23, 20),
    ALWAYS_ON: unmodelled(24),
    IRQ_SDIO_SLEEP: unmodelled(25),
  }),
  SD_EMMC_DELAY: reg(0x04, REMEMBERED),
  SD_EMMC_ADJUST: reg(0x08, REMEMBERED),
  SD_EMMC_CALOUT: reg(0x10, REMEMBERED, { access: 'ro' }),
  ...SHARED,
});

/** The registers from AXG on, where the delays lie elsewhere. */
export const MESON_AXG_MMC_REGISTERS = registerMap({
  SD_EMMC_CLOCK: reg(0x00, {
    ...CLOCK,
    TX_DELAY: unmodelled(21, 16),
    RX_DELAY: unmodelled(27, 22),
    ALWAYS_ON: unmodelled(28),
    IRQ_SDIO_SLEEP: unmodelled(29),
  }),
  SD_EMMC_DELAY1: reg(0x04, REMEMBERED),
  SD_EMMC_DELAY2: reg(0x08, REMEMBERED),
  SD_EMMC_ADJUST: reg(0x0c, REMEMBERED),
  SD_EMMC_CALOUT: reg(0x10, REMEMBERED, { access: 'ro' }),
  SD_EMMC_ADJ_IDX_LOG: reg(0x20, REMEMBERED, { access: 'ro' }),
  SD_EMMC_CLKTEST_LOG: reg(0x24, REMEMBERED, { access: 'ro' }),
  SD_EMMC_CLKTEST_OUT: reg(0x28, REMEMBERED, { access: 'ro' }),
  SD_EMMC_EYETEST_LOG: reg(0x2c, REMEMBERED, { access: 'ro' }),
  SD_EMMC_EYETEST_OUT0: reg(0x30, REMEMBERED, { access: 'ro' }),
  SD_EMMC_EYETEST_OUT1: reg(0x34, REMEMBERED, { access: 'ro' }),
  SD_EMMC_INTF3: reg(0x38, REMEMBERED),
  ...SHARED,
});
