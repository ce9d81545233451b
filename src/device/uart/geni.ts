/**
 * Qualcomm GENI serial engine with its UART firmware, after Linux 6.1's `qcom_geni_serial.c` and `qcom-geni-se.h`, the
 * only public descriptions. Commands run at once: a transmission is done with its last character, a reception lasts until
 * it is cancelled. Four characters a FIFO word. Left out: DMA, the other protocols, errors other than breaks, baud rate.
 */
import { kept, type Saved, shape } from '../../base/index.ts';
import { bit, bits, constant, REMEMBERED, reg, registerMap, status } from '../registers.ts';
import { Uart, type UartParts } from './uart.ts';

/** The main sequencer's interrupts. */
const M_IRQ = {
  CMD_DONE: bit(0),
  ERRORS: bits(3, 1),
  CMD_CANCEL: bit(4),
  CMD_ABORT: bit(5),
  OTHER: bits(10, 6),
  /** Of the UART's firmware: a BREAK began. */
  GP_IRQ_2: bit(11),
  REST: bits(25, 12),
  RX_FIFO_WATERMARK: bit(26),
  RX_FIFO_LAST: bit(27),
  TX_ERRORS: bits(29, 28),
  TX_FIFO_WATERMARK: bit(30),
  SEC_IRQ: bit(31),
} as const;

export const GENI_UART_REGISTERS = registerMap({
  GENI_FORCE_DEFAULT_REG: reg(0x020, REMEMBERED),
  GENI_OUTPUT_CTRL: reg(0x024, REMEMBERED),
  SE_GENI_STATUS: reg(0x040, { M_CMD_ACTIVE: status(0), S_CMD_ACTIVE: status(12) }, { access: 'ro' }),
  GENI_SER_M_CLK_CFG: reg(0x048, REMEMBERED),
  GENI_SER_S_CLK_CFG: reg(0x04c, REMEMBERED),
  // Firmware of protocol 2: UART.
  GENI_FW_REVISION_RO: constant(0x068, 0x0000_0200),
  SE_GENI_CLK_SEL: reg(0x07c, REMEMBERED),
  SE_UART_LOOPBACK_CFG: reg(0x22c, REMEMBERED),
  SE_UART_IO_MACRO_CTRL: reg(0x240, REMEMBERED),
  SE_GENI_DMA_MODE_EN: reg(0x258, REMEMBERED),
  SE_UART_TX_TRANS_CFG: reg(0x25c, REMEMBERED),
  SE_GENI_TX_PACKING_CFG0: reg(0x260, REMEMBERED),
  SE_GENI_TX_PACKING_CFG1: reg(0x264, REMEMBERED),
  SE_UART_TX_WORD_LEN: reg(0x268, REMEMBERED),
  SE_UART_TX_STOP_BIT_LEN: reg(0x26c, REMEMBERED),
  SE_UART_TX_TRANS_LEN: reg(0x270, { LENGTH: bits(23, 0) }),
  SE_UART_RX_TRANS_CFG: reg(0x280, REMEMBERED),
  SE_GENI_RX_PACKING_CFG0: reg(0x284, REMEMBERED),
  SE_GENI_RX_PACKING_CFG1: reg(0x288, REMEMBERED),
  SE_UART_RX_WORD_LEN: reg(0x28c, REMEMBERED),
  SE_UART_RX_STALE_CNT: reg(0x294, REMEMBERED),
  SE_UART_TX_PARITY_CFG: reg(0x2a4, REMEMBERED),
  SE_UART_RX_PARITY_CFG: reg(0x2a8, REMEMBERED),
  SE_UART_MANUAL_RFR: reg(0x2ac, REMEMBERED),
  SE_GENI_M_CMD0: reg(0x600, { PARAMS: bits(26, 0), OPCODE: bits(31, 27) }),
  SE_GENI_M_CMD_CTRL_REG: reg(0x604, { DISABLE: bit(0), ABORT: bit(1), CANCEL: bit(2) }, { access: 'wo' }),
  SE_GENI_M_IRQ_STATUS: reg(0x610, M_IRQ, { access: 'ro' }),
  SE_GENI_M_IRQ_EN: reg(0x614, M_IRQ),
  SE_GENI_M_IRQ_CLEAR: reg(0x618, M_IRQ, { access: 'wo' }),
  SE_GENI_S_CMD0: reg(0x630, { PARAMS: bits(26, 0), OPCODE: bits(31, 27) }),
  SE_GENI_S_CMD_CTRL_REG: reg(0x634, { DISABLE: bit(0), ABORT: bit(1), CANCEL: bit(2) }, { access: 'wo' }),
  SE_GENI_S_IRQ_STATUS: reg(0x640, M_IRQ, { access: 'ro' }),
  SE_GENI_S_IRQ_EN: reg(0x644, M_IRQ),
  SE_GENI_S_IRQ_CLEAR: reg(0x648, M_IRQ, { access: 'wo' }),
  SE_GENI_TX_FIFOn: reg(0x700, { DATA: bits(31, 0) }, { access: 'wo' }),
  SE_GENI_RX_FIFOn: reg(0x780, { DATA: status(31, 0) }, { access: 'ro' }),
  SE_GENI_TX_FIFO_STATUS: reg(0x800, { WC: status(27, 0) }, { access: 'ro' }),
  SE_GENI_RX_FIFO_STATUS: reg(
    0x804,
    { WC: status(24, 0), LAST_BYTE_VALID: status(30, 28), LAST: status(31) },
    { access: 'ro' },
  ),
  SE_GENI_TX_WATERMARK_REG: reg(0x80c, { WATERMARK: bits(5, 0) }),
  SE_GENI_RX_WATERMARK_REG: reg(0x810, REMEMBERED),
  SE_GENI_RX_RFR_WATERMARK_REG: reg(0x814, REMEMBERED),
  SE_GENI_IOS: constant(0x908, 0x3),
  SE_GSI_EVENT_EN: reg(0xe18, REMEMBERED),
  SE_IRQ_EN: reg(0xe1c, REMEMBERED),
  // FIFOs of sixteen words, 32 bits each.
  SE_HW_PARAM_0: constant(0xe24, (32 << 24) | (16 << 16)),
  SE_HW_PARAM_1: constant(0xe28, (32 << 24) | (16 << 16)),
  SE_DMA_GENERAL_CFG: reg(0xe30, REMEMBERED),
});

const BYTES_PER_WORD = 4;
const FIFO_DEPTH = 16 * BYTES_PER_WORD;
const [UART_START_TX, UART_START_READ] = [1, 1];
const CONTROL = GENI_UART_REGISTERS.SE_GENI_M_CMD_CTRL_REG.fields;
const STATUS = GENI_UART_REGISTERS.SE_GENI_STATUS.fields;
const RX_STATUS = GENI_UART_REGISTERS.SE_GENI_RX_FIFO_STATUS.fields;

/** Qualcomm's GENI serial engine as a UART. */
export class GeniUart extends Uart<typeof GENI_UART_REGISTERS> {
  readonly model = 'GENI UART';
  #mainStatus = 0;
  #secondaryStatus = 0;
  #receiving = false;
  /** Characters of the running transmission that are still to be written; `undefined` while none runs. */
  #toSend: number | undefined;

  constructor(parts: UartParts) {
    super(GENI_UART_REGISTERS, 0x4000, FIFO_DEPTH, parts);
    this.behave({
      SE_GENI_STATUS: {
        read: () =>
          (this.#toSend === undefined ? 0 : STATUS.M_CMD_ACTIVE.mask) |
          (this.#receiving ? STATUS.S_CMD_ACTIVE.mask : 0),
      },
      SE_GENI_M_CMD0: { write: (value) => this.#mainCommand(value) },
      SE_GENI_M_CMD_CTRL_REG: { write: (value) => this.#mainControl(value) },
      SE_GENI_M_IRQ_STATUS: { read: () => this.#main },
      SE_GENI_M_IRQ_CLEAR: {
        write: (value) => {
          this.#mainStatus &= ~value;
        },
      },
      SE_GENI_S_CMD0: { write: (value) => this.#secondaryCommand(value) },
      SE_GENI_S_CMD_CTRL_REG: { write: (value) => this.#secondaryControl(value) },
      SE_GENI_S_IRQ_STATUS: { read: () => this.#secondaryStatus >>> 0 },
      SE_GENI_S_IRQ_CLEAR: {
        write: (value) => {
          this.#secondaryStatus &= ~value;
        },
      },
      SE_GENI_TX_FIFOn: { write: (value) => this.#writeWord(value) },
      SE_GENI_RX_FIFOn: { read: () => this.#readWord() },
      SE_GENI_RX_FIFO_STATUS: { read: () => this.#receiveStatus() },
    });
  }

  /** The transmit watermark is a level that is latched: it is back as soon as it is cleared, the FIFO being empty. */
  get #main(): number {
    const below = this.field('SE_GENI_TX_WATERMARK_REG', 'WATERMARK') > 0;
    return (this.#mainStatus | (below ? M_IRQ.TX_FIFO_WATERMARK.mask : 0)) >>> 0;
  }

  #mainCommand(value: number): void {
    this.value.SE_GENI_M_CMD0 = value;
    if (this.field('SE_GENI_M_CMD0', 'OPCODE') !== UART_START_TX) return;
    this.#toSend = this.field('SE_UART_TX_TRANS_LEN', 'LENGTH');
  }

  #mainControl(value: number): void {
    this.#toSend = undefined;
    if ((value & CONTROL.CANCEL.mask) !== 0) this.#mainStatus |= M_IRQ.CMD_CANCEL.mask;
    if ((value & CONTROL.ABORT.mask) !== 0) this.#mainStatus |= M_IRQ.CMD_ABORT.mask;
  }

  #secondaryCommand(value: number): void {
    this.value.SE_GENI_S_CMD0 = value;
    if (this.field('SE_GENI_S_CMD0', 'OPCODE') === UART_START_READ) this.#receiving = true;
  }

  #secondaryControl(value: number): void {
    this.#receiving = false;
    if ((value & CONTROL.CANCEL.mask) !== 0) this.#secondaryStatus |= M_IRQ.CMD_CANCEL.mask;
    if ((value & CONTROL.ABORT.mask) !== 0) this.#secondaryStatus |= M_IRQ.CMD_ABORT.mask;
  }

  #writeWord(word: number): void {
    if (this.#toSend === undefined) return;
    const count = Math.min(BYTES_PER_WORD, this.#toSend);
    for (let byte = 0; byte < count; byte += 1) this.line.send(word >>> (8 * byte));
    this.#toSend -= count;
    if (this.#toSend > 0) return;
    this.#toSend = undefined;
    this.#mainStatus |= M_IRQ.CMD_DONE.mask;
  }

  #readWord(): number {
    let word = 0;
    for (let byte = 0; byte < BYTES_PER_WORD && !this.rx.isEmpty; byte += 1)
      word |= this.rx.pop() << (8 * byte);
    this.receive();
    return word >>> 0;
  }

  #receiveStatus(): number {
    const words = Math.ceil(this.rx.length / BYTES_PER_WORD);
    const partial = this.rx.length % BYTES_PER_WORD;
    return (
      (words | (partial === 0 ? 0 : RX_STATUS.LAST.mask + (partial << RX_STATUS.LAST_BYTE_VALID.shift))) >>> 0
    );
  }

  /** What came before the line fell idle is one batch, whose last word may be partly filled; the next waits for it. */
  protected override receiveLimit(): number {
    return this.#receiving && this.rx.isEmpty ? FIFO_DEPTH : this.rx.length;
  }

  protected override breakArrived(): void {
    this.#secondaryStatus |= M_IRQ.GP_IRQ_2.mask;
  }

  protected override arrived(): void {
    this.#mainStatus |= M_IRQ.RX_FIFO_LAST.mask;
    this.#secondaryStatus |= M_IRQ.RX_FIFO_LAST.mask;
  }

  protected override updateIrq(): void {
    const main = this.#main & this.value.SE_GENI_M_IRQ_EN;
    const secondary = this.#secondaryStatus & this.value.SE_GENI_S_IRQ_EN;
    this.irq.set(main !== 0 || secondary !== 0);
  }

  override reset(): void {
    this.#mainStatus = 0;
    this.#secondaryStatus = 0;
    this.#receiving = false;
    this.#toSend = undefined;
    super.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      mainStatus: kept(
        shape.u32,
        () => this.#mainStatus >>> 0,
        (value) => {
          this.#mainStatus = value;
        },
      ),
      secondaryStatus: kept(
        shape.u32,
        () => this.#secondaryStatus >>> 0,
        (value) => {
          this.#secondaryStatus = value;
        },
      ),
      receiving: kept(
        shape.flag,
        () => this.#receiving,
        (value) => {
          this.#receiving = value;
        },
      ),
      toSend: kept(
        shape.optional(shape.u32),
        () => this.#toSend,
        (value) => {
          this.#toSend = value;
        },
      ),
    };
  }
}
