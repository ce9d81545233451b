/**
 * Qualcomm UARTDM, versions 1.1 to 1.4, in its programmed-I/O mode, after what Linux 6.1's `msm_serial.c` asks of
 * it; the names are Qualcomm's. The receiver works in transfers: what has come when the line falls idle is
 * one "stale" transfer, and the next begins when the driver asks for it.
 * Left out: DMA (BAM), the level interrupt of the receiver, modem lines, errors other than breaks, baud rate, the older UART without DM.
 */
import { kept, type Saved, shape } from '../../base/index.ts';
import { bit, bits, REMEMBERED, reg, registerMap, status, unmodelled } from '../registers.ts';
import { Uart, type UartParts } from './uart.ts';

/** IMR's and ISR's bits. */
const INTERRUPTS = {
  TXLEV: bit(0),
  RXSTALE: bit(3),
  RXLEV: unmodelled(4),
  DELTA_CTS: unmodelled(5),
  CURRENT_CTS: unmodelled(6),
  TX_READY: bit(7),
  RXBREAK_CHANGE: unmodelled(9, 8),
  RXBREAK_START: bit(10),
  REST: unmodelled(12, 11),
} as const;

export const MSM_UART_REGISTERS = registerMap({
  UART_DM_MR1: reg(0x00, REMEMBERED),
  UART_DM_MR2: reg(0x04, REMEMBERED),
  /** CSR on writing. */
  UART_DM_SR: reg(0x08, {
    RX_READY: status(0),
    RX_FULL: status(1),
    TX_READY: status(2),
    TX_EMPTY: status(3),
    OVERRUN: status(4),
    PAR_FRAME_ERR: status(5),
    RX_BREAK: status(6),
    HUNT_CHAR: status(7),
  }),
  /** MISR on reading. */
  UART_DM_CR: reg(0x10, { ENABLES: bits(3, 0), COMMAND: bits(11, 4) }),
  /** ISR on reading. */
  UART_DM_IMR: reg(0x14, INTERRUPTS),
  UART_DM_IPR: reg(0x18, REMEMBERED),
  UART_DM_TFWR: reg(0x1c, REMEMBERED),
  UART_DM_RFWR: reg(0x20, REMEMBERED),
  UART_DM_HCR: reg(0x24, REMEMBERED),
  UART_DM_DMRX: reg(0x34, { COUNT: bits(24, 0) }),
  UART_DM_RX_TOTAL_SNAP: reg(0x38, { COUNT: status(23, 0) }, { access: 'ro' }),
  UART_DM_DMEN: reg(0x3c, { MODES: unmodelled(6, 0) }),
  UART_DM_NO_CHARS_FOR_TX: reg(0x40, { COUNT: bits(23, 0) }),
  UART_DM_BADR: reg(0x44, REMEMBERED),
  UART_DM_TXFS: reg(0x4c, { STATE: status(31, 0) }, { access: 'ro' }),
  UART_DM_RXFS: reg(0x50, { STATE: status(31, 0) }, { access: 'ro' }),
  /** TF on writing, RF on reading; four characters a word, the first in the lowest byte. */
  UART_DM_TF_RF: reg(0x70, { DATA: bits(31, 0) }),
});

const FIFO_DEPTH = 64;
const BYTES_PER_WORD = 4;
/** UART_DM_CR commands (bits 11 to 4), the general ones in the upper four bits. */
const COMMAND = {
  RESET_RX: 0x01,
  RESET_STALE_INT: 0x08,
  RESET_RXBREAK_START: 0x82,
  RESET_TX_READY: 0x30,
  FORCE_STALE: 0x40,
} as const;
const SR = MSM_UART_REGISTERS.UART_DM_SR.fields;
const [RX_ENABLE, RX_DISABLE] = [1 << 0, 1 << 1];

/** Qualcomm's UARTDM, of the MSM SoCs before GENI. */
export class MsmUart extends Uart<typeof MSM_UART_REGISTERS> {
  readonly model = 'MSM UARTDM';
  #receiverOn = false;
  #stale = false;
  /** How many characters the transfer at hand had when it fell stale. */
  #snapshot = 0;
  /** How many characters of the announced ones are still to be written. */
  #toSend = 0;
  #txReady = false;
  #breakStarted = false;

  constructor(parts: UartParts) {
    super(MSM_UART_REGISTERS, 0x200, FIFO_DEPTH, parts);
    this.behave({
      UART_DM_SR: { read: () => this.#status(), write: () => {} },
      UART_DM_CR: { read: () => this.#raw & this.value.UART_DM_IMR, write: (value) => this.#command(value) },
      UART_DM_IMR: { read: () => this.#raw },
      UART_DM_DMRX: { write: () => this.#startTransfer() },
      UART_DM_RX_TOTAL_SNAP: { read: () => this.#snapshot },
      UART_DM_NO_CHARS_FOR_TX: {
        write: (value) => {
          this.value.UART_DM_NO_CHARS_FOR_TX = value;
          this.#toSend = value;
          this.#txReady = false;
        },
      },
      UART_DM_TF_RF: { read: () => this.#readWord(), write: (value) => this.#writeWord(value) },
    });
  }

  get #raw(): number {
    return (
      INTERRUPTS.TXLEV.mask |
      (this.#stale ? INTERRUPTS.RXSTALE.mask : 0) |
      (this.#breakStarted ? INTERRUPTS.RXBREAK_START.mask : 0) |
      (this.#txReady ? INTERRUPTS.TX_READY.mask : 0)
    );
  }

  #status(): number {
    const received = (this.rx.isEmpty ? 0 : SR.RX_READY.mask) | (this.rx.isBreak ? SR.RX_BREAK.mask : 0);
    return SR.TX_READY.mask | SR.TX_EMPTY.mask | received;
  }

  #command(value: number): void {
    if ((value & RX_ENABLE) !== 0) this.#receiverOn = true;
    if ((value & RX_DISABLE) !== 0) this.#receiverOn = false;
    const command = (value >>> 4) & 0xff;
    if (command === COMMAND.RESET_RX) {
      this.rx.clear();
      this.#stale = false;
      this.#breakStarted = false;
    } else if (command === COMMAND.RESET_STALE_INT) {
      this.#stale = false;
    } else if (command === COMMAND.RESET_RXBREAK_START) {
      this.#breakStarted = false;
    } else if (command === COMMAND.RESET_TX_READY) {
      this.#txReady = false;
    } else if (command === COMMAND.FORCE_STALE) {
      this.#stale = true;
    }
  }

  #startTransfer(): void {
    this.#snapshot = this.rx.length;
    this.#stale = this.#snapshot > 0;
  }

  #readWord(): number {
    let word = 0;
    for (let byte = 0; byte < BYTES_PER_WORD && !this.rx.isEmpty; byte += 1)
      word |= this.rx.pop() << (8 * byte);
    this.receive();
    return word >>> 0;
  }

  #writeWord(word: number): void {
    const count = Math.min(BYTES_PER_WORD, this.#toSend);
    for (let byte = 0; byte < count; byte += 1) this.line.send(word >>> (8 * byte));
    this.#toSend -= count;
    if (this.#toSend === 0) this.#txReady = true;
  }

  /** Nothing more comes in while a transfer waits to be read. */
  protected override receiveLimit(): number {
    return this.#receiverOn && !this.#stale && this.rx.isEmpty ? FIFO_DEPTH : this.rx.length;
  }

  protected override breakArrived(): void {
    this.#breakStarted = true;
  }

  protected override arrived(count: number): void {
    this.#stale = true;
    this.#snapshot = count;
  }

  protected override updateIrq(): void {
    this.irq.set((this.#raw & this.value.UART_DM_IMR) !== 0);
  }

  override reset(): void {
    this.#breakStarted = false;
    this.#receiverOn = false;
    this.#stale = false;
    this.#snapshot = 0;
    this.#toSend = 0;
    this.#txReady = false;
    super.reset();
  }

  protected override savedMembers(): Readonly<Record<string, Saved>> {
    return {
      ...super.savedMembers(),
      receiverOn: kept(
        shape.flag,
        () => this.#receiverOn,
        (value) => {
          this.#receiverOn = value;
        },
      ),
      stale: kept(
        shape.flag,
        () => this.#stale,
        (value) => {
          this.#stale = value;
        },
      ),
      breakStarted: kept(
        shape.flag,
        () => this.#breakStarted,
        (value) => {
          this.#breakStarted = value;
        },
      ),
      txReady: kept(
        shape.flag,
        () => this.#txReady,
        (value) => {
          this.#txReady = value;
        },
      ),
      snapshot: kept(
        shape.u32,
        () => this.#snapshot >>> 0,
        (value) => {
          this.#snapshot = value;
        },
      ),
      toSend: kept(
        shape.u32,
        () => this.#toSend >>> 0,
        (value) => {
          this.#toSend = value;
        },
      ),
    };
  }
}
