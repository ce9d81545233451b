/**
 * Amlogic Meson UART: the registers as Amlogic's S905 and S905X3 datasheets name them, the behaviour as Linux 6.1's
 * `meson_uart.c` needs it.
 * Its interrupt is a pulse: one for each character that brings the receive FIFO to its threshold, and one when the
 * transmit FIFO falls to its own, which here is after every character sent. Described as level it is lost.
 * A BREAK is a character of zeros with a framing error. Left out: baud rate, parity, modem lines, other errors (this line makes none).
 */
import { pulse } from '../contract.ts';
import { bit, bits, reg, registerMap, status, unmodelled } from '../registers.ts';
import { Uart, type UartParts } from './uart.ts';

export const MESON_UART_REGISTERS = registerMap({
  WFIFO: reg(0x00, { DATA: bits(7, 0) }, { access: 'wo' }),
  RFIFO: reg(0x04, { DATA: bits(7, 0) }, { access: 'ro' }),
  CONTROL: reg(
    0x08,
    {
      BAUD_OLD: unmodelled(11, 0),
      TX_EN: unmodelled(12),
      RX_EN: bit(13),
      TWO_WIRE: unmodelled(15),
      STOP_BITS: unmodelled(17, 16),
      PARITY: unmodelled(19, 18),
      CHAR_LENGTH: unmodelled(21, 20),
      TX_RST: unmodelled(22),
      RX_RST: bit(23),
      CLEAR_ERR: unmodelled(24),
      INVERT: unmodelled(26, 25),
      RX_INT_EN: bit(27),
      TX_INT_EN: bit(28),
      FLOW: unmodelled(31, 29),
    },
    // As U-Boot leaves it: both ways enabled, two wires.
    { reset: 0x0000_b000 },
  ),
  STATUS: reg(
    0x0c,
    {
      RX_COUNT: status(6, 0),
      TX_COUNT: status(14, 8),
      PARITY_ERR: status(16),
      FRAME_ERR: status(17),
      TX_FIFO_WERR: status(18),
      RX_FULL: status(19),
      RX_EMPTY: status(20),
      TX_FULL: status(21),
      TX_EMPTY: status(22),
      XMIT_BUSY: status(25),
      RECV_BUSY: status(26),
    },
    { access: 'ro' },
  ),
  MISC: reg(
    0x10,
    { RECV_IRQ: bits(7, 0), XMIT_IRQ: unmodelled(15, 8), OTHER: unmodelled(31, 16) },
    { reset: 0x8001 },
  ),
  REG5: reg(0x14, { BAUD: unmodelled(22, 0), BAUD_USE: unmodelled(23), BAUD_CLOCK: unmodelled(27, 24) }),
});

/** What a Meson UART is given beside its lines. */
export interface MesonUartParts extends UartParts {
  /** `fifo-size`: 128 for the first UART of the EE domain, 64 for the others. */
  readonly fifoDepth?: number;
}

const STATUS = MESON_UART_REGISTERS.STATUS.fields;

/** Amlogic's UART, of the Meson SoCs from GX on. */
export class MesonUart extends Uart<typeof MESON_UART_REGISTERS> {
  readonly model = 'Meson UART';

  constructor(parts: MesonUartParts) {
    super(MESON_UART_REGISTERS, 0x18, parts.fifoDepth ?? 64, parts);
    this.behave({
      WFIFO: { write: (value) => this.#send(value) },
      RFIFO: { read: () => this.takeReceived() },
      CONTROL: { write: (value) => this.#control(value) },
      STATUS: { read: () => this.#status() },
    });
  }

  #send(byte: number): void {
    this.line.send(byte);
    if (this.field('CONTROL', 'TX_INT_EN') === 1) pulse(this.irq);
  }

  #control(value: number): void {
    const wasEnabled = this.field('CONTROL', 'RX_INT_EN') === 1;
    this.value.CONTROL = value;
    if (this.field('CONTROL', 'RX_RST') === 1) this.rx.clear();
    // A console that turned the interrupt off while it wrote must not lose what came meanwhile.
    if (!wasEnabled) this.arrived(0);
  }

  #status(): number {
    const { length, depth } = this.rx;
    const full = length === depth ? STATUS.RX_FULL.mask : 0;
    const empty = length === 0 ? STATUS.RX_EMPTY.mask : 0;
    // Of the oldest character, so that it goes when that is read, whether CLEAR_ERR was written or not.
    const error = this.rx.isBreak ? STATUS.FRAME_ERR.mask : 0;
    return (Math.min(length, 0x7f) | full | empty | error | STATUS.TX_EMPTY.mask) >>> 0;
  }

  protected override receiveLimit(): number {
    return this.field('CONTROL', 'RX_EN') === 1 && this.field('CONTROL', 'RX_RST') === 0 ? this.rx.depth : 0;
  }

  protected override arrived(_count: number): void {
    const threshold = Math.max(1, this.field('MISC', 'RECV_IRQ'));
    if (this.rx.length >= threshold && this.field('CONTROL', 'RX_INT_EN') === 1) pulse(this.irq);
  }
}
